"""Which alerts are told together, and what of them is worth a notification."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.alerts import Alert, Event, State, move
from bot.core.gathering import GATHER, REOPEN_WITHIN, News, Standing, Update, follow, step
from bot.core.incidents import FIRST_REMINDER, LONGEST_REMINDER, Incident
from bot.core.judge import Change
from bot.core.rules.model import AlertRule, Severity, StuckRule
from bot.core.stats import JobStatus
from tests.building import MINUTE, NOON, an_alert, long_queue, minutes, queue_spike, stats

HOUR = 60 * MINUTE


class Pool:
    """A pool's incidents, change by change."""

    def __init__(self, *, grouped: bool = True) -> None:
        self.standing = Standing()
        self.grouped = grouped
        self.open: dict[str, Alert] = {}
        self._ids = count(1)

    def fires(self, at: datetime, rule: str = "queue spike", **facts: object) -> Sequence[Update]:
        """An alert of this rule is to be told."""
        alert = an_alert(id=f"{next(self._ids)}", rule=rule, began_at=at, fired_at=at, seen_at=at, **facts)
        self.open[rule] = alert
        return self._step(at, Change(alert, replace(alert, state=State.PENDING, fired_at=None)))

    def ends(self, at: datetime, rule: str = "queue spike") -> Sequence[Update]:
        """The alert of this rule is over."""
        before = self.open.pop(rule)
        after, made = move(replace(before, clear_since=at, seen_at=at), Event.CLEARED, at=at, why="well")
        return self._step(at, Change(after, before, (made,)))

    def moves(self, at: datetime, event: Event, rule: str = "queue spike", **facts: object) -> Sequence[Update]:
        """Something happens to the alert of this rule."""
        before = self.open[rule]
        after, made = move(before, event, at=at, why="", **facts)  # type: ignore[arg-type] # of move
        self.open[rule] = after
        return self._step(at, Change(after, before, (made,)))

    def sees(self, at: datetime, rule: str = "queue spike", **facts: object) -> Sequence[Update]:
        """The alert of this rule changed without a move."""
        before = self.open[rule]
        self.open[rule] = replace(before, **facts)  # type: ignore[arg-type] # any field of the dataclass
        return self._step(at, Change(self.open[rule], before))

    def reads(self, at: datetime) -> Sequence[Update]:
        """The pool is read, and nothing has changed."""
        return self._step(at)

    def _step(self, at: datetime, *changes: Change) -> Sequence[Update]:
        self.standing, updates = step(self.standing, changes, at=at, grouped=self.grouped, reading=True)
        return updates

    @property
    def incident(self) -> Incident:
        """The only one."""
        (only,) = self.standing.incidents
        return only


def said(updates: Sequence[Update]) -> list[tuple[News, bool]]:
    """What threads are told, and whether aloud."""
    return [(entry.news, entry.aloud) for update in updates for entry in update.entries]


def test_a_lone_alert_is_an_incident_of_its_own_name_with_nothing_in_its_thread() -> None:
    (update,) = Pool().fires(NOON)

    assert (update.incident.id, update.opened, update.entries) == ("1", True, ())


def test_what_fires_together_is_told_in_one_message_that_the_most_severe_opens() -> None:
    alerts = [
        an_alert(id="1"),
        an_alert(id="2", rule="failures spike", severity=Severity.CRITICAL),
    ]
    _, (update,) = step(Standing(), [Change(alert, None) for alert in alerts], at=NOON)

    assert (update.incident.id, update.incident.severity, update.entries) == ("2", Severity.CRITICAL, ())
    assert [member.alert.id for member in update.incident.ranked()] == ["2", "1"]


@pytest.mark.parametrize(
    ("after", "facts", "expected"),
    [
        pytest.param(GATHER - MINUTE, {}, (News.JOINED, False), id="soon, as severe: people are looking already"),
        pytest.param(GATHER, {}, (News.JOINED, True), id="later, of another kind"),
        pytest.param(MINUTE, {"severity": Severity.CRITICAL}, (News.JOINED, True), id="more severe"),
        pytest.param(MINUTE, {"severity": Severity.INFO}, (News.JOINED, False), id="less severe"),
    ],
)
def test_what_joins_is_as_loud_as_it_is_news(
    after: timedelta, facts: dict[str, object], expected: tuple[News, bool]
) -> None:
    pool = Pool()
    pool.fires(NOON)

    (update,) = pool.fires(NOON + after, "failures spike", **facts)

    assert not update.opened
    assert said([update]) == [expected]


def test_what_comes_back_soon_joins_and_is_quiet_until_the_growing_interval_is_over() -> None:
    pool = Pool()
    pool.fires(NOON)
    loud = []
    for minute in range(20, 24 * 60, 20):
        at = NOON + minute * MINUTE
        pool.ends(at - 10 * MINUTE)
        loud += [minute // 60 for entry in said(pool.fires(at)) if entry == (News.AGAIN, True)]

    assert loud == [1, 3, 7, 15]
    assert pool.incident.id == "1"
    assert pool.incident.members[0].times == 72


def test_what_comes_back_late_is_another_incident() -> None:
    pool = Pool()
    pool.fires(NOON)
    pool.ends(NOON + MINUTE)

    (update,) = pool.fires(NOON + MINUTE + REOPEN_WITHIN)

    assert (update.opened, update.incident.id) == (True, "2")


def test_what_goes_on_is_said_again_after_growing_intervals() -> None:
    pool = Pool()
    pool.fires(NOON)

    hours = [hour for hour in range(1, 100) if said(pool.reads(NOON + hour * HOUR)) == [(News.STILL, True)]]

    assert hours == [1, 3, 7, 15, 31, 55, 79]
    assert pool.incident.remind_at - pool.incident.aloud_at == LONGEST_REMINDER


def test_real_news_begins_the_intervals_anew() -> None:
    pool = Pool()
    pool.fires(NOON)
    for hour in (1, 3):
        assert pool.reads(NOON + hour * HOUR)
    pool.fires(NOON + 4 * HOUR, "failures spike")

    assert not pool.reads(NOON + 5 * HOUR - MINUTE)
    assert said(pool.reads(NOON + 5 * HOUR)) == [(News.STILL, True)]


@pytest.mark.parametrize(
    "quiet",
    [
        pytest.param(lambda pool: pool.moves(NOON + MINUTE, Event.ACKNOWLEDGE), id="acknowledged"),
        pytest.param(lambda pool: pool.moves(NOON + MINUTE, Event.SILENCE, until=NOON + 9 * HOUR), id="silenced"),
        pytest.param(lambda pool: pool.sees(NOON + MINUTE, stale_since=NOON), id="not seen"),
        pytest.param(lambda pool: pool.sees(NOON + MINUTE, clear_since=NOON), id="getting better"),
    ],
)
def test_nobody_is_reminded_of_what_they_know_or_what_is_not_certain(quiet: object) -> None:
    pool = Pool()
    pool.fires(NOON)
    quiet(pool)  # type: ignore[operator] # pytest.param loses the type

    assert not pool.reads(NOON + 2 * FIRST_REMINDER)


def test_an_incident_is_over_when_all_of_it_is() -> None:
    pool = Pool()
    pool.fires(NOON)
    pool.fires(NOON, "failures spike")
    pool.ends(NOON + MINUTE)
    assert (pool.incident.state, pool.incident.ended_at) == (State.FIRING, None)

    (update,) = pool.ends(NOON + 2 * MINUTE, "failures spike")

    assert (update.incident.state, update.incident.ended_at) == (State.RESOLVED, NOON + 2 * MINUTE)


def test_what_was_over_before_it_could_be_told_is_told_as_what_it_was() -> None:
    silence = an_alert(state=State.PENDING, fired_at=None)
    firing, held = move(silence, Event.HELD, at=NOON, why="no data for 10 min")
    over, cleared = move(replace(firing, clear_since=NOON), Event.CLEARED, at=NOON, why="heard again")

    _, (update,) = step(Standing(), [Change(over, None, (held, cleared))], at=NOON)

    assert (update.opened, update.incident.state, said([update])) == (True, State.RESOLVED, [(News.MOVED, False)])


def test_each_alert_is_its_own_incident_where_that_is_wanted() -> None:
    pool = Pool(grouped=False)
    pool.fires(NOON)

    (update,) = pool.fires(NOON, "failures spike")

    assert (update.opened, update.incident.id) == (True, "2")


def test_a_pool_that_is_stuck_says_what_its_queue_spike_would() -> None:
    pool = Pool()
    pool.fires(NOON, "stuck queue", kind="stuck")

    assert pool.fires(NOON + MINUTE, kind="spike") == ()
    assert [alert.rule for alert in pool.standing.held_back] == ["queue spike"]
    # It is still there when the pool is not stuck any more.
    (update,) = pool.ends(NOON + 20 * MINUTE, "stuck queue")
    assert said([update]) == [(News.MOVED, False), (News.JOINED, True)]
    assert update.incident.state is State.FIRING


def test_a_spike_that_is_over_while_it_is_held_back_is_never_told() -> None:
    pool = Pool()
    pool.fires(NOON, "stuck queue", kind="stuck")
    pool.fires(NOON + MINUTE, kind="spike")

    assert pool.ends(NOON + 2 * MINUTE) == ()
    assert pool.standing.held_back == ()


def test_what_is_stuck_leads_where_the_spike_was_told_first() -> None:
    pool = Pool()
    pool.fires(NOON, kind="spike", severity=Severity.CRITICAL)
    pool.fires(NOON + 10 * MINUTE, "stuck queue", kind="stuck")

    assert [member.alert.rule for member in pool.incident.ranked()] == ["stuck queue", "queue spike"]


@pytest.mark.parametrize(
    "facts",
    [
        pytest.param({"metric": JobStatus.PENDING}, id="another status"),
        pytest.param({"job_type": "train"}, id="one type alone"),
    ],
)
def test_what_is_stuck_elsewhere_holds_nothing_back(facts: dict[str, object]) -> None:
    pool = Pool()
    pool.fires(NOON, "stuck queue", kind="stuck", **facts)

    assert pool.fires(NOON + MINUTE, kind="spike")


def test_a_replay_tells_incidents_as_live_readings_do() -> None:
    rules: list[AlertRule] = [long_queue(50), long_queue(90, name="longer queue", severity="critical")]
    readings = minutes("Queue", [10, 60, 60, 100, 10, 60, 10])

    updates = [update for _, told in follow(rules, readings, new_id=count(1).__next__) for update in told]  # type: ignore[arg-type] # numbers do for names

    assert [update.opened for update in updates].count(True) == 1
    assert said(updates)[:2] == [(News.JOINED, True), (News.MOVED, False)]
    assert updates[-1].incident.state is State.RESOLVED


HAPPENINGS = st.lists(
    st.tuples(
        st.integers(1, 90),
        st.sampled_from(["queue spike", "failures spike", "stuck queue"]),
        st.sampled_from(["fires", "ends", "acknowledge", "silence", "unsilence", "reads", "unseen", "better"]),
    ),
    max_size=40,
)


@given(HAPPENINGS, st.booleans())
def test_no_alert_that_is_open_is_ever_without_a_message_that_says_so(
    happenings: Sequence[tuple[int, str, str]], grouped: bool
) -> None:
    pool, at, shown = Pool(grouped=grouped), NOON, dict[str, Incident]()
    for wait, rule, what in happenings:
        at += wait * MINUTE
        for update in happening(pool, at, rule, what):
            assert update.opened == (update.incident.id not in shown)
            shown[update.incident.id] = update.incident
        held_back = {alert.id for alert in pool.standing.held_back}
        for alert in pool.open.values():
            saying = [each for each in shown.values() if alert.id in {member.alert.id for member in each.members}]
            if alert.id in held_back:
                assert saying == []
                # What is getting better waits for the next reading.
                assert "stuck queue" in pool.open or alert.clear_since is not None
                continue
            (message,) = saying
            assert message.open
            assert alert.state in {member.alert.state for member in message.members}
        for message in shown.values():
            if message.state is State.RESOLVED:
                assert not {member.alert.id for member in message.members} & {each.id for each in pool.open.values()}


def happening(pool: Pool, at: datetime, rule: str, what: str) -> Sequence[Update]:
    """One of the things that can happen, where it can."""
    kind = {"queue spike": "spike", "stuck queue": "stuck"}.get(rule)
    state = pool.open[rule].state if rule in pool.open else None
    match what, state:
        case "fires", None:
            return pool.fires(at, rule, kind=kind)
        case "ends", State():
            return pool.ends(at, rule)
        case "acknowledge", State.FIRING:
            return pool.moves(at, Event.ACKNOWLEDGE, rule)
        case "silence", State.FIRING | State.ACKNOWLEDGED:
            return pool.moves(at, Event.SILENCE, rule, until=at + HOUR)
        case "unsilence", State.SILENCED:
            return pool.moves(at, Event.SILENCE_OVER, rule)
        case "unseen", State():
            return pool.sees(at, rule, stale_since=at)
        case "better", State():
            return pool.sees(at, rule, clear_since=at)
        case _:
            return pool.reads(at)


def test_a_pool_where_no_job_starts_is_told_as_stuck_and_not_as_a_spike_too() -> None:
    rules: list[AlertRule] = [queue_spike(), StuckRule(name="stuck queue", after=timedelta(minutes=2))]
    day = [stats(NOON + n * MINUTE, train={"Queue": 4, "Running": 20, "Completed": n}) for n in range(1440)]
    grows = [stats(NOON + n * MINUTE, train={"Queue": 20 * (n - 1439), "Running": 20}) for n in range(1440, 1500)]
    names = count(1)

    updates = [u for _, told in follow(rules, [*day, *grows], new_id=lambda: f"{next(names)}") for u in told]

    assert {member.alert.rule for update in updates for member in update.incident.members} == {"stuck queue"}
    alone = [u for _, told in follow(rules[:1], [*day, *grows], new_id=lambda: f"{next(names)}") for u in told]
    assert alone[0].incident.members[0].alert.rule == "queue spike"
