"""Is it always known whether a call was made?"""

import json
import socket
from datetime import timedelta

import pytest
import requests

from bot.slack.web import SlackLimited, SlackRefused, SlackUnclear, SlackUnreachable, SlackWeb
from tests.slack.conftest import Ticks
from tests.slack.stub import Stub, answering, cutting, hanging_up

TOKEN = "xoxb-secret-secret"


@pytest.fixture
def web(stub: Stub, session: requests.Session) -> SlackWeb:
    return SlackWeb(stub.url, TOKEN, session, read_seconds=0.5)


def test_a_call_goes_out_as_a_form_with_the_token_in_its_head(web: SlackWeb, stub: Stub) -> None:
    web.call("chat.postMessage", channel="C1", blocks=[{"a": 1}], mrkdwn=False, thread_ts=None)

    path, headers, form, body = stub.asked[0]
    assert path == "/api/chat.postMessage"
    assert headers["Authorization"] == f"Bearer {TOKEN}"
    assert form == {"channel": "C1", "blocks": '[{"a":1}]', "mrkdwn": "false"}
    assert TOKEN.encode() not in body


def test_calls_share_one_connection(web: SlackWeb, stub: Stub) -> None:
    for _ in range(5):
        web.call("auth.test")
    web.respond(stub.url + "answer", {"text": "hello"})

    assert stub.connections == 1


def test_nothing_is_read_from_the_environment(web: SlackWeb, stub: Stub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.setenv("no_proxy", "")

    web.call("auth.test")

    assert len(stub.asked) == 1


def test_a_refusal_has_slacks_word_the_missing_right_and_the_details(web: SlackWeb, stub: Stub) -> None:
    body = {
        "ok": False,
        "error": "missing_scope",
        "needed": "chat:write",
        "response_metadata": {"messages": ["x", "y"]},
    }
    stub.answers = [answering(200, json.dumps(body).encode())]

    with pytest.raises(SlackRefused) as refused:
        web.call("chat.postMessage")

    assert (refused.value.code, refused.value.needed, refused.value.details) == ("missing_scope", "chat:write", "x; y")


@pytest.mark.parametrize(("asked", "seconds"), [("7", 7), ("0", 1), ("soon", 30), ("-3", 30)])
def test_a_429_is_told_with_its_window(web: SlackWeb, stub: Stub, asked: str, seconds: int) -> None:
    stub.answers = [answering(429, b"", Retry_After=asked)]

    with pytest.raises(SlackLimited) as limited:
        web.call("chat.postMessage")

    assert limited.value.retry_after == timedelta(seconds=seconds)


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(answering(503, b"upstream"), id="503"),
        pytest.param(answering(200, b"<html>hello</html>"), id="not JSON"),
        pytest.param(answering(200, b"[" * 100_000), id="endlessly nested"),
        pytest.param(answering(200, b"[]"), id="not an object"),
        pytest.param(answering(200, b'{"ok": false, "error": "fatal_error"}'), id="an error half-way"),
        pytest.param(cutting, id="cut in the middle"),
        pytest.param(hanging_up, id="closed without a word"),
    ],
)
def test_after_the_call_was_sent_a_broken_answer_is_unclear_and_nothing_is_sent_twice(
    web: SlackWeb, stub: Stub, answer: object
) -> None:
    stub.answers = [answer]  # type: ignore[list-item]

    with pytest.raises(SlackUnclear):
        web.call("chat.postMessage", channel="C1")

    assert len(stub.asked) == 1


def test_no_answer_in_time_is_unclear(web: SlackWeb, stub: Stub) -> None:
    def hang(_: object) -> None:
        stub.release.wait(5)

    stub.answers = [hang]

    with pytest.raises(SlackUnclear, match="in time"):
        web.call("chat.postMessage")


def test_an_answer_that_drips_is_given_up(stub: Stub, session: requests.Session, ticks: Ticks) -> None:
    def later() -> float:
        ticks.now += 15
        return ticks.now

    web = SlackWeb(stub.url, TOKEN, session, monotonic=later)
    stub.answers = [answering(200, b" " * 300_000)]

    with pytest.raises(SlackUnclear, match="too long"):
        web.call("chat.postMessage")


def test_where_nobody_listens_nothing_was_sent(session: requests.Session) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

    with pytest.raises(SlackUnreachable):
        SlackWeb(f"http://127.0.0.1:{port}/api/", TOKEN, session).call("auth.test")


def test_a_name_that_is_unknown_means_that_nothing_was_sent(session: requests.Session) -> None:
    with pytest.raises(SlackUnreachable):
        SlackWeb("http://no-such-host.invalid/api/", TOKEN, session).call("auth.test")


def test_a_redirect_is_not_followed_so_that_the_token_goes_nowhere_else(web: SlackWeb, stub: Stub) -> None:
    stub.answers = [answering(302, b"", Location=stub.url + "elsewhere")]

    with pytest.raises(SlackRefused, match="http_302"):
        web.call("auth.test")

    assert len(stub.asked) == 1


def test_the_rights_are_read_from_the_head(web: SlackWeb, stub: Stub) -> None:
    stub.answers = [answering(200, b'{"ok": true}', X_OAuth_Scopes="chat:write, commands")]

    assert web.ask("auth.test").scopes == frozenset({"chat:write", "commands"})


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        pytest.param(answering(404, b"expired_url"), "expired_url", id="an old address"),
        pytest.param(answering(400, b"invalid_blocks"), "invalid_blocks", id="a word"),
        pytest.param(answering(500, b'{"ok":false,"error":"invalid_blocks"}'), "invalid_blocks", id="JSON"),
        pytest.param(answering(200, b'{"ok":false,"error":"used_url"}'), "used_url", id="JSON in a 200"),
        pytest.param(answering(410, b"<gone>"), "http_410", id="no word at all"),
    ],
)
def test_a_response_url_says_whether_it_took_the_answer(web: SlackWeb, stub: Stub, answer: object, code: str) -> None:
    stub.answers = [answer]  # type: ignore[list-item]

    with pytest.raises(SlackRefused) as refused:
        web.respond(stub.url, {"text": "hello"})

    assert refused.value.code == code


def test_a_response_url_gets_no_token(web: SlackWeb, stub: Stub) -> None:
    stub.answers = [answering(200, b"ok")]

    web.respond(stub.url, {"text": "hello"})

    assert "Authorization" not in stub.asked[0][1]


def test_the_token_is_in_no_repr(web: SlackWeb) -> None:
    assert TOKEN not in repr(web) + str(web)
