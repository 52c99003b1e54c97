"""How many messages does flap control save, and does it miss what lasted?

On labelled recordings, three ways of telling the same trouble to one channel are counted:

* a plain limit per pool and status: it tells every crossing and every end;
* the same limits with flap control: held for a while, cleared below the limit, grouped into incidents;
* the rules that are shipped, grouped into incidents.

A message is a post in the channel or an entry in a thread; it is loud when the channel sees it, so that it notifies.
Edits in place are neither: they notify nobody and add nothing to read.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

from bot.core.alerts import Alert
from bot.core.gathering import follow
from bot.core.rules.model import SHIPPED, AlertRule, ThresholdRule
from bot.core.stats import ENDED, JobStatus, PoolStats
from bot.replay.recorded import readings
from tests.benchmarks.scoring import METRICS, scored

# Flap control of a threshold rule, the same for every pool: it tells a quarter of an hour later, and for an hour more.
HOLD_FOR, CLEAR_AFTER, OPEN_AT_LEAST, CLEAR_AT = "15m", "1h", "1h", 0.5
# What was above its limit for longer than this must not be missed.
MINUTE = timedelta(minutes=1)
LONG = 30 * MINUTE
MOST_MESSAGES = 0.30
# Limits are chosen by which share of the pool's readings is not above them. These are tried for the best F1 …
TRIED = (0.5, 0.8, 0.9, 0.95, 0.97, 0.98, 0.985, 0.99, 0.9925, 0.995, 0.9965, 0.998, 0.999, 0.9993, 0.9996, 0.9998)
# … and this is one as a person sets it who looks at a chart.
BY_EYE = (0.95,)

Limits = Mapping[tuple[str, str], int]


@dataclass(frozen=True, slots=True)
class Stretch:
    """A time during which a count was above a limit."""

    pool: str
    metric: str
    start: datetime
    end: datetime

    def as_told(self) -> Mapping[str, Any]:
        """As the scorer wants it."""
        return {"pool": self.pool, "metric": self.metric, "start": self.start.timestamp(), "end": self.end.timestamp()}


@dataclass(slots=True)
class Count:
    """What one way of telling told."""

    posts: int = 0
    entries: int = 0
    loud: int = 0
    alerts: dict[str, Alert] = field(default_factory=dict)

    @property
    def messages(self) -> int:
        """Everything that is there to read."""
        return self.posts + self.entries

    def covers(self, stretch: Stretch) -> bool:
        """Whether something was told of the stretch before it was over."""
        return any(
            alert.pool.id == stretch.pool
            and alert.metric == stretch.metric
            and (alert.fired_at or alert.began_at) <= stretch.end
            and (alert.resolved_at is None or alert.resolved_at >= stretch.start)
            for alert in self.alerts.values()
        )


@dataclass(slots=True)
class Told:
    """What limits chosen in one way tell, with and without flap control; `long`: what was above them for long."""

    plain: Count = field(default_factory=Count)
    controlled: Count = field(default_factory=Count)
    long: list[Stretch] = field(default_factory=list)

    def add(self, labels: Mapping[str, Any], found: Sequence[PoolStats], shares: Sequence[float]) -> None:
        """Count what is told of these readings."""
        limits = chosen_limits(labels, found, shares)
        crossed = list(crossings(labels, found, limits))
        self.long += [each for each in crossed if each.end - each.start > LONG]
        self.plain.posts += 2 * len(crossed)
        self.plain.loud += 2 * len(crossed)
        tell(self.controlled, controlled_rules(limits), found, labels)


def report(labels: Mapping[str, Any], files: Iterable[Path]) -> Iterator[str]:
    """The counts, beside each other."""
    settings = (
        ("the best F1 on this very data", TRIED, Told()),
        ("so that 5 % of the readings are above", BY_EYE, Told()),
    )
    shipped = Count()
    for file in files:
        found = list(readings(file))
        for _, shares, told in settings:
            told.add(labels, found, shares)
        tell(shipped, SHIPPED, found, labels)
    yield f"messages to one channel about {len(labels['pools'])} pools, and beside (a)"
    yield f"  {'':<60} posts  entries  together         loud"
    for name, _, told in settings:
        yield _row(f"(a) a limit per pool, {name}", told.plain, told.plain)
        yield _row("(b) the same limits, flap control on", told.controlled, told.plain)
        yield _row("(c) the shipped rules", shipped, told.plain)
        missed = [each for each in told.long if not told.controlled.covers(each)]
        yield f"  of {len(told.long)} longer than {LONG // MINUTE} min that (a) told, (b) missed {len(missed)}"
        for each in missed:
            yield f"    {each.pool} {each.metric} {each.start:%Y-%m-%d %H:%M}, {(each.end - each.start) // MINUTE} min"
        for what, ours, theirs in (
            ("messages", told.controlled.messages, told.plain.messages),
            ("loud messages", told.controlled.loud, told.plain.loud),
        ):
            reached = ours <= MOST_MESSAGES * theirs and not missed
            said = f"{what} of (b), with no long one missed"
            yield f"  {said:<60} {_share(ours, theirs):.3f} ≤ {MOST_MESSAGES} {'reached' if reached else 'missed'}"


def _row(name: str, told: Count, plain: Count) -> str:
    beside = (_share(told.messages, plain.messages), _share(told.loud, plain.loud))
    return (
        f"  {name:<60} {told.posts:>5}  {told.entries:>7}  {told.messages:>5} {beside[0]:.2f}"
        f"  {told.loud:>5} {beside[1]:.2f}"
    )


def _share(ours: int, theirs: int) -> float:
    return ours / theirs if theirs else 0.0


def chosen_limits(labels: Mapping[str, Any], found: Sequence[PoolStats], shares: Sequence[float]) -> Limits:
    """For each pool and status that limit among those with these shares of the readings below which has the best F1."""
    by_pool: dict[str, list[PoolStats]] = defaultdict(list)
    for stats in found:
        by_pool[stats.pool.id].append(stats)
    best = {}
    for pool, of_pool in by_pool.items():
        for metric in METRICS:
            values = list(_judged(of_pool, JobStatus(metric)))
            ordered = sorted(value for _, value in values)
            limits = sorted({ordered[int((len(ordered) - 1) * share)] for share in shares})
            tried = [(_f1(labels, pool, metric, stretches(pool, metric, values, limit)), limit) for limit in limits]
            best[pool, metric] = max(tried)[1]
    return best


def crossings(labels: Mapping[str, Any], found: Sequence[PoolStats], limits: Limits) -> Iterator[Stretch]:
    """Everything above the limits after the time that is not scored."""
    for (pool, metric), limit in limits.items():
        values = _judged((stats for stats in found if stats.pool.id == pool), JobStatus(metric))
        for each in stretches(pool, metric, values, limit):
            if each.start.timestamp() >= labels["pools"][pool]["score_from"]:
                yield each


def stretches(pool: str, metric: str, values: Iterable[tuple[datetime, int]], limit: int) -> list[Stretch]:
    """When the values were above the limit: from the first reading that is to the first that is not."""
    found: list[Stretch] = []
    began = last = None
    for at, value in values:
        last = at
        if value > limit:
            began = began or at
        elif began is not None:
            found.append(Stretch(pool, metric, began, at))
            began = None
    if began is not None and last is not None:
        found.append(Stretch(pool, metric, began, last))
    return found


def controlled_rules(limits: Limits) -> list[AlertRule]:
    """The same limits as rules with flap control."""
    return [
        ThresholdRule.model_validate({
            "name": f"{metric} of {pool}"[:80],
            "metric": metric,
            "pools": [pool],
            "above": limit,
            "clear_below": int(limit * CLEAR_AT) if JobStatus(metric) not in ENDED else None,
            "hold_for": HOLD_FOR if JobStatus(metric) not in ENDED else "0s",
            "clear_after": CLEAR_AFTER,
            "open_at_least": OPEN_AT_LEAST,
        })
        for (pool, metric), limit in limits.items()
    ]  # fmt: skip


def tell(counted: Count, rules: Sequence[AlertRule], found: Sequence[PoolStats], labels: Mapping[str, Any]) -> None:
    """Count what people would have been told after the time that is not scored."""
    before = len(counted.alerts)
    numbers = count(1)
    for stats, updates in follow(rules, found, new_id=lambda: f"{before}-{next(numbers)}"):
        is_scored = stats.taken_at.timestamp() >= labels["pools"][stats.pool.id]["score_from"]
        for update in updates:
            counted.alerts |= {member.alert.id: member.alert for member in update.incident.members}
            if is_scored:
                counted.posts += update.opened
                counted.entries += len(update.entries)
                counted.loud += update.opened + sum(entry.aloud for entry in update.entries)


def _judged(of_pool: Iterable[PoolStats], metric: JobStatus) -> Iterator[tuple[datetime, int]]:
    """What a limit is compared with: the count, or what a reading adds to it where jobs end in that status."""
    last: int | None = None
    for stats in of_pool:
        value = stats.count(metric)
        if value is None:
            continue
        if metric not in ENDED:
            yield stats.taken_at, value
            continue
        if last is not None:
            yield stats.taken_at, max(0, value - last)
        last = value


def _f1(labels: Mapping[str, Any], pool: str, metric: str, told: Sequence[Stretch]) -> float:
    of_pool = {name: [each for each in labels[name] if each["pool"] == pool] for name in ("events", "ignore", "decoys")}
    given = [each.as_told() for each in told]
    return scored({**of_pool, "pools": labels["pools"]}, given, pools={pool})[metric].f1
