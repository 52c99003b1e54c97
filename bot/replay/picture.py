"""Which rows does the picture of a backtest have, and what stands in each?"""

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import assert_never

from bot.charts.model import Limit, Line, Panel, Picture, Span
from bot.charts.thinning import Thinned
from bot.core.alerts import ABSENT, Alert
from bot.core.rules.model import AbsentRule, AlertRule, RatioRule, Severity, SpikeRule, StuckRule, ThresholdRule
from bot.core.rules.spike_constants import ADDED
from bot.core.stats import ENDED, JobStatus, Pool, PoolStats
from bot.replay.order import Recording

# More rows than a person looks through on a phone are left out.
MOST_ROWS = 6
# Two columns of pixels of a usual picture: so many stretches of time are told apart.
_COLUMNS = 420
# A limit that lies further above all that was counted would press the line to the ground.
_FAR = 3
_SEVERITIES = tuple(Severity)
# The middle one of the stretches in which a spike rule counts what was added, in minutes.
_BURST = ADDED.burst
# After a silence longer than this, what was added in it is not taken for a burst, as in the rule. In minutes.
_SILENCE = 30


class Measure(Enum):
    """What of a status is drawn: what its rules judge."""

    LEVEL = ""
    STEP = "added since the last reading"
    BURST = f"added within {_BURST} min"


@dataclass(frozen=True, slots=True)
class Row:
    """Whose count is drawn in one row, and of what; without a metric it is that of all jobs.

    `beside` is a status that is compared with it.
    """

    pool: Pool
    job_type: str | None
    metric: JobStatus | None
    measure: Measure
    beside: JobStatus | None = None

    def __str__(self) -> str:
        """As it is headed."""
        return " · ".join(filter(None, (self.pool.name, self.job_type, " and ".join(self.counted))))

    @property
    def counted(self) -> tuple[str, ...]:
        """What is counted, line by line."""
        first = f"{self.metric or 'all jobs'} {self.measure.value}".rstrip()
        return (first,) if self.beside is None else (first, self.beside.value)

    def counts(self, stats: PoolStats) -> Iterator[int | None]:
        """The count of each line in a reading."""
        yield stats.jobs if self.metric is None else stats.count(self.metric, self.job_type)
        if self.beside is not None:
            yield stats.count(self.beside, self.job_type)


def row_of(rule: AlertRule, pool: Pool, job_type: str | None) -> Row:
    """The row in which alerts of `rule` are drawn."""
    beside = rule.to if isinstance(rule, RatioRule) else None
    return Row(pool, job_type, rule.metric, measure_of(rule), beside)


class Traces:
    """The counts that rules judge, kept as finely as they can be drawn, however many readings there are."""

    def __init__(self, rules: Sequence[AlertRule], recordings: Iterable[Recording]) -> None:
        spans = [span for each in recordings for span in each.spans.values()]
        self.start = _moment(min((first for first, _ in spans), default=0.0))
        self.end = _moment(max((last for _, last in spans), default=0.0))
        self._rules = rules
        self._of_pool: dict[str, list[tuple[Row, Sequence[_Trace]]]] = {}

    def of(self, readings: Iterable[PoolStats]) -> Iterator[PoolStats]:
        """The same readings, noted."""
        for stats in readings:
            traces = self._of_pool.get(stats.pool.id)
            if traces is None:
                traces = self._of_pool[stats.pool.id] = [(row, self._traces(row)) for row in self._rows(stats.pool)]
            at = stats.taken_at.timestamp()
            for row, lines in traces:
                for trace, count in zip(lines, row.counts(stats), strict=True):
                    trace.add(at, count)
            yield stats

    def picture(self, alerts: Sequence[Alert]) -> Picture:
        """The rows in which there were alerts, the worst first."""
        by_row = self._by_row(alerts)
        chosen = sorted(by_row, key=lambda row: (*_weight(by_row[row], self.end), str(row)))
        left_out = chosen[MOST_ROWS:]
        note = f"{len(left_out)} more with alerts: {', '.join(map(str, left_out))}" if left_out else ""
        alerting, read = len({alert.pool.id for alert in alerts}), len(self._of_pool)
        pools = f"{read} pool{'' if read == 1 else 's'}"
        told = f"{len(alerts)} alert{'' if len(alerts) == 1 else 's'} on {alerting} of {pools}"
        traces = {row: lines for each in self._of_pool.values() for row, lines in each}
        return Picture(
            title=told if alerts else f"No alert on {pools}",
            start=self.start,
            end=self.end,
            panels=[self._panel(row, traces[row], by_row[row]) for row in chosen[:MOST_ROWS]],
            note=note,
        )

    def _traces(self, row: Row) -> Sequence["_Trace"]:
        return [_Trace(row.measure, Thinned(self.start, self.end, _COLUMNS)) for _ in row.counted]

    def _rows(self, pool: Pool) -> Iterable[Row]:
        """What is drawn of a pool, each once."""
        covering = (rule for rule in self._rules if rule.covers(pool))
        return dict.fromkeys(row_of(rule, pool, job_type) for rule in covering for job_type in rule.subjects)

    def _by_row(self, alerts: Sequence[Alert]) -> dict[Row, list[Alert]]:
        rules = {rule.name: rule for rule in self._rules}
        found: dict[Row, list[Alert]] = {}
        for alert in alerts:
            found.setdefault(row_of(rules[alert.rule], alert.pool, alert.job_type), []).append(alert)
        return found

    def _panel(self, row: Row, traces: Sequence["_Trace"], alerts: Sequence[Alert]) -> Panel:
        lines = [Line(name, list(trace.thinned.points())) for name, trace in zip(row.counted, traces, strict=True)]
        most = max((value for line in lines for _, value in line.points if value is not None), default=0.0)
        limits = [limit for rule in self._rules if (limit := limit_of(rule, row)) and limit.value <= _FAR * most]
        spans = [
            Span(
                alert.rule,
                alert.fired_at or alert.began_at,
                alert.resolved_at,
                "" if alert.kind == ABSENT else f"{alert.peak:,}",
            )
            for alert in alerts
        ]
        return Panel(str(row), lines, spans, limits)


def measure_of(rule: AlertRule) -> Measure:
    """What is drawn of the status that `rule` judges."""
    match rule:
        case ThresholdRule():
            return Measure.STEP if rule.metric in ENDED else Measure.LEVEL
        case SpikeRule():
            return Measure.BURST if rule.metric in ENDED else Measure.LEVEL
        case RatioRule() | AbsentRule() | StuckRule():
            return Measure.LEVEL
        case _:
            assert_never(rule)


def limit_of(rule: AlertRule, row: Row) -> Limit | None:
    """The fixed limit of `rule` in this row, if it has one there."""
    mine = rule.covers(row.pool) and row.job_type in rule.subjects
    if not isinstance(rule, ThresholdRule) or not mine or rule.metric is not row.metric:
        return None
    if measure_of(rule) is not row.measure:
        return None
    return Limit(rule.above, f"above {rule.above:,} ({rule.name})")


class _Trace:
    """One count over time, as it is judged."""

    def __init__(self, measure: Measure, thinned: Thinned) -> None:
        self.thinned = thinned
        self._measure = measure
        self._before: tuple[float, int] | None = None
        self._steps: deque[tuple[float, int]] = deque()
        self._sum = 0

    def add(self, at: float, count: int | None) -> None:
        """Take in the next reading; what was not reported is a gap."""
        if count is None or self._measure is Measure.LEVEL:
            self.thinned.add(at, count)
            return
        before, self._before = self._before, (at, count)
        if before is None:
            return
        step = max(0, count - before[1])
        if self._measure is Measure.STEP:
            self.thinned.add(at, step)
            return
        if at - before[0] > _SILENCE * 60:
            step = 0
        self._steps.append((at, step))
        self._sum += step
        while self._steps[0][0] <= at - _BURST * 60:
            self._sum -= self._steps.popleft()[1]
        self.thinned.add(at, self._sum)


def _weight(alerts: Sequence[Alert], end: datetime) -> tuple[int, timedelta]:
    """What sorts the rows: how bad at worst, then how long in alert."""
    lasted = ((alert.resolved_at or end) - (alert.fired_at or alert.began_at) for alert in alerts)
    return min(_SEVERITIES.index(alert.severity) for alert in alerts), -sum(lasted, timedelta())


def _moment(at: float) -> datetime:
    return datetime.fromtimestamp(at, UTC)
