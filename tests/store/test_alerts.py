"""Alerts: as they stand, and how they came to that."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

from bot.core.alerts import Alert, Event, State, move, opened
from bot.core.rules.model import SHIPPED
from bot.core.rules.verdict import Breach
from bot.core.stats import Pool
from bot.store import alerts
from bot.store.alerts import AlreadyOpen
from bot.store.engine import reading, writing
from tests.building import MINUTE, NOON, POOL
from tests.store import strategies

_numbers = count(1)
QUEUE = SHIPPED[0]


def alert(alert_id: str = "1", job_type: str | None = None, pool: Pool = POOL) -> Alert:
    return opened(QUEUE, pool, job_type, Breach(9, "9 are waiting"), at=NOON, alert_id=alert_id)


def save(engine: Engine, *given_: Alert) -> None:
    with writing(engine) as db:
        for each in given_:
            alerts.save(db, each, ())


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(drawn=st.data())
def test_alerts_and_their_moves_come_back_exactly(engine: Engine, drawn: st.DataObject) -> None:
    given_ = drawn.draw(strategies.alerts(f"alert-{next(_numbers)}"))
    moves = drawn.draw(st.lists(strategies.moves, max_size=3))
    with writing(engine) as db:
        alerts.save(db, given_, moves)
    with reading(engine) as db:
        assert alerts.get(db, given_.id) == given_
        assert alerts.moves(db, given_.id) == moves


def test_an_alert_that_is_saved_again_is_changed_and_its_moves_are_added(engine: Engine) -> None:
    first = alert()
    firing, held = move(first, Event.HELD, at=NOON + MINUTE, why="9 are waiting")
    seen, acknowledged = move(firing, Event.ACKNOWLEDGE, at=NOON + 2 * MINUTE, why="", actor="slack:U1")
    with writing(engine) as db:
        alerts.save(db, first)
        alerts.save(db, firing, [held])
        alerts.save(db, seen, [acknowledged])
    with reading(engine) as db:
        assert alerts.get(db, "1") == seen
        assert alerts.moves(db, "1") == [held, acknowledged]
        assert alerts.get(db, "2") is None


def test_open_alerts_are_those_that_are_not_resolved(engine: Engine) -> None:
    over, _ = move(alert("over"), Event.CLEARED, at=NOON, why="")
    other = alert("other", pool=Pool("other", "other"))
    save(engine, alert("open"), over, other)
    with writing(engine) as db:
        assert [each.id for each in alerts.open_alerts(db)] == ["open", "other"]
        assert alerts.open_alerts(db, "other", lock=True) == [other]


@pytest.mark.parametrize("job_type", [None, "train"])
def test_two_alerts_of_the_same_rule_pool_and_type_are_never_open(engine: Engine, job_type: str | None) -> None:
    save(engine, alert("1", job_type))
    with pytest.raises(AlreadyOpen, match=r"an alert of rule 'queue spike' is open for pool 'train-a100-.*' already"):
        save(engine, alert("2", job_type))
    over, _ = move(alert("1", job_type), Event.CLEARED, at=NOON, why="")
    save(engine, over, alert("2", job_type), alert("3", "another type"))
    with reading(engine) as db:
        assert [each.id for each in alerts.open_alerts(db)] == ["2", "3"]


def test_what_happened_in_a_window_is_what_began_was_told_or_was_resolved_in_it(engine: Engine) -> None:
    def at(alert_id: str, began: int, fired: int, resolved: int | None) -> Alert:
        made = alert(alert_id, job_type=alert_id)
        over = None if resolved is None else NOON + resolved * MINUTE
        told = replace(made, began_at=NOON + began * MINUTE, fired_at=NOON + fired * MINUTE, resolved_at=over)
        return replace(told, state=State.FIRING if over is None else State.RESOLVED)

    save(
        engine,
        at("over before", 0, 1, 9),
        at("resolved in it", 0, 1, 10),
        at("told in it", 1, 15, None),
        at("began in it", 19, 30, None),
        at("open all the time", 2, 3, None),
        at("after it", 20, 21, 22),
    )
    with reading(engine) as db:
        found = alerts.between(db, since=NOON + 10 * MINUTE, until=NOON + 20 * MINUTE)
    assert [each.id for each in found] == ["resolved in it", "told in it", "began in it"]


def test_a_locked_alert_is_changed_by_one_at_a_time(engine: Engine) -> None:
    save(engine, replace(alert(), value=0))

    def add_one(_: int) -> None:
        with writing(engine) as db:
            found = alerts.get(db, "1", lock=True)
            assert found is not None
            alerts.save(db, replace(found, value=found.value + 1))

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(add_one, range(40)))
    with reading(engine) as db:
        found = alerts.get(db, "1")
    assert found is not None
    assert found.value == 40
