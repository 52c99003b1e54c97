"""Does the bot's port take and answer what docs/http.yaml says, whoever asks?"""

import json
import re
from collections import Counter
from collections.abc import Iterator
from itertools import cycle
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, quote_plus, urlencode, urlsplit, urlunsplit

import pytest
import requests
import schemathesis
from requests.auth import AuthBase
from schemathesis.core.failures import Failure, MalformedJson
from schemathesis.engine import Status, events, from_schema
from schemathesis.openapi.checks import MissingContentType

from tests.fuzzing import documents
from tests.fuzzing.making import nearly
from tests.fuzzing.surface import PATIENCE, House, errors_in, opened
from tests.slack.browsing import FIRST, install

DESCRIPTION = Path(__file__).parents[2] / "docs/http.yaml"
SIGNED = {"POST /slack/events", "POST /api/messages"}
CHECKS = (
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "unsupported_method",
    "allow_header_conformance",
)
_RESPONSE_URL = re.compile(rb"((?:^|&)response_url=)[^&]*")
_TEAM = re.compile(rb'(team_id(?:=|": ?"))T[0-9A-Z]+')
# Presses, forms and shortcuts in an installed workspace, with something wrong in them; answered on this machine alone.
schemathesis.openapi.format(
    "json",
    nearly(documents.PRESS, documents.SUBMISSION, documents.SHORTCUT).map(
        lambda found: json.dumps(found).replace('"T1"', f'"{FIRST}"').replace('"https://h', '"http://127.0.0.1:9/h')
    ),
)
# What each operation was answered, how often.
Answers = dict[str, Counter[int]]


class Proving(AuthBase):
    """Makes of any request one that Slack, Teams or a browser in the midst of an installation might send."""

    def __init__(self, house: House) -> None:
        self._house = house
        # Slack sends nothing twice at once; of signatures that are good for five minutes each takes another second.
        self._seconds_ago = cycle(range(240))

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        path = urlsplit(request.url or "").path
        if path == "/slack/events":
            self._as_slack(request)
        elif path == "/api/messages":
            self._as_teams(request)
        elif path == "/slack/oauth_redirect":
            self._as_a_browser(request)
        return request

    def _as_slack(self, request: requests.PreparedRequest) -> None:
        body = request.body or b""
        content = body.encode() if isinstance(body, str) else body
        # Answers go to this machine alone.
        content = _RESPONSE_URL.sub(rb"\1" + quote_plus(f"{self._house.url}/nowhere").encode(), content)
        content = _TEAM.sub(rb"\g<1>" + FIRST.encode(), content)
        request.prepare_body(content, None)
        request.headers.update(self._house.signature(content, seconds_ago=next(self._seconds_ago)))

    def _as_teams(self, request: requests.PreparedRequest) -> None:
        service = self._house.teams.service_url
        request.headers["Authorization"] = f"Bearer {self._house.teams.login.inbound_token(service)}"
        try:
            activity = json.loads(request.body or b"")
        except ValueError:
            return
        if isinstance(activity, dict):
            # Only what names the service that the token is for is taken for Teams'.
            request.prepare_body(json.dumps({**activity, "serviceUrl": service}).encode(), None)

    def _as_a_browser(self, request: requests.PreparedRequest) -> None:
        begun = requests.get(f"{self._house.url}/slack/install", allow_redirects=False, timeout=PATIENCE)
        state = begun.cookies["pool-stats-install"]
        parts = urlsplit(request.url or "")
        given = [each for each in parse_qsl(parts.query, keep_blank_values=True) if each[0] != "state"]
        request.url = urlunsplit(parts._replace(query=urlencode([*given, ("state", state)])))
        request.headers["Cookie"] = f"pool-stats-install={state}"


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with opened(tmp_path_factory.mktemp("described")) as house:
        install(house.slack.app_url, FIRST)
        yield house


def _config(house: House, examples: int, *, proving: bool, seed: int | None) -> schemathesis.Config:
    # Among thousands some are the same within minutes, which is refused, and some presses are nothing that Slack sends.
    taken = {"/slack/events": ["200"], "/api/messages": ["200", "501"]} if proving and seed is not None else {}
    found: dict[str, Any] = {
        "base-url": house.url,
        "request-timeout": PATIENCE,
        "max-redirects": 0,
        "workers": 1,
        "continue-on-failure": True,
        "suppress-health-check": ["all"],
        "cache": {"enabled": False},
        "generation": {"max-examples": examples, "database": "none", "deterministic": seed is not None},
        # An error of the server has to be described as anything else.
        "checks": {"enabled": False, **{name: {"enabled": True} for name in CHECKS}},
        "phases": {"stateful": {"enabled": False}},
        "operations": [
            {
                "include-path": path,
                "checks": {"positive_data_acceptance": {"enabled": True, "expected-statuses": statuses}},
            }
            for path, statuses in taken.items()
        ],
    }
    return schemathesis.Config.from_dict(found | ({} if seed is None else {"seed": seed}))


def filter_failure(
    _context: schemathesis.HookContext, failure: Failure, _case: schemathesis.Case[Any], response: schemathesis.Response
) -> bool:
    """Whether it is one: a media type is described of a body, and there may be none."""
    is_of_the_body = isinstance(failure, MissingContentType | MalformedJson)
    return not (is_of_the_body and not response.content and "content-type" not in response.headers)


def _asked(house: House, examples: int, *, proving: bool, seed: int | None = 1) -> Answers:
    """Ask for all that is described, and for what is not.

    Raises:
        AssertionError: Something was not answered as the description says.
    """
    schema = schemathesis.openapi.from_path(DESCRIPTION, config=_config(house, examples, proving=proving, seed=seed))
    schema.validate()
    if proving:
        schema.auth.set_from_requests(Proving(house))
    schema.hook(filter_failure)

    answers: Answers = {}
    wrong: list[str] = []
    for event in from_schema(schema).execute():
        match event:
            case events.ScenarioFinished(recorder=recorder):
                counted = answers.setdefault(recorder.label, Counter())
                counted.update(
                    each.response.status_code for each in recorder.interactions.values() if each.response is not None
                )
                wrong.extend(
                    f"{recorder.label}: {node.failure_info.failure}\n{node.failure_info.code_sample}"
                    for nodes in recorder.checks.values()
                    for node in nodes
                    if node.failure_info is not None
                )
            case events.NonFatalError() | events.FatalError():
                wrong.append(f"{event}: {event.info if isinstance(event, events.NonFatalError) else event.exception}")
            case events.PhaseFinished(status=Status.ERROR):
                wrong.append(f"{event.phase.name} broke off")
            case _:
                pass
    assert not wrong, "\n\n".join(dict.fromkeys(wrong))
    return answers


def test_strangers_are_answered_as_described(house: House, caplog: pytest.LogCaptureFixture) -> None:
    answers = _asked(house, 10, proving=False)

    assert len(answers) == 7
    assert all(set(answers[name]) <= {400, 401, 405} and answers[name][401] for name in SIGNED)
    assert errors_in(caplog) == []


def test_whoever_proves_who_they_are_is_answered_as_described(house: House, caplog: pytest.LogCaptureFixture) -> None:
    answers = _asked(house, 10, proving=True)

    # Refused is what cannot be read, for then it names no service of Teams'.
    assert all(answers[name][200] > 4 * answers[name][401] for name in SIGNED)
    assert answers["GET /slack/oauth_redirect"][502]
    assert errors_in(caplog) == []


@pytest.mark.soak
def test_thousands_of_requests_are_answered_as_described(house: House) -> None:
    for proving in (False, True):
        assert len(_asked(house, 1000, proving=proving, seed=None)) == 7
