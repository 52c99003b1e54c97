"""Is every channel right, whatever becomes of the leader of several replicas?"""

import random
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import requests

from tests.databases import PostgreSQL
from tests.delivery.acting import SOME, each_resolved
from tests.delivery.collector import Told
from tests.delivery.processes import Nursery
from tests.delivery.replicas import Replicas, replicas
from tests.delivery.scene import Scene, scene, time_passes
from tests.delivery.table import TABLE
from tests.delivery.test_killed import UNGROUPED, trouble_comes_and_goes

pytestmark = pytest.mark.postgresql
KILLED, PAUSED, CUT, KEPT = SOME[:4]
# The leader is gone so often, at random moments, in each of these ways, and for so long.
GONE = {"killed": (6, 0.0), "cut off": (4, 30.0), "paused": (3, 60.0)}


def told(one: Scene, pool: str, within: float = 30.0) -> None:
    """An alert of the pool fires and is told."""
    one.queue(60, pool)
    one.eventually(lambda: one.fires(pool), within=within, what=f"the alert of {pool}", revive=False)


def test_whether_the_leader_is_killed_paused_cut_off_or_stopped_another_one_tells_everything_once(
    bots: Nursery, tmp_path: Path, postgresql: PostgreSQL
) -> None:
    with (
        scene(tmp_path, bots, *SOME, database=postgresql.new_database()) as one,
        replicas(one, lease="2s") as three,
    ):
        told(one, KEPT)
        seen = pressed_at_a_follower(one, three)
        three.kill(first := three.the_leader())
        one.queue(60, KILLED)
        took = {"killed": three.replaced(first)}
        with three.paused(second := three.the_leader()):
            took["paused"] = three.replaced(second)
            told(one, PAUSED)
        with three.cut_off(third := three.the_leader()):
            took["cut off"] = three.replaced(third)
            told(one, CUT)
        told(one, KILLED)
        last = three.the_leader()
        last.bot.send(signal.SIGTERM)
        took["stopped in order"] = three.replaced(last)
        one.queue(3, KEPT, KILLED, PAUSED, CUT)
        acknowledged = Told(KEPT, "Resolved", ("Acknowledged", "Resolved"))
        tally = one.settles([acknowledged, *each_resolved(KILLED, PAUSED, CUT)])
        TABLE.add("the leader of three is gone", tally)
        said = ", ".join(f"{how} {seconds:.1f} s" for how, seconds in took.items())
        TABLE.note(f"another leader (lease 2 s) after: {said}; a press at a follower was seen after {seen:.1f} s")


@pytest.mark.soak
def test_whenever_the_leader_is_gone_under_load_another_one_tells_everything_once(
    bots: Nursery, tmp_path: Path, postgresql: PostgreSQL
) -> None:
    chance = random.Random(len(GONE))
    lives = dict.fromkeys(SOME, 0)
    ways = [way for way, (times, _) in GONE.items() for _ in range(times)]
    chance.shuffle(ways)
    took: dict[str, list[float]] = {way: [] for way in GONE}
    database = postgresql.new_database()
    with scene(tmp_path, bots, *SOME, database=database, **UNGROUPED) as one, replicas(one) as three:
        for way in ways:
            live(one, lives, chance.uniform(0.05, 5))
            took[way].append(goes(three, way, lambda seconds: live(one, lives, seconds)))
        begun = lives.items()
        one.eventually(
            lambda: all(len(one.collector.about(pool)) >= number for pool, number in begun), within=60, what="the last"
        )
        one.queue(3, *SOME)
        expected = [Told(pool, "Resolved", ("Resolved",)) for pool, number in begun for _ in range(number)]
        tally = one.settles(expected, within=60 + 2 * len(expected))
        TABLE.add("the leader of three is gone at random", tally)
        for way, seconds in took.items():
            TABLE.note(f"{len(seconds)} times {way}: another leader (lease 10 s) after {max(seconds):.1f} s at most")
        assert sum(lives.values()) > 2 * len(ways)


def goes(three: Replicas, way: str, live_on: Callable[[float], None]) -> float:
    """The leader is gone in this way, and others live on; the seconds until another one leads."""
    leader, lasts = three.the_leader(), GONE[way][1]
    if way == "killed":
        three.kill(leader)
        took = three.replaced(leader)
        three.start()
    else:
        with three.paused(leader) if way == "paused" else three.cut_off(leader):
            took = three.replaced(leader)
            live_on(lasts - took)
    return took


def live(one: Scene, lives: dict[str, int], seconds: float) -> None:
    """Trouble comes and goes for so long."""
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        trouble_comes_and_goes(one, lives)
        time_passes(0.02)


def pressed_at_a_follower(one: Scene, three: Replicas) -> float:
    """Acknowledge an alert by a replica that does not lead; the seconds until its message says so."""
    follower = three.follower()
    ready = requests.get(f"{follower.url}/readyz", timeout=10).json()
    assert ready["ready"]
    assert any("leads; this one answers in chat" in note for note in ready["notes"])
    shown = requests.get(f"{follower.url}/metrics", timeout=10).text
    assert "pool_stats_leader 0.0" in shown
    assert "modelarts_pool_jobs{" not in shown
    began = time.monotonic()
    one.press("Acknowledge", KEPT, "Acknowledged")
    return time.monotonic() - began
