"""Is the app calling too fast? The windows Teams documents for bots.

https://learn.microsoft.com/en-us/microsoftteams/platform/bots/how-to/rate-limit
"""

import math
from collections import deque
from collections.abc import Callable
from threading import Lock

Window = tuple[int, float]  # so many operations, in so many seconds

# One bot, one conversation.
SEND: tuple[Window, ...] = ((7, 1.0), (8, 2.0), (60, 30.0), (1800, 3600.0))
MEMBERS: tuple[Window, ...] = ((14, 1.0), (16, 2.0), (120, 30.0), (3600, 3600.0))
# One app, one tenant.
TENANT: tuple[Window, ...] = ((50, 1.0),)
# An address of Workflows.
WEBHOOK: tuple[Window, ...] = ((4, 1.0),)


class Pace:
    """Sliding windows, one set for each thing that is limited on its own; what is refused is not counted."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._now = clock
        self._lock = Lock()
        self._seen: dict[str, deque[float]] = {}

    def wait_for(self, *limits: tuple[str, tuple[Window, ...]]) -> int:
        """0 when it may go through now by all of these limits, else the whole seconds of `Retry-After`."""
        now = self._now()
        with self._lock:
            waits = [self._wait(key, window, now) for key, windows in limits for window in windows]
            if longest := max(waits, default=0.0):
                return max(1, math.ceil(longest))
            for key, windows in limits:
                seen = self._seen.setdefault(key, deque())
                seen.append(now)
                while now - seen[0] >= max(seconds for _, seconds in windows):
                    seen.popleft()
        return 0

    def _wait(self, key: str, window: Window, now: float) -> float:
        most, seconds = window
        seen = self._seen.get(key, ())
        if len(seen) < most:
            return 0.0
        return max(0.0, seen[-most] + seconds - now)
