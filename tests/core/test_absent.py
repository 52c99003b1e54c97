"""Rules on absence: has nothing been heard for too long?"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import count

import pytest

from bot.core.alerts import Alert, Event, State
from bot.core.judge import Change, PoolJudge, replay
from bot.core.rules.model import AbsentRule, AlertRule
from bot.core.stats import Pool, PoolStats
from tests.building import MINUTE, NOON, POOL, absent, long_queue, minutes, stats, told

OTHER = Pool("other", "other")


class Live:
    """A pool that is asked every minute and, in some of them, answers."""

    def __init__(self, *rules: AlertRule) -> None:
        self.judge = PoolJudge(POOL, rules)
        self.standing: dict[str, Alert] = {}
        self.ended: list[Alert] = []
        self._ids = count(1)

    def minute(self, minute: int, answer: PoolStats | None) -> Sequence[Change]:
        """What this minute changes."""
        alerts = tuple(self.standing.values())
        if answer is not None:
            changes = self.judge.see(answer, alerts, new_id=self._new_id, stale_after=2 * MINUTE)
        else:
            at = NOON + minute * MINUTE
            changes = self.judge.missed(alerts, at=at, new_id=self._new_id, stale_after=2 * MINUTE)
        for change in changes:
            self.standing[change.alert.id] = change.alert
            if not change.alert.open:
                self.ended.append(self.standing.pop(change.alert.id))
        return changes

    def _new_id(self) -> str:
        return str(next(self._ids))


def at(minute: int) -> PoolStats:
    """A reading of that minute."""
    return stats(NOON + minute * MINUTE, train={"Queue": 1, "Running": 2})


def test_a_pool_that_is_not_read_for_as_long_as_the_rule_says_is_told_at_that_moment() -> None:
    live = Live(absent(after="10m"))
    live.minute(0, at(0))
    quiet = [live.minute(minute, None) for minute in range(1, 10)]
    (change,) = live.minute(10, None)

    assert quiet == [()] * 9
    assert (change.alert.state, change.alert.fired_at, change.worth_telling) == (State.FIRING, NOON + 10 * MINUTE, True)
    assert change.alert.why == "No reading since 2026-03-02 12:00 UTC; longer than 10 min"


def test_it_is_told_once_is_not_marked_as_not_seen_and_ends_with_the_next_reading() -> None:
    live = Live(absent(after="10m"))
    live.minute(0, at(0))
    told_at = [minute for minute in range(1, 60) if live.minute(minute, None)]
    (alert,) = live.standing.values()
    (change,) = live.minute(60, at(60))

    assert told_at == [10]
    assert alert.stale_since is None
    assert (change.alert.state, change.alert.resolved_at) == (State.RESOLVED, NOON + 60 * MINUTE)
    assert change.moves[0].why == "the pool is read again"


def test_other_alerts_are_marked_meanwhile_as_ever() -> None:
    live = Live(long_queue(0), absent(after="10m"))
    live.minute(0, at(0))
    for minute in range(1, 12):
        live.minute(minute, None)

    assert {alert.rule: alert.stale_since for alert in live.standing.values()} == {"long queue": NOON, "no data": None}


def test_a_silence_that_was_seen_late_began_when_it_was_too_long() -> None:
    live = Live(absent(after="10m", hold_for="5m"))
    live.minute(0, at(0))
    (change,) = live.minute(17, None)

    assert (change.alert.began_at, change.alert.fired_at) == (NOON + 10 * MINUTE, NOON + 15 * MINUTE)


def test_one_that_nobody_looked_at_in_time_is_put_down_as_over() -> None:
    live = Live(absent(after="10m"))
    live.minute(0, at(0))
    (change,) = live.minute(12, at(12))

    assert [made.event for made in change.moves] == [Event.HELD, Event.CLEARED]
    assert (change.alert.fired_at, change.alert.resolved_at) == (NOON + 10 * MINUTE, NOON + 12 * MINUTE)


def test_a_reading_at_the_last_moment_is_in_time() -> None:
    assert told([absent(after="10m")], [at(0), at(10), at(20)]) == []


def test_a_pool_that_was_never_read_is_absent_from_when_it_should_have_been() -> None:
    live = Live(absent(after="10m"))
    live.judge.begin(NOON)
    told_at = [minute for minute in range(60) if live.minute(minute, None)]

    assert told_at == [10]
    assert "No reading since 2026-03-02 12:00 UTC, when watching it began" in str(
        next(iter(live.standing.values())).why
    )


def test_of_a_pool_that_nobody_watches_nothing_is_missed() -> None:
    live = Live(absent(after="10m"))

    assert not any(live.minute(minute, None) for minute in range(60))


def test_a_count_that_is_not_reported_is_told_though_the_pool_is_read() -> None:
    readings = [stats(NOON + n * MINUTE, train={"Running": 2} if 5 <= n < 25 else {"Queue": 1}) for n in range(40)]
    (alert,) = told([absent(metric="Queue", after="10m")], readings)

    assert (alert.fired_at, alert.resolved_at) == (NOON + 14 * MINUTE, NOON + 25 * MINUTE)
    assert alert.why == "Queue not reported since 2026-03-02 12:04 UTC; longer than 10 min"
    assert told([absent(after="10m")], readings) == []


def test_a_count_that_was_never_reported_is_absent_from_the_first_reading_on() -> None:
    (alert,) = told([absent(metric="Queue", after="10m")], [stats(NOON + n * MINUTE, train={}) for n in range(20)])

    assert alert.fired_at == NOON + 10 * MINUTE


def test_a_silence_of_the_pool_is_one_of_its_counts_too() -> None:
    (alert,) = told([absent(metric="Queue", after="10m")], minutes("Queue", [1, *[None] * 20, 1]))

    assert (alert.fired_at, alert.resolved_at) == (NOON + 10 * MINUTE, NOON + 21 * MINUTE)


def test_an_empty_pool_is_not_absent() -> None:
    empty = [stats(NOON + n * MINUTE) for n in range(30)]

    assert told([absent(after="10m"), absent(name="queue", metric="Queue", after="10m")], empty) == []


def test_in_a_replay_the_newest_of_all_readings_says_how_late_it_is() -> None:
    readings = [at(0), *(stats(NOON + n * MINUTE, OTHER, train={}) for n in range(12))]
    (alert,) = told([absent(after="10m")], readings)

    assert (alert.pool, alert.fired_at, alert.resolved_at) == (POOL, NOON + 10 * MINUTE, None)


def test_a_rule_that_waits_for_several_readings_to_clear_does_not_clear_into_the_next_silence() -> None:
    live = Live(absent(after="10m", clear_after="5m"))
    live.minute(0, at(0))
    live.minute(10, None)
    live.minute(11, at(11))
    for minute in range(12, 30):
        live.minute(minute, None)
    live.minute(30, at(30))

    assert len(live.standing) == 1
    assert live.minute(35, at(35))[0].alert.state is State.RESOLVED


def test_types_without_a_metric_are_refused() -> None:
    with pytest.raises(ValueError, match="a reading is of all types"):
        absent(types=["train"])


def test_the_default_is_ten_minutes_without_any_reading() -> None:
    assert (absent().after, absent().metric) == (timedelta(minutes=10), None)


def test_a_replay_without_readings_tells_of_a_pool_that_should_have_been_read() -> None:
    def new_id() -> str:
        return "1"

    watched: dict[Pool, datetime] = {POOL: NOON}
    rules: list[AbsentRule] = [absent()]
    (alert,) = replay(rules, [], new_id=new_id, until=NOON + 10 * MINUTE, watched=watched)

    assert alert.fired_at == NOON + 10 * MINUTE
