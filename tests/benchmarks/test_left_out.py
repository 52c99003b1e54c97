"""Are constants chosen as it is said, and does the quick way of judging say what the shipped rules say?"""

import json
from collections.abc import Mapping
from itertools import count
from pathlib import Path

import pytest

from bot.core.judge import replay
from bot.core.rules.model import SHIPPED, SpikeRule
from bot.replay.recorded import readings
from tests.benchmarks.designs import Choice, Grid, Setting
from tests.benchmarks.left_out import GRIDS, SHIPPED_CONSTANTS, main
from tests.benchmarks.taped import tapes, told

HOUR = 3600
DAYS = 3
TWO = (Choice("a", (1, 2, 3)), Choice("b", (1, 2, 3)))


def both(a: int, b: int) -> Setting:
    """A setting of two constants."""
    return (("a", a), ("b", b))


def test_a_plateau_is_chosen_and_not_a_peak() -> None:
    figures = {both(a, b): 0.5 for a in (1, 2, 3) for b in (1, 2, 3)}
    figures |= {both(1, 3): 0.9, both(3, 1): 0.8, both(3, 2): 0.8, both(2, 1): 0.8}

    assert Grid(TWO, ()).chosen(lambda setting: (figures[setting], {})) == both(3, 1)


@pytest.mark.parametrize(
    ("gains", "value"),
    [
        pytest.param({"x": 0.02, "y": 0.03, "z": 0.02}, 3, id="all clusters say so"),
        pytest.param({"x": 0.30, "y": -0.10, "z": -0.10}, 2, id="one cluster says so"),
    ],
)
def test_a_constant_leaves_the_middle_only_if_the_clusters_agree(gains: dict[str, float], value: int) -> None:
    alone = Choice("c", (1, 2, 3))

    def measured(setting: Setting) -> tuple[float, Mapping[str, float]]:
        gained = gains if setting == (("c", 3),) else dict.fromkeys(gains, -0.1 * (setting == (("c", 1),)))
        return 0.8 + sum(gained.values()) / 3, {name: 0.8 + gain for name, gain in gained.items()}

    assert Grid(TWO, (alone,)).chosen(measured)[-1] == ("c", value)


@pytest.mark.parametrize("metric", GRIDS)
def test_every_value_to_try_is_one_that_the_rule_takes(metric: str) -> None:
    shipped = SHIPPED_CONSTANTS[metric]

    for choice in GRIDS[metric].choices:
        assert type(choice.middle) is type(getattr(shipped, choice.name))
        assert choice.values[0] < choice.values[1] < choice.values[2]


def recorded(folder: Path) -> Path:
    """Two clusters with a pool each: its queue is flooded and jobs fail on the third day."""
    pools, events = {}, []
    for number, name in enumerate(("north", "south")):
        flood, burst = 3500 + 60 * number, 3900 + 60 * number
        rows = ["timestamp,pool,type,Queue,Running,Completed,Failed"]
        for minute in range(DAYS * 1440):
            queue = 90 if flood <= minute < flood + 150 else (minute * 7 + number) % 5
            failed = minute // 400 + 15 * (minute >= burst)
            rows.append(f"{minute * 60},{name},train,{queue},20,{minute // 2},{failed}")
        (folder / f"{name}.r1.csv").write_text("\n".join(rows) + "\n")
        pools[name] = {"start": 0, "end": DAYS * 24 * HOUR, "score_from": 48 * HOUR, "file": f"{name}.r1.csv"}
        for metric, start, end in (("Queue", flood, flood + 150), ("Failed", burst, burst + 2)):
            label = {"pool": name, "metric": metric, "kind": "some", "start": start * 60, "notable": start * 60}
            events.append(label | {"end": end * 60})
    labels = {"pools": pools, "events": events, "ignore": [], "decoys": []}
    (folder / "labels.json").write_text(json.dumps(labels))
    return folder


def test_the_quick_way_of_judging_tells_what_the_shipped_rules_tell(tmp_path: Path) -> None:
    files = sorted(recorded(tmp_path).glob("*.csv"))
    for rule in SHIPPED:
        assert isinstance(rule, SpikeRule)
        ids = count(1)
        live = [alert for file in files for alert in replay([rule], readings(file), new_id=lambda: str(next(ids)))]  # noqa: B023 - called at once

        quick = told(rule, SHIPPED_CONSTANTS[str(rule.metric)], tapes(files, rule))

        assert live
        assert [(each["pool"], each["start"], each["end"]) for each in quick] == [
            (alert.pool.name, alert.began_at.timestamp(), alert.resolved_at and alert.resolved_at.timestamp())
            for alert in live
        ]


def test_what_comes_out_is_printed_beside_the_bar(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(recorded(tmp_path)), "--quick", "--processes", "2"]) == 0

    said = capsys.readouterr().out
    assert "clusters: north (1 pools), south (1 pools)" in said
    assert "Queue   1.000 ≥ 0.86   reached" in said
    assert "timely  1.000 ≥ 0.83   reached" in said


def test_without_labels_one_line_says_what_is_missing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(tmp_path)]) == 1

    assert "labels.json is missing" in capsys.readouterr().err
