"""Does the official SDK find in the stand-in what it expects of ModelArts?"""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from huaweicloudsdkcore.auth.credentials import BasicCredentials
from huaweicloudsdkcore.exceptions import exceptions
from huaweicloudsdkcore.http.http_config import HttpConfig
from huaweicloudsdkmodelarts.v1 import (
    ListEventsRequest,
    ListPoolsRequest,
    ListWorkloadsRequest,
    ModelArtsClient,
    ShowPoolMonitorRequest,
    ShowPoolRequest,
    ShowPoolRuntimeMetricsRequest,
    ShowPoolStatisticsRequest,
    ShowWorkloadStatisticsRequest,
)
from huaweicloudsdkmodelarts.v1.region.modelarts_region import ModelArtsRegion

from bot.emulator import Emulator, Replay
from bot.emulator.throttle import Limits
from tests.emulator.asking import POOL

Client = Any  # the SDK has no type information


def client_of(emulator: Emulator, *, secret: str | None = None) -> Client:
    config = HttpConfig.get_default_config()
    config.timeout = (3, 5)
    credentials = BasicCredentials(emulator.access_key.access, secret or emulator.access_key.secret)
    builder = ModelArtsClient.new_builder().with_http_config(config)
    return (
        builder.with_credentials(credentials.with_project_id(emulator.project_id))
        .with_endpoints([emulator.url])
        .build()
    )


@pytest.fixture
def emulator() -> Iterator[Emulator]:
    """A stand-in on the wall clock, which is what the SDK signs by."""
    with Emulator() as running:
        running.set_counts(POOL, {"train": {"Queue": 3, "Running": 5, "Failed": 1}}, name="train-a100")
        yield running


def error_of(call: Callable[[], object], kind: type[Exception] = exceptions.ClientRequestException) -> Any:
    with pytest.raises(kind) as caught:
        call()
    return caught.value


def test_the_sdk_reads_the_statistics_of_a_pool(emulator: Emulator) -> None:
    answer = client_of(emulator).show_workload_statistics(ShowWorkloadStatisticsRequest(pool_name=POOL))

    assert answer.status_code == 200
    assert answer.statistics.total == 9
    assert [(item.type, item.total) for item in answer.statistics.items] == [("train", 9)]
    status = answer.statistics.items[0].status
    assert (status.queue, status.running, status.failed, status.pending) == (3, 5, 1, None)


def test_the_sdk_lists_pools_with_id_and_display_name(emulator: Emulator) -> None:
    answer = client_of(emulator).list_pools(ListPoolsRequest())

    assert [(pool.metadata.name, pool.metadata.labels.os_modelarts_name) for pool in answer.items] == [
        (POOL, "train-a100")
    ]


def test_the_sdk_shows_one_pool(emulator: Emulator) -> None:
    answer = client_of(emulator).show_pool(ShowPoolRequest(pool_name=POOL))

    assert (answer.metadata.name, answer.status.phase, answer.spec.type) == (POOL, "Running", "Dedicate")


def test_the_sdk_lists_workloads_with_its_filters(emulator: Emulator) -> None:
    request = ListWorkloadsRequest(
        pool_name=POOL, type="train", status="Queue", sort="create_time", ascend=True, offset="0", limit=2
    )

    answer = client_of(emulator).list_workloads(request)

    assert [(job.type, job.status, job.namespace) for job in answer.items] == [("train", "Queue", POOL)] * 2


def test_the_sdk_reads_the_neighbouring_apis(emulator: Emulator) -> None:
    client = client_of(emulator)

    metrics = client.show_pool_runtime_metrics(ShowPoolRuntimeMetricsRequest())
    assert metrics.items[0].metadata.name == POOL
    assert metrics.items[0].table.workload.queue.train == 3
    assert client.show_pool_statistics(ShowPoolStatisticsRequest()).statistics.status.created == 1
    assert client.show_pool_monitor(ShowPoolMonitorRequest(pool_name=POOL)).metrics[0].data_points
    assert client.list_events(ListEventsRequest(resource="pools", name=POOL)).items[0].reason == "PoolStatusChange"


def test_the_sdk_plays_through_a_recorded_trace() -> None:
    with Emulator(Replay("demo", speed=60).engine()) as emulator:
        client = client_of(emulator)
        pools = client.list_pools(ListPoolsRequest()).items

        answers = [
            client.show_workload_statistics(ShowWorkloadStatisticsRequest(pool_name=pool.metadata.name))
            for pool in pools
        ]

    assert len(answers) == 7
    assert all(answer.statistics is not None for answer in answers)


def test_the_sdk_is_told_401_for_a_wrong_secret_key(emulator: Emulator) -> None:
    client = client_of(emulator, secret="not-the-secret")

    error = error_of(lambda: client.show_workload_statistics(ShowWorkloadStatisticsRequest(pool_name=POOL)))

    assert (error.status_code, error.error_code) == (401, "APIG.0301")
    assert error.error_msg == "Incorrect IAM authentication information: verify aksk signature fail"
    assert len(error.request_id) == 32


def test_the_sdk_is_locked_out_after_more_than_five_failures(emulator: Emulator) -> None:
    request = ShowWorkloadStatisticsRequest(pool_name=POOL)
    wrong = client_of(emulator, secret="not-the-secret")
    for _ in range(6):
        error_of(lambda: wrong.show_workload_statistics(request))

    error = error_of(lambda: client_of(emulator).show_workload_statistics(request))

    assert error.error_msg == "Incorrect IAM authentication information: AK access failed to reach the limit,forbidden."


def test_the_sdk_is_told_404_with_the_name_of_the_pool(emulator: Emulator) -> None:
    missing = POOL.replace("a100", "h100")

    error = error_of(
        lambda: client_of(emulator).show_workload_statistics(ShowWorkloadStatisticsRequest(pool_name=missing))
    )

    assert (error.status_code, error.error_code) == (404, "ModelArts.50015001")
    assert error.error_msg == f"Pool {missing} not found."


def test_the_sdk_is_told_404_without_the_name_by_show_pool(emulator: Emulator) -> None:
    error = error_of(lambda: client_of(emulator).show_pool(ShowPoolRequest(pool_name=POOL.replace("a100", "h100"))))

    assert (error.status_code, error.error_msg) == (404, "pool not found")


@pytest.mark.parametrize("name", ["train-a100", "pool a/b", "a/../b", "池", POOL.upper()])
def test_the_sdk_is_told_400_for_what_is_no_pool_id(emulator: Emulator, name: str) -> None:
    error = error_of(
        lambda: client_of(emulator).show_workload_statistics(ShowWorkloadStatisticsRequest(pool_name=name))
    )

    assert (error.status_code, error.error_code, error.error_msg) == (400, "ModelArts.50004000", "Bad request.")


def test_the_sdk_is_told_429(emulator: Emulator) -> None:
    emulator.limits = Limits(user=1, window="1 minute")
    client = client_of(emulator)
    client.list_pools(ListPoolsRequest())

    error = error_of(lambda: client.list_pools(ListPoolsRequest()), exceptions.SdkException)

    assert "429" in str(error)
    assert [seen.status for seen in emulator.requests] == [200, 429]


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_the_sdk_is_told_a_server_error(emulator: Emulator, status: int) -> None:
    emulator.misbehave("status", status=status, times=1)

    error = error_of(
        lambda: client_of(emulator).show_workload_statistics(ShowWorkloadStatisticsRequest(pool_name=POOL)),
        exceptions.ServerResponseException,
    )

    assert error.status_code == status


def test_the_sdk_is_told_of_a_broken_connection(emulator: Emulator) -> None:
    emulator.misbehave("reset", times=1)

    error_of(
        lambda: client_of(emulator).show_workload_statistics(ShowWorkloadStatisticsRequest(pool_name=POOL)),
        exceptions.ConnectionException,
    )


def test_the_sdk_finds_its_project_by_region_through_iam(
    emulator: Emulator, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("HUAWEICLOUD_SDK_AK", emulator.access_key.access)
    monkeypatch.setenv("HUAWEICLOUD_SDK_SK", emulator.access_key.secret)
    monkeypatch.setenv("HUAWEICLOUD_SDK_IAM_ENDPOINT", emulator.url)
    monkeypatch.setenv("HUAWEICLOUD_SDK_REGION_MODELARTS_CN_NORTH_4", emulator.url)

    client = ModelArtsClient.new_builder().with_region(ModelArtsRegion.value_of("cn-north-4")).build()
    answer = client.show_workload_statistics(ShowWorkloadStatisticsRequest(pool_name=POOL))

    assert answer.statistics.total == 9
    assert [seen.route for seen in emulator.requests] == ["projects", "statistics"]
    assert emulator.requests[0].query == (("name", "cn-north-4"),)


def test_the_sdk_keeps_nothing_in_the_home_of_the_person_who_tests() -> None:
    assert "home-of-nobody-" in os.environ["HOME"]
