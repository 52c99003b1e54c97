"""How fast may we go without being refused? Slack's documents say so at first, and its answers after that.

https://docs.slack.dev/apis/web-api/rate-limits
"""

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Limit:
    """So many a second in the long run, and so many at once before that."""

    per_second: float
    at_once: float


# Slack limits posts for each channel, and all of them together to "several hundred" a minute.
CHANNEL = Limit(1.0, 3)
WORKSPACE = Limit(300 / 60, 20)
# What is told by a command's answer counts on its own, so these are the deliveries' alone.
_TIER_2, _TIER_3 = Limit(20 / 60, 5), Limit(50 / 60, 10)
METHODS: Mapping[str, Limit] = {
    "chat.postMessage": WORKSPACE,
    "chat.update": _TIER_3,
    "chat.delete": _TIER_3,
    "conversations.history": _TIER_3,
    "conversations.replies": _TIER_3,
    "conversations.info": _TIER_3,
    "conversations.list": _TIER_2,
    "conversations.open": _TIER_3,
}
# A channel that has refused a burst gets none for so long.
_STRICT_SECONDS = 600.0


@dataclass(slots=True)
class _Bucket:
    limit: Limit
    tokens: float
    at: float
    closed_until: float = 0.0
    strict_until: float = 0.0

    def most(self, now: float) -> float:
        """How many at once are taken now."""
        return 1.0 if self.strict_until > now else self.limit.at_once


@dataclass(slots=True)
class Pace:
    """Token buckets: one for each method, and for posts one for each channel too.

    Args:
        methods: What each method may; what is not named is not limited.
        channel: What posts in one channel may; `None` for no limit.
        monotonic: Seconds that never go back.
    """

    methods: Mapping[str, Limit] = field(default_factory=lambda: METHODS)
    channel: Limit | None = CHANNEL
    monotonic: Callable[[], float] = time.monotonic
    _buckets: dict[tuple[str, str], _Bucket] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def wait(self, method: str, channel: str = "") -> float:
        """For how many seconds a call would be refused."""
        with self._lock:
            return max((self._missing(bucket) for bucket in self._of(method, channel)), default=0.0)

    def take(self, method: str, channel: str = "") -> float:
        """Take part in the pace: 0 when the call may be made now, else as `wait`."""
        with self._lock:
            buckets = self._of(method, channel)
            missing = max((self._missing(bucket) for bucket in buckets), default=0.0)
            if missing <= 0:
                for bucket in buckets:
                    bucket.tokens -= 1
            return missing

    def answered(self, method: str, channel: str = "") -> None:
        """The call is over.

        When Slack counted it is not known. Where its bucket may have been full until then, ours fills from here on.
        """
        with self._lock:
            now = self.monotonic()
            for bucket in self._of(method, channel):
                if bucket.tokens > bucket.most(now) - 1.5:
                    bucket.at = now

    def limited(self, method: str, channel: str, seconds: float) -> None:
        """Slack said 429: nothing goes there for so long, then one call to see, and no more bursts for a while."""
        with self._lock:
            now = self.monotonic()
            in_channel = method == "chat.postMessage"
            limit = self.channel if in_channel else self.methods.get(method)
            bucket = self._bucket((method, channel if in_channel else ""), limit)
            bucket.closed_until = max(bucket.closed_until, now + seconds)
            bucket.strict_until = bucket.closed_until + _STRICT_SECONDS

    def _of(self, method: str, channel: str) -> list[_Bucket]:
        found = []
        limit = self.methods.get(method)
        if limit is not None or (method, "") in self._buckets:
            found.append(self._bucket((method, ""), limit))
        if method == "chat.postMessage" and channel and (self.channel or (method, channel) in self._buckets):
            found.append(self._bucket((method, channel), self.channel))
        return found

    def _bucket(self, key: tuple[str, str], limit: Limit | None) -> _Bucket:
        made = limit or Limit(1.0, 1.0)
        return self._buckets.setdefault(key, _Bucket(made, made.at_once, self.monotonic()))

    def _missing(self, bucket: _Bucket) -> float:
        """Seconds until there is a token, and the tokens brought up to date."""
        now = self.monotonic()
        if bucket.closed_until:
            if now < bucket.closed_until:
                return bucket.closed_until - now
            # One call shows whether it goes on.
            bucket.closed_until, bucket.tokens, bucket.at = 0.0, 1.0, now
        bucket.tokens = min(bucket.most(now), bucket.tokens + (now - bucket.at) * bucket.limit.per_second)
        bucket.at = now
        # A hair's breadth is no reason to come again.
        return 0.0 if bucket.tokens >= 1 - 1e-9 else (1 - bucket.tokens) / bucket.limit.per_second
