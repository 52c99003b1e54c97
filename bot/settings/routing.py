"""How is it configured who is told of an alert, who else if nobody acts, and when nobody is?"""

from datetime import UTC, datetime, timedelta
from typing import Annotated, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from bot.core.durations import Duration, duration_text
from bot.core.persons import Person, parse_person
from bot.core.rests import Rest, RestKind
from bot.core.routes import Route, Step
from bot.core.rules.model import Name, Severity
from bot.core.windows import Again, Interval, Once, Weekly, Window, first_shown, hours_text, last_shown, never_ends
from bot.core.windows import parse_days as days_of
from bot.core.windows import parse_hours as hours_of
from bot.cron import Cron
from bot.settings.values import Channel, Channels, Names, PoolNames, Section, at_least, one_or_more, one_or_several

_ALL_WEEK = frozenset(range(7))
_LONGEST_MAINTENANCE = timedelta(days=31)
_WRITTEN = ("%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S")


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError(f"there is no time zone {name!r}: write one such as Asia/Shanghai or UTC") from error
    return name


def _hours(value: object) -> object:
    """A time of day; without quotation marks YAML reads 22:00 as 22 times 60."""
    if isinstance(value, int) and not isinstance(value, bool):
        if 60 <= value <= 24 * 60:
            return timedelta(minutes=value)
        raise ValueError(f"{value} is no time of day: write one such as '22:00'")
    return hours_of(value) if isinstance(value, str) else value


def _days(value: object) -> object:
    if isinstance(value, list | tuple):
        value = ",".join(map(str, value))
    return days_of(value) if isinstance(value, str) else value


def _person(value: object) -> object:
    return parse_person(value) if isinstance(value, str) else value


Zone = Annotated[str, AfterValidator(_zone)]
Hours = Annotated[timedelta, BeforeValidator(_hours)]
Days = Annotated[frozenset[int], BeforeValidator(_days)]
Severities = Annotated[tuple[Severity, ...], BeforeValidator(one_or_more)]
People = Annotated[tuple[Annotated[Person, BeforeValidator(_person)], ...], BeforeValidator(one_or_more)]


class MatchSettings(Section):
    """Which alerts a route is about."""

    severity: Severities | None = None
    pools: Names | None = None
    rules: Names | None = None


class EscalationSettings(Section):
    """What is done while nobody acknowledges an alert."""

    after: Annotated[Duration, at_least(timedelta(seconds=1))]
    to: Annotated[tuple[Channel, ...], BeforeValidator(one_or_more)] = ()
    mention: People = ()

    @model_validator(mode="after")
    def _does_something(self) -> Self:
        if not self.to and not self.mention:
            raise ValueError("an escalation needs to (channels), mention (people), or both")
        platforms = {place.platform for place in self.to}
        nowhere = [str(each) for each in self.mention if platforms and each.platform not in platforms]
        if nowhere:
            raise ValueError(
                f"{nowhere[0]} cannot be called in {self.to[0]}: name a channel of the same platform in to"
            )
        return self

    def step(self) -> Step:
        """As the core knows it."""
        return Step(self.after, tuple(dict.fromkeys(self.to)), tuple(dict.fromkeys(self.mention)))


class QuietSettings(Section):
    """Hours in which only what is urgent is told."""

    start: Hours = Field(validation_alias="from")
    end: Hours = Field(validation_alias="to")
    days: Days = _ALL_WEEK
    timezone: Zone = "UTC"
    besides: Severities = Field((Severity.CRITICAL,), validation_alias="except")

    @model_validator(mode="after")
    def _is_a_time(self) -> Self:
        if self.start == self.end:
            raise ValueError("it begins when it ends, so it is empty: write from '00:00' to '24:00' for whole days")
        if set(self.besides) == set(Severity):
            raise ValueError("every severity is excepted, so nothing is quiet: leave some out, or drop it")
        return self

    def window(self) -> Weekly:
        """As the core knows it."""
        return Weekly(self.start, self.end, self.days, ZoneInfo(self.timezone))


class RouteSettings(Section):
    """Where alerts go; the first route that matches decides."""

    match: MatchSettings = MatchSettings()
    to: Channels
    escalate: Annotated[tuple[EscalationSettings, ...], BeforeValidator(one_or_several)] = ()
    quiet: Annotated[tuple[QuietSettings, ...], BeforeValidator(one_or_several)] = ()

    @model_validator(mode="after")
    def _is_ever_heard(self) -> Self:
        keys = [each.step().key for each in self.escalate]
        twice = next((key for key in keys if keys.count(key) > 1), None)
        if twice is not None:
            raise ValueError(f"the same escalation stands here twice: {twice}")
        for severity in Severity:
            windows = [each.window() for each in self.quiet if severity not in each.besides]
            if any(never_ends(windows, month) for month in _TRIED):
                raise ValueError(
                    f"these quiet hours never end for {severity.value} alerts: leave some time between them"
                )
        return self

    def route(self, maintenance: tuple[Rest, ...] = ()) -> Route:
        """As the core knows it."""
        match, steps = self.match, tuple(each.step() for each in self.escalate)
        return Route(self.to, match.severity, match.pools, match.rules, steps, (*maintenance, *self._rests()))

    def _rests(self) -> tuple[Rest, ...]:
        """The quiet hours; those that except the same severities are one rest, which goes on from one to the next."""
        alike: dict[tuple[Severity, ...], list[Weekly]] = {}
        for each in self.quiet:
            alike.setdefault(each.besides, []).append(each.window())
        return tuple(
            Rest(RestKind.QUIET, "; ".join(map(hours_text, windows)), tuple(windows), besides=besides)
            for besides, windows in alike.items()
        )


# Windows that leave no time between them do so in winter and in summer.
_TRIED = (datetime(2026, 1, 14, tzinfo=UTC), datetime(2026, 7, 15, tzinfo=UTC))


class MaintenanceSettings(Section):
    """Times in which alerts of some pools are kept, and told only if they outlast them.

    Either from one moment to another, or the same hours every week, or for a length of time by cron.
    """

    name: Name
    pools: PoolNames = "all"
    start: str | int | datetime | None = Field(None, validation_alias="from")
    end: str | int | datetime | None = Field(None, validation_alias="to")
    days: Days | None = None
    cron: str | None = None
    duration: Annotated[Duration, at_least(timedelta(minutes=1))] | None = None
    timezone: Zone = "UTC"

    @model_validator(mode="after")
    def _is_a_time(self) -> Self:
        self.window()
        return self

    def window(self) -> Window:
        """When it is.

        Raises:
            ValueError: It is never, or it cannot be said when.
        """
        return self._by_cron() if self.cron is not None or self.duration is not None else self._from_to()

    def _by_cron(self) -> Window:
        if self.cron is None or self.duration is None or (self.start, self.end, self.days) != (None, None, None):
            raise ValueError("cron and duration belong together, without from, to and days")
        if self.duration > _LONGEST_MAINTENANCE:
            raise ValueError("maintenance lasts 31 days at most")
        cron = Cron(self.cron, self.timezone)
        first = cron.next_after(datetime(2026, 1, 1, tzinfo=UTC))
        second = cron.next_after(first) if first is not None else None
        if first is not None and second is not None and second - first <= self.duration:
            raise ValueError("it begins again before it is over: shorten duration")
        text = f"{self.cron} for {duration_text(self.duration)}, {self.timezone}"
        return Again(lambda now, within: cron.last_before(now, within=within), self.duration, text)

    def _from_to(self) -> Window:
        if self.start is None or self.end is None:
            raise ValueError("when is it? write from and to, or cron and duration")
        zone = ZoneInfo(self.timezone)
        start, end = _moment(self.start), _moment(self.end)
        if start is None and end is None:
            return self._every_week(zone)
        if start is None or end is None:
            raise ValueError("from and to are either both moments, 2026-12-01 22:00, or both times of day, 22:00")
        if self.days is not None:
            raise ValueError("days are for times of day; from and to are moments here")
        during = Interval(
            start.astimezone(UTC) if start.tzinfo else first_shown(start, zone),
            end.astimezone(UTC) if end.tzinfo else last_shown(end, zone),
        )
        if during.end <= during.start:
            raise ValueError("it ends before it begins, so it is empty")
        if during.end - during.start > _LONGEST_MAINTENANCE:
            raise ValueError("maintenance lasts 31 days at most")
        return Once(during)

    def _every_week(self, zone: ZoneInfo) -> Window:
        start, end = _hours(self.start), _hours(self.end)
        if not isinstance(start, timedelta) or not isinstance(end, timedelta) or start == end:
            raise ValueError("it begins when it ends, so it is empty: write from '00:00' to '24:00' for whole days")
        return Weekly(start, end, self.days or _ALL_WEEK, zone)

    @property
    def ends_at(self) -> datetime | None:
        """When it is over for good; `None` where it comes again."""
        window = self.window()
        return window.span.end if isinstance(window, Once) else None

    def rest(self) -> Rest:
        """As the core knows it."""
        return Rest(RestKind.MAINTENANCE, self.name, (self.window(),), None if self.pools == "all" else self.pools)


def _moment(value: str | int | datetime) -> datetime | None:
    """A moment, without a zone where none is written; `None` where it is not one."""
    if isinstance(value, datetime):
        return value
    for form in _WRITTEN:
        try:
            return datetime.strptime(str(value), form)  # noqa: DTZ007 - the zone is another key
        except ValueError:
            continue
    try:
        moment = datetime.fromisoformat(str(value))
    except ValueError:
        return None
    return moment if moment.tzinfo is not None else None
