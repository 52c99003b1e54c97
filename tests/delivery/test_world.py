"""Does the channel believe what is true, whatever happened, once the world is quiet again?"""

import random
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import cache
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from bot.messages.model import Verb
from tests.delivery.platform import Fate
from tests.delivery.table import TABLE
from tests.delivery.world import World, template

POOLS = 3
BUTTONS = (Verb.ACKNOWLEDGE, Verb.UNACKNOWLEDGE, Verb.SILENCE, Verb.UNSILENCE)
some_pool = st.integers(0, POOLS - 1)


@cache
def empty() -> Path:
    """An empty store to copy, made once."""
    return template(Path(tempfile.mkdtemp(prefix="pool-stats-world-")))


@contextmanager
def world(pools: int) -> Iterator[World]:
    """A world with a store of its own."""
    with tempfile.TemporaryDirectory(prefix="pool-stats-world-") as folder:
        made = World(empty(), Path(folder), pools)
        try:
            yield made
        finally:
            made.close()


class Deliveries(RuleBasedStateMachine):
    """Alerts come, worsen and go, people press buttons, everything fails; then it is quiet."""

    @initialize()
    def begin(self) -> None:
        self._entered = world(POOLS)
        self.world = self._entered.__enter__()
        self.world.source.levels[self.world.pools[0].id] = 60
        self.world.step()

    @rule(pool=some_pool, jobs=st.sampled_from([3, 60, 90, 200]))
    def queue(self, pool: int, jobs: int) -> None:
        self.world.source.levels[self.world.pools[pool].id] = jobs
        self.world.step(timedelta(seconds=5))

    @rule(seconds=st.sampled_from([1, 5, 20, 60, 300]))
    def time_passes(self, seconds: int) -> None:
        self.world.step(timedelta(seconds=seconds))

    @rule(fates=st.lists(st.sampled_from(Fate), min_size=1, max_size=4), pool=some_pool)
    def misbehave(self, fates: list[Fate], pool: int) -> None:
        self.world.chat.fates += fates
        # Something to be told, for them to strike.
        levels, changed = self.world.source.levels, self.world.pools[pool].id
        levels[changed] = 3 if levels[changed] > 3 else 60
        self.world.step(timedelta(seconds=5))

    @rule(boundaries=st.integers(0, 12), pool=some_pool, jobs=st.sampled_from([3, 60, 90, 200]))
    def die_soon(self, boundaries: int, pool: int, jobs: int) -> None:
        self.world.die_in = boundaries
        self.queue(pool, jobs)

    @rule()
    def sending_twice_is_sending_once(self) -> None:
        chat = self.world.chat
        chat.fates.clear()
        self.world.send()
        stands = dict(chat.standing)
        self.world.send()
        assert chat.standing == stands

    @rule()
    def restart(self) -> None:
        self.world.restart()

    @rule()
    def platform_goes_or_comes(self) -> None:
        self.world.chat.down = not self.world.chat.down

    @rule()
    def modelarts_goes_or_comes(self) -> None:
        self.world.source.down = not self.world.source.down

    @rule(verb=st.sampled_from(BUTTONS), pool=some_pool)
    def press(self, verb: Verb, pool: int) -> None:
        self.world.press(verb, pool)

    @rule(pool=some_pool)
    def person_deletes(self, pool: int) -> None:
        self.world.person_deletes(pool)

    @invariant()
    def nothing_is_lost_or_invented(self) -> None:
        if hasattr(self, "world"):
            assert self.world.always() == []

    def teardown(self) -> None:
        if not hasattr(self, "world"):
            return
        try:
            self.world.quiet()
            verdict = self.world.settled()
            TABLE.add("random worlds", verdict.tally)
            assert verdict.complaints == []
        finally:
            self._entered.__exit__(None, None, None)


# The profile says how thorough to be; a run of many steps counts for many examples.
_RUNS = 300 if settings.default is not None and settings.default.max_examples > 100 else 20
TestDeliveries = pytest.mark.filterwarnings("error")(Deliveries.TestCase)
TestDeliveries.settings = settings(
    max_examples=_RUNS, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck)
)


def test_two_processes_that_find_a_message_deleted_post_it_anew_once() -> None:
    with world(1) as one:
        pool = one.pools[0]
        one.source.levels[pool.id] = 60
        one.step()
        one.person_deletes(0)
        one.source.levels[pool.id] = 90
        one.chat.fates = [Fate.PAUSED]
        one.step()
        one.source.levels[pool.id] = 3
        one.quiet()
        assert one.settled().complaints == []
        assert [standing.message.summary[:8] for _, standing in one.about(pool)] == ["Resolved"]


# How likely each thing is in a step of half a minute on average.
CHANGES, MISBEHAVES, DIES, GOES, COMES, PRESSES, DELETES = 0.05, 0.1, 0.03, 0.01, 0.1, 0.1, 0.003


def something_happens(one: World, chance: random.Random) -> None:
    """What a step of the day brings."""
    for pool in one.pools:
        if chance.random() < CHANGES:
            one.source.levels[pool.id] = chance.choice([3, 3, 60, 90, chance.randint(51, 500)])
    if chance.random() < MISBEHAVES:
        one.chat.fates += chance.choices(list(Fate), k=chance.randint(1, 3))
    if chance.random() < DIES:
        one.die_in = chance.randint(0, 12)
    for side in (one.chat, one.source):
        side.down = chance.random() >= COMES if side.down else chance.random() < GOES
    if chance.random() < PRESSES:
        one.press(chance.choice(BUTTONS), chance.randrange(len(one.pools)))
    if chance.random() < DELETES:
        one.person_deletes(chance.randrange(len(one.pools)))


@pytest.mark.soak
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_day_of_random_faults_ends_with_a_channel_that_is_right(seed: int) -> None:
    chance = random.Random(seed)
    with world(5) as one:
        end = one.now + timedelta(days=1)
        while one.now < end:
            something_happens(one, chance)
            one.step(timedelta(seconds=chance.randint(5, 55)))
            assert one.always() == []
        one.quiet()
        verdict = one.settled()
        TABLE.add("24 simulated hours", verdict.tally)
        assert verdict.complaints == []
