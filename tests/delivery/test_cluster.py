"""Is every pool read, and every alert told once, whatever becomes of those who read?"""

import random
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.databases import PostgreSQL
from tests.delivery.acting import each_resolved
from tests.delivery.cluster import CLUSTER, Workers, workers
from tests.delivery.collector import Told
from tests.delivery.processes import Nursery
from tests.delivery.scene import Scene, scene
from tests.delivery.table import TABLE
from tests.delivery.test_killed import UNGROUPED
from tests.delivery.test_replicas import live

pytestmark = pytest.mark.postgresql
POOLS = tuple(f"train-{number:02}" for number in range(20))
KILLED, PAUSED, KEPT = POOLS[:3]
# What befalls somebody, so often, at random moments.
BEFALLS = {"worker killed": 8, "worker paused": 8, "worker stopped": 3, "leader killed": 5, "leader paused": 4}


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
        two.forget()
        took["forgotten"] = two.all_read(len(POOLS), within=30)
        one.queue(3, KILLED, PAUSED, KEPT)
        tally = one.settles(each_resolved(KILLED, PAUSED, KEPT))
        TABLE.add("a worker of two is gone", tally)
        said = ", ".join(f"{how} {seconds:.1f} s" for how, seconds in took.items())
        TABLE.note(f"every pool (interval 1 s, lease 2 s) was read by others after: {said}")


@pytest.mark.soak
def test_whatever_befalls_workers_and_leader_under_load_every_alert_is_told_once(
    bots: Nursery, tmp_path: Path, postgresql: PostgreSQL
) -> None:
    chance = random.Random(len(BEFALLS))
    trouble = POOLS[:6]
    lives = dict.fromkeys(trouble, 0)
    ways = [way for way, times in BEFALLS.items() for _ in range(times)]
    chance.shuffle(ways)
    read_after: dict[str, float] = dict.fromkeys(BEFALLS, 0.0)
    database = postgresql.new_database()
    with (
        scene(tmp_path, bots, *POOLS, database=database, **CLUSTER, **UNGROUPED) as one,
        workers(one, bots, 3) as three,
    ):
        for way in ways:
            live(one, lives, chance.uniform(0.5, 5))
            befall(one, three, way, chance, lambda: live(one, lives, chance.uniform(3, 6)))
            took = three.all_read(len(POOLS), within=60)
            read_after[way] = max(read_after[way], took)
        begun = lives.items()
        one.eventually(
            lambda: all(len(one.collector.about(pool)) >= number for pool, number in begun), within=60, what="the last"
        )
        one.queue(3, *trouble)
        expected = [Told(pool, "Resolved", ("Resolved",)) for pool, number in begun for _ in range(number)]
        tally = one.settles(expected, within=60 + 2 * len(expected))
        TABLE.add("workers of three, and their leader, are gone at random", tally)
        for way, seconds in read_after.items():
            TABLE.note(f"{BEFALLS[way]} times {way}: every pool was read again after {seconds:.1f} s at most")
        assert sum(lives.values()) > 2 * len(ways)


def befall(one: Scene, three: Workers, way: str, chance: random.Random, live_on: Callable[[], None]) -> None:
    """Something befalls a worker or the leader, and the others live on."""
    who, _, what = way.partition(" ")
    worker, leader = chance.choice(three.living), one.bots[-1]
    if what == "paused":
        one.faults += 1
        (worker if who == "worker" else leader).send(signal.SIGSTOP)
        live_on()
        (worker if who == "worker" else leader).send(signal.SIGCONT)
    elif who == "leader":
        one.kill()
        one.start()
    else:
        one.faults += 1
        worker.stop(signal.SIGKILL if what == "killed" else signal.SIGTERM)
        three.start()
