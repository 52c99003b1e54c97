"""Which command is meant by what somebody wrote?"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.teams.words import command_in


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("pool-stats train-a100 why", ("/pool-stats", "train-a100 why")),
        ("train-a100 why", ("/pool-stats", "train-a100 why")),
        ("/pool-stats train-a100", ("/pool-stats", "train-a100")),
        ("pool-stats", ("/pool-stats", "")),
        ("pools", ("/pool-stats", "")),
        ("Alerts", ("/pool-alerts", "")),
        ("pool-alerts silence train-* 2h", ("/pool-alerts", "silence train-* 2h")),
        ("digest add 09:00", ("/pool-digest", "add 09:00")),
        ("help", ("/pool-stats", "help")),
        ("alerts help", ("/pool-alerts", "help")),
        ("", ("/pool-stats", "help")),
        ("hi", ("/pool-stats", "help")),
        ("<at>pool-stats</at>&nbsp;train-a100", ("/pool-stats", "train-a100")),
        ("<p><at>pool-stats</at> alerts rules</p>\n", ("/pool-alerts", "rules")),
        ("<at>pool-stats</at> alerts test Queue above 5 in a&amp;b", ("/pool-alerts", "test Queue above 5 in a&b")),
        ("train-a100 <b>why", ("/pool-stats", "train-a100 <b>why")),
    ],
)
def test_words_mean_what_they_mean_in_slack(text: str, meant: tuple[str, str]) -> None:
    assert command_in(text, ["<at>pool-stats</at>"]) == meant


@given(st.text(max_size=200), st.lists(st.text(max_size=20), max_size=3))
def test_whatever_is_written_is_one_of_the_commands(text: str, mentions: list[str]) -> None:
    command, _ = command_in(text, mentions)

    assert command in {"/pool-stats", "/pool-alerts", "/pool-digest"}
