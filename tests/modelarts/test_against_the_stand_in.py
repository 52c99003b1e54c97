"""Do the client and the stand-in, written from the documents by different hands, understand each other?"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest

from bot.core.stats import JobStatus, Pool
from bot.emulator import AccessKey, Emulator, Engine, Shape
from bot.emulator.throttle import Limits
from bot.modelarts.client import ModelArts
from bot.modelarts.credentials import Keys, Login
from bot.modelarts.errors import (
    BadCredentials,
    ModelArtsError,
    NotAllowed,
    Throttled,
    Unavailable,
    UnexpectedAnswer,
    UnknownPool,
)
from bot.modelarts.rotating import Rotating
from tests.modelarts.stub import NOON, Hands


@pytest.fixture
def emulator(hands: Hands) -> Iterator[Emulator]:
    with Emulator(Engine(clock=hands.wall), wall_clock=hands.wall) as running:
        running.set_counts("train-a100", {"train": {"Queue": 3, "Running": 5, "Failed": 1}, "infer": {"Running": 2}})
        running.set_counts("notebooks", {"notebook": {"Running": 4}})
        yield running


def client(
    emulator: Emulator, hands: Hands, credentials: Keys | Login | Rotating | None = None, **settings: Any
) -> ModelArts:
    key = emulator.access_key
    return ModelArts(
        credentials or Keys(key.access, key.secret),
        **{
            "wall": hands.wall,
            "monotonic": hands.monotonic,
            "wait": hands.wait,
            "region": "cn-north-4",
            "endpoint": emulator.url,
            "iam_endpoint": emulator.url,
            "project_id": emulator.project_id,
            "trust_env": False,
            "read_timeout": timedelta(seconds=2),
            "max_rate": 1e6,
            **settings,
        },
    )


@pytest.fixture
def modelarts(emulator: Emulator, hands: Hands) -> Iterator[ModelArts]:
    with client(emulator, hands) as asking:
        yield asking


def test_the_jobs_of_a_pool_are_told_by_its_display_name(modelarts: ModelArts) -> None:
    stats = modelarts.pool_stats("train-a100", now=NOON)

    assert stats.pool.name == "train-a100"
    assert {kind: counts.jobs for kind, counts in stats.types.items()} == {"train": 9, "infer": 2}
    assert stats.count(JobStatus.QUEUE, "train") == 3
    assert stats.count(JobStatus.FAILED) == 1


@pytest.mark.parametrize(
    "shape",
    [
        Shape(zeros=False),
        Shape(numeric_strings=True),
        Shape(root="statics"),
        Shape(total="length"),
        Shape(unknown_status="Preempted"),
        Shape(modern_infer=True),
    ],
)
def test_every_form_of_the_documents_is_understood(shape: Shape, emulator: Emulator, modelarts: ModelArts) -> None:
    emulator.shape = shape

    stats = modelarts.pool_stats("train-a100", now=NOON)

    assert stats.count(JobStatus.QUEUE, "train") == 3
    assert stats.unknown_status.keys() == ({"Preempted"} if shape.unknown_status else set())


@pytest.mark.parametrize("empty", ["list", "null", "missing"])
def test_an_empty_pool_is_empty_however_it_is_told(empty: Any, emulator: Emulator, modelarts: ModelArts) -> None:
    emulator.set_counts("idle", {})
    emulator.shape = Shape(empty_items=empty)

    assert modelarts.pool_stats("idle", now=NOON).types == {}


def test_the_neighbours_are_understood(modelarts: ModelArts) -> None:
    pools = modelarts.pools(now=NOON)
    train = modelarts.resolve("train", now=NOON)
    waiting = modelarts.workloads(train.id, job_types=("train",), status="Queue", oldest_first=True, limit=2)
    loads = modelarts.runtime_metrics()

    assert [details.pool.name for details in pools] == ["train-a100", "notebooks"]
    assert modelarts.show_pool(train.id).pool == train
    assert modelarts.show_pool(train.id).phase == "Running"
    assert [job.status for job in waiting.items] == ["Queue", "Queue"]
    assert all(job.created_at is not None and job.created_at <= NOON for job in waiting.items)
    assert loads is not None
    assert {load.pool.name: load.queued.get("train", 0) for load in loads} == {"train-a100": 3, "notebooks": 0}


def test_a_region_without_runtime_metrics_gives_none(emulator: Emulator, modelarts: ModelArts) -> None:
    emulator.gateway.runtime_workload = False
    assert modelarts.runtime_metrics() is None
    emulator.gateway.runtime_metrics = False
    assert modelarts.runtime_metrics() is None


def test_an_unknown_pool_is_told_with_the_nearest(modelarts: ModelArts) -> None:
    with pytest.raises(UnknownPool) as caught:
        modelarts.pool_stats("trian-a100", now=NOON)
    with pytest.raises(UnknownPool):
        modelarts.pool_stats(Pool(f"gone-{'0' * 32}", "gone"), now=NOON)

    assert caught.value.nearest[0].name == "train-a100"


def test_the_project_is_found_by_the_regions_name(emulator: Emulator, hands: Hands) -> None:
    with client(emulator, hands, project_id=None) as modelarts:
        assert modelarts.pool_stats("notebooks", now=NOON).jobs == 4
        assert modelarts.project_id == emulator.project_id


def test_temporary_credentials_are_accepted(hands: Hands) -> None:
    key = AccessKey("TEMPORARYKEY00000001", "secret-of-a-temporary-key-00000000000001", security_token="gQpj+/==")
    with Emulator(Engine(clock=hands.wall), wall_clock=hands.wall, keys=[key]) as emulator:
        emulator.set_counts("train-a100", {"train": {"Queue": 3}})
        with client(emulator, hands, Keys(key.access, key.secret, key.security_token)) as modelarts:
            assert modelarts.pool_stats("train-a100", now=NOON).jobs == 3


def test_a_token_is_fetched_used_and_fetched_anew_when_it_has_expired(emulator: Emulator, hands: Hands) -> None:
    user = emulator.user
    with client(emulator, hands, Login(user.name, user.password, user.domain), project_id=None) as modelarts:
        assert modelarts.pool_stats("notebooks", now=NOON).jobs == 4
        emulator.expire_tokens()
        assert modelarts.pool_stats("notebooks", now=NOON).jobs == 4

    assert sum("/v3/auth/tokens" in seen.path for seen in emulator.requests) == 2


def test_a_wrong_secret_key_asked_by_many_never_locks_the_key(emulator: Emulator, hands: Hands) -> None:
    wrong = Keys(emulator.access_key.access, "wrong")
    with client(emulator, hands, wrong) as modelarts, ThreadPoolExecutor(16) as threads:
        for _ in range(3):
            asked = [threads.submit(modelarts.pool_stats, "notebooks", now=NOON) for _ in range(50)]
            assert all(isinstance(question.exception(), BadCredentials) for question in asked)
            hands.turn(timedelta(minutes=5))

    assert len(emulator.requests) == 3
    with client(emulator, hands) as other:
        assert other.pool_stats("notebooks", now=NOON).jobs == 4


def test_a_clock_that_is_wrong_is_told_as_such(emulator: Emulator, hands: Hands) -> None:
    with (
        client(emulator, hands, wall=lambda: hands.wall() - timedelta(minutes=20)) as modelarts,
        pytest.raises(BadCredentials, match="20 min behind") as caught,
    ):
        modelarts.pools(now=NOON)

    assert caught.value.clock_skew == timedelta(minutes=-20)


def test_a_project_of_somebody_else_is_a_missing_right(emulator: Emulator, hands: Hands) -> None:
    with client(emulator, hands, project_id="f" * 32) as modelarts, pytest.raises(NotAllowed, match="project id"):
        modelarts.pools(now=NOON)


def test_where_listing_is_denied_a_full_id_still_finds_its_pool(emulator: Emulator, modelarts: ModelArts) -> None:
    train = emulator.engine.pools()[0]
    emulator.gateway.denied_actions.add("modelarts:pool:list")

    assert modelarts.pool_stats(train.id, now=NOON).pool == Pool(train.id, "train-a100")
    with pytest.raises(NotAllowed, match="full id"):
        modelarts.pool_stats("train-a100", now=NOON)


def test_throttling_is_sat_out(emulator: Emulator, modelarts: ModelArts) -> None:
    emulator.limits = Limits(user=2, window="1 second")

    for _ in range(10):
        assert modelarts.pool_stats("notebooks", now=NOON).jobs == 4

    assert modelarts.rate < 1e6


def test_a_long_throttle_window_is_told(emulator: Emulator, modelarts: ModelArts) -> None:
    emulator.misbehave("throttle", window="1 minute")

    with pytest.raises(Throttled) as caught:
        modelarts.pools(now=NOON)

    assert caught.value.window == timedelta(minutes=1)


FAULTS: list[tuple[str, dict[str, Any], type[ModelArtsError]]] = [
    ("status", {"status": 500}, Unavailable),
    ("status", {"status": 503}, Unavailable),
    ("reset", {}, Unavailable),
    ("hang", {}, Unavailable),
    ("truncated", {}, UnexpectedAnswer),
    ("drip", {}, UnexpectedAnswer),
    ("html", {}, UnexpectedAnswer),
    ("redirect", {}, UnexpectedAnswer),
    ("huge", {}, UnexpectedAnswer),
    ("not-json", {}, UnexpectedAnswer),
    *[
        ("wrong-types", {"wrong": wrong}, UnexpectedAnswer)
        for wrong in ("negative", "too-large", "words", "floats", "nested", "booleans", "list")
    ],
]


@pytest.mark.parametrize(("kind", "how", "error"), FAULTS, ids=str)
def test_every_misbehaviour_is_a_named_error_and_never_zeros(
    kind: str, how: dict[str, Any], error: type[ModelArtsError], emulator: Emulator, hands: Hands
) -> None:
    with client(emulator, hands, read_timeout=timedelta(seconds=0.3)) as modelarts:
        train = modelarts.resolve("train-a100", now=NOON)
        emulator.misbehave(kind, route="statistics", **how)
        with pytest.raises(error):
            modelarts.pool_stats(train, now=NOON)

        emulator.behave()
        assert modelarts.pool_stats(train, now=NOON).jobs == 11


def test_connections_are_kept(emulator: Emulator, modelarts: ModelArts) -> None:
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(lambda _: modelarts.pool_stats("notebooks", now=NOON), range(100)))

    assert emulator.connections <= 4
