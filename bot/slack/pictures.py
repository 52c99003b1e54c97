"""When does a picture go with an answer, and how does the one who asked get to see it?

Slack shows no file in a message that only one person sees, so a picture for one person goes into their messages with
the bot, beside the private answer: https://github.com/slackapi/node-slack-sdk/issues/1790
"""

import logging
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any

from bot.clock import wait as wait_really
from bot.core.because import said
from bot.core.command import Asker
from bot.core.language import N_, _
from bot.messages.model import Chart, Footnote, Message, Plot
from bot.slack import limits
from bot.slack.codes import sentence
from bot.slack.files import uploaded
from bot.slack.text import Json, escaped, literal, one_line
from bot.slack.web import SlackError, SlackRefused, SlackWeb

log = logging.getLogger(__name__)

# Whoever turns the same chart over again has its picture already.
SENT_AGAIN_AFTER = 600.0
_REFUSED_IMAGE = frozenset({"invalid_blocks", "invalid_blocks_format"})
THERE = N_("The picture with all readings is in your messages with me.")


class NoPicture(Exception):  # noqa: N818 - it is no failure of the answer
    """There is no picture, and why, for people."""

    @property
    def note(self) -> Footnote:
        """What to say of it in the answer."""
        return Footnote((_("No picture: {why}.", why=self),))


class Pictures:
    """Draws pictures, uploads them and shows them.

    Args:
        web: The workspace's Web API.
        wait: Waits so many seconds.
        monotonic: Seconds that never go back.
    """

    def __init__(
        self,
        web: SlackWeb,
        *,
        wait: Callable[[float], object] = wait_really,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._web = web
        self._wait = wait
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._sent: dict[tuple[str, str], float] = {}

    def block(self, plot: Plot) -> Json:
        """The picture as a block, drawn and uploaded.

        Raises:
            NoPicture: It could not be drawn, or Slack did not take it.
        """
        try:
            # Only who draws pays for it: matplotlib takes most of a second to come.
            from bot.slack.plots import drawn_and_told  # noqa: PLC0415 - see above

            content, words = drawn_and_told(plot)
        except Exception as error:  # whatever it was, the answer without a picture is worth more than none
            log.exception("a picture could not be drawn")
            raise NoPicture(_("it could not be drawn")) from error
        try:
            title = one_line(plot.title)
            file_id = uploaded(self._web, "chart.png", content, title=title, alt_text=words, wait=self._wait)
        except SlackError as error:
            log.warning("a picture could not be uploaded: %s", error)
            raise NoPicture(_why(error)) from error
        return {"type": "image", "slack_file": {"id": file_id}, "alt_text": literal(words, limits.ALT_TEXT)}

    def send_privately(self, plots: Sequence[Plot], asker: Asker) -> Footnote:
        """Post the pictures into the asker's messages with the bot; what to say of them in the answer."""
        try:
            for plot in plots:
                self._send_once(plot, asker)
        except NoPicture as error:
            return error.note
        return Footnote((_(THERE),))

    def _send_once(self, plot: Plot, asker: Asker) -> None:
        key, now = (asker.user, plot.title), self._monotonic()
        with self._lock:
            self._sent = {each: at for each, at in self._sent.items() if now - at < SENT_AGAIN_AFTER}
            if key in self._sent:
                return
            self._sent[key] = now
        try:
            self._post(self.block(plot), asker)
        except NoPicture:
            with self._lock:
                self._sent.pop(key, None)
            raise

    def _post(self, image: Json, asker: Asker) -> None:
        try:
            self._web.call(
                "chat.postMessage",
                channel=asker.user,
                text=escaped(image["alt_text"], limits.TOP_LEVEL_TEXT),
                blocks=[image],
                parse="none",
                link_names=False,
            )
        except SlackError as error:
            log.warning("a picture did not reach %s: %s", asker, error)
            raise NoPicture(_why(error)) from error


def wanted(message: Message, *, native: bool) -> list[Plot]:
    """The pictures that say more than the charts of the message do, or stand for those that cannot be drawn."""
    plots = (block.plot for block in message.blocks if isinstance(block, Chart))
    return [plot for plot in plots if plot is not None and (plot.is_finer or not native)]


def with_image(put: Callable[[dict[str, Any]], None], image: Json | None) -> Callable[[dict[str, Any]], None]:
    """`put`, with the image, if there is one, below the title; without it where Slack refuses it."""
    if image is None:
        return put

    def put_with_image(drawn: dict[str, Any]) -> None:
        blocks = drawn.get("blocks")
        if not blocks or len(blocks) >= limits.BLOCKS_IN_A_MESSAGE:
            put(drawn)
            return
        head = 1 if blocks[0]["type"] == "header" else 0
        try:
            put(drawn | {"blocks": [*blocks[:head], image, *blocks[head:]]})
        except SlackRefused as refused:
            if refused.code not in _REFUSED_IMAGE:
                raise
            log.info("Slack refused a picture: %s", refused)
            put(drawn)

    return put_with_image


def _why(error: SlackError) -> str:
    if isinstance(error, SlackRefused):
        return said(sentence(error, _("your messages with me")))
    return said(error.why)
