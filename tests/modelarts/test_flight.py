"""Do threads that need the same answer share it, and share the error too?"""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from bot.modelarts.client import ModelArts
from bot.modelarts.errors import Unavailable
from bot.modelarts.flight import Flight
from tests.modelarts.stub import NOON, POOL_ID, POOLS, Hands, Reply, Stub, client, eventually, failed, ok, pool_list
from tests.modelarts.test_statistics import POOL
from tests.modelarts.test_tokens import IAM, LOGIN


def test_who_comes_while_somebody_fetches_gets_the_same() -> None:
    gate, begun = threading.Event(), threading.Event()
    flight: Flight[int] = Flight()
    calls: list[int] = []

    def fetch() -> int:
        calls.append(1)
        begun.set()
        gate.wait(10)
        return 7

    with ThreadPoolExecutor(9) as threads:
        first = threads.submit(flight.run, fetch)
        begun.wait(10)
        others = [threads.submit(flight.run, lambda: 8) for _ in range(8)]
        assert eventually(lambda: all(other.running() for other in others))
        gate.set()
        results = [each.result() for each in (first, *others)]

    assert results[0] == 7
    assert len(calls) == 1
    assert flight.run(lambda: 9) == 9, "what is over is not kept"


def test_an_error_goes_to_everyone_who_waited_and_is_not_kept() -> None:
    gate, begun = threading.Event(), threading.Event()
    flight: Flight[int] = Flight()

    def fetch() -> int:
        begun.set()
        gate.wait(10)
        raise Unavailable("not now")

    with ThreadPoolExecutor(9) as threads:
        first = threads.submit(flight.run, fetch)
        begun.wait(10)
        others = [threads.submit(flight.run, lambda: 7) for _ in range(8)]
        assert eventually(lambda: all(other.running() for other in others))
        gate.set()
        errors = [each.exception() for each in (first, *others)]

    # Whoever was so slow that all was over has fetched for itself, and has no error.
    told = [error for error in errors if error is not None]
    assert len(told) > 1
    assert all(isinstance(error, Unavailable) for error in told)
    assert flight.run(lambda: 7) == 7


def together(stub: Stub, gate: threading.Event, ask: Callable[[], object]) -> list[BaseException | None]:
    """What comes of eight threads that ask while the first is kept waiting."""
    with ThreadPoolExecutor(8) as threads:
        asked = [threads.submit(ask) for _ in range(8)]
        assert eventually(lambda: len(stub.seen) > 0 and all(question.running() for question in asked))
        gate.set()
        return [question.exception() for question in asked]


def test_eight_threads_that_need_a_token_do_not_take_turns_at_an_iam_that_is_down(stub: Stub, hands: Hands) -> None:
    gate = threading.Event()
    stub.on(IAM, Reply(503, gate=gate))

    with client(stub, hands, LOGIN) as modelarts:
        errors = together(stub, gate, lambda: modelarts.pool_stats(POOL, now=NOON))

    assert all(isinstance(error, Unavailable) for error in errors)
    assert len(stub.seen) <= 6, "at most one who came late asked again"


def test_eight_threads_that_look_for_a_pool_list_pools_once(stub: Stub, modelarts: ModelArts) -> None:
    gate = threading.Event()
    listed = pool_list((POOL_ID, "auto-pool-os"))
    stub.on(POOLS, Reply(200, listed.body, gate=gate))

    assert together(stub, gate, lambda: modelarts.resolve("auto", now=NOON)) == [None] * 8
    assert len(stub.seen) == 1


def test_eight_threads_that_need_the_project_look_it_up_once(stub: Stub, hands: Hands) -> None:
    gate = threading.Event()
    stub.on("/v3/projects", Reply(200, {"projects": [{"id": "p"}]}, gate=gate))
    stub.on("/v2/p/statistics", ok())

    with client(stub, hands, project_id=None) as modelarts:
        assert together(stub, gate, lambda: modelarts.pool_stats(POOL, now=NOON)) == [None] * 8

    assert sum(seen.path == "/v3/projects" for seen in stub.seen) == 1


def test_a_list_that_is_not_permitted_is_asked_for_once(stub: Stub, modelarts: ModelArts) -> None:
    gate = threading.Event()
    stub.on(POOLS, Reply(403, failed(403, "ModelArts.0108", "no right").body, gate=gate))

    errors = together(stub, gate, lambda: modelarts.resolve("auto", now=NOON))

    assert all("full id" in str(error) for error in errors)
    assert len(stub.seen) == 1
