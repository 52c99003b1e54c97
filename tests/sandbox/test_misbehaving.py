"""Can the workspace be told to go wrong, and is it written down what the app called?"""

import io
import threading

import pytest
import requests
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot.sandbox.model import YOU
from bot.sandbox.server import Sandbox, serve
from tests.sandbox.apps import GENERAL, PLATFORM, control, eventually, refused


def post(sandbox: Sandbox, text: str = "t", timeout: float = 10) -> requests.Response:
    head = {"Authorization": f"Bearer {sandbox.tokens.bot}"}
    body = {"channel": GENERAL, "text": text}
    return requests.post(f"{sandbox.url}api/chat.postMessage", json=body, headers=head, timeout=timeout)


def texts(sandbox: Sandbox) -> list[str]:
    return [each.text for each in sandbox.workspace.messages(GENERAL)]


def test_too_many_requests_say_how_long_to_wait(sandbox: Sandbox) -> None:
    sandbox.misbehave("ratelimited", "chat.postMessage", count=2, retry_after=7)

    answers = [post(sandbox) for _ in range(3)]

    assert [answer.status_code for answer in answers] == [429, 429, 200]
    assert answers[0].headers["Retry-After"] == "7"
    assert len(texts(sandbox)) == 1


def test_a_server_error_is_whatever_status_was_asked_for(sandbox: Sandbox, client: WebClient) -> None:
    sandbox.misbehave("status", ["chat.postMessage"], status=502, count=1)

    assert client.auth_test()["ok"]
    assert post(sandbox).status_code == 502
    assert texts(sandbox) == []


def test_an_error_of_slack_can_be_asked_for(sandbox: Sandbox, client: WebClient) -> None:
    sandbox.misbehave("error", "auth.test", error="fatal_error", count=1)

    assert refused(client.auth_test)["error"] == "fatal_error"


def test_a_cut_reply_leaves_the_message_there(sandbox: Sandbox) -> None:
    sandbox.misbehave("cut", "chat.postMessage", count=1)

    with pytest.raises((requests.ConnectionError, requests.exceptions.ChunkedEncodingError)):
        post(sandbox, "accepted")

    assert texts(sandbox) == ["accepted"]
    assert sandbox.calls.of("chat.postMessage")[0].outcome == "cut"


def test_a_reset_loses_the_message_and_after_accepting_it_does_not(sandbox: Sandbox) -> None:
    sandbox.misbehave("reset", "chat.postMessage", count=1)
    with pytest.raises(requests.ConnectionError):
        post(sandbox, "lost")
    sandbox.misbehave("reset", "chat.postMessage", count=1, after_accepting=True)
    with pytest.raises(requests.ConnectionError):
        post(sandbox, "kept")

    assert texts(sandbox) == ["kept"]


def test_a_hanging_call_is_never_answered(sandbox: Sandbox) -> None:
    sandbox.misbehave("hang", "chat.postMessage", count=1)
    with pytest.raises(requests.Timeout):
        post(sandbox, "lost", timeout=0.2)
    sandbox.misbehave("hang", "chat.postMessage", count=1, after_accepting=True)
    with pytest.raises(requests.Timeout):
        post(sandbox, "kept", timeout=0.2)

    assert texts(sandbox) == ["kept"]


def test_a_slow_call_is_answered_late(sandbox: Sandbox) -> None:
    sandbox.misbehave("slow", "chat.postMessage", count=1, seconds=0.2)

    answer = post(sandbox)

    assert answer.ok
    assert answer.elapsed.total_seconds() >= 0.2


def test_a_response_url_can_fail_too(sandbox: Sandbox) -> None:
    key = sandbox.workspace.tickets.response_url(YOU, PLATFORM)
    sandbox.misbehave("status", "response_url", status=500, count=1)
    address = f"{sandbox.url}commands/T0SANDBOX01/{key}"

    assert requests.post(address, json={"text": "t"}, timeout=10).status_code == 500
    assert requests.post(address, json={"text": "t"}, timeout=10).status_code == 200


def test_a_fault_strikes_with_its_probability_until_it_is_called_off(sandbox: Sandbox, client: WebClient) -> None:
    sandbox.misbehave("status", status=503, probability=0.0)
    assert client.auth_test()["ok"]

    sandbox.misbehave("status", status=503)
    with pytest.raises(SlackApiError):
        client.auth_test()
    sandbox.behave()
    assert client.auth_test()["ok"]


def test_faults_are_set_and_called_off_over_http(sandbox: Sandbox, client: WebClient) -> None:
    asked = {"kind": "error", "methods": ["auth.test"], "error": "fatal_error", "count": 5}
    [fault] = control(sandbox, "PUT", "faults", asked).json()
    assert (fault["kind"], fault["methods"], fault["count"]) == ("error", ["auth.test"], 5)
    assert refused(client.auth_test)["error"] == "fatal_error"

    assert control(sandbox, "DELETE", "faults").json() == []
    assert client.auth_test()["ok"]


@pytest.mark.parametrize("asked", [{"kind": "explode"}, {"kind": "cut", "loud": True}, {}, []])
def test_a_fault_that_is_not_known_is_refused_in_one_sentence(sandbox: Sandbox, asked: object) -> None:
    answer = control(sandbox, "PUT", "faults", asked)

    assert answer.status_code == 400
    assert answer.json()["error"]


def test_switches_are_set_over_http(sandbox: Sandbox, client: WebClient) -> None:
    answer = control(sandbox, "PUT", "switches", {"revoked": True, "burst": 1, "scopes": ["chat:write"]})

    assert answer.json()["scopes"] == ["chat:write"]
    assert refused(client.auth_test)["error"] == "token_revoked"
    assert control(sandbox, "PUT", "switches", {"nonsense": 1}).status_code == 400
    assert control(sandbox, "PUT", "switches", {"revoked": "yes"}).status_code == 400


def test_every_call_is_written_down_without_its_token(sandbox: Sandbox, client: WebClient) -> None:
    client.chat_postMessage(channel=GENERAL, text="t")
    refused(client.chat_postMessage, channel="C0NOWHERE01", text="t")

    first, second = sandbox.calls.of("chat.postMessage")
    assert (first.outcome, first.status, first.args["text"]) == ("ok", 200, "t")
    assert second.outcome == "channel_not_found"
    assert sandbox.tokens.bot not in repr(list(sandbox.calls))
    assert [call["method"] for call in control(sandbox, "GET", "calls").json()] == ["chat.postMessage"] * 2


def test_the_log_of_calls_is_bounded(sandbox: Sandbox) -> None:
    with requests.Session() as session:
        for _ in range(2_010):
            session.get(f"{sandbox.url}api/nothing", timeout=10)

    assert len(sandbox.calls) == 2_000


def test_a_body_without_end_is_refused(sandbox: Sandbox) -> None:
    assert post(sandbox, "x" * 2_000_001).json()["error"] == "request_too_large"


@pytest.mark.parametrize(
    ("path", "asked"),
    [
        pytest.param("command", {"command": "/pool-stats"}, id="no channel"),
        pytest.param("command", {"channel": "#nowhere", "command": "/pool-stats"}, id="unknown channel"),
        pytest.param("action", {"channel": "#general"}, id="no action"),
        pytest.param("submit", {}, id="no view"),
    ],
)
def test_what_control_cannot_do_is_said_in_one_sentence(sandbox: Sandbox, path: str, asked: dict[str, str]) -> None:
    answer = control(sandbox, "POST", path, asked)

    assert answer.status_code == 400
    assert answer.json()["error"]


def test_another_sites_page_cannot_drive_the_workspace(sandbox: Sandbox) -> None:
    asked = {"channel": "#general", "text": "spam"}
    head = {"Origin": "https://example.com"}

    assert requests.post(f"{sandbox.url}_sandbox/say", json=asked, headers=head, timeout=10).status_code == 400
    assert texts(sandbox) == []
    assert control(sandbox, "POST", "say", asked).json()["ok"]


def test_the_stand_in_first_prints_the_environment_and_then_serves() -> None:
    out = io.StringIO()
    stop = threading.Event()
    running = threading.Thread(target=serve, args=(0, ""), kwargs={"out": out, "stop": stop})
    running.start()
    try:
        eventually(lambda: out.getvalue().count("\n") == 9)
        found = dict(line.split("=", 1) for line in out.getvalue().splitlines())
        client = WebClient(found["SLACK_BOT_TOKEN"], base_url=found["SLACK_API_URL"])
        assert client.auth_test()["ok"]
    finally:
        stop.set()
        running.join(10)

    slack, teams = list(found)[:4], list(found)[4:]
    assert slack == ["SLACK_API_URL", "SLACK_BOT_TOKEN", "SLACK_APP_TOKEN", "SLACK_SIGNING_SECRET"]
    assert teams[:3] == ["CLIENT_ID", "CLIENT_SECRET", "TENANT_ID"]
    assert teams[3:] == ["POOL_STATS_TEAMS__OPENID_METADATA_URL", "POOL_STATS_TEAMS__TOKEN_ISSUER"]
    assert found["SLACK_BOT_TOKEN"].startswith("xoxb-")
    assert found["SLACK_APP_TOKEN"].startswith("xapp-")


def test_a_port_that_is_taken_is_an_error_at_once(sandbox: Sandbox) -> None:
    port = int(sandbox.url.rsplit(":", 1)[1].strip("/"))

    with pytest.raises(OSError, match="in use"):
        Sandbox(port=port)
