"""Does the client read the neighbours: pools, jobs, and the load of all pools at once?"""

from datetime import UTC, datetime, timedelta

import pytest

from bot.core.stats import Pool
from bot.modelarts.client import ModelArts
from bot.modelarts.errors import NotAllowed, UnexpectedAnswer, UnknownPool
from bot.modelarts.facts import PoolDetails, RuntimeLoad, Workload, Workloads
from tests.modelarts.stub import NOON, POOL_ID, POOLS, PROJECT, Reply, Stub, failed, ok, pool_list

ELEMENT = {
    "kind": "Pool",
    "apiVersion": "v2",
    "metadata": {
        "name": POOL_ID,
        "creationTimestamp": "2022-09-16T03:10:40Z",
        "labels": {"os.modelarts/name": "auto-pool-os", "os.modelarts/workspace.id": "0"},
        "annotations": {"os.modelarts/description": "for tests", "os.modelarts/billing.mode": "0"},
    },
    "spec": {
        "type": "Dedicate",
        "scope": ["Train", "Infer"],
        "resources": [{"flavor": "modelarts.vm.cpu.4ud", "count": 2}],
    },
    "status": {
        "phase": "Running",
        "resources": {
            "available": [{"flavor": "modelarts.vm.cpu.4ud", "count": 2, "azs": [{"az": "az-7c", "count": 2}]}],
            "abnormal": [{"flavor": "modelarts.vm.cpu.4ud", "count": "1"}],
        },
    },
}
DETAILS = PoolDetails(
    pool=Pool(POOL_ID, "auto-pool-os"),
    phase="Running",
    kind="Dedicate",
    scopes=("Train", "Infer"),
    workspace_id="0",
    description="for tests",
    created_at=datetime(2022, 9, 16, 3, 10, 40, tzinfo=UTC),
    nodes={"available": {"modelarts.vm.cpu.4ud": 2}, "abnormal": {"modelarts.vm.cpu.4ud": 1}},
)
JOB = {
    "kind": "Workload",
    "apiVersion": "v1",
    "uid": "6715ceb5",
    "name": "modelarts-job-c237e9e1",
    "jobName": "autotest_b82d17",
    "type": "train",
    "namespace": POOL_ID,
    "status": "Queue",
    "resourceRequirement": {"cpu": "1 Cores", "memory": "6.52 GiB"},
    "priority": "0",
    "createTime": 1727254947000,
    "pendingDuration": 1918236,
    "pendingPosition": -1,
    "isDeleted": "false",
}


def test_list_pools_is_read(stub: Stub, modelarts: ModelArts) -> None:
    stub.on(POOLS, ok({"kind": "PoolList", "items": [ELEMENT]}))

    assert modelarts.pools(now=NOON) == (DETAILS,)
    assert stub.seen[0].target == f"/v2/{PROJECT}/pools"


def test_show_pool_is_read(stub: Stub, modelarts: ModelArts) -> None:
    stub.on(f"{POOLS}/{POOL_ID}", ok(ELEMENT))

    assert modelarts.show_pool(POOL_ID) == DETAILS


def test_a_pool_about_which_little_is_said_is_still_a_pool(stub: Stub, modelarts: ModelArts) -> None:
    odd: dict[str, object] = {
        "metadata": {"name": "p", "labels": None, "creationTimestamp": "soon"},
        "spec": None,
        "status": [],
    }
    stub.on(POOLS, ok({"items": [odd, {"metadata": {"name": "q"}}]}))

    assert modelarts.pools(now=NOON) == (PoolDetails(Pool("p", "p")), PoolDetails(Pool("q", "q")))


@pytest.mark.parametrize("items", [[], None])
def test_an_account_without_pools_has_none(items: object, stub: Stub, modelarts: ModelArts) -> None:
    stub.on(POOLS, ok({"items": items}))

    assert modelarts.pools(now=NOON) == ()


@pytest.mark.parametrize(
    "body", [{}, {"items": {}}, {"items": [{}]}, {"items": [{"metadata": {"name": 5}}]}, b"<html>"]
)
def test_a_list_of_pools_that_cannot_be_understood_is_not_an_empty_list(
    body: object, stub: Stub, modelarts: ModelArts
) -> None:
    stub.on(POOLS, ok(body))

    with pytest.raises(UnexpectedAnswer):
        modelarts.pools(now=NOON)


@pytest.mark.parametrize("malformed", [None, {}, 5, {"metadata": None}, {"metadata": {"name": 5}}, "pool"])
def test_one_malformed_pool_hides_no_other_and_is_warned_of_once(
    malformed: object, stub: Stub, modelarts: ModelArts, caplog: pytest.LogCaptureFixture
) -> None:
    stub.on(POOLS, ok({"items": [malformed, ELEMENT, malformed]}))

    assert modelarts.pools(now=NOON) == (DETAILS,)
    assert [record.getMessage() for record in caplog.records if record.levelname == "WARNING"] == [
        "left out 2 of the 3 pools that ModelArts lists: they have no id"
    ]


def test_a_page_of_malformed_pools_hides_no_other_page(stub: Stub, modelarts: ModelArts) -> None:
    stub.on(POOLS, ok({"items": [None], "metadata": {"continue": "more"}}), ok({"items": [ELEMENT]}))

    assert modelarts.pools(now=NOON) == (DETAILS,)


def test_a_list_of_malformed_pools_alone_is_an_unexpected_answer(stub: Stub, modelarts: ModelArts) -> None:
    stub.on(POOLS, ok({"items": [None, {"metadata": {}}]}))

    with pytest.raises(UnexpectedAnswer, match=r"pools \(2\), none of which"):
        modelarts.pools(now=NOON)


def test_further_pages_of_pools_are_followed_where_a_region_still_has_them(stub: Stub, modelarts: ModelArts) -> None:
    first = {"items": [{"metadata": {"name": "p"}}], "metadata": {"continue": "a+b/c", "remainingItemCount": 1}}
    stub.on(POOLS, ok(first), ok({"items": [{"metadata": {"name": "q"}}], "metadata": {}}))

    assert [details.pool.id for details in modelarts.pools(now=NOON)] == ["p", "q"]
    assert stub.seen[1].query == [("continue", "a+b/c")]


def test_pages_without_end_are_an_unexpected_answer(stub: Stub, modelarts: ModelArts) -> None:
    stub.on(POOLS, ok({"items": [], "metadata": {"continue": "again"}}))

    with pytest.raises(UnexpectedAnswer, match="without end"):
        modelarts.pools(now=NOON)


def test_list_workloads_is_read(stub: Stub, modelarts: ModelArts) -> None:
    stub.on(f"{POOLS}/{POOL_ID}/workloads", ok({"kind": "WorkloadList", "metadata": {}, "total": 234, "items": [JOB]}))

    assert modelarts.workloads(POOL_ID) == Workloads(
        total=234,
        items=(
            Workload(
                name="autotest_b82d17",
                job_type="train",
                status="Queue",
                uid="6715ceb5",
                priority="0",
                created_at=datetime.fromtimestamp(1727254947, UTC),
                waiting=timedelta(seconds=1918236),
                position=None,
                resources={"cpu": "1 Cores", "memory": "6.52 GiB"},
            ),
        ),
    )


def test_the_longest_waiting_jobs_are_asked_for_in_the_documented_words(stub: Stub, modelarts: ModelArts) -> None:
    stub.on(f"{POOLS}/{POOL_ID}/workloads", ok({"items": None}))

    jobs = modelarts.workloads(POOL_ID, job_types=("train", "x-infer"), status="Queue", oldest_first=True, limit=5)

    assert jobs == Workloads(())
    assert stub.seen[0].query == [
        ("ascend", "true"),
        ("limit", "5"),
        ("offset", "0"),
        ("sort", "create_time"),
        ("status", "Queue"),
        ("type", "train"),
        ("type", "x-infer"),
    ]


def test_odd_fields_of_a_job_are_left_out(stub: Stub, modelarts: ModelArts) -> None:
    odd = {
        "type": "x-infer",
        "status": "Preempted",
        "name": "n",
        "priority": 3,
        "createTime": 10**30,
        "pendingDuration": "12",
        "runningDuration": -1,
        "pendingPosition": 4,
        "resourceRequirement": [{"cpu": 1}],
    }
    stub.on(POOLS, ok({"items": [odd]}))

    assert modelarts.workloads(POOL_ID).items == (
        Workload("n", "x-infer", "Preempted", priority="3", waiting=timedelta(seconds=12), position=4),
    )


@pytest.mark.parametrize("code", ["ModelArts.50015001", "ModelArts.2890"])
def test_the_jobs_of_a_pool_that_is_gone_are_an_unknown_pool(code: str, stub: Stub, modelarts: ModelArts) -> None:
    stub.on(POOLS, failed(404, code, "pool not found"))

    with pytest.raises(UnknownPool):
        modelarts.workloads(POOL_ID)
    with pytest.raises(UnknownPool):
        modelarts.show_pool(POOL_ID)


RUNTIME = f"/v2/{PROJECT}/metrics/runtime/pools"


def test_runtime_metrics_count_the_jobs_of_all_pools_by_one_question(stub: Stub, modelarts: ModelArts) -> None:
    workload = {
        "allocated": {"train": 3, "infer": None, "sum": 3},
        "queue": {"train": "2", "x-infer": 1, "warmUpTask": 0, "sum": 3},
        "timestamp": "2025-11-19T12:00:00Z",
    }
    table = {"allocated": {"value": {"cpu": "1073m"}}, "capacity": {}, "workload": workload}
    stub.on(RUNTIME, ok({"kind": "PoolMetricsList", "items": [{"metadata": ELEMENT["metadata"], "table": table}]}))

    assert modelarts.runtime_metrics() == (
        RuntimeLoad(Pool(POOL_ID, "auto-pool-os"), {"train": 2, "x-infer": 1, "warmUpTask": 0}, {"train": 3}),
    )


@pytest.mark.parametrize(
    "reply",
    [
        pytest.param(failed(404, "APIG.0101", "The API does not exist"), id="the API is not there"),
        pytest.param(failed(404, "ModelArts.4204", "API does not exist"), id="ModelArts lacks it"),
        pytest.param(ok({"items": [{"metadata": {"name": "p"}, "table": {"allocated": {}}}]}), id="it counts no jobs"),
    ],
)
def test_runtime_metrics_are_none_where_the_region_does_not_serve_them(
    reply: Reply, stub: Stub, modelarts: ModelArts
) -> None:
    stub.on(RUNTIME, reply)

    assert modelarts.runtime_metrics() is None


def test_runtime_metrics_that_cannot_be_believed_are_an_unexpected_answer(stub: Stub, modelarts: ModelArts) -> None:
    stub.on(RUNTIME, ok({"items": [{"metadata": {"name": "p"}, "table": {"workload": {"queue": {"train": -1}}}}]}))

    with pytest.raises(UnexpectedAnswer):
        modelarts.runtime_metrics()


def test_a_missing_right_to_the_runtime_metrics_is_told(stub: Stub, modelarts: ModelArts) -> None:
    stub.on(RUNTIME, failed(403, "ModelArts.0108", "Not authorized to perform (modelarts:pool:list)."))

    with pytest.raises(NotAllowed):
        modelarts.runtime_metrics()


def test_the_list_of_pools_is_shared_with_finding_pools(stub: Stub, modelarts: ModelArts) -> None:
    stub.on(POOLS, pool_list((POOL_ID, "auto-pool-os")))

    modelarts.pools(now=NOON)

    assert modelarts.resolve("auto", now=NOON) == Pool(POOL_ID, "auto-pool-os")
    assert len(stub.seen) == 1
