"""What people type, and what it means."""

import pytest

from bot.core.command import Help, ShowAlerts, ShowAllPools, ShowDigests, ShowPool, parse, quoted


@pytest.mark.parametrize(
    ("text", "pool"),
    [
        pytest.param("train-a100", "train-a100", id="a name"),
        pytest.param("  train-a100 \n", "train-a100", id="blanks around it"),
        pytest.param("`train-a100`", "train-a100", id="code marks around it"),
        pytest.param("“train-a100”", "train-a100", id="typographic quotes around it"),
        pytest.param("\u202etrain-a100\u200f", "train-a100", id="direction marks"),
        pytest.param("train\u200b-a100", "train-a100", id="a zero-width blank"),
        pytest.param("训练池", "训练池", id="a Chinese name"),
        pytest.param("🚀", "🚀", id="an emoji"),
        pytest.param("../../etc", "../../etc", id="a path"),
        pytest.param("<!channel>", "<!channel>", id="a ping"),
        pytest.param("&amp;", "&amp;", id="an entity"),
    ],
)
def test_one_word_names_a_pool(text: str, pool: str) -> None:
    assert parse("/pool-stats", text) == ShowPool(pool)


@pytest.mark.parametrize("text", ["", "   ", "\t\n", "\x00\x01", "\u200b"])
def test_nothing_asks_for_all_pools(text: str) -> None:
    assert parse("/pool-stats", text) == ShowAllPools()


@pytest.mark.parametrize("text", ["help", "HELP", " help ", "?", "--help", "-h"])
@pytest.mark.parametrize("command", ["/pool-stats", "/pool-alerts", "/pool-digest"])
def test_help_is_given_when_it_is_asked_for(command: str, text: str) -> None:
    assert parse(command, text) == Help(command)


def test_ten_thousand_characters_are_answered_with_help() -> None:
    asked = parse("/pool-stats", "x" * 10_000)

    assert isinstance(asked, Help)
    assert "10000 characters" in str(asked.problem)


def test_two_words_are_answered_with_help_that_quotes_them() -> None:
    assert parse("/pool-stats", "a b") == Help("/pool-stats", "one pool at a time, please: “a b” is more than one word")


def test_pool_alerts_alone_shows_what_is_open() -> None:
    assert parse("/pool-alerts", "") == ShowAlerts()


def test_pool_digest_alone_shows_the_digests() -> None:
    assert parse("/pool-digest", "") == ShowDigests()


@pytest.mark.parametrize("command", ["/pool-alerts", "/pool-digest", "/other"])
def test_what_a_command_does_not_know_is_answered_with_help(command: str) -> None:
    assert isinstance(parse(command, "frobnicate"), Help)


def test_a_long_quotation_is_cut() -> None:
    assert quoted("x" * 100) == f"“{'x' * 59}…”"
