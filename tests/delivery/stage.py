"""Scenarios that mostly wait are played side by side: each in a world of its own, each a test of its own."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import pytest
from _pytest.mark.structures import ParameterSet

from tests.databases import PostgreSQL, postgresql_programs
from tests.delivery.collector import Tally
from tests.delivery.processes import Nursery
from tests.delivery.scene import NotSettled, Scene, scene
from tests.delivery.table import TABLE
from tests.delivery.tenant import TeamsScene, tenant


class Stage:
    """What a scenario is given: scenes, with whatever is in them."""

    def __init__(self, bots: Nursery, folder: Path, server: PostgreSQL | None) -> None:
        self._bots = bots
        self._folder = folder
        self._server = server
        self._numbers = count(1)

    @contextmanager
    def scene(self, *pools: str, on_postgresql: bool = False, **env: str) -> Iterator[Scene]:
        """A scene with these pools; see `tests.delivery.scene.scene`."""
        database = self._database(on_postgresql=on_postgresql)
        with scene(self._folder / str(next(self._numbers)), self._bots, *pools, database=database, **env) as one:
            yield one

    @contextmanager
    def tenant(self, *pools: str, on_postgresql: bool = False, **env: str) -> Iterator[TeamsScene]:
        """A scene before Teams; see `tests.delivery.tenant.tenant`."""
        database = self._database(on_postgresql=on_postgresql)
        with tenant(self._folder / str(next(self._numbers)), self._bots, *pools, database=database, **env) as one:
            yield one

    def _database(self, *, on_postgresql: bool) -> str:
        if not on_postgresql:
            return ""
        assert self._server is not None, "the scenario is not marked as one that needs PostgreSQL"
        return self._server.new_database()


Play = Callable[[Stage], Tally]


@dataclass(frozen=True)
class Scenario:
    """What is to be seen, as a sentence, and how it is played.

    Attributes:
        long: It begins before the others.
        repeats: How many messages may be taken back in it, because nothing could fence them.
    """

    sentence: str
    play: Play
    long: bool = False
    needs_postgresql: bool = False
    repeats: int = 0


class Programme:
    """The scenarios of one file."""

    def __init__(self) -> None:
        self._scenarios: list[Scenario] = []

    def scenario(
        self, sentence: str, *, long: bool = False, postgresql: bool = False, repeats: int = 0
    ) -> Callable[[Play], Play]:
        """Add a play."""

        def add(play: Play) -> Play:
            self._scenarios.append(Scenario(sentence, play, long, postgresql, repeats))
            return play

        return add

    def params(self) -> list[ParameterSet]:
        """For `pytest.mark.parametrize`."""
        return [pytest.param(each, id=each.sentence, marks=_marks(each)) for each in self._scenarios]


def _marks(scenario: Scenario) -> list[pytest.MarkDecorator]:
    if not scenario.needs_postgresql:
        return []
    missing = pytest.mark.skip(reason="PostgreSQL is not installed: apt install postgresql")
    return [pytest.mark.postgresql, *([] if postgresql_programs() else [missing])]


class Company:
    """Plays scenarios, so many at once."""

    def __init__(self, stage: Stage, at_once: int) -> None:
        self._stage = stage
        self._pool = ThreadPoolExecutor(at_once)
        self._plays: dict[str, Future[Tally]] = {}

    def rehearse(self, scenario: Scenario) -> None:
        """Begin to play it as soon as there is room."""
        self._plays[scenario.sentence] = self._pool.submit(scenario.play, self._stage)

    def outcome(self, scenario: Scenario) -> None:
        """Wait until it has been played.

        Raises:
            AssertionError: It did not end as it must.
        """
        try:
            tally = self._plays[scenario.sentence].result()
        except NotSettled as error:
            TABLE.add("scenarios", error.tally)
            raise
        TABLE.add("scenarios", tally)
        assert tally.taken_back <= scenario.repeats

    def close(self) -> None:
        """Play nothing more; wait for what is being played."""
        self._pool.shutdown(wait=True, cancel_futures=True)
