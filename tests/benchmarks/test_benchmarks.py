"""Does every benchmark run, find what it says it finds, and measure against work that is really done?"""

import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from bot.clock import Clock
from tests.benchmarks import ack, asking, chart, fleets, latency, poll, post, replay, rules, start, store, storm
from tests.benchmarks.figures import Costs, Report, in_turn
from tests.benchmarks.lines import ROOT, line
from tests.benchmarks.poll import KEYS, PROJECT
from tests.benchmarks.straight import Straight

tls = pytest.mark.skipif(shutil.which("openssl") is None, reason="makes its certificate with openssl")


def _of_a_fleet() -> Report:
    report = Report("fleets")
    fleets.fleet(report, 2, days=1, rules={"the shipped rules": None})
    return report


@pytest.mark.parametrize(
    "measure",
    [
        pytest.param(lambda: poll.measure(pools=3, rounds=1, threads=(2,), sdk=False), id="poll", marks=tls),
        pytest.param(lambda: store.measure(pools=3, ticks=40, week=20, rounds=1), id="store"),
        pytest.param(lambda: rules.measure(days=2, minutes_a_day=60, pools=3, known=1), id="rules"),
        pytest.param(lambda: replay.measure(days=1, rounds=1, pools=0), id="replay"),
        pytest.param(_of_a_fleet, id="fleets"),
        pytest.param(lambda: ack.measure(commands=3, rounds=1, pools=3, every=1), id="ack", marks=tls),
        pytest.param(lambda: post.measure(posts=2, rounds=1), id="post", marks=tls),
        pytest.param(lambda: start.measure(rounds=1, first=False, window=0.2, pools=3), id="start"),
        pytest.param(lambda: chart.measure(minutes=200, rounds=1, charts=1), id="chart"),
        pytest.param(lambda: latency.measure(every=1, trials=2), id="latency"),
        pytest.param(lambda: storm.measure(pools=10, alerts=12), id="storm", marks=tls),
        pytest.param(lambda: asking.measure(pools=30, week=60, rounds=1, answers=1), id="asking"),
    ],
)
def test_a_benchmark_tells_costs_beside_a_floor_of_the_same_run(measure: Callable[[], Report]) -> None:
    report = measure()

    assert [row for row in report.rows if row.ratio is not None]
    for row in report.rows:
        assert row.what in str(report)


@tls
def test_a_tick_of_the_straight_script_keeps_what_the_server_said(tmp_path: Path) -> None:
    with line() as at:
        script = Straight(
            at.url, PROJECT, KEYS.access_key, KEYS.secret_key, tmp_path / "db", threads=2, wall=Clock().wall
        )
        script.tick(["a", "b"], 60)
        script.close()

    with closing(sqlite3.connect(tmp_path / "db")) as db:
        rows = db.execute("SELECT pool, type, running, failed FROM wide ORDER BY pool, type").fetchall()
    assert rows == [(pool, kind, 5, 5) for pool in (0, 1) for kind in (1, 2, 3)]


@tls
def test_the_server_counts_each_handshake() -> None:
    with line() as at:
        for _ in range(3):
            script = Straight(
                at.url, PROJECT, "a", "b", Path(at.certificate).with_name("db"), threads=1, wall=Clock().wall
            )
            script.get("a")
            script.get("a")
            script.close()

        assert at.handshakes == 3


def test_variants_run_in_turn_and_the_first_time_is_not_counted() -> None:
    ran: list[str] = []
    seconds = iter(range(100))

    costs = in_turn(
        {"a": lambda: ran.append("a"), "b": lambda: ran.append("b")}, rounds=2, units=2, clock=lambda: next(seconds)
    )

    assert "".join(ran) == "ab" + "ab" + "ba"
    assert costs["a"].rounds == (500, 500)


def test_a_ratio_is_the_median_of_the_rounds() -> None:
    assert Costs((2.0, 8.0, 9.0)).over(Costs((1.0, 2.0, 1.0))) == 4.0


def test_a_name_that_is_no_benchmark_is_told() -> None:
    done = subprocess.run([sys.executable, "-m", "tests.benchmarks", "pol"], cwd=ROOT, capture_output=True, text=True)

    assert done.returncode == 2
    assert "there is no benchmark pol" in done.stderr
