"""docs/examples/rules-in-ci: what users copy into their repository works there, and the documents show it as it is."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.running import environment

ROOT = Path(__file__).parent.parent
EXAMPLE = ROOT / "docs/examples/rules-in-ci"
GITHUB, GITLAB = ".github/workflows/rules.yaml", ".gitlab-ci.yml"


def commands(name: str) -> list[str]:
    """What the runner is told to do, as it is written."""
    said = yaml.safe_load((EXAMPLE / name).read_text("utf-8"))
    if name == GITLAB:
        return list(said["rules"]["script"])
    return [step["run"] for step in said["jobs"]["rules"]["steps"] if "run" in step]


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A copy of the folder, as somebody's repository."""
    return Path(shutil.copytree(EXAMPLE, tmp_path / "repository"))


def run(command: str, repository: Path) -> subprocess.CompletedProcess[str]:
    """The command as a runner has it done, with `pool-stats` on the path."""
    programs = repository.parent / "bin"
    programs.mkdir(exist_ok=True)
    (programs / "pool-stats").write_text(f'#!/bin/sh\nPYTHONPATH={ROOT} exec {sys.executable} -m bot "$@"\n')
    (programs / "pool-stats").chmod(0o755)
    env = environment(repository.parent, GITHUB_STEP_SUMMARY=str(repository.parent / "summary"))
    env["PATH"] = f"{programs}{os.pathsep}{env['PATH']}"
    return subprocess.run(["sh", "-ec", command], cwd=repository, env=env, capture_output=True, text=True)


@pytest.mark.parametrize("name", [GITHUB, GITLAB])
def test_the_example_does_in_ci_what_it_promises(name: str, repository: Path) -> None:
    tested, replayed = (run(command, repository) for command in commands(name))

    assert (tested.returncode, tested.stderr) == (0, "")
    assert "1 file, 2 tests: 2 passed, 0 failed" in tested.stdout
    assert (replayed.returncode, replayed.stderr) == (0, "")
    summary = repository.parent / "summary"
    shown = summary.read_text("utf-8") if name == GITHUB else replayed.stdout
    assert "long queue: train-a100" in shown


def test_a_rule_that_is_spoilt_stops_the_merge_and_shows_why(repository: Path) -> None:
    config = repository / "pool-stats.yaml"
    config.write_text(config.read_text("utf-8").replace("above: 50", "above: 500"), encoding="utf-8")

    done = run(commands(GITHUB)[0], repository)

    assert done.returncode == 1
    assert "FAIL  a queue is long for ten minutes before somebody is called" in done.stdout
    assert "expected  long queue" in done.stdout


def test_the_document_shows_the_files_as_they_are() -> None:
    shown = re.findall(r"```text\n(.*?)```", (ROOT / "docs/rules.md").read_text("utf-8"), re.DOTALL)

    for name in ("rules/long-queue.test.yaml", GITHUB, GITLAB):
        assert (EXAMPLE / name).read_text("utf-8") in shown, name
