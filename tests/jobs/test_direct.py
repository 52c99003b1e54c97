"""Does one process read each slice when it is due, and nothing more when the time of day has leapt?"""

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.clock import Clock
from bot.core.stats import Pool
from bot.jobs.direct import Direct
from bot.jobs.followed import Followed
from tests.running import eventually

POOLS = tuple(Pool(f"pool-{number}", f"pool-{number}") for number in range(5))
HOUR = timedelta(hours=1)


class Set(Clock):
    """A clock that can be set."""

    by = timedelta()

    def wall(self) -> datetime:
        """The time of day that it was set to."""
        return super().wall() + self.by


@dataclass
class Case:
    """Pools, read once an hour, and how often each of them was."""

    clock: Set = field(default_factory=Set)
    followed: Followed = field(default_factory=Followed)
    read: Counter[str] = field(default_factory=Counter)
    skipped: int = 0
    may: bool = True

    def skip(self, number: int) -> None:
        """So many readings did not begin."""
        self.skipped += number

    def follow(self, direct: Direct, *, anew: bool = False) -> None:
        """What was said to be followed is, and what that asks for is done."""
        self.followed.follow(POOLS, HOUR, at=self.clock.monotonic())
        first = direct.follow(HOUR, anew=anew)
        if first is not None:
            first()


@contextmanager
def direct(case: Case) -> Iterator[Direct]:
    """One process that reads."""
    made = Direct(
        lambda pool: case.read.update([pool.id]), case.followed, case.clock, workers=2, may=lambda: case.may,
        stop=threading.Event(), skipped=case.skip,
    )  # fmt: skip
    try:
        yield made
    finally:
        made.close()


def test_what_is_new_is_read_once_and_whatever_was_read_is_read_anew_when_that_is_asked_for() -> None:
    case = Case()
    with direct(case) as one:
        case.follow(one)
        case.follow(one)
        eventually(lambda: case.read.keys() == {pool.id for pool in POOLS}, what="a reading of each")
        case.followed.read_anew()
        case.follow(one, anew=True)
        eventually(lambda: min(case.read.values()) == 2, what="another one of each")
        case.may = False
        case.followed.read_anew()
        case.follow(one, anew=True)
    assert set(case.read.values()) == {2}


def test_a_leap_of_the_clock_makes_nothing_due_and_nothing_skipped() -> None:
    case = Case()
    with direct(case) as one:
        case.follow(one)
        one.read_due()
        case.clock.by += 100 * HOUR
        one.read_due()
    assert (case.skipped, set(case.read.values())) == (0, {1})
