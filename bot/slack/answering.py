"""How does an answer get back to the one who asked?"""

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import Enum, auto
from typing import Any, assert_never

from bot.core.command import Asker
from bot.core.language import Language, speaking
from bot.messages.form import Form
from bot.messages.form_trouble import too_slow
from bot.messages.model import Footnote, Message
from bot.messages.trouble import failed
from bot.slack.drawing import Drawings
from bot.slack.forms import view
from bot.slack.handing import handed_over
from bot.slack.pictures import NoPicture, Pictures, wanted, with_image
from bot.slack.text import Json
from bot.slack.web import SlackError, SlackLimited, SlackRefused, SlackUnclear, SlackWeb
from bot.unanswered import excuse

log = logging.getLogger(__name__)

# The address of a command or press is good five times in half an hour; then it is refused with one of these.
_USED_UP = frozenset({"expired_url", "used_url", "invalid_url", "http_404", "http_410"})
# A modal opens within three seconds of what was typed or pressed, and once.
_TOO_LATE = frozenset({"expired_trigger_id", "exchanged_trigger_id", "trigger_expired", "trigger_exchanged"})
_AS_WRITTEN = {"parse": "none", "link_names": False, "unfurl_links": False, "unfurl_media": False}


class How(Enum):
    """Who sees the answer, and whether it takes the place of the message that was pressed."""

    PRIVATELY = auto()
    FOR_ALL = auto()
    IN_PLACE = auto()
    IN_PLACE_FOR_ALL = auto()

    @property
    def for_all(self) -> bool:
        """Whether everybody in the channel sees it."""
        return self in (How.FOR_ALL, How.IN_PLACE_FOR_ALL)


@dataclass(frozen=True, slots=True)
class _Where:
    """Where an answer goes: to an address, and where that is used up to the asker's channel, or a thread of it."""

    url: str
    asker: Asker
    thread: str


class Answers:
    """Sends answers to response URLs, and where one is used up, to the channel itself.

    Args:
        web: The workspace's Web API.
        drawings: What the workspace takes.
        pictures: Draws and uploads what a chart cannot show.
        language: In which language to speak to somebody, or to all where they are.
    """

    def __init__(
        self,
        web: SlackWeb,
        drawings: Drawings,
        pictures: Pictures | None = None,
        *,
        language: Callable[[Asker, bool], Language] = lambda _asker, _for_all: Language.ENGLISH,
    ) -> None:
        self._web = web
        self._drawings = drawings
        self._pictures = pictures or Pictures(web)
        self._language = language

    def answer(
        self,
        make: Callable[[], Message | Form | None],
        *,
        url: str,
        asker: Asker,
        how: How,
        trigger: str = "",
        thread: str = "",
    ) -> None:
        """Make an answer and send it, or open the form; a failure to make it is answered too, and logged once.

        Args:
            make: Makes the answer; `None` when there is nothing to say.
            url: Where to answer.
            asker: Whom.
            how: Who sees it.
            trigger: Opens a modal, within three seconds of what was typed or pressed.
            thread: The message in whose thread the answer belongs, if in any.
        """
        with speaking(self._language(asker, how.for_all)):
            self._answer(make, _Where(url, asker, thread), how, trigger)

    def _answer(self, make: Callable[[], Message | Form | None], where: "_Where", how: How, trigger: str) -> None:
        asker = where.asker
        try:
            message = make()
        except Exception as error:  # noqa: BLE001 - whatever it was, a person waits for an answer
            message, how = excuse(error, log, "a question of %s could not be answered", asker), How.PRIVATELY
        if isinstance(message, Form):
            message, how = self.opened(message, where.url, asker, trigger), How.PRIVATELY
        if message is None:
            return
        try:
            self._send_with_pictures(message, where, how)
        except SlackError as error:
            log.warning("an answer did not reach %s: %s", asker, error)

    def handed(self, message: Message, asker: Asker) -> Message:
        """The message, once the file that goes with it is with the person."""
        if message.attached is None:
            return message
        return _with(message, handed_over(self._web, message.attached, message.title, asker))

    def _send_with_pictures(self, message: Message, where: "_Where", how: How) -> None:
        message = self.handed(message, where.asker)
        plots = wanted(message, native=self._drawings.is_native)
        if plots and how.for_all:
            try:
                image = self._pictures.block(plots[0])
            except NoPicture as error:
                message = _with(message, error.note)
            else:
                self._send(message, where, how, image=image)
                return
        elif plots:
            message = _with(message, self._pictures.send_privately(plots, where.asker))
        self._send(message, where, how)
        if not how.for_all and not plots and (late := wanted(message, native=self._drawings.is_native)):
            # That its chart is not taken here was learnt only now.
            self._pictures.send_privately(late, where.asker)

    def show_late(self, view_id: str, drawn: dict[str, Any], *, asker: Asker) -> None:
        """Put something else into a modal that is open; one that was closed meanwhile stays closed."""
        try:
            self._web.call("views.update", view_id=view_id, view=drawn)
        except SlackError as error:
            log.info("a modal of %s could not be changed: %s", asker, error)

    def opened(self, form: Form, url: str, asker: Asker, trigger: str) -> Message | None:
        """Open the form; what to say when Slack does not open it."""
        try:
            self._web.call("views.open", trigger_id=trigger, view=view(form, channel=asker.channel, response_url=url))
        except SlackRefused as error:
            log.warning("a form could not be opened for %s: %s", asker, error)
            return too_slow() if error.code in _TOO_LATE else failed()
        except SlackError as error:
            log.warning("a form could not be opened for %s: %s", asker, error)
            return too_slow()
        return None

    def _send(self, message: Message, where: "_Where", how: How, *, image: Json | None = None) -> None:
        url, asker, thread = where.url, where.asker, where.thread or None

        def put(drawn: dict[str, Any]) -> None:
            in_thread = {"thread_ts": thread} if thread and how in (How.PRIVATELY, How.FOR_ALL) else {}
            self._web.respond(url, drawn | _AS_WRITTEN | _shown_to(how) | in_thread)

        def put_into_channel(drawn: dict[str, Any]) -> None:
            method = "chat.postMessage" if how is How.FOR_ALL else "chat.postEphemeral"
            user = None if how is How.FOR_ALL else asker.user
            # Nothing of an ephemeral message can be unfolded, so Slack has no switch for it there.
            also = _AS_WRITTEN if how is How.FOR_ALL else {"parse": "none", "link_names": False}
            self._web.call(method, channel=asker.channel, user=user, thread_ts=thread, **drawn, **also)

        to_channel = with_image(put_into_channel, image if how is How.FOR_ALL else None)
        put_first = with_image(put, image) if url else to_channel
        try:
            try:
                self._drawings.send(message, put_first)
            except SlackUnclear:
                if how is How.FOR_ALL:
                    raise
                self._drawings.send(message, put_first)
        except SlackError as error:
            if not _may_go_into_channel(error, how):
                raise
            self._drawings.send(message, to_channel)


def _with(message: Message, note: Footnote) -> Message:
    return replace(message, blocks=(*message.blocks, note))


def _may_go_into_channel(error: SlackError, how: How) -> bool:
    """Whether nobody can have seen an answer yet, or seeing it twice would harm nobody."""
    match error:
        case SlackRefused(code=code):
            return code in _USED_UP
        case SlackLimited():
            return True
        case SlackUnclear():
            return how is not How.FOR_ALL
        case _:
            return False


def _shown_to(how: How) -> dict[str, Any]:
    match how:
        case How.PRIVATELY:
            return {"response_type": "ephemeral", "replace_original": False}
        case How.FOR_ALL:
            return {"response_type": "in_channel", "replace_original": False}
        case How.IN_PLACE | How.IN_PLACE_FOR_ALL:
            return {"replace_original": True}
        case _:
            assert_never(how)
