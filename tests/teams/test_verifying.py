"""Is nothing taken that Teams did not send?"""

import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import jwt
import pytest
import requests

from bot.sandbox.teams.model import YOU
from bot.sandbox.teams.stand_in import TeamsStandIn
from bot.teams.verifying import Intruder, Unverifiable, Verifier
from tests.teams.serving import Side, keys, verifier_of

SERVICE = "https://smba.trafficmanager.net/emea/"


def _token(teams: TeamsStandIn, *, key: Any = None, kid: str | None = None, alg: str = "RS256", **other: Any) -> str:
    now = int(time.time())  # noqa: TID251 - the validator reads the real clock
    claims = {
        "iss": teams.login.issuer,
        "aud": teams.tenant.credentials.client_id,
        "iat": now,
        "nbf": now,
        "exp": now + 600,
        "serviceurl": SERVICE,
    }
    said = {name: value for name, value in (claims | other).items() if value is not None}
    ours = keys()[1]
    return jwt.encode(said, key if key is not None else ours.private, algorithm=alg, headers={"kid": kid or ours.kid})


def _expired(seconds: int) -> int:
    return int(time.time()) - seconds  # noqa: TID251 - likewise


def test_what_teams_sends_is_taken(teams: TeamsStandIn) -> None:
    bot = teams.tenant.credentials.client_id
    verifier = verifier_of(teams)

    verifier.check(f"Bearer {_token(teams)}", SERVICE)
    verifier.check(f"Bearer {_token(teams, aud=f'api://botid-{bot}')}", SERVICE)
    # Clocks differ: Teams' documents allow five minutes.
    verifier.check(f"Bearer {_token(teams, exp=_expired(240))}", SERVICE)


@pytest.mark.parametrize(
    "wrong",
    [
        pytest.param(lambda _: "", id="no token"),
        pytest.param(lambda _: "Bearer xx", id="garbage"),
        pytest.param(lambda teams: f"Basic {_token(teams)}", id="not a bearer token"),
        pytest.param(lambda teams: f"Bearer {_token(teams, aud='another bot')}", id="for another bot"),
        pytest.param(lambda teams: f"Bearer {_token(teams, iss='https://evil.example')}", id="by another issuer"),
        pytest.param(lambda teams: f"Bearer {_token(teams, exp=_expired(600))}", id="expired ten minutes ago"),
        pytest.param(lambda teams: f"Bearer {_token(teams, exp='soon')}", id="that never says when it ends"),
        pytest.param(lambda teams: f"Bearer {_token(teams, serviceurl='https://evil.example/')}", id="another service"),
        pytest.param(lambda teams: f"Bearer {_token(teams, serviceurl=None)}", id="no service at all"),
        pytest.param(lambda teams: f"Bearer {_token(teams, key=keys()[0].private)}", id="by another key"),
        pytest.param(lambda teams: f"Bearer {_token(teams, kid='unknown')}", id="by a key nobody knows"),
        pytest.param(lambda teams: f"Bearer {_token(teams, alg='none', key='')}", id="by nobody"),
        pytest.param(
            lambda teams: f"Bearer {_token(teams, alg='HS256', key='x' * 32)}", id="with a secret in place of a key"
        ),
        pytest.param(
            lambda teams: f"Bearer {_token(teams, iss='https://sts.windows.net/t/', tid='t')}", id="by the directory"
        ),
    ],
)
def test_what_anybody_else_sends_is_not(teams: TeamsStandIn, wrong: Any) -> None:
    with pytest.raises(Intruder):
        verifier_of(teams).check(wrong(teams), SERVICE)


def test_a_request_that_names_no_service_is_not_taken_for_then_nothing_would_be_compared(teams: TeamsStandIn) -> None:
    with pytest.raises(Intruder):
        verifier_of(teams).check(f"Bearer {_token(teams)}", "")


def test_an_intruder_hears_401_and_nothing_is_done(bot: Side) -> None:
    person = bot.teams.tenant.person(YOU)
    assert person is not None
    place = bot.teams.tenant.personal(YOU)
    activity = bot.teams.composer.message(person, place, "train-a100", post_id="1")

    foreign = bot.teams.login.inbound_token("https://evil.example/")

    assert bot.teams.courier.post(activity, within=5, token="").status == 401
    assert bot.teams.courier.post(activity, within=5, token=foreign).status == 401
    assert bot.bot.asked == []


def test_the_keys_are_fetched_once_and_not_again_for_every_unknown_one(teams: TeamsStandIn) -> None:
    with _Keys(teams) as counted:
        verifier = Verifier(
            teams.tenant.credentials.client_id,
            openid_metadata_url=f"{counted.url}/openidconfiguration",
            token_issuer=teams.login.issuer,
        )
        for _ in range(5):
            verifier.check(f"Bearer {_token(teams)}", SERVICE)
        for number in range(5):
            with pytest.raises(Intruder):
                verifier.check(f"Bearer {_token(teams, kid=f'k{number}')}", SERVICE)

    assert counted.fetched == 1


def test_while_the_keys_cannot_be_had_nobody_is_called_an_intruder(teams: TeamsStandIn) -> None:
    verifier = Verifier("app", openid_metadata_url="http://127.0.0.1:9/openidconfiguration", token_issuer="i")

    with pytest.raises(Unverifiable):
        verifier.check(f"Bearer {_token(teams, iss='i', aud='app')}", SERVICE)


class _Keys:
    """The key set of the stand-in, once more, counting who asks."""

    def __init__(self, teams: TeamsStandIn) -> None:
        content = requests.get(f"{teams.base_url}/v1/.well-known/keys", timeout=10).content
        counted = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                counted.fetched += 1
                self.send_response(200)
                self.send_header("content-length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_: object) -> None:
                """Says nothing."""

        self.fetched = 0
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    def __enter__(self) -> "_Keys":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)
