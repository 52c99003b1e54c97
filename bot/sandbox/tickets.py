"""What may the app still do with a trigger_id or a response_url it was given?

https://docs.slack.dev/interactivity/handling-user-interaction
"""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock

TRIGGER_LASTS = 3.0
RESPONSE_URL_LASTS = 30 * 60.0
RESPONSE_URL_USES = 5
_KEPT = 5_000


@dataclass(slots=True)
class Trigger:
    """A right to open one modal for one person, good once and for three seconds."""

    user: str
    channel: str
    issued_at: float
    used: bool = False


@dataclass(slots=True)
class ResponseUrl:
    """A right to answer one command or press: five times within thirty minutes."""

    user: str
    channel: str
    issued_at: float
    ts: str = ""  # the message with the pressed button, or the first answer
    uses: int = 0


class Tickets:
    """All triggers and response URLs given out, forgetting the oldest."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._now = clock
        self._lock = Lock()
        self._triggers: dict[str, Trigger] = {}
        self._urls: dict[str, ResponseUrl] = {}

    def trigger(self, user: str, channel: str = "") -> str:
        """A new `trigger_id`."""
        key = f"{secrets.randbelow(10**13)}.{secrets.randbelow(10**13)}.{secrets.token_hex(16)}"
        with self._lock:
            self._triggers[key] = Trigger(user, channel, self._now())
            _forget(self._triggers)
        return key

    def exchange(self, key: str) -> Trigger | str:
        """Use a trigger up: what it was for, or Slack's error."""
        with self._lock:
            trigger = self._triggers.get(key)
            if trigger is None:
                return "invalid_trigger_id"
            if trigger.used:
                return "exchanged_trigger_id"
            if self._now() - trigger.issued_at > TRIGGER_LASTS:
                return "expired_trigger_id"
            trigger.used = True
            return trigger

    def response_url(self, user: str, channel: str, ts: str = "") -> str:
        """The key of a new response URL."""
        key = secrets.token_urlsafe(18)
        with self._lock:
            self._urls[key] = ResponseUrl(user, channel, self._now(), ts)
            _forget(self._urls)
        return key

    def knows(self, key: str) -> bool:
        """Whether a response URL was given out here."""
        with self._lock:
            return key in self._urls

    def answer(self, key: str) -> ResponseUrl | None:
        """Use a response URL once; None when it is unknown, too old or used up."""
        with self._lock:
            url = self._urls.get(key)
            if url is None or url.uses >= RESPONSE_URL_USES or self._now() - url.issued_at > RESPONSE_URL_LASTS:
                return None
            url.uses += 1
            return url


def _forget(kept: dict[str, Trigger] | dict[str, ResponseUrl]) -> None:
    while len(kept) > _KEPT:
        kept.pop(next(iter(kept)))
