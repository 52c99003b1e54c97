"""What the command is tried on."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.emulator.server import Emulator
from tests.running import environment


@pytest.fixture
def emulator() -> Iterator[Emulator]:
    """ModelArts, with two pools."""
    with Emulator() as running:
        running.set_counts("train-a100", {"train": {"Queue": 7, "Running": 5}, "infer": {"Running": 2, "Failed": 1}})
        running.set_counts("research", {"notebook": {"Running": 1}})
        yield running


@pytest.fixture
def env(tmp_path: Path, emulator: Emulator) -> dict[str, str]:
    """An environment that points at it."""
    return environment(tmp_path, **emulator.environment)
