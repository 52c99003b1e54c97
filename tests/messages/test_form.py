"""Is what people fill in read as they meant it, and refused where it cannot be?"""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.messages.form import (
    ChoiceField,
    DurationField,
    Form,
    Misfilled,
    MomentField,
    NumberField,
    PoolsField,
    Purpose,
    TextField,
    from_json,
    read,
    shown,
    to_json,
)
from bot.messages.model import Paragraph

AT = datetime(2026, 3, 2, 12, 30, tzinfo=UTC)
FORM = Form(
    "Silence",
    Purpose.SILENCE,
    "7",
    (
        PoolsField("pools", "Pools", value=("train-*", "infer-910b")),
        TextField("rule", "Rule", hint="A name, or part of one with *", value="*", optional=True, longest=80),
        NumberField("limit", "Limit", value=50, least=1, most=100),
        ChoiceField("severity", "Severity", (("any", "Any"), ("critical", "Critical")), value="any"),
        DurationField("length", "How long", value=timedelta(hours=2), longest=timedelta(days=7)),
        MomentField("until", "Until", value=AT, optional=True),
    ),
    blocks=(Paragraph(("Nobody is told meanwhile.",)),),
)
TYPED = {field.name: shown(field) for field in FORM.fields}


def test_a_form_comes_back_from_json_as_it_was() -> None:
    assert from_json(to_json(FORM)) == FORM


def test_a_form_that_is_sent_as_it_was_opened_gives_the_values_it_was_opened_with() -> None:
    assert read(FORM, TYPED) == {field.name: field.value for field in FORM.fields}


def test_what_is_left_empty_is_none_where_it_may_be() -> None:
    values = read(FORM, TYPED | {"rule": "  ", "until": ""})

    assert (values["rule"], values["until"]) == (None, None)


@pytest.mark.parametrize(
    ("name", "typed", "word"),
    [
        pytest.param("pools", "", "fill this in", id="nothing where something must be"),
        pytest.param("pools", " , ,", "name a pool", id="nothing but commas"),
        pytest.param("pools", "x" * 100, "80 characters", id="a name that no pool has"),
        pytest.param("rule", "x" * 81, "81 characters", id="too long a text"),
        pytest.param("limit", "fifty", "whole number", id="a number in words"),
        pytest.param("limit", "1e5", "whole number", id="a number in science"),
        pytest.param("limit", "٥٠", "whole number", id="digits of another script"),
        pytest.param("limit", "9" * 5000, "whole number", id="a number nobody can read"),
        pytest.param("limit", "0", "from 1 to 100", id="too small a number"),
        pytest.param("severity", "fatal", "one of those", id="what was not offered"),
        pytest.param("length", "soon", "such as 30m", id="no length of time"),
        pytest.param("length", "0s", "7d at most", id="no time at all"),
        pytest.param("length", "8d", "7d at most", id="too long a time"),
        pytest.param("until", "tomorrow", "a date and a time", id="a moment in words"),
        pytest.param("until", "9" * 12, "a date and a time", id="a moment in another age"),
    ],
)
def test_what_cannot_be_is_said_beside_its_field(name: str, typed: str, word: str) -> None:
    with pytest.raises(Misfilled) as refused:
        read(FORM, TYPED | {name: typed})

    assert list(refused.value.problems) == [name]
    assert word in refused.value.problems[name]


def test_everything_that_is_wrong_is_said_at_once() -> None:
    with pytest.raises(Misfilled) as refused:
        read(FORM, {})

    assert set(refused.value.problems) == {"pools", "limit", "severity", "length"}


@given(st.dictionaries(st.sampled_from([*TYPED, "other"]), st.text(max_size=40)))
def test_whatever_is_typed_is_read_or_refused_by_name(typed: dict[str, str]) -> None:
    try:
        found = set(read(FORM, typed))
    except Misfilled as refused:
        found = set(refused.problems) | set(TYPED) if all(refused.problems.values()) else set()
    assert found == set(TYPED)
