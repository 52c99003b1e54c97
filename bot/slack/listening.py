"""What does the bot do when somebody opens its Home, speaks to it, or chooses a shortcut?"""

import logging
import threading
from collections.abc import Callable
from typing import Any

from slack_bolt import Ack, App

from bot.core.command import Asker
from bot.core.language import _, speaking
from bot.core.spoken import HOME, Spoken, spoken
from bot.later import Busy
from bot.messages.form import Form
from bot.messages.hearing import Asked, Offered
from bot.messages.model import Button, Message, Paragraph, Verb
from bot.messages.page import page_message
from bot.messages.trouble import busy
from bot.slack.answering import Answers, How
from bot.slack.asking import shortcut
from bot.slack.heard import Heard, event_id, heard, opened
from bot.slack.homes import Homes
from bot.slack.http import Seen
from bot.slack.manifest import ASK_ABOUT_MESSAGE, ASK_ABOUT_POOL
from bot.slack.pages import unshared
from bot.slack.who import Who

log = logging.getLogger(__name__)


class Listening:
    """Has answered what comes in by events and shortcuts.

    Args:
        answers: Sends answers.
        homes: Shows Home tabs.
        who: Knows more of people.
        asked: Answers commands.
        offered: Makes the form of the shortcuts.
        later: Has something done on other threads; raises `Busy` when it cannot.
        first: Whether no other replica has answered an event, by its id.
    """

    def __init__(
        self,
        answers: Answers,
        homes: Homes,
        who: Who,
        *,
        asked: Asked,
        offered: Offered,
        later: Callable[[Callable[[], None]], None],
        first: Callable[[str], bool] = lambda _: True,
    ) -> None:
        self._answers = answers
        self._homes = homes
        self._who = who
        self._asked = asked
        self._offered = offered
        self._later = later
        self._first = first
        self._seen = Seen()
        self._lock = threading.Lock()

    def listen(self, app: App) -> None:
        """Hear of it. What is not listened to is left to others."""

        @app.event("app_home_opened")
        def on_home(body: dict[str, Any]) -> None:
            found = opened(body)
            if found is not None and self._is_new(body):
                self._do(lambda: self._homes.show(found.asker))

        @app.event("app_mention")
        def on_mention(body: dict[str, Any]) -> None:
            self._hear(body)

        @app.event("message")
        def on_message(body: dict[str, Any]) -> None:
            self._hear(body)

        @app.shortcut(ASK_ABOUT_POOL)
        def on_shortcut(ack: Ack, body: dict[str, Any]) -> None:
            self._offer(ack, body)

        @app.shortcut(ASK_ABOUT_MESSAGE)
        def on_message_shortcut(ack: Ack, body: dict[str, Any]) -> None:
            self._offer(ack, body)

    def _hear(self, body: dict[str, Any]) -> None:
        said = heard(body)
        if said is None or not self._is_new(body):
            return
        try:
            self._later(lambda: self._reply(said, event_id(body)))
        except Busy as full:
            log.warning("what %s said is not answered: too much is waiting", said.asker)
            full.tell(lambda: self._send(busy, said, said.asker))

    def _reply(self, said: Heard, event: str) -> None:
        if event and not self._first(f"slack {said.asker.workspace} {event}"):
            return
        meant = spoken(said.text)
        asker = self._who.whole(said.asker)

        def make() -> Message:
            if meant.command == HOME:
                return page_message(self._homes.page(asker))
            answer = self._asked(meant.command, meant.text, asker)
            return _opens(meant) if isinstance(answer, Form) else answer

        self._send(lambda: unshared(make()) if said.is_direct else make(), said, asker)

    def _send(self, make: Callable[[], Message], said: Heard, asker: Asker) -> None:
        """In a direct message for both to keep; in a channel for the asker alone, who may share it."""
        how = How.FOR_ALL if said.is_direct else How.PRIVATELY
        self._answers.answer(make, url="", asker=asker, how=how, thread=said.thread)

    def _offer(self, ack: Ack, body: dict[str, Any]) -> None:
        ack()
        chosen = shortcut(body)

        def offer() -> None:
            with speaking(self._who.language(chosen.asker)):
                form = self._offered(self._who.whole(chosen.asker), chosen.about)
                if isinstance(form, Form):
                    self._answers.opened(form, chosen.response_url, chosen.asker, chosen.trigger_id)

        self._do(offer)

    def _do(self, work: Callable[[], None]) -> None:
        try:
            self._later(work)
        except Busy:
            log.warning("something that Slack told is not done: too much is waiting")

    def _is_new(self, body: dict[str, Any]) -> bool:
        """Whether this event came for the first time: Slack repeats one whose acknowledgement it missed."""
        key = event_id(body).encode()
        with self._lock:
            return not key or self._seen.add(key)


def _opens(meant: Spoken) -> Message:
    """A form opens from a press, not from what was said."""
    said = _("That needs a form.")
    button = Button(_("Fill it in"), Verb.SAY, f"{meant.command} {meant.text}".strip())
    return Message("", said, blocks=(Paragraph((said,)),), buttons=(button,))
