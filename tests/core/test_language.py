"""Sentences in the language that is spoken, and what may stand in them."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest

from bot.core.language import Language, _, _n, language_of, preferred, speaking, spoken_language
from bot.messages.model import When
from bot.messages.phrases import spans


@pytest.mark.parametrize(
    ("locale", "language"),
    [
        ("en-US", Language.ENGLISH),
        ("en_GB", Language.ENGLISH),
        ("zh-CN", Language.CHINESE),
        ("zh_SG", Language.CHINESE),
        ("zh-Hans", Language.CHINESE),
        ("zh", Language.CHINESE),
        ("zh-TW", None),
        ("zh-Hant-HK", None),
        ("de-DE", None),
        ("", None),
    ],
)
def test_a_locale_is_spoken_or_not(locale: str, language: Language | None) -> None:
    assert language_of(locale) is language


def test_a_value_is_never_looked_into() -> None:
    assert _("{pool} is gone", pool="{pool.__class__} {0}") == "{pool.__class__} {0} is gone"


def test_one_and_many_are_said_differently() -> None:
    one, many = (_n("{number} job waits in {pool}", "{number} jobs wait in {pool}", n, pool="a") for n in (1, 2))
    assert (one, many) == ("1 job waits in a", "2 jobs wait in a")


def test_a_language_is_spoken_in_its_own_thread_and_no_longer_than_asked() -> None:
    with speaking(Language.CHINESE), ThreadPoolExecutor(1) as other:
        assert spoken_language() is Language.CHINESE
        assert other.submit(spoken_language).result() is Language.ENGLISH
    assert spoken_language() is Language.ENGLISH


def test_spans_stand_where_the_sentence_has_them() -> None:
    at = When(datetime(2026, 11, 1, tzinfo=UTC))
    assert spans("Since {when}, {by}{number} times", when=at, by=(), number=3) == ("Since ", at, ", 3 times")
    assert spans("{a}{b}", a="{x}", b=("y", at)) == ("{x}y", at)


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        ("zh-CN,zh;q=0.9,en;q=0.8", Language.CHINESE),
        ("en-GB,en;q=0.9,zh-CN;q=0.2", Language.ENGLISH),
        ("de, en;q=0.3, zh-Hans;q=0.7", Language.CHINESE),
        ("zh-TW", None),
        ("zh-CN;q=0, *", None),
        ("zh-CN;q=many", None),
        (",;,=;q", None),
        ("", None),
    ],
)
def test_a_browser_says_which_language_it_would_rather_have(accepted: str, language: Language | None) -> None:
    assert preferred(accepted) is language
