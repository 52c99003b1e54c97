"""Which channels is a person in, as far as the bot may know?"""

import logging
import threading
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from bot.clock import Clock
from bot.slack.web import SlackError, SlackRefused, SlackWeb

log = logging.getLogger(__name__)

# Who leaves a channel still sees what is seen there for so long; Slack takes about twenty such questions a minute.
REMEMBERED = timedelta(minutes=5)
_AFTER_A_FAILURE = timedelta(seconds=30)
# https://docs.slack.dev/reference/methods/users.conversations
_PAGE = 999
_MOST_PAGES = 5
_MOST = 10_000


class Members:
    """Asks Slack for a person's channels, and remembers them for a while. Of a private one the bot must be in it, too.

    Args:
        web: The workspace's Web API.
        clock: The time.
    """

    def __init__(self, web: SlackWeb, clock: Clock) -> None:
        self._web = web
        self._clock = clock
        self._lock = threading.Lock()
        self._known: dict[str, tuple[Mapping[str, str], datetime]] = {}

    def channels_of(self, user: str) -> Mapping[str, str]:
        """The names of the person's channels by their ids; none where Slack does not tell."""
        now = self._clock.wall()
        with self._lock:
            found, until = self._known.get(user, ({}, now))
        if until > now:
            return found
        try:
            found, lasts = self._read(user), REMEMBERED
        except SlackError as error:
            log.info("the channels of %s are not known: %s", user, error)
            found, lasts = {}, _AFTER_A_FAILURE
        with self._lock:
            if len(self._known) >= _MOST:
                self._known.clear()
            self._known[user] = found, now + lasts
        return found

    def _read(self, user: str) -> Mapping[str, str]:
        try:
            return self._of_types(user, "public_channel,private_channel")
        except SlackRefused as refused:
            if refused.code != "missing_scope":
                raise
            return self._of_types(user, "public_channel")

    def _of_types(self, user: str, types: str) -> Mapping[str, str]:
        found: dict[str, str] = {}
        for channel in self._pages(user, types):
            match channel:
                case {"id": str(channel_id), "name": str(name)}:
                    found[channel_id] = name
                case _:
                    continue
        return found

    def _pages(self, user: str, types: str) -> Iterator[Any]:
        cursor = ""
        for _ in range(_MOST_PAGES):
            page = self._web.call(
                "users.conversations",
                user=user,
                types=types,
                exclude_archived=True,
                limit=_PAGE,
                cursor=cursor or None,
            )
            yield from page.get("channels") or ()
            cursor = str((page.get("response_metadata") or {}).get("next_cursor") or "")
            if not cursor:
                return
