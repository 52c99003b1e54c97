"""What happens when all pools fire at once? Who is told when, and what does it cost?"""

import json
import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from bot.sandbox.model import Message
from bot.sandbox.server import Sandbox
from tests.benchmarks import storming
from tests.benchmarks.figures import Report
from tests.benchmarks.lines import CannotMeasure, Child, line
from tests.benchmarks.storming import Progress

CHANNEL = "C0PLATFORM1"
# What the stand-in for Slack takes: a message a second and channel after a short burst, else 429 with `Retry-After: 1`.
BURST, RETRY_AFTER = 3, 1.0
_NAME = re.compile(r"train-[0-9]{5}")


def measure(*, pools: int = 1000, alerts: int = 10_000, patience: float = 900.0) -> Report:
    """Pools that fire at once into a channel of a message a second, and ten times as many where nothing is limited."""
    report = Report(f"storm: {pools:,} pools fire at once; the channel takes a message a second, {BURST} at first")
    with line() as at:
        few = _limited(report, at.url, pools, patience)
        with _storm(at.url, f"{at.url}/api/", "xoxb-not-a-token", "C0123456789", alerts) as storm:
            storm.nudge()
            many = _until_told(storm, patience)
    report.count(f"{alerts:,} alerts, no limit: all in the outbox after", many.put or 0, "s")
    report.count("all told in the channel (summaries, entries in their threads) after", many.told or 0, "s")
    report.count("CPU an alert", many.cpu * 1000 / alerts, "ms", floor=few.cpu * 1000 / pools, of=f"among {pools:,}")
    report.count("CPU in all", many.cpu, "s")
    report.count("to draw each alert's own message for Slack besides", many.drawing, "s")
    report.count("memory at the most", many.memory, "MB", floor=many.before, of="before")
    report.count("memory an alert", (many.memory - many.before) * 1000 / alerts, "KB")
    return report


def _limited(report: Report, modelarts: str, pools: int, patience: float) -> Progress:
    with Sandbox() as slack:
        slack.switches.burst, slack.switches.posts_per_second = BURST, 1 / RETRY_AFTER
        with _storm(modelarts, f"{slack.url}api/", slack.tokens.bot, CHANNEL, pools) as storm:
            began = time.monotonic()
            storm.nudge()
            while len(_named(slack.workspace.messages(CHANNEL))) < pools:
                if time.monotonic() - began > patience:
                    raise CannotMeasure(f"after {patience:g} s not all pools were named")
                threading.Event().wait(0.1)
            took = time.monotonic() - began
            progress = _until_told(storm, patience)
        refused = [call.at for call in slack.calls if call.outcome == "ratelimited"]
        posts = len(slack.calls.of("chat.postMessage")) - len(refused)
    alone = max(1.0, pools - BURST) * RETRY_AFTER
    report.count("all alerts in the outbox after", progress.put or 0, "s")
    report.count("every pool named in the channel after", took, "s", floor=alone, of="a message for each")
    report.count("messages and entries", posts, "posts")
    report.count("of which summaries", progress.summaries, "messages")
    report.count("refused with 429, the most in a second", _most_within(refused, RETRY_AFTER), "posts")
    report.count("CPU", progress.cpu, "s")
    return progress


@contextmanager
def _storm(modelarts: str, slack: str, token: str, channel: str, number: int) -> Iterator[Child]:
    child = Child("-m", storming.__name__, modelarts, slack, token, channel, str(number))
    try:
        yield child
    finally:
        child.end()


def _until_told(storm: Child, patience: float) -> Progress:
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        progress = Progress(**json.loads(storm.tell()))
        if progress.told is not None:
            return progress
        threading.Event().wait(0.2)
    raise CannotMeasure(f"after {patience:g} s something still waited to be told")


def _named(messages: list[Message]) -> set[str]:
    """The pools that people read of."""
    said = (json.dumps([each.text, *each.blocks, *each.attachments]) for each in messages)
    return {name for text in said for name in _NAME.findall(text)}


def _most_within(moments: list[float], seconds: float) -> int:
    """The most of them that lie within so many seconds of each other."""
    return max((sum(each <= other < each + seconds for other in moments) for each in moments), default=0)
