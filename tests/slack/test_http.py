"""Does only Slack get in, and only what it sends?"""

import hashlib
import hmac
import http.client
import logging
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import quote, urlsplit

import pytest
from slack_bolt import BoltRequest, BoltResponse
from slack_sdk import WebClient
from starlette.routing import Route

from bot.later import Later
from bot.metrics import Metrics
from bot.sandbox.model import YOU
from bot.sandbox.server import Sandbox
from bot.slack.app import build_app, is_acknowledged_at_once
from bot.slack.http import MOST_BYTES, Seen, slack_endpoint
from bot.slack.web import SlackWeb
from bot.web import WebServer, web_app
from tests.messages.test_form import FORM as A_FORM
from tests.slack.conftest import Ticks, wait_for
from tests.slack.serving import Bot, served
from tests.slack.test_app import CHANNEL
from tests.slack.test_forms import INPUTS

COMMAND = b"command=%2Fpool-stats&text=secret-words&team_id=T1&channel_id=C1&user_id=U1&response_url="
FORM = "application/x-www-form-urlencoded"


class Doorkeeper:
    """Lets everybody in, and remembers on which thread."""

    def __init__(self) -> None:
        self.client = WebClient()
        self.threads: list[str] = []

    def dispatch(self, req: BoltRequest) -> BoltResponse:  # noqa: ARG002 - whoever it is
        self.threads.append(threading.current_thread().name)
        return BoltResponse(status=200)


def signed(sandbox: Sandbox, body: bytes, *, at: str | None = None, secret: str | None = None) -> dict[str, str]:
    at = at or str(int(time.time()))  # noqa: TID251 - a signature is made of the real time
    key = (secret or sandbox.tokens.signing_secret).encode()
    signature = hmac.new(key, f"v0:{at}:".encode() + body, hashlib.sha256).hexdigest()
    return {"Content-Type": FORM, "X-Slack-Request-Timestamp": at, "X-Slack-Signature": f"v0={signature}"}


def post(address: str, body: bytes, headers: dict[str, str], *, length: str | None = None) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=10)
    try:
        connection.request("POST", "/slack/events", body, headers | ({"Content-Length": length} if length else {}))
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def test_a_signed_command_gets_in(over_http: str, sandbox: Sandbox, bot: Bot) -> None:
    assert post(over_http, COMMAND, signed(sandbox, COMMAND)) == (200, b"")
    wait_for(lambda: len(bot.asked) == 1)


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"X-Slack-Signature": "v0=" + "0" * 64}, id="a forged signature"),
        pytest.param({"X-Slack-Signature": ""}, id="no signature"),
        pytest.param({"X-Slack-Request-Timestamp": "1500000000"}, id="a timestamp that was not signed"),
        pytest.param({"X-Slack-Request-Timestamp": "soon"}, id="a timestamp that is no number"),
        pytest.param({"X-Slack-Request-Timestamp": "١٢٣"}, id="digits of another script"),
        pytest.param({"X-Slack-Request-Timestamp": "1e9"}, id="a number of another kind"),
        pytest.param({"X-Slack-Request-Timestamp": "9" * 5000}, id="a number that int() refuses"),
        pytest.param({"X-Slack-Request-Timestamp": "-1"}, id="before all time"),
        pytest.param({"X-Slack-Request-Timestamp": ""}, id="an empty timestamp"),
    ],
)
def test_what_slack_did_not_sign_is_refused_with_401(
    over_http: str, sandbox: Sandbox, bot: Bot, change: dict[str, str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    headers = {name: value.encode().decode("latin-1") for name, value in (signed(sandbox, COMMAND) | change).items()}

    status, _ = post(over_http, COMMAND, headers)

    assert status == 401
    assert bot.asked == []
    assert "secret-words" not in caplog.text
    assert not [record for record in caplog.records if record.levelno >= logging.ERROR]


@pytest.mark.parametrize(
    ("body", "thread"),
    [
        pytest.param(COMMAND, "web", id="a command is taken where it came in"),
        pytest.param(COMMAND + b"x" * 20_000, "elsewhere", id="a long one is read on another thread"),
        pytest.param(
            b"payload=" + quote('{"type": "block_actions", "user": {"id": "U1"}, "actions": [{}]}').encode(),
            "web",
            id="a press, too, is taken where it came in",
        ),
        pytest.param(
            b"payload=" + quote('{"type": "view_submission", "user": {"id": "U1"}, "view": {}}').encode(),
            "elsewhere",
            id="a form is waited for on another thread",
        ),
    ],
)
def test_what_is_acknowledged_without_waiting_changes_no_thread(body: bytes, thread: str) -> None:
    door = Doorkeeper()
    endpoint = slack_endpoint(door, is_acknowledged_at_once)
    routes = [Route("/slack/events", endpoint, methods=["POST"])]
    server = WebServer(web_app(Metrics(), dict, lambda: None, routes), "127.0.0.1", 0)
    server.start()
    try:
        assert post(f"http://127.0.0.1:{server.port}", body, {"Content-Type": FORM})[0] == 200
    finally:
        server.stop()

    assert [name if name == "web" else "elsewhere" for name in door.threads] == [thread]


def test_a_form_that_takes_its_time_holds_up_no_command(over_http: str, sandbox: Sandbox, bot: Bot) -> None:
    done = threading.Event()
    bot.answer = lambda _: A_FORM
    assert sandbox.workspace.run_command(YOU, CHANNEL, "/pool-alerts", "silence").ok
    wait_for(lambda: bool(sandbox.workspace.modals(YOU)))

    def take(_: dict[str, str]) -> None:
        done.wait(10)

    bot.taken = take
    with ThreadPoolExecutor(1) as other:
        submitted = other.submit(sandbox.workspace.submit_view, YOU, sandbox.workspace.modals(YOU)[-1].id, INPUTS)
        wait_for(lambda: bool(bot.submitted))
        assert post(over_http, COMMAND, signed(sandbox, COMMAND))[0] == 200
        assert not submitted.done()
        done.set()
        assert submitted.result().ok


def test_another_secret_gets_nobody_in(over_http: str, sandbox: Sandbox) -> None:
    assert post(over_http, COMMAND, signed(sandbox, COMMAND, secret="another"))[0] == 401


def test_an_unsigned_request_is_refused(over_http: str) -> None:
    assert post(over_http, COMMAND, {"Content-Type": FORM})[0] == 401


@pytest.mark.parametrize("age", [-310, 310])
def test_a_request_from_another_time_is_refused(over_http: str, sandbox: Sandbox, age: int) -> None:
    at = str(int(time.time()) + age)  # noqa: TID251 - a signature is made of the real time

    assert post(over_http, COMMAND, signed(sandbox, COMMAND, at=at))[0] == 401


def test_a_request_that_is_sent_again_is_done_once(over_http: str, sandbox: Sandbox, bot: Bot) -> None:
    headers = signed(sandbox, COMMAND)

    assert post(over_http, COMMAND, headers)[0] == 200
    status, body = post(over_http, COMMAND, headers)

    assert (status, body) == (401, b'{"error":"this request was handled already"}')
    wait_for(lambda: len(bot.asked) == 1)


def test_a_forged_copy_does_not_keep_the_real_request_out(over_http: str, sandbox: Sandbox) -> None:
    headers = signed(sandbox, COMMAND)
    assert post(over_http, COMMAND + b"x", headers)[0] == 401

    assert post(over_http, COMMAND, headers)[0] == 200


def test_without_a_signing_secret_nothing_gets_in(web: SlackWeb, bot: Bot, later: Later) -> None:
    app = build_app(web, signing_secret=None, asked=bot.on_asked, pressed=bot.on_pressed, later=later)
    with served(app) as address:
        at = str(int(time.time()))  # noqa: TID251 - a signature is made of the real time
        signature = hmac.new(b"", f"v0:{at}:".encode() + COMMAND, hashlib.sha256).hexdigest()
        headers = {"Content-Type": FORM, "X-Slack-Request-Timestamp": at, "X-Slack-Signature": f"v0={signature}"}

        assert post(address, COMMAND, headers)[0] == 401


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"\xff\xfe", id="no text"),
        pytest.param(b"{" * 1000, id="no JSON"),
        pytest.param(b"[" * 100_000, id="endlessly nested"),
        pytest.param(b'{"event": "a text"}', id="of another shape"),
        pytest.param(b"payload=%7B", id="a payload that is no JSON"),
        pytest.param(b"", id="nothing"),
    ],
)
def test_what_cannot_be_read_is_refused_without_a_traceback(
    over_http: str, body: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    status, _ = post(over_http, body, {"Content-Type": "application/json"})

    assert status == 401
    assert not [record for record in caplog.records if record.levelno >= logging.ERROR]


def test_a_signed_request_that_lacks_what_bolt_expects_is_refused_without_its_words_in_the_log(
    over_http: str, sandbox: Sandbox, caplog: pytest.LogCaptureFixture
) -> None:
    body = b"payload=" + quote('{"type": "view_submission", "view": {"callback_id": "secret-words"}}').encode()

    assert post(over_http, body, signed(sandbox, body))[0] == 400
    assert "secret-words" not in caplog.text


def test_a_body_that_is_too_long_is_not_read(over_http: str, sandbox: Sandbox) -> None:
    body = b"x" * (MOST_BYTES + 1)

    assert post(over_http, body, signed(sandbox, body))[0] == 413


def test_a_body_that_says_no_length_is_read_up_to_the_limit_only(over_http: str) -> None:
    connection = http.client.HTTPConnection(urlsplit(over_http).netloc, timeout=10)
    try:
        connection.request(
            "POST", "/slack/events", iter([b"x" * 100_000] * 11), {"Transfer-Encoding": "chunked"}, encode_chunked=True
        )
        assert connection.getresponse().status == 413
    finally:
        connection.close()


@pytest.mark.usefixtures("over_http")
def test_slack_may_check_the_address_and_its_certificate(sandbox: Sandbox) -> None:
    assert sandbox.courier.verify_url()
    assert sandbox.courier.check_ssl()


def test_the_memory_of_requests_ends_with_their_signatures(ticks: Ticks) -> None:
    seen = Seen(monotonic=ticks)

    assert seen.add(b"a")
    assert not seen.add(b"a")
    ticks.now += 700
    assert seen.add(b"a")
