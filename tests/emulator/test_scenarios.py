"""Does in each scenario happen what it promises, when it promises it?"""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from bot.emulator import SCENARIOS, Emulator, Engine
from bot.emulator.scenarios import Scenario
from tests.emulator.asking import Hands, ask

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
FINISHED = ("Completed", "Terminated", "Failed")


def engine_of(name: str, hands: Hands, *, seed: int = 1) -> Engine:
    return Engine(clock=hands, source=Scenario(name, NOON, seed=seed))


def counted(engine: Engine, hands: Hands, minute: float, *statuses: str, pool: str = "train-a100") -> int:
    hands.at = NOON + timedelta(minutes=minute)
    pool_id = next(entry.id for entry in engine.pools() if entry.name == pool)
    return sum(reported.get(status, 0) for reported in engine.counts(pool_id).values() for status in statuses)


def test_there_are_pools_of_different_size(hands: Hands) -> None:
    sizes = {pool.name: pool.cards for pool in engine_of("calm", hands).pools()}

    assert sizes == {"train-a100": 128, "train-v100": 64, "infer-prod": 48, "research": 16}


@pytest.mark.parametrize("name", SCENARIOS)
def test_a_seed_gives_the_same_counts_every_time(name: str, hands: Hands) -> None:
    hands.turn(hours=5)
    one, two, other = (engine_of(name, hands, seed=seed) for seed in (1, 1, 2))

    told = [[engine.counts(pool.id) for pool in engine.pools()] for engine in (one, two, other)]

    assert told[0] == told[1]
    assert told[0] != told[2]


def test_the_counts_do_not_depend_on_how_often_they_are_asked(hands: Hands) -> None:
    often, once = engine_of("calm", hands), engine_of("calm", hands)

    for minute in range(0, 120, 7):
        counted(often, hands, minute, "Running")

    assert counted(often, hands, 120, "Running", "Queue") == counted(once, hands, 120, "Running", "Queue")


def test_calm_stays_calm(hands: Hands) -> None:
    engine = engine_of("calm", hands)
    failed = [counted(engine, hands, minute, "Failed") for minute in range(0, 720, 10)]
    queued = [counted(engine, hands, minute, "Queue") for minute in range(0, 720, 10)]

    assert max(queued) <= 15
    assert max(after - before for before, after in pairwise(failed)) <= 2


def test_queue_growth_spikes_after_four_minutes_and_is_over_after_four_hours(hands: Hands) -> None:
    engine = engine_of("queue-growth", hands)

    assert counted(engine, hands, 3, "Queue") <= 10
    assert counted(engine, hands, 9, "Queue") >= 40
    assert counted(engine, hands, 100, "Queue") >= 5
    assert counted(engine, hands, 300, "Queue") <= 10


def test_failure_burst_fails_jobs_after_five_minutes_for_half_an_hour(hands: Hands) -> None:
    engine = engine_of("failure-burst", hands)
    before = counted(engine, hands, 4, "Failed")

    first, all_of_it = counted(engine, hands, 6, "Failed"), counted(engine, hands, 45, "Failed")

    assert first - before >= 5
    assert all_of_it - first >= 5
    assert counted(engine, hands, 120, "Failed") - all_of_it <= 4


def test_outage_answers_503_for_ten_minutes_and_recovers(hands: Hands) -> None:
    with Emulator(engine_of("outage", hands), wall_clock=hands) as emulator:
        statuses = {}
        for minute in (5, 6, 15, 16):
            hands.at = NOON + timedelta(minutes=minute)
            statuses[minute] = ask(emulator, f"/v2/{emulator.project_id}/pools").status

    assert statuses == {5: 200, 6: 503, 15: 503, 16: 200}


def test_counter_reset_forgets_finished_jobs_after_eight_minutes(hands: Hands) -> None:
    engine = engine_of("counter-reset", hands)

    assert counted(engine, hands, 7, *FINISHED) >= 20
    assert counted(engine, hands, 8, *FINISHED) <= 2
    assert counted(engine, hands, 8, "Running") > 0


def test_a_pool_is_never_over_its_cards(hands: Hands) -> None:
    engine = engine_of("queue-growth", hands)

    for minute in range(0, 300, 10):
        assert counted(engine, hands, minute, "Running", "Creating", "Pending", "Terminating") <= 128


def test_a_long_sleep_does_not_make_the_next_answer_slow(hands: Hands) -> None:
    engine = engine_of("calm", hands)
    counted(engine, hands, 0, "Running")

    assert counted(engine, hands, 60 * 24 * 365, "Running") > 0


def test_an_unknown_scenario_is_told_with_those_there_are() -> None:
    with pytest.raises(
        ValueError, match=r"no scenario 'panic'.*calm, queue-growth, failure-burst, outage, counter-reset"
    ):
        Scenario("panic", NOON)
