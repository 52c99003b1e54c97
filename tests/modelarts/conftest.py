"""What do all tests of the client need? A server and time in hand."""

import atexit
import os
import shutil
import tempfile
from collections.abc import Iterator

import pytest

from bot.modelarts.client import ModelArts
from tests.modelarts.stub import Hands, Stub, client

# The official SDK writes a file into the home directory as soon as it is imported, which the test modules do.
os.environ["HOME"] = tempfile.mkdtemp(prefix="home-of-nobody-")
atexit.register(shutil.rmtree, os.environ["HOME"], ignore_errors=True)


@pytest.fixture
def stub() -> Iterator[Stub]:
    with Stub() as server:
        yield server


@pytest.fixture
def hands() -> Hands:
    return Hands()


@pytest.fixture
def modelarts(stub: Stub, hands: Hands) -> Iterator[ModelArts]:
    with client(stub, hands) as asking:
        yield asking
