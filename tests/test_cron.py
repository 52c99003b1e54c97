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


def moments(expression: str, start: datetime, number: int) -> list[str]:
    """The next moments in Berlin, in UTC."""
    cron, found, moment = Cron(expression, "Europe/Berlin"), [], start
    for _ in range(number):
        due = cron.next_after(moment)
        assert due is not None
        found.append(f"{due.astimezone(UTC):%d %H:%M}")
        moment = due
    return found


BEFORE_SPRING, BEFORE_AUTUMN = datetime(2026, 3, 28, 12, tzinfo=UTC), datetime(2026, 10, 24, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("expression", "start", "due"),
    [
        pytest.param("0 9 * * *", BEFORE_SPRING, ["29 07:00", "30 07:00"], id="nine stays nine in spring"),
        pytest.param("0 9 * * *", BEFORE_AUTUMN, ["25 08:00", "26 08:00"], id="nine stays nine in autumn"),
        pytest.param("30 2 * * *", BEFORE_SPRING, ["29 01:30", "30 00:30"], id="left out: an hour later"),
        pytest.param("30 2 * * *", BEFORE_AUTUMN, ["25 00:30", "26 01:30"], id="twice: the first time"),
        pytest.param("0 2,3 * * *", BEFORE_SPRING, ["29 01:00", "30 00:00"], id="left out and there: one moment"),
        pytest.param(
            "*/30 1-3 * * *",
            BEFORE_AUTUMN,
            ["24 23:00", "24 23:30", "25 00:00", "25 00:30", "25 02:00", "25 02:30"],
            id="the hour that comes again is over",
        ),
    ],
)
def test_the_clocks_go_forward_and_back(expression: str, start: datetime, due: list[str]) -> None:
    assert moments(expression, start, len(due)) == due


@pytest.mark.parametrize("start", [BEFORE_SPRING, BEFORE_AUTUMN], ids=["spring", "autumn"])
@pytest.mark.parametrize("expression", ["30 2 * * *", "0 2 * * *", "0 9 * * *"])
def test_a_digest_is_due_once_a_day_whenever_one_looks(expression: str, start: datetime) -> None:
    cron = Cron(expression, "Europe/Berlin")
    looks = [start + timedelta(minutes=10 * index) for index in range(6 * 36)]

    found = {cron.last_before(look, within=timedelta(hours=1)) for look in looks} - {None}
    assert len(found) == 1


def test_each_moment_comes_after_the_one_before_it_over_a_whole_year() -> None:
    cron, moment = Cron("15 * * * *", "Europe/Berlin"), datetime(2026, 1, 1, tzinfo=UTC)
    steps = set()
    for _ in range(24 * 365 - 1):
        due = cron.next_after(moment)
        assert due is not None
        steps.add((due - moment) // timedelta(minutes=15))
        moment = due

    assert steps == {1, 4, 8}
