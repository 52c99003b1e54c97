"""Is what docs/security.md says shown by a test, and does nothing come in by the lock?"""

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
LOCKS = ["requirements.lock", "tests/requirements.lock", "tests/manifests/requirements.lock"]
_TEST = re.compile(r"`(tests/[\w/]+\.py)::(test_\w+)`")


def _rows() -> list[str]:
    """What is tried, a row each; the table of who is trusted names no tests."""
    text = (ROOT / "docs/security.md").read_text(encoding="utf-8")
    return [
        line for line in text.split("## Forged")[1].splitlines() if line.startswith("| ") and "shown by" not in line
    ]


def test_every_threat_names_a_test_that_exists() -> None:
    assert len(_rows()) > 30
    for row in _rows():
        named = _TEST.findall(row)
        assert named, row
        for file, test in named:
            assert f"def {test}(" in (ROOT / file).read_text(encoding="utf-8"), f"{file}::{test}"


@pytest.mark.parametrize("lock", LOCKS)
def test_every_dependency_is_pinned_with_its_hashes(lock: str) -> None:
    lines = (ROOT / lock).read_text(encoding="utf-8").replace("\\\n", " ").splitlines()
    wanted = [line for line in lines if line.strip() and not line.startswith("#")]

    assert wanted
    assert [line for line in wanted if not re.match(r"[\w.\[\],-]+==\S+ .*--hash=sha256:[0-9a-f]{64}", line)] == []


def test_no_rule_against_dangerous_code_is_switched_off_for_the_product() -> None:
    lint = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["ruff"]["lint"]
    ignored = {
        *lint["ignore"],
        *(rule for path, of in lint["per-file-ignores"].items() for rule in of if "tests" not in path),
    }

    assert "S" in lint["select"]
    # Jitter needs no secret.
    assert {rule for rule in ignored if rule.startswith("S") and rule[1:].isdigit()} == {"S311"}
    for file in (ROOT / "bot").rglob("*.py"):
        for line in file.read_text(encoding="utf-8").splitlines():
            assert not re.search(r"# noqa: S\d+\s*$", line), f"{file}: an exception without its reason: {line}"
