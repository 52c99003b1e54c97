"""Is whatever comes from outside understood, or refused in words?

In `make soak` there are 100,000 inputs in all.
"""

import gzip
import math
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

import pytest
import requests
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from bot.cli.failing import Failure
from bot.cli.testing import test as run_suites
from bot.core.because import from_kept, said
from bot.core.command import POOL_ALERTS, POOL_DIGEST, POOL_STATS, Asker, parse
from bot.core.digest_words import parse_digest
from bot.core.durations import parse_duration
from bot.core.mine import about_mine
from bot.core.planning_words import planning
from bot.core.routes import parse_place
from bot.core.rule_text import parse_rule
from bot.core.silence_words import silence_words
from bot.core.spoken import spoken
from bot.core.stats import Pool
from bot.cron import Cron
from bot.messages import form, model
from bot.messages.examples import examples
from bot.modelarts.errors import ModelArtsError, UnexpectedAnswer
from bot.modelarts.failures import clock_skew, failure
from bot.modelarts.listings import PoolElement, PoolList, RuntimeList, WorkloadList, understood
from bot.modelarts.transport import Answer, Request
from bot.modelarts.wire import parsed, read_statistics
from bot.replay.notation import parse_series
from bot.replay.recorded import readings
from bot.replay.table import BadSamples
from bot.settings.problems import ConfigError
from bot.settings.reading import read
from bot.slack import asking, blocks, heard
from bot.slack.oauth import SlackOAuth
from bot.slack.web import SlackError
from bot.slack.whose import ids_of
from bot.teams import activities, cards, forms
from bot.teams.words import command_in
from tests.fuzzing import documents
from tests.fuzzing.making import bodies, nearly, spoilt, texts

# What is long is tried as well; only showing it would be dear.
pytestmark = pytest.mark.filterwarnings("ignore:Generating overly large repr")
NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
POOL = Pool("pool-1", "train-a100")
ASKER = Asker("slack", "T1", "C1", "U1")
SECRET = "sEcReT-0123456789"
LONGEST_ERROR = 2000


@contextmanager
def refusing(*errors: type[Exception]) -> Iterator[None]:
    """What cannot be used is refused with one of these, in words that a person can read."""
    try:
        yield
    except errors as error:
        told = str(error)
        assert "Traceback" not in told
        assert SECRET not in told


def statistics(body: bytes) -> None:
    with refusing(UnexpectedAnswer):
        counted = read_statistics(body, POOL, NOON)
        assert all(count >= 0 for each in counted.types.values() for count in each.status.values())


def listings(body: bytes) -> None:
    with refusing(UnexpectedAnswer):
        understood(parsed(PoolList, body).to_details())
    with refusing(UnexpectedAnswer):
        parsed(PoolElement, body).to_details()
    with refusing(UnexpectedAnswer):
        parsed(WorkloadList, body).to_workloads()
    with refusing(UnexpectedAnswer):
        parsed(RuntimeList, body).to_loads()


def refusals(given_: tuple[int, Mapping[str, str], bytes]) -> None:
    status, headers, body = given_
    answer = Answer(status, requests.structures.CaseInsensitiveDict(headers), body + SECRET.encode())
    found = failure(Request("GET", "https://x", "/v1"), answer, secrets=(SECRET,), at=NOON)
    assert found is None or isinstance(found, ModelArtsError)
    assert SECRET not in str(found)
    assert len(str(found)) < LONGEST_ERROR
    clock_skew(answer, NOON)


def commands(text: str) -> None:
    for command in (POOL_STATS, POOL_ALERTS, POOL_DIGEST):
        parse(command, text)
        planning(command, text)
        silence_words(command, text)
        about_mine(command, text)
    spoken(text)
    command_in(text, ("<at>bot</at>", text[:5]))


def notations(text: str) -> None:
    with refusing(ValueError):
        parse_rule(text)
    with refusing(ValueError):
        parse_digest(text, zone="Asia/Shanghai")
    with refusing(ValueError):
        parse_duration(text)
    with refusing(ValueError):
        parse_series(text)
    with refusing(ValueError):
        parse_place(text)
    with refusing(ValueError):
        Cron(text, "Europe/Berlin")
    with refusing(ValueError):
        Cron("0 9 * * *", text)


def configuration(given_: tuple[bytes, Mapping[str, str]]) -> None:
    content, environ = given_
    with written(content, "pool-stats.yaml") as path, refusing(ConfigError):
        read(path, {**environ, "SLACK_SIGNING_SECRET": SECRET, "HUAWEICLOUD_SDK_SK": SECRET})


def suites(content: bytes) -> None:
    with written(content, "rules.yaml") as path, redirect_stdout(StringIO()), refusing(Failure):
        run_suites([path])


def samples(content: bytes) -> None:
    with written(content, "samples.csv") as path, refusing(BadSamples):
        for reading in readings(path):
            assert reading.taken_at.tzinfo is not None


def slack_payloads(body: dict[str, Any]) -> None:
    asking.typed(body)
    asking.press(body)
    asking.shortcut(body)
    asking.submission(body)
    heard.heard(body)
    heard.opened(body)
    heard.event_id(body)
    ids_of(body)


def slack_answers(body: bytes) -> None:
    with requests.Session() as session:
        session.mount("https://", _Says(body))
        oauth = SlackOAuth("https://slack.example/api/", "id", SECRET, session)
        with refusing(SlackError):
            oauth.granted("code")
        with refusing(SlackError):
            oauth.renewed("refresh")


def teams_activities(body: dict[str, Any]) -> None:
    activities.read(body)
    forms.returned(body, "Asia/Shanghai")
    value = body.get("value")
    if isinstance(value, dict) and isinstance(value.get("data"), dict):
        forms.returned(value["data"])


def stored(body: bytes) -> None:
    text = body.decode("utf-8", "replace")
    with refusing(ValidationError):
        message = model.from_json(text)
        blocks.payload(message)
        cards.card(message)
    with refusing(ValidationError):
        form.from_json(text)
    assert isinstance(said(from_kept(text)), str)


class _Says(requests.adapters.BaseAdapter):
    """Answers every request with the same body."""

    def __init__(self, body: bytes) -> None:
        super().__init__()
        self._body = body

    def send(self, request: requests.PreparedRequest, *_: Any, **__: Any) -> requests.Response:
        answer = requests.Response()
        answer.status_code, answer.raw, answer.request = 200, BytesIO(self._body), request
        answer.headers["x-oauth-scopes"] = "commands"
        return answer

    def close(self) -> None:
        """Nothing is open."""


def _dumped(data: Any) -> bytes:
    return yaml.safe_dump(data, allow_unicode=True).encode("utf-8", "surrogatepass")


@contextmanager
def written(content: bytes, name: str) -> Iterator[Path]:
    """The content as a file."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(content)
        yield path


WORDS = (
    "help", "train-a100", "why", "jobs", "chart", "24h", "7d", "compare", "rules", "add", "test", "silence",
    "silences", "for",
    "2h", "until", "log", "export", "drill", "now", "remove", "Queue", "above", "50", "spike", "hold", "10m", "pools",
    "train-*",
    "daily", "09:00", "weekdays", "mine", "all", "in", "Asia/Shanghai", "alerts", "digest", "called", "*", "0", "0x5",
    "1+1x3",
    "_", "stale", "slack:#a", "teams:A/B", "mon-fri", "@every", "L", "31", "2",
    "train-a100@cn-north-4", "train-*@*", "@", "a@b@c", "@pool-stats",
)  # fmt: skip
said_texts = st.lists(st.sampled_from(WORDS) | texts, max_size=8).map(" ".join) | texts
headers = st.dictionaries(
    st.sampled_from(["Date", "Retry-After", "X-Request-Id", "Content-Type"]),
    st.sampled_from(["0", "-1", "1e9", "Mon, 99 Foo 2026", "Thu, 01 Jan 1970 00:00:00 GMT", "9" * 40])
    | st.text(max_size=20),
)
_YAML = yaml.safe_dump(documents.CONFIGURATION).encode()
yamls = nearly(documents.CONFIGURATION, documents.SEVERAL_ACCOUNTS).map(_dumped) | spoilt(_YAML)
variables = st.dictionaries(
    st.sampled_from(
        [
            "POLL__EVERY",
            "ACCOUNTS",
            "ACCOUNTS__EAST__MAX_RATE",
            "RULES",
            "ROUTES",
            "WEB__PORT",
            "ACCESS",
            "SLACK__MODE",
            "NO__SUCH",
            "POLL",
            "_",
        ]
    ).map("POOL_STATS_".__add__),
    texts.filter(lambda text: "\x00" not in text) | st.sampled_from(["[", "{a: b}", "[{name: x}]", "60s", "{<<: *a}"]),
    max_size=3,
)


@dataclass(frozen=True)
class Door:
    """Something from outside comes in here."""

    name: str
    inputs: st.SearchStrategy[Any]
    take: Callable[[Any], None]


DOORS = [
    Door("ModelArts' counts", bodies(documents.STATISTICS), statistics),
    Door("ModelArts' listings", bodies(documents.POOLS, documents.WORKLOADS, documents.RUNTIME), listings),
    Door("ModelArts' refusals", st.tuples(st.integers(100, 599), headers, bodies(documents.REFUSAL)), refusals),
    Door("commands", said_texts, commands),
    Door("rules and times in words", said_texts, notations),
    Door("the configuration", st.tuples(yamls, variables), configuration),
    Door(
        "tests of rules",
        nearly(documents.SUITE).map(_dumped) | spoilt(yaml.safe_dump(documents.SUITE).encode()),
        suites,
    ),
    Door("samples", spoilt(documents.SAMPLES, gzip.compress(documents.SAMPLES, mtime=0)), samples),
    Door(
        "Slack's payloads",
        nearly(documents.COMMAND, documents.PRESS, documents.SUBMISSION, documents.SHORTCUT, documents.EVENT),
        slack_payloads,
    ),
    Door("Slack's answers", bodies(documents.GRANTED), slack_answers),
    Door("Teams' activities", nearly(*documents.ACTIVITIES), teams_activities),
    Door(
        "the store",
        st.sampled_from([model.to_json(each) for each in examples().values()]).flatmap(lambda t: spoilt(t.encode()))
        | bodies(*({"because": "{a} of {b}", "values": {"a": 1, "b": each}} for each in (2, "x", {"length": 60}))),
        stored,
    ),
]
doors = pytest.mark.parametrize("door", [pytest.param(door, id=door.name) for door in DOORS])


def _knock(door: Door, times: int) -> None:
    @settings(max_examples=times, suppress_health_check=list(HealthCheck))
    @given(door.inputs)
    def check(given_: Any) -> None:
        door.take(given_)

    check()


@pytest.mark.parametrize("document", [documents.CONFIGURATION, documents.SEVERAL_ACCOUNTS])
def test_what_is_spoilt_was_good_so_that_its_depths_are_reached(document: dict[str, Any]) -> None:
    with written(_dumped(document), "pool-stats.yaml") as path:
        read(path, {"SLACK_SIGNING_SECRET": SECRET})


@doors
def test_whatever_comes_is_understood_or_refused_in_words(door: Door) -> None:
    _knock(door, 150)


@pytest.mark.soak
@doors
def test_100_000_inputs_are_understood_or_refused_in_words(door: Door) -> None:
    _knock(door, math.ceil(100_000 / len(DOORS)))
