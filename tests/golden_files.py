"""Is a drawing still what a person has looked at and accepted? `pytest --update-golden` accepts what is drawn now."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

FOLDER = Path(__file__).parent / "golden"

Golden = Callable[[Any, str], None]


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option that accepts changes."""
    parser.addoption("--update-golden", action="store_true", help="write the golden files anew from what is drawn now")


@pytest.fixture
def golden(pytestconfig: pytest.Config) -> Golden:
    """`golden(drawn, "teams/pool")` compares with tests/golden/teams/pool.json."""
    update = bool(pytestconfig.getoption("--update-golden", default=False))

    def compare(drawn: Any, name: str) -> None:
        path = FOLDER / f"{name}.json"
        if update:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(json.dumps(drawn, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
        assert path.is_file(), f"{name} was never accepted: run pytest --update-golden and look at what it wrote"
        assert json.loads(json.dumps(drawn)) == json.loads(path.read_text(encoding="utf-8"))

    return compare
