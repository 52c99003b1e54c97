"""What `pool-stats check --online` proves of Teams, step by step as docs/teams.md takes them."""

import json
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
import requests

from bot.cli import reaching
from bot.sandbox.server import Sandbox
from bot.sandbox.teams.model import ALERTS, YOU
from bot.sandbox.teams.stand_in import TeamsStandIn
from bot.teams.asking import new_session
from tests.running import Running, eventually, free_port, pool_stats
from tests.teams.serving import with_keys


@contextmanager
def answering(status: int) -> Iterator[str]:
    """A server that answers everything with one status."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("content-length", "0")))
            self.send_response(status)
            self.send_header("content-length", "0")
            self.end_headers()

        def do_HEAD(self) -> None:
            self.do_POST()

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (401, None),
        (404, "does not lead to /api/messages"),
        (200, "not the bot (200"),
        (302, "not the bot (302"),
    ],
)
def test_the_address_is_the_bots_where_strangers_are_turned_away(status: int, said: str | None) -> None:
    with answering(status) as address, new_session() as session:
        [(what, problem)] = reaching.messaging_endpoint(session, address)

    assert what.endswith("/api/messages")
    assert problem is None if said is None else said in str(problem)


@pytest.mark.parametrize("status", [502, 503])
def test_a_bot_that_is_not_up_yet_is_no_mistake(status: int, capsys: pytest.CaptureFixture[str]) -> None:
    with answering(status) as address, new_session() as session:
        assert list(reaching.messaging_endpoint(session, address)) == []
        assert list(reaching.messaging_endpoint(session, f"http://127.0.0.1:{free_port()}")) == []

    assert "nothing stands behind" in capsys.readouterr().out


def test_a_name_that_leads_nowhere_is_one() -> None:
    with new_session() as session:
        [(_, problem)] = reaching.messaging_endpoint(session, "https://bot.invalid")

    assert "cannot be reached" in str(problem)


def test_only_the_host_of_a_webhook_is_asked_and_its_secret_is_not_shown(capsys: pytest.CaptureFixture[str]) -> None:
    with answering(404) as address, new_session() as session:
        [(what, problem)] = reaching.webhook(session, f"{address}/workflows/x?sig=secret")
    assert problem is None
    with new_session() as session:
        [(_, problem)] = reaching.webhook(session, "https://flow.invalid/x?sig=secret")

    assert "cannot be reached" in str(problem)
    assert "secret" not in what + str(problem) + capsys.readouterr().out


def test_each_step_is_proven_once_it_is_done(env: dict[str, str], tmp_path: Path) -> None:
    teams = with_keys(TeamsStandIn())
    port = free_port()
    teams.app_url = f"http://127.0.0.1:{port}"
    with Sandbox(teams=teams):
        full = env | teams.environment() | {
            "DATABASE_URL": f"sqlite:///{tmp_path / 'bot.db'}",
            "POOL_STATS_SLACK__MODE": "off",
            "POOL_STATS_TEAMS__MODE": "bot",
            "POOL_STATS_TEAMS__PUBLIC_URL": teams.app_url,
            "POOL_STATS_WEB__PORT": str(port),
            "POOL_STATS_ROUTES": json.dumps([{"to": ["teams:ML Platform/Alerts"]}]),
        }  # fmt: skip
        first = pool_stats("check", "--online", env=full)
        wrong = pool_stats("check", "--online", env=full | {"CLIENT_SECRET": "wrong"})
        bot = Running("run", env=full)
        try:
            eventually(lambda: _is_ready(port), what="readiness")
            nowhere = pool_stats("check", "--online", env=full)
            teams.happening.install(YOU, ALERTS)
            done = eventually(lambda: _proven(full), what="the conversation")
        finally:
            assert bot.stop(signal.SIGTERM) == 0

    assert first.returncode == 0, first.stderr
    assert "ok: Teams lets the bot in" in first.stdout
    assert "note: nothing listens at" in first.stdout
    assert "note: the bot knows no conversation of Teams yet" in first.stdout
    assert wrong.returncode == 1
    assert "Teams lets the bot in" in wrong.stderr
    assert nowhere.returncode == 1
    assert "Teams, ML Platform/Alerts" in nowhere.stderr
    assert f"ok: Teams' way to the bot, {teams.app_url}/api/messages" in done
    assert "ok: Teams, ML Platform/Alerts" in done


def _is_ready(port: int) -> bool:
    try:
        return requests.get(f"http://127.0.0.1:{port}/healthz", timeout=5).status_code == 200
    except requests.ConnectionError:
        return False


def _proven(env: dict[str, str]) -> str:
    """What a check says once nothing is wrong."""
    done = pool_stats("check", "--online", env=env)
    return done.stdout if done.returncode == 0 else ""
