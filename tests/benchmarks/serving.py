"""What does the server do that acknowledges? Ours, or a bare Bolt handler, on the same web server.

A process of its own, so that only its CPU is counted: `serving.py ours`, `serving.py handing` or `serving.py bare`.
"""

import sys
import time
from collections.abc import Awaitable, Callable
from typing import Any

from slack_bolt import Ack, App
from slack_bolt.adapter.starlette import SlackRequestHandler
from slack_bolt.authorization import AuthorizeResult
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.later import Later
from bot.metrics import Metrics
from bot.slack.app import build_app, is_acknowledged_at_once
from bot.slack.http import slack_endpoint
from bot.slack.web import SlackWeb, new_session
from bot.web import WebServer, web_app

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


def main() -> None:
    """Serve; each line on standard input is answered with the seconds of CPU so far, its end is ours."""
    endpoint = {"ours": our_endpoint, "handing": handing_endpoint, "bare": bare_endpoint}[sys.argv[1]]()
    routes = [Route("/slack/events", endpoint, methods=["POST"])]
    server = WebServer(web_app(Metrics(), dict, lambda: None, routes), "127.0.0.1", 0)
    server.start()
    sys.stdout.write(f"{server.port}\n")
    sys.stdout.flush()
    for _ in sys.stdin:
        sys.stdout.write(f"{time.process_time()}\n")
        sys.stdout.flush()
    server.stop()


if __name__ == "__main__":
    main()
