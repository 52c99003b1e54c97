"""What people are told who ask why a pool queues, and which jobs it has."""

import time
from collections.abc import Mapping

import pytest
from sqlalchemy import Engine

from bot.core.access import Access, Grant
from bot.core.command import Asker
from bot.emulator.causes import set_up
from bot.emulator.server import Emulator
from bot.jobs.answer import Answering, answer
from bot.messages.model import Message, Table, Tone, Verb, to_json
from bot.modelarts.client import ModelArts
from tests.building import NOON
from tests.messages.reading import text

YOU = Asker("slack", "T1", "C1", "U1")


class Desk:
    """Somebody who answers, about the pools of every cause."""

    def __init__(self, emulator: Emulator, modelarts: ModelArts, engine: Engine) -> None:
        self.emulator, self.modelarts, self.engine = emulator, modelarts, engine
        self.access = Access()
        set_up(emulator.engine)

    def ask(self, words: str) -> Message:
        """The answer to /pool-stats."""
        known = Answering(self.modelarts, self.engine, self.access, wanted=lambda _: True)
        said = answer("/pool-stats", words, YOU, known, now=NOON)
        assert isinstance(said, Message)
        return said


@pytest.fixture
def desk(emulator: Emulator, modelarts: ModelArts, engine: Engine) -> Desk:
    """A desk before the pools of every cause."""
    return Desk(emulator, modelarts, engine)


def tables(message: Message) -> list[Table]:
    """The tables of a message."""
    return [block for block in message.blocks if isinstance(block, Table)]


def presses(message: Message) -> Mapping[str, tuple[Verb, str]]:
    """What the buttons ask for, by their labels."""
    return {button.label: (button.verb, button.subject) for button in message.buttons}


@pytest.mark.parametrize(
    ("pool", "said"),
    [
        ("pool-full", "Likely: no card is free, and the next job asks for 8."),
        (
            "pool-behind",
            "Likely: 8 cards are free, and the next job asks for 16; 9 smaller jobs would each fit, but wait behind it",
        ),
        ("pool-abnormal", "Also: 3 of 4 nodes are abnormal and take no jobs."),
        ("pool-no-nodes", "Likely: no node of modelarts.vm.gpu.8v100 is available (4 abnormal, 0 being created)."),
        ("pool-too-large", "asks for 64 cards, and the 4 available nodes have 32 together, so it cannot start"),
        ("pool-scattered", "12 cards are free, but scattered: the next job asks for 8, which takes 1 empty node"),
        ("pool-priorities", "1 waiting job of a higher priority and 4 running jobs of a higher priority"),
        ("pool-quota", "a quota may be used up: 24 cards are free, and all who wait (2) are jobs of user-07"),
        ("pool-just-came", "Nobody has waited for long: the longest wait is "),
    ],
)
def test_each_cause_is_told_with_what_speaks_for_it(desk: Desk, pool: str, said: str) -> None:
    assert said in text(desk.ask(f"{pool} why"))


def test_the_reason_is_marked_as_an_inference_and_the_facts_stand_below(desk: Desk) -> None:
    message = desk.ask("pool-full why")

    assert "This is inferred from the facts below; ModelArts does not say." in text(message)
    assert "Likely, as an inference" in message.summary
    waiting, holders = tables(message)
    assert waiting.header == ("Job", "User", "Type", "Cards", "Waits")
    assert waiting.rows[0] == ("job-01", "user-00", "train", 8, "1 h 30 min")
    assert holders.rows == (("user-02", 4, 32, "5 h"),)
    assert "4 available" in text(message)


def test_a_pool_in_which_nothing_waits_is_told_as_such_with_one_question(desk: Desk) -> None:
    desk.emulator.set_counts("pool-full", {"train": {"Queue": 0, "Running": 3}})
    desk.ask("pool-full why")
    desk.emulator.forget_requests()

    message = desk.ask("pool-full why")

    assert "No job waits in Queue." in text(message)
    assert [seen.route for seen in desk.emulator.requests] == ["workloads"]


def test_a_right_that_is_missing_is_named_and_the_rest_is_told(desk: Desk) -> None:
    desk.emulator.misbehave(
        "status", route="pool", status=403, body={"error_code": "ModelArts.0112", "error_msg": "no"}
    )

    message = desk.ask("pool-full why")

    assert "Not enough facts" in text(message)
    assert "Not known: the nodes of the pool. The bot's account lacks the right modelarts:pool:get for it." in text(
        message
    )
    assert len(tables(message)) == 2


def test_a_question_that_the_region_does_not_serve_is_named(desk: Desk) -> None:
    gone = {"error_code": "APIG.0101", "error_msg": "The API does not exist or has not been published."}
    desk.emulator.misbehave("status", route="workloads", status=404, body=gone)

    message = desk.ask("pool-full why")

    assert "Not known: which jobs wait. This region does not serve that question." in text(message)
    assert "ModelArts does not tell the waiting jobs" in text(message)
    assert tables(message) == []


def test_nothing_is_invented_where_nothing_can_be_had(desk: Desk) -> None:
    desk.ask("pool-full why")
    desk.emulator.misbehave(
        "status", status=400, body={"error_code": "ModelArts.50004000", "error_msg": "Bad request."}
    )

    message = desk.ask("pool-full why")

    assert message.title == "Why does pool-full queue?"
    assert "Not enough facts" in text(message)
    assert text(message).count("Not known:") == 3


def test_a_hanging_modelarts_holds_up_an_answer_for_seconds_only(desk: Desk) -> None:
    desk.ask("pool-full why")
    desk.emulator.misbehave("hang", route="pool")
    began = time.monotonic()

    message = desk.ask("pool-full why")

    assert time.monotonic() - began < 8
    assert "Not known: the nodes of the pool." in text(message)


def test_refused_credentials_are_asked_with_once_only(desk: Desk) -> None:
    desk.ask("pool-full why")
    desk.emulator.forget_requests()
    wrong = {
        "error_code": "APIG.0301",
        "error_msg": "Incorrect IAM authentication information: verify aksk signature fail",
    }
    desk.emulator.misbehave("status", status=401, body=wrong)

    message = desk.ask("pool-full why")

    assert message.tone is Tone.CRITICAL
    assert len(desk.emulator.requests) == 1


def test_users_are_not_named_where_the_channel_is_not_to_see_them(desk: Desk) -> None:
    desk.access = Access(hide_users_in=("slack:C1",))

    for words in (
        "pool-quota why",
        "pool-full why",
        "pool-full jobs",
        "pool-full jobs Failed",
        "pool-full jobs Running",
    ):
        message = desk.ask(words)
        assert "user-" not in to_json(message)
        assert "users are not named in this channel" in text(message)


def test_users_are_named_in_other_channels(desk: Desk) -> None:
    desk.access = Access(hide_users_in=("slack:C2", "teams:*"))

    assert "user-07" in to_json(desk.ask("pool-quota why"))


def test_a_pool_that_one_may_not_see_is_as_if_it_did_not_exist(desk: Desk) -> None:
    desk.access = Access(grants=(Grant(("pool-full",), ("slack:C9",)),))

    for words in ("pool-full why", "pool-full jobs"):
        assert desk.ask(words).title == "No such pool"


def test_a_misspelt_pool_is_suggested_with_the_same_question(desk: Desk) -> None:
    assert presses(desk.ask("pool-ful1 why"))["pool-full"][1].endswith(" why")
    assert presses(desk.ask("pool-ful1 jobs failed"))["pool-full"][1].endswith(" jobs Failed")


def test_an_overview_has_the_longest_waits_and_the_newest_failures(desk: Desk) -> None:
    waiting, failed = tables(desk.ask("pool-full jobs"))

    assert waiting.caption == "Queue 1–5 of 6, longest waiting first"
    assert [row[-1] for row in waiting.rows] == ["1 h 30 min", "1 h 20 min", "1 h 10 min", "1 h", "50 min"]
    assert failed.header == ("Job", "User", "Type", "Cards", "Waited", "Ran")
    assert failed.rows == (("job-11", "user-03", "train", 8, "1 min", "4 min"),)


def test_jobs_are_leafed_through_by_buttons(desk: Desk) -> None:
    pool = desk.emulator.set_counts("many", {"train": {"Queue": 23}})

    first, second, third = (
        desk.ask(words) for words in ("many jobs queue", "many jobs Queue 2", "many jobs queue page 3")
    )

    assert [table.caption.partition(",")[0] for page in (first, second, third) for table in tables(page)] == [
        "Queue 1–10 of 23",
        "Queue 11–20 of 23",
        "Queue 21–23 of 23",
    ]
    assert len({row[0] for page in (first, second, third) for row in tables(page)[0].rows}) == 23
    assert presses(first)["Next"] == (Verb.REFRESH, f"{pool.id} jobs Queue 2")
    assert "Previous" not in presses(first)
    assert presses(third)["Previous"] == (Verb.REFRESH, f"{pool.id} jobs Queue 2")
    assert "Next" not in presses(third)


def test_a_page_after_the_last_says_so(desk: Desk) -> None:
    assert "No more jobs in Queue." in text(desk.ask("pool-full jobs Queue 9"))


@pytest.mark.parametrize("words", ["pool-full jobs Sleeping", "pool-full jobs Queue 0", "pool-full jobs Queue 2 3"])
def test_what_is_no_status_and_no_page_is_answered_with_help(desk: Desk, words: str) -> None:
    message = desk.ask(words)

    assert message.title == "How to use /pool-stats"
    assert "Queue, Pending, Abnormal" in text(message)


def test_a_status_without_jobs_is_told_as_such(desk: Desk) -> None:
    assert "No jobs in Abnormal." in text(desk.ask("pool-full jobs abnormal"))


def test_jobs_that_cannot_be_had_are_named(desk: Desk) -> None:
    desk.emulator.misbehave("html", route="workloads")

    message = desk.ask("pool-full jobs failed")

    assert "Not known: the jobs in Failed." in text(message)
    assert tables(message) == []
