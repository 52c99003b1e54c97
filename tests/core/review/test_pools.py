"""Names and globs that match nothing."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.core.access import Grant
from bot.core.review.model import Plan, PlannedDigest, several
from bot.core.review.pools import about_pools
from bot.core.routes import Place, Route
from bot.core.stats import Pool
from tests.building import long_queue

KNOWN = (Pool("pool-0001", "train-a100"), Pool("pool-0002", "Research"), Pool("pool-0003", "训练"))


def plan(globs: Sequence[str], pools: Sequence[str] = ("*",)) -> Plan:
    """A configuration that names the same pools everywhere, and reads others."""
    place = (Place("slack", "#a"),)
    return Plan(
        pools=tuple(pools),
        every=timedelta(minutes=1),
        rules=[long_queue(pools=globs)],
        routes=[Route(place, pools=tuple(globs))],
        digests=[PlannedDigest(place, "0 9 * * *", "UTC", tuple(globs))],
        grants=[Grant(tuple(globs), ("slack:C1",))],
    )


def test_whatever_names_pools_is_looked_at() -> None:
    findings = list(about_pools(plan(["*", "trian-*"]), KNOWN))

    assert [finding.loc for finding in findings] == [
        ("rules", 0, "pools", 1),
        ("routes", 0, "match", "pools", 1),
        ("digests", 0, "pools", 1),
        ("access", "pools", 0, "pools", 1),
    ]
    assert {finding.text for finding in findings} == {"'trian-*' matches no known pool; the nearest is 'train-a100'"}
    assert not any(finding.wrong for finding in findings)


def test_what_an_account_names_is_looked_for_among_its_own_pools() -> None:
    known = [Pool("1", "train@cn-north-4", "prod", "cn-north-4"), Pool("2", "train@cn-east-3", "lab", "cn-east-3")]
    own = [("prod", ("train", "*@lab")), ("lab", None), ("refused", ("infer",))]
    said = replace(plan(["train@lab"], ["infer"]), accounts=own)

    *unmatched, about_rule = about_pools(said, known)
    assert [(each.loc, each.text) for each in unmatched] == [
        (("modelarts", "pools", 0), "'infer' matches no known pool; known are train@cn-east-3 and train@cn-north-4"),
        (("accounts", 0, "pools", 1), "'*@lab' matches no known pool; known are train@cn-north-4"),
    ]
    assert "is about train@cn-east-3, which pools of its account leaves out" in about_rule.text


@pytest.mark.parametrize("glob", ["train-*", "TRAIN-A100", "pool-000?", "r[ae]search", "训*"])
def test_what_matches_a_name_or_an_id_is_right(glob: str) -> None:
    assert list(about_pools(plan([glob]), KNOWN)) == []


@pytest.mark.parametrize(
    ("glob", "said"),
    [
        ("reserach", "the nearest is 'Research'"),
        ("pool-9001", "the nearest is 'pool-0001'"),
        ("训练集", "the nearest is '训练'"),
        ("zzz*", "known are Research, train-a100 and 训练"),
        ("[z]*", "known are Research, train-a100 and 训练"),
    ],
)
def test_the_nearest_name_is_suggested_or_what_there_is(glob: str, said: str) -> None:
    assert [finding.text.partition("; ")[2] for finding in about_pools(plan([glob]), KNOWN)] == [said] * 4


def test_a_rule_about_pools_that_are_not_read_is_told() -> None:
    (finding,) = about_pools(plan(["train-*"], pools=["research"]), KNOWN)

    assert finding.loc == ("rules", 0, "pools")
    assert "is about train-a100, which modelarts.pools leaves out" in finding.text


def test_where_no_pool_is_known_nothing_is_said() -> None:
    assert list(about_pools(plan(["trian-*"]), ())) == []


def test_many_names_are_told_in_part() -> None:
    assert [several(["a"] * number) for number in (1, 2, 4, 9)] == [
        "a",
        "a and a",
        "a, a, a and a",
        "a, a, a and 6 more",
    ]
