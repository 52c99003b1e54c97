"""Is Teams asked no faster than it takes it, and one thing at a time in a conversation?"""

import threading
from collections import deque
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.teams.pace import CONVERSATION, TENANT, Pace, TooFast


class Ticks:
    """Seconds that pass when somebody waits."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now

    def wait(self, seconds: float) -> None:
        self.now += seconds


def _paced() -> tuple[Pace, Ticks]:
    ticks = Ticks()
    return Pace(monotonic=ticks, wait=ticks.wait), ticks


@given(st.lists(st.floats(0, 3), min_size=30, max_size=120))
def test_no_window_of_teams_is_ever_exceeded(pauses: list[float]) -> None:
    pace, ticks = _paced()
    counted: deque[float] = deque()

    for pause in pauses:
        ticks.now += pause
        with pace.turn("c", "t", patience=3600):
            counted.append(ticks.now)
            for most, seconds in CONVERSATION:
                # To the last digit of a sum of floats.
                assert sum(at > ticks.now - seconds + 1e-6 for at in counted) <= most


def test_the_eighth_in_a_second_waits_and_says_for_how_long() -> None:
    pace, ticks = _paced()
    for _ in range(7):
        with pace.turn("c"):
            pass

    assert pace.missing("c") == 1.0
    with pytest.raises(TooFast) as refused, pace.turn("c"):
        pass
    assert refused.value.retry_after == timedelta(seconds=1)
    assert pace.missing("another") == 0.0
    ticks.now += 1
    assert pace.missing("c") == 0.0


def test_a_tenant_takes_fifty_in_a_second_from_all_conversations() -> None:
    pace, _ = _paced()
    for number in range(TENANT[0][0]):
        with pace.turn(f"c{number}", "t"):
            pass

    assert pace.missing("c99", "t") == 1.0
    assert pace.missing("c99", "other") == 0.0


def test_one_operation_at_a_time_goes_into_a_conversation() -> None:
    pace = Pace()
    inside, most, lock = 0, 0, threading.Lock()

    def work() -> None:
        nonlocal inside, most
        with pace.turn("c", patience=30):
            with lock:
                inside += 1
                most = max(most, inside)
            threading.Event().wait(0.002)
            with lock:
                inside -= 1

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert most == 1


def test_what_teams_said_of_a_conversation_holds_there_alone() -> None:
    pace, ticks = _paced()

    pace.limited("c", 30)

    assert pace.missing("c") == 30
    assert pace.missing("d") == 0
    ticks.now += 30
    assert pace.missing("c") == 0
