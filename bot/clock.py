"""What time is it? The only place that reads the clock."""

import threading
import time
from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# So much is more than the time of day is ever put right by without anybody's doing.
A_LEAP = timedelta(seconds=5)
# Linux alone has it.
_BOOT: int | None = getattr(time, "CLOCK_BOOTTIME", None)


class Leaving(Exception):  # noqa: N818 - named for what it says to whoever waits
    """The bot is stopping, so nobody waits for anything any more."""


class Clock:
    """The product's time, which is the real one unless a recorded cluster is replayed.

    Args:
        start: What `now` is at first; the real time where it is not given.
        speed: How many seconds of `now` pass in a real second.
    """

    def __init__(self, *, start: datetime | None = None, speed: float = 1.0) -> None:
        self._start = start
        self.speed = speed
        self._began = time.monotonic()

    def now(self) -> datetime:
        """The moment that readings, alerts and digests are about."""
        if self._start is None:
            return self.wall()
        return self._start + timedelta(seconds=(time.monotonic() - self._began) * self.speed)

    def wall(self) -> datetime:
        """The real time: for signatures, and for when messages are sent."""
        return datetime.now(UTC)  # noqa: TID251 - this is the one place

    def monotonic(self) -> float:
        """Seconds that never go back."""
        return time.monotonic()

    def awake_or_not(self) -> float:
        """Seconds that never go back and, where the system counts them, pass while the machine sleeps too."""
        return time.clock_gettime(_BOOT) if _BOOT is not None else time.monotonic()

    def lasts(self, length: timedelta) -> timedelta:
        """How long `length` of the product's time is in real time."""
        return length / self.speed


class Leaps:
    """Tells when the time of day moved otherwise than time passed: it was set, or the machine slept."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._ahead = self._offset()

    def newest(self) -> timedelta:
        """How far it has leapt ahead (negative: back) since this was asked last."""
        before, self._ahead = self._ahead, self._offset()
        return self._ahead - before

    def _offset(self) -> timedelta:
        return self._clock.wall() - _EPOCH - timedelta(seconds=self._clock.monotonic())


def wait(seconds: float, stop: threading.Event | None = None) -> bool:
    """Wait, or until `stop` is set; whether it was."""
    return (stop or threading.Event()).wait(seconds)
