"""What a collector of traces sees of the bot, and what the bot makes of one that is not well."""

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from bot.app.traces import connect_traces
from bot.settings.problems import ConfigError
from bot.settings.reading import read
from tests.app.collecting import Collector, Seen, collecting
from tests.app.conftest import House
from tests.running import environment, eventually, pool_stats

socket_only = pytest.mark.parametrize("house", ["socket"], indirect=True)
SECRET = "Bearer abcdefghijkl"


@pytest.fixture
def collector() -> Iterator[Collector]:
    with collecting() as running:
        yield running


def one(spans: list[Seen]) -> Seen:
    (found,) = spans
    return found


@socket_only
def test_a_spike_is_followed_from_the_reading_to_the_post(house: House, collector: Collector) -> None:
    header = f"Authorization={SECRET.replace(' ', '%20')}"
    bot = house.start(
        POOL_STATS_TRACES__ENDPOINT=collector.url, OTEL_EXPORTER_OTLP_HEADERS=header, OTEL_BSP_SCHEDULE_DELAY="200"
    )
    asked = {"user": "U0000000YOU", "channel": "ml-platform", "command": "/pool-stats", "text": "no-such-pool-xyz"}
    assert requests.post(f"{house.sandbox.url}_sandbox/command", json=asked, timeout=10).ok
    house.emulator.set_counts("train-a100", {"train": {"Queue": 60, "Running": 5}})
    told = one_message(house)
    delivery_id = told["metadata"]["event_payload"]["delivery_id"]

    eventually(lambda: collector.spans("answer"), what="the answer")
    posted = eventually(lambda: [s for s in collector.spans("deliver") if s.trace == delivery_id], what="the post")[0]
    assert posted.facts["pool_stats.platform"] == "slack"
    assert posted.facts["pool_stats.outcome"] == "sent"
    assert posted.facts["pool_stats.alert"] == told["metadata"]["event_payload"]["alert_id"]
    assert not posted.parent

    leads = lambda: [s for s in collector.spans() if (posted.trace, posted.id) in s.leads_to]  # noqa: E731
    judged = eventually(leads, what="what led to it")[0]
    reading = one([s for s in collector.spans("poll") if s.trace == judged.trace])
    assert judged.name == "judge and store"
    assert judged.parent == reading.id
    assert reading.facts["pool_stats.pool"] == house.emulator.engine.pools()[0].id
    assert reading.facts["pool_stats.outcome"] == "ok"
    request = one([s for s in collector.spans("ask ModelArts") if s.trace == reading.trace])
    assert request.parent == reading.id
    assert (request.facts["http.request.method"], request.facts["http.response.status_code"]) == ("GET", 200)
    assert one(collector.spans("answer")).facts == {
        "pool_stats.command": "/pool-stats",
        "pool_stats.outcome": "answered",
    }

    assert bot.stop() == 0
    assert {path for path, _, _ in collector.requests} == {"/v1/traces"}
    assert {head["authorization"] for _, head, _ in collector.requests} == {SECRET}
    assert collector.about()["service.name"] == "pool-stats"
    sent = b"".join(body for _, _, body in collector.requests)
    hidden = [house.env[name] for name in ("HUAWEICLOUD_SDK_AK", "HUAWEICLOUD_SDK_SK", "SLACK_BOT_TOKEN")]
    for each in [*hidden, SECRET, "no-such-pool-xyz", "U0000000YOU"]:
        assert each.encode() not in sent, each
    assert SECRET not in bot.said


def one_message(house: House) -> dict[str, dict[str, dict[str, str]]]:
    (told,) = eventually(house.messages, what="the alert")
    return dict(told)


@socket_only
def test_a_collector_that_fails_or_hangs_is_told_once_and_holds_up_nothing(house: House, collector: Collector) -> None:
    collector.status = 400
    bot = house.start(OTEL_EXPORTER_OTLP_ENDPOINT=collector.url, OTEL_BSP_SCHEDULE_DELAY="100")
    eventually(lambda: "does not take the traces (it answers 400)" in bot.said, what="the word")
    collector.status = 200
    eventually(lambda: "no longer so" in bot.said, what="the end of it")
    collector.status = 400
    eventually(lambda: bot.said.count("does not take the traces") == 2, what="the second word")
    collector.may_answer.clear()
    house.emulator.set_counts("train-a100", {"train": {"Queue": 60, "Running": 5}})
    eventually(house.messages, what="the alert")

    began = time.monotonic()
    assert bot.stop() == 0
    assert time.monotonic() - began < 10
    assert bot.said.count("does not take the traces") == 2
    assert "Traceback" not in bot.said


def test_nothing_of_it_is_imported_unless_it_is_configured() -> None:
    program = "import sys, bot.app.bot; print([name for name in sys.modules if name.startswith('opentelemetry')])"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"


def test_without_the_extra_it_is_one_sentence_that_says_what_to_install(tmp_path: Path) -> None:
    # As where only the product itself is installed.
    lacking = "import sys\nsys.modules['opentelemetry'] = None\n"
    (tmp_path / "sitecustomize.py").write_text(lacking, encoding="utf-8")
    env = environment(tmp_path, PYTHONPATH=str(tmp_path), POOL_STATS_MODELARTS__REGION="cn-north-4")
    env |= {"HUAWEICLOUD_SDK_AK": "AK", "HUAWEICLOUD_SDK_SK": "SK"}

    for named in (
        {"POOL_STATS_TRACES__ENDPOINT": "http://collector:4318"},
        {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://c:4318"},
    ):
        for command in ("run", "check"):
            done = pool_stats(command, env=env | named)
            assert done.returncode == 2, done.stderr
            assert "pip install 'pool-stats-bot[traces]'" in done.stderr
            assert "Traceback" not in done.stderr
    assert pool_stats("check", env=env | named | {"OTEL_SDK_DISABLED": "true"}).returncode == 0


@pytest.mark.parametrize(
    ("environ", "said"),
    [
        pytest.param({"POOL_STATS_TRACES__ENDPOINT": "http://me:pw@c:4318"}, "belong in no address", id="a password"),
        pytest.param({"OTEL_EXPORTER_OTLP_ENDPOINT": "collector:4318"}, "is not an address", id="no address"),
        pytest.param(
            {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://c:4317", "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"}, "4318", id="gRPC"
        ),
        pytest.param(
            {"POOL_STATS_TRACES__ENDPOINT": "http://c:4318", "OTEL_EXPORTER_OTLP_HEADERS": "api-key=x"},
            "use https",
            id="a key in the clear",
        ),
        pytest.param(
            {"POOL_STATS_TRACES__ENDPOINT": "https://c:4318", "OTEL_EXPORTER_OTLP_HEADERS": "sesame"},
            "name=value",
            id="no headers",
        ),
    ],
)
def test_what_cannot_be_right_is_said_at_the_start(environ: dict[str, str], said: str) -> None:
    with pytest.raises((ValueError, ConfigError), match=said) as caught:
        connect_traces(read(None, environ))

    assert "sesame" not in str(caught.value)
    assert "pw" not in str(caught.value)


def test_a_key_may_come_from_a_file_and_is_a_secret(tmp_path: Path) -> None:
    (tmp_path / "headers").write_text("api-key=abc%2Fdef\n", encoding="utf-8")
    config = read(None, {"OTEL_EXPORTER_OTLP_HEADERS_FILE": str(tmp_path / "headers")})

    assert {"api-key=abc%2Fdef", "abc%2Fdef", "abc/def"} <= set(config.secrets())
