"""Routes that can never be reached, and alerts that no route tells."""

from collections.abc import Sequence
from datetime import timedelta
from fnmatch import fnmatchcase

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.review.model import Finding, Plan, PlannedDigest
from bot.core.review.routes import _includes, about_routes
from bot.core.routes import Place, Route
from bot.core.rules.model import SHIPPED, AlertRule, Severity

HERE = (Place("slack", "#here"),)
CRITICAL, WARNING, INFO = (Severity.CRITICAL,), (Severity.WARNING,), (Severity.INFO,)


def plan(*routes: Route, rules: Sequence[AlertRule] = SHIPPED, digests: Sequence[PlannedDigest] = ()) -> Plan:
    """A configuration with these routes."""
    return Plan("all", timedelta(minutes=1), rules, routes, digests, ())


def found(*routes: Route) -> list[tuple[str | int, ...]]:
    """The places of what is wrong."""
    return [finding.loc for finding in about_routes(plan(*routes)) if finding.wrong]


@pytest.mark.parametrize(
    ("before", "route"),
    [
        pytest.param([Route(HERE)], Route(HERE, CRITICAL), id="behind one that matches everything"),
        pytest.param([Route(HERE, CRITICAL)], Route(HERE, CRITICAL), id="behind its double"),
        pytest.param([Route(HERE, (*CRITICAL, *INFO))], Route(HERE, INFO), id="behind more severities"),
        pytest.param(
            [Route(HERE, CRITICAL), Route(HERE, (*WARNING, *INFO))], Route(HERE), id="behind all severities together"
        ),
        pytest.param([Route(HERE, pools=("*",))], Route(HERE, pools=("a",)), id="behind a star"),
        pytest.param([Route(HERE, pools=("train-*", "x"))], Route(HERE, pools=("Train-a*", "X")), id="a wider glob"),
        pytest.param([Route(HERE, rules=("*spike",))], Route(HERE, rules=("queue spike",)), id="a glob of rules"),
        pytest.param([], Route(HERE, pools=()), id="with a list of no pools"),
        pytest.param([], Route(HERE, severity=()), id="with a list of no severities"),
    ],
)  # fmt: skip
def test_a_route_that_nothing_reaches_is_wrong(before: list[Route], route: Route) -> None:
    places = found(*before, route)

    assert [loc[:2] for loc in places] == [("routes", len(before))]


@pytest.mark.parametrize(
    ("before", "route"),
    [
        pytest.param([Route(HERE, CRITICAL)], Route(HERE), id="for other severities"),
        pytest.param([Route(HERE, CRITICAL), Route(HERE, INFO)], Route(HERE), id="for one severity that is left"),
        pytest.param([Route(HERE, pools=("train-*",))], Route(HERE, pools=("train*",)), id="for a wider glob"),
        pytest.param([Route(HERE, pools=("a?",))], Route(HERE, pools=("a*",)), id="where a letter is any letter"),
        pytest.param([Route(HERE, pools=("a[bc]",))], Route(HERE, pools=("a[bcd]",)), id="where it is hard to see"),
        pytest.param([Route(HERE, pools=("a", "b"))], Route(HERE, pools=("a", "c")), id="for one pool more"),
        pytest.param([Route(HERE, rules=("queue spike",))], Route(HERE), id="for other rules"),
    ],
)  # fmt: skip
def test_a_route_that_something_may_reach_is_not(before: list[Route], route: Route) -> None:
    assert found(*before, route) == []


@given(
    st.text("ab*?[]", max_size=5), st.text("ab*?[]", max_size=5), st.lists(st.text("ab*?[]", max_size=6), max_size=20)
)
def test_what_includes_another_glob_matches_all_its_names(glob: str, other: str, names: list[str]) -> None:
    if _includes(glob, other):
        assert [name for name in names if fnmatchcase(name, other) and not fnmatchcase(name, glob)] == []


def test_a_rule_that_no_route_tells_of_is_named() -> None:
    findings = list(about_routes(plan(Route(HERE, CRITICAL), Route(HERE, pools=()))))

    assert Finding(
        ("rules", 0), "no route tells anybody of rule 'queue spike' (warning): add one that matches it"
    ) in findings  # fmt: skip
    assert not [finding for finding in findings if finding.loc == ("rules", 1)]


def test_a_route_for_a_rule_that_is_not_there_names_the_nearest() -> None:
    (finding,) = about_routes(plan(Route(HERE, rules=("queue spkie",)), Route(HERE)))

    assert finding.loc == ("routes", 0, "match", "rules", 0)
    assert "the nearest is 'queue spike'" in finding.text
    assert not finding.wrong


def test_the_same_digest_twice_is_told() -> None:
    digest = PlannedDigest(HERE, "0 9 * * *", "UTC", "all")

    (finding,) = about_routes(plan(digests=[digest, digest]))

    assert (finding.loc, finding.wrong) == (("digests", 1), False)
