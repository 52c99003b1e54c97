"""What do all tests of the stand-in need? One that runs, and a home that is nobody's."""

import atexit
import os
import shutil
import tempfile
from collections.abc import Iterator

import pytest

from bot.emulator import Emulator, Engine
from tests.emulator.asking import POOL, Hands

# The official SDK writes a file into the home directory as soon as it is imported, which the test modules do.
os.environ["HOME"] = tempfile.mkdtemp(prefix="home-of-nobody-")
atexit.register(shutil.rmtree, os.environ["HOME"], ignore_errors=True)


@pytest.fixture
def hands() -> Hands:
    return Hands()


@pytest.fixture
def emulator(hands: Hands) -> Iterator[Emulator]:
    """A stand-in with one pool, whose clocks a test can turn."""
    with Emulator(Engine(clock=hands), wall_clock=hands) as running:
        running.set_counts(POOL, {"train": {"Queue": 3, "Running": 5, "Failed": 1}}, name="train-a100")
        yield running
