"""What does it cost to judge a tick of many pools by ten rules, and does it cost more the longer they are known?"""

import gc
import time
from collections.abc import Sequence
from datetime import timedelta
from itertools import count

from bot.core.alerts import Alert
from bot.core.judge import PoolJudge
from bot.core.rules.model import AbsentRule, AlertRule, RatioRule, SpikeRule, StuckRule, ThresholdRule
from bot.core.stats import JobStatus, Pool, PoolStats, TypeCounts
from tests.benchmarks.figures import Costs, Report
from tests.benchmarks.lines import CannotMeasure
from tests.benchmarks.pasts import A_DAY, MINUTE, POOL, START, month_of
from tests.benchmarks.straight import PlainRules

# Every kind there is, those most that are shipped and that people write first.
MIX: tuple[AlertRule, ...] = (
    SpikeRule(name="queue spike", metric=JobStatus.QUEUE),
    SpikeRule(name="failures spike", metric=JobStatus.FAILED),
    SpikeRule(name="pending spike", metric=JobStatus.PENDING),
    ThresholdRule(name="long queue", metric=JobStatus.QUEUE, above=60, clear_below=40, hold_for=timedelta(minutes=10)),
    ThresholdRule(name="many failures", metric=JobStatus.FAILED, above=20),
    ThresholdRule(name="broken", metric=JobStatus.ABNORMAL, above=30, types=("train", "infer")),
    RatioRule(name="crowded", metric=JobStatus.QUEUE, to=JobStatus.RUNNING, above=2, clear_below=1.5),
    RatioRule(name="slow to start", metric=JobStatus.CREATING, to=JobStatus.RUNNING, above=1, at_least=20),
    StuckRule(name="stuck"),
    AbsentRule(name="no data"),
)
# Of the past each pool reads so much, so seldom that nobody would call it a gap; then an hour of minutes is measured.
LEARNT_EVERY = 30
HOUR = 60
# How far apart the pools are in what happens to them, in minutes.
APART = 10
# A queue that makes every rule on it fire.
FLOOD = 900


class Fleet:
    """Pools judged by the mix, with their open alerts as they stand."""

    def __init__(self, pools: int) -> None:
        self._pools = [Pool(f"pool-{number:04}", f"pool-{number}") for number in range(pools)]
        self._judges = [PoolJudge(pool, MIX) for pool in self._pools]
        self._open: list[dict[str, Alert]] = [{} for _ in self._pools]
        self._ids = count(1)
        self.told = 0

    def learn(self, readings: Sequence[PoolStats]) -> None:
        """What a bot does that starts, with a reading of each pool."""
        for judge, stats in zip(self._judges, readings, strict=True):
            judge.learn(stats)

    def tick(self, readings: Sequence[PoolStats]) -> float:
        """Judge a reading of each pool; the milliseconds of CPU."""
        began = time.process_time()
        for judge, standing, stats in zip(self._judges, self._open, readings, strict=True):
            for change in judge.see(stats, tuple(standing.values()), new_id=self._new_id):
                alert = change.alert
                if alert.open:
                    standing[alert.id] = alert
                else:
                    standing.pop(alert.id, None)
                    self.told += alert.told
        return (time.process_time() - began) * 1000

    def readings(self, past: Sequence[PoolStats], minute: int, flood: int = 0) -> list[PoolStats]:
        """What each pool answers in a minute, in objects of its own, as an answer from outside is made."""
        at = START + minute * MINUTE
        return [
            PoolStats(pool, at, {name: _afresh(counts, flood) for name, counts in past[place].types.items()})
            for pool, place in zip(self._pools, count(minute, APART))
        ]

    @property
    def firing(self) -> int:
        """Pools with an alert that people were told of."""
        return sum(any(alert.told for alert in standing.values()) for standing in self._open)

    def _new_id(self) -> str:
        return str(next(self._ids))


def measure_ticks(report: Report, *, pools: int, days: int) -> None:
    """Ticks of an hour after a day and after more days, and what it costs when all pools fire at once."""
    early, late = A_DAY, max(days * A_DAY, A_DAY + HOUR)
    past = list(month_of(POOL, late + 2 * HOUR + pools * APART))
    # The past is ours: in the bot no collector of garbage goes through it.
    gc.collect()
    gc.freeze()
    fleet, plain = Fleet(pools), [PlainRules() for _ in MIX[::2]]
    _learn(fleet, past, range(0, early, LEARNT_EVERY))
    first, floor = _an_hour(fleet, past, early, plain)
    _learn(fleet, past, range(early + HOUR, late, LEARNT_EVERY))
    last, floor_last = _an_hour(fleet, past, late, plain)
    floors = Costs(floor.rounds + floor_last.rounds)
    report.add(f"floor: a tick of {pools:,} pools, {len(MIX)} plain rules in memory", floors, "ms")
    what = f"a tick of {pools:,} pools, {len(MIX)} rules of all kinds"
    report.add(f"{what}, after a day", first, "ms", floor=floor)
    report.add(f"{what}, after {days} days", last, "ms", floor=floor_last)
    report.count("  as much as after a day", last.usual, "ms", floor=first.usual, of="after a day")
    report.count("  the dearest, in which an hour begins", max(last.rounds), "ms", floor=last.usual, of="the usual")
    report.count("alerts told so far", fleet.told, "alerts")
    storm = [fleet.tick(fleet.readings(past, late + HOUR + minute, FLOOD + minute)) for minute in range(10)]
    if fleet.firing < pools:
        raise CannotMeasure(f"{fleet.firing} of {pools} pools fired")
    gc.unfreeze()
    report.count("a tick in which all of them fire, the dearest", max(storm), "ms", floor=last.usual, of="the usual")


def _learn(fleet: Fleet, past: Sequence[PoolStats], minutes: range) -> None:
    for minute in minutes:
        fleet.learn(fleet.readings(past, minute))


def _an_hour(fleet: Fleet, past: Sequence[PoolStats], start: int, plain: Sequence[PlainRules]) -> tuple[Costs, Costs]:
    """The cost of each tick, and of the floor's."""
    ours: list[float] = []
    floor: list[float] = []
    gc.collect()
    for minute in range(start, start + HOUR):
        readings = fleet.readings(past, minute)
        floor.append(_plainly(plain, readings))
        ours.append(fleet.tick(readings))
    return Costs(tuple(ours)), Costs(tuple(floor))


def _plainly(rules: Sequence[PlainRules], readings: Sequence[PoolStats]) -> float:
    began = time.process_time()
    for number, stats in enumerate(readings):
        queue, failed = stats.count(JobStatus.QUEUE) or 0, stats.count(JobStatus.FAILED) or 0
        for each in rules:
            each.see(number, queue, failed)
    return (time.process_time() - began) * 1000


def _afresh(counts: TypeCounts, flood: int) -> TypeCounts:
    status = dict(counts.status)
    if flood:
        status[JobStatus.QUEUE] = flood
    return TypeCounts(status)
