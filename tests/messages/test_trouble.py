"""Does every error have an answer that says what it means and what to do?"""

import pytest

from bot.core.command import POOL_ALERTS, POOL_DIGEST, POOL_STATS
from bot.core.stats import Pool, PoolStats
from bot.messages.help import help_message
from bot.messages.model import Message, Tone, Verb
from bot.messages.trouble import Kind, ambiguous_pool, cannot_do, modelarts_trouble, own_failure, unknown_pool
from tests.building import MINUTE, NOON, POOL, stats
from tests.messages.reading import codes, lines, presses, text

NEAR = [POOL, *(Pool(f"{name}-0123456789abcdef0123456789abcdef", name) for name in ("train-v100", "infer", "lab"))]


def said(kind: Kind, *, last: PoolStats | None = None) -> Message:
    return modelarts_trouble(
        kind,
        "ModelArts did not answer within 10 s",
        now=NOON,
        pool="train-a100",
        request_id="7f9c2ba4",
        error_code="APIG.0308",
        last=last,
    )


def test_an_unknown_pool_suggests_the_nearest_three_as_buttons() -> None:
    message = unknown_pool("train-a10", NEAR)

    assert message.summary == "There is no pool “train-a10”. Did you mean train-a100, train-v100 or infer?"
    assert presses(message) == [*((Verb.SHOW, pool.id) for pool in NEAR[:3]), (Verb.SHOW, "")]


def test_an_unknown_pool_that_is_like_no_other_suggests_nothing() -> None:
    message = unknown_pool("zzz", ())

    assert "Did you mean" not in text(message)
    assert presses(message) == [(Verb.SHOW, "")]


def test_an_absurd_name_is_cut() -> None:
    assert len(unknown_pool("x" * 10_000, ()).summary) < 100


def test_an_ambiguous_name_gives_a_choice_of_buttons() -> None:
    message = ambiguous_pool("train", NEAR[:2])

    assert message.summary == "2 pools answer to “train”: train-a100, train-v100."
    assert presses(message) == [*((Verb.SHOW, pool.id) for pool in NEAR[:2]), (Verb.SHOW, "train*")]
    assert [button.label for button in message.buttons] == ["train-a100", "train-v100", "All 2 in one table"]


def test_a_suggestion_asks_again_what_was_asked() -> None:
    message = unknown_pool("trian", NEAR[:1], asking=lambda pool: f"{pool.id} chart 7d")

    assert presses(message)[0] == (Verb.SHOW, f"{NEAR[0].id} chart 7d")


def test_pools_of_the_same_name_are_told_apart_by_their_ids() -> None:
    pools = [Pool("pool-1", "lab"), Pool("pool-2", "lab")]

    assert [button.label for button in ambiguous_pool("lab", pools).buttons[:2]] == ["pool-1", "pool-2"]


def test_many_choices_are_counted() -> None:
    message = ambiguous_pool("lab", [Pool(f"pool-{number}", f"lab-{number}") for number in range(14)])

    assert len(message.buttons) == 11
    assert presses(message)[-1] == (Verb.SHOW, "lab*")
    assert "+4 more: type more of the name." in lines(message)


@pytest.mark.parametrize(
    ("kind", "advice"),
    [
        (Kind.UNAVAILABLE, "This is no news about the pool. Try again in a minute."),
        (Kind.THROTTLED, "Too many requests were made with this account. Try again in a minute."),
        (Kind.BAD_CREDENTIALS, "can lock the key for everyone who uses it"),
        (Kind.NOT_ALLOWED, "modelarts:pool:get"),
        (Kind.UNEXPECTED, "No count is shown rather than a wrong one."),
    ],
)
def test_a_trouble_with_modelarts_says_what_happened_and_what_to_do(kind: Kind, advice: str) -> None:
    message = said(kind)

    assert lines(message)[0] == "ModelArts did not answer within 10 s."
    assert advice in lines(message)[1]
    assert "pool train-a100" in message.summary
    assert message.tone in (Tone.WARNING, Tone.CRITICAL)


def test_a_trouble_carries_its_request_id_and_error_code_as_code() -> None:
    assert {"7f9c2ba4", "APIG.0308"} <= set(codes(said(Kind.THROTTLED)))


def test_the_last_reading_is_told_as_old() -> None:
    message = said(Kind.UNAVAILABLE, last=stats(NOON - 58 * MINUTE, train={"Queue": 4, "Running": 40, "Failed": 3}))

    assert "The last reading is from 11:02: Queue 4, Running 40, Failed 3." in lines(message)
    assert message.summary.endswith("The last reading is from 11:02 UTC: Queue 4, Running 40, Failed 3.")


def test_refused_credentials_are_not_tried_again_by_a_button() -> None:
    assert presses(said(Kind.BAD_CREDENTIALS)) == []
    assert presses(said(Kind.UNAVAILABLE)) == [(Verb.REFRESH, "train-a100")]


def test_a_trouble_about_all_pools_is_tried_again_for_all_pools() -> None:
    message = modelarts_trouble(Kind.UNAVAILABLE, "no route to host", now=NOON)

    assert presses(message) == [(Verb.REFRESH, "")]
    assert lines(message)[0] == "No route to host."


def test_a_failure_of_our_own_says_so() -> None:
    message = own_failure("the database is locked")

    assert message.summary == "That went wrong on our side: The database is locked."
    assert "log" in text(message)


def test_a_button_that_comes_too_late_gets_a_reason() -> None:
    assert cannot_do("there is no such alert any more").summary == "Not possible: There is no such alert any more."


@pytest.mark.parametrize("command", [POOL_STATS, POOL_ALERTS, POOL_DIGEST])
def test_help_begins_with_how_the_command_is_typed(command: str) -> None:
    assert lines(help_message(command))[0].startswith(command)
    assert help_message(command).title == f"How to use {command}"


def test_help_knows_what_pool_stats_can_do() -> None:
    typed = [line.split(":")[0] for line in lines(help_message(POOL_STATS))[:8]]

    assert typed == [
        "/pool-stats <pool>",
        "/pool-stats",
        "/pool-stats <pool> chart 7d",
        "/pool-stats <pool> why",
        "/pool-stats <pool> jobs Failed",
        "/pool-stats mine train-*",
        "/pool-stats compare <pool> <pool>",
        "/pool-stats help",
    ]


def test_help_that_was_not_asked_for_says_why_it_is_shown() -> None:
    message = help_message(POOL_STATS, "one pool at a time, please")

    assert lines(message)[0] == "One pool at a time, please."
    assert message.summary.startswith("One pool at a time, please. /pool-stats <pool>;")


def test_help_for_a_command_that_nobody_knows_is_help_for_pool_stats() -> None:
    assert help_message("/nonsense").title == "How to use /pool-stats"
