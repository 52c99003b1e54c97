"""Does a person see what concerns them, only that, and choose what is theirs?"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine

from bot.core.access import Access, Grant
from bot.core.alerts import Alert, State
from bot.core.command import Asker
from bot.core.mine import AboutMine, about_mine, chosen
from bot.core.routes import Place
from bot.core.rules.model import Severity
from bot.core.scope import Scope, Sight
from bot.core.silences import Silence
from bot.core.stats import JobStatus, Pool, PoolStats, TypeCounts
from bot.cron import Cron
from bot.jobs.doing import Doing
from bot.jobs.home import home, mine_as_filled_in, my_pools
from bot.jobs.planned_digests import Planned
from bot.jobs.telling import Moment
from bot.messages.form import Form, Misfilled
from bot.messages.model import Message, Verb, to_json
from bot.messages.page import Page, page_message
from bot.store import audit, planned, samples, silences
from bot.store.alerts import save
from bot.store.engine import reading, writing

NOW = datetime(2026, 3, 2, 14, tzinfo=UTC)
TRAIN, INFER, SECRET = Pool("p-1", "train-a100"), Pool("p-2", "infer-910b"), Pool("p-3", "secret-v100")
POOLS = (TRAIN, INFER, SECRET)
YOU = Asker("slack", "T1", "D1", "U1", also=("C1",), zone="Asia/Shanghai")
HIDDEN = Access(grants=(Grant(("secret-*",), ("slack:C9",)),))
CALLED = {"C1": "ml-platform"}


def doing(engine: Engine, access: Access = HIDDEN) -> Doing:
    return Doing(engine, access, (), Moment(NOW, NOW), pools=POOLS)


def told(page: Page) -> str:
    return to_json(page_message(page))


def alert(pool: Pool, name: str) -> Alert:
    at = NOW - timedelta(minutes=10)
    return Alert(
        name, "long queue", JobStatus.QUEUE, Severity.WARNING, pool, None, State.FIRING, at, at, at, 60, 60, "Queue 60",
        at,
    )  # fmt: skip


@pytest.fixture
def store(engine: Engine) -> Engine:
    """Three pools that were read, each with an open alert, and a silence somebody else made elsewhere."""
    with writing(engine) as db:
        read = [PoolStats(pool, NOW, {"train": TypeCounts({JobStatus.QUEUE: 60})}) for pool in POOLS]
        samples.save_many(db, read)
        for number, pool in enumerate(POOLS):
            save(db, alert(pool, f"a{number}"))
        until = NOW + timedelta(hours=1)
        made = Silence("s1", Scope(("secret-*",)), Sight(), until, "because", "slack:U9", "slack:C9", NOW)
        silences.add(db, made)
        silences.add(db, replace(made, id="s2", scope=Scope(("infer-*",)), place="slack:C1"))
        planned.add_digest(db, Place("slack", "C1"), "0 9 * * *", "UTC", None, by="slack:U1", at=NOW)
        planned.add_digest(db, Place("slack", "C9"), "0 7 * * *", "UTC", None, by="slack:U1", at=NOW)
    return engine


def of_file() -> Sequence[Planned]:
    places = (Place("slack", "#ml-platform"), Place("slack", "#elsewhere"))
    return (Planned(Cron("0 18 * * *", "UTC"), places, None),)


def test_home_shows_what_the_person_may_see_and_nothing_else(store: Engine) -> None:
    page = home(YOU, doing(store), of_file(), CALLED)
    said = told(page)

    assert "train-a100" in said
    assert "infer-910b" in said
    assert "secret" not in said
    assert "09:00" in said
    assert "18:00" in said
    assert "07:00" not in said
    assert "elsewhere" not in said
    buttons = [button for section in page.sections for entry in section.entries for button in entry.buttons]
    assert [b.subject for b in buttons if b.verb is Verb.ACKNOWLEDGE] == ["a0", "a1"]
    assert [b.subject for b in buttons if b.verb is Verb.END_SILENCE] == ["s2"]


def test_who_is_in_the_channel_of_a_hidden_pool_sees_it_at_home(store: Engine) -> None:
    assert "secret-v100" in told(home(replace(YOU, also=("C1", "C9")), doing(store), (), CALLED))


def test_home_begins_with_the_pools_that_were_chosen_and_counts_what_is_open_elsewhere(store: Engine) -> None:
    answer = my_pools(AboutMine("train-*, gone"), YOU, doing(store))

    assert isinstance(answer, Message)
    said = told(home(YOU, doing(store), (), CALLED))
    assert "train-a100" in said
    assert "infer-910b" not in said
    assert "1 more is open in other pools." in said
    with reading(store) as db:
        (entry,) = audit.entries(db, limit=10)
    assert (entry.action, entry.actor, entry.before, entry.after) == (
        "choose pools",
        "slack:U1",
        {"pools": ["*"]},
        {"pools": ["train-*", "gone*"]},
    )


def test_the_form_of_ones_own_pools_is_filled_in_with_them_and_empties_them(store: Engine) -> None:
    my_pools(AboutMine("train-*"), YOU, doing(store))
    form = my_pools(AboutMine(), YOU, doing(store))
    assert isinstance(form, Form)
    assert form.fields[0].value == ("train-*",)

    mine_as_filled_in({}, YOU, doing(store))

    assert "infer-910b" in told(home(YOU, doing(store), (), CALLED))


def test_a_choice_that_no_button_could_carry_is_refused_at_the_field(store: Engine) -> None:
    with pytest.raises(Misfilled) as refused:
        mine_as_filled_in({"mine": ", ".join(f"train-{'x' * 30}-{n}*" for n in range(9))}, YOU, doing(store))

    assert set(refused.value.problems) == {"mine"}


def test_a_store_that_is_gone_is_said_in_home(engine: Engine) -> None:
    with writing(engine) as db:
        db.exec_driver_sql("DROP TABLE preferences")

    assert "Not everything can be shown now" in told(home(YOU, doing(engine), (), CALLED))


@pytest.mark.parametrize(
    ("names", "globs"),
    [
        pytest.param(["train-*"], ("train-*",), id="a glob"),
        pytest.param(["train-a100"], ("train-a100*",), id="a name is a beginning"),
        pytest.param(["Team A"], ("Team?A*",), id="a space"),
        pytest.param(["x", "*"], (), id="all"),
        pytest.param([" , "], (), id="nothing"),
    ],
)
def test_names_are_kept_as_words_that_can_be_asked_for(names: list[str], globs: tuple[str, ...]) -> None:
    assert chosen(names) == globs


def test_mine_is_a_word_of_one_command() -> None:
    assert about_mine("/pool-stats", "Mine train-*, x") == AboutMine("train-*, x")
    assert about_mine("/pool-stats", "mine") == AboutMine()
    assert about_mine("/pool-stats", "mine-a100") is None
    assert about_mine("/pool-alerts", "mine") is None
