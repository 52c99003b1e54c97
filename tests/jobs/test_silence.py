"""Silences by pool and rule: what they keep quiet, until when, and how they are ended, extended and undone."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import Engine

from bot.core.access import Access, Grant
from bot.core.alerts import Alert, State
from bot.core.command import POOL_ALERTS, Asker
from bot.core.judge import PoolJudge
from bot.core.routes import Place, Route
from bot.core.silence_words import silence_words
from bot.core.stats import Pool
from bot.jobs.acting import pressed, typed
from bot.jobs.deliver import deliver
from bot.jobs.doing import Doing
from bot.jobs.silence import form_for, keep_silences, silence_as_filled_in
from bot.jobs.telling import Moment, tell
from bot.messages.form import Form, Misfilled, shown
from bot.messages.model import Message, Verb
from bot.store import alerts, silences
from bot.store.engine import reading, writing
from tests.building import MINUTE, NOON, POOL, long_queue, stats
from tests.jobs.chat import Chat
from tests.messages.reading import text

OTHER = Pool("infer-910b-0123456789abcdef0123456789abcdef", "infer-910b")
YOU = Asker("slack", "T1", "C1", "U1", "you")
COLLEAGUE = Asker("slack", "T1", "C2", "U2", "colleague")
ROUTES = (Route((Place("slack", "#ops"),)),)


class Ops:
    """A channel that is told of long queues, minute by minute, and people who do not want to hear of them."""

    def __init__(self, engine: Engine, access: Access | None = None) -> None:
        self.engine = engine
        self.access = access or Access()
        self.chat = Chat()
        self.now = NOON
        self._judges = {pool.id: PoolJudge(pool, [long_queue(50)]) for pool in (POOL, OTHER)}
        self._number = 0

    def read(self, queue: int, pool: Pool = POOL) -> None:
        """The next reading of a pool, and whatever is due is sent."""
        self.now += MINUTE
        with writing(self.engine) as db:
            standing = alerts.open_alerts(db, pool.id, lock=True)
            found = self._judges[pool.id].see(stats(self.now, pool, train={"Queue": queue}), standing, new_id=self._id)
            tell(db, found, ROUTES, at=Moment(self.now, self.now), read=pool.id)
        self.pass_on(timedelta())

    def pass_on(self, length: timedelta) -> None:
        """Time goes by."""
        self.now += length
        keep_silences(self.doing)
        while deliver(self.engine, {"slack": self.chat}, now=self.now, lease=MINUTE).more:
            pass

    @property
    def doing(self) -> Doing:
        return Doing(self.engine, self.access, ROUTES, Moment(self.now, self.now), pools=(POOL, OTHER))

    def type(self, words: str, asker: Asker = YOU) -> Message:
        """Type it after /pool-alerts."""
        asked = silence_words(POOL_ALERTS, words)
        assert asked is not None
        said = typed(asked, asker, self.doing)
        assert isinstance(said, Message)
        self.pass_on(timedelta())
        return said

    def press(self, said: Message, verb: Verb, asker: Asker = YOU) -> Message:
        """Press the first such button."""
        button = next(each for each in said.buttons if each.verb is verb)
        answered = pressed(verb, button.subject, asker, self.doing)
        assert isinstance(answered, Message)
        self.pass_on(timedelta())
        return answered

    @property
    def alert(self) -> Alert:
        """The only open alert."""
        with reading(self.engine) as db:
            (alert,) = alerts.open_alerts(db)
        return alert

    def state(self) -> State:
        """How it stands."""
        return self.alert.state

    def entries(self) -> list[str]:
        """What stands in threads."""
        return [entry.summary for under in self.chat.threads.values() for entry in under]

    def _id(self) -> str:
        self._number += 1
        return f"a{self._number}"


@pytest.fixture
def ops(engine: Engine) -> Ops:
    return Ops(engine)


def test_nobody_is_told_of_what_is_silenced_and_of_what_still_goes_on_when_that_ends(ops: Ops) -> None:
    ops.type("silence train-* 2h reason new driver")
    ops.read(60)
    assert (ops.alert.state, ops.alert.told) == (State.SILENCED, False)
    assert ops.chat.titles() == []

    ops.pass_on(timedelta(hours=1))
    ops.read(70)
    assert ops.chat.titles() == []

    ops.pass_on(timedelta(hours=1))
    assert ops.state() is State.FIRING
    assert ops.chat.titles() == ["Warning: long queue in train-a100"]


def test_what_is_over_before_the_silence_is_was_never_told(ops: Ops) -> None:
    ops.type("silence train-* 2h")
    ops.read(60)
    ops.read(3)
    ops.pass_on(timedelta(hours=3))

    assert (ops.chat.titles(), ops.entries()) == ([], [])


def test_a_silence_that_is_made_for_later_begins_then_and_can_be_taken_back(ops: Ops) -> None:
    # Noon in UTC is 20:00 in Shanghai.
    here = replace(YOU, zone="Asia/Shanghai")
    made = ops.type("silence train-* from 22:00 to 04:00 reason new driver", here)
    assert "Asia/Shanghai" in made.summary
    assert "Silenced from 14:00 UTC until 20:00 UTC" in made.summary
    ops.read(60)
    assert ops.state() is State.FIRING

    ops.pass_on(2 * timedelta(hours=1))
    assert (ops.state(), ops.chat.titles()) == (State.SILENCED, ["Silenced warning: long queue in train-a100"])
    ops.pass_on(6 * timedelta(hours=1))
    assert ops.state() is State.FIRING

    later = ops.type("silence train-* from 2026-03-08 22:00 to 2026-03-09 04:00", here)
    assert "from" in text(ops.type("silences"))
    ops.press(later, Verb.UNDO)
    assert ops.type("silences").title == "No silences"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        pytest.param("silence train-* from 22:00", "Until when?", id="no end"),
        pytest.param("silence train-* from 22:00 to soon", "is no time of day", id="no time"),
        pytest.param("silence train-* from 22:00 to 2026-03-03 04:00", "both", id="one of each"),
        pytest.param("silence train-* from 2026-03-01 22:00 to 2026-03-02 04:00", "is over", id="over"),
        pytest.param("silence train-* from 2026-03-03 22:00 to 2026-03-13 04:00", "7 days at most", id="too long"),
        pytest.param("silence train-* from 2027-03-03 22:00 to 2027-03-04 04:00", "within 60 days", id="too far ahead"),
        pytest.param("silence train-* from 2026-02-31 22:00 to 2026-03-04 04:00", "no day and time", id="no such day"),
    ],
)
def test_a_time_that_cannot_be_is_refused_with_the_reason(ops: Ops, words: str, said: str) -> None:
    assert said in ops.type(words).summary
    assert ops.type("silences").title == "No silences"


def test_another_pool_is_told(ops: Ops) -> None:
    ops.type("silence train-* 2h")
    ops.read(60, OTHER)

    assert ops.chat.titles() == ["Warning: long queue in infer-910b"]


def test_an_alert_that_stands_already_shows_that_it_is_silenced_and_undo_brings_it_back(ops: Ops) -> None:
    ops.read(60)
    made = ops.type("silence train-a100 2h rule long* reason new driver")
    assert ops.chat.titles() == ["Silenced warning: long queue in train-a100"]
    assert "new driver" in ops.entries()[-1]
    assert "1 open alert kept quiet" in made.summary

    undone = ops.press(made, Verb.UNDO)

    assert ops.chat.titles() == ["Warning: long queue in train-a100"]
    assert undone.summary.startswith("Undone")
    assert ops.type("silences").title == "No silences"
    assert "changed again" in ops.press(made, Verb.UNDO).summary


def test_undo_gives_an_acknowledgement_back_to_who_gave_it(ops: Ops) -> None:
    ops.read(60)
    pressed(Verb.ACKNOWLEDGE, ops.alert.id, COLLEAGUE, ops.doing)
    made = ops.type("silence * 2h")
    assert ops.state() is State.SILENCED

    ops.press(made, Verb.UNDO)

    assert (ops.alert.state, ops.alert.held_by) == (State.ACKNOWLEDGED, COLLEAGUE.signature)


@pytest.mark.parametrize(
    ("words", "is_quiet"),
    [
        pytest.param("silence * 2h", True, id="all pools"),
        pytest.param("silence TRAIN-A100 2h", True, id="whatever the case"),
        pytest.param("silence infer-*,train-* 2h", True, id="several"),
        pytest.param("silence * 2h rule long queue", True, id="its rule"),
        pytest.param("silence * 2h rule other*", False, id="another rule"),
        pytest.param("silence * 2h severity warning", True, id="its severity"),
        pytest.param("silence * 2h severity critical", False, id="another severity"),
        pytest.param("silence * 2h type train", False, id="a job type, and it is about all"),
    ],
)
def test_a_silence_is_about_all_that_it_says(ops: Ops, words: str, is_quiet: bool) -> None:
    ops.type(words)
    ops.read(60)

    assert (ops.chat.titles() == []) is is_quiet


def test_a_silence_is_listed_extended_and_ended(ops: Ops) -> None:
    ops.type("silence train-* 1h rule long* reason new driver")
    ops.read(60)
    listed = ops.type("silences")
    assert "train-*, rule long*" in text(listed)
    assert "by you · new driver · 1 open alert kept quiet" in text(listed)

    longer = ops.press(listed, Verb.EXTEND_SILENCE)
    ops.pass_on(timedelta(hours=2))
    assert ops.state() is State.SILENCED
    assert "15:00" in longer.summary

    ended = ops.press(ops.type("silences"), Verb.END_SILENCE)
    assert ops.chat.titles() == ["Warning: long queue in train-a100"]
    assert ops.type("silences").title == "No silences"

    ops.press(ended, Verb.UNDO)
    assert ops.chat.titles() == ["Silenced warning: long queue in train-a100"]


def test_no_silence_lasts_longer_than_a_week_however_often_it_is_extended(ops: Ops) -> None:
    ops.type("silence train-* 7d")
    ops.press(ops.type("silences"), Verb.EXTEND_SILENCE)

    with reading(ops.engine) as db:
        (silence,) = silences.in_force(db, now=ops.now)
    assert silence.until == ops.now + timedelta(days=7)


def test_of_two_silences_the_longer_one_counts(ops: Ops) -> None:
    ops.type("silence train-* 1h")
    ops.type("silence train-a100 2h")
    ops.read(60)

    ops.pass_on(timedelta(hours=1, minutes=30))
    assert ops.state() is State.SILENCED
    ops.pass_on(timedelta(hours=1))
    assert ops.state() is State.FIRING


def test_an_alert_told_while_the_silence_was_being_made_is_silenced_all_the_same(ops: Ops) -> None:
    ops.read(60)
    made = ops.alert
    ops.type("silence train-* 2h")
    with writing(ops.engine) as db:
        # As another process leaves it that did not see the silence yet.
        alerts.save(db, replace(made, id="a9", rule="another"))

    ops.pass_on(timedelta(seconds=5))

    with reading(ops.engine) as db:
        assert {alert.state for alert in alerts.open_alerts(db)} == {State.SILENCED}


def test_unsilencing_one_alert_leaves_the_silence(ops: Ops) -> None:
    ops.read(60)
    ops.type("silence train-* 2h")
    ops.pass_on(MINUTE)

    pressed(Verb.UNSILENCE, ops.alert.id, COLLEAGUE, ops.doing)
    ops.pass_on(timedelta(minutes=5))

    assert ops.state() is State.FIRING
    assert ops.type("silences").title == "1 silence"


def test_two_people_who_silence_at_once_get_one_outcome_and_both_see_it(ops: Ops) -> None:
    ops.read(60)
    first = pressed(Verb.SILENCE, f"{ops.alert.id} 2h", YOU, ops.doing)
    second = pressed(Verb.SILENCE, f"{ops.alert.id} 30m", COLLEAGUE, ops.doing)

    assert isinstance(first, Message)
    assert isinstance(second, Message)
    assert first.summary.startswith("Silenced until 14:01 UTC")
    assert "already silenced until 14:01 UTC by you" in second.summary


@pytest.mark.parametrize(
    ("zone", "until"),
    [
        pytest.param("Asia/Shanghai", "2026-03-03 01:00", id="where the person lives"),
        pytest.param("", "2026-03-03 09:00", id="in UTC where that is not known"),
        pytest.param("../etc/passwd", "2026-03-03 09:00", id="in UTC where that is nonsense"),
    ],
)
def test_tomorrow_morning_is_where_the_person_lives_and_that_is_said(ops: Ops, zone: str, until: str) -> None:
    ops.read(60)

    said = pressed(Verb.SILENCE, f"{ops.alert.id} tomorrow", replace(YOU, zone=zone), ops.doing)

    assert isinstance(said, Message)
    assert ("09:00 in Asia/Shanghai" if zone == "Asia/Shanghai" else "09:00 UTC, as I do not know") in said.summary
    assert f"{ops.alert.silenced_until:%Y-%m-%d %H:%M}" == until


def test_an_undo_is_for_who_did_it_and_as_long_as_it_stands(ops: Ops) -> None:
    ops.read(60)
    done = pressed(Verb.ACKNOWLEDGE, ops.alert.id, YOU, ops.doing)
    assert isinstance(done, Message)

    assert "nothing to undo" in ops.press(done, Verb.UNDO, COLLEAGUE).summary
    pressed(Verb.SILENCE, f"{ops.alert.id} 2h", COLLEAGUE, ops.doing)
    assert "changed again" in ops.press(done, Verb.UNDO).summary
    assert ops.state() is State.SILENCED


def test_the_form_of_an_alert_is_filled_in_and_makes_the_silence(ops: Ops) -> None:
    ops.read(60)
    form = form_for(ops.alert.id, YOU, ops.doing)
    assert isinstance(form, Form)
    filled = {field.name: shown(field) for field in form.fields}
    assert (filled["pools"], filled["rule"], filled["length"]) == ("train-a100", "long queue", "2h")

    silence_as_filled_in(form.subject, filled | {"reason": "new driver"}, YOU, ops.doing)
    ops.pass_on(timedelta())

    assert ops.chat.titles() == ["Silenced warning: long queue in train-a100"]


@pytest.mark.parametrize(
    ("field", "typed_in", "said"),
    [
        pytest.param("pools", "nothing-*", "No pool is called nothing-*", id="a pool that is not there"),
        pytest.param("length", "", "for how long", id="neither a length nor a date"),
        pytest.param("length", "9d", "7d at most", id="too long"),
        pytest.param("until", "1000000000", "next 7 days", id="a date that is over"),
    ],
)
def test_what_cannot_be_is_said_beside_its_field(ops: Ops, field: str, typed_in: str, said: str) -> None:
    filled = {"pools": "*", "severity": "any", "length": "2h"}

    with pytest.raises(Misfilled) as refused:
        silence_as_filled_in("", filled | {field: typed_in}, YOU, ops.doing)

    assert said in refused.value.problems[field]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        pytest.param("silence train-*", "for how long", id="no length"),
        pytest.param("silence train-* soon", "no length of time", id="no length that can be read"),
        pytest.param("silence train-* 8d", "7 days at most", id="too long"),
        pytest.param("silence train-* 2h please", "do not understand “please”", id="a word out of place"),
        pytest.param("silence train-* 2h severity bad", "no severity “bad”", id="no such severity"),
        pytest.param("silence nothing-* 2h", "no pool is called nothing-*", id="no such pool"),
    ],
)
def test_what_cannot_be_understood_is_said(ops: Ops, words: str, said: str) -> None:
    assert said in ops.type(words).summary.replace("No pool", "no pool").replace("For how", "for how")
    assert ops.type("silences").title == "No silences"


def test_a_silence_reaches_no_further_than_the_one_who_made_it_can_see(engine: Engine) -> None:
    ops = Ops(engine, Access(grants=(Grant(("infer-*",), ("slack:C9",)),)))
    ops.type("silence * 2h")
    ops.read(60, OTHER)
    ops.read(60)

    assert ops.chat.titles() == ["Warning: long queue in infer-910b"]
    assert "No pool is called infer-*" in ops.type("silence infer-* 2h").summary
    assert ops.type("silences", COLLEAGUE).title == "No silences"
    assert "no such alert" in str(pressed(Verb.SILENCE, "a1 custom", COLLEAGUE, ops.doing))


def test_the_log_tells_who_did_what_newest_first_a_page_at_a_time(ops: Ops) -> None:
    ops.read(60)
    for _ in range(5):
        pressed(Verb.ACKNOWLEDGE, ops.alert.id, YOU, ops.doing)
        pressed(Verb.UNACKNOWLEDGE, ops.alert.id, COLLEAGUE, ops.doing)

    newest = ops.type("log")
    older = ops.type(newest.buttons[0].subject.removeprefix("/pool-alerts "))

    lines = text(newest).splitlines()[1:]
    assert "Unacknowledge by colleague: alert a1 in train-a100 · from slack:C2 · acknowledged → firing" in lines[0]
    assert "Acknowledge by you: alert a1 in train-a100 · from slack:C1 · firing → acknowledged" in lines[1]
    assert (len(newest.blocks), len(older.blocks), older.buttons) == (8, 2, ())


def test_the_log_is_handed_to_admins_as_a_file_which_is_on_record_too(engine: Engine) -> None:
    ops = Ops(engine, Access(admins=(str(YOU),)))
    ops.read(60)
    pressed(Verb.ACKNOWLEDGE, ops.alert.id, COLLEAGUE, ops.doing)

    refused, handed = ops.type("log export", COLLEAGUE), ops.type("log export")

    assert refused.attached is None
    assert "Only the bot’s admins" in refused.summary
    assert handed.attached is not None
    assert handed.attached.name.endswith(".csv")
    header, line = handed.attached.text.splitlines()
    assert header.startswith("seq,at,actor,action")
    assert ",acknowledge,alert a1," in line
    assert "Export log by you" in text(ops.type("log"))
    assert [button.label for button in ops.type("log").buttons] == ["Export"]
    assert ops.type("log", COLLEAGUE).buttons == ()


def test_the_log_hides_what_is_about_pools_one_may_not_see(engine: Engine) -> None:
    ops = Ops(engine, Access(grants=(Grant(("infer-*",), ("slack:C1",)),)))
    ops.read(60, OTHER)
    pressed(Verb.ACKNOWLEDGE, ops.alert.id, YOU, ops.doing)

    assert len(ops.type("log").blocks) == 1
    assert ops.type("log", COLLEAGUE).title == "No entries"


def test_an_old_undo_shows_nothing_of_what_has_been_hidden_since(ops: Ops) -> None:
    for pool in (POOL, OTHER):
        ops.read(60, pool)
    made = ops.type("silence * 2h")
    ops.access = Access(grants=(Grant((POOL.name,), ("slack:C9",)),))

    said = text(ops.press(made, Verb.UNDO))

    assert OTHER.name in said
    assert POOL.name not in said


def test_who_reads_along_knows_of_a_silence_only_if_they_may_see_all_its_pools(ops: Ops) -> None:
    ops.access = Access(grants=(Grant((POOL.name,), groups=("slack:S0LEADS0001",)),))
    leader, reader = replace(YOU, groups=("slack:S0LEADS0001",)), replace(COLLEAGUE, channel=YOU.channel)
    ops.type(f"silence {POOL.name},{OTHER.name} 2h reason hush", leader)
    ops.type(f"silence {OTHER.name} 2h reason known", leader)

    for words in ("silences", "log"):
        assert POOL.name in text(ops.type(words, leader))
        told = text(ops.type(words, reader))
        assert OTHER.name in told
        assert POOL.name not in told
        assert "hush" not in told
