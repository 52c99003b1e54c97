"""Windows of time by the clock on the wall: across midnight, in any zone, where the clocks are set."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.windows import (
    DAY,
    Interval,
    Weekly,
    first_shown,
    last_shown,
    never_ends,
    parse_days,
    parse_hours,
    span_at,
)


def at(text: str) -> datetime:
    """A moment in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


ZONES = ("Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Shanghai", "Pacific/Apia", "UTC")
CLOCKS_ARE_SET = ("2026-03-08", "2026-03-29", "2026-04-04", "2026-10-03", "2026-10-25", "2026-11-01", "2011-12-30")
# What a clock on the wall shows has no zone.
EARLIEST, LATEST = at("2011-01-02").replace(tzinfo=None), at("2030-01-01").replace(tzinfo=None)


def window(text: str, zone: str = "UTC", days: str = "mon-sun") -> Weekly:
    """Hours as in 22:00-08:00."""
    start, _, end = text.partition("-")
    return Weekly(parse_hours(start), parse_hours(end), parse_days(days), ZoneInfo(zone))


@pytest.mark.parametrize(
    ("hours", "zone", "days", "inside", "span"),
    [
        pytest.param(
            "22:00-08:00", "Asia/Shanghai", "mon-fri", "2026-03-06T23:59",
            ("2026-03-06T14:00", "2026-03-07T00:00"), id="the night from Friday to Saturday belongs to Friday",
        ),
        pytest.param(
            "00:00-24:00", "UTC", "sat,sun", "2026-03-07T12:00", ("2026-03-07T00:00", "2026-03-08T00:00"),
            id="a whole day",
        ),
        pytest.param(
            "02:30-04:00", "Europe/Berlin", "mon-sun", "2026-03-29T01:30", ("2026-03-29T01:00", "2026-03-29T02:00"),
            id="what begins in the hour that is left out begins when the clocks are set",
        ),
        pytest.param(
            "22:00-02:30", "Europe/Berlin", "mon-sun", "2026-10-25T00:45", ("2026-10-24T20:00", "2026-10-25T01:30"),
            id="what ends in the hour that comes twice ends the second time",
        ),
        pytest.param(
            "01:30-03:00", "America/New_York", "mon-sun", "2026-11-01T06:10", ("2026-11-01T05:30", "2026-11-01T08:00"),
            id="what begins in it begins the first time and is one piece",
        ),
        pytest.param(
            "01:45-01:55", "Australia/Lord_Howe", "mon-sun", "2026-04-04T15:10",
            ("2026-04-04T14:45", "2026-04-04T15:25"),
            id="half an hour that comes twice",
        ),
    ],
)  # fmt: skip
def test_a_window_is_one_piece_from_its_first_to_its_last_moment(
    hours: str, zone: str, days: str, inside: str, span: tuple[str, str]
) -> None:
    assert window(hours, zone, days).span_at(at(inside)) == Interval(at(span[0]), at(span[1]))


def test_hours_that_the_clocks_leave_out_are_no_time_at_all() -> None:
    left_out, midnight = window("02:10-02:50", "Europe/Berlin"), at("2026-03-29T00:00")

    assert all(left_out.span_at(midnight + minute * timedelta(minutes=1)) is None for minute in range(180))


def test_windows_that_follow_on_one_another_are_one() -> None:
    nights, weekend = window("22:00-08:00", days="mon-fri"), window("08:00-22:00", days="sat,sun")
    late = window("22:00-08:00", days="sat,sun")

    assert span_at([nights, weekend, late], at("2026-03-06T23:00")) == Interval(
        at("2026-03-06T22:00"), at("2026-03-09T08:00")
    )


@pytest.mark.parametrize("zone", ZONES)
def test_quiet_hours_that_never_end_are_found(zone: str) -> None:
    assert never_ends([window("08:00-22:00", zone), window("22:00-08:00", zone)], at("2026-01-14T00:00"))
    assert not never_ends([window("08:00-22:00", zone), window("22:00-07:59", zone)], at("2026-01-14T00:00"))


hours = st.integers(0, 24 * 60).map(lambda minutes: timedelta(minutes=minutes))


@given(
    start=hours.filter(lambda length: length < DAY),
    end=hours,
    days=st.frozensets(st.integers(0, 6), min_size=1),
    zone=st.sampled_from(ZONES).map(ZoneInfo),
    # Near the days on which the clocks of one of these zones are set, and anywhere.
    moment=st.one_of(
        st.sampled_from(CLOCKS_ARE_SET),
        st.dates(date(2011, 1, 1), date(2030, 1, 1)).map(date.isoformat),
    ).flatmap(lambda day: st.integers(-36 * 60, 36 * 60).map(lambda minutes: at(day) + minutes * timedelta(minutes=1))),
)
def test_a_moment_is_inside_as_the_clock_on_the_wall_says(
    start: timedelta, end: timedelta, days: frozenset[int], zone: ZoneInfo, moment: datetime
) -> None:
    made = Weekly(start, end, days, zone)
    found = made.span_at(moment)

    local = moment.astimezone(zone)
    shown = local.replace(tzinfo=None, fold=0)
    by_the_wall = any(
        _begins(day, start) <= shown < _begins(day, end if end > start else end + DAY)
        for day in (shown.date() - n * DAY for n in range(3))
        if day.weekday() in days
    )
    is_twice = local.replace(fold=1).utcoffset() != local.replace(fold=0).utcoffset()
    # Where the clock shows a time once, the window is what the wall says; where it shows it twice, it is one piece.
    assert by_the_wall <= (found is not None)
    assert by_the_wall == (found is not None) or is_twice
    if found is not None:
        assert found.start <= moment < found.end
        just_before = made.span_at(found.start - timedelta(seconds=1))
        assert just_before is None or just_before.end < found.end
        after = made.span_at(found.end)
        assert after is None or after.start >= found.end or after.end > found.end


@given(
    wall=st.datetimes(EARLIEST, LATEST).map(lambda each: each.replace(second=0, microsecond=0)),
    zone=st.sampled_from(ZONES).map(ZoneInfo),
)
def test_no_moment_is_before_its_first_and_none_after_its_last(wall: datetime, zone: ZoneInfo) -> None:
    first, last = first_shown(wall, zone), last_shown(wall, zone)

    assert first <= last
    assert (first - timedelta(seconds=1)).astimezone(zone).replace(tzinfo=None) < wall
    assert first.astimezone(zone).replace(tzinfo=None) >= wall
    assert last.astimezone(zone).replace(tzinfo=None) >= wall


def _begins(day: date, after: timedelta) -> datetime:
    return datetime.combine(day, time()) + after
