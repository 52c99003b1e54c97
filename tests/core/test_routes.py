"""Which channel hears of what, who may see what, and how time is written."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.core.access import Access, Grant
from bot.core.command import Asker
from bot.core.durations import duration_text, parse_duration, spoken
from bot.core.routes import Place, Route, parse_place, places
from bot.core.rules.model import Severity
from tests.building import POOL, minutes, queue_spike, told

ONCALL, PLATFORM = Place("slack", "#ml-oncall"), Place("slack", "#ml-platform")
(ALERT,) = told([queue_spike()], minutes("Queue", [2] * 60 + [90] * 5))


@pytest.mark.parametrize(
    ("route", "heard"),
    [
        pytest.param(Route((ONCALL,)), True, id="a route without conditions"),
        pytest.param(Route((ONCALL,), severity=(Severity.WARNING,)), True, id="the severity"),
        pytest.param(Route((ONCALL,), severity=(Severity.CRITICAL,)), False, id="another severity"),
        pytest.param(Route((ONCALL,), pools=("TRAIN-*",)), True, id="a glob over the name, whatever the case"),
        pytest.param(Route((ONCALL,), pools=("infer-*",)), False, id="another pool"),
        pytest.param(Route((ONCALL,), rules=("queue *",)), True, id="a glob over the rule"),
        pytest.param(Route((ONCALL,), rules=("failures *",)), False, id="another rule"),
    ],
)
def test_a_route_takes_the_alerts_that_match_all_it_says(route: Route, *, heard: bool) -> None:
    assert places([route], ALERT) == ((ONCALL,) if heard else ())


def test_the_first_route_that_matches_decides() -> None:
    routes = [Route((ONCALL,), severity=(Severity.CRITICAL,)), Route((PLATFORM, PLATFORM))]

    assert places(routes, ALERT) == (PLATFORM,)
    assert places(routes, replace(ALERT, severity=Severity.CRITICAL)) == (ONCALL,)


@pytest.mark.parametrize("text", ["ml-ops", "slack:", "mail:x", ""])
def test_a_channel_needs_its_platform(text: str) -> None:
    with pytest.raises(ValueError, match="write slack:#channel"):
        parse_place(text)


def test_a_place_is_written_as_it_is_read() -> None:
    assert str(parse_place("teams:ML Platform/Alerts")) == "teams:ML Platform/Alerts"


def asker(channel: str = "C1", user: str = "U1", platform: str = "slack") -> Asker:
    """Somebody who asks."""
    return Asker(platform, "T1", channel, user)


def test_without_access_rules_everyone_sees_everything() -> None:
    assert Access().may_see(asker(), POOL)


def test_a_pool_of_a_grant_is_seen_only_in_its_channels_and_by_admins() -> None:
    access = Access(admins=("slack:U9",), grants=(Grant(("train-*",), ("slack:C1",)),))

    assert access.may_see(asker("C1"), POOL)
    assert not access.may_see(asker("C2"), POOL)
    assert access.may_see(asker("C2", "U9"), POOL)
    assert access.visible(asker("C2"), [POOL]) == ()


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("90s", timedelta(seconds=90)),
        ("5m", timedelta(minutes=5)),
        ("2h", timedelta(hours=2)),
        ("1d", timedelta(days=1)),
        ("0s", timedelta()),
    ],
)
def test_a_duration_is_written_as_a_number_and_a_unit(text: str, length: timedelta) -> None:
    assert parse_duration(text) == length


@pytest.mark.parametrize("text", ["5", "5 m", "-5m", "5min", "", "1.5h", 60, None, "٥m"])
def test_anything_else_is_no_duration(text: object) -> None:
    with pytest.raises(ValueError, match="is not a duration"):
        parse_duration(text)


@pytest.mark.parametrize(
    ("seconds", "text", "words"),
    [
        (45, "45s", "45 s"),
        (360, "6m", "6 min"),
        (7500, "125m", "2 h 5 min"),
        (7200, "2h", "2 h"),
        (273_600, "76h", "3 d 4 h"),
        (0, "0s", "0 s"),
    ],
)
def test_a_length_of_time_in_configuration_and_in_words(seconds: int, text: str, words: str) -> None:
    length = timedelta(seconds=seconds)

    assert (duration_text(length), spoken(length)) == (text, words)
