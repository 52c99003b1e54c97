"""Rules made in chat: tried before they are kept, on record, undone, and used from the next reading on."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import Engine

from bot.core.access import Access, Grant
from bot.core.command import Asker
from bot.core.language import Language, speaking
from bot.core.planning_words import AboutRules, planning
from bot.core.routes import Place, Route
from bot.core.rule_text import parse_rule
from bot.core.rules.model import SHIPPED
from bot.core.stats import Pool
from bot.jobs import rules
from bot.jobs.deliver import deliver
from bot.jobs.desk import Desk, in_use
from bot.jobs.drill import LASTS, end_drills
from bot.jobs.poll import Judges
from bot.jobs.telling import Moment
from bot.messages.form import Form, Misfilled, Purpose, shown
from bot.messages.model import Message, Paragraph, Verb, to_json
from bot.store import audit, samples
from bot.store import rules as kept
from bot.store.engine import reading, writing
from tests.building import MINUTE, NOON, POOL, long_queue, minutes
from tests.jobs.chat import Chat
from tests.messages.reading import plain

ANN = Asker("slack", "T1", "C1", "UANN", "ann")
BOB = Asker("slack", "T1", "C1", "UBOB", "bob")
OTHER = Pool("infer-910b-0123456789abcdef0123456789abcdef", "infer-910b")
OPS = Place("slack", "#ops")
LONG = "Queue above 50 called long queue"

Made = Callable[..., Desk]


@pytest.fixture
def changes() -> list[str]:
    return []


@pytest.fixture
def desk(engine: Engine, changes: list[str]) -> Desk:
    """A store with a day of readings: ten minutes of a longer queue in every hour."""
    readings = minutes("Queue", [each for height in range(51, 75) for each in [height] * 10 + [2] * 50])
    with writing(engine) as db:
        samples.save_many(db, readings)
    at = NOON + timedelta(days=1)
    return Desk(
        engine,
        Access(),
        SHIPPED,
        (Route((OPS,)),),
        (POOL, OTHER),
        Moment(at, at),
        passed=timedelta,
        changed=lambda: changes.append("changed"),
    )


def ask(desk: Desk, text: str, asker: Asker = ANN) -> Message | Form:
    about = planning("/pool-alerts", text)
    assert isinstance(about, AboutRules)
    return rules.answered(about, asker, desk)


def said(desk: Desk, text: str, asker: Asker = ANN) -> Message:
    answer = ask(desk, text, asker)
    assert isinstance(answer, Message)
    return answer


def typed(form: Form, **changed: str) -> dict[str, str]:
    return {field.name: shown(field) for field in form.fields} | changed


def form(desk: Desk, text: str) -> Form:
    answer = ask(desk, text)
    assert isinstance(answer, Form)
    return answer


def submit(desk: Desk, form: Form, asker: Asker = ANN, /, **changed: str) -> Message | Form:
    return rules.submitted(form.purpose, form.subject, typed(form, **changed), asker, desk)


def made(desk: Desk) -> list[kept.KeptRule]:
    with reading(desk.engine) as db:
        return kept.all_of(db)


def test_a_rule_in_words_is_tried_on_the_last_days_and_a_calmer_limit_is_named(desk: Desk) -> None:
    answer = said(desk, "test Queue above 50")

    assert "24 alerts in 24 h on 1 of 1 pool" in answer.summary
    assert "At 73 it would be 1 alert, at most one a day." in answer.summary
    assert "infer-910b" in to_json(answer)


def test_a_rule_is_tried_and_refused_in_the_language_of_whoever_asks(desk: Desk) -> None:
    with speaking(Language.CHINESE):
        tried, refused = said(desk, "test Queue above 50"), said(desk, "test Queue over 50")
        with pytest.raises(Misfilled) as misfilled:
            submit(desk, form(desk, "add"), name="long queue")
        filled_in = submit(desk, form(desk, "add Queue above 50 called long queue"))

    assert "24 条告警（24 小时内），涉及 1 个资源池中的 1 个" in tried.summary
    assert "阈值设为 73 时：1 条告警，每天最多 1 条。" in tried.summary
    assert refused.summary.startswith("Queue 后面应为 above 或 spike，而不是 'over'：")
    assert misfilled.value.problems == {"above": "阈值规则需要填写阈值。"}
    assert isinstance(filled_in, Form)
    assert (filled_in.title, filled_in.submit) == ("添加规则", "保存")


def test_a_rule_is_known_by_its_name_too(desk: Desk) -> None:
    assert "queue spike" in said(desk, "test Queue Spike").title


def test_the_form_shows_what_the_rule_would_have_done_before_it_is_kept(desk: Desk, changes: list[str]) -> None:
    tried = submit(desk, form(desk, "add"), name="long queue", above="50")

    assert isinstance(tried, Form)
    assert tried.purpose is Purpose.KEEP_RULE
    assert "24 alerts" in str(tried.blocks)
    assert any("73 would make it at most one alert a day" in field.hint for field in tried.fields)
    assert made(desk) == []

    answer = submit(desk, tried)
    assert isinstance(answer, Message)
    assert "slack:#ops" in answer.summary
    assert [each.rule for each in made(desk)] == [long_queue(50)]
    assert changes == ["changed"]


def test_a_rule_that_was_changed_after_it_was_tried_is_tried_again(desk: Desk) -> None:
    tried = submit(desk, form(desk, "add"), name="long queue", above="50")
    assert isinstance(tried, Form)

    again = submit(desk, tried, above="73")

    assert isinstance(again, Form)
    assert "1 alert in" in str(again.blocks)
    assert made(desk) == []


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        pytest.param({"name": ""}, "name", id="no name"),
        pytest.param({"name": "QUEUE spike"}, "name", id="the name of a rule of the file"),
        pytest.param({"above": ""}, "above", id="no limit"),
        pytest.param({"above": "many"}, "above", id="no number"),
        pytest.param({"clear_below": "90"}, "clear_below", id="limits the wrong way round"),
        pytest.param({"hold_for": "a while"}, "hold_for", id="no duration"),
        pytest.param({"metric": "Waiting"}, "metric", id="no such status"),
        pytest.param({"types": "x" * 90}, "types", id="a type nobody has"),
    ],
)
def test_what_is_wrong_stands_beside_its_field(desk: Desk, changed: dict[str, str], field: str) -> None:
    with pytest.raises(Misfilled) as wrong:
        submit(desk, form(desk, "add"), **({"name": "long queue", "above": "50"} | changed))
    assert list(wrong.value.problems) == [field]


def test_a_spike_rule_is_made_with_the_same_form(desk: Desk) -> None:
    tried = submit(desk, form(desk, "add"), name="failing", kind="spike", metric="Failed", sensitivity="low")
    assert isinstance(tried, Form)
    submit(desk, tried)

    assert [each.rule for each in made(desk)] == [parse_rule("Failed spike low called failing")]


def test_a_rule_is_edited_undone_removed_and_restored_each_on_record(desk: Desk) -> None:
    said(desk, f"keep {LONG}")
    (one,) = made(desk)
    tried = submit(desk, form(desk, "edit LONG queue"), above="73", severity="critical")
    assert isinstance(tried, Form)
    answer = submit(desk, tried, BOB)
    assert isinstance(answer, Message)
    assert made(desk)[0].rule == long_queue(73, severity="critical")

    said(desk, f"undo {one.id}")
    assert made(desk)[0].rule == one.rule
    said(desk, "remove long queue", BOB)
    said(desk, f"remove {one.id}", BOB)
    assert made(desk) == []
    said(desk, f"restore {one.id}")
    assert [each.rule for each in made(desk)] == [one.rule]

    with reading(desk.engine) as db:
        entries = [(each.action, each.actor, each.subject) for each in audit.entries(db, limit=9)][::-1]
    assert entries == [
        ("add rule", "slack:UANN ann", "rule long queue"),
        ("change rule", "slack:UBOB bob", "rule long queue"),
        ("change rule", "slack:UANN ann", "rule long queue"),
        ("remove rule", "slack:UBOB bob", "rule long queue"),
        ("restore rule", "slack:UANN ann", "rule long queue"),
    ]


def test_a_removed_rule_comes_not_back_where_its_name_is_taken(desk: Desk) -> None:
    said(desk, f"keep {LONG}")
    (one,) = made(desk)
    said(desk, "remove long queue")
    said(desk, f"keep {LONG}")

    assert "already" in said(desk, f"restore {one.id}").summary
    assert len(made(desk)) == 1


def test_only_admins_change_rules_where_there_are_any(desk: Desk) -> None:
    strict = replace(desk, access=Access(admins=("slack:UANN",)))
    said(strict, f"keep {LONG}")

    for text in ("keep Queue above 9", "add", "edit long queue", "remove long queue", "drill"):
        assert "Only the bot’s admins" in said(strict, text, BOB).summary
    answer = rules.submitted(Purpose.KEEP_RULE, " x", {}, BOB, strict)
    assert isinstance(answer, Message)
    assert [each.rule for each in made(strict)] == [long_queue(50)]
    assert not [each for each in said(strict, "rules", BOB).buttons if each.verb is Verb.SAY]
    assert not said(strict, "test Queue above 50", BOB).buttons


def test_a_trial_tells_nothing_of_pools_that_the_asker_may_not_see(desk: Desk) -> None:
    closed = replace(desk, access=Access(grants=(Grant(("train-*",), ("slack:C9",)),)))

    answer = said(closed, "test Queue above 50")

    assert "train-a100" not in to_json(answer)


def test_a_rule_about_pools_that_one_may_not_see_is_as_if_it_did_not_exist_to_be_changed_too(desk: Desk) -> None:
    said(desk, "keep Queue above 50 in train-* called long queue")
    (one,) = made(desk)
    closed = replace(desk, access=Access(grants=(Grant(("train-*",), ("slack:C9",)),)))

    for text in ("edit long queue", f"edit {one.id}", "remove long queue", "edit long queu"):
        answer = said(closed, text)
        assert answer.title == "No such rule"
        assert [button.label for button in answer.buttons] == ["All rules"]
    tried = submit(desk, form(desk, "edit long queue"), above="9")
    assert isinstance(tried, Form)
    kept_too_late = submit(closed, tried)
    assert isinstance(kept_too_late, Message)
    assert "has been removed meanwhile" in kept_too_late.summary
    assert made(desk) == [one]
    # What no pool is called, and what one may not see, is answered in the same words.
    assert said(closed, "drill in train-a100") == said(closed, "drill in nothing")


def test_what_there_is_no_time_for_is_counted(desk: Desk) -> None:
    late = replace(desk, passed=lambda: timedelta(minutes=1))

    assert "2 pools more could not be looked at" in to_json(said(late, "test Queue above 50"))


def test_the_list_says_where_each_rule_was_made_and_how_often_it_fired(desk: Desk) -> None:
    said(desk, f"keep {LONG}")

    answer = said(desk, "rules")

    assert answer.title == "3 rules"
    assert [button.subject for button in answer.buttons if button.label == "Edit long queue"] == [
        f"/pool-alerts edit {made(desk)[0].id}"
    ]


def test_a_rule_of_the_file_with_the_same_name_goes_first_and_that_is_said(desk: Desk) -> None:
    said(desk, f"keep {LONG}")
    later = replace(desk, in_file=(*SHIPPED, long_queue(9)))

    assert in_use(later.in_file, made(later)) == later.in_file
    assert "chat, not used" in to_json(said(later, "rules"))


@pytest.mark.parametrize("name", ["<!channel> *x* `y` [a](http://evil.example)", "\u202eevil", "x" * 300, "'; --"])
def test_no_name_does_harm(desk: Desk, name: str) -> None:
    for text in (f"keep Queue above 50 called {name}", f"remove {name}", f"edit {name}", f"test {name}", "rules"):
        answer = ask(desk, text)
        assert isinstance(answer, Message | Form)
        assert "\u202e" not in str(answer)


def test_a_pool_keeps_its_judge_unless_its_rules_change(desk: Desk) -> None:
    judges = Judges(desk.engine, SHIPPED)
    train, infer = judges.of(POOL, now=desk.at.now), judges.of(OTHER, now=desk.at.now)

    judges.use((*SHIPPED, long_queue(50, pools=["train-*"])))

    assert judges.of(OTHER, now=desk.at.now) is infer
    assert judges.of(POOL, now=desk.at.now) is not train
    assert [rule.name for rule in judges.of(POOL, now=desk.at.now).rules] == [
        "queue spike",
        "failures spike",
        "long queue",
    ]


def test_a_drill_is_told_as_an_alert_is_and_over_by_itself(desk: Desk) -> None:
    chat, at = Chat(), desk.at.wall
    answer = said(desk, "drill critical in train-a100")
    assert "slack:#ops" in answer.summary
    deliver(desk.engine, {"slack": chat}, now=at, lease=MINUTE)
    (standing,) = chat.standing.values()
    assert standing.title.startswith("DRILL: not a real alert")
    assert standing.buttons == ()
    assert "under way already" in said(desk, "drill").summary

    assert end_drills(engine=desk.engine, at=Moment(at, at)) == 0
    over = at + LASTS
    assert end_drills(engine=desk.engine, at=Moment(over, over)) == 2
    assert end_drills(engine=desk.engine, at=Moment(over, over)) == 0
    for second in range(9):
        deliver(desk.engine, {"slack": chat}, now=over + second * timedelta(seconds=1), lease=MINUTE)
    assert any(message.title.startswith("DRILL OVER") for message in chat.standing.values())


def test_a_drill_that_nobody_would_hear_says_so(desk: Desk) -> None:
    deaf = replace(desk, routes=(Route((OPS,), pools=("infer-*",)),))

    assert "nobody would have heard of it" in said(deaf, "drill in train-a100").summary
    assert "slack:#ops" in said(deaf, "drill in infer-910b").summary


@pytest.mark.parametrize("words", ["loudly", "critical please", "in nowhere", "in"])
def test_a_drill_that_cannot_be_understood_is_explained(desk: Desk, words: str) -> None:
    assert "How to use /pool-alerts" in said(desk, f"drill {words}").title


def test_the_form_marks_below_the_count_when_it_would_have_told(desk: Desk) -> None:
    tried = submit(desk, form(desk, f"add {LONG}"))

    assert isinstance(tried, Form)
    said = [plain(block.spans) for block in tried.blocks if isinstance(block, Paragraph)]
    (counted,) = (each for each in said if each.endswith(" Queue, at most 74; the limit is 50"))
    (marked,) = (each for each in said if "alerts in train-a100, each place 12 h, from 12:00 on" in each)
    bars, marks = counted.split(" ")[0], marked.split(" ")[0]
    # Of fourteen days only the last one was read, with an alert in every hour.
    assert (bars[:26], marks) == ("·" * 26, "·" * 26 + "++")
    assert len(bars) == len(marks)
