"""Does this workspace take Slack's native blocks? And if a drawing is refused, what is sent instead?"""

import logging
import threading
import time
from collections.abc import Callable
from typing import Any, TypeVar

from bot.messages.model import Message
from bot.slack.blocks import bare, brief, is_native, payload
from bot.slack.web import SlackRefused

log = logging.getLogger(__name__)

REMEMBERED_SECONDS = 3600.0

_REFUSED_BLOCKS = frozenset(
    {"invalid_blocks", "invalid_blocks_format", "invalid_attachments", "only_one_table_allowed"}
)
_TOO_LONG = frozenset({"msg_too_long", "msg_blocks_too_long", "attachment_payload_limit_exceeded"})

_T = TypeVar("_T")


class Drawings:
    """Draws as well as the workspace takes it, and remembers for an hour when native blocks were refused.

    Args:
        monotonic: Seconds that never go back.
    """

    def __init__(self, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._plain_until = 0.0

    def send(self, message: Message, put: Callable[[dict[str, Any]], _T]) -> _T:
        """Give `put` the best drawing that Slack does not refuse.

        A refusal means that nothing was posted, so the next drawing may follow at once: natively, in letters,
        in brief, and at last the summary alone.

        Raises:
            SlackError: Whatever `put` raises that another drawing cannot heal.
        """
        drawn = payload(message, native=self.is_native)
        try:
            return put(drawn)
        except SlackRefused as refused:
            if not _is_of_its_form(refused):
                raise
            log.info("Slack refused a drawing of %r: %s", message.title[:80], refused)
            if refused.code in _TOO_LONG or not is_native(drawn):
                return _in_brief(message, put)
        try:
            sent = put(payload(message, native=False))
        except SlackRefused as refused:
            if not _is_of_its_form(refused):
                raise
            # The native blocks were not what Slack did not like, so there is nothing to remember.
            return _in_brief(message, put)
        with self._lock:
            self._plain_until = self._monotonic() + REMEMBERED_SECONDS
        return sent

    @property
    def is_native(self) -> bool:
        """Whether native blocks are drawn now."""
        with self._lock:
            return self._monotonic() >= self._plain_until


def _in_brief(message: Message, put: Callable[[dict[str, Any]], _T]) -> _T:
    """A title and a sentence, and where Slack takes no block at all, the sentence: it carries the numbers."""
    try:
        return put(brief(message))
    except SlackRefused as refused:
        if not _is_of_its_form(refused):
            raise
        log.warning("Slack takes no blocks for %r (%s); only its summary is sent", message.title[:80], refused)
        return put(bare(message))


def _is_of_its_form(refused: SlackRefused) -> bool:
    """Whether Slack did not like how the message is drawn, so that another drawing may be taken."""
    return refused.code in _REFUSED_BLOCKS | _TOO_LONG
