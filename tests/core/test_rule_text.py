"""Rules in words: what a person may write, and what they are told of what cannot be understood."""

from contextlib import suppress
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.rule_text import ChatRule, checked_rule, parse_rule, rule_text
from bot.core.rules.model import Sensitivity, Severity, SpikeRule, ThresholdRule
from bot.core.stats import JobStatus

_WORD = st.text("abcdefghijklmnopqrstuvwxyz0123456789-*?", min_size=1, max_size=12)
_FACTS = {
    "name": _WORD,
    "metric": st.sampled_from(JobStatus),
    "severity": st.sampled_from(Severity),
    "pools": st.lists(_WORD, min_size=1, max_size=3).map(tuple),
    "types": st.none() | st.lists(_WORD, min_size=1, max_size=3).map(tuple),
    "hold_for": st.integers(0, 10**6).map(lambda seconds: timedelta(seconds=seconds)),
}
_LIMITS = st.tuples(st.integers(0, 10**9), st.none() | st.integers(0, 10**9)).map(
    lambda each: {"above": each[0], "clear_below": None if each[1] is None else min(each[0], each[1])}
)
_RULES = st.one_of(
    st.builds(lambda facts, limits: ThresholdRule(**facts, **limits), st.fixed_dictionaries(_FACTS), _LIMITS),
    st.builds(
        SpikeRule, sensitivity=st.sampled_from(Sensitivity), at_least=st.none() | st.integers(1, 10**9), **_FACTS
    ),
)


def test_a_rule_is_written_as_people_say_it() -> None:
    rule = parse_rule(
        "queue ABOVE 50 clear below 40 for 10m in train-*, infer-* of train as critical called Long queue"
    )

    assert rule == ThresholdRule(
        name="Long queue",
        metric=JobStatus.QUEUE,
        above=50,
        clear_below=40,
        hold_for=timedelta(minutes=10),
        pools=("train-*", "infer-*"),
        types=("train",),
        severity=Severity.CRITICAL,
    )


def test_a_rule_without_a_name_is_called_what_it_says() -> None:
    assert parse_rule("Failed spike low at least 5").name == "Failed spike low at least 5"


@given(_RULES)
def test_what_a_rule_says_is_the_rule(rule: ChatRule) -> None:
    assert parse_rule(rule_text(rule, with_name=True)) == rule


@given(st.text(max_size=300))
def test_no_text_does_more_than_be_refused(text: str) -> None:
    for said in (text, f"Queue above {text}", f"Queue spike in {text}", f"Queue above 5 called {text}"):
        with suppress(ValueError):
            assert parse_rule(said).name


@pytest.mark.parametrize(
    ("text", "told"),
    [
        pytest.param("", "that is no rule", id="nothing"),
        pytest.param("Waiting above 5", "'Waiting' is not a status", id="no such status"),
        pytest.param("Queue over 5", "comes above or spike, not 'over'", id="another word"),
        pytest.param("Queue above many", "a whole number, not 'many'", id="no number"),
        pytest.param("Queue above 5 clear below 9", "must not be larger", id="limits the wrong way round"),
        pytest.param("Queue above 5 for ever", "hold for: 'ever' is not a duration", id="no duration"),
        pytest.param("Queue above 5 for 1m for 2m", "for is said twice", id="twice"),
        pytest.param("Queue above 5 please", "'please' is not understood", id="something else"),
        pytest.param("Queue above 5 called ", "after called comes the name", id="no name"),
        pytest.param("Queue above 5 as fatal", "severity", id="no such severity"),
    ],
)
def test_what_cannot_be_understood_is_said_word_for_word(text: str, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        parse_rule(text)


def test_other_kinds_are_written_in_the_file() -> None:
    with pytest.raises(ValueError, match="rules of the kind stuck are written in the configuration file"):
        checked_rule({"name": "stuck", "kind": "stuck"})
