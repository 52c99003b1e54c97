"""How much was tried, and what came of it? One line a kind of test, for the end of the run."""

from collections.abc import Iterator
from dataclasses import astuple

from tests.delivery.collector import Tally

_HEADS = ("faults", "expected", "seen", "lost", "doubled", "taken back", "said again")


class Table:
    """What the tests of this run have seen."""

    def __init__(self) -> None:
        self._rows: dict[str, Tally] = {}
        self._notes: list[str] = []

    def add(self, name: str, tally: Tally) -> None:
        """Count a scene that has settled, or has not."""
        self._rows.setdefault(name, Tally())
        self._rows[name] += tally

    def note(self, line: str) -> None:
        """A figure that is not a count of messages."""
        self._notes.append(line)

    def lines(self) -> Iterator[str]:
        """The table; nothing where nothing was tried."""
        if not self._rows and not self._notes:
            return
        yield ""
        yield f"{'delivery: messages and thread entries':<44}" + "".join(f"{head:>11}" for head in _HEADS)
        whole = Tally()
        for name, tally in self._rows.items():
            whole += tally
            yield _line(name, tally)
        yield _line("together", whole)
        yield from self._notes


def _line(name: str, tally: Tally) -> str:
    return f"{name:<44}" + "".join(f"{value:>11}" for value in astuple(tally))


TABLE = Table()
