"""Are alerts scored as the data's own scorer does, and does the benchmark say what it finds?"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.benchmarks.alerts import main
from tests.benchmarks.scoring import Score, scored

HOUR = 3600.0
POOL = {"start": 0, "end": 1000 * HOUR, "score_from": 10 * HOUR, "file": "p.r1.csv"}


def labels(**more: list[dict[str, Any]]) -> dict[str, Any]:
    """One pool with an incident of its queue from hour 20 to hour 21, and what else is said."""
    incident = an_entry(20, 21, kind="flood", notable=20.5 * HOUR)
    return {"pools": {"p": POOL}, "events": [incident], "ignore": [], "decoys": [], **more}


def an_entry(start: float, end: float, *, metric: str = "Queue", **more: object) -> dict[str, Any]:
    """A label from one hour to another."""
    return {"pool": "p", "metric": metric, "start": start * HOUR, "end": end * HOUR, **more}


def queue(given: Mapping[str, Any], *alerts: tuple[float, float | None], strict: bool = False) -> Score:
    """The score of alerts of the queue, each from one hour to another."""
    told = [
        {"pool": "p", "metric": "Queue", "start": start * HOUR, "end": None if end is None else end * HOUR}
        for start, end in alerts
    ]
    return scored(given, told, strict=strict)["Queue"]


@pytest.mark.parametrize(
    ("alerts", "found", "false", "repeated"),
    [
        pytest.param([(20.2, 20.3)], 1, 0, 0, id="within the incident"),
        pytest.param([(21.1, 22)], 1, 0, 0, id="within the grace after it"),
        pytest.param([(21.2, 22)], 0, 1, 0, id="after the grace"),
        pytest.param([(19, 25)], 0, 1, 0, id="open already when it began"),
        pytest.param([(5, 30)], 0, 0, 0, id="before anything is scored"),
        pytest.param([(20.2, 20.3), (20.4, 20.5)], 1, 0, 1, id="told twice"),
        pytest.param([(30, 32), (31, 34), (33, 34)], 0, 1, 0, id="false ones that overlap are one"),
        pytest.param([(30, 31), (31, 32)], 0, 2, 0, id="false ones that do not are two"),
        pytest.param([(30, None), (500, 501)], 0, 1, 0, id="one that never ends"),
    ],
)
def test_an_alert_is_judged_by_when_it_starts(
    alerts: list[tuple[float, float | None]], found: int, false: int, repeated: int
) -> None:
    score = queue(labels(), *alerts)

    assert (score.found, score.false, score.repeated) == (found, false, repeated)


def test_what_is_as_large_as_an_incident_is_ignored_unless_strict() -> None:
    natural = labels(ignore=[an_entry(30, 31, why="natural"), an_entry(40, 41, why="tail of flood")])

    assert (queue(natural, (30.5, 31), (40.5, 41)).ignored, queue(natural, (30.5, 31), (40.5, 41)).false) == (2, 0)
    assert (queue(natural, (30.5, 31), strict=True).ignored, queue(natural, (30.5, 31), strict=True).false) == (0, 1)


def test_a_false_alert_is_put_down_to_its_decoy() -> None:
    with_decoy = labels(decoys=[an_entry(50, 51, kind="purge", metric="both")])

    assert queue(with_decoy, (51.4, 51.45), (51.6, 52)).false_by == {"purge": 1, "background": 1}


def test_the_figures_follow_from_the_counts() -> None:
    score = queue(labels(), (20.8, 21), (30, 31))

    assert (score.precision, score.recall) == (0.5, 1.0)
    assert score.f1 == pytest.approx(2 / 3)
    # Eighteen minutes after it was notable is late.
    assert score.timely_f1 == 0.0
    assert score.delay == pytest.approx(48)
    assert score.false_a_week == pytest.approx(168 / 990)
    assert score.kinds == {"Queue: flood": (1, 1)}


def test_nothing_told_is_all_precision_and_no_recall() -> None:
    score = queue(labels())

    assert (score.precision, score.recall, score.f1, score.delay) == (1.0, 0.0, 0.0, None)


def a_recording(folder: Path) -> Path:
    """A folder with one pool whose queue is flooded on the third day."""
    labelled = folder / "dev" / "labelled"
    labelled.mkdir(parents=True)
    rows = ["timestamp,pool,type,Queue,Running,Completed,Failed"]
    for minute in range(3 * 1440):
        flooded = 4000 <= minute < 4120
        rows.append(f"{minute * 60},p,train,{900 if flooded else 4 + minute % 3},20,0,0")
    (labelled / "p.r1.csv").write_text("\n".join(rows) + "\n")
    incident = an_entry(4000 / 60, 4120 / 60, kind="flood", notable=4000 * 60)
    pools = {"p": POOL | {"end": 3 * 24 * HOUR, "score_from": 48 * HOUR}}
    (labelled / "labels.json").write_text(json.dumps(labels(events=[incident]) | {"pools": pools}))
    return labelled


def test_the_benchmark_prints_how_right_the_shipped_rules_are(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(a_recording(tmp_path))]) == 0

    said = capsys.readouterr().out
    assert "the shipped rules                  1.00 / 1.00 / 1.00 / " in said
    assert "EWMA chart, tuned                  0.81 / 0.90 / 0.73 / 37" in said
    assert "Queue: flood                 1 of 1    1.00" in said
    assert "no scorer of its own" in said


def test_a_scorer_that_says_otherwise_is_an_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    labelled = a_recording(tmp_path)
    figures = dict.fromkeys(
        ("precision", "recall", "f1", "timely_f1", "detected", "false", "duplicates", "ignored", "events",
         "false_per_pool_week", "median_delay_min"), 7,
    )  # fmt: skip
    other = {"Queue": figures, "Failed": figures, "all": figures, "recall_by_kind": {}, "false_by": {}}
    (tmp_path / "score.py").write_text(f"print({json.dumps(json.dumps(other))})\n")

    assert main([str(labelled)]) == 1

    assert "score.py says otherwise: Queue precision: 1.0 here, 7 there" in capsys.readouterr().err


def test_without_labelled_clusters_one_line_says_what_is_missing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(tmp_path)]) == 1

    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert "labels.json is missing" in said
