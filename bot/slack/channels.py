"""Which id has the channel that people call by its name?"""

import logging
import re
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

from bot.slack.web import SlackRefused, SlackWeb

log = logging.getLogger(__name__)

# Public and private channels, direct messages, and people (a post to a person opens the conversation).
_ID = re.compile(r"[CGDUW][A-Z0-9]{7,}")
_READ_AGAIN_SECONDS = 60.0
_KNOWN_FOR_SECONDS = 3600.0
# https://docs.slack.dev/reference/methods/conversations.list
_PAGE = 999
_MOST_PAGES = 200


class Channels:
    """The workspace's channels by name, read once and again when one is missing, at most every minute.

    Args:
        web: Whom to ask.
        monotonic: Seconds that never go back.
    """

    def __init__(self, web: SlackWeb, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._web = web
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._ids: dict[str, str] = {}
        self._read_at: float | None = None

    def id_of(self, channel: str) -> str | None:
        """The id of `channel`: `#name`, `name` or an id; `None` when there is no such channel, or none we can see.

        Raises:
            SlackError: The channels could not be read.
        """
        channel = channel.strip()
        if _ID.fullmatch(channel):
            return channel
        name = channel.removeprefix("#").casefold()
        with self._lock:
            if self._is_old(_KNOWN_FOR_SECONDS) or (name not in self._ids and self._is_old(_READ_AGAIN_SECONDS)):
                self._ids = self._read()
                self._read_at = self._monotonic()
            return self._ids.get(name)

    def remembered(self, channel: str) -> str | None:
        """The id, where Slack need not be asked for it."""
        name = channel.strip()
        if _ID.fullmatch(name):
            return name
        return None if self._is_old(_KNOWN_FOR_SECONDS) else self._ids.get(name.removeprefix("#").casefold())

    def known(self, channel: str) -> str:
        """The id, if it is known without asking; else the name itself."""
        name = channel.strip().removeprefix("#").casefold()
        # Without the lock: it is held while Slack is asked, and nobody shall wait for that here.
        return self._ids.get(name, channel.strip())

    def forget(self, channel: str) -> None:
        """Look `channel` up again next time: Slack did not know the id we had for it."""
        with self._lock:
            self._ids.pop(channel.strip().removeprefix("#").casefold(), None)

    def _is_old(self, seconds: float) -> bool:
        return self._read_at is None or self._monotonic() - self._read_at >= seconds

    def _read(self) -> dict[str, str]:
        try:
            return self._of_types("public_channel,private_channel")
        except SlackRefused as refused:
            if refused.code != "missing_scope":
                raise
            log.info("private channels cannot be found by their names: the bot lacks the right %s", refused.needed)
            return self._of_types("public_channel")

    def _of_types(self, types: str) -> dict[str, str]:
        ids: dict[str, str] = {}
        archived: dict[str, str] = {}
        for found in self._pages(types):
            match found:
                case {"id": str(channel_id), "name": str(name), **rest}:
                    (archived if rest.get("is_archived") else ids)[name.casefold()] = channel_id
                case _:
                    continue
        # An archived channel is known too, so that Slack's own word says what is wrong with it.
        return archived | ids

    def _pages(self, types: str) -> Iterator[Any]:
        cursor = ""
        for _ in range(_MOST_PAGES):
            page = self._web.call("conversations.list", types=types, limit=_PAGE, cursor=cursor or None)
            yield from page.get("channels") or ()
            cursor = str((page.get("response_metadata") or {}).get("next_cursor") or "")
            if not cursor:
                return
