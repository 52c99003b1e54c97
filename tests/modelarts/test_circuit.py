"""Are credentials that were refused left alone, for everyone, until it is safe to try again?"""

import logging
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from bot.modelarts.client import ModelArts
from bot.modelarts.errors import BadCredentials, ModelArtsError, NotAllowed, Unavailable
from tests.modelarts.stub import (
    NOON,
    POOL_ID,
    POOLS,
    SECRET,
    STATISTICS,
    Hands,
    Reply,
    Stub,
    bad_signature,
    client,
    eventually,
    failed,
    ok,
    pool_list,
)
from tests.modelarts.test_statistics import POOL


def refused(modelarts: ModelArts) -> BadCredentials:
    with pytest.raises(BadCredentials) as caught:
        modelarts.pool_stats(POOL, now=NOON)
    return caught.value


@pytest.mark.parametrize(
    "reply", [bad_signature(), Reply(401), failed(403, "ModelArts.0206", "Invalid AK/SK.")], ids=["0301", "401", "403"]
)
def test_the_first_answer_of_kind_credentials_opens_the_circuit(
    reply: Reply, stub: Stub, modelarts: ModelArts, hands: Hands
) -> None:
    stub.on(STATISTICS, reply)
    stub.on(POOLS, pool_list())

    first = refused(modelarts)
    again = refused(modelarts)
    with pytest.raises(BadCredentials):
        modelarts.pools(now=NOON)

    assert len(stub.seen) == 1
    assert first.open_until == hands.wall() + timedelta(minutes=5)
    assert (again.error_code, again.request_id) == (first.error_code, first.request_id)
    assert "not asked again for 5 min" in str(again)


def test_the_circuit_is_probed_at_most_once_in_five_minutes(stub: Stub, modelarts: ModelArts, hands: Hands) -> None:
    stub.on(STATISTICS, bad_signature())

    refused(modelarts)
    for minute in range(1, 31):
        hands.turn(timedelta(minutes=1))
        with ThreadPoolExecutor(8) as threads:
            asked = [threads.submit(modelarts.pool_stats, POOL, now=NOON) for _ in range(8)]
            assert all(isinstance(question.exception(), BadCredentials) for question in asked)
        assert len(stub.seen) == 1 + minute // 5


@pytest.mark.parametrize("inconclusive", [Reply(raw=b""), Reply(503), failed(429, "APIG.0308", "time:1 second")])
def test_a_probe_that_shows_nothing_is_not_repeated_before_its_time(
    inconclusive: Reply, stub: Stub, modelarts: ModelArts, hands: Hands
) -> None:
    stub.on(STATISTICS, bad_signature(), inconclusive, bad_signature())

    refused(modelarts)
    hands.turn(timedelta(minutes=5))
    with pytest.raises(Unavailable):
        modelarts.pool_stats(POOL, now=NOON)
    hands.turn(timedelta(minutes=4))
    refused(modelarts)

    assert len(stub.seen) == 2


def test_a_probe_that_succeeds_closes_the_circuit_for_everyone(stub: Stub, modelarts: ModelArts, hands: Hands) -> None:
    stub.on(STATISTICS, bad_signature(), ok())

    refused(modelarts)
    hands.turn(timedelta(minutes=5))

    assert modelarts.pool_stats(POOL, now=NOON).jobs == 234
    assert modelarts.pool_stats(POOL, now=NOON).jobs == 234


def test_the_circuit_is_told_once_in_the_log_and_without_secrets(
    stub: Stub, modelarts: ModelArts, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    stub.on(STATISTICS, bad_signature())

    for _ in range(3):
        refused(modelarts)

    assert [record.levelname for record in caplog.records if record.name.startswith("bot.")] == ["ERROR"]
    assert SECRET not in caplog.text
    assert "Signature=" not in caplog.text
    assert "verify aksk" not in caplog.text


def test_twenty_threads_with_a_wrong_key_ask_once(stub: Stub, modelarts: ModelArts) -> None:
    stub.on(STATISTICS, bad_signature())

    with ThreadPoolExecutor(20) as threads:
        asked = [threads.submit(modelarts.pool_stats, POOL, now=NOON) for _ in range(40)]
        assert all(isinstance(question.exception(), BadCredentials) for question in asked)

    assert len(stub.seen) == 1


def test_credentials_that_were_accepted_are_used_by_all_threads_at_once(stub: Stub, modelarts: ModelArts) -> None:
    stub.on(STATISTICS, ok())
    modelarts.pool_stats(POOL, now=NOON)
    gate = threading.Event()
    stub.on(STATISTICS, Reply(200, ok().body, gate=gate))

    with ThreadPoolExecutor(8) as threads:
        asked = [threads.submit(modelarts.pool_stats, POOL, now=NOON) for _ in range(8)]
        assert eventually(lambda: len(stub.seen) == 9)
        gate.set()
        assert [question.result().jobs for question in asked] == [234] * 8


def test_a_first_question_that_finds_nobody_does_not_hold_up_the_next(stub: Stub, modelarts: ModelArts) -> None:
    stub.on(STATISTICS, Reply(500))

    for _ in range(2):
        with pytest.raises(Unavailable):
            modelarts.pool_stats(POOL, now=NOON)

    assert len(stub.seen) == 6


@pytest.mark.parametrize(
    "reply",
    [
        failed(403, "ModelArts.0108", "Not authorized to perform."),
        failed(403, "APIG.0302", "The IAM user is not authorized to access the API."),
        failed(404, "ModelArts.50015001", f"Pool {POOL_ID} not found."),
    ],
)
def test_a_missing_right_or_pool_does_not_open_the_circuit(reply: Reply, stub: Stub, modelarts: ModelArts) -> None:
    stub.on(STATISTICS, reply, ok())

    with pytest.raises(ModelArtsError):
        modelarts.pool_stats(POOL, now=NOON)

    assert modelarts.pool_stats(POOL, now=NOON).jobs == 234


def test_a_missing_right_is_not_called_wrong_credentials(stub: Stub, modelarts: ModelArts) -> None:
    stub.on(STATISTICS, failed(403, "ModelArts.0108", "Not authorized to perform (modelarts:pool:get)."))

    with pytest.raises(NotAllowed, match=r"knows our credentials.*modelarts:pool:get"):
        modelarts.pool_stats(POOL, now=NOON)


def test_a_locked_key_is_told_as_locked(stub: Stub, hands: Hands) -> None:
    stub.on(STATISTICS, failed(401, "APIG.0301", "AK access failed to reach the limit,forbidden."))

    with client(stub, hands) as modelarts:
        assert "locked for five minutes" in str(refused(modelarts))
