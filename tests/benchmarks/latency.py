"""How long does it take from a spike in a pool until its message stands in the channel?

The whole bot as a process (`pool-stats run`, SQLite), between the stand-ins for ModelArts and for Slack.
"""

import json
import random
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median

import requests

from bot.clock import Clock
from bot.emulator.server import Emulator
from bot.emulator.throttle import Limits
from bot.sandbox.server import Sandbox
from tests.benchmarks.figures import Report
from tests.benchmarks.lines import CannotMeasure, environment
from tests.running import environment as alone
from tests.running import eventually, free_port, running

CHANNELS = {"ml-platform": "C0PLATFORM1", "ml-oncall": "C0MLONCALL1", "research": "C0RESEARCH1"}
RULE = {"name": "long queue", "metric": "Queue", "kind": "threshold", "above": 50}
# Spikes so far apart that a channel, which takes a message a second, never holds one up.
LEAST_APART, MOST_APART = 0.9, 1.7
STARTS_WITHIN = 60.0


def measure(*, every: float = 5.0, trials: int = 24) -> Report:
    """Spikes at random moments, one pool each; what the bot adds to the time until it next reads the pool."""
    report = Report(f"latency: from a spike to its message, each pool read every {every:g} s, {trials} spikes")
    pools = [f"train-{number:03}" for number in range(trials)]
    chance = random.Random(7)
    clock = Clock()
    raised: dict[str, float] = {}
    with _bot(pools, every) as (emulator, sandbox):
        for pool in pools:
            threading.Event().wait(chance.uniform(LEAST_APART, MOST_APART))
            emulator.set_counts(pool, {"train": {"Queue": 60, "Running": 5}})
            raised[pool] = clock.wall().timestamp()
        eventually(lambda: len(_told(sandbox, pools)) == trials, within=every + STARTS_WITHIN, what="every message")
        told = _told(sandbox, pools)
    took = sorted(told[pool] - raised[pool] for pool in pools)
    report.count("median", median(took), "s", floor=every, of="the interval")
    report.count("longest", took[-1], "s", floor=every, of="the interval")
    report.count("shortest", took[0], "s")
    report.count("the median's part of the interval and a second, at most 0.5", median(took) / (every + 1), "")
    report.count("the longest's part of the interval and a second, at most 1", took[-1] / (every + 1), "")
    return report


@contextmanager
def _bot(pools: list[str], every: float) -> Iterator[tuple[Emulator, Sandbox]]:
    """The bot, which has read all pools and found them quiet."""
    with (
        tempfile.TemporaryDirectory(prefix="pool-stats-bench-") as folder,
        environment(),
        Emulator(limits=Limits(user=10_000)) as emulator,
        Sandbox() as sandbox,
    ):
        for pool in pools:
            emulator.set_counts(pool, {"train": {"Queue": 3, "Running": 5}})
        port = free_port()
        sandbox.app_url = f"http://127.0.0.1:{port}"
        routes = [
            {"match": {"pools": pools[number :: len(CHANNELS)]}, "to": [f"slack:#{name}"]}
            for number, name in enumerate(CHANNELS)
        ]
        env = alone(
            Path(folder),
            **emulator.environment,
            **sandbox.environment(),
            DATABASE_URL=f"sqlite:///{folder}/bot.db",
            POOL_STATS_POLL__EVERY=f"{every:g}s",
            POOL_STATS_MODELARTS__MAX_RATE="500",
            POOL_STATS_SLACK__MODE="http",
            POOL_STATS_WEB__PORT=str(port),
            POOL_STATS_RULES=json.dumps([RULE]),
            POOL_STATS_ROUTES=json.dumps(routes),
        )
        with running("run", env=env) as bot:

            def has_read() -> bool:
                if bot.process.poll() is not None:
                    raise CannotMeasure(f"the bot ended: {bot.said}")
                try:
                    metrics = requests.get(f"{sandbox.app_url}/metrics", timeout=5).text
                except requests.ConnectionError:
                    return False
                return metrics.count("modelarts_poll_age_seconds{") >= len(pools)

            eventually(has_read, within=STARTS_WITHIN + every, what="a reading of every pool")
            yield emulator, sandbox


def _told(sandbox: Sandbox, pools: list[str]) -> dict[str, float]:
    """When the message about each pool came to stand in its channel."""
    found: dict[str, float] = {}
    for channel in CHANNELS.values():
        for message in sandbox.workspace.messages(channel):
            text = json.dumps([message.text, *message.blocks, *message.attachments])
            for pool in pools:
                if pool in text:
                    found.setdefault(pool, float(message.ts))
    return found
