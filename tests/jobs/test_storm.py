"""Sixty alerts at once, one channel, and a Slack that takes so many messages a second and no more."""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine

from bot.clock import Clock
from bot.core.crowds import Gathering
from bot.core.routes import Place
from bot.jobs.deliver import Delivered, deliver
from bot.jobs.poll import Polled
from bot.messages.model import Message, Tone
from bot.metrics import Metrics
from bot.sandbox.server import Sandbox
from bot.schedule import Schedule, Work
from bot.slack.pace import METHODS, Limit, Pace
from bot.slack.sender import SlackSender
from bot.slack.web import SlackWeb, new_session
from bot.store import outbox
from bot.store.engine import reading, writing
from tests.databases import sqlite_store
from tests.running import eventually

OPS = Place("slack", "#ml-platform")
CHANNEL = "C0PLATFORM1"
BURST = 3


@dataclass
class Storm:
    """A bot's delivery side before a Slack of a given rate."""

    engine: Engine
    sandbox: Sandbox
    clock: Clock
    schedule: Schedule

    def fire(self, number: int, state: str = "fires") -> None:
        """So many alerts, in one transaction each, as polls do it."""
        for each in range(number):
            with writing(self.engine) as db:
                tone = Tone.WARNING if state == "fires" else Tone.GOOD
                said = Message(f"alert {each} {state}", f"alert {each} {state}.", tone)
                outbox.put(db, place=OPS, message=said, now=self.clock.wall(), alert_id=f"a{each}")
            self.schedule.wake_delivery()

    def told(self, state: str = "fires") -> list[str]:
        """What the channel shows."""
        return [each.text for each in self.sandbox.workspace.messages(CHANNEL) if state in each.text]

    @property
    def quiet(self) -> bool:
        """Whether there is nothing more to be told."""
        with reading(self.engine) as db:
            return not outbox.waiting(db)

    def refused(self) -> int:
        """How many calls Slack refused for being too many."""
        return sum(call.outcome == "ratelimited" for call in self.sandbox.calls)


def nothing(*_: object) -> tuple[()]:
    """No pools to read."""
    return ()


@pytest.fixture
def database_url(tmp_path: Path) -> str:
    """SQLite alone: what is tried here is the pace."""
    return sqlite_store(tmp_path)


@pytest.fixture
def rate(request: pytest.FixtureRequest) -> float:
    """How many messages a second the channel takes."""
    return float(getattr(request, "param", 20))


@pytest.fixture
def above() -> int:
    """Summaries are switched off."""
    return 0


@pytest.fixture
def storm(engine: Engine, rate: float, above: int) -> Iterator[Storm]:
    """Everything from the outbox on, as the bot runs it."""
    with ExitStack() as stack:
        sandbox = stack.enter_context(Sandbox())
        sandbox.switches.posts_per_second, sandbox.switches.burst = rate, BURST
        session = stack.enter_context(new_session())
        methods = dict.fromkeys(METHODS, Limit(100 * rate, 1000))
        pace = Pace(methods, Limit(rate, BURST))
        sender = SlackSender(SlackWeb(f"{sandbox.url}api/", sandbox.tokens.bot, session), pace=pace)
        clock = Clock()

        def send(platform: str, _: Callable[[], bool]) -> Delivered:
            began = clock.monotonic()
            return deliver(
                engine,
                {platform: sender},
                now=clock.wall(),
                lease=timedelta(seconds=40),
                gathering=Gathering(above, timedelta(seconds=1)),
                passed=lambda: timedelta(seconds=clock.monotonic() - began),
            )

        def never(_: object) -> Polled:
            raise AssertionError("there is no pool")

        work = Work(
            pools=nothing, known_pools=nothing, leave=lambda _: 0, poll=never, platforms=("slack",), deliver=send,
            repeats=nothing, due=lambda: 0, prune=nothing,
        )  # fmt: skip
        schedule = Schedule(work, clock, Metrics(), every=timedelta(minutes=5), workers=1)
        schedule.start()
        stack.callback(schedule.stop)
        yield Storm(engine, sandbox, clock, schedule)


def sixty(storm: Storm, rate: float) -> float:
    """Sixty alerts are told, none lost, none doubled, none refused; the seconds beyond a tenth more than the ideal."""
    began = time.monotonic()
    storm.fire(60)
    eventually(lambda: len(storm.told()) >= 60, within=200, what="sixty messages")
    took, ideal = time.monotonic() - began, (60 - BURST) / rate

    assert eventually(lambda: storm.quiet, what="quiet")
    told = storm.told()
    figures = f"60 alerts at {rate:g}/s: {took:.2f} s, ideal {ideal:.2f} s, {took / ideal:.3f} x"
    print(figures)  # noqa: T201 - shown by `pytest -rP`
    assert (len(told), len(set(told)), storm.refused()) == (60, 60, 0)
    return took - 1.1 * ideal


@pytest.mark.parametrize("rate", [20], indirect=True)
def test_sixty_alerts_are_told_none_lost_none_doubled_and_none_refused(storm: Storm, rate: float) -> None:
    sixty(storm, rate)


@pytest.mark.soak
@pytest.mark.parametrize("rate", [1], indirect=True)
def test_sixty_alerts_at_a_message_a_second_take_little_more_than_the_ideal_time(storm: Storm, rate: float) -> None:
    # A second for putting them, beside whatever else this machine does.
    assert sixty(storm, rate) <= 1


@pytest.mark.parametrize("rate", [1], indirect=True)
def test_a_channel_that_takes_no_burst_is_learnt_with_one_refusal(storm: Storm) -> None:
    storm.sandbox.switches.burst = 1
    storm.fire(4)

    eventually(lambda: len(storm.told()) == 4, within=30, what="four messages")
    # On a machine that is so busy that a second lies between any two there is not even that one.
    assert storm.refused() <= 1
