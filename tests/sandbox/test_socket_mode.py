"""Does the app hear of things over Socket Mode as Slack tells them?"""

import gc
import json
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import pytest
from slack_bolt import Ack, App, Respond
from slack_bolt.adapter.socket_mode.websocket_client import SocketModeHandler
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from bot.sandbox.model import BOT, YOU
from bot.sandbox.server import Sandbox
from tests.sandbox.apps import GENERAL, PLATFORM, actions, bolt, button, eventually, web_client

# Slack's client leaves the socket of a session that the other side ended to the garbage collector.
LEAVES_A_SOCKET = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")


def link(sandbox: Sandbox) -> str:
    app = web_client(sandbox, sandbox.tokens.app)
    return str(app.apps_connections_open(app_token=sandbox.tokens.app)["url"])


@contextmanager
def connected(sandbox: Sandbox, more: str = "") -> Iterator[tuple[ClientConnection, dict[str, Any]]]:
    with connect(link(sandbox) + more, proxy=None) as socket:
        yield socket, json.loads(socket.recv(5))


@contextmanager
def bolt_over_socket(sandbox: Sandbox, app: App) -> Iterator[SocketModeHandler]:
    handler = SocketModeHandler(app, sandbox.tokens.app)
    handler.connect()  # type: ignore[no-untyped-call]
    try:
        eventually(lambda: sandbox.sockets.count)
        yield handler
    finally:
        # Hung up on first: closed from its own side, the client may wait ten seconds on a socket that is gone.
        handler.client.auto_reconnect_enabled = False
        sandbox.drop_sockets()
        eventually(lambda: not handler.client.is_connected())
        handler.close()  # type: ignore[no-untyped-call]
        gc.collect()


@LEAVES_A_SOCKET
def test_a_bolt_app_answers_a_command_and_a_press_over_socket_mode(sandbox: Sandbox) -> None:
    app = bolt(sandbox)

    @app.command("/pool-stats")
    def on_command(ack: Ack, respond: Respond) -> None:
        ack()
        respond(text="counts", blocks=[actions(button("refresh"))])

    @app.action("refresh")
    def on_press(ack: Ack, respond: Respond) -> None:
        ack()
        respond(text="fresh", replace_original=True)

    with bolt_over_socket(sandbox, app):
        outcome = sandbox.workspace.run_command(YOU, PLATFORM, "/pool-stats")
        [answer] = eventually(lambda: sandbox.workspace.messages(PLATFORM))
        pressed = sandbox.workspace.press(YOU, PLATFORM, answer.ts, action_id="refresh")
        eventually(lambda: sandbox.workspace.messages(PLATFORM)[0].text == "fresh")

    assert outcome.ok
    assert pressed.ok
    assert answer.ephemeral_to == YOU


@LEAVES_A_SOCKET
def test_an_acknowledgement_with_a_payload_is_shown(sandbox: Sandbox) -> None:
    app = bolt(sandbox)

    @app.command("/pool-stats")
    def on_command(ack: Ack) -> None:
        ack(text="at once", response_type="in_channel")

    with bolt_over_socket(sandbox, app):
        sandbox.workspace.run_command(YOU, PLATFORM, "/pool-stats")

    assert [each.text for each in sandbox.workspace.messages(PLATFORM)] == ["/pool-stats", "at once"]


def test_a_connection_begins_with_hello(sandbox: Sandbox) -> None:
    with connected(sandbox) as (_, hello):
        assert hello["type"] == "hello"
        assert hello["num_connections"] == 1
        assert hello["connection_info"]["app_id"] == "A0POOLSTATS"
        assert hello["debug_info"]["approximate_connection_time"] == 3600
    with connected(sandbox, "&debug_reconnects=true") as (_, hello):
        assert hello["debug_info"]["approximate_connection_time"] == 360


def test_an_address_is_good_for_one_connection(sandbox: Sandbox) -> None:
    address = link(sandbox)
    with connect(address, proxy=None) as socket:
        socket.recv(5)
        with pytest.raises(Exception, match="403"), connect(address, proxy=None):
            pass


def test_an_event_over_a_socket_is_repeated_until_it_is_acknowledged(sandbox: Sandbox) -> None:
    sandbox.switches.acknowledge_within = 0.1
    sandbox.switches.retry_after = (0.0, 0.0, 0.0)
    with connected(sandbox) as (socket, _):
        sandbox.workspace.open_home(YOU)
        first, second = (json.loads(socket.recv(5)) for _ in range(2))
        socket.send(json.dumps({"envelope_id": second["envelope_id"]}))
        with pytest.raises(TimeoutError):
            socket.recv(0.5)

    assert first["type"] == "events_api"
    assert (first["retry_attempt"], first["retry_reason"]) == (0, "")
    assert (second["retry_attempt"], second["retry_reason"]) == (1, "timeout")
    assert first["payload"]["event_id"] == second["payload"]["event_id"]
    assert first["envelope_id"] != second["envelope_id"]


def test_without_an_acknowledgement_over_the_socket_the_asker_sees_operation_timeout(sandbox: Sandbox) -> None:
    sandbox.switches.acknowledge_within = 0.1
    with connected(sandbox) as (socket, _):
        outcome = sandbox.workspace.run_command(YOU, PLATFORM, "/pool-stats")
        envelope = json.loads(socket.recv(5))
        socket.send(json.dumps({"envelope_id": envelope["envelope_id"], "payload": {"text": "too late"}}))

    assert envelope["accepts_response_payload"]
    assert outcome.error == "operation_timeout"
    assert "too late" not in [each.text for each in sandbox.workspace.messages(PLATFORM)]


def test_ten_connections_are_the_most(sandbox: Sandbox) -> None:
    with ExitStack() as open_ones:
        hellos = [open_ones.enter_context(connected(sandbox))[1] for _ in range(10)]
        _, said = open_ones.enter_context(connected(sandbox))

    assert [hello["num_connections"] for hello in hellos] == list(range(1, 11))
    assert (said["type"], said["reason"]) == ("disconnect", "too_many_websockets")


def test_a_refresh_warns_first_and_then_ends_the_connection(sandbox: Sandbox) -> None:
    with connected(sandbox) as (socket, _):
        sandbox.refresh_sockets(warning_before=0.05)
        said = [json.loads(socket.recv(5)) for _ in range(2)]
        with pytest.raises(ConnectionClosed):
            socket.recv(5)

    assert [each["reason"] for each in said] == ["warning", "refresh_requested"]


@LEAVES_A_SOCKET
def test_slacks_client_comes_back_after_a_refresh(sandbox: Sandbox) -> None:
    app = bolt(sandbox)
    app.command("/pool-stats")(lambda ack: ack("still here"))
    with bolt_over_socket(sandbox, app):
        sandbox.refresh_sockets()
        # Mostly at once; now and then the client waits ten seconds on the socket it has closed itself.
        eventually(lambda: sandbox.workspace.run_command(YOU, PLATFORM, "/pool-stats").shown == "still here", within=40)

    assert len(sandbox.calls.of("apps.connections.open")) >= 2


def test_a_socket_is_used_before_the_address_and_the_address_when_it_is_gone(sandbox: Sandbox) -> None:
    with connected(sandbox):
        assert sandbox.sockets.count == 1
    eventually(lambda: sandbox.sockets.count == 0)

    assert sandbox.workspace.run_command(YOU, GENERAL, "/pool-stats").error == "dispatch_failed"


def test_a_connection_can_be_reset_or_fall_silent(sandbox: Sandbox) -> None:
    with connected(sandbox) as (socket, _):
        sandbox.drop_sockets("reset")
        with pytest.raises(ConnectionClosed):
            socket.recv(5)
    with connected(sandbox) as (socket, _):
        sandbox.drop_sockets("silence")
        assert not socket.ping().wait(0.2)
        sandbox.drop_sockets("reset")


def test_a_ping_is_answered(sandbox: Sandbox) -> None:
    with connected(sandbox) as (socket, _):
        assert socket.ping().wait(5)


def test_closing_the_workspace_ends_the_connections(sandbox: Sandbox) -> None:
    with connected(sandbox) as (socket, _):
        sandbox.close()
        with pytest.raises(ConnectionClosed):
            socket.recv(5)
    assert sandbox.workspace.bot.id == BOT
