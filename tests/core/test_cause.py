"""What is inferred from jobs and machines, and what is not."""

from collections.abc import Mapping
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.cause import (
    Abnormal,
    Cause,
    Facts,
    FreeYetWaiting,
    Full,
    JustCame,
    LargerThanNode,
    NoNodes,
    NotEnough,
    NothingWaits,
    Overtaken,
    PoolUnwell,
    Quota,
    Scattered,
    TooLarge,
)
from bot.core.inferring import causes
from bot.core.workloads import Workload, Workloads, cards_of_node
from tests.building import NOON

FLAVOR = "modelarts.vm.gpu.8v100"
HOUR = timedelta(hours=1)


def waits(
    cards: int | None = 8, *, hours: float = 3, user: str = "ada", priority: str = "1", **more: object
) -> Workload:
    """A job in the queue."""
    asks = {} if cards is None else {"nvidia.com/gpu": str(cards)}
    created: datetime = NOON - hours * HOUR
    return Workload(
        "job", "train", "Queue", user=user, priority=priority, flavor=FLAVOR, created_at=created,
        waiting=hours * HOUR, resources=asks, **more,  # type: ignore[arg-type] # any field of a job
    )  # fmt: skip


def runs(cards: int | None = 8, *hosts: str, user: str = "bob", priority: str = "1", hours: float = 5) -> Workload:
    """A job that runs."""
    asks = {} if cards is None else {"nvidia.com/gpu": str(cards)}
    return Workload(
        "job", "train", "Running", user=user, priority=priority, flavor=FLAVOR, created_at=NOON - hours * HOUR,
        running=hours * HOUR, resources=asks, hosts=hosts,
    )  # fmt: skip


def all_of(*jobs: Workload) -> Workloads:
    """All jobs that there are."""
    return Workloads(jobs, len(jobs))


def facts(
    waiting: Workloads | None,
    running: Workloads | None,
    available: int | None = 2,
    phase: str = "Running",
    **other: int,
) -> Facts:
    """A pool of machines with eight cards each."""
    nodes: Mapping[str, Mapping[str, int]] | None = None
    if available is not None:
        nodes = {state: {FLAVOR: number} for state, number in {"available": available, **other}.items()}
    return Facts(waiting, running, nodes, phase)


TWO_FULL = all_of(runs(8, "a"), runs(8, "b"))


@pytest.mark.parametrize(
    ("given", "first"),
    [
        pytest.param(facts(all_of(), None), NothingWaits(), id="nothing waits"),
        pytest.param(facts(all_of(waits(hours=1 / 60)), TWO_FULL), JustCame(timedelta(minutes=1)), id="just came"),
        pytest.param(facts(all_of(waits()), TWO_FULL, phase="Abnormal"), PoolUnwell("Abnormal"), id="pool unwell"),
        pytest.param(facts(all_of(waits()), None, 0, abnormal=2), NoNodes(2, 0, FLAVOR), id="no node is well"),
        pytest.param(facts(all_of(waits(32)), all_of()), TooLarge(32, 16, 2), id="larger than the pool"),
        pytest.param(
            facts(all_of(waits(16)), all_of(runs(8, "a")), 4), LargerThanNode(16, 8), id="larger than any node"
        ),
        pytest.param(facts(all_of(waits(8)), TWO_FULL), Full(2, 8, 0), id="no card is free"),
        pytest.param(
            facts(all_of(waits(8), waits(2, hours=2), waits(8, hours=1)), all_of(runs(8, "a"), runs(4, "b"))),
            Full(2, 8, 4, behind=1),
            id="a small job waits behind a large one",
        ),
        pytest.param(
            facts(all_of(waits(8)), Workloads((runs(8, "a"), runs(6, "b")), 9)),
            Full(2, 8, 2, at_most=True),
            id="not all running jobs are known, but they can only hold more",
        ),
        pytest.param(
            facts(all_of(waits(None)), all_of(runs(None, "a"), runs(None, "b"))),
            Full(2),
            id="cards are not told, but a job runs on every machine",
        ),
        pytest.param(
            facts(all_of(waits(8)), all_of(runs(4, "a"), runs(4, "b"))), Scattered(8, 8, 1, 0), id="scattered"
        ),
        pytest.param(
            facts(all_of(waits(4), waits(4)), all_of(runs(8, "a", user="ada"))), Quota("ada", 2, 8, 8), id="quota"
        ),
        pytest.param(
            facts(all_of(waits(4), waits(4, user="eve")), all_of(runs(8, "a"))), FreeYetWaiting(4, 8), id="free"
        ),
        pytest.param(
            facts(all_of(waits(4)), Workloads((runs(8, "a"),), None)),
            NotEnough(("what every running job holds",)),
            id="how many run is not told",
        ),
        pytest.param(facts(None, TWO_FULL), NotEnough(("the waiting jobs",)), id="the queue is not told"),
        pytest.param(
            facts(all_of(waits()), None, None),
            NotEnough(("the machines of the pool", "the running jobs")),
            id="neither machines nor running jobs are told",
        ),
    ],
)
def test_the_first_cause(given: Facts, first: Cause) -> None:
    assert causes(given)[0] == first


def test_abnormal_machines_are_told_beside_what_they_bring_about() -> None:
    assert causes(facts(all_of(waits(8)), TWO_FULL, abnormal=3)) == (Full(2, 8, 0), Abnormal(3, 5))


def test_priorities_are_told_when_others_went_first() -> None:
    queue = all_of(waits(8, hours=9, position=2), waits(8, hours=1, priority="3", position=1))
    running = all_of(runs(8, "a", priority="3", hours=2), runs(8, "b"))

    assert Overtaken(1, 1, 1) in causes(facts(queue, running))


def test_equal_priorities_overtake_nobody() -> None:
    assert not any(isinstance(each, Overtaken) for each in causes(facts(all_of(waits(8, hours=9)), TWO_FULL)))


def test_the_head_is_the_first_by_its_place_and_not_by_its_age() -> None:
    queue = all_of(waits(2, hours=9, position=2), waits(8, hours=1, position=1))

    assert causes(facts(queue, TWO_FULL))[0] == Full(2, 8, 0)


@pytest.mark.parametrize(
    ("flavor", "cards"),
    [
        ("modelarts.vm.gpu.8v100", 8),
        ("modelarts.bm.npu.arm.8snt9b3.d", 8),
        ("modelarts.vm.npu.1snt9", 1),
        ("modelarts.vm.cpu.4ud", None),
        ("modelarts.vm.gpu", None),
        ("8v100", None),
    ],
)
def test_the_cards_of_a_machine_by_its_flavor(flavor: str, cards: int | None) -> None:
    assert cards_of_node(flavor) == cards


@pytest.mark.parametrize(
    ("resources", "cards"),
    [
        ({"nvidia.com/gpu": "8", "cpu": "64 Cores"}, 8),
        ({"huawei.com/ascend-1980": "16"}, 16),
        ({"huawei.com/ascend-310": "2", "cpu": "1 Cores"}, 2),
        ({"cpu": "1 Cores", "memory": "6.52 GiB"}, None),
        ({"nvidia.com/gpu": "many"}, None),
        ({"nvidia.com/gpu": "-8"}, None),
        ({}, None),
    ],
)
def test_the_cards_that_a_job_asks_for(resources: dict[str, str], cards: int | None) -> None:
    assert Workload("job", "train", "Queue", resources=resources).cards == cards


JOBS = st.builds(
    Workload,
    name=st.text(max_size=5),
    job_type=st.just("train"),
    status=st.just("Queue"),
    user=st.none() | st.text(max_size=3),
    flavor=st.none() | st.just(FLAVOR),
    priority=st.none() | st.text(max_size=2),
    created_at=st.none() | st.just(NOON),
    waiting=st.none() | st.timedeltas(timedelta(), timedelta(days=9)),
    position=st.none() | st.integers(0, 9),
    resources=st.dictionaries(st.sampled_from(["nvidia.com/gpu", "cpu"]), st.sampled_from(["8", "x", "0"])),
    hosts=st.lists(st.sampled_from("abc"), max_size=2).map(tuple),
)
PAGES = st.none() | st.builds(Workloads, st.lists(JOBS, max_size=4).map(tuple), st.none() | st.integers(0, 9))
NODES = st.none() | st.dictionaries(
    st.sampled_from(["available", "abnormal"]), st.dictionaries(st.sampled_from([FLAVOR, "cpu"]), st.integers(0, 3))
)


@given(PAGES, PAGES, NODES)
def test_whatever_is_told_gives_a_cause_and_no_machine_is_invented(
    waiting: Workloads | None, running: Workloads | None, nodes: Mapping[str, Mapping[str, int]] | None
) -> None:
    found = causes(Facts(waiting, running, nodes))

    assert found
    if nodes is None:
        assert all(isinstance(each, NotEnough | NothingWaits | JustCame | Overtaken) for each in found)
