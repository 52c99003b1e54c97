"""Reasons that are kept and said later, in another language perhaps."""

from copy import deepcopy
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.because import Because, from_kept, kept, said
from bot.core.language import Language, speaking

_SPIKE = Because(
    "{why}; {unlikely}",
    why=Because("{status} {level}; usual here {usual}", status="Queue", level=84, usual="2–9"),
    unlikely=Because("more than in any of the {read} hours read in the last week", read=168),
)


def test_a_reason_is_english_for_a_log_and_in_the_language_of_who_reads_it() -> None:
    with speaking(Language.CHINESE):
        assert str(_SPIKE) == "Queue 84; usual here 2–9; more than in any of the 168 hours read in the last week"
        stuck = Because("nothing has started for {length}", length=timedelta(minutes=32))
        assert said(stuck) == "已有 32 分钟没有作业启动"


@pytest.mark.parametrize(
    "why",
    [
        _SPIKE,
        Because("nothing has started for {length}", length=timedelta(minutes=32, microseconds=1)),
        Because("{times:.1f} times", times=7.049),
        "silenced for 2 h: {nothing}",
        "",
    ],
)
def test_what_is_kept_comes_back_exactly(why: Because | str) -> None:
    back = from_kept(kept(why))

    assert (type(back), back, str(back)) == (type(why), why, str(why))
    assert deepcopy(back) == why


@given(st.text() | st.text().map(lambda text: f'{{"because": "{text}') | st.sampled_from([kept(_SPIKE)]))
def test_a_text_of_a_person_is_told_as_it_is_whatever_it_looks_like(text: str) -> None:
    assert str(from_kept(kept(text))) == text


@pytest.mark.parametrize(
    "text",
    [
        '{"because": "{missing} jobs", "values": {}}',
        '{"because": "{} jobs", "values": {}}',
        '{"because": "{broken", "values": {}}',
        '{"because": "a", "values": {"b": [1]}}',
        '{"because": "a", "values": {"b": {"seconds": 1e300}}}',
        '{"because": "{a.__class__}", "values": {"a": 1}}',
    ],
)
def test_what_is_no_reason_is_told_as_text(text: str) -> None:
    assert from_kept(text) == text


def test_a_reason_equals_its_english() -> None:
    plain = Because("{status} {count}", status="Queue", count=3)

    assert plain == "Queue 3"
    assert plain != Because("{status} {count}", status="Queue", count=4)
    assert len({plain, "Queue 3"}) == 1
