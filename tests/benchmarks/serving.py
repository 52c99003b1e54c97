"""What does the server do that acknowledges? Ours, or a bare Bolt handler, on the same web server.

A process of its own, so that only its CPU is counted: `serving.py ours`, `serving.py handing` or `serving.py bare`.
"""

import logging
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, nullcontext
from datetime import timedelta
from typing import Any

from slack_bolt import Ack, App
from slack_bolt.adapter.starlette import SlackRequestHandler
from slack_bolt.authorization import AuthorizeResult
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.clock import Clock, wait
from bot.core.rules.model import SHIPPED
from bot.core.stats import Pool
from bot.jobs.poll import Judges, Polled, poll
from bot.jobs.telling import Moment
from bot.later import Later
from bot.metrics import Metrics
from bot.modelarts.client import ModelArts
from bot.schedule import Schedule, Work
from bot.slack.app import build_app, is_acknowledged_at_once
from bot.slack.http import slack_endpoint
from bot.slack.web import SlackWeb, new_session
from bot.store.engine import open_store, upgrade
from bot.web import WebServer, web_app
from tests.benchmarks.poll import KEYS, PROJECT

SECRET = "8f742231b10e8888abcd99yyyzzz85a5"
Endpoint = Callable[[Request], Awaitable[Response]]


def our_app(later: Callable[[Callable[[], None]], None] | None = None) -> App:
    """The bot's Bolt app; what comes after the acknowledgement is not done, but with `later` handed over to it."""
    return build_app(
        SlackWeb("http://127.0.0.1:9/api/", "xoxb-not-used", new_session()),
        signing_secret=SECRET,
        asked=_never,
        pressed=_never,
        later=lambda _: later(_nothing) if later else None,
        submitted=_never,
        homed=_never,
        offered=_never,
    )


def bare_app() -> App:
    """The least that Bolt can do: verify, acknowledge, answer."""
    app = App(
        signing_secret=SECRET,
        authorize=_authorize,
        process_before_response=True,
        token_verification_enabled=False,
    )

    @app.command("/pool-stats")
    def on_command(ack: Ack) -> None:
        ack()

    return app


def our_endpoint() -> Endpoint:
    """As the bot serves it."""
    return slack_endpoint(our_app(), is_acknowledged_at_once)


def handing_endpoint() -> Endpoint:
    """As the bot serves it, with the threads that answer."""
    return slack_endpoint(our_app(Later()), is_acknowledged_at_once)


def bare_endpoint() -> Endpoint:
    """As Bolt's own adapter serves it."""
    return SlackRequestHandler(bare_app()).handle


def _authorize(enterprise_id: str | None, team_id: str | None) -> AuthorizeResult:
    return AuthorizeResult(enterprise_id=enterprise_id, team_id=team_id)


def _nothing() -> None:
    """The work that an answer would be."""


def _never(*_: Any, **__: Any) -> Any:
    raise NotImplementedError


@contextmanager
def _reading(modelarts: str, number: int, every: timedelta) -> Iterator[None]:
    """So many pools are read by this process meanwhile, spread over the interval as the bot does it."""
    clock = Clock()
    pools = tuple(Pool(f"pool-{each:05}", f"pool-{each:05}") for each in range(number))
    with tempfile.TemporaryDirectory(prefix="pool-stats-bench-") as folder:
        engine = open_store(f"sqlite:///{folder}/serving.db")
        upgrade(engine)
        judges = Judges(engine, SHIPPED)
        source = ModelArts(
            KEYS, endpoint=modelarts, project_id=PROJECT, wall=clock.wall, monotonic=clock.monotonic, wait=wait,
            max_rate=1e6,
        )  # fmt: skip

        def read(pool: Pool) -> Polled:
            at = Moment(clock.wall(), clock.wall())
            return poll(pool, modelarts=source, engine=engine, judges=judges, routes=(), stale_after=2 * every, at=at)

        work = Work(
            pools=lambda: pools, known_pools=tuple, leave=lambda _: 0, poll=read, platforms=(), deliver=_never,
            repeats=tuple, due=lambda: 0, prune=tuple,
        )  # fmt: skip
        schedule = Schedule(work, clock, Metrics(), every=every, workers=8)
        schedule.start()
        try:
            yield
        finally:
            schedule.stop()
            source.close()
            engine.dispose()


def main() -> None:
    """Serve; each line on standard input is answered with the seconds of CPU so far, its end is ours.

    With MODELARTS, POOLS and SECONDS so many pools are read there in each interval of so many seconds.
    """
    kind, *more = sys.argv[1:]
    logging.getLogger("apscheduler").setLevel(logging.ERROR)
    endpoint = {"ours": our_endpoint, "handing": handing_endpoint, "bare": bare_endpoint}[kind]()
    routes = [Route("/slack/events", endpoint, methods=["POST"])]
    server = WebServer(web_app(Metrics(), dict, lambda: None, routes), "127.0.0.1", 0)
    server.start()
    with _reading(more[0], int(more[1]), timedelta(seconds=float(more[2]))) if more else nullcontext():
        sys.stdout.write(f"{server.port}\n")
        sys.stdout.flush()
        for _ in sys.stdin:
            sys.stdout.write(f"{time.process_time()}\n")
            sys.stdout.flush()
    server.stop()


if __name__ == "__main__":
    main()
