"""Do rules say what a unit test expects of them? The readings go through the same judge as live ones."""

import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from bot.core.alerts import Alert
from bot.core.judge import replay
from bot.core.rules.model import AlertRule
from bot.core.stats import Pool, PoolStats
from bot.replay.notation import Gap, Value
from bot.replay.suite import Firing, RuleTest, Suite, Told, offset_text, readings_of, values_of

_E = TypeVar("_E", Firing, Told)
# How many readings are shown on either side of where a difference is.
AROUND = 4


@dataclass(frozen=True, slots=True)
class Difference:
    """Where what was seen is not what was expected; `lines` show it, with the series around."""

    where: str
    lines: tuple[str, ...]


def differences(test: RuleTest, suite: Suite, rules: Sequence[AlertRule]) -> Iterator[Difference]:
    """Everything that is not as the test expects it."""
    readings = readings_of(test, suite)
    for check in test.expect:
        moment = suite.start + check.at
        seen = _alerts(rules, test, suite, [stats for stats in readings if stats.taken_at <= moment], moment)
        firing = [alert for alert in seen if alert.open]
        yield from _compared(_Side(test, suite), f"firing at {offset_text(check.at)}", check.firing, firing, check.at)
    if test.alerts is not None:
        last = suite.start + suite.interval * (test.length - 1)
        seen = _alerts(rules, test, suite, readings, last)
        yield from _compared(_Side(test, suite), "all alerts", test.alerts, seen, None)


def _alerts(
    rules: Sequence[AlertRule], test: RuleTest, suite: Suite, readings: Sequence[PoolStats], until: datetime
) -> list[Alert]:
    """Every alert up to `until`; a pool whose first poll fails is watched all the same."""
    numbers = itertools.count(1)
    watched = {Pool(name, name): suite.start for name in test.series}
    found = replay(rules, readings, new_id=lambda: str(next(numbers)), until=until, watched=watched)
    return sorted(found, key=lambda alert: (_start(alert), alert.pool.id, alert.rule, alert.job_type or ""))


def _start(alert: Alert) -> datetime:
    return alert.fired_at or alert.began_at


@dataclass(frozen=True, slots=True)
class _Side:
    """What the words about a difference need to know."""

    test: RuleTest
    suite: Suite

    def offset(self, moment: datetime) -> timedelta:
        return moment - self.suite.start

    def fits(self, expected: Firing | Told, alert: Alert) -> bool:
        """Whether the alert is all that is said of it."""
        said: list[tuple[object, object]] = [
            (expected.rule, alert.rule),
            (expected.pool, alert.pool.id),
            (expected.type, alert.job_type),
            (expected.severity, alert.severity),
            (expected.peak, alert.peak),
        ]
        if isinstance(expected, Firing):
            said.append((expected.value, alert.value))
        else:
            ended = "open" if alert.resolved_at is None else self.offset(alert.resolved_at)
            said += [(expected.start, self.offset(_start(alert))), (expected.end, ended)]
        return all(wanted is None or wanted == seen for wanted, seen in said)

    def expected(self, expected: Firing | Told) -> str:
        """In words."""
        about = " ".join(filter(None, (expected.pool, expected.type))) or "any pool"
        said = [f"{expected.rule}: {about}"]
        if expected.severity is not None:
            said.append(expected.severity.value)
        if isinstance(expected, Told):
            if expected.start is not None:
                said.append(f"from {offset_text(expected.start)}")
            if expected.end is not None:
                said.append("still open" if expected.end == "open" else f"to {offset_text(expected.end)}")
        elif expected.value is not None:
            said.append(f"value {expected.value}")
        if expected.peak is not None:
            said.append(f"peak {expected.peak}")
        return ", ".join(said)

    def seen(self, alert: Alert, *, whole: bool) -> str:
        """In words."""
        about = f"{alert.pool.id} {alert.job_type}" if alert.job_type else alert.pool.id
        said = [f"{alert.rule}: {about}", alert.severity.value, f"from {offset_text(self.offset(_start(alert)))}"]
        if whole:
            end = alert.resolved_at
            said.append("still open" if end is None else f"to {offset_text(self.offset(end))}")
        else:
            said.append(f"value {alert.value}")
        return f"{', '.join(said)}, peak {alert.peak} ({alert.why})"


def _compared(
    side: _Side, where: str, expected: Sequence[_E], seen: Sequence[Alert], at: timedelta | None
) -> Iterator[Difference]:
    """The difference, if there is one; `at` is the moment it is about, `None` for the whole list."""
    pairs = _paired(expected, seen, side.fits)
    missing: list[_E] = [each for index, each in enumerate(expected) if index not in pairs]
    surplus = [alert for index, alert in enumerate(seen) if index not in pairs.values()]
    if not missing and not surplus:
        return
    lines = [f"expected  {side.expected(each)}" for each in missing]
    lines += [f"seen      {side.seen(alert, whole=at is None)}" for alert in surplus]
    if not missing:
        lines.insert(0, "expected  nothing" if not expected else "expected  nothing else")
    if not surplus:
        lines.append("seen      nothing" if not seen else "seen      nothing else")
    moments = [at] if at is not None else [_wanted_start(each) for each in missing]
    if at is None:
        moments += [side.offset(_start(alert)) for alert in surplus]
    pools: set[str | None] = {each.pool for each in missing} | {alert.pool.id for alert in surplus}
    for moment in sorted(set(moments)):
        lines.extend(_around(side, moment, None if None in pools else pools))
    yield Difference(where, tuple(lines))


def _wanted_start(expected: Firing | Told) -> timedelta:
    """When it is to start; where that is not said, the first readings are as good as any."""
    return (expected.start if isinstance(expected, Told) else None) or timedelta()


def _paired(expected: Sequence[_E], seen: Sequence[Alert], fits: Callable[[_E, Alert], bool]) -> dict[int, int]:
    """As many of the expected as can be, each with an alert of its own (augmenting paths)."""
    taken: dict[int, int] = {}

    def place(index: int, tried: set[int]) -> bool:
        for number, alert in enumerate(seen):
            if number in tried or not fits(expected[index], alert):
                continue
            tried.add(number)
            if number not in taken or place(taken[number], tried):
                taken[number] = index
                return True
        return False

    for index in range(len(expected)):
        place(index, set())
    return {index: number for number, index in taken.items()}


def _around(side: _Side, moment: timedelta, pools: set[str | None] | None) -> Iterator[str]:
    """The series about `moment`, as a small table."""
    middle = moment // side.suite.interval
    shown = range(max(0, middle - AROUND), min(side.test.length, middle + AROUND + 1))
    head = [offset_text(side.suite.interval * index).replace(" ", "") for index in shown]
    rows = [
        (" ".join(keys), [_written(series[index]) for index in shown])
        for keys, series in values_of(side.test).items()
        if pools is None or keys[0] in pools
    ]
    widths = [
        max(len(title), *(len(cells[place]) for _, cells in rows)) if rows else len(title)
        for place, title in enumerate(head)
    ]
    name = max((len(name) for name, _ in rows), default=0)
    for title, cells in [("around", head), *rows]:
        yield f"{title:{max(name, 6)}}  " + "  ".join(
            f"{cell:>{width}}" for cell, width in zip(cells, widths, strict=True)
        )


def _written(value: Value) -> str:
    return value.value if isinstance(value, Gap) else str(value)
