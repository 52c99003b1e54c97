"""`pool-stats test`: unit tests of rules."""

from pathlib import Path

import pytest

from tests.running import environment, pool_stats

RULES = """
rules:
  - {name: long queue, metric: Queue, kind: threshold, above: 50, clear_below: 40, hold_for: 5m, severity: critical}
interval: 1m
tests:
"""
GOOD = """
  - name: a queue is long for five minutes before anybody is told
    series: {train-a100: {train: {Queue: "5x10 60x8 5x5", Running: "20x*"}}}
    expect:
      - {at: 14m, firing: none}
      - {at: 15m, firing: [{rule: long queue, pool: train-a100, value: 60, severity: critical}]}
    alerts:
      - {rule: long queue, start: 15m, end: 18m, peak: 60}
"""
WRONG = """
  - name: a queue is told at once
    series: {train-a100: {train: {Queue: "5x10 60x8 _x2 5x5"}}}
    expect:
      - {at: 12m, firing: [{rule: long queue, pool: train-a100}]}
    alerts: none
"""


def a_file(tmp_path: Path, text: str, name: str = "t.yaml") -> str:
    """A file with this text."""
    (tmp_path / name).write_text(text, encoding="utf-8")
    return str(tmp_path / name)


def test_rules_that_do_what_is_expected_pass_with_a_summary(tmp_path: Path) -> None:
    files = a_file(tmp_path, RULES + GOOD), a_file(tmp_path, RULES + GOOD, "u.yaml")

    done = pool_stats("test", *files, env=environment(tmp_path))

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[-1] == "2 files, 2 tests: 2 passed, 0 failed"
    assert "ok    a queue is long for five minutes before anybody is told" in done.stdout


def test_a_difference_is_shown_with_the_series_around(tmp_path: Path) -> None:
    done = pool_stats("test", a_file(tmp_path, RULES + GOOD + WRONG), env=environment(tmp_path))

    assert (done.returncode, done.stderr) == (1, "")
    assert [line.strip() for line in done.stdout.splitlines()[2:]] == [
        "FAIL  a queue is told at once",
        "firing at 12m:",
        "expected  long queue: train-a100",
        "seen      nothing",
        "around                  8m  9m  10m  11m  12m  13m  14m  15m  16m",
        "train-a100 train Queue   5   5   60   60   60   60   60   60   60",
        "all alerts:",
        "expected  nothing",
        "seen      long queue: train-a100, critical, from 15m, to 20m, peak 60 (Queue 60, above 50)",
        "around                  11m  12m  13m  14m  15m  16m  17m  18m  19m",
        "train-a100 train Queue   60   60   60   60   60   60   60    _    _",
        "1 file, 2 tests: 1 passed, 1 failed",
    ]


@pytest.mark.parametrize(
    ("expected", "status"),
    [
        pytest.param("alerts: [{rule: long queue, end: open}]", 1, id="open, but it ended"),
        pytest.param("alerts: [{rule: long queue, peak: 61}]", 1, id="another peak"),
        pytest.param("alerts: [{rule: long queue}, {rule: long queue}]", 1, id="one alert is not two"),
        pytest.param("alerts: [{rule: long queue, type: train}]", 1, id="all types together are no type"),
        pytest.param("alerts: [{rule: long queue, start: 14m}]", 1, id="another start"),
        pytest.param("alerts: [{rule: long queue, start: 15m}]", 0, id="what is left out does not matter"),
        pytest.param("expect: [{at: 16m, firing: none}]", 1, id="something fires"),
        pytest.param("expect: [{at: 18m, firing: none}]", 0, id="nothing fires any more"),
    ],
)
def test_every_word_of_an_expectation_counts(tmp_path: Path, expected: str, status: int) -> None:
    test = f'  - name: x\n    series: {{p: {{train: {{Queue: "5x10 60x8 5x5"}}}}}}\n    {expected}\n'

    assert pool_stats("test", a_file(tmp_path, RULES + test), env=environment(tmp_path)).returncode == status


def test_rules_may_stand_in_a_file_of_their_own_or_be_the_shipped_ones(tmp_path: Path) -> None:
    a_file(tmp_path, RULES.partition("interval")[0], "rules.yaml")
    own = a_file(tmp_path, "rules_file: rules.yaml\ntests:\n" + GOOD)
    shipped = a_file(
        tmp_path,
        'tests: [{name: x, series: {p: {train: {Queue: "5x300 500x60", Running: "9x*"}}}, '
        "expect: [{at: 5h 30m, firing: [{rule: queue spike}]}]}]",
        "shipped.yaml",
    )

    done = pool_stats("test", own, shipped, env=environment(tmp_path))

    assert (done.returncode, done.stderr) == (0, ""), done.stdout


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param("tests: [", ":1: is not YAML: ", id="no YAML"),
        pytest.param("tests: []", ":1 tests: ", id="no tests"),
        pytest.param(RULES + GOOD.replace("expect:", "expct:"), ":9 tests[0].expct: unknown key 'expct'", id="a typo"),
        pytest.param(
            RULES + GOOD.replace("60x8", "6ox8"),
            ":8 tests[0].series.train-a100.train.Queue: word 2 of the series: '6ox8'",
            id="a word of a series",
        ),
        pytest.param(RULES + GOOD.replace('"20x*"', "0x10"), "in quotes", id="hexadecimal to YAML"),
        pytest.param(RULES + GOOD.replace('"20x*"', '"20x9"'), "Running: has 9 readings, another series", id="short"),
        pytest.param(RULES + GOOD.replace("Running:", "Runing:"), ".series.train-a100.train.Runing", id="status"),
        pytest.param(RULES + GOOD.replace("at: 14m", "at: 40m"), ":10 tests[0].expect[0].at: 40m is after", id="late"),
        pytest.param(RULES + GOOD.replace("at: 14m", "at: soon"), ":10 tests[0].expect[0].at: 'soon' is not", id="at"),
        pytest.param(RULES + GOOD.replace("[{rule: long", "[{rule: lng"), "there is no rule 'lng queue'", id="rule"),
        pytest.param(RULES + GOOD.replace("pool: train", "pool: tarin"), "series of a pool 'tarin-a100'", id="pool"),
        pytest.param(RULES + GOOD.partition("    expect")[0], ":7 tests[0]: nothing is expected", id="no expectation"),
        pytest.param("rules_file: none.yaml\ntests:\n" + GOOD, "none.yaml: cannot be read: there is no", id="file"),
        pytest.param(
            RULES.replace("above: 50", "abve: 50") + GOOD, ":3 rules[0].above: field required", id="a broken rule"
        ),
    ],
)  # fmt: skip
def test_a_broken_file_is_named_with_the_place(tmp_path: Path, text: str, said: str) -> None:
    path = a_file(tmp_path, text)

    done = pool_stats("test", path, env=environment(tmp_path))

    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr.splitlines()[0]
    assert "Traceback" not in done.stderr


def test_a_file_that_is_not_there_is_one_line(tmp_path: Path) -> None:
    done = pool_stats("test", str(tmp_path / "none.yaml"), env=environment(tmp_path))

    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
