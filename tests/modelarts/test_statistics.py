"""Does the client read job statistics: every field, type and status, tolerant of documents and not of lies?"""

import gzip
import json
from datetime import timedelta

import pytest

from bot.core.stats import JobStatus, Pool
from bot.modelarts.client import ModelArts
from bot.modelarts.errors import UnexpectedAnswer
from tests.modelarts.stub import EXAMPLE, NOON, POOL_ID, PROJECT, STATISTICS, Hands, Reply, Stub, client, ok

POOL = Pool(POOL_ID, "auto-pool-os")


def item(**fields: object) -> dict[str, object]:
    return {"statistics": {"total": 1, "items": [{"type": "train", "total": 1, "status": {"Queue": 1}, **fields}]}}


def test_the_seed_pages_question_is_asked_as_it_is_documented(stub: Stub, modelarts: ModelArts) -> None:
    stub.on(STATISTICS, ok())

    modelarts.pool_stats(POOL, now=NOON)

    [seen] = stub.seen
    assert (seen.method, seen.target) == ("GET", f"/v2/{PROJECT}/statistics/pools/{POOL_ID}/workloads")
    assert seen.headers["X-Project-Id"] == PROJECT
    assert seen.headers["X-Sdk-Date"] == "20251119T120000Z"
    assert seen.headers["User-Agent"] == "pool-stats-bot"
    assert seen.headers["Authorization"].startswith("SDK-HMAC-SHA256 Access=")


def test_the_only_published_example_is_read(stub: Stub, modelarts: ModelArts) -> None:
    stub.on(STATISTICS, ok(EXAMPLE))

    stats = modelarts.pool_stats(POOL, now=NOON)

    assert (stats.pool, stats.taken_at) == (POOL, NOON)
    assert stats.types["train"].status == {JobStatus.QUEUE: 234, JobStatus.PENDING: 0, JobStatus.RUNNING: 0}
    assert stats.types["train"].total == 234
    assert stats.jobs == 234


def test_every_documented_field_type_and_status_is_read(stub: Stub, modelarts: ModelArts) -> None:
    counts = {status.value: place for place, status in enumerate(JobStatus, start=1)}
    items = [{"type": kind, "total": 45, "status": counts} for kind in ("train", "infer", "notebook")]
    stub.on(STATISTICS, ok({"statistics": {"total": 135, "items": items}}))

    stats = modelarts.pool_stats(POOL, now=NOON)

    assert list(stats.types) == ["train", "infer", "notebook"]
    for kind in stats.types.values():
        assert {status.value: count for status, count in kind.status.items()} == counts
        assert (kind.total, kind.unknown) == (45, {})
    assert stats.not_reported == ()


@pytest.mark.parametrize(
    "body",
    [
        pytest.param({"statics": EXAMPLE["statistics"]}, id="the key is statics"),
        pytest.param(
            {"statistics": {"total": "234", "items": [{"type": "train", "total": "234", "status": {"Queue": "234"}}]}},
            id="numbers are text",
        ),
        pytest.param({"statistics": {"total": 1, "items": EXAMPLE["statistics"]["items"]}}, id="the total is a length"),
        pytest.param({"statistics": {"items": EXAMPLE["statistics"]["items"]}}, id="there is no total"),
        pytest.param({**EXAMPLE, "operationTime": "2025", "more": [1]}, id="there are further keys"),
    ],
)
def test_where_documents_disagree_every_reading_is_understood(body: object, stub: Stub, modelarts: ModelArts) -> None:
    stub.on(STATISTICS, ok(body))

    stats = modelarts.pool_stats(POOL, now=NOON)

    assert stats.count(JobStatus.QUEUE) == 234
    assert stats.jobs == 234


@pytest.mark.parametrize(
    "body",
    [
        pytest.param({"statistics": {"total": 0, "items": []}}, id="no items"),
        pytest.param({"statistics": {"total": 0, "items": None}}, id="null items"),
        pytest.param({"statistics": {"total": 0}}, id="missing items"),
        pytest.param({"statistics": {"items": []}}, id="no items and no total"),
        pytest.param({"error_code": None, "statistics": {"total": 0}}, id="a null error"),
    ],
)
def test_missing_or_null_items_are_an_empty_pool(body: object, stub: Stub, modelarts: ModelArts) -> None:
    stub.on(STATISTICS, ok(body))

    stats = modelarts.pool_stats(POOL, now=NOON)

    assert stats.types == {}
    assert stats.count(JobStatus.FAILED) == 0


def test_not_reported_stays_distinguishable_from_0(stub: Stub, modelarts: ModelArts) -> None:
    stub.on(STATISTICS, ok(item(status={"Queue": 0, "Failed": None})))

    stats = modelarts.pool_stats(POOL, now=NOON)

    assert stats.count(JobStatus.QUEUE) == 0
    assert stats.count(JobStatus.FAILED) is None
    assert JobStatus.FAILED in stats.not_reported
    assert JobStatus.QUEUE not in stats.not_reported


@pytest.mark.parametrize("status", [None, {}])
def test_a_type_without_a_status_map_keeps_its_total(status: object, stub: Stub, modelarts: ModelArts) -> None:
    stub.on(STATISTICS, ok(item(status=status, total=7)))

    stats = modelarts.pool_stats(POOL, now=NOON)

    assert stats.types["train"].status == {}
    assert stats.jobs == 7


def test_unknown_job_types_and_statuses_are_kept_and_never_dropped(stub: Stub, modelarts: ModelArts) -> None:
    items = [
        {"type": "x-infer", "total": 5, "status": {"Running": 1, "Preempted": 4}},
        {"type": "warmUpTask", "total": 2, "status": {"Hibernated": "2"}},
    ]
    stub.on(STATISTICS, ok({"statistics": {"total": 7, "items": items}}))

    stats = modelarts.pool_stats(POOL, now=NOON)

    assert list(stats.types) == ["x-infer", "warmUpTask"]
    assert stats.unknown_status == {"Preempted": 4, "Hibernated": 2}
    assert stats.jobs == 7


LIES = [
    pytest.param(b"", "empty", id="nothing"),
    pytest.param(b"<html><body>Sign in</body></html>", "web page", id="a web page"),
    pytest.param(b"Bad Gateway", "not JSON", id="plain text"),
    pytest.param(json.dumps(EXAMPLE).encode()[:-4], "cut off", id="cut in the middle"),
    pytest.param(b"\xff\xfe{}", "not JSON", id="not UTF-8"),
    pytest.param([], "an object", id="a list"),
    pytest.param({}, "statistics", id="no statistics"),
    pytest.param({"statistics": None}, "statistics", id="null statistics"),
    pytest.param({"statistics": [1]}, "statistics", id="statistics are a list"),
    pytest.param({"statistics": {"total": 5}}, "listed none", id="a total of jobs and no jobs"),
    pytest.param({"statistics": {}}, "neither a total nor items", id="nothing at all"),
    pytest.param({"statistics": {"total": None, "items": None}}, "neither a total", id="nothing but nulls"),
    pytest.param({"statistics": {"items": [None]}}, "neither a total", id="no item but a null"),
    pytest.param({"statistics": {"total": 1, "items": [None]}}, "listed none", id="a total of jobs and a null"),
    pytest.param({"statistics": {"total": 1, "items": {"type": "train"}}}, "items", id="items are an object"),
    pytest.param(item(type=None), "type", id="a type is null"),
    pytest.param(item(type=""), "type", id="a type is empty"),
    pytest.param(item(type=5), "type", id="a type is a number"),
    pytest.param(item(type="x" * 101), "type", id="a type is a novel"),
    pytest.param(item(status=[1]), "status", id="a status map is a list"),
    pytest.param(item(status={"Queue": -1}), "Queue is not a number of jobs", id="negative"),
    pytest.param(item(status={"Queue": "-1"}), "Queue", id="negative text"),
    pytest.param(item(status={"Queue": 10**9 + 1}), "Queue", id="over 10^9"),
    pytest.param(item(status={"Queue": str(10**9 + 1)}), "1,000,000,000", id="over 10^9 in text"),
    pytest.param(item(status={"Queue": 10**400}), "Queue", id="absurdly large"),
    pytest.param(item(status={"Queue": 1.5}), "Queue", id="a fraction"),
    pytest.param(item(status={"Queue": 3.0}), "Queue", id="a float"),
    pytest.param(item(status={"Queue": True}), "Queue", id="a boolean"),
    pytest.param(item(status={"Queue": float("nan")}), "Queue", id="not a number"),
    pytest.param(item(status={"Queue": "many"}), "Queue", id="a word"),
    pytest.param(item(status={"Queue": "٣"}), "Queue", id="digits of another script"),
    pytest.param(item(status={"Queue": [1]}), "Queue", id="a list of counts"),
    pytest.param(item(total=-1), "total", id="a negative total"),
    pytest.param(item(status={f"s{number}": 1 for number in range(101)}), "status", id="a hundred statuses"),
    pytest.param(
        {"statistics": {"total": 2, "items": [{"type": "train", "status": {"Queue": 1}}] * 2}},
        "twice",
        id="a type twice",
    ),
]


@pytest.mark.parametrize(("body", "told"), LIES)
def test_what_would_lie_is_an_unexpected_answer_and_never_zeros(
    body: object, told: str, stub: Stub, modelarts: ModelArts
) -> None:
    stub.on(STATISTICS, ok(body))

    with pytest.raises(UnexpectedAnswer, match=told) as caught:
        modelarts.pool_stats(POOL, now=NOON)

    assert caught.value.request_id == "5f0c2d1e"
    assert len(stub.seen) == 1, "asking again does not make it true"


@pytest.mark.parametrize("key", ["error_code", "errorCode"])
@pytest.mark.parametrize(
    "beside", [{}, {"statistics": {}}, {"statistics": {"total": 0, "items": []}}, EXAMPLE, {"error_msg": "try later"}]
)
def test_an_error_under_a_status_200_is_an_unexpected_answer_and_never_zeros(
    key: str, beside: dict[str, object], stub: Stub, modelarts: ModelArts
) -> None:
    stub.on(STATISTICS, ok({key: "ModelArts.50000000", **beside}))

    with pytest.raises(UnexpectedAnswer, match=r"the error 'ModelArts\.50000000'"):
        modelarts.pool_stats(POOL, now=NOON)


def test_a_null_among_sound_items_is_skipped(stub: Stub, modelarts: ModelArts) -> None:
    items = [None, {"type": "train", "total": 3, "status": {"Queue": 3}}]
    stub.on(STATISTICS, ok({"statistics": {"total": 3, "items": items}}))

    stats = modelarts.pool_stats(POOL, now=NOON)

    assert list(stats.types) == ["train"]
    assert stats.count(JobStatus.QUEUE) == 3


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308, 204, 206, 304])
def test_a_redirect_or_another_success_is_an_unexpected_answer_and_not_followed(
    status: int, stub: Stub, modelarts: ModelArts
) -> None:
    stub.on(STATISTICS, Reply(status, b"", {"Location": f"{stub.url}/elsewhere"}))

    with pytest.raises(UnexpectedAnswer, match=str(status)):
        modelarts.pool_stats(POOL, now=NOON)

    assert [seen.path for seen in stub.seen] == [f"{STATISTICS}/{POOL_ID}/workloads"]


def test_a_truncated_body_is_an_unexpected_answer(stub: Stub, modelarts: ModelArts) -> None:
    body = json.dumps(EXAMPLE).encode()
    head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\n\r\n".encode()
    stub.on(STATISTICS, Reply(raw=head + body[:-1]))

    with pytest.raises(UnexpectedAnswer, match="cut off"):
        modelarts.pool_stats(POOL, now=NOON)


def test_a_truncated_chunked_body_is_an_unexpected_answer(stub: Stub, modelarts: ModelArts) -> None:
    stub.on(STATISTICS, Reply(raw=b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nff\r\n{"statistics"'))

    with pytest.raises(UnexpectedAnswer, match="cut off"):
        modelarts.pool_stats(POOL, now=NOON)


def test_a_body_over_5_mb_is_an_unexpected_answer(stub: Stub, modelarts: ModelArts) -> None:
    stub.on(STATISTICS, ok(json.dumps(EXAMPLE).encode() + b" " * (5 * 1024 * 1024)))

    with pytest.raises(UnexpectedAnswer, match="larger than 5 MB"):
        modelarts.pool_stats(POOL, now=NOON)


def test_a_small_body_that_unpacks_to_more_than_5_mb_is_an_unexpected_answer(stub: Stub, modelarts: ModelArts) -> None:
    bomb = gzip.compress(b" " * 50_000_000)
    stub.on(STATISTICS, Reply(200, bomb, {"Content-Encoding": "gzip"}))

    with pytest.raises(UnexpectedAnswer, match="larger than 5 MB"):
        modelarts.pool_stats(POOL, now=NOON)


def test_a_compressed_answer_is_read(stub: Stub, modelarts: ModelArts) -> None:
    stub.on(STATISTICS, Reply(200, gzip.compress(json.dumps(EXAMPLE).encode()), {"Content-Encoding": "gzip"}))

    assert modelarts.pool_stats(POOL, now=NOON).jobs == 234


def test_broken_compression_is_an_unexpected_answer(stub: Stub, modelarts: ModelArts) -> None:
    stub.on(STATISTICS, Reply(200, b"this is not gzip", {"Content-Encoding": "gzip"}))

    with pytest.raises(UnexpectedAnswer, match="compression"):
        modelarts.pool_stats(POOL, now=NOON)


def test_a_body_that_drips_for_longer_than_the_time_out_is_an_unexpected_answer(stub: Stub, hands: Hands) -> None:
    stub.on(STATISTICS, Reply(drip=1000))

    with (
        client(stub, hands, read_timeout=timedelta(seconds=0.3)) as modelarts,
        pytest.raises(UnexpectedAnswer, match="too long"),
    ):
        modelarts.pool_stats(POOL, now=NOON)
