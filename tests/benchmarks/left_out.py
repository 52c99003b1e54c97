"""How right is the spike rule on a cluster that its constants were not chosen on?

`python -m tests.benchmarks.left_out [FOLDER] [--quick]`. Each cluster is left out in turn: every constant that was
chosen on data is chosen again on the others, from a declared grid and by a fixed measure, and judged on the one left
out. Two recordings of one machine are one cluster. What is shipped is the middle of most ranges, and was found with all
clusters in view: how the rule is made cannot be left out, only its numbers.
"""

import argparse
import os
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from functools import cache
from multiprocessing import get_context
from multiprocessing.pool import Pool
from pathlib import Path
from typing import Any

from bot.core.rules.model import SHIPPED, SpikeRule
from bot.core.rules.spike_constants import ADDED, LEVEL
from tests.benchmarks.alerts import LABELLED, CannotScore, labels_of, progress
from tests.benchmarks.designs import Choice, Grid, Setting
from tests.benchmarks.scoring import scored
from tests.benchmarks.taped import Alert, Constants, Tape, tapes, told

GRIDS = {
    "Queue": Grid(
        together=(
            Choice("times", (1.5, 2.0, 2.5)),
            Choice("ordinary_rise", (0.93, 0.95, 0.97)),
            Choice("stalled", (0.6, 0.7, 0.8)),
        ),
        alone=(
            Choice("ordinary_excess", (0.80, 0.85, 0.90)),
            Choice("chance_starved", (3.0, 4.0, 5.0)),
            Choice("overdue", (10.0, 20.0, 40.0)),
            Choice("ramp_hours", (3, 4, 5)),
            Choice("jump_within", (20, 25, 30)),
            Choice("hold", (4, 5, 7)),
            Choice("lately", (2, 3, 4)),
        ),
    ),
    "Failed": Grid(
        together=(Choice("ordinary", (0.96, 0.97, 0.98)), Choice("spreads", (2.5, 3.0, 3.5))),
        alone=(Choice("sudden", (2, 3, 5)), Choice("burst", (7, 10, 15)), Choice("still_high", (0.3, 0.5, 0.7))),
    ),
}
SHIPPED_CONSTANTS: dict[str, Constants] = {"Queue": LEVEL, "Failed": ADDED}
BAR = {"Queue": 0.86, "Failed": 0.94, "all": 0.90, "timely": 0.83}
FACTORS = (0.5, 0.75, 1.33, 2.0)
# A watch keeps an hour minute by minute: further back it cannot look.
KEPT = {"jump_within": 59, "creeping": 60}


@dataclass(frozen=True, slots=True)
class Task:
    """One setting of one metric's constants to try on some pools; on all where none is named."""

    metric: str
    constants: Constants
    pools: frozenset[str] | None = None


class Recorded:
    """What was recorded and what is known of it. The processes that judge inherit it."""

    def __init__(self, labelled: Path) -> None:
        self.labels = labels_of(labelled)
        files = [labelled / name for name in sorted({span["file"] for span in self.labels["pools"].values()})]
        self.rules = {rule.metric.value: rule for rule in SHIPPED if isinstance(rule, SpikeRule)}
        self.tapes: dict[str, dict[str, Tape]] = {}
        for metric, rule in self.rules.items():
            progress(f"reading {metric} of {len(files)} recordings")
            self.tapes[metric] = tapes(files, rule)
        self.clusters: dict[str, set[str]] = {}
        for pool, span in self.labels["pools"].items():
            self.clusters.setdefault(span["file"].partition(".")[0].rstrip("-0123456789"), set()).add(pool)

    def run(self, task: Task) -> list[Alert]:
        """The alerts of one setting."""
        of_metric = self.tapes[task.metric]
        wanted = {pool: tape for pool, tape in of_metric.items() if task.pools is None or pool in task.pools}
        return told(self.rules[task.metric], task.constants, wanted)

    def measure(self, metric: str, alerts: Sequence[Alert], clusters: Iterable[str]) -> float:
        """What a setting is chosen by: the mean of F1, timely F1 and strict F1."""
        pools = [pool for name in clusters for pool in self.clusters[name]]
        score = scored(self.labels, alerts, pools=pools)[metric]
        return (score.f1 + score.timely_f1 + scored(self.labels, alerts, strict=True, pools=pools)[metric].f1) / 3


_RECORDED: list[Recorded] = []


def _begin(labelled: Path) -> None:
    """Make a process ready for tasks; it reads the recordings itself, for a copy of a process with threads may hang."""
    os.nice(10)
    _RECORDED[:] = [Recorded(labelled)]


def _run(task: Task) -> list[Alert]:
    return _RECORDED[0].run(task)


def main(arguments: Sequence[str] | None = None) -> int:
    """Print how right the spike rule is where its constants were not chosen."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.left_out", description=__doc__)
    parser.add_argument("labelled", nargs="?", type=Path, default=LABELLED, help="the folder with labels.json")
    parser.add_argument("--quick", action="store_true", help="without the table of what each constant matters")
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    given = parser.parse_args(arguments)
    try:
        recorded = Recorded(given.labelled)
    except CannotScore as error:
        sys.stderr.write(f"bench-alerts-loo: {error}\n")
        return 1
    with get_context("spawn").Pool(given.processes, _begin, (given.labelled,)) as pool:
        for line in report(recorded, pool, quick=given.quick):
            sys.stdout.write(f"{line}\n")
            sys.stdout.flush()
    return 0


def report(recorded: Recorded, pool: Pool, *, quick: bool) -> Iterator[str]:
    """Everything that there is to say, line by line."""
    if len(recorded.clusters) < 2:
        yield "there is only one cluster: nothing can be left out"
        return
    yield f"clusters: {', '.join(f'{name} ({len(pools)} pools)' for name, pools in sorted(recorded.clusters.items()))}"
    judged: list[Alert] = []
    for metric in GRIDS:
        yield ""
        tried = _try(pool, metric)
        yield from _declared(recorded, metric, tried)
        yield ""
        folds = _folds(recorded, pool, metric, tried)
        yield from _chosen(recorded, metric, folds)
        judged += [alert for _, alerts in folds.values() for alert in alerts]
    yield ""
    yield from _beside_the_bar(recorded, judged)
    if not quick:
        yield ""
        yield from _sensitivity(recorded, pool)


Tried = dict[Setting, list[Alert]]


def _try(pool: Pool, metric: str) -> Tried:
    design = GRIDS[metric].settings()
    tasks = [Task(metric, _with(metric, setting)) for setting in design]
    tried = {}
    for number, (setting, alerts) in enumerate(zip(design, pool.imap(_run, tasks), strict=True), 1):
        progress(f"{metric}: {number} of {len(tasks)} settings tried")
        tried[setting] = alerts
    return tried


def _with(metric: str, setting: Setting) -> Constants:
    """The constants with these values; what is not said has its middle value, or is not in the grid."""
    middles = {choice.name: choice.middle for choice in GRIDS[metric].choices}
    changed: dict[str, Any] = middles | dict(setting)
    return replace(SHIPPED_CONSTANTS[metric], **changed)


def _declared(recorded: Recorded, metric: str, tried: Tried) -> Iterator[str]:
    grid, shipped = GRIDS[metric], SHIPPED_CONSTANTS[metric]
    together = len(grid.choices) > len(grid.alone)
    yield f"{metric}: {len(tried)} settings tried; *: in all combinations; in brackets what is shipped"
    for choice in grid.choices:
        star = "*" if together and choice in grid.together else ""
        shown = "   ".join(f"{value:g}" for value in choice.values)
        yield f"  {choice.name + star:<18} {shown}   ({getattr(shipped, choice.name):g})"
    figures = [recorded.measure(metric, alerts, recorded.clusters) for alerts in tried.values()]
    yield f"  mean of F1, timely F1 and strict F1 on all clusters: {min(figures):.3f} to {max(figures):.3f}"


def _folds(recorded: Recorded, pool: Pool, metric: str, tried: Tried) -> dict[str, tuple[Setting, list[Alert]]]:
    """For each cluster the setting that the others choose, and what it tells on the one left out."""
    picked = {}
    for cluster in sorted(recorded.clusters):
        others = [name for name in recorded.clusters if name != cluster]

        @cache
        def measured(setting: Setting, others: tuple[str, ...] = tuple(others)) -> tuple[float, dict[str, float]]:
            alerts = tried[setting]
            return recorded.measure(metric, alerts, others), {
                name: recorded.measure(metric, alerts, [name]) for name in others
            }

        picked[cluster] = GRIDS[metric].chosen(measured)
    tasks = [
        Task(metric, _with(metric, setting), frozenset(recorded.clusters[name])) for name, setting in picked.items()
    ]
    return dict(zip(picked, zip(picked.values(), pool.map(_run, tasks), strict=True), strict=True))


def _chosen(recorded: Recorded, metric: str, folds: Mapping[str, tuple[Setting, list[Alert]]]) -> Iterator[str]:
    yield f"{metric}: left out, F1 / timely F1 there, and the constants that the other clusters choose"
    for cluster, (setting, alerts) in folds.items():
        score = scored(recorded.labels, alerts, pools=recorded.clusters[cluster])[metric]
        constants = "  ".join(f"{name} {value:g}" for name, value in setting)
        yield f"  {cluster:<8} {score.f1:.3f} / {score.timely_f1:.3f}   {constants}"


def _beside_the_bar(recorded: Recorded, judged: Sequence[Alert]) -> Iterator[str]:
    scores, strict = scored(recorded.labels, judged), scored(recorded.labels, judged, strict=True)
    yield "on clusters that the constants were not chosen on, all together"
    for metric, score in scores.items():
        delay = "-" if score.delay is None else f"{score.delay:g}"
        yield (
            f"  {metric:<7} F1 {score.f1:.3f}  precision {score.precision:.3f}  recall {score.recall:.3f}"
            f"  timely F1 {score.timely_f1:.3f}  strict F1 {strict[metric].f1:.3f}  delay {delay} min"
            f"  {score.false_a_week:.2f} false a pool and week"
        )
    yield "beside the bar"
    figures = {metric: score.f1 for metric, score in scores.items()} | {"timely": scores["all"].timely_f1}
    for name, least in BAR.items():
        yield f"  {name:<7} {figures[name]:.3f} ≥ {least}   {'reached' if figures[name] >= least else 'missed'}"


def _sensitivity(recorded: Recorded, pool: Pool) -> Iterator[str]:
    for metric, shipped in SHIPPED_CONSTANTS.items():
        grid = {choice.name for choice in GRIDS[metric].choices}
        around = [(name, list(_around(name, getattr(shipped, name)))) for name in _numbers(shipped)]
        tasks = [Task(metric, shipped)]
        tasks += [Task(metric, _changed(shipped, name, value)) for name, values in around for value in values]
        figures = []
        for number, alerts in enumerate(pool.imap(_run, tasks), 1):
            progress(f"{metric}: {number} of {len(tasks)} neighbours tried")
            figures.append(scored(recorded.labels, alerts)[metric].f1)
        left = iter(figures)
        yield f"{metric}: F1 on all clusters with one constant changed; as shipped {next(left):.3f} (*: in the grid)"
        for name, values in around:
            shown = "   ".join(f"{value:g}: {next(left):.3f}" for value in values)
            yield f"  {name + ('*' if name in grid else ''):<18} {getattr(shipped, name):<6g} {shown}"


def _changed(constants: Constants, name: str, value: float) -> Constants:
    one: dict[str, Any] = {name: value}
    return replace(constants, **one)


def _numbers(constants: Constants) -> list[str]:
    return [each.name for each in fields(constants) if isinstance(getattr(constants, each.name), int | float)]


def _around(name: str, value: float) -> Iterator[float]:
    """The value times 0.5, 0.75, 1.33 and 2; of a share, what it leaves out times that."""
    seen = {value}
    for factor in FACTORS:
        other: float = 1 - (1 - value) * factor if name.startswith("ordinary") else value * factor
        other = max(1, round(other)) if isinstance(value, int) else round(other, 4)
        other = min(other, KEPT.get(name, other))
        if other not in seen:
            seen.add(other)
            yield other


if __name__ == "__main__":
    sys.exit(main())
