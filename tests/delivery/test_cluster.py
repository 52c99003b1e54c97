"""Is every pool read, and every alert told once, whatever becomes of those who read?"""

import signal
from pathlib import Path

import pytest

from tests.databases import PostgreSQL
from tests.delivery.acting import each_resolved
from tests.delivery.cluster import CLUSTER, workers
from tests.delivery.processes import Nursery
from tests.delivery.scene import scene
from tests.delivery.table import TABLE

pytestmark = pytest.mark.postgresql
POOLS = tuple(f"train-{number:02}" for number in range(20))
KILLED, PAUSED, KEPT = POOLS[:3]


def test_the_pools_of_a_worker_that_is_killed_or_paused_are_read_by_the_other_and_each_alert_is_told_once(
    bots: Nursery, tmp_path: Path, postgresql: PostgreSQL
) -> None:
    with (
        scene(tmp_path, bots, *POOLS, database=postgresql.new_database(), **CLUSTER) as one,
        workers(one, bots, 2) as two,
    ):
        one.queue(60, KEPT)
        one.eventually(lambda: one.fires(KEPT), what="the first alert")
        first, second = two.all
        one.queue(60, KILLED)
        two.kill(first)
        took = {"killed": two.all_read(len(POOLS), within=30)}
        two.start()
        with two.paused(second):
            one.queue(60, PAUSED)
            took["paused"] = two.all_read(len(POOLS), within=30)
        one.eventually(lambda: one.fires(KILLED) and one.fires(PAUSED), what="the alerts")
        assert two.all[-1].stop(signal.SIGTERM, within=10) == 0
        took["stopped in order"] = two.all_read(len(POOLS), within=30)
        one.queue(3, KILLED, PAUSED, KEPT)
        tally = one.settles(each_resolved(KILLED, PAUSED, KEPT))
        TABLE.add("a worker of two is gone", tally)
        said = ", ".join(f"{how} {seconds:.1f} s" for how, seconds in took.items())
        TABLE.note(f"every pool (interval 1 s, lease 2 s) was read by others after: {said}")
