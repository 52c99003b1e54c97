"""What does it cost to post a message to Slack?"""

import json
from collections.abc import Iterator
from contextlib import contextmanager

import requests

from bot.messages.examples import EXAMPLES
from bot.messages.model import Message
from bot.messages.sending import Label
from bot.slack.pace import Pace
from bot.slack.sender import SlackSender
from bot.slack.web import SlackWeb, new_session
from tests.benchmarks.figures import Report, Work, in_turn, repeated
from tests.benchmarks.lines import Line, line

TOKEN = "xoxb-not-a-token"
CHANNEL = "C0123456789"
BLOCKS = [
    {
        "type": "section",
        "text": {"type": "mrkdwn", "text": f"*pool {number}*: Queue 12, Running 40, Failed 3 " + "·" * 80},
    }
    for number in range(20)
]
METADATA = {"event_type": "pool_stats_delivery", "event_payload": {"delivery_id": "d1", "alert_id": "a1"}}


def measure(*, posts: int = 100, rounds: int = 7) -> Report:
    """`SlackWeb` and the sender beside a plain `requests.Session.post`, over TLS."""
    report = Report(f"post: CPU per message of {len(BLOCKS)} blocks over TLS")
    with line() as at, _session(at, requests.Session()) as plain, _session(at, new_session()) as ours:
        web = SlackWeb(f"{at.url}/api/", TOKEN, ours)
        sender = SlackSender(web, pace=Pace({}, None))
        alert = _alert()
        variants: dict[str, Work] = {
            "plain": repeated(lambda: _plain(at, plain), posts),
            "web": repeated(lambda: _web(web), posts),
            "sender": repeated(lambda: sender.post(CHANNEL, alert, Label("d1", "a1")), posts),
        }
        before = at.handshakes
        costs = in_turn(variants, rounds=rounds, units=posts)
        handshakes = at.handshakes - before
    of = "the plain post"
    report.add("floor: requests.Session.post", costs["plain"], "ms")
    report.add("SlackWeb.call", costs["web"], "ms", floor=costs["plain"], of=of)
    report.add("SlackSender.post of an alert, drawing included", costs["sender"], "ms", floor=costs["plain"], of=of)
    report.count("TLS handshakes of both sessions, all rounds", handshakes, "handshakes")
    return report


def _plain(at: Line, session: requests.Session) -> None:
    form = {
        "channel": CHANNEL, "text": "Queue is long", "blocks": json.dumps(BLOCKS), "metadata": json.dumps(METADATA),
    }  # fmt: skip
    answer = session.post(
        f"{at.url}/api/chat.postMessage", data=form, headers={"Authorization": f"Bearer {TOKEN}"}, timeout=(5, 10)
    )
    assert answer.json()["ok"]


def _web(web: SlackWeb) -> None:
    web.call("chat.postMessage", channel=CHANNEL, text="Queue is long", blocks=BLOCKS, metadata=METADATA)


@contextmanager
def _session(at: Line, session: requests.Session) -> Iterator[requests.Session]:
    session.verify = str(at.certificate)
    with session:
        yield session


def _alert() -> Message:
    """The example of an alert that is told for the first time."""
    return EXAMPLES["alert-firing"]
