"""Do the APIs beside the statistics answer as the documents show?"""

from typing import Any

import pytest

from bot.emulator import Emulator
from tests.emulator.asking import POOL, POOLS, WORKLOADS, Asked, Hands, ask, send

PROJECT = POOLS.removesuffix("/pools")
MISSING = POOL.replace("a100", "h100")


def jobs(emulator: Emulator, *query: tuple[str, str]) -> Any:
    answer = ask(emulator, WORKLOADS, query)
    assert answer.status == 200, answer.body
    return answer.json


def test_the_jobs_agree_with_the_counts(emulator: Emulator) -> None:
    emulator.set_counts(POOL, {"train": {"Queue": 3, "Running": 2}, "notebook": {"Running": 1, "Failed": 2}})

    listed = jobs(emulator)

    told = [(job["type"], job["status"]) for job in listed["items"]]
    assert listed["total"] == 8
    assert {pair: told.count(pair) for pair in told} == {
        ("train", "Queue"): 3,
        ("train", "Running"): 2,
        ("notebook", "Running"): 1,
        ("notebook", "Failed"): 2,
    }


def test_a_job_keeps_its_name_while_it_queues_runs_and_ends(emulator: Emulator, hands: Hands) -> None:
    seen = []
    for status in ("Queue", "Pending", "Creating", "Running", "Failed"):
        emulator.set_counts(POOL, {"train": {status: 1}})
        seen += jobs(emulator)["items"]
        hands.turn(minutes=10)

    assert [job["status"] for job in seen] == ["Queue", "Pending", "Creating", "Running", "Failed"]
    assert len({job["uid"] for job in seen}) == 1
    assert [job["pendingDuration"] for job in seen] == [0, 600, 1200, 1800, 1800]
    assert [job["runningDuration"] for job in seen] == [0, 0, 0, 0, 600]


def test_the_longest_waiting_job_is_first_in_the_queue(emulator: Emulator, hands: Hands) -> None:
    emulator.set_counts(POOL, {"train": {"Queue": 0}})
    for waiting in (1, 2, 3):
        emulator.set_counts(POOL, {"train": {"Queue": waiting, "Running": 4}})
        jobs(emulator)
        hands.turn(minutes=5)

    query = (("status", "Queue"), ("sort", "create_time"), ("ascend", "true"))

    assert [job["pendingPosition"] for job in jobs(emulator, *query)["items"]] == [1, 2, 3]
    assert [job["pendingDuration"] for job in jobs(emulator, *query)["items"]] == [900, 600, 300]
    assert {job["pendingPosition"] for job in jobs(emulator, ("status", "Running"))["items"]} == {-1}


def test_jobs_are_found_by_type_status_and_machine(emulator: Emulator) -> None:
    emulator.set_counts(POOL, {"train": {"Running": 3}, "infer": {"Running": 2}, "notebook": {"Queue": 1}})

    both = jobs(emulator, ("type", "infer"), ("type", "notebook"))
    host = jobs(emulator, ("status", "Running"))["items"][0]["hostIps"].split(",")[0]
    there = jobs(emulator, ("hostip", f"{host},10.9.9.9"), ("limit", "1"))

    assert sorted({job["type"] for job in both["items"]}) == ["infer", "notebook"]
    assert there["items"]
    assert all(host in job["hostIps"] for job in there["items"])
    assert jobs(emulator, ("type", "x-infer"))["items"] == []


def test_jobs_come_in_pages(emulator: Emulator) -> None:
    emulator.set_counts(POOL, {"train": {"Queue": 700}})

    first = jobs(emulator)
    rest = jobs(emulator, ("offset", "500"), ("limit", "0"))

    assert (first["total"], len(first["items"]), len(rest["items"])) == (700, 500, 200)
    assert len({job["uid"] for job in first["items"] + rest["items"]}) == 700


@pytest.mark.parametrize(
    "query",
    [("limit", "501"), ("limit", "-1"), ("offset", "x"), ("offset", "2147483648"), ("sort", "name"), ("ascend", "1")],
)
def test_a_parameter_out_of_range_is_a_bad_request(emulator: Emulator, query: tuple[str, str]) -> None:
    answer = ask(emulator, WORKLOADS, (query,))

    assert (answer.status, answer.json["error_code"]) == (400, "ModelArts.50004000")


def test_a_huge_count_does_not_make_a_billion_jobs(emulator: Emulator) -> None:
    emulator.set_counts(POOL, {"train": {"Queue": 10**9}})

    assert jobs(emulator)["total"] == 5000


def test_pools_are_listed_with_their_labels(emulator: Emulator) -> None:
    emulator.set_counts("research", {})

    listed = ask(emulator, POOLS).json

    assert (listed["kind"], listed["apiVersion"]) == ("PoolList", "v2")
    assert [pool["metadata"]["labels"]["os.modelarts/name"] for pool in listed["items"]] == ["train-a100", "research"]
    by_label = ask(emulator, POOLS, (("labelSelector", "os.modelarts/name=research"),)).json
    assert len(by_label["items"]) == 1
    assert ask(emulator, POOLS, (("status", "failed"),)).json["items"] == []
    assert ask(emulator, POOLS, (("workspaceId", "7"),)).json["items"] == []


def test_one_pool_is_shown_as_it_is_listed(emulator: Emulator) -> None:
    assert ask(emulator, f"{POOLS}/{POOL}").json == ask(emulator, POOLS).json["items"][0]


@pytest.mark.parametrize(
    ("path", "text"),
    [
        (f"{PROJECT}/statistics/pools/{MISSING}/workloads", f"Pool {MISSING} not found."),
        (f"{PROJECT}/pools/{MISSING}/workloads", f"Pool {MISSING} not found."),
        (f"{PROJECT}/pools/{MISSING}", "pool not found"),
        (f"{PROJECT}/pools/{MISSING}/monitor", "pool not found"),
    ],
)
def test_each_api_words_a_missing_pool_in_its_own_way(emulator: Emulator, path: str, text: str) -> None:
    answer = ask(emulator, path)

    assert (answer.status, answer.json) == (404, {"error_code": "ModelArts.50015001", "error_msg": text})


def test_pools_are_counted(emulator: Emulator) -> None:
    told = ask(emulator, f"{PROJECT}/statistics/pools").json

    assert told["statistics"]["status"]["created"] == 1
    assert told["operationTime"] == "2026-03-02 12:00:00.000000178 +0000 UTC"


def test_one_call_tells_the_queues_of_all_pools(emulator: Emulator) -> None:
    emulator.set_counts("research", {"notebook": {"Queue": 7}})

    items = ask(emulator, f"{PROJECT}/metrics/runtime/pools").json["items"]

    assert {
        item["metadata"]["labels"]["os.modelarts/name"]: item["table"]["workload"]["queue"]["sum"] for item in items
    } == {
        "train-a100": 3,
        "research": 7,
    }


def test_a_region_may_lack_the_runtime_metrics(emulator: Emulator) -> None:
    emulator.gateway.runtime_metrics = False

    answer = ask(emulator, f"{PROJECT}/metrics/runtime/pools")

    assert (answer.status, answer.json["error_code"]) == (404, "APIG.0101")


def test_a_region_may_tell_runtime_metrics_without_jobs(emulator: Emulator) -> None:
    emulator.gateway.runtime_workload = False

    assert "workload" not in ask(emulator, f"{PROJECT}/metrics/runtime/pools").json["items"][0]["table"]


def test_the_monitor_tells_how_busy_a_pool_was(emulator: Emulator) -> None:
    query = (("time_range", "-1.-1.60"), ("period", "300"), ("statistics", "average"))

    metrics = ask(emulator, f"{POOLS}/{POOL}/monitor", query).json["metrics"]

    by_name = {metric["metric"]["metricName"]: metric["dataPoints"] for metric in metrics}
    assert len(by_name["gpuUtil"]) == 12
    assert by_name["npuUtil"][0]["statistics"] == [{"statistic": "average", "value": -1.0}]


@pytest.mark.parametrize(
    "query", [("period", "61"), ("statistics", "median"), ("time_range", "x"), ("time_range", "-1.-1.100000")]
)
def test_a_monitor_range_that_cannot_be_is_a_bad_request(emulator: Emulator, query: tuple[str, str]) -> None:
    assert ask(emulator, f"{POOLS}/{POOL}/monitor", (query,)).status == 400


def test_events_come_newest_first_and_in_pages(emulator: Emulator) -> None:
    path, named = PROJECT.replace("v2", "v1") + "/events", (("resource", "pools"), ("name", POOL))
    everything = ask(emulator, path, named).json["items"]

    first = ask(emulator, path, (*named, ("limit", "3"))).json
    rest = ask(emulator, path, (*named, ("continue", first["metadata"]["continue"]))).json

    assert first["items"] + rest["items"] == everything
    assert everything == sorted(everything, key=lambda event: event["lastTimestamp"], reverse=True)
    assert {event["type"] for event in ask(emulator, path, (*named, ("type", "Warning"))).json["items"]} == {"Warning"}
    assert ask(emulator, path, (("resource", "pool"), ("name", POOL))).status == 400
    assert (
        ask(emulator, path, (("resource", "pools"), ("name", MISSING))).json["error_msg"]
        == f"Pool {MISSING} not found."
    )


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/"),
        ("GET", f"{PROJECT}/pools/{POOL}/workloads/statistics"),
        ("POST", POOLS),
        ("GET", "/v3/auth/tokens"),
        ("DELETE", f"{POOLS}/{POOL}"),
    ],
)
def test_an_unknown_route_is_not_an_api(emulator: Emulator, method: str, path: str) -> None:
    answer = send(emulator, Asked(path, (), method))

    assert (answer.status, answer.json["error_code"]) == (404, "APIG.0101")
    assert answer.json["error_msg"] == "The API does not exist or has not been published in the environment."
