"""Is a moment inside that window of time, and when does the window end?

Windows are said by the clock on the wall of a time zone. Each is one piece: it begins when that clock first shows its
beginning, or has passed it (the clocks leave an hour out in spring), and ends when it shows its end for the last time
(an hour comes twice in autumn). So a window is never shorter than the wall says, and nothing ends in the middle of it.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.core.language import _

DAY = timedelta(days=1)
_SECOND = timedelta(seconds=1)
# Windows that follow on one another are one rest; one that lasts for longer than that is looked at again at its end.
_LONGEST = timedelta(days=8)
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@dataclass(frozen=True, slots=True, order=True)
class Interval:
    """From `start` on and before `end`, in UTC."""

    start: datetime
    end: datetime

    def __contains__(self, moment: datetime) -> bool:
        return self.start <= moment < self.end


@dataclass(frozen=True, slots=True)
class Weekly:
    """The same hours on some days of every week.

    Attributes:
        start: How long after midnight it begins. `end`: likewise; where that is not later, on the next day.
        days: On which days it begins, Monday being 0.
        zone: Whose clock is meant.
    """

    start: timedelta
    end: timedelta
    days: frozenset[int]
    zone: ZoneInfo

    def span_at(self, now: datetime) -> Interval | None:
        """The window that `now` is in, the one that lasts longest; `None` where it is in none."""
        today = now.astimezone(self.zone).date()
        around = (self.on(today + n * DAY) for n in (-2, -1, 0, 1) if (today + n * DAY).weekday() in self.days)
        return _longest(around, now)

    def on(self, day: date) -> Interval:
        """The window that begins on `day`."""
        midnight = datetime.combine(day, time())
        end = self.end if self.end > self.start else self.end + DAY
        return Interval(first_shown(midnight + self.start, self.zone), last_shown(midnight + end, self.zone))


@dataclass(frozen=True, slots=True)
class Once:
    """One window, from one moment to another."""

    span: Interval

    def span_at(self, now: datetime) -> Interval | None:
        """The window, while `now` is in it."""
        return self.span if now in self.span else None


@dataclass(frozen=True, slots=True)
class Again:
    """A window of a fixed length at moments that come again.

    Attributes:
        last_before: The newest beginning at or before a moment, no older than a length of time.
        lasts: How long each of them lasts.
        text: When, as people write it.
    """

    last_before: Callable[[datetime, timedelta], datetime | None]
    lasts: timedelta
    text: str

    def span_at(self, now: datetime) -> Interval | None:
        """The window that `now` is in."""
        start = self.last_before(now, self.lasts)
        span = None if start is None else Interval(start, start + self.lasts)
        return span if span is not None and now in span else None


Window = Weekly | Once | Again


def span_at(windows: Iterable[Window], now: datetime) -> Interval | None:
    """The window that `now` is in; where another begins before it ends they are one."""
    known = tuple(windows)
    found = _longest((each.span_at(now) for each in known), now)
    if found is None:
        return None
    start, end = found.start, found.end
    while end - now < _LONGEST:
        further = _longest((each.span_at(end) for each in known), end)
        if further is None:
            break
        end = further.end
    return Interval(start, end)


def never_ends(windows: Sequence[Weekly], now: datetime) -> bool:
    """Whether weekly windows leave no time between them."""
    found = span_at(windows, now)
    return found is not None and found.end - now >= _LONGEST


def first_shown(wall: datetime, zone: ZoneInfo) -> datetime:
    """The first moment at which the clock of `zone` shows `wall`, or has just passed it without showing it."""
    early, late = _both(wall, zone)
    return early if early <= late else _leap(wall, zone, late, early)


def last_shown(wall: datetime, zone: ZoneInfo) -> datetime:
    """The last moment at which the clock of `zone` shows `wall`, or has just passed it without showing it."""
    early, late = _both(wall, zone)
    return late if early <= late else _leap(wall, zone, late, early)


def _both(wall: datetime, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """The moment by the time that was in force before the clocks are set, and by that after."""
    by_both = [wall.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1)]
    return by_both[0], by_both[1]


def _leap(wall: datetime, zone: ZoneInfo, before: datetime, after: datetime) -> datetime:
    """When, later than `before` and no later than `after`, the clock leaps over `wall`."""
    while after - before > _SECOND:
        middle = before + (after - before) // _SECOND // 2 * _SECOND
        if middle.astimezone(zone).replace(tzinfo=None) >= wall:
            after = middle
        else:
            before = middle
    return after


def _longest(spans: Iterable[Interval | None], now: datetime) -> Interval | None:
    here = [span for span in spans if span is not None and now in span]
    return max(here, key=lambda span: (span.end, -span.start.timestamp()), default=None)


def parse_hours(text: str) -> timedelta:
    """The time of day that is written as 22:00, and 24:00 for the end of the day, as its distance from midnight.

    Raises:
        ValueError: It is not such a time.
    """
    hours, colon, minutes = text.strip().partition(":")
    if colon and hours.isdecimal() and minutes.isdecimal() and len(hours) <= 2 and len(minutes) == 2:
        length = timedelta(hours=int(hours), minutes=int(minutes))
        if int(minutes) < 60 and length <= DAY:
            return length
    raise ValueError(_("{text} is no time of day: write one such as 22:00", text=repr(text)))


# What a clock on the wall shows: a time of day, or a day and a time, which has no zone.
Shown = timedelta | datetime


def parse_shown(text: str) -> Shown:
    """What is written as 22:00, or as 2026-12-01 22:00.

    Raises:
        ValueError: It is neither.
    """
    day, _space, hours = text.strip().replace("T", " ").rpartition(" ")
    if not day:
        return parse_hours(hours)
    try:
        return datetime.combine(date.fromisoformat(day), time()) + parse_hours(hours)
    except ValueError:
        raise ValueError(_("{text} is no day and time: write one such as 2026-12-01 22:00", text=repr(text))) from None


def between(start: Shown, end: Shown, zone: ZoneInfo, *, now: datetime) -> Interval:
    """The stretch that is meant by what a clock shows: of times of day the next one, or the one that `now` is in."""
    if isinstance(start, datetime) and isinstance(end, datetime):
        return Interval(first_shown(start, zone), last_shown(end, zone))
    if isinstance(start, datetime) or isinstance(end, datetime):
        raise TypeError("one is a time of day, the other a moment")
    hours = Weekly(start, end, frozenset(range(7)), zone)
    found = hours.span_at(now)
    today = now.astimezone(zone).date()
    return found or next(span for n in range(3) if (span := hours.on(today + n * DAY)).start > now)


def parse_days(text: str) -> frozenset[int]:
    """The days of the week that are written as mon-fri, or sat,sun; Monday is 0.

    Raises:
        ValueError: It is not such days.
    """
    found: set[int] = set()
    for part in text.casefold().split(","):
        first, _dash, last = (each.strip() for each in part.partition("-"))
        if first not in DAYS or (last and last not in DAYS):
            raise ValueError(_("{text} are no days of the week: write mon-fri, or sat,sun", text=repr(text)))
        start = DAYS.index(first)
        length = (DAYS.index(last or first) - start) % 7
        found |= {(start + n) % 7 for n in range(length + 1)}
    return frozenset(found)


def hours_text(window: Weekly) -> str:
    """As people write it: 22:00–08:00 mon-fri, Asia/Shanghai."""
    days = "" if len(window.days) == 7 else f" {days_text(window.days)}"
    return f"{_clock(window.start)}–{_clock(window.end)}{days}, {window.zone.key}"


def days_text(days: frozenset[int]) -> str:
    """As people write them: mon-fri, or sat,sun."""
    runs: list[list[int]] = []
    for day in sorted(days):
        if runs and runs[-1][-1] == day - 1:
            runs[-1].append(day)
        else:
            runs.append([day])
    said = (f"{DAYS[run[0]]}-{DAYS[run[-1]]}" if len(run) > 2 else ",".join(DAYS[n] for n in run) for run in runs)
    return ",".join(said)


def _clock(since_midnight: timedelta) -> str:
    minutes = int(since_midnight.total_seconds()) // 60
    return f"{minutes // 60:02}:{minutes % 60:02}"
