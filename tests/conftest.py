"""What every test may ask for."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from tests.databases import PostgreSQL, postgresql_programs, running_postgresql, sqlite_store, sqlite_url

# The same examples in every run, so that what fails here fails everywhere; `make soak` looks for new ones.
# How long an example takes says more about the machine than about us: benchmarks measure that.
settings.register_profile("test", derandomize=True, deadline=None)
settings.register_profile("soak", max_examples=2000, deadline=None)
settings.load_profile("test")

# Brings --update-golden.
pytest_plugins = ("tests.golden_files",)


@pytest.fixture(scope="session")
def postgresql() -> Iterator[PostgreSQL]:
    """One PostgreSQL server for all tests that want one."""
    programs = postgresql_programs()
    if programs is None:
        pytest.skip("PostgreSQL is not installed: apt install postgresql")
    with running_postgresql(programs) as server:
        yield server


_BOTH = ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)]


@pytest.fixture(params=_BOTH)
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database without tables: the test runs once on SQLite and once on PostgreSQL."""
    if request.param == "sqlite":
        return sqlite_url(tmp_path)
    server: PostgreSQL = request.getfixturevalue("postgresql")
    return server.new_database()


@pytest.fixture(params=_BOTH)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database with the newest tables and nothing in them, likewise."""
    if request.param == "sqlite":
        return sqlite_store(tmp_path)
    server: PostgreSQL = request.getfixturevalue("postgresql")
    return server.new_store()
