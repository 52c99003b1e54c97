"""The bar of a long replay."""

import io
from itertools import count

from bot.cli.progress import EVERY, Progress
from tests.building import minutes


class Terminal(io.StringIO):
    """A terminal that keeps what is written."""

    def isatty(self) -> bool:
        return True


def test_a_long_replay_shows_how_far_it_is_and_leaves_the_line_clean() -> None:
    seconds, terminal, readings = count(), Terminal(), minutes("Queue", [1] * (4 * EVERY))

    with Progress(terminal, clock=lambda: float(next(seconds))) as progress:
        progress.say("looking through a file with quite a long name, longer than the bar itself is.csv")
        assert list(progress.through(readings, len(readings))) == readings

    said = terminal.getvalue()
    assert said.startswith("\rlooking through a file")
    assert " 25%" in said
    assert " 75%" in said
    assert said.endswith(" \r")
    assert len({len(line) for line in said.split("\r")[1:3]}) == 1


def test_a_replay_that_is_quick_shows_nothing() -> None:
    terminal, readings = Terminal(), minutes("Queue", [1] * (4 * EVERY))

    with Progress(terminal, clock=lambda: 0.0) as progress:
        progress.say("looking through a.csv")
        assert list(progress.through(readings, len(readings))) == readings

    assert terminal.getvalue() == ""


def test_what_is_no_terminal_gets_no_bar() -> None:
    seconds, pipe, readings = count(), io.StringIO(), minutes("Queue", [1] * (4 * EVERY))

    with Progress(pipe, clock=lambda: float(next(seconds))) as progress:
        progress.say("looking through a.csv")
        assert list(progress.through(readings, len(readings))) == readings

    assert pipe.getvalue() == ""
