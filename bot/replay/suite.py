"""What does a file of unit tests of rules say? Series of counts, and the alerts that are expected of them."""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, InstanceOf

from bot.core.durations import Duration, parse_duration
from bot.core.rules.model import AlertRule, Name, Severity
from bot.core.stats import JobStatus, Pool, PoolStats, TypeCounts
from bot.replay.notation import Gap, Series, Value, parse_series

# A Monday: a test that says nothing of the time of day starts at midnight.
START = datetime(2026, 3, 2, tzinfo=UTC)
Place = tuple[str | int, ...]


def parse_offset(text: object) -> timedelta:
    """How long after the first reading: `12m`, or `1d 2h 30m`.

    Raises:
        ValueError: It is not written like that.
    """
    parts = re.findall(r"\S+", text) if isinstance(text, str) else [text]
    return sum((parse_duration(part) for part in parts or [text]), timedelta())


def offset_text(offset: timedelta) -> str:
    """`offset` as a test writes it."""
    seconds = int(offset.total_seconds())
    units = (("d", 86_400), ("h", 3600), ("m", 60), ("s", 1))
    words = []
    for unit, size in units:
        number, seconds = divmod(seconds, size)
        if number:
            words.append(f"{number}{unit}")
    return " ".join(words) or "0m"


def _listed(given: object) -> object:
    """`none` is a list of nothing."""
    return () if given == "none" else given


def _ending(given: object) -> object:
    return given if given in ("open", None) else parse_offset(given)


def _in_utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


Offset = Annotated[timedelta, BeforeValidator(parse_offset)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class _Expected(_Part):
    """What is said of an alert; what is left out does not matter."""

    rule: Name
    pool: Name | None = None
    type: Name | None = None
    severity: Severity | None = None
    peak: int | None = None


class Firing(_Expected):
    """An alert that is open at a moment, as it stands then."""

    value: int | None = None


class Told(_Expected):
    """An alert of the whole list, as it was in the end."""

    start: Offset | None = None
    end: Annotated[timedelta | Literal["open"] | None, BeforeValidator(_ending)] = None


class Check(_Part):
    """Everything that fires at a moment."""

    at: Offset
    firing: Annotated[tuple[Firing, ...], BeforeValidator(_listed)]


class RuleTest(_Part):
    """Series of counts by pool, job type and status, and the alerts that are expected of them."""

    name: Annotated[str, Field(min_length=1, max_length=200)]
    series: Annotated[
        dict[
            Name,
            Annotated[
                dict[
                    Name,
                    Annotated[
                        dict[JobStatus, Annotated[InstanceOf[Series], BeforeValidator(parse_series)]],
                        Field(min_length=1),
                    ],
                ],
                Field(min_length=1),
            ],
        ],
        Field(min_length=1),
    ]
    expect: tuple[Check, ...] = ()
    alerts: Annotated[tuple[Told, ...] | None, BeforeValidator(_listed)] = None

    @property
    def length(self) -> int:
        """How many readings it is long."""
        return max(len(series.values) for _, series in self.all_series())

    def all_series(self) -> Iterator[tuple[tuple[str, str, JobStatus], Series]]:
        """Every series with its pool, type and status."""
        for pool, types in self.series.items():
            for job_type, by_status in types.items():
                for status, series in by_status.items():
                    yield (pool, job_type, status), series


class Suite(_Part):
    """A file."""

    # The rules are read where all rules are read.
    rules: Any = None
    rules_file: str | None = None
    interval: Duration = timedelta(minutes=1)
    start: Annotated[datetime, AfterValidator(_in_utc)] = START
    tests: Annotated[tuple[RuleTest, ...], Field(min_length=1)]


def mistakes(suite: Suite, rules: Sequence[AlertRule]) -> Iterator[tuple[Place, str]]:
    """What is wrong with a file whose every part is well formed: the place in it, and the problem."""
    if not timedelta(seconds=1) <= suite.interval <= timedelta(days=1):
        yield ("interval",), "the interval is at least 1s, and at most 1d"
    if not 1970 <= suite.start.year < 3000:
        yield ("start",), "the start is a moment from 1970 to 2999"
    if suite.rules is not None and suite.rules_file is not None:
        yield ("rules_file",), "the rules stand either here or in a file of their own, not both"
    for number, test in enumerate(suite.tests):
        at = ("tests", number)
        if test.alerts is None and not test.expect:
            yield at, "nothing is expected: say which `alerts`, or what to `expect` at which time"
        problems = list(_of_series(test, at))
        yield from problems
        if not problems:
            yield from _of_expectations(test, at, rules, last=suite.interval * (test.length - 1))


def _of_series(test: RuleTest, at: Place) -> Iterator[tuple[Place, str]]:
    if not test.length:
        yield (*at, "series"), "every series goes on to the end, and none says where that is"
        return
    for keys, series in test.all_series():
        place = (*at, "series", *keys)
        try:
            length = len(series.reaching(test.length))
        except ValueError as error:
            yield place, str(error)
            continue
        if length != test.length:
            yield place, f"has {length} readings, another series {test.length}: carry it on to the end with x*"


def _of_expectations(
    test: RuleTest, at: Place, rules: Sequence[AlertRule], *, last: timedelta
) -> Iterator[tuple[Place, str]]:
    names = {rule.name for rule in rules}
    expected: list[tuple[Place, _Expected]] = []
    moments: list[tuple[Place, object]] = []
    for number, check in enumerate(test.expect):
        moments.append(((*at, "expect", number, "at"), check.at))
        expected.extend(((*at, "expect", number, "firing", index), each) for index, each in enumerate(check.firing))
    for number, told in enumerate(test.alerts or ()):
        expected.append(((*at, "alerts", number), told))
        moments.extend(((*at, "alerts", number, key), getattr(told, key)) for key in ("start", "end"))
    for place, each in expected:
        if each.rule not in names:
            yield (*place, "rule"), f"there is no rule {each.rule!r}: there are {', '.join(sorted(names))}"
        if each.pool is not None and each.pool not in test.series:
            yield (*place, "pool"), f"there is no series of a pool {each.pool!r}"
    for place, moment in moments:
        if isinstance(moment, timedelta) and moment > last:
            yield place, f"{offset_text(moment)} is after the last reading, which is at {offset_text(last)}"


def values_of(test: RuleTest) -> Mapping[tuple[str, str, JobStatus], tuple[Value, ...]]:
    """Every series of a sound test in full."""
    return {keys: series.reaching(test.length) for keys, series in test.all_series()}


def readings_of(test: RuleTest, suite: Suite) -> list[PoolStats]:
    """The readings that a sound test stands for, oldest first.

    Where any series of a pool says that the poll failed, nothing of that pool was read.
    """
    values = values_of(test)
    found = []
    for index in range(test.length):
        at = suite.start + index * suite.interval
        for name in test.series:
            now = {keys: series[index] for keys, series in values.items() if keys[0] == name}
            if Gap.FAILED in now.values():
                continue
            types: dict[str, dict[JobStatus, int]] = {job_type: {} for _, job_type, _ in now}
            for (_, job_type, status), value in now.items():
                if isinstance(value, int):
                    types[job_type][status] = value
            counted = {job_type: TypeCounts(counts) for job_type, counts in types.items()}
            found.append(PoolStats(Pool(name, name), at, counted))
    return found
