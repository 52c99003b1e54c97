"""Is the app calling too fast?

https://docs.slack.dev/apis/web-api/rate-limits
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock

PER_MINUTE = {1: 1, 2: 20, 3: 50, 4: 100}


@dataclass(slots=True)
class _Bucket:
    tokens: float
    at: float


class Pace:
    """Token buckets, one for each thing that is limited on its own."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._now = clock
        self._lock = Lock()
        self._buckets: dict[str, _Bucket] = {}

    def wait_for(self, key: str, *, per_second: float, burst: float) -> int:
        """0 when it may go through now, else the whole seconds of `Retry-After`."""
        if per_second <= 0:
            return 0
        now = self._now()
        with self._lock:
            bucket = self._buckets.setdefault(key, _Bucket(burst, now))
            bucket.tokens = min(burst, bucket.tokens + (now - bucket.at) * per_second)
            bucket.at = now
            if bucket.tokens >= 1:
                bucket.tokens -= 1
                return 0
            return max(1, math.ceil((1 - bucket.tokens) / per_second))
