"""Does another organisation listen in a channel, and does a person come from one?

https://docs.slack.dev/apis/slack-connect. Where the bot may not look (channels:read, groups:read) channels are taken to
be the workspace's own, and a note says so: else it could answer nowhere. A private channel that the bot is not in is
taken to be so too, for what it answers there only the asker reads. While Slack cannot be asked, what was known before
holds; of what was never known it is assumed that somebody else listens.
"""

import logging
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any

from bot.slack.web import SlackError, SlackRefused, SlackWeb

log = logging.getLogger(__name__)

REMEMBERED_SECONDS = 300.0
_AFTER_A_FAILURE_SECONDS = 5.0
_MOST = 20_000
_NOT_LOOKED_AT = frozenset({"missing_scope", "not_allowed_token_type"})
NOTE = "without the rights channels:read and groups:read it is not seen which channels other organisations share"


class Outsiders:
    """Asks Slack, and remembers for a while.

    Args:
        web: The workspace's Web API.
        monotonic: Seconds that never go back.
    """

    def __init__(self, web: SlackWeb, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._web = web
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._known: dict[str, tuple[bool, float]] = {}
        self._notes: dict[str, str] = {}

    def notes(self) -> Mapping[str, str]:
        """What cannot be seen."""
        return dict(self._notes)

    def listen_in(self, channel: str) -> bool:
        """Whether people of another organisation are in `channel` (an id), or are invited into it."""
        if channel[:1] not in {"C", "G"}:
            return False
        return self._asked(channel, "conversations.info", {"channel": channel}, _is_shared)

    def is_one(self, user: str) -> bool:
        """Whether a person whose workspace is another than this one is of another organisation."""
        return self._asked(user, "users.info", {"user": user}, _is_stranger)

    def _asked(self, about: str, method: str, given: Mapping[str, str], answer: Callable[[Any], bool]) -> bool:
        now = self._monotonic()
        with self._lock:
            known, until = self._known.get(about, (True, 0.0))
        if until > now:
            return known
        lasts = REMEMBERED_SECONDS
        try:
            known = answer(self._web.call(method, **given))
            if method == "conversations.info":
                self._notes.pop("sharing", None)
        except SlackRefused as refused:
            # A person of whom Slack tells nothing may be anybody.
            known = method == "users.info"
            if refused.code in _NOT_LOOKED_AT and not known and not self._notes:
                self._notes["sharing"] = NOTE
                log.warning("Slack: %s", NOTE)
        except SlackError as error:
            log.info("whether %s is of another organisation is not known: %s", about, error)
            lasts = _AFTER_A_FAILURE_SECONDS
        with self._lock:
            if len(self._known) >= _MOST:
                self._known.clear()
            self._known[about] = known, now + lasts
        return known


def _is_shared(answer: Mapping[str, Any]) -> bool:
    channel = answer.get("channel")
    facts = channel if isinstance(channel, Mapping) else {}
    with_others = facts.get("is_shared") is True and facts.get("is_org_shared") is not True
    return facts.get("is_ext_shared") is True or facts.get("is_pending_ext_shared") is True or with_others


def _is_stranger(answer: Mapping[str, Any]) -> bool:
    user = answer.get("user")
    return not isinstance(user, Mapping) or user.get("is_stranger") is True
