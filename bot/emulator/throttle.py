"""May this caller ask now? A token bucket for each access key and each address."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from threading import Lock
from types import MappingProxyType

from bot.emulator.refusals import throttled

_SECONDS: Mapping[str, int] = MappingProxyType({"second": 1, "minute": 60, "hour": 3600, "day": 86400})
_MOST_CALLERS = 10_000


@dataclass(frozen=True, slots=True)
class Limits:
    """How many requests are taken.

    Attributes:
        user: Requests in the window of one access key; None for no limit.
        ip: Requests in the window from one address; None for no limit.
        window: `<number> second|minute|hour|day`, as the message tells it.
        retry_after: Whether a refusal carries Retry-After; the gateway is not known to send it.
    """

    user: int | None = 200
    ip: int | None = None
    window: str = "1 second"
    retry_after: bool = False

    def __post_init__(self) -> None:
        self.seconds()
        for limit in (self.user, self.ip):
            if limit is not None and (type(limit) is not int or limit < 1):
                raise ValueError(f"limit {limit!r} is not a whole number from 1")

    def seconds(self) -> int:
        """The length of the window."""
        number, _, unit = self.window.partition(" ")
        if not number.isdigit() or int(number) < 1 or unit not in _SECONDS:
            raise ValueError(f"window {self.window!r} is not '<number> second|minute|hour|day'")
        return int(number) * _SECONDS[unit]


class Throttle:
    """The buckets of all callers; an attempt counts whether or not it succeeds."""

    def __init__(self, limits: Limits | None = None) -> None:
        self._lock = Lock()
        self._limits = limits or Limits()
        self._buckets: dict[tuple[str, str], tuple[float, datetime]] = {}

    @property
    def limits(self) -> Limits:
        """The limits in force."""
        return self._limits

    @limits.setter
    def limits(self, limits: Limits) -> None:
        with self._lock:
            self._limits = limits
            self._buckets.clear()

    def take(self, user: str, ip: str, *, now: datetime) -> None:
        """Count an attempt.

        Raises:
            Refusal: One of the buckets is empty.
        """
        with self._lock:
            for policy, limit, caller in (("user", self._limits.user, user), ("ip", self._limits.ip, ip)):
                if limit is not None and caller:
                    self._take(policy, limit, caller, now)

    def _take(self, policy: str, limit: int, caller: str, now: datetime) -> None:
        rate = limit / self._limits.seconds()
        left, since = self._buckets.get((policy, caller), (float(limit), now))
        left = min(float(limit), left + max(0.0, (now - since).total_seconds()) * rate)
        if len(self._buckets) > _MOST_CALLERS:
            self._buckets.clear()
        self._buckets[policy, caller] = (max(0.0, left - 1), now)
        if left < 1:
            wait = max(1, math.ceil((1 - left) / rate)) if self._limits.retry_after else None
            raise throttled(policy, limit, self._limits.window, wait)
