"""Is a question asked again only where that can help, afresh, in its turn and before the deadline?"""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from bot.modelarts.client import ModelArts
from bot.modelarts.errors import (
    BadRequest,
    ModelArtsError,
    NotAllowed,
    Throttled,
    Unavailable,
    UnexpectedAnswer,
    UnknownPool,
)
from tests.modelarts.stub import NOON, STATISTICS, Hands, Reply, Stub, client, eventually, failed, ok
from tests.modelarts.test_statistics import POOL

RESET = Reply(raw=b"")
MINUTE = "The throttling threshold has been reached: policy user over ratelimit,limit:60,time:1 minute"
SECOND = "The throttling threshold has been reached: policy ip over ratelimit,limit:10,time:1 second"


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_a_server_error_is_asked_again_at_most_twice(status: int, stub: Stub, modelarts: ModelArts) -> None:
    stub.on(STATISTICS, failed(status, "APIG.0601", "Internal server error."))

    with pytest.raises(Unavailable):
        modelarts.pool_stats(POOL, now=NOON)

    assert len(stub.seen) == 3


def test_a_connection_error_is_asked_again_at_most_twice(stub: Stub, modelarts: ModelArts) -> None:
    stub.on(STATISTICS, RESET)

    with pytest.raises(Unavailable, match="the connection fails"):
        modelarts.pool_stats(POOL, now=NOON)

    assert len(stub.seen) == 3


@pytest.mark.parametrize("first", [RESET, Reply(500), Reply(502), Reply(503), Reply(504), failed(429, "", SECOND)])
def test_what_heals_is_not_noticed(first: Reply, stub: Stub, modelarts: ModelArts) -> None:
    stub.on(STATISTICS, first, first, ok())

    assert modelarts.pool_stats(POOL, now=NOON).jobs == 234


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (Reply(400), BadRequest),
        (Reply(403), NotAllowed),
        (failed(404, "ModelArts.50015001", "Pool not found."), UnknownPool),
        (Reply(405), UnexpectedAnswer),
        (Reply(408), Unavailable),
        (Reply(501), UnexpectedAnswer),
        (Reply(505), UnexpectedAnswer),
        (ok(b"{}"), UnexpectedAnswer),
    ],
)
def test_whatever_else_goes_wrong_is_not_asked_again(
    reply: Reply, kind: type[ModelArtsError], stub: Stub, modelarts: ModelArts
) -> None:
    stub.on(STATISTICS, reply)

    with pytest.raises(kind):
        modelarts.pool_stats(POOL, now=NOON)

    assert len(stub.seen) == 1


def test_each_attempt_is_signed_afresh(stub: Stub, hands: Hands) -> None:
    stub.on(STATISTICS, Reply(503, headers={"Retry-After": "3"}), Reply(503, headers={"Retry-After": "3"}), ok())

    with client(stub, hands) as modelarts:
        modelarts.pool_stats(POOL, now=NOON)

    assert len({seen.headers["X-Sdk-Date"] for seen in stub.seen}) == 3
    assert len({seen.headers["Authorization"] for seen in stub.seen}) == 3


def test_attempts_are_apart_by_full_jitter(stub: Stub, hands: Hands) -> None:
    stub.on(STATISTICS, Reply(500))

    with client(stub, hands, deadline=timedelta(days=1), max_rate=1e12) as modelarts:
        for _ in range(60):
            with pytest.raises(Unavailable):
                modelarts.pool_stats(POOL, now=NOON)

    backoffs = [wait for wait in hands.waits if wait > 1e-9]
    first, second = backoffs[::2], backoffs[1::2]
    assert 0 < min(first) < 0.15 < 0.35 < max(first) <= 0.5
    assert 0 < min(second) < 0.3 < 0.7 < max(second) <= 1.0


def test_no_attempt_begins_after_the_deadline(stub: Stub, hands: Hands) -> None:
    stub.on(STATISTICS, Reply(503, headers={"Retry-After": "30"}))

    with client(stub, hands, deadline=timedelta(seconds=20)) as modelarts, pytest.raises(Unavailable) as caught:
        modelarts.pool_stats(POOL, now=NOON)

    assert len(stub.seen) == 1
    assert caught.value.retry_after == timedelta(seconds=30)
    assert hands.waits == []


def test_the_window_of_a_throttle_message_is_honoured(stub: Stub, hands: Hands) -> None:
    stub.on(STATISTICS, failed(429, "APIG.0308", SECOND), ok())

    with client(stub, hands) as modelarts:
        began = hands.elapsed
        assert modelarts.pool_stats(POOL, now=NOON).jobs == 234

    assert hands.elapsed - began >= 1


def test_a_429_is_told_with_its_window_where_that_is_longer_than_the_deadline(stub: Stub, modelarts: ModelArts) -> None:
    stub.on(STATISTICS, failed(429, "APIG.0308", MINUTE))

    with pytest.raises(Throttled, match="can be asked again in 1 min") as caught:
        modelarts.pool_stats(POOL, now=NOON)

    assert caught.value.window == timedelta(minutes=1)
    assert caught.value.retry_after == timedelta(minutes=1)
    assert len(stub.seen) == 1


def test_during_a_throttle_window_nothing_is_asked_by_anybody(stub: Stub, hands: Hands) -> None:
    stub.on(STATISTICS, failed(429, "APIG.0308", MINUTE), ok())

    with client(stub, hands) as modelarts:
        for _ in range(2):
            with pytest.raises(Throttled):
                modelarts.pool_stats(POOL, now=NOON)
        hands.turn(timedelta(seconds=30))
        with pytest.raises(Throttled, match="asked us to pause") as caught:
            modelarts.pool_stats(POOL, now=NOON)
        assert len(stub.seen) == 1
        hands.turn(timedelta(seconds=31))
        assert modelarts.pool_stats(POOL, now=NOON).jobs == 234

    assert caught.value.retry_after == timedelta(seconds=30)


@pytest.mark.parametrize(
    ("text", "window"),
    [
        ("limit:5,time:30 second", timedelta(seconds=30)),
        ("limit:5,time:2 hour", timedelta(hours=2)),
        ("limit:5,time:1 day", timedelta(days=1)),
        ("limit:5,time:999999999 day", timedelta(days=1)),
        ("limit:5,time:soon", None),
    ],
)
def test_every_window_is_understood(text: str, window: timedelta | None, stub: Stub, hands: Hands) -> None:
    stub.on(STATISTICS, failed(429, "APIG.0308", text))

    with client(stub, hands, deadline=timedelta(seconds=1)) as modelarts, pytest.raises(Throttled) as caught:
        modelarts.pool_stats(POOL, now=NOON)

    assert caught.value.window == window


def test_a_retry_after_header_is_honoured_before_the_message(stub: Stub, hands: Hands) -> None:
    stub.on(STATISTICS, failed(429, "APIG.0308", MINUTE, Retry_After="4"), ok())

    with client(stub, hands) as modelarts:
        began = hands.elapsed
        modelarts.pool_stats(POOL, now=NOON)

    assert 4 <= hands.elapsed - began < 5


def test_the_limit_starts_at_max_rate_for_all_threads_together(stub: Stub, hands: Hands) -> None:
    stub.on(STATISTICS, ok())

    with client(stub, hands, max_rate=10) as modelarts:
        assert modelarts.rate == 10
        modelarts.pool_stats(POOL, now=NOON)
        began = hands.elapsed
        with ThreadPoolExecutor(4) as threads:
            list(threads.map(lambda _: modelarts.pool_stats(POOL, now=NOON), range(20)))

    assert sum(hands.waits) > 0
    assert hands.elapsed - began >= 1.9


def test_the_limit_halves_at_a_throttle_answer_and_recovers_slowly(stub: Stub, hands: Hands) -> None:
    stub.on(STATISTICS, failed(429, "APIG.0308", SECOND), failed(429, "APIG.0308", SECOND), ok())

    with client(stub, hands, max_rate=10) as modelarts:
        modelarts.pool_stats(POOL, now=NOON)
        assert modelarts.rate == pytest.approx(2.5, abs=0.1)
        hands.turn(timedelta(seconds=60))
        assert modelarts.rate == pytest.approx(4.5, abs=0.2)
        hands.turn(timedelta(minutes=10))
        assert modelarts.rate == 10


def test_throttle_answers_to_requests_under_way_together_halve_the_limit_once(stub: Stub, hands: Hands) -> None:
    gate = threading.Event()
    stub.on(STATISTICS, ok(), *[Reply(429, {"error_msg": MINUTE}, gate=gate)] * 4)

    with client(stub, hands, max_rate=1000) as modelarts:
        modelarts.pool_stats(POOL, now=NOON)
        with ThreadPoolExecutor(4) as threads:
            asked = [threads.submit(modelarts.pool_stats, POOL, now=NOON) for _ in range(4)]
            assert eventually(lambda: len(stub.seen) == 5)
            gate.set()
            assert all(isinstance(question.exception(), Throttled) for question in asked)
        assert modelarts.rate == 500


def test_the_limit_never_falls_to_a_standstill(stub: Stub, hands: Hands) -> None:
    stub.on(STATISTICS, Reply(429, {"error_msg": SECOND}))

    with client(stub, hands, max_rate=1, deadline=timedelta(seconds=1)) as modelarts:
        for _ in range(30):
            with pytest.raises(Throttled):
                modelarts.pool_stats(POOL, now=NOON)
            hands.turn(timedelta(seconds=2))

        assert modelarts.rate >= 0.1


def test_a_turn_that_would_come_after_the_deadline_is_told_as_throttled(stub: Stub, hands: Hands) -> None:
    stub.on(STATISTICS, ok())

    with client(stub, hands, max_rate=0.01, deadline=timedelta(seconds=20)) as modelarts:
        modelarts.pool_stats(POOL, now=NOON)
        with pytest.raises(Throttled, match="too many questions"):
            modelarts.pool_stats(POOL, now=NOON)

    assert len(stub.seen) == 1
