"""What do all tests of the client need? A server and time in hand."""

from collections.abc import Iterator

import pytest

from bot.modelarts.client import ModelArts
from tests.modelarts.stub import Hands, Stub, client


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
