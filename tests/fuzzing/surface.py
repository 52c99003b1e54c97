"""The whole HTTP surface of the bot on one port, and who may sign for what is sent to it."""

import hashlib
import hmac
import http.client
import json
import logging
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from bot.metrics import Metrics
from bot.sandbox.server import Sandbox
from bot.sandbox.teams.stand_in import TeamsStandIn
from bot.web import WebServer, web_app
from tests.databases import sqlite_store
from tests.slack.browsing import running, several
from tests.teams.serving import side, with_keys

PATIENCE = 20.0


@dataclass
class House:
    """The whole surface on one port, and who may sign for it."""

    port: int
    slack: Sandbox
    teams: TeamsStandIn

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}"

    def exchange(self, content: bytes) -> bytes:
        """What comes back for these bytes, after which nothing more is sent."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE) as client:
            said = b""
            try:
                client.sendall(content)
                client.shutdown(socket.SHUT_WR)
                while part := client.recv(65_536):
                    said += part
            except TimeoutError:
                raise
            except OSError:
                pass  # hung up on, perhaps before all was sent
            return said

    def from_slack(self, body: bytes, kind: str) -> int:
        """The status that something of Slack's gets."""
        return self._posted("/slack/events", body, {"Content-Type": kind, **self.signature(body)})

    def signature(self, body: bytes, *, seconds_ago: int = 0) -> dict[str, str]:
        """The headers by which Slack says that this is its own."""
        at = str(int(time.time()) - seconds_ago)  # noqa: TID251 - a signature is made of the real time
        secret = self.slack.tokens.signing_secret.encode()
        signature = hmac.new(secret, f"v0:{at}:".encode() + body, hashlib.sha256).hexdigest()
        return {"X-Slack-Request-Timestamp": at, "X-Slack-Signature": f"v0={signature}"}

    def from_teams(self, activity: dict[str, Any]) -> int:
        """The status that something of Teams' gets."""
        # Only what names the service that the token is for is taken for Teams'.
        service = self.teams.service_url
        token = self.teams.login.inbound_token(service)
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {token}"}
        return self._posted("/api/messages", json.dumps({**activity, "serviceUrl": service}).encode(), headers)

    def _posted(self, path: str, body: bytes, headers: dict[str, str]) -> int:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        try:
            connection.request("POST", path, body, headers)
            return connection.getresponse().status
        finally:
            connection.close()


@contextmanager
def opened(home: Path) -> Iterator[House]:
    """All of it, with a database in this folder."""
    with ExitStack() as kept:
        teams = with_keys(TeamsStandIn())
        kept.enter_context(Sandbox(teams=teams))
        slack = kept.enter_context(several())
        app = kept.enter_context(running(slack, sqlite_store(home)))
        made = kept.enter_context(side(teams, app.engine))
        routes = [*app.parts.routes, made.endpoint]
        server = WebServer(web_app(Metrics(), lambda: {"database": None}, lambda: None, routes), "127.0.0.1", 0)
        kept.callback(server.stop)
        server.start()
        house = House(server.port, slack, teams)
        teams.app_url = house.url
        yield house


def errors_in(caplog: pytest.LogCaptureFixture) -> list[str]:
    """What the test logged as an error, and should not have."""
    told = [record.getMessage() for record in caplog.get_records("call") if record.levelno >= logging.ERROR]
    # Bolt itself stumbles over what only Slack could sign; it is acknowledged, and told, for it may be a fault of ours.
    return [text for text in told if text != "a request of Slack's could not be handled"]
