"""What people get for what they type; every error has an answer."""

from datetime import timedelta

import pytest
from sqlalchemy import Engine

from bot.core.access import Access, Grant
from bot.core.command import Asker
from bot.core.stats import Pool, PoolStats
from bot.emulator.server import Emulator
from bot.jobs.answer import Answering, PlannedDigest, answer
from bot.messages.model import Message, Table, Tone, to_json
from bot.modelarts.client import ModelArts
from bot.store import samples
from bot.store.engine import writing
from tests.building import NOON

YOU = Asker("slack", "T1", "C1", "U1")


class Desk:
    """Somebody who answers."""

    def __init__(self, emulator: Emulator, modelarts: ModelArts, engine: Engine) -> None:
        self.emulator, self.modelarts, self.engine = emulator, modelarts, engine
        self.access = Access()
        made = emulator.set_counts("train-a100", {"train": {"Queue": 7, "Running": 5}, "infer": {"Running": 2}})
        emulator.set_counts("train-h100", {"train": {"Queue": 1}})
        emulator.set_counts("research", {})
        self.pool = Pool(made.id, made.name)

    def ask(self, text: str, command: str = "/pool-stats") -> Message:
        """The answer, at noon."""
        digests = [PlannedDigest("#ops", "0 9 * * mon-fri", "UTC", "all")]
        known = Answering(self.modelarts, self.engine, self.access, wanted=lambda _: True, digests=digests)
        return answer(command, text, YOU, known, now=NOON)


@pytest.fixture
def desk(emulator: Emulator, modelarts: ModelArts, engine: Engine) -> Desk:
    """A desk with three pools."""
    return Desk(emulator, modelarts, engine)


def test_a_pool_is_told_with_its_numbers_by_type_and_status(desk: Desk) -> None:
    message = desk.ask("train-a100")

    assert "train-a100" in message.title
    assert "7" in message.summary
    assert any(isinstance(block, Table) for block in message.blocks)
    assert desk.pool.id in to_json(message)


@pytest.mark.parametrize("name", ["TRAIN-A100", "train-a", " train-a100 ", "`train-a100`"])
def test_a_pool_is_found_by_any_case_and_by_a_unique_beginning(desk: Desk, name: str) -> None:
    assert "train-a100" in desk.ask(name).title


def test_what_changed_in_the_last_hour_is_told(desk: Desk, engine: Engine) -> None:
    stats = desk.modelarts.pool_stats(desk.pool, now=NOON - timedelta(minutes=61))
    desk.emulator.set_counts(desk.pool.id, {"train": {"Queue": 19, "Running": 5}, "infer": {"Running": 2}})
    with writing(engine) as db:
        samples.save_reading(db, stats)

    assert "+12" in to_json(desk.ask("train-a100"))


def test_several_pools_give_a_choice(desk: Desk) -> None:
    message = desk.ask("train")

    assert [button.label for button in message.buttons] == ["train-a100", "train-h100", "All 2 in one table"]


def test_an_unknown_pool_is_answered_with_the_nearest(desk: Desk) -> None:
    message = desk.ask("trian-a100")

    assert message.buttons[0].label == "train-a100"


@pytest.mark.parametrize(
    "text",
    [
        "<!channel>",
        "&amp;",
        "../../etc/passwd",
        "a/b",
        "%2e%2e",
        "池",
        "🚀🚀🚀",
        "\u202egnp.exe",
        "x" * 199,
        "' OR 1=1",
        "`;rm`",
    ],
)
def test_hostile_text_gets_one_clear_answer(desk: Desk, text: str) -> None:
    message = desk.ask(text)

    assert message.summary
    assert message.tone in {Tone.NEUTRAL, Tone.WARNING}


def test_all_pools_are_told_worst_first(desk: Desk) -> None:
    (table,) = [block for block in desk.ask("").blocks if isinstance(block, Table)]

    assert [row[0] for row in table.rows] == ["train-a100", "train-h100", "research"]


def test_help_tells_what_can_be_asked(desk: Desk) -> None:
    assert "/pool-stats" in to_json(desk.ask("help"))


def test_an_outage_is_answered_with_the_last_reading_known(desk: Desk, engine: Engine) -> None:
    stats: PoolStats = desk.modelarts.pool_stats(desk.pool, now=NOON - timedelta(minutes=3))
    with writing(engine) as db:
        samples.save_reading(db, stats)
    desk.emulator.misbehave("status", status=503, route="statistics", times=9)

    message = desk.ask("train-a100")

    assert message.tone is not Tone.GOOD
    assert "last" in to_json(message)


def test_a_pool_one_may_not_see_is_as_if_it_did_not_exist(desk: Desk) -> None:
    desk.access = Access(grants=(Grant(("train-*",), ("slack:C9",)),))

    assert "train-a100" not in to_json(desk.ask("train-a100")).replace("“train-a100”", "")
    assert "train-h100" not in to_json(desk.ask(""))


@pytest.mark.parametrize("is_down", [False, True])
def test_a_hidden_pool_is_not_told_from_a_missing_one_by_its_id_either(desk: Desk, is_down: bool) -> None:
    desk.access = Access(grants=(Grant(("train-*",), ("slack:C9",)),))
    missing = desk.pool.id[:-4] + "0000"
    desk.ask("research")
    if is_down:
        desk.emulator.misbehave("status", status=503, times=99)

    assert to_json(desk.ask(desk.pool.id)).replace(desk.pool.id, missing) == to_json(desk.ask(missing))


def test_what_is_open_and_which_digests_there_are_is_told(desk: Desk) -> None:
    assert desk.ask("", "/pool-alerts").summary
    assert "0 9 * * mon-fri" in to_json(desk.ask("", "/pool-digest"))


def test_an_answer_is_given_even_when_the_store_cannot_be_read(desk: Desk, engine: Engine) -> None:
    with writing(engine) as db:
        db.exec_driver_sql("ALTER TABLE samples RENAME TO samples_gone")

    assert "7" in desk.ask("train-a100").summary
