"""What does it cost to acknowledge a slash command?"""

import asyncio
import hashlib
import hmac
import http.client
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from functools import partial
from itertools import count, islice
from statistics import median, quantiles
from typing import Any
from urllib.parse import urlencode

from slack_bolt import App, BoltRequest
from starlette.requests import Request

from bot.clock import Clock
from tests.benchmarks.figures import Costs, Report, Work, in_turn
from tests.benchmarks.lines import Child, line
from tests.benchmarks.serving import SECRET, Endpoint, bare_app, bare_endpoint, our_app, our_endpoint

FORM = "application/x-www-form-urlencoded"
Asked = tuple[bytes, dict[str, str]]


AT_ONCE = 16


def measure(*, commands: int = 300, rounds: int = 7, pools: int = 1000, every: float = 10.0) -> Report:
    """The bot's endpoint beside a bare Bolt handler that processes before it responds; and while pools are read."""
    report = Report("ack: CPU per acknowledged slash command (the work after it is not counted)")
    _in_process(report, commands, rounds)
    _served(report, commands, rounds)
    _while_reading(report, commands, rounds, pools, every)
    return report


def _in_process(report: Report, commands: int, rounds: int) -> None:
    signed = _signed()
    variants: dict[str, Work] = {}
    ready: dict[str, list[Asked]] = {}

    def dispatched(name: str, app: App) -> None:
        _dispatched(app, ready.pop(name))

    def answered(name: str, endpoint: Endpoint, runner: asyncio.Runner) -> None:
        runner.run(_answered(endpoint, ready.pop(name)))

    with asyncio.Runner() as runner:
        for name, app in (("bare app", bare_app()), ("our app", our_app())):
            variants[name] = partial(dispatched, name, app)
        for name, endpoint in (("bare endpoint", bare_endpoint()), ("our endpoint", our_endpoint())):
            variants[name] = partial(answered, name, endpoint, runner)
        costs = _rounds(variants, ready, signed, commands, rounds)
    of = "bare Bolt"
    report.add("floor: bare Bolt, app.dispatch with process_before_response", costs["bare app"], "ms")
    report.add("the bot's Bolt app, app.dispatch", costs["our app"], "ms", floor=costs["bare app"], of=of)
    report.add("floor: bare Bolt through its Starlette adapter", costs["bare endpoint"], "ms")
    report.add("bot.slack.http", costs["our endpoint"], "ms", floor=costs["bare endpoint"], of=of)


def _rounds(
    variants: dict[str, Work], ready: dict[str, list[Asked]], signed: Iterator[Asked], commands: int, rounds: int
) -> dict[str, Costs]:
    """As `in_turn`, with commands that were signed before the clock began, each used once."""
    spent: dict[str, list[float]] = {name: [] for name in variants}
    for _ in range(rounds):
        ready.update({name: list(islice(signed, 2 * commands)) for name in variants})
        again = {name: ready[name][commands:] for name in variants}
        for name in variants:
            del ready[name][commands:]

        def once(name: str) -> Work:
            def work() -> None:
                variants[name]()
                ready[name] = again[name]  # noqa: B023 - called within the round

            return work

        for name, costs in in_turn({name: once(name) for name in variants}, rounds=1, units=commands).items():
            spent[name].extend(costs.rounds)
    return {name: Costs(tuple(each)) for name, each in spent.items()}


def _dispatched(app: App, asked: list[Asked]) -> None:
    for body, headers in asked:
        answer = app.dispatch(BoltRequest(body=body.decode(), headers={**headers}))
        assert answer.status == 200, answer.body


async def _answered(endpoint: Endpoint, asked: list[Asked]) -> None:
    for body, headers in asked:
        answer = await endpoint(_request(body, headers))
        assert answer.status_code == 200, answer.body


def _request(body: bytes, headers: dict[str, str]) -> Request:
    """The request as a web server hands it over."""

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    sent = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    scope = {"type": "http", "method": "POST", "path": "/slack/events", "query_string": b"", "headers": sent}
    return Request(scope, receive)


def _served(report: Report, commands: int, rounds: int) -> None:
    """Over HTTP, on the bot's own web server; the CPU is that of the server's process."""
    with ExitStack() as open_things:
        servers = {kind: open_things.enter_context(_server(kind)) for kind in ("bare", "ours", "handing")}
        spent: dict[str, list[float]] = {kind: [] for kind in servers}
        for number in range(rounds + 1):
            for kind, server in list(servers.items())[:: 1 if number % 2 else -1]:
                asked = list(islice(_signed(), commands))
                before = server.ask()
                _post(server.port, asked)
                if number:  # the first time warms up
                    spent[kind].append((server.ask() - before) * 1000 / commands)
        costs = {kind: Costs(tuple(each)) for kind, each in spent.items()}
    floor, of = costs["bare"], "bare Bolt"
    report.add("floor: bare Bolt's adapter, over HTTP on the same server", floor, "ms")
    report.add("the bot, over HTTP", costs["ours"], "ms", floor=floor, of=of)
    report.add("the same, the answer handed over to another thread", costs["handing"], "ms", floor=floor, of=of)


def _while_reading(report: Report, commands: int, rounds: int, pools: int, every: float) -> None:
    """How long an acknowledgement takes, alone and while the same process reads pools; and of many at once."""
    took: dict[str, list[float]] = {"idle": [], "reading": []}
    most: list[float] = []
    with line() as at:
        for kind, more in (("idle", ()), ("reading", (at.url, str(pools), str(every))), ("idle", ())):
            with _server("handing", *more) as server:
                _post(server.port, list(islice(_signed(), commands)))
                for _ in range(rounds if more else (rounds + 1) // 2):
                    took[kind] += _post(server.port, list(islice(_signed(), commands)))
                if more:
                    most = [_at_once(server.port) for _ in range(rounds)]
    idle, reading = (quantiles(took[kind], n=100) for kind in ("idle", "reading"))
    report.count("over HTTP, time to the acknowledgement: median, idle", idle[49], "ms")
    what = f"while {pools:,} pools are read in {every:g} s"
    report.count(f"the same {what}", reading[49], "ms", floor=idle[49], of="idle")
    report.count("99th percentile, idle", idle[98], "ms")
    report.count(f"the same {what}", reading[98], "ms", floor=idle[98], of="idle")
    report.count(f"{AT_ONCE} at once meanwhile, until the last: median", median(most), "ms")


def _at_once(port: int) -> float:
    """Milliseconds until the last of many commands is acknowledged that come at once, each on its own connection."""
    with ExitStack() as open_things:
        connections = [
            open_things.enter_context(closing(http.client.HTTPConnection("127.0.0.1", port, timeout=10)))
            for _ in range(AT_ONCE)
        ]
        for connection in connections:
            connection.connect()
        began = time.perf_counter()
        for connection, (body, headers) in zip(connections, _signed(), strict=False):
            connection.request("POST", "/slack/events", body, headers)
        for connection in connections:
            answer = connection.getresponse()
            answer.read()
            assert answer.status == 200, answer.status
        return (time.perf_counter() - began) * 1000


@contextmanager
def _server(kind: str, *more: str) -> Iterator[Child]:
    server = Child("-m", "tests.benchmarks.serving", kind, *more)
    try:
        yield server
    finally:
        server.end()


def _post(port: int, asked: list[Asked]) -> list[float]:
    """Have them acknowledged one after the other; how many milliseconds each took."""
    took = []
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        for body, headers in asked:
            began = time.perf_counter()
            connection.request("POST", "/slack/events", body, headers)
            answer = connection.getresponse()
            answer.read()
            took.append((time.perf_counter() - began) * 1000)
            assert answer.status == 200, answer.status
    finally:
        connection.close()
    return took


_TRIGGERS = count(1)


def _signed() -> Iterator[Asked]:
    """Slash commands as Slack sends and signs them, no two alike."""
    clock = Clock()
    for number in _TRIGGERS:
        form = {
            "token": "not-used-any-more",
            "team_id": "T0123456789",
            "team_domain": "example",
            "channel_id": "C0123456789",
            "channel_name": "ml-platform",
            "user_id": "U0123456789",
            "user_name": "someone",
            "command": "/pool-stats",
            "text": "train-a100",
            "api_app_id": "A0123456789",
            "is_enterprise_install": "false",
            "response_url": "https://hooks.slack.com/commands/T0123456789/1/x",
            "trigger_id": f"13345224609.738474920.{number}",
        }
        body = urlencode(form).encode()
        at = str(int(clock.wall().timestamp()))
        signature = hmac.new(SECRET.encode(), f"v0:{at}:".encode() + body, hashlib.sha256).hexdigest()
        headers = {"X-Slack-Request-Timestamp": at, "X-Slack-Signature": f"v0={signature}", "Content-Type": FORM}
        yield body, headers
