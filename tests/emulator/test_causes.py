"""Do the pools of the scenario `causes` show what each of them is there for? Read by the official SDK."""

from collections.abc import Iterator

import pytest
from huaweicloudsdkmodelarts.v1 import ListWorkloadsRequest, ShowPoolRequest, ShowWorkloadStatisticsRequest

from bot.emulator import Emulator
from bot.emulator.causes import CAUSES
from bot.emulator.serve import build_engine
from tests.emulator.test_official_sdk import Client, client_of

NAMES = (
    "pool-full",
    "pool-behind",
    "pool-abnormal",
    "pool-no-nodes",
    "pool-too-large",
    "pool-scattered",
    "pool-priorities",
    "pool-quota",
    "pool-just-came",
)


@pytest.fixture
def emulator() -> Iterator[Emulator]:
    """The stand-in with the pools of every cause."""
    with Emulator(build_engine(scenario=CAUSES)) as running:
        yield running


@pytest.fixture
def sdk(emulator: Emulator) -> Client:
    """The official SDK."""
    return client_of(emulator)


def id_of(emulator: Emulator, name: str) -> str:
    """The id of the pool with this display name."""
    return next(pool.id for pool in emulator.engine.pools() if pool.name == name)


def test_there_is_a_pool_for_each_cause(emulator: Emulator) -> None:
    assert tuple(pool.name for pool in emulator.engine.pools()) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_the_counts_are_those_of_the_jobs(emulator: Emulator, sdk: Client, name: str) -> None:
    pool = id_of(emulator, name)

    counted = sdk.show_workload_statistics(ShowWorkloadStatisticsRequest(pool_name=pool)).statistics
    listed = sdk.list_workloads(ListWorkloadsRequest(pool_name=pool)).items

    assert counted.total == len(listed)
    status = counted.items[0].status
    assert (status.queue, status.running) == tuple(
        sum(job.status == wanted for job in listed) for wanted in ("Queue", "Running")
    )


@pytest.mark.parametrize("name", NAMES)
def test_no_machine_holds_more_than_it_has_and_none_that_is_out_of_order_holds_anything(
    emulator: Emulator, sdk: Client, name: str
) -> None:
    pool = id_of(emulator, name)
    running = sdk.list_workloads(ListWorkloadsRequest(pool_name=pool, status="Running")).items
    shown = sdk.show_pool(ShowPoolRequest(pool_name=pool)).to_json_object()["status"]["resources"]

    machines = {state: sum(each["count"] for each in shown[state]) for state in shown}
    hosts = [host for job in running for host in job.host_ips.split(",")]

    assert sum(machines.values()) == 4
    assert len(set(hosts)) <= machines["available"]
    assert sum(int(job.resource_requirement.nvidia_com_gpu) for job in running) <= 8 * machines["available"]


def test_the_longest_waiting_job_comes_first_and_has_its_priority(emulator: Emulator, sdk: Client) -> None:
    asked = ListWorkloadsRequest(
        pool_name=id_of(emulator, "pool-priorities"), status="Queue", sort="create_time", ascend=True
    )

    first, second = sdk.list_workloads(asked).items

    assert (first.priority, second.priority) == ("1", "3")
    assert first.pending_duration >= 400 * 60


def test_counts_set_by_hand_take_the_place_of_the_jobs(emulator: Emulator, sdk: Client) -> None:
    pool = id_of(emulator, "pool-full")

    emulator.set_counts(pool, {"train": {"Queue": 2}})

    assert [job.status for job in sdk.list_workloads(ListWorkloadsRequest(pool_name=pool)).items] == ["Queue", "Queue"]
