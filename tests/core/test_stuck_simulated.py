"""Stuck rules on simulated pools, in which it is known when jobs start, whatever the counts of ended jobs mean."""

import random
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from bot.core.rules.stuck import StuckWatch
from bot.core.rules.verdict import Breach
from bot.core.stats import PoolStats
from tests.building import MINUTE, NOON, POOL, stats, stuck

AFTER = 30
CAPACITY = 12
# For how many minutes an ended job is counted.
KEPT = {"cumulative": 10**6, "kept for ten minutes": 10, "a snapshot": 0}


@dataclass
class Cluster:
    """A pool in which jobs come, run for a while and end; in a stall none starts."""

    chance: random.Random
    kept: int
    queue: int = 30
    running: list[int] = field(default_factory=list)
    # When those that are still counted ended, and how.
    ended: deque[tuple[int, str]] = field(default_factory=deque)

    def minute(self, now: int, *, stalled: bool) -> int:
        """How many jobs start."""
        for end in [end for end in self.running if end <= now]:
            self.running.remove(end)
            self.ended.append((now, self.chance.choice(("Completed", "Completed", "Failed", "Terminated"))))
        while self.ended and now - self.ended[0][0] >= self.kept:
            self.ended.popleft()
        self.queue += self.chance.random() < 0.5
        started = 0 if stalled else min(self.queue, CAPACITY - len(self.running))
        self.running += [now + self.chance.randint(5, 40) for _ in range(started)]
        self.queue -= started
        return started

    def seen(self, now: int) -> PoolStats:
        """What ModelArts says."""
        ways = [way for _, way in self.ended]
        counts = {way: ways.count(way) for way in ("Completed", "Failed", "Terminated")}
        return stats(NOON + now * MINUTE, POOL, train={"Queue": self.queue, "Running": len(self.running), **counts})


def life(seed: int, kept: int, *, stall: range) -> Iterator[tuple[int, Breach | None]]:
    """Each minute: for how long jobs have waited of which none started, and whether the rule is breached."""
    cluster, watch = Cluster(random.Random(seed), kept), StuckWatch(stuck(after=f"{AFTER}m"), None)
    well = 0
    for now in range(24 * 60):
        waited = cluster.queue > 0
        if cluster.minute(now, stalled=now in stall) or not waited:
            well = now
        verdict = watch.see(cluster.seen(now))
        yield now - well, verdict if isinstance(verdict, Breach) else None


@pytest.mark.parametrize("kept", KEPT)
@pytest.mark.parametrize("seed", range(4))
def test_a_pool_whose_jobs_start_is_never_stuck(seed: int, kept: str) -> None:
    assert not any(breach for _, breach in life(seed, KEPT[kept], stall=range(0)))


@pytest.mark.parametrize("kept", KEPT)
@pytest.mark.parametrize("seed", range(4))
def test_a_stall_is_told_as_long_as_it_has_lasted_for_what_the_rule_says(seed: int, kept: str) -> None:
    stall = range(700, 1100)
    lasting = list(life(seed, KEPT[kept], stall=stall))

    due = [now for now, (idle, _) in enumerate(lasting) if idle >= AFTER]
    assert due
    assert [now for now, (_, breach) in enumerate(lasting) if breach] == due


@pytest.mark.parametrize("kept", KEPT)
def test_the_reason_says_for_how_long_it_has_been(kept: str) -> None:
    lasting = [(idle, breach) for idle, breach in life(1, KEPT[kept], stall=range(700, 1000)) if breach]

    assert len(lasting) > 200
    for idle, breach in lasting:
        since = timedelta(minutes=idle)
        assert f"nothing has started for {said(since)}" in str(breach.why)


def said(length: timedelta) -> str:
    """As the reason says it."""
    hours, minutes = divmod(int(length.total_seconds()) // 60, 60)
    return f"{hours} h {minutes} min" if hours and minutes else f"{hours} h" if hours else f"{minutes} min"
