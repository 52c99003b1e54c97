"""Is the channel right, wherever the bot was killed?"""

import json
import random
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from bot.sandbox.model import YOU
from tests.delivery.collector import Tally, Told
from tests.delivery.processes import Nursery
from tests.delivery.scene import NotSettled, Scene, scene, time_passes
from tests.delivery.table import TABLE

POOL = "train-a100"
LIFE = Told(POOL, "Resolved", ("Acknowledged", "Resolved"), may=("Worse",))
# So many lives are led at once: they mostly wait for the next reading.
AT_ONCE = 12
# Random moments, on each kind of database.
KILLS = 100
UNGROUPED = {"POOL_STATS_DELIVERY__GROUP_BY_POOL": "false"}


CROWD = tuple(f"crowd-{number}" for number in range(4))


def lone_life(one: Scene) -> Tally:
    """An alert fires, worsens, is acknowledged and resolves; a bot that has died meanwhile is started again."""
    one.queue(60, POOL)
    one.eventually(lambda: one.shows(POOL, "peak 60"), what="the alert")
    one.queue(90, POOL)
    one.eventually(lambda: one.shows(POOL, "peak 90"), what="the worse alert")
    one.press("Acknowledge", POOL, "Acknowledged")
    one.queue(3, POOL)
    return one.settles([LIFE])


def crowded_life(one: Scene) -> Tally:
    """Four alerts are told in a summary; two of them are over, then all."""
    one.queue(60, *CROWD)
    one.eventually(lambda: one.shows("4 alerts", "4 alerts at once"), what="the summary")
    one.queue(3, *CROWD[:2])
    one.eventually(lambda: one.shows("4 alerts", "2 resolved"), what="the first who are well again")
    one.queue(3, *CROWD)
    return one.settles([Told("4 alerts", "4 alerts, all resolved", may=(".*Resolved",) * 4)])


def escalated_life(one: Scene) -> Tally:
    """Nobody acknowledges an alert, so a second channel is told and somebody is called there; then it resolves."""
    one.queue(60, POOL)
    one.eventually(lambda: one.shows(POOL, "Queue 60", "ml-oncall"), what="the escalation")
    one.eventually(lambda: _is_called(one), what="the call")
    one.queue(3, POOL)
    here = Told(POOL, "Resolved", ("Escalated to #ml-oncall", "Resolved"))
    return one.settles([here, Told(POOL, "Resolved", ("Escalated: nobody", "Resolved"), channel="ml-oncall")])


def _is_called(one: Scene) -> bool:
    """Whether somebody is called, and the channel sees it, under the message in the second channel."""
    entries = [entry for under in one.collector.about(POOL, "ml-oncall") for entry in one.collector.entries(under)]
    call = {"type": "user", "user_id": YOU}
    return any(call in part["elements"] for each in entries for block in each.blocks for part in block["elements"])


@dataclass(frozen=True)
class Life:
    """What is led, in which pools, with what in the bot's environment."""

    lead: Callable[[Scene], Tally]
    pools: tuple[str, ...]
    env: Mapping[str, str] = field(default_factory=dict)


LONE = Life(lone_life, (POOL,))
_ESCALATING = {"after": "2s", "to": ["slack:#ml-oncall"], "mention": [f"slack:{YOU}"]}
ESCALATED = Life(
    escalated_life,
    (POOL,),
    {"POOL_STATS_ROUTES": json.dumps([{"to": ["slack:#ml-platform"], "escalate": _ESCALATING}])},
)
CROWDED = Life(crowded_life, CROWD, {"POOL_STATS_DELIVERY__SUMMARY_ABOVE": "3", "POOL_STATS_DELIVERY__GATHER": "10s"})


def undisturbed(life: Life, bots: Nursery, home: Path) -> list[str]:
    """Every boundary that the bot reaches when nothing disturbs its life, in order."""
    with scene(home, bots, *life.pools, **life.env) as one:
        bot = one.start()
        TABLE.add("undisturbed", life.lead(one))
        assert one.collector.idle_edits() == 0
        return bot.boundaries()


@pytest.fixture(scope="module")
def boundaries(bots: Nursery, tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Those of a lone alert."""
    return undisturbed(LONE, bots, tmp_path_factory.mktemp("undisturbed"))


def killed_at(boundary: str, life: Life, bots: Nursery, home: Path) -> tuple[Tally, str]:
    """Lead the life with a bot that dies at the boundary; the figures, and what went wrong."""
    with scene(home, bots, *life.pools, **life.env) as one:
        first = one.start(last=boundary)
        try:
            tally = life.lead(one)
        except NotSettled as error:
            tally, wrong = error.tally, f"{boundary}: {error}"
        except AssertionError as error:
            tally, wrong = Tally(lost=1), f"{boundary}: {error}"
        else:
            wrong = f"{boundary}: told twice, though taken back" if tally.taken_back else ""
        tally.faults = int(not first.alive)
        return tally, wrong


def try_all(name: str, chosen: Sequence[str], life: Life, bots: Nursery, home: Path) -> None:
    """Kill the bot at each of these boundaries, each time in a world of its own."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        tries = [
            pool.submit(killed_at, boundary, life, bots, home / str(number)) for number, boundary in enumerate(chosen)
        ]
        done = [each.result() for each in tries]
    for tally, _ in done:
        TABLE.add(name, tally)
    assert "\n\n".join(wrong for _, wrong in done if wrong) == ""
    # A life is never quite the same twice, so a late boundary may not be reached.
    died = sum(tally.faults for tally, _ in done)
    assert died >= 0.8 * len(chosen), f"only {died} of {len(chosen)} boundaries were reached"


def test_every_kind_of_request_and_commit_is_a_boundary(boundaries: list[str]) -> None:
    reached = {name.rpartition(" #")[0] for name in boundaries}

    for moment in ("before", "sent", "answered"):
        assert f"{moment} POST /api/chat.postMessage" in reached
        assert f"{moment} POST /api/chat.update" in reached
        assert any(name.startswith(f"{moment} GET ") for name in reached)
    for moment in ("before", "after"):
        assert any(name.startswith(f"{moment} commit of ") and "deliveries" in name for name in reached)


def test_killed_at_a_boundary_of_each_kind_the_channel_comes_right_after_a_restart(
    boundaries: list[str], bots: Nursery, tmp_path: Path
) -> None:
    first = [name for name in boundaries if name.endswith(" #1")]

    try_all("killed at a boundary of each kind", first, LONE, bots, tmp_path)


@pytest.mark.soak
def test_killed_at_every_boundary_the_channel_comes_right_after_a_restart(
    boundaries: list[str], bots: Nursery, tmp_path: Path
) -> None:
    try_all("killed at every boundary", boundaries, LONE, bots, tmp_path)


def test_killed_before_and_after_an_escalation_is_kept_it_is_made_once(bots: Nursery, tmp_path: Path) -> None:
    around = [f"{moment} commit of deliveries, escalations #1" for moment in ("before", "after")]

    try_all("killed around an escalation", around, ESCALATED, bots, tmp_path)


@pytest.mark.soak
def test_killed_at_every_boundary_an_escalation_comes_right_after_a_restart(bots: Nursery, tmp_path: Path) -> None:
    chosen = undisturbed(ESCALATED, bots, tmp_path / "first")
    try_all("killed at every boundary, an escalation", chosen, ESCALATED, bots, tmp_path)


@pytest.mark.soak
def test_killed_at_every_boundary_a_summary_comes_right_after_a_restart(bots: Nursery, tmp_path: Path) -> None:
    try_all(
        "killed at every boundary, a summary", undisturbed(CROWDED, bots, tmp_path / "first"), CROWDED, bots, tmp_path
    )


@pytest.mark.soak
@pytest.mark.parametrize("on_postgresql", [False, pytest.param(True, marks=pytest.mark.postgresql)])
def test_killed_a_hundred_times_at_random_moments_under_load_every_channel_comes_right(
    on_postgresql: bool, bots: Nursery, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    database = request.getfixturevalue("postgresql").new_database() if on_postgresql else ""
    chance = random.Random(KILLS)
    pools = [f"train-{number:02}" for number in range(10)]
    with scene(tmp_path, bots, *pools, database=database, **UNGROUPED) as one:
        lives = dict.fromkeys(pools, 0)
        one.start()
        for _ in range(KILLS):
            ends = time.monotonic() + chance.uniform(0.05, 2.5)
            while time.monotonic() < ends:
                trouble_comes_and_goes(one, lives)
                time_passes(0.02)
            one.kill()
            one.start()
        begun = lives.items()
        one.eventually(
            lambda: all(len(one.told_of(pool)) >= number for pool, number in begun), within=60, what="the last"
        )
        one.queue(3, *pools)
        expected = [Told(pool, "Resolved", ("Resolved",)) for pool, number in lives.items() for _ in range(number)]
        # At a message a second.
        tally = one.settles(expected, within=60 + 2 * len(expected))
        TABLE.add(f"{KILLS} kills at random moments" + (", PostgreSQL" if on_postgresql else ""), tally)
        assert sum(lives.values()) > KILLS / 4


def trouble_comes_and_goes(one: Scene, lives: dict[str, int]) -> None:
    """Wherever the channel has heard of the last thing that happened in a pool, the next thing happens."""
    for pool, number in lives.items():
        about = one.told_of(pool)
        over = sum(text.startswith("Resolved") for text in about)
        if len(about) == over == number:
            lives[pool] += 1
            one.queue(60, pool)
        elif len(about) == number == over + 1:
            one.queue(3, pool)
