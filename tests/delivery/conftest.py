"""What the tests of delivery may ask for, and the table of what they saw."""

from collections.abc import Iterator

import pytest

from tests.delivery.processes import Nursery, nursery
from tests.delivery.table import TABLE


@pytest.fixture(scope="session")
def bots(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nursery]:
    """Where bots come from."""
    with nursery(tmp_path_factory.mktemp("bots")) as made:
        yield made


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print what was put into the channels and what came out."""
    for line in TABLE.lines():
        terminalreporter.write_line(line)
