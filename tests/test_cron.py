"""When a digest is due."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.cron import Cron

MONDAY = datetime(2026, 11, 23, 3, tzinfo=UTC)


def test_the_last_moment_is_found_in_its_time_zone() -> None:
    due = Cron("0 9 * * mon-fri", "Asia/Shanghai").last_before(MONDAY, within=timedelta(hours=3))

    assert due == datetime(2026, 11, 23, 1, tzinfo=UTC)


def test_a_moment_that_is_longer_ago_is_not_found() -> None:
    assert Cron("0 9 * * mon-fri", "Asia/Shanghai").last_before(MONDAY, within=timedelta(hours=1)) is None


@pytest.mark.parametrize("weekday", ["0", "7", "sun"])
def test_days_are_counted_from_sunday_as_cron_does(weekday: str) -> None:
    assert Cron(f"0 9 * * {weekday}", "UTC").next_after(MONDAY) == datetime(2026, 11, 29, 9, tzinfo=UTC)


def test_a_step_is_no_day() -> None:
    assert Cron("0 9 * * */2", "UTC").next_after(MONDAY) == datetime(2026, 11, 23, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("expression", "timezone", "why"),
    [
        pytest.param("0 0 31 2 *", "UTC", "never comes", id="a day that no month has"),
        pytest.param("0 25 * * *", "UTC", "is not a cron expression", id="an hour that no day has"),
        pytest.param("0 9 * *", "UTC", "five fields", id="too few fields"),
        pytest.param("0 9 * * mon-xyz", "UTC", "is not a cron expression", id="no such weekday"),
        pytest.param("0 9 * * *", "Moon/Crater", "there is no time zone", id="no such zone"),
        pytest.param("0 9 * * *", "../etc/passwd", "there is no time zone", id="a path for a zone"),
    ],
)
def test_an_impossible_cron_is_refused_with_its_reason(expression: str, timezone: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        Cron(expression, timezone)
