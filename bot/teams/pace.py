"""How fast may we go in a conversation, and whose turn is it there?

Teams takes so many operations of a bot in a conversation, and so many of an app in a tenant; and it refuses (412) two
operations on one conversation at the same time.
https://learn.microsoft.com/en-us/microsoftteams/platform/bots/how-to/rate-limit
"""

import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta

from bot.clock import wait as wait_really
from bot.core.because import Because, Explained

Window = tuple[int, float]  # so many, in so many seconds

CONVERSATION: tuple[Window, ...] = ((7, 1.0), (8, 2.0), (60, 30.0), (1800, 3600.0))
TENANT: tuple[Window, ...] = ((50, 1.0),)
# Whoever waits for a person's answer waits no longer than this for a turn.
_LONGEST_TURN = 5.0
_MOST_KNOWN = 2000


class TooFast(Explained):
    """It is better not tried now, but after `retry_after`; nothing was done."""

    def __init__(self, retry_after: timedelta) -> None:
        super().__init__(Because("Teams takes no more there for the moment"))
        self.retry_after = retry_after


@dataclass(slots=True)
class _Lane:
    """When the last operations ended: Teams has counted each of them by then, and not before it began."""

    windows: Sequence[Window]
    ended: deque[float] = field(default_factory=deque)
    under_way: int = 0
    closed_until: float = 0.0
    turn: threading.Lock = field(default_factory=threading.Lock)

    def missing(self, now: float) -> float:
        """Seconds until one more is taken."""
        longest = max(seconds for _, seconds in self.windows)
        while self.ended and now - self.ended[0] >= longest:
            self.ended.popleft()
        waits = [self.closed_until - now, *(self._missing(most, seconds, now) for most, seconds in self.windows)]
        return max(0.0, *waits)

    def _missing(self, most: int, seconds: float, now: float) -> float:
        free = most - self.under_way
        if free <= 0:
            return seconds
        return self.ended[-free] + seconds - now if len(self.ended) >= free else 0.0


class Pace:
    """Counts what is done in each conversation and tenant, and lets one operation at a time into a conversation.

    Args:
        conversation: What a conversation takes.
        tenant: What a tenant takes.
        monotonic: Seconds that never go back.
        wait: Waits so many seconds.
    """

    def __init__(
        self,
        conversation: Sequence[Window] = CONVERSATION,
        tenant: Sequence[Window] = TENANT,
        *,
        monotonic: Callable[[], float] = time.monotonic,
        wait: Callable[[float], object] = wait_really,
    ) -> None:
        self._windows = (conversation, tenant)
        self._monotonic = monotonic
        self._wait = wait
        self._lock = threading.Lock()
        self._lanes: dict[tuple[str, str], _Lane] = {}

    def missing(self, conversation: str, tenant: str = "") -> float:
        """For how many seconds an operation there would be too many."""
        with self._lock:
            return self._missing(conversation, tenant)

    @contextmanager
    def turn(self, conversation: str, tenant: str = "", *, patience: float = 0.0) -> Iterator[None]:
        """Our turn in a conversation; waits at most `patience` for the pace, and a little for who is there already.

        Raises:
            TooFast: It would take longer.
        """
        lane = self._lane("conversation", conversation)
        deadline = self._monotonic() + patience
        if not lane.turn.acquire(timeout=max(patience, _LONGEST_TURN)):
            raise TooFast(timedelta(seconds=1))
        try:
            while (left := self._take(conversation, tenant)) > 0:
                if self._monotonic() + left > deadline:
                    raise TooFast(timedelta(seconds=left))
                self._wait(left)
            try:
                yield
            finally:
                self._ended(conversation, tenant)
        finally:
            lane.turn.release()

    def limited(self, conversation: str, seconds: float) -> None:
        """Teams said 429: nothing goes there for so long."""
        with self._lock:
            lane = self._known("conversation", conversation)
            lane.closed_until = max(lane.closed_until, self._monotonic() + seconds)

    def _take(self, conversation: str, tenant: str) -> float:
        with self._lock:
            left = self._missing(conversation, tenant)
            if left <= 0:
                for lane in self._both(conversation, tenant):
                    lane.under_way += 1
            return left

    def _ended(self, conversation: str, tenant: str) -> None:
        with self._lock:
            for lane in self._both(conversation, tenant):
                lane.under_way -= 1
                lane.ended.append(self._monotonic())

    def _missing(self, conversation: str, tenant: str) -> float:
        now = self._monotonic()
        return max(lane.missing(now) for lane in self._both(conversation, tenant))

    def _both(self, conversation: str, tenant: str) -> list[_Lane]:
        return [self._known("conversation", conversation), self._known("tenant", tenant)]

    def _lane(self, kind: str, name: str) -> _Lane:
        with self._lock:
            return self._known(kind, name)

    def _known(self, kind: str, name: str) -> _Lane:
        lane = self._lanes.get((kind, name))
        if lane is None:
            if len(self._lanes) >= _MOST_KNOWN:
                self._forget()
            lane = _Lane(self._windows[kind == "tenant"])
            self._lanes[kind, name] = lane
        return lane

    def _forget(self) -> None:
        """Let go of those in which nothing has happened for long."""
        now = self._monotonic()
        self._lanes = {
            key: lane
            for key, lane in self._lanes.items()
            if lane.turn.locked() or lane.under_way or lane.missing(now) > 0 or lane.ended
        }
