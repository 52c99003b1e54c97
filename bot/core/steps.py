"""How did a count move over a long past? Kept as steps, so that one limit after another is tried on it quickly."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count

from bot.core.following import Followed
from bot.core.pace import Pace
from bot.core.rules.model import ThresholdRule
from bot.core.rules.threshold import ThresholdWatch
from bot.core.stats import ENDED, JobStatus, Pool, PoolStats, TypeCounts

# What is tried is a level, whatever it was before: a threshold rule judges what was added just as it judges a level.
_AS_LEVEL = JobStatus.QUEUE
_NOBODY = Pool("", "")


@dataclass(slots=True)
class Step:
    """A time in which a count stayed the same; `after_gap`: nobody had looked for long before it."""

    value: int
    first: datetime
    last: datetime
    readings: int = 1
    after_gap: bool = False


@dataclass(slots=True)
class Steps:
    """What a threshold rule judges of one pool and job type. Feed it every reading, oldest first."""

    metric: JobStatus
    job_type: str | None
    steps: list[Step] = field(default_factory=list)
    _pace: Pace = field(default_factory=Pace)
    _count: int | None = None
    # The last answer, and how many jobs that is.
    _said: tuple[Mapping[str, TypeCounts] | None, int | None] = None, None

    def see(self, stats: PoolStats) -> None:
        """Take in the next reading."""
        after_gap = self._pace.gap(stats.taken_at)
        said, value = self._said
        if said is not stats.types:
            value = stats.count(self.metric, self.job_type)
            self._said = stats.types, value
        self._count_in(stats.taken_at, value, after_gap=after_gap)

    def take(self, at: datetime, number: int | None) -> bool:
        """Take in the next count, for who counts otherwise; whether nobody had looked for long before."""
        after_gap = self._pace.gap(at)
        self._count_in(at, number, after_gap=after_gap)
        return after_gap

    def _count_in(self, at: datetime, number: int | None, *, after_gap: bool) -> None:
        if number is not None and self.metric in ENDED:
            number, self._count = _added(self._count, number, after_gap=after_gap), number
        if number is not None:
            self._add(at, number, after_gap=after_gap)

    def _add(self, at: datetime, value: int, *, after_gap: bool) -> None:
        last = self.steps[-1] if self.steps else None
        if last is not None and last.value == value and not after_gap:
            last.last = at
            last.readings += 1
        else:
            self.steps.append(Step(value, at, at, after_gap=after_gap))


def _added(before: int | None, now: int, *, after_gap: bool) -> int | None:
    """As a threshold rule sees it: after a gap and after a reset there is nothing to judge."""
    return None if before is None or after_gap or now < before else now - before


def alerts_at(rule: ThresholdRule, past: Iterable[Steps], *, since: datetime, most: int) -> int:
    """How many alerts the rule would have told from `since` on; counted to one more than `most`.

    It is the evaluator that runs live, fed with the first and the last reading of every time in which nothing changed
    for this limit: what lies between them cannot make a difference.
    """
    told = 0
    for each in past:
        told += _told(rule, each, since, most - told)
        if told > most:
            break
    return told


def alike(steps: Sequence[Step], *, below: int, above: int) -> list[Step]:
    """The steps with those in one that differ for no limit from `below` to `above`: less than that, or more."""
    made: list[Step] = []
    kind = 0
    for step in steps:
        value = step.value
        of = -1 if value < below else 1 if value > above else 0
        if of and of == kind and not step.after_gap:
            made[-1].last = step.last
        else:
            made.append(Step(value, step.first, step.last, after_gap=step.after_gap))
        kind = of
    return made


def _told(rule: ThresholdRule, past: Steps, since: datetime, most: int) -> int:
    as_level = rule.model_copy(update={"metric": _AS_LEVEL, "types": None})
    followed = Followed(as_level, None, ThresholdWatch(as_level, None).see)
    ids, told = count(1), 0
    for step in _of_one_kind(past.steps, rule):
        if step.after_gap:
            followed.resume(step.first)
        for at in (step.first, step.last):
            alert = followed.see(_reading(step.value, at), lambda: str(next(ids)))
            told += alert is not None and (alert.resolved_at or at) > since
        if told > most:
            return told
    return told + (followed.standing is not None)


def _of_one_kind(steps: Sequence[Step], rule: ThresholdRule) -> Iterator[Step]:
    """The steps with those in one that mean the same: above the limit, in between, or below where it clears."""
    above = rule.above
    below = max(above if rule.clear_below is None else rule.clear_below, 1)
    made: Step | None = None
    kind = -1
    for step in steps:
        value = step.value
        of = 2 if value > above else 0 if value < below else 1
        if made is not None and of == kind and not step.after_gap:
            made.last = step.last
            continue
        if made is not None:
            yield made
        made, kind = Step(value, step.first, step.last, after_gap=step.after_gap), of
    if made is not None:
        yield made


def _reading(value: int, at: datetime) -> PoolStats:
    return PoolStats(_NOBODY, at, {"": TypeCounts({_AS_LEVEL: value})})
