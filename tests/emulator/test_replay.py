"""Does a replay tell what the trace has at each moment, at the speed wanted?"""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.emulator import Emulator, Finished, Replay, Shape
from tests.emulator.asking import Hands, ask
from tests.emulator.test_traces import HEADER, trace

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def readings(tmp_path: Path, *rows: tuple[int, str, int, int]) -> Path:
    """A trace of one pool: minute, type, Queue, Failed."""
    lines = [
        f"{int(NOON.timestamp()) + 60 * at},pool-x,{kind},{queue},,,,,,,,{failed}\n" for at, kind, queue, failed in rows
    ]
    return trace(tmp_path, HEADER + "".join(lines))


def queue_at(replay: Replay, hands: Hands, minutes: float, kind: str = "train") -> int | None:
    hands.at = NOON + timedelta(minutes=minutes)
    engine = replay.engine()
    return engine.counts(engine.pools()[0].id).get(kind, {}).get("Queue")


def test_the_clock_runs_as_fast_as_told(hands: Hands) -> None:
    replay = Replay("demo", speed=60, clock=hands)

    hands.turn(seconds=20)

    assert replay.now() == datetime(2020, 5, 29, 16, 30, tzinfo=UTC)


def test_the_clock_can_be_put_back(hands: Hands) -> None:
    replay = Replay("demo", speed=60, clock=hands)
    hands.turn(hours=3)

    replay.begin()

    assert replay.now() == replay.start_at


def test_a_replay_can_begin_at_any_moment(tmp_path: Path, hands: Hands) -> None:
    path = readings(tmp_path, (0, "train", 1, 0), (10, "train", 7, 0))
    start = NOON + timedelta(minutes=10)

    replay = Replay(path, 1, start, hands(), clock=hands)

    assert replay.now() == start
    assert Replay(path, clock=hands).now() == NOON


def test_a_reading_holds_until_the_next(tmp_path: Path, hands: Hands) -> None:
    replay = Replay(readings(tmp_path, (0, "train", 1, 0), (5, "train", 3, 0), (60, "train", 9, 0)), clock=hands)

    assert [queue_at(replay, hands, minute) for minute in (0, 4.9, 5, 59, 60)] == [1, 1, 3, 3, 9]


def test_rows_may_come_in_any_order(tmp_path: Path, hands: Hands) -> None:
    replay = Replay(readings(tmp_path, (5, "train", 3, 0), (0, "train", 1, 0)), clock=hands, start_at=NOON)

    assert [queue_at(replay, hands, minute) for minute in (0, 5)] == [1, 3]


def test_a_type_that_later_readings_leave_out_is_gone(tmp_path: Path, hands: Hands) -> None:
    path = readings(tmp_path, (0, "train", 1, 0), (0, "infer", 4, 0), (5, "train", 2, 0), (10, "train", 2, 0))
    replay = Replay(path, clock=hands)

    assert [queue_at(replay, hands, minute, "infer") for minute in (0, 4, 5, 9)] == [4, 4, None, None]


def test_a_trace_begins_anew_at_its_end(tmp_path: Path, hands: Hands) -> None:
    replay = Replay(readings(tmp_path, (0, "train", 1, 0), (5, "train", 3, 0)), clock=hands)

    assert [queue_at(replay, hands, minute) for minute in (9, 10, 15, 25)] == [3, 1, 3, 3]


def test_a_trace_can_stay_at_its_end(tmp_path: Path, hands: Hands) -> None:
    replay = Replay(readings(tmp_path, (0, "train", 1, 0), (5, "train", 3, 0)), clock=hands, at_end="hold")

    assert [queue_at(replay, hands, minute) for minute in (9, 10, 500)] == [3, 3, 3]


def test_counts_for_ever_go_on_when_a_trace_begins_anew(tmp_path: Path, hands: Hands) -> None:
    path = readings(tmp_path, (0, "train", 0, 0), (5, "train", 0, 4), (10, "train", 0, 1))
    engine = Replay(path, clock=hands).engine(shape=Shape(finished=Finished.CUMULATIVE))
    seen = []

    for minute in (0, 5, 10, 15, 20, 25):
        hands.at = NOON + timedelta(minutes=minute)
        seen.append(engine.counts(engine.pools()[0].id)["train"]["Failed"])

    assert seen == [0, 4, 4, 4, 8, 8]


def test_the_jobs_of_a_replay_agree_with_its_counts_as_it_goes_on(hands: Hands) -> None:
    replay = Replay("demo", speed=60, clock=hands)
    engine = replay.engine()

    for _ in range(30):
        hands.turn(seconds=7)
        for pool in engine.pools():
            told = {
                (kind, status): count
                for kind, reported in engine.counts(pool.id).items()
                for status, count in reported.items()
                if count
            }
            jobs = [(job.type, job.status) for job in engine.jobs(pool.id)]
            assert {pair: jobs.count(pair) for pair in jobs} == told


def test_answers_speak_of_the_replayed_time_and_signatures_of_the_wall_clock(hands: Hands) -> None:
    replay = Replay("demo", speed=60, clock=hands)
    with Emulator(replay.engine(), wall_clock=hands) as emulator:
        pool = next(pool for pool in emulator.engine.pools() if pool.name == "earth-vc6ye")
        hands.turn(seconds=30)

        answer = ask(emulator, f"/v2/{emulator.project_id}/pools/{pool.id}/workloads", (("status", "Queue"),))

    newest = datetime.fromtimestamp(answer.json["items"][0]["createTime"] / 1000, UTC)
    assert answer.json["total"] == 88
    assert newest == datetime(2020, 5, 29, 16, 40, tzinfo=UTC)
    assert answer.headers["Date"] == "Mon, 02 Mar 2026 12:00:30 GMT"


@pytest.mark.parametrize("speed", [0, -1, float("nan"), float("inf"), 10**7])
def test_an_impossible_speed_is_refused(speed: float) -> None:
    with pytest.raises(ValueError, match="speed"):
        Replay("demo", speed)
