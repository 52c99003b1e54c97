"""Apps that talk to the Slack stand-in, built with Slack's own libraries, and small things the tests need."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from time import monotonic
from typing import Any, TypeVar

import requests
from slack_bolt import App, BoltRequest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot.sandbox import wall
from bot.sandbox.server import Sandbox

T = TypeVar("T")
GENERAL = "C0GENERAL01"
PLATFORM = "C0PLATFORM1"


class Clock:
    """The wall clock, which a test can put forward."""

    def __init__(self) -> None:
        self.ahead = 0.0

    def __call__(self) -> float:
        return wall.now() + self.ahead


def web_client(sandbox: Sandbox, token: str | None = None) -> WebClient:
    """Slack's client, which never repeats a call by itself."""
    given = sandbox.tokens.bot if token is None else token
    return WebClient(given, base_url=sandbox.environment()["SLACK_API_URL"], retry_handlers=[], timeout=10)


def refused(call: Callable[..., Any], **arguments: Any) -> dict[str, Any]:
    """The body of an answer that is not ok."""
    try:
        call(**arguments)
    except SlackApiError as error:
        body: dict[str, Any] = error.response.data
        return body
    raise AssertionError("the call was taken")


def section(text: str = "hello", **more: Any) -> dict[str, Any]:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}, **more}


def plain(text: str) -> dict[str, Any]:
    return {"type": "plain_text", "text": text}


def button(action_id: str = "press", text: str = "Press", **more: Any) -> dict[str, Any]:
    return {"type": "button", "action_id": action_id, "text": plain(text), **more}


def actions(*elements: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"type": "actions", "elements": list(elements), **more}


def modal(*blocks: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"type": "modal", "title": plain("A modal"), "blocks": list(blocks), **more}


def question(block_id: str = "name", action_id: str = "typed", **more: Any) -> dict[str, Any]:
    element = {"type": "plain_text_input", "action_id": action_id}
    return {"type": "input", "block_id": block_id, "label": plain("Name"), "element": element, **more}


@dataclass
class Received:
    """One request that Slack sent to the app."""

    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Listening:
    """A web server of the app: what it received, and how it answers."""

    answer: Callable[[Received], tuple[int, dict[str, str], bytes]]
    url: str = ""
    received: list[Received] = field(default_factory=list)


@contextmanager
def listening(answer: Callable[[Received], tuple[int, dict[str, str], bytes]]) -> Iterator[Listening]:
    """Serve until the block ends."""
    app = Listening(answer)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", "0")))
            got = Received(self.path, {name.lower(): value for name, value in self.headers.items()}, body)
            app.received.append(got)
            status, headers, content = app.answer(got)
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            with suppress(ConnectionError):  # who asked may have given up
                self.wfile.write(content)

        def log_message(self, *_args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    app.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield app
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def bolt_over_http(sandbox: Sandbox, app: App) -> Iterator[Listening]:
    """Serve a Bolt app, and let the workspace deliver to it."""

    def dispatch(got: Received) -> tuple[int, dict[str, str], bytes]:
        response = app.dispatch(BoltRequest(body=got.body.decode(), headers=dict(got.headers)))
        headers = {name: values[0] for name, values in response.headers.items() if name != "content-length"}
        return response.status, headers, response.body.encode()

    with listening(dispatch) as served:
        sandbox.app_url = served.url
        yield served


def answering(body: object = None, status: int = 200, **headers: str) -> Callable[[Received], Any]:
    """An app that always says the same."""
    content = b"" if body is None else body.encode() if isinstance(body, str) else json.dumps(body).encode()
    kind = "text/plain" if isinstance(body, str) else "application/json"
    return lambda _got: (status, {"content-type": kind, **headers}, content)


def bolt(sandbox: Sandbox) -> App:
    """A Bolt app of this workspace."""
    return App(client=web_client(sandbox), signing_secret=sandbox.tokens.signing_secret)


def eventually(look: Callable[[], T | None], *, within: float = 10.0) -> T:
    """Wait until something is true, and give it."""
    deadline = monotonic() + within
    waiting = threading.Event()
    while not (found := look()):
        if monotonic() > deadline:
            raise AssertionError("it did not happen in time")
        waiting.wait(0.01)
    return found


def control(sandbox: Sandbox, method: str, path: str, body: object = None) -> requests.Response:
    """Ask the control routes."""
    return requests.request(method, f"{sandbox.url}_sandbox/{path}", json=body, timeout=10)
