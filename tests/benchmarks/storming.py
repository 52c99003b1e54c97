"""What does the bot do when all pools fire at once? A process of its own, so that only its CPU and memory are counted.

`python -m tests.benchmarks.storming MODELARTS SLACK TOKEN CHANNEL POOLS`: it says a number when it is ready, begins at
the first line on standard input, and answers each further line with how far it is. SLACK that speaks TLS has no limits.
"""

import json
import logging
import os
import resource
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from datetime import timedelta

from sqlalchemy import Engine, func, select

from bot.clock import Clock, wait
from bot.core.crowds import Gathering
from bot.core.routes import Place, Route
from bot.core.rules.model import Severity, ThresholdRule
from bot.core.stats import JobStatus, Pool
from bot.jobs.deliver import Delivered, deliver
from bot.jobs.poll import Judges, Outcome, Polled, poll
from bot.jobs.telling import Moment
from bot.messages.model import from_json
from bot.metrics import Metrics
from bot.modelarts.client import ModelArts
from bot.schedule import Schedule, Work
from bot.settings.model import DeliverySettings
from bot.slack.blocks import payload
from bot.slack.pace import Pace
from bot.slack.sender import SlackSender
from bot.slack.web import SlackWeb, new_session
from bot.store import outbox
from bot.store.engine import open_store, reading, upgrade
from bot.store.tables import deliveries, gathered
from tests.benchmarks.poll import KEYS, PROJECT

THREADS = 8
# The upstream says 15 and more.
RULE = ThresholdRule(name="long queue", metric=JobStatus.QUEUE, severity=Severity.WARNING, above=10)


@dataclass(slots=True)
class Progress:
    """How far it is, in seconds since the storm began; `None` for what is not done yet.

    Attributes:
        put: All alerts are in the outbox.
        told: Nothing waits in the outbox any more.
        cpu: The CPU used since the storm began.
        drawing: The CPU that it takes to draw each alert's own message for Slack.
        before: Megabytes of memory before the storm; `memory`: at the most.
        summaries: How many messages tell of several alerts; `posts`: how many messages and entries in all.
    """

    put: float | None = None
    told: float | None = None
    cpu: float = 0.0
    drawing: float = 0.0
    before: float = 0.0
    memory: float = 0.0
    summaries: int = 0
    posts: int = 0


class Storm:
    """The bot from its readings to its posts, before pools that all fire at the first reading."""

    def __init__(self, modelarts: str, engine: Engine, sender: SlackSender, place: Place, number: int) -> None:
        self._clock = Clock()
        self._engine = engine
        self._sender = sender
        self._routes = (Route(to=(place,)),)
        self._judges = Judges(engine, (RULE,))
        self._modelarts = ModelArts(
            KEYS, endpoint=modelarts, project_id=PROJECT, wall=self._clock.wall, monotonic=self._clock.monotonic,
            wait=wait, max_rate=1e6,
        )  # fmt: skip
        names = [f"train-{each:05}" for each in range(number)]
        self._pools = [Pool(f"{name}-86c13962597848eeb29c5861153a391f", name) for name in names]
        work = Work(
            pools=tuple, known_pools=tuple, leave=lambda _: 0, poll=_never, platforms=("slack",), deliver=self._deliver,
            repeats=tuple, due=lambda: 0, prune=tuple,
        )  # fmt: skip
        self._schedule = Schedule(work, self._clock, Metrics(), every=timedelta(minutes=5), workers=1)
        self.progress = Progress(before=_memory())

    def rage(self) -> None:
        """Read every pool as fast as that goes, while what is put into the outbox is sent."""
        began, used = time.monotonic(), time.process_time()
        self._schedule.start()
        with ThreadPoolExecutor(THREADS) as threads:
            assert all(polled.outcome is Outcome.OK for polled in threads.map(self._read, self._pools))
        self.progress.put = time.monotonic() - began
        while self._waits():
            self.progress.cpu = time.process_time() - used
            threading.Event().wait(0.2)
        self.progress.cpu = time.process_time() - used
        self.progress.memory = _memory()
        self._count()
        self.progress.told = time.monotonic() - began
        self._schedule.stop()

    def close(self) -> None:
        """Let everything go."""
        self._modelarts.close()
        self._engine.dispose()

    def _read(self, pool: Pool) -> Polled:
        at = Moment(self._clock.wall(), self._clock.wall())
        polled = poll(
            pool,
            modelarts=self._modelarts,
            engine=self._engine,
            judges=self._judges,
            routes=self._routes,
            stale_after=timedelta(minutes=2),
            at=at,
        )
        if polled.told:
            self._schedule.wake_delivery()
        return polled

    def _deliver(self, platform: str, _: Callable[[], bool]) -> Delivered:
        began, usual = self._clock.monotonic(), DeliverySettings()
        return deliver(
            self._engine,
            {platform: self._sender},
            now=self._clock.wall(),
            lease=usual.lease,
            gathering=Gathering(usual.summary_above, usual.gather),
            passed=lambda: timedelta(seconds=self._clock.monotonic() - began),
        )

    def _waits(self) -> bool:
        with reading(self._engine) as db:
            return bool(outbox.waiting(db))

    def _count(self) -> None:
        """What became of it; and what it costs to draw each alert alone, as where there are few."""
        with reading(self._engine) as db:
            self.progress.summaries = db.scalar(select(func.count(gathered.c.summary_id.distinct()))) or 0
            sent = select(func.count()).where(deliveries.c.state == outbox.DeliveryState.SENT)
            self.progress.posts = db.scalar(sent) or 0
            texts = db.scalars(select(gathered.c.message)).all()
        used = time.process_time()
        for text in texts:
            payload(from_json(text))
        self.progress.drawing = time.process_time() - used


def _never(_: Pool) -> Polled:
    raise NotImplementedError


def _memory() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def main() -> None:
    """Wait for the word, storm, and tell how far it is; the end of standard input is ours."""
    modelarts, slack, token, channel, number = sys.argv[1:]
    logging.getLogger("apscheduler").setLevel(logging.ERROR)
    pace = Pace({}, None) if slack.startswith("https:") else Pace()
    with tempfile.TemporaryDirectory(prefix="pool-stats-bench-") as folder, new_session() as session:
        session.verify = os.environ["REQUESTS_CA_BUNDLE"]
        engine = open_store(f"sqlite:///{folder}/storm.db")
        upgrade(engine)
        sender = SlackSender(SlackWeb(slack, token, session), pace=pace)
        storm = Storm(modelarts, engine, sender, Place("slack", channel), int(number))
        _say("0")
        sys.stdin.readline()
        raging = threading.Thread(target=storm.rage, daemon=True)
        raging.start()
        for _ in sys.stdin:
            _say(json.dumps(asdict(storm.progress)))
        raging.join()
        storm.close()


if __name__ == "__main__":
    main()
