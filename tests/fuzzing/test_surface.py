"""Is whatever is sent to the bot's port answered, and never by an error of the server?"""

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fuzzing import documents
from tests.fuzzing.making import nearly, spoilt
from tests.fuzzing.surface import House, errors_in, opened

# What is long is tried as well; only showing it would be dear.
pytestmark = pytest.mark.filterwarnings("ignore:Generating overly large repr")
# What is given where a thing cannot be done, by its name: an invoke that is not known, a database that is away.
NO_ERROR_OF_OURS = {501, 503}
_COMMAND = (
    b"POST /slack/events HTTP/1.1\r\nHost: bot\r\nContent-Type: application/x-www-form-urlencoded\r\n"
    b"Content-Length: 21\r\nX-Slack-Request-Timestamp: 1767225600\r\nX-Slack-Signature: v0=00\r\n\r\n"
    b"command=%2Fpool-stats"
)
_ACTIVITY = (
    b"POST /api/messages HTTP/1.1\r\nHost: bot\r\nAuthorization: Bearer a.b.c\r\nTransfer-Encoding: chunked\r\n\r\n"
    b'22\r\n{"serviceUrl": "https://x", "a":1}\r\n0\r\n\r\n'
)
REQUESTS = (
    b"GET /healthz HTTP/1.1\r\nHost: bot\r\n\r\n",
    b"GET /readyz?x=%00 HTTP/1.1\r\nHost: bot\r\nConnection: keep-alive\r\n\r\nGET /metrics HTTP/1.0\r\n\r\n",
    b"GET /slack/install HTTP/1.1\r\nHost: bot:1\r\nCookie: pool-stats-install=x\r\n\r\n",
    b"GET /slack/oauth_redirect?code=1&state=x HTTP/1.1\r\nHost: bot\r\nCookie: pool-stats-install=x; a=b\r\n\r\n",
    b"GET /slack/oauth_redirect?error=access_denied&state=%C3%A9 HTTP/1.1\r\nHost: bot\r\n\r\n",
    _COMMAND,
    _ACTIVITY,
    b"OPTIONS * HTTP/1.1\r\nHost: bot\r\nExpect: 100-continue\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\n",
)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with opened(tmp_path_factory.mktemp("surface")) as house:
        yield house


@pytest.fixture(autouse=True)
def nothing_is_logged_as_an_error(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    yield
    assert errors_in(caplog) == []


slack_bodies = st.one_of(
    nearly(documents.COMMAND).map(lambda found: (_form(found), "application/x-www-form-urlencoded")),
    nearly(documents.PRESS, documents.SUBMISSION, documents.SHORTCUT).map(
        lambda found: (_form({"payload": _json(found)}), "application/x-www-form-urlencoded")
    ),
    nearly(documents.EVENT).map(lambda found: (_json(found).encode("utf-8", "surrogatepass"), "application/json")),
)


def _form(found: Any) -> bytes:
    return urlencode(found if isinstance(found, dict) else {"payload": _json(found)}, errors="replace").encode()


def _json(found: Any) -> str:
    return json.dumps(found, ensure_ascii=True)


def _any_bytes(house: House, times: int) -> None:
    @settings(max_examples=times, suppress_health_check=list(HealthCheck))
    @given(spoilt(*REQUESTS))
    def check(content: bytes) -> None:
        for line in house.exchange(content).split(b"\r\n"):
            if line.startswith(b"HTTP/1.1 "):
                status = int(line.split()[1])
                assert status < 500 or status in NO_ERROR_OF_OURS, line

    check()


def _signed_by_slack(house: House, times: int) -> None:
    @settings(max_examples=times, suppress_health_check=list(HealthCheck))
    @given(slack_bodies)
    def check(sent: tuple[bytes, str]) -> None:
        assert house.from_slack(*sent) < 500

    check()


def _signed_by_teams(house: House, times: int) -> None:
    @settings(max_examples=times, suppress_health_check=list(HealthCheck))
    @given(nearly(*documents.ACTIVITIES))
    def check(sent: dict[str, Any]) -> None:
        status = house.from_teams(sent)
        assert status < 500 or status in NO_ERROR_OF_OURS

    check()


def test_any_bytes_are_answered_or_hung_up_on(house: House) -> None:
    _any_bytes(house, 100)


def test_whatever_slack_signs_is_taken_or_refused(house: House) -> None:
    _signed_by_slack(house, 60)


def test_whatever_teams_signs_is_taken_or_refused(house: House) -> None:
    _signed_by_teams(house, 60)


@pytest.mark.soak
def test_thousands_of_requests_are_answered_or_hung_up_on(house: House) -> None:
    _any_bytes(house, 5000)
    _signed_by_slack(house, 2000)
    _signed_by_teams(house, 2000)
