"""What people ask for is counted, whatever became of it."""

import pytest

from bot.app.counting import FORM, called, counted
from bot.messages.form import Form, Misfilled, Purpose
from bot.messages.model import Message
from bot.metrics import Metrics


def number(metrics: Metrics, command: str, outcome: str) -> float | None:
    labels = {"command": command, "outcome": outcome}
    return metrics.registry.get_sample_value("pool_stats_answers_total", labels)


def test_an_answer_a_form_and_what_is_misfilled_or_fails_are_told_apart() -> None:
    metrics = Metrics()

    def misfilled() -> Message:
        raise Misfilled({"limit": "a rule needs a limit"})

    def failing() -> Message:
        raise RuntimeError

    counted(metrics, called("/pool-stats"), lambda: Message("train-a100", "Queue 3"))
    counted(metrics, called("/pool-alerts"), lambda: Form("Silence alerts", Purpose.SILENCE, "", ()))
    with pytest.raises(Misfilled):
        counted(metrics, FORM, misfilled)
    with pytest.raises(RuntimeError):
        counted(metrics, called("/pool-digest"), failing)

    assert number(metrics, "/pool-stats", "answered") == 1
    assert number(metrics, "/pool-alerts", "form") == 1
    assert number(metrics, FORM, "misfilled") == 1
    assert number(metrics, "/pool-digest", "failed") == 1


def test_what_anybody_types_makes_no_new_metric() -> None:
    assert {called(f"/another-{number}") for number in range(100)} == {"unknown"}
