"""Is a channel of Teams right, wherever the bot was killed? What it may have told stands at most once more."""

import random
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.delivery.acting import POOL
from tests.delivery.collector import Tally, Told
from tests.delivery.processes import Nursery
from tests.delivery.scene import NotSettled, time_passes
from tests.delivery.table import TABLE
from tests.delivery.tenant import TeamsScene, tenant
from tests.delivery.test_killed import AT_ONCE, trouble_comes_and_goes

CHANNEL = "Alerts"
UNGROUPED = {"POOL_STATS_DELIVERY__GROUP_BY_POOL": "false"}
KILLS = 60


def life(one: TeamsScene, *, repeats: int = 1) -> Tally:
    """The app is added, an alert fires, worsens, is acknowledged and resolves; a bot that died is started again."""
    one.introduce()
    one.queue(60, POOL)
    one.eventually(lambda: one.shows(POOL, "peak 60"), what="the alert")
    one.queue(90, POOL)
    one.eventually(lambda: one.shows(POOL, "peak 90"), what="the worse alert")
    one.press("Acknowledge", POOL, "Acknowledged")
    one.queue(3, POOL)
    told = Told(POOL, "Resolved", ("Acknowledged", "Resolved"), may=("Worse",), channel=CHANNEL, repeats=repeats)
    return one.settles([told], blind=True)


@pytest.fixture(scope="module")
def boundaries(bots: Nursery, tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Every boundary that the bot reaches when nothing disturbs it, in order."""
    with tenant(tmp_path_factory.mktemp("undisturbed"), bots, POOL) as one:
        bot = one.start()
        tally = life(one, repeats=0)
        TABLE.add("Teams, undisturbed", tally)
        assert tally.repeated == 0
        return bot.boundaries()


def killed_at(boundary: str, bots: Nursery, home: Path) -> tuple[Tally, str]:
    """Lead the life with a bot that dies at the boundary; the figures, and what went wrong."""
    with tenant(home, bots, POOL) as one:
        first = one.start(last=boundary)
        wrong = ""
        try:
            tally = life(one)
        except NotSettled as error:
            tally, wrong = error.tally, f"{boundary}: {error}"
        except AssertionError as error:
            tally, wrong = Tally(lost=1), f"{boundary}: {error}"
        tally.faults = int(not first.alive)
        return tally, wrong


def try_all(name: str, chosen: Sequence[str], bots: Nursery, home: Path) -> None:
    """Kill the bot at each of these boundaries, each time in a world of its own."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        done = list(pool.map(lambda each: killed_at(each[1], bots, home / str(each[0])), enumerate(chosen)))
    for tally, _ in done:
        TABLE.add(name, tally)
    assert "\n\n".join(wrong for _, wrong in done if wrong) == ""
    died = sum(tally.faults for tally, _ in done)
    assert died >= 0.8 * len(chosen), f"only {died} of {len(chosen)} boundaries were reached"


def test_killed_around_what_it_tells_teams_the_channel_comes_right_after_a_restart(
    boundaries: list[str], bots: Nursery, tmp_path: Path
) -> None:
    first = [name for name in boundaries if name.endswith(" #1")]
    posts = [name for name in first if "/activities" in name and not name.startswith("before")]
    kept = [name for name in first if "commit of conversations" in name]
    assert len(posts) >= 4
    assert kept

    try_all("Teams, killed around what is told", [*posts, *kept], bots, tmp_path)


@pytest.mark.soak
def test_killed_at_every_boundary_the_channel_comes_right_after_a_restart(
    boundaries: list[str], bots: Nursery, tmp_path: Path
) -> None:
    try_all("Teams, killed at every boundary", boundaries, bots, tmp_path)


@pytest.mark.soak
def test_killed_again_and_again_at_random_moments_under_load_the_channel_comes_right(
    bots: Nursery, tmp_path: Path
) -> None:
    chance = random.Random(KILLS)
    pools = [f"train-{number:02}" for number in range(10)]
    with tenant(tmp_path, bots, *pools, **UNGROUPED) as one:
        lives = dict.fromkeys(pools, 0)
        one.start_ready()
        one.introduce()
        for _ in range(KILLS):
            ends = time.monotonic() + chance.uniform(0.05, 2.5)
            while time.monotonic() < ends:
                trouble_comes_and_goes(one, lives)
                time_passes(0.02)
            one.kill()
            one.start()
        one.eventually(
            lambda: all(len(one.told_of(pool)) >= number for pool, number in lives.items()), within=90, what="the last"
        )
        one.queue(3, *pools)
        # Any message of an alert may stand once more for each time that the bot was killed.
        expected = [
            Told(pool, "Resolved", ("Resolved",), channel=CHANNEL, repeats=KILLS)
            for pool, number in lives.items()
            for _ in range(number)
        ]
        tally = one.settles(expected, within=60 + 2 * len(expected), blind=True)
        TABLE.add(f"Teams, {KILLS} kills at random moments", tally)
        assert sum(lives.values()) > KILLS / 4
        assert tally.repeated <= KILLS
