"""Can the stand-in tell its counts in every form that the documents leave open?"""

from datetime import timedelta
from typing import Any

import pytest

from bot.emulator import Emulator, Finished, Shape
from tests.emulator.asking import POOL, STATISTICS, Hands, ask


def told(emulator: Emulator) -> Any:
    return ask(emulator).json["statistics"]


def train(emulator: Emulator) -> Any:
    return next(item["status"] for item in told(emulator)["items"] if item["type"] == "train")


def fail_ten_jobs_every_ten_minutes(emulator: Emulator, hands: Hands) -> None:
    """Failed goes 0, 10, 20, 30, falls to 5 (some were forgotten), and 5 it stays."""
    for failed in (0, 10, 20, 30, 5):
        emulator.set_counts(POOL, {"train": {"Queue": 2, "Failed": failed}})
        hands.turn(minutes=10)


def test_the_total_is_the_sum_of_the_jobs(emulator: Emulator) -> None:
    emulator.set_counts(POOL, {"train": {"Queue": 234, "Pending": 0, "Running": 0}})

    assert told(emulator) == {
        "total": 234,
        "items": [{"type": "train", "total": 234, "status": {"Queue": 234, "Pending": 0, "Running": 0}}],
    }


def test_the_total_can_be_the_number_of_items(emulator: Emulator) -> None:
    emulator.shape = Shape(total="length")

    assert told(emulator)["total"] == 1


def test_a_type_without_jobs_is_left_out_or_told(emulator: Emulator) -> None:
    emulator.set_counts(POOL, {"train": {"Queue": 1}, "infer": {"Running": 0}})
    assert [item["type"] for item in told(emulator)["items"]] == ["train"]

    emulator.shape = Shape(omit_empty_types=False)

    assert [item["type"] for item in told(emulator)["items"]] == ["train", "infer"]


@pytest.mark.parametrize(
    ("form", "statistics"),
    [
        ("list", {"total": 0, "items": []}),
        ("null", {"total": 0, "items": None}),
        ("missing", {"total": 0}),
    ],
)
def test_an_empty_pool_is_told_in_three_ways(emulator: Emulator, form: Any, statistics: object) -> None:
    emulator.set_counts(POOL, {})

    emulator.shape = Shape(empty_items=form)

    assert told(emulator) == statistics


def test_a_status_without_jobs_can_be_left_out(emulator: Emulator) -> None:
    emulator.set_counts(POOL, {"train": {"Queue": 0, "Running": 4}})

    emulator.shape = Shape(zeros=False)

    assert train(emulator) == {"Running": 4}


def test_the_newer_job_types_can_appear(emulator: Emulator) -> None:
    emulator.set_counts(POOL, {"infer": {"Running": 5}})

    emulator.shape = Shape(modern_infer=True)

    running = {item["type"]: item["total"] for item in told(emulator)["items"]}
    assert running == {"infer": 3, "x-infer": 2, "warmUpTask": 1}


def test_a_status_no_document_names_can_appear(emulator: Emulator) -> None:
    emulator.shape = Shape(unknown_status="Preempted")

    assert train(emulator)["Preempted"] == 1


def test_counts_can_be_strings(emulator: Emulator) -> None:
    emulator.shape = Shape(numeric_strings=True)

    assert (told(emulator)["total"], train(emulator)["Queue"]) == ("9", "3")


def test_the_key_of_the_answer_can_be_statics(emulator: Emulator) -> None:
    emulator.shape = Shape(root="statics")

    assert list(ask(emulator).json) == ["statics"]


def test_finished_jobs_can_be_counted_for_ever(emulator: Emulator, hands: Hands) -> None:
    emulator.set_counts(POOL, {"train": {"Failed": 0}})
    emulator.shape = Shape(finished=Finished.CUMULATIVE)

    fail_ten_jobs_every_ten_minutes(emulator, hands)

    assert train(emulator)["Failed"] == 30


def test_finished_jobs_can_be_counted_for_some_minutes(emulator: Emulator, hands: Hands) -> None:
    emulator.shape = Shape(finished=Finished.RETAINED, retained_for=timedelta(minutes=35))

    fail_ten_jobs_every_ten_minutes(emulator, hands)

    assert train(emulator)["Failed"] == 20
    hands.turn(hours=1)
    assert train(emulator)["Failed"] == 0
    assert train(emulator)["Queue"] == 2


def test_finished_jobs_can_be_told_as_recorded(emulator: Emulator, hands: Hands) -> None:
    fail_ten_jobs_every_ten_minutes(emulator, hands)

    assert train(emulator)["Failed"] == 5


def test_train_can_report_three_statuses_only(emulator: Emulator) -> None:
    emulator.set_counts(POOL, {"train": {"Queue": 1, "Running": 2, "Failed": 3}, "infer": {"Failed": 4}})

    emulator.shape = Shape(finished=Finished.SPARSE)

    assert [item["status"] for item in told(emulator)["items"]] == [{"Queue": 1, "Running": 2}, {"Failed": 4}]


@pytest.mark.parametrize("count", [-1, 1.5, "3", True, None])
def test_counts_that_are_none_are_refused(emulator: Emulator, count: Any) -> None:
    with pytest.raises(ValueError, match="is not a count"):
        emulator.set_counts(POOL, {"train": {"Queue": count}})


def test_a_pool_that_is_removed_is_not_found(emulator: Emulator) -> None:
    assert emulator.engine.remove_pool(POOL)

    answer = ask(emulator)

    assert (answer.status, answer.json) == (
        404,
        {"error_code": "ModelArts.50015001", "error_msg": f"Pool {POOL} not found."},
    )


@pytest.mark.parametrize("name", ["train-a100", "A" + POOL[1:], POOL + "-", "a" * 64, "%2e%2e%2f" + POOL, "%E6%B1%A0"])
def test_a_malformed_pool_id_is_a_bad_request(emulator: Emulator, name: str) -> None:
    answer = ask(emulator, STATISTICS.replace(POOL, name))

    assert (answer.status, answer.json) == (400, {"error_code": "ModelArts.50004000", "error_msg": "Bad request."})
