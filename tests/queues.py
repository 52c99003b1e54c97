"""A pool made up for tests: jobs come, wait, run and end."""

import random
from collections.abc import Callable
from datetime import timedelta

from bot.core.forecast import LOOKED_AT, Seen
from tests.building import MINUTE, NOON

DAY = timedelta(days=1)
STEP = 5 * MINUTE


def pool(
    days: float,
    *,
    seed: int = 1,
    pace: Callable[[random.Random], float] = lambda luck: luck.expovariate(1),
    ends: bool = True,
) -> list[Seen]:
    """A pool with twenty places and a queue that comes and goes; jobs last about an hour at the given pace."""
    luck = random.Random(seed)
    queue, running, completed = 10, [luck.randint(1, 24) for _ in range(20)], 0
    past: list[Seen] = []
    steps = int(days * DAY / STEP)
    for step in range(steps):
        hour = step * STEP / timedelta(hours=1) % 24
        queue += sum(luck.random() < (0.2 if 8 <= hour < 16 else 0.13) for _ in range(10))
        running = [left - 1 for left in running]
        completed += sum(left <= 0 for left in running)
        running = [left for left in running if left > 0]
        starting = min(queue, 20 - len(running))
        queue -= starting
        running += [max(1, round(12 * pace(luck))) for _ in range(starting)]
        past.append((NOON + step * STEP, counts(Queue=queue, Running=len(running), Completed=completed if ends else 0)))
    return past


def counts(**told: int | None) -> tuple[int | None, ...]:
    """What is read of one moment."""
    return tuple(told.get(status.value, 0) for status in LOOKED_AT)
