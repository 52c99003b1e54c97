"""Does the stand-in alone say where it is, serve, and stop when told?"""

import http.client
import io
import os
import signal
import subprocess
import sys
import threading
from urllib.parse import urlsplit

import pytest

from bot.emulator import Emulator, serve
from bot.emulator.serve import build_engine
from tests.emulator.asking import Hands

ENVIRONMENT = [
    "POOL_STATS_MODELARTS__ENDPOINT",
    "HUAWEICLOUD_SDK_AK",
    "HUAWEICLOUD_SDK_SK",
    "HUAWEICLOUD_SDK_PROJECT_ID",
]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_prints_its_environment_and_stops_at_a_signal(number: signal.Signals) -> None:
    code = "from bot.emulator import serve; serve(scenario='calm')"
    with subprocess.Popen(
        [sys.executable, "-W", "error", "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        told = dict(process.stdout.readline().rstrip("\n").split("=", 1) for _ in ENVIRONMENT)
        address = urlsplit(told["POOL_STATS_MODELARTS__ENDPOINT"])
        connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=10)
        connection.request("GET", "/")
        assert connection.getresponse().status == 404
        connection.close()

        process.send_signal(number)

        assert process.wait(10) == 0
        assert process.stdout.read() == ""
        assert process.stderr.read() == ""
    assert list(told) == ENVIRONMENT


def test_it_stops_when_its_event_is_set() -> None:
    stop, out = threading.Event(), io.StringIO()
    stop.set()

    serve(speed=60, out=out, stop=stop)

    assert [line.partition("=")[0] for line in out.getvalue().splitlines()] == ENVIRONMENT


def test_a_taken_port_is_an_error_and_nothing_is_printed(emulator: Emulator) -> None:
    out = io.StringIO()

    with pytest.raises(OSError, match="in use"):
        serve(emulator.port, scenario="calm", out=out)
    assert out.getvalue() == ""


def test_a_trace_and_a_scenario_exclude_each_other() -> None:
    with pytest.raises(ValueError, match="exclude each other"):
        serve(trace="demo", scenario="calm")


def test_an_impossible_speed_is_an_error() -> None:
    with pytest.raises(ValueError, match="speed 0 is not between"):
        serve(scenario="calm", speed=0)


def test_a_scenario_runs_as_fast_as_told(hands: Hands) -> None:
    engine = build_engine(scenario="queue-growth", speed=60, clock=hands)
    pool = engine.pools()[0].id
    before = engine.counts(pool)["train"]["Queue"]

    hands.turn(seconds=9)

    assert engine.counts(pool)["train"]["Queue"] >= before + 40


def test_it_needs_nothing_of_the_rest_of_the_product() -> None:
    code = (
        "import sys; import bot.emulator; "
        "print(sorted(name for name in sys.modules if name.startswith('bot.') and not name.startswith('bot.emulator')))"
    )

    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=dict(os.environ), timeout=60
    )

    assert done.stdout.strip() == "[]"
