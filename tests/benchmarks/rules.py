"""What does it cost to judge a reading, and does it cost more the longer the history is?"""

import random
import sys
import time
from collections import deque
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from enum import Enum
from itertools import count

from pydantic import BaseModel

from bot.core.alerts import Alert
from bot.core.judge import PoolJudge
from bot.core.rules.model import SHIPPED, AbsentRule, AlertRule, RatioRule, SpikeRule, StuckRule, ThresholdRule
from bot.core.rules.spike import SpikeWatch
from bot.core.rules.spike_constants import AddedConstants, LevelConstants
from bot.core.rules.stuck import StuckWatch
from bot.core.stats import JobStatus, Pool, PoolStats, TypeCounts
from tests.benchmarks.figures import Costs, Report, Work
from tests.benchmarks.straight import PlainRules
from tests.benchmarks.ticks import measure_ticks

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
POOL = Pool("train-a100-86c13962597848eeb29c5861153a391f", "train-a100")
TWO_LIMITS: tuple[AlertRule, ...] = (
    ThresholdRule(name="long queue", metric=JobStatus.QUEUE, above=200, clear_below=150),
    ThresholdRule(name="failures", metric=JobStatus.FAILED, above=20),
)
TEN: tuple[AlertRule, ...] = tuple(
    rule.model_copy(update={"name": f"{rule.name} {number}"}) for number in range(5) for rule in SHIPPED
)
OTHERS: dict[str, tuple[AlertRule, ...]] = {
    "1 ratio rule": (RatioRule(name="crowded", metric=JobStatus.QUEUE, to=JobStatus.RUNNING, above=2),),
    "1 stuck rule": (StuckRule(name="stuck"),),
    "1 absent rule": (AbsentRule(name="no data"),),
}
RULES = {"2 threshold rules": TWO_LIMITS, "the 2 shipped spike rules": SHIPPED, "10 spike rules": TEN, **OTHERS}


class Replayed:
    """One pool judged by some rules, with its open alerts as they stand."""

    def __init__(self, rules: Iterable[AlertRule]) -> None:
        self._judge = PoolJudge(POOL, rules)
        self._ids = count(1)
        self._open: dict[str, Alert] = {}
        self.told = 0

    def see(self, readings: Iterable[PoolStats]) -> None:
        """Judge the readings as they come."""
        for stats in readings:
            for change in self._judge.see(stats, tuple(self._open.values()), new_id=lambda: str(next(self._ids))):
                alert = change.alert
                if alert.open:
                    self._open[alert.id] = alert
                else:
                    self._open.pop(alert.id, None)
                    self.told += alert.told


def measure(*, days: int = 30, minutes_a_day: int = 1440, pools: int = 1000, known: int = 7) -> Report:
    """A month of one pool judged reading by reading, and ticks of many pools, beside plain rules in memory."""
    report = Report(f"rules: {days} days of one pool, {minutes_a_day:,} readings a day, CPU per reading")
    replayed = {name: Replayed(rules) for name, rules in RULES.items()}
    plain, watch, stuck = PlainRules(), SpikeWatch(_queue_spike(), None), StuckWatch(StuckRule(name="stuck"), None)
    spent: dict[str, list[float]] = {name: [] for name in ("floor", *RULES)}
    sizes = []
    for day in range(days):
        readings = day_of(day, minutes_a_day)
        spent["floor"].append(_timed(lambda: _plainly(plain, readings), readings))  # noqa: B023 - called at once
        for name, each in replayed.items():
            spent[name].append(_timed(lambda: each.see(readings), readings))  # noqa: B023 - called at once
        for stats in readings:
            watch.see(stats)
            stuck.see(stats)
        sizes.append(state_size(watch))
    costs = {name: Costs(tuple(of_days)) for name, of_days in spent.items()}
    report.add("floor: two plain rules in memory", costs["floor"], "us/reading")
    for name in RULES:
        report.add(f"PoolJudge, {name}", costs[name], "us/reading", floor=costs["floor"])
    shipped = costs["the 2 shipped spike rules"].rounds
    week = min(7, max(1, days // 2))
    first, last = Costs(shipped[:week]), Costs(shipped[-week:])
    report.add("the 2 shipped spike rules in the last week", last, "us/reading", floor=first, of="the first week")
    report.count("alerts told by the shipped rules", replayed["the 2 shipped spike rules"].told, "alerts")
    report.count("state of a SpikeWatch in the end", sizes[-1], "bytes", floor=sizes[0], of="the first day's")
    report.count("state of a StuckWatch in the end, of 2 job types", state_size(stuck), "bytes")
    measure_ticks(report, pools=pools, days=known)
    return report


def day_of(day: int, minutes: int) -> list[PoolStats]:
    """A day's readings: a queue with the habits of a day, jobs that end now and then, and a spike every third day."""
    chance = random.Random(day)
    readings = []
    failed, completed = 10 * day, 400 * day
    spike = range(minutes // 2, minutes // 2 + 30) if day % 3 == 1 else range(0)
    for minute in range(minutes):
        busy = 20 + 30 * abs(minute / minutes - 0.5)
        queue = int(chance.expovariate(1 / busy)) // 2 + (400 if minute in spike else 0)
        failed += (chance.random() < 0.01) + (3 if minute in spike else 0)
        completed += chance.random() < 0.3
        train = {
            JobStatus.QUEUE: queue,
            JobStatus.RUNNING: 40,
            JobStatus.COMPLETED: completed,
            JobStatus.FAILED: failed,
        }
        types = {"train": TypeCounts(train), "infer": TypeCounts({JobStatus.RUNNING: 12})}
        readings.append(PoolStats(POOL, NOON + timedelta(days=day) + minute * MINUTE, types))
    return readings


def _plainly(rules: PlainRules, readings: Iterable[PoolStats]) -> None:
    for stats in readings:
        rules.see(0, stats.count(JobStatus.QUEUE) or 0, stats.count(JobStatus.FAILED) or 0)


def _timed(work: Work, readings: list[PoolStats]) -> float:
    began = time.process_time()
    work()
    return (time.process_time() - began) * 1e6 / len(readings)


def _queue_spike() -> SpikeRule:
    return next(rule for rule in SHIPPED if isinstance(rule, SpikeRule))


def state_size(watch: object) -> int:
    """What a watch holds by itself, in bytes of CPython objects; its rule belongs to all pools."""
    return _deep_size(watch, set())


def _deep_size(value: object, seen: set[int]) -> int:
    """`value` and everything in it, each thing once; what all share (types, enums, rules, constants) is nobody's."""
    if id(value) in seen or isinstance(value, type | Enum | BaseModel | LevelConstants | AddedConstants):
        return 0
    seen.add(id(value))
    own = vars(value) if hasattr(value, "__dict__") else {}
    slots = [getattr(value, name) for name in getattr(value, "__slots__", ()) if hasattr(value, name)]
    within = [*value, *value.values()] if isinstance(value, dict) else []
    within += [*value] if isinstance(value, deque | list | tuple) else []
    size = sys.getsizeof(value) + (sys.getsizeof(own) if own else 0)
    return size + sum(_deep_size(each, seen) for each in (*own.values(), *slots, *within))
