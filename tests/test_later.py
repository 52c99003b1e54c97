"""Is what was promised with an acknowledgement done?"""

import asyncio
import logging
import threading
from functools import partial

import pytest

from bot.later import Busy, Later
from tests.slack.conftest import wait_for


def waiting_for(release: threading.Event) -> None:
    assert release.wait(10)


def test_stopping_finishes_what_is_there() -> None:
    later = Later(threads=2)
    done: list[int] = []
    for number in range(50):
        later(partial(done.append, number))

    assert later.stop()

    assert sorted(done) == list(range(50))


def test_after_stopping_nothing_more_is_taken() -> None:
    later = Later(threads=1)
    assert later.stop()
    assert later.stop()

    with pytest.raises(Busy):
        later(lambda: None)


def test_too_much_is_refused_instead_of_piling_up() -> None:
    later, release = Later(threads=1, most_waiting=3), threading.Event()
    later(partial(waiting_for, release))
    wait_for(lambda: later.waiting == 0)
    for _ in range(3):
        later(lambda: None)

    with pytest.raises(Busy):
        later(lambda: None)

    release.set()
    assert later.stop()


def test_a_refusal_does_not_wait_behind_what_waits() -> None:
    later, release, told = Later(threads=1, most_waiting=1), threading.Event(), threading.Event()
    later(partial(waiting_for, release))
    wait_for(lambda: later.waiting == 0)
    later(lambda: None)

    with pytest.raises(Busy) as full:
        later(lambda: None)
    assert full.value.tell(told.set)

    assert told.wait(10)
    release.set()
    assert later.stop()
    assert not full.value.tell(told.set)


def test_one_failure_does_not_hold_up_the_rest(caplog: pytest.LogCaptureFixture) -> None:
    later = Later(threads=1)
    done = threading.Event()

    def fail() -> None:
        raise RuntimeError("no")

    later(fail)
    later(done.set)

    assert done.wait(10)
    assert later.stop()
    assert len([record for record in caplog.records if record.levelno == logging.ERROR]) == 1


def test_what_does_not_end_does_not_hold_up_the_end(caplog: pytest.LogCaptureFixture) -> None:
    later, release = Later(threads=1), threading.Event()
    later(partial(waiting_for, release))

    assert not later.stop(within=0.1)

    release.set()
    assert "not finished when the bot stopped: 1" in caplog.text
    assert later.stop()


def test_what_an_event_loop_hands_over_begins_when_the_loop_has_done_what_it_is_at() -> None:
    later, begun = Later(threads=1), threading.Event()

    async def acknowledge() -> bool:
        later(begun.set)
        was_sooner = begun.wait(0.1)
        assert await asyncio.to_thread(begun.wait, 10)
        return was_sooner

    assert not asyncio.run(acknowledge())
    assert later.stop()
