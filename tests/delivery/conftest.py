"""What the tests of delivery may ask for, and the table of what they saw."""

from collections.abc import Iterator
from typing import cast

import pytest

from tests.databases import PostgreSQL, postgresql_programs
from tests.delivery.processes import Nursery, nursery
from tests.delivery.stage import Company, Scenario, Stage
from tests.delivery.table import TABLE

# So many scenarios are played at once: they mostly wait.
AT_ONCE = 14


@pytest.fixture(scope="session")
def bots(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nursery]:
    """Where bots come from."""
    with nursery(tmp_path_factory.mktemp("bots")) as made:
        yield made


@pytest.fixture(scope="session")
def company(
    request: pytest.FixtureRequest, bots: Nursery, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Company]:
    """All scenarios that were chosen are played side by side, from when the first is asked for."""
    chosen: list[Scenario] = [
        cast("Scenario", item.callspec.params["scenario"])
        for item in request.session.items
        if isinstance(item, pytest.Function) and "company" in item.fixturenames
    ]
    server: PostgreSQL | None = None
    if postgresql_programs() is not None and any(each.needs_postgresql for each in chosen):
        server = request.getfixturevalue("postgresql")
    made = Company(Stage(bots, tmp_path_factory.mktemp("scenarios"), server), AT_ONCE)
    for each in sorted(chosen, key=lambda each: not each.long):
        if server is not None or not each.needs_postgresql:
            made.rehearse(each)
    yield made
    made.close()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print what was put into the channels and what came out."""
    for line in TABLE.lines():
        terminalreporter.write_line(line)
