"""Does a message say in Teams all that it says in Slack?

Both are read as they are sent (`tests/teams/reading.py`), and what is missing in the card is named. Where the platforms
differ on purpose, it stands in `DIFFERENCES` with its reason; a difference that is not there any more must go.
"""

import copy
import json
import re
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest

from bot.core.language import Language, speaking
from bot.messages.examples import EXAMPLES, examples
from bot.slack.blocks import payload
from bot.teams.cards import LARGEST, card, size
from tests.teams.judging import judge
from tests.teams.reading import SOMEBODY, Seen, folded, in_slack, in_teams

Json = dict[str, Any]

# What is missing in the card, as `missing` names it, and why that is right.
DIFFERENCES = {
    r"line .*without a reading left out": "in Slack each line has a value at each moment; in Teams it has gaps",
    r"curve .* at other moments": "Teams draws all readings of a chart whose picture Slack sends as a file",
    r"curve .* under another name": "likewise: its lines have the names of the picture's",
}


def missing(slack: Seen, teams: Seen) -> Iterator[str]:
    """What the card lacks of what is seen in Slack."""
    if slack.tone != teams.tone:
        yield f"tone {slack.tone}, not {teams.tone}"
    if not _same(slack.notified, teams.notified):
        yield f"notification {slack.notified}"
    yield from (f"line {line}" for line in _lines_missing(slack.lines, teams.lines))
    for row, heading, cell in slack.cells:
        if not any(_same(row, r) and _same(heading, h) and _same(cell, c) for r, h, c in teams.cells):
            yield f"cell {row}, {heading}: {cell}"
    for name, points in slack.curves.items():
        drawn = teams.curves.get(name, [])
        if not drawn:
            peak = max(value for _, value in points)
            known = any(peak == max(value for _, value in curve) for curve in teams.curves.values())
            yield f"curve {name}" + (" under another name" if known else "")
        elif not set(points) <= set(drawn):
            same = max(value for _, value in points) == max(value for _, value in drawn)
            yield f"curve {name}" + (" at other moments" if same and len(drawn) > len(points) else ": its points")
    yield from _buttons_missing(slack.buttons, teams.buttons)
    yield from (f"link {link}" for link in slack.links - teams.links)


def _lines_missing(slack: list[str], teams: list[str]) -> Iterator[str]:
    """Each line that is not there as often as in Slack."""
    left = list(teams)
    for line in slack:
        found = next((each for each in left if _same(line, each)), None)
        if found is not None:
            left.remove(found)
            continue
        # Under a chart there may be what is said of its drawing alone.
        parts = line.split(" · ")
        rest = " · ".join(part for part in parts if not known(f"line {part}"))
        if rest in left:
            left.remove(rest)
            yield from (part for part in parts if known(f"line {part}"))
        else:
            yield line


def _buttons_missing(slack: list[tuple[str, str, str]], teams: list[tuple[str, str, str]]) -> Iterator[str]:
    left = list(teams)
    for label, *asked in slack:
        found = next((each for each in left if _same(label, each[0]) and asked == [*each[1:]]), None)
        if found is None:
            yield f"button {label}: {asked}"
        else:
            left.remove(found)


def _same(slack: str, teams: str) -> bool:
    """Whether they say the same; Slack cuts what is too long for it, and shows for itself whom it calls."""
    if slack.endswith("…") and teams.startswith(slack.removesuffix("…").rstrip()):
        return True
    return re.fullmatch(".+".join(map(re.escape, slack.split(SOMEBODY))), teams) is not None


def known(what: str) -> list[str]:
    """The differences that it is one of."""
    return [difference for difference in DIFFERENCES if re.match(difference, what)]


@cache
def differences(name: str) -> tuple[str, ...]:
    return tuple(missing(in_slack(payload(EXAMPLES[name])), in_teams(card(EXAMPLES[name]))))


@pytest.mark.parametrize("name", EXAMPLES)
def test_all_that_is_seen_in_slack_is_seen_in_teams(name: str) -> None:
    assert [each for each in differences(name) if not known(each)] == []


def test_every_difference_that_is_listed_is_there() -> None:
    found = {difference for name in EXAMPLES for each in differences(name) for difference in known(each)}

    assert found == set(DIFFERENCES)


@pytest.mark.parametrize("name", ["alert-charted", "pool", "pools", "digest", "why", "summary", "chart"])
def test_whatever_a_card_lacks_is_noticed(name: str) -> None:
    slack, drawn = in_slack(payload(EXAMPLES[name])), card(EXAMPLES[name])
    whole = len(differences(name))

    taken = 0
    for place, spoilt in _spoilt(drawn):
        taken += 1
        assert len(tuple(missing(slack, in_teams(spoilt)))) > whole, place
    assert taken > 3


def _spoilt(drawn: Json) -> Iterator[tuple[tuple[Any, ...], Json]]:
    """The card without one of its parts each time: an element, a fact, a row, a line of a chart, a point, an action."""
    for place in _parts(drawn, ()):
        spoilt = copy.deepcopy(drawn)
        inside: Any = spoilt
        for key in place[:-1]:
            inside = inside[key]
        del inside[place[-1]]
        if inside or place[-2] == "actions":
            yield place, spoilt


def _parts(part: Any, path: tuple[Any, ...]) -> Iterator[tuple[Any, ...]]:
    match part:
        case list():
            for number, each in enumerate(part):
                # A heading of a table belongs to all of it.
                is_heading = path[-1] == "rows" and not number
                if path[-1] in ("body", "actions", "facts", "rows", "data", "values", "inlines") and not is_heading:
                    yield (*path, number)
                yield from _parts(each, (*path, number))
        case dict():
            for key, value in part.items():
                # What stands in for a chart is seen only where there is none; the words of a title are its container's.
                if key not in ("fallback", "msteams") and not (key == "data" and "verb" in part):
                    yield from _parts(value, (*path, key))
        case _:
            pass


def test_other_words_and_figures_are_noticed() -> None:
    seen = in_teams(card(EXAMPLES["alert-firing"]))

    assert folded("Queue 94; usual here 2–9") in seen.lines
    spoilt = json.loads(json.dumps(card(EXAMPLES["alert-firing"])).replace("94", "95"))
    assert [each.split()[0] for each in missing(in_slack(payload(EXAMPLES["alert-firing"])), in_teams(spoilt))] == [
        "notification",
        "line",
        "line",
        "line",
    ]


def test_in_chinese_every_card_is_one_that_teams_takes() -> None:
    with speaking(Language.CHINESE):
        said = {name: card(message) for name, message in examples().items()}

    assert max(map(size, said.values())) <= LARGEST
    for drawn in said.values():
        judge(drawn)
