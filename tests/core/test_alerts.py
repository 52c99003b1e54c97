"""The life of an alert."""

from dataclasses import fields, replace
from datetime import timedelta
from itertools import count, product

import pytest

from bot.core.alerts import NEXT, Alert, Event, NotAllowed, State, move, step, unseen
from bot.core.judge import PoolJudge, missed
from bot.core.rules.model import AlertRule
from bot.core.rules.verdict import Breach, Clear
from tests.building import MINUTE, NOON, POOL, an_alert, failures_spike, long_queue, minutes, queue_spike, stats


def alert(state: State = State.FIRING) -> Alert:
    """An alert in `state`."""
    return an_alert(state=state, fired_at=None if state is State.PENDING else NOON)


@pytest.mark.parametrize(("state", "event"), list(product(State, Event)))
def test_every_move_is_as_the_table_says_or_refused(state: State, event: Event) -> None:
    if (state, event) in NEXT:
        after, made = move(alert(state), event, at=NOON + MINUTE, why="so", actor="slack:U1")
        assert (after.state, made.before, made.after, made.actor) == (
            NEXT[state, event],
            state,
            after.state,
            "slack:U1",
        )
    else:
        with pytest.raises(NotAllowed, match=state.value):
            move(alert(state), event, at=NOON, why="so")


@pytest.mark.parametrize("state", [state for state in State if state is not State.RESOLVED])
def test_every_state_leads_to_resolved(state: State) -> None:
    assert NEXT[state, Event.CLEARED] is State.RESOLVED
    assert NEXT[state, Event.GONE] is State.RESOLVED


def test_an_api_that_is_down_does_not_resolve_an_alert() -> None:
    (change,) = missed([alert()], at=NOON + 3 * MINUTE, stale_after=2 * MINUTE)

    assert change.alert.state is State.FIRING
    assert change.alert.stale_since == NOON
    assert change.worth_telling


def test_a_single_failed_poll_does_not_mark_an_alert_stale() -> None:
    assert missed([alert()], at=NOON + MINUTE, stale_after=2 * MINUTE) == ()


def test_a_reading_and_a_move_leave_the_rest_of_an_alert_as_it_is() -> None:
    """Also what is added to an alert later."""
    rule = long_queue(above=50, clear_after=timedelta(minutes=5))
    facts = {each.name: (each.name, number) for number, each in enumerate(fields(Alert))}
    before = Alert(**{**facts, "state": State.ACKNOWLEDGED, "peak": 90, "fired_at": NOON, "clear_since": NOON})  # type: ignore[arg-type] # whatever they are
    at = NOON + MINUTE

    worse, _ = step(before, rule, Breach(60, "high"), at=at)
    better, _ = step(before, rule, Clear(40, "well"), at=NOON)
    moved, _ = move(before, Event.UNACKNOWLEDGE, at=at, why="so")

    assert worse == replace(before, value=60, why="high", seen_at=at, stale_since=None, clear_since=None)
    assert better == replace(before, value=40, seen_at=NOON, stale_since=None)
    assert moved == replace(
        before, state=State.FIRING, changed_at=at, resolved_at=None, held_by=None, silenced_until=None
    )


def test_an_alert_is_marked_stale_once() -> None:
    stale = unseen(alert(), at=NOON + 5 * MINUTE, stale_after=2 * MINUTE)

    assert missed([stale], at=NOON + 9 * MINUTE, stale_after=2 * MINUTE) == ()


def test_an_acknowledged_alert_says_who_holds_it_until_it_is_taken_back() -> None:
    held, _ = move(alert(), Event.ACKNOWLEDGE, at=NOON, why="seen", actor="slack:U1")
    free, _ = move(held, Event.UNACKNOWLEDGE, at=NOON, why="no", actor="slack:U2")

    assert (held.held_by, free.held_by) == ("slack:U1", None)


def test_a_worse_reading_raises_the_peak_and_is_worth_telling() -> None:
    judge, ids = PoolJudge(POOL, [long_queue(50)]), count()
    (first,) = judge.see(stats(train={"Queue": 60}), [], new_id=lambda: str(next(ids)))
    (worse,) = judge.see(stats(NOON + MINUTE, train={"Queue": 90}), [first.alert], new_id=lambda: str(next(ids)))
    (better,) = judge.see(stats(NOON + 2 * MINUTE, train={"Queue": 70}), [worse.alert], new_id=lambda: str(next(ids)))

    assert (worse.alert.peak, worse.worth_telling) == (90, True)
    assert (better.alert.value, better.worth_telling) == (70, False)


def test_an_alert_whose_rule_is_gone_is_closed_with_that_reason() -> None:
    judge = PoolJudge(POOL, [])
    (change,) = judge.see(stats(train={"Queue": 60}), [alert()], new_id=lambda: "x")

    assert change.alert.state is State.RESOLVED
    assert "does not cover" in str(change.moves[0].why)


def test_a_reading_that_is_not_newer_changes_nothing() -> None:
    judge = PoolJudge(POOL, [long_queue(50)])
    judge.learn(stats(train={"Queue": 1}))

    assert judge.see(stats(train={"Queue": 99}), [], new_id=lambda: "x") == ()


def test_an_alert_about_what_is_no_longer_reported_stays_open_and_is_marked() -> None:
    judge = PoolJudge(POOL, [long_queue(50)])
    (opened,) = judge.see(stats(train={"Queue": 99}), [], new_id=lambda: "x", stale_after=2 * MINUTE)

    seen: list[Alert] = [opened.alert]
    for minute in (1, 2, 3):
        reading = stats(NOON + minute * MINUTE, train={"Running": 5})
        seen += [change.alert for change in judge.see(reading, seen[-1:], new_id=lambda: "y", stale_after=2 * MINUTE)]

    assert [(each.state, each.stale_since) for each in seen[1:]] == [(State.FIRING, NOON)]
    (back,) = judge.see(stats(NOON + 4 * MINUTE, train={"Queue": 99}), seen[-1:], new_id=lambda: "z")
    assert back.alert.stale_since is None
    assert back.worth_telling


def test_live_equals_replay_equals_restarted() -> None:
    values = [5] * 200 + [60] * 30 + [5] * 60 + [70] * 5
    readings = minutes("Queue", values)
    rules: list[AlertRule] = [queue_spike(), failures_spike(), long_queue(40, clear_below=20)]
    ids = count()

    def through(restart_at: int | None) -> list[tuple[object, ...]]:
        judge = PoolJudge(POOL, rules)
        standing: dict[str, Alert] = {}
        seen: list[tuple[object, ...]] = []
        for index, reading in enumerate(readings):
            if index == restart_at:
                judge = PoolJudge(POOL, rules)
                for past in readings[:index]:
                    judge.learn(past)
            for change in judge.see(reading, list(standing.values()), new_id=lambda: str(next(ids))):
                standing[change.alert.rule] = change.alert
                seen.extend((made.at, made.event, change.alert.rule, made.why) for made in change.moves)
                if not change.alert.open:
                    del standing[change.alert.rule]
        return seen

    assert through(None) == through(215) == through(250)
    assert len(through(None)) == 6


def test_stale_after_is_counted_from_the_last_reading() -> None:
    assert unseen(alert(), at=NOON + timedelta(minutes=10), stale_after=timedelta(minutes=10)).stale_since == NOON
