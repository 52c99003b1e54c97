"""Quiet hours and maintenance: what is kept quiet, and what is told when they are over."""

from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Engine

from bot.core.alerts import State
from bot.core.rests import Rest, RestKind
from bot.core.routes import Route
from bot.core.rules.model import Severity
from bot.core.windows import Interval, Once, Weekly
from bot.jobs.quiet import tell_what_came_and_went
from bot.messages.model import Verb
from bot.store import alerts
from bot.store.engine import reading
from tests.building import MINUTE, NOON
from tests.jobs.test_escalation import FIRST, ONCALL, OPS, House

HOUR = timedelta(hours=1)
# From 12:10 to 16:00, that is, from ten minutes after the first reading.
NIGHT = Rest(
    RestKind.QUIET,
    "12:10–16:00, UTC",
    (Weekly(timedelta(hours=12, minutes=10), timedelta(hours=16), frozenset(range(7)), ZoneInfo("UTC")),),
    besides=(Severity.CRITICAL,),
)
UPGRADE = Rest(
    RestKind.MAINTENANCE,
    "network upgrade",
    (Once(Interval(NOON + 10 * MINUTE, NOON + 4 * HOUR)),),
    pools=("train-*",),
)


LATER = Once(Interval(NOON + HOUR, NOON + 4 * HOUR))


class Sleeper(House):
    """A channel that rests."""

    def __init__(self, engine: Engine, *rests: Rest) -> None:
        super().__init__(engine, Route((OPS,), rests=rests))

    def pass_on(self, length: timedelta) -> None:
        """What came and went is told too."""
        super().pass_on(length)
        tell_what_came_and_went(self.doing)
        super().pass_on(timedelta())

    def state(self) -> State:
        """How the first open alert stands."""
        with reading(self.engine) as db:
            return alerts.open_alerts(db)[0].state


def test_what_comes_in_quiet_hours_is_told_when_they_are_over_if_it_still_goes_on(engine: Engine) -> None:
    house = Sleeper(engine, NIGHT)
    house.pass_on(20 * MINUTE)
    house.read(60)
    house.pass_on(3 * HOUR)
    assert house.standing(OPS) == []

    house.pass_on(HOUR)
    assert house.standing(OPS) == ["Warning: long queue in train-a100"]


def test_what_is_urgent_is_told_at_once(engine: Engine) -> None:
    house = Sleeper(engine, NIGHT)
    house.pass_on(20 * MINUTE)
    house.read(95)

    assert house.standing(OPS) == ["Critical: longer queue in train-a100"]
    house.pass_on(4 * HOUR)
    assert house.standing(OPS) == ["Critical: longer queue and long queue in train-a100"]


def test_what_came_and_went_in_quiet_hours_is_said_in_one_message_once(engine: Engine) -> None:
    house = Sleeper(engine, NIGHT)
    house.pass_on(20 * MINUTE)
    for _ in range(2):
        house.read(60)
        house.read(3)
    house.pass_on(4 * HOUR)
    assert house.standing(OPS) == ["2 alerts came and went in quiet hours"]

    house.pass_on(24 * HOUR)
    assert house.standing(OPS) == ["2 alerts came and went in quiet hours"]


def test_what_people_know_of_is_kept_up_to_date_and_they_are_reminded_after_the_quiet_hours(engine: Engine) -> None:
    house = Sleeper(engine, NIGHT)
    house.read(60)
    for _ in range(3):
        house.pass_on(HOUR)
        house.read(70)
    assert (house.chat.aloud, house.state()) == ([], State.FIRING)
    (message,) = house.chat.standing.values()
    assert "Queue 70" in message.summary

    house.pass_on(HOUR)
    house.read(70)
    assert [entry.summary[:16] for entry in house.chat.aloud] == ["Still open after"]


@pytest.mark.parametrize("known", [True, False], ids=["known before", "new"])
def test_maintenance_silences_what_is_open_and_what_comes_and_tells_what_outlasts_it(
    engine: Engine, *, known: bool
) -> None:
    house = Sleeper(engine, UPGRADE)
    house.pass_on(timedelta() if known else 20 * MINUTE)
    house.read(95)
    house.pass_on(HOUR)
    assert house.state() is State.SILENCED
    assert len(house.standing(OPS)) == known

    house.pass_on(3 * HOUR)
    assert house.state() is State.FIRING
    assert house.standing(OPS) == ["Critical: longer queue and long queue in train-a100"]


def test_what_maintenance_outlasts_is_not_told_at_all(engine: Engine) -> None:
    house = Sleeper(engine, UPGRADE)
    house.pass_on(20 * MINUTE)
    house.read(60)
    house.read(3)
    house.pass_on(8 * HOUR)

    assert (house.standing(OPS), house.under(OPS)) == ([], [])


def test_maintenance_is_no_answer_to_an_alert_that_was_escalated(engine: Engine) -> None:
    house = House(engine, Route((OPS,), escalate=(FIRST,), rests=(replace(UPGRADE, windows=(LATER,)),)))
    house.read(60)
    house.pass_on(40 * MINUTE)
    house.pass_on(2 * HOUR)
    house.read(95)
    house.pass_on(4 * HOUR)

    assert (house.called(), len(house.standing(ONCALL))) == (["U0123ABCD"], 1)


def test_somebody_may_have_a_single_alert_speak_during_maintenance(engine: Engine) -> None:
    house = Sleeper(engine, UPGRADE)
    house.read(60)
    house.pass_on(HOUR)
    house.press(Verb.UNSILENCE)
    house.pass_on(HOUR)

    assert house.state() is State.FIRING


def test_maintenance_that_is_called_off_is_over_at_once(engine: Engine) -> None:
    house = Sleeper(engine, UPGRADE)
    house.pass_on(20 * MINUTE)
    house.read(60)
    house.routes = (Route((OPS,)),)
    house.pass_on(timedelta())

    assert house.standing(OPS) == ["Warning: long queue in train-a100"]
