"""When will those who wait now have been started? A range from the pool's own past, or the reason why there is none.

What is forecast can be counted afterwards: the time until the pool has started as many jobs as wait now, whoever comes
meanwhile. Every quarter of an hour of the past in which a similar number waited is a case: how long that took, as a
multiple of what the pool's pace at that moment promised. The middle four fifths of these multiples, times what the
present pace promises, are the range. The past also says what such ranges were worth: each case is forecast from those
that were over by then, and where too few were right, nothing is said.
"""

import math
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from bot.core.because import Because, Why
from bot.core.language import N_
from bot.core.rules.starts import Begun, starts
from bot.core.stats import JobStatus

# What has to be read of each moment, in this order.
LOOKED_AT = (
    JobStatus.QUEUE,
    JobStatus.PENDING,
    JobStatus.CREATING,
    JobStatus.RUNNING,
    JobStatus.TERMINATING,
    JobStatus.ABNORMAL,
    JobStatus.COMPLETED,
    JobStatus.TERMINATED,
    JobStatus.FAILED,
)
HISTORY = timedelta(days=14)
SHORTEST_HISTORY = timedelta(days=3)
# Fewer than these are told one by one, and start one by one.
FEWEST_WAITING = 3
LONGEST = timedelta(days=1)

# So many wait that people ask when it is over: several, and hardly ever so many in the last hours.
HIGH = 5
_HIGHER_THAN = 0.75

_INSIDE = 0.8
_STEP = 900.0
_PACE = 2 * 3600.0  # the pool's pace is what it started in so long, as much again at its usual pace added
_GAP = 1800.0
_ALIKE = 3.0  # a third to three times as many waited
_CASES_APART = 6 * 3600.0  # cases nearer to each other tell the same story
_FEWEST_STORIES = 8
_FEWEST_SCORED = 12
_MOST_SCORED = 60
_WORST_SCORE = 0.65
_WIDEST = 12.0  # from now to whenever is no range

Seen = tuple[datetime, Sequence[int | None]]


@dataclass(frozen=True, slots=True)
class Drain:
    """When as many jobs as wait now will have started.

    Attributes:
        waiting: How many wait.
        least, most: In four of five such cases it took between these.
        cases: From how many moments of the past that is known.
        scored: How many ranges of the past could be compared with what came.
        right: How many of these were right.
        started: How many have started within the last two hours.
        came: How many came to wait within the last two hours.
    """

    waiting: int
    least: timedelta
    most: timedelta
    cases: int
    scored: int
    right: int
    started: int
    came: int


@dataclass(frozen=True, slots=True)
class NoForecast:
    """Nothing is forecast; `why` continues the sentence “no forecast: ”."""

    why: Why


Forecast = Drain | NoForecast


@dataclass(frozen=True, slots=True)
class _Case:
    at: float
    waiting: int
    promised: float
    over_at: float

    @property
    def multiple(self) -> float:
        return (self.over_at - self.at) / self.promised


def drain(past: Sequence[Seen], *, now: datetime) -> Forecast:
    """The range for those who wait at the last of `past`.

    Args:
        past: Readings, oldest first, each with the counts of `LOOKED_AT`; fourteen days of them are enough.
        now: The time of the question.
    """
    course = Course([(at.timestamp(), counts) for at, counts in past if counts[0] is not None])
    if not course.times or now.timestamp() - course.times[-1] > _GAP:
        return NoForecast(Because("there is no recent reading that reports Queue"))
    last = len(course.times) - 1
    waiting = course.queue[last]
    if waiting < FEWEST_WAITING:
        return NoForecast(Because("only {number} wait", number=waiting) if waiting else Because("nothing waits"))
    if course.times[last] - course.times[0] < SHORTEST_HISTORY.total_seconds():
        return NoForecast(Because("it takes {number} days of readings to know this pool", number=SHORTEST_HISTORY.days))
    if not course.ends_told:
        return NoForecast(Because("ModelArts does not count here which jobs have ended, so starts cannot be counted"))
    promised = course.promised(last)
    if promised is None:
        return NoForecast(Because("the last two hours were not read without a gap"))
    cases = list(course.cases())
    alike = [case for case in cases if _alike(case, waiting)]
    if _stories(alike) < _FEWEST_STORIES:
        return NoForecast(Because("so many have waited too seldom in the last days to learn from it"))
    least, most = _range([case.multiple for case in alike], promised)
    if most > LONGEST.total_seconds():
        return NoForecast(Because("it often took more than a day"))
    if most > _WIDEST * max(least, 60.0):
        return NoForecast(Because("it took too differently long in such cases"))
    scored, right = _scored(cases, waiting)
    if scored < _FEWEST_SCORED:
        return NoForecast(Because("too few such cases are over to know what a forecast is worth"))
    if right < _WORST_SCORE * scored:
        said = N_("only {right} of {scored} such forecasts would have been right in the last days")
        return NoForecast(Because(said, right=right, scored=scored))
    started, came = course.lately(last)
    return Drain(waiting, timedelta(seconds=least), timedelta(seconds=most), len(alike), scored, right, started, came)


def is_high(waiting: int | None, lately: Sequence[int | None]) -> bool:
    """Whether so many wait that a forecast is worth a word unasked, beside those that waited in the last hours."""
    if waiting is None or waiting < HIGH:
        return False
    known = sorted(count for count in lately if count is not None)
    return not known or waiting > known[math.ceil(_HIGHER_THAN * len(known)) - 1]


class Course:
    """What is known of a pool over time: who waits, and how many have ever been started."""

    def __init__(self, readings: Sequence[tuple[float, Sequence[int | None]]]) -> None:
        self.times = [at for at, _ in readings]
        self.queue: list[int] = []
        self.started: list[int] = []
        known: Sequence[int] = ()
        told: Sequence[int | None] = ()
        total = 0
        for _, counts in readings:
            # Mostly nothing has changed since the reading before.
            if counts != told:
                seen = _known(counts, known)
                total += _started(known, seen) if known else 0
                known, told = seen, counts
            self.queue.append(known[0])
            self.started.append(total)
        # Without the jobs that ended, a start that takes the place of an end cannot be seen.
        self.ends_told = any(any(counts[6:9]) for _, counts in readings)
        # The readings after which nothing was read for long.
        self._gaps = [index for index, (a, b) in enumerate(pairwise(self.times)) if b - a > _GAP]

    def promised(self, index: int) -> float | None:
        """How many seconds the pace of that moment promises for those who waited then; `None` where it is not known."""
        at = self.times[index]
        first = bisect_left(self.times, at - _PACE)
        if at - self.times[0] < _PACE or self._has_gap(max(0, first - 1), index):
            return None
        recent = self.started[index] - self.started[first]
        usual = (self.started[index] - self.started[0]) / (at - self.times[0])
        pace = (recent + usual * _PACE) / (2 * _PACE)
        return self.queue[index] / pace if pace > 0 else None

    def cases(self) -> Iterator[_Case]:
        """Each quarter of an hour in which jobs waited; what is not over yet took longer than any."""
        due = self.times[0] + _PACE
        for index, at in enumerate(self.times):
            if at < due:
                continue
            due += _STEP * max(1, math.ceil((at - due) / _STEP))
            waiting = self.queue[index]
            promised = self.promised(index) if waiting >= FEWEST_WAITING else None
            if promised is None:
                continue
            over = bisect_left(self.started, self.started[index] + waiting, lo=index)
            if self._has_gap(index, min(over, len(self.times) - 1)):
                continue
            yield _Case(at, waiting, promised, self.times[over] if over < len(self.times) else math.inf)

    def lately(self, index: int) -> tuple[int, int]:
        """How many have started within two hours, and how many came."""
        first = bisect_left(self.times, self.times[index] - _PACE)
        left = self.started[index] - self.started[first]
        return left, max(0, self.queue[index] - self.queue[first] + left)

    def _has_gap(self, first: int, last: int) -> bool:
        place = bisect_left(self._gaps, first)
        return place < len(self._gaps) and self._gaps[place] < last


def _known(counts: Sequence[int | None], before: Sequence[int]) -> Sequence[int]:
    """The counts, with what was known before in the place of what is not reported."""
    if None not in counts:
        return counts  # type: ignore[return-value] # all are numbers
    return [(before[place] if before else 0) if count is None else count for place, count in enumerate(counts)]


def _started(before: Sequence[int], now: Sequence[int]) -> int:
    """How many jobs have left the queue between two readings, at least."""
    begun = starts(_begun(before), _begun(now))
    return max(begun, before[0] - now[0], 0)


def _begun(counts: Sequence[int]) -> Begun:
    return counts[1] + counts[2] + counts[3] + counts[4] + counts[5], counts[6], counts[7], counts[8]


def _alike(case: _Case, waiting: int) -> bool:
    return waiting / _ALIKE <= case.waiting <= waiting * _ALIKE


def _stories(cases: Sequence[_Case]) -> int:
    return len({case.at // _CASES_APART for case in cases})


def _range(multiples: Sequence[float], promised: float) -> tuple[float, float]:
    """The middle of the multiples, times what is promised."""
    ordered = sorted(multiples)
    tail = (1 - _INSIDE) / 2
    return promised * _part(ordered, tail), promised * _part(ordered, 1 - tail)


def _part(ordered: Sequence[float], share: float) -> float:
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def _scored(cases: Sequence[_Case], waiting: int) -> tuple[int, int]:
    """Of how many cases the range could be compared with what came, and how often it was right.

    Each is forecast from the cases before it as they stood then: what was not over by then took longer than any.
    """
    alike = [case for case in cases if _alike(case, waiting)]
    moments = [case.at for case in alike]
    spread = alike[:: max(1, len(alike) // _MOST_SCORED)]
    scored = right = 0
    for case in spread:
        known = alike[: bisect_right(moments, case.at - _STEP / 2)]
        if _stories(known) < _FEWEST_STORIES // 2:
            continue
        multiples = [each.multiple if each.over_at <= case.at else math.inf for each in known]
        least, most = _range(multiples, case.promised)
        if case.over_at == math.inf and alike[-1].at - case.at <= most:
            continue
        scored += 1
        right += least <= case.over_at - case.at <= most
    return scored, right
