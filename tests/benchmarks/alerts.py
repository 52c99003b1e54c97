"""How right are the shipped rules on recorded clusters, beside others? `python -m tests.benchmarks.alerts [FOLDER]`."""

import argparse
import json
import math
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import count
from pathlib import Path
from typing import Any

from bot.core.judge import replay
from bot.core.rules.model import SHIPPED
from bot.replay.recorded import readings
from tests.benchmarks import flapping
from tests.benchmarks.lines import ROOT
from tests.benchmarks.scoring import METRICS, Score, scored

LABELLED = Path("../shared/data/dev/labelled")
# Each at its best setting on this very data: F1, precision, recall, median delay in minutes; then what a point costs.
BASELINES = (
    ("static threshold per pool", "0.69 / 0.65 / 0.73 / 32", "0.74 / 0.67 / 0.82 / 3", "0"),
    ("change over a window", "0.68 / 0.65 / 0.71 / 34", "0.81 / 0.76 / 0.86 / 17", "0"),
    ("z-score over a day, as published", "0.34 / 0.22 / 0.71 / 2", "0.52 / 0.76 / 0.39 / 5", "0"),
    ("z-score, tuned", "0.79 / 0.84 / 0.75 / 15", "0.87 / 0.84 / 0.91 / 3", "0"),
    ("adaptive bands, as published", "0.57 / 0.73 / 0.46 / 15", "0.56 / 0.77 / 0.45 / 8", "0.1"),
    ("seasonal robust", "0.78 / 0.91 / 0.68 / 32", "0.76 / 0.65 / 0.90 / 16", "7.6"),
    ("EWMA chart, tuned", "0.81 / 0.90 / 0.73 / 37", "0.90 / 0.86 / 0.94 / 15", "0.7"),
    ("HalfSpaceTrees", "0.77 / 0.80 / 0.74 / 34", "0.80 / 0.79 / 0.82 / 3", "23-41"),
    ("Poisson tail", "0.83 / 0.83 / 0.82 / 34", "0.84 / 0.78 / 0.91 / 3", "0.3"),
)


class CannotScore(Exception):  # noqa: N818 - named for what it says
    """There is nothing to measure on, or the measure cannot be trusted; the text says what is missing."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Print how right the shipped rules are."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.alerts", description=__doc__)
    parser.add_argument("labelled", nargs="?", type=Path, default=LABELLED, help="the folder with labels.json")
    try:
        for line in report(parser.parse_args(arguments).labelled):
            sys.stdout.write(f"{line}\n")
            sys.stdout.flush()
    except CannotScore as error:
        sys.stderr.write(f"bench-alerts: {error}\n")
        return 1
    return 0


def report(labelled: Path) -> Iterator[str]:
    """Everything that there is to say, line by line."""
    labels = labels_of(labelled)
    files = [labelled / name for name in sorted({span["file"] for span in labels["pools"].values()})]
    alerts: list[dict[str, Any]] = []
    for file in files:
        alerts += backtested(file)
        progress(f"{file.name}: {len(alerts)} alerts so far")
    scores, strict = scored(labels, alerts), scored(labels, alerts, strict=True)
    yield from _beside_baselines(scores, _costs(files[0]))
    yield ""
    yield from _figures(scores, strict)
    yield ""
    yield from _by_cluster(labels, alerts)
    yield ""
    yield from _kinds_and_decoys(scores["all"], labels)
    yield ""
    yield from _against_aims(scores, strict["all"])
    yield ""
    yield _agreement(labelled, alerts, scores, strict)
    yield ""
    yield from flapping.report(labels, files)


def labels_of(labelled: Path) -> dict[str, Any]:
    """What is known of the recordings in the folder.

    Raises:
        CannotScore: There are no labels, or they cannot be read.
    """
    path = labelled / "labels.json"
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise CannotScore(f"there are no labelled clusters: {path} is missing; name a folder, LABELLED=…") from error
    except (OSError, ValueError) as error:
        raise CannotScore(f"{path} cannot be read: {error}") from error
    if not isinstance(found, dict):
        raise CannotScore(f"{path} is not what it should be: an object of pools, events, ignore and decoys")
    return found


def backtested(file: Path) -> list[dict[str, Any]]:
    """What the command says of a recording, by the shipped rules."""
    done = subprocess.run(
        [sys.executable, "-m", "bot", "backtest", "--samples", str(file.resolve()), "--format", "jsonl"],
        cwd=ROOT, capture_output=True, text=True,
    )  # fmt: skip
    if done.returncode:
        raise CannotScore(done.stderr.strip() or f"backtest of {file} ended with {done.returncode}")
    found = [json.loads(line) for line in done.stdout.splitlines()]
    return [alert for alert in found if alert["metric"] in METRICS]


def _costs(file: Path) -> dict[str, float]:
    """What the shipped rules on each metric cost for a reading, in microseconds of CPU."""
    found = list(readings(file))
    costs = {}
    for metric in METRICS:
        rules = [rule for rule in SHIPPED if rule.metric.value == metric]
        numbers = count(1)
        began = time.process_time()
        for _ in replay(rules, found, new_id=lambda: str(next(numbers))):  # noqa: B023 - called at once
            pass
        costs[metric] = (time.process_time() - began) * 1e6 / len(found)
    return costs


def _beside_baselines(scores: Mapping[str, Score], costs: Mapping[str, float]) -> Iterator[str]:
    yield "F1 / precision / recall / median delay in minutes; CPU per reading"
    yield f"  {'detector':<34} {'Queue':<26} {'Failed':<26} us"
    mine = [
        f"{score.f1:.2f} / {score.precision:.2f} / {score.recall:.2f} / {_minutes(score.delay)}"
        for score in (scores["Queue"], scores["Failed"])
    ]
    cost = f"{costs['Queue']:.1f} Queue, {costs['Failed']:.1f} Failed"
    yield f"  {'the shipped rules':<34} {mine[0]:<26} {mine[1]:<26} {cost}"
    for name, queue, failed, price in BASELINES:
        yield f"  {name:<34} {queue:<26} {failed:<26} {price}"


def _figures(scores: Mapping[str, Score], strict: Mapping[str, Score]) -> Iterator[str]:
    yield (
        "  metric  F1     precision recall timely F1  strict F1  delay  found     false  a pool and week"
        "  repeated  ignored"
    )
    for metric, score in scores.items():
        yield (
            f"  {metric:<7} {score.f1:.3f}  {score.precision:.3f}     {score.recall:.3f}  {score.timely_f1:.3f}"
            f"      {strict[metric].f1:.3f}      {_minutes(score.delay):>5}  {score.found:>3}/{score.incidents:<4}"
            f"  {score.false:>5}  {score.false_a_week:>15.2f}  {score.repeated:>8}  {score.ignored:>7}"
        )


def _by_cluster(labels: Mapping[str, Any], alerts: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    clusters: dict[str, set[str]] = {}
    for pool, span in labels["pools"].items():
        clusters.setdefault(span["file"].partition(".")[0], set()).add(pool)
    yield "F1 by cluster, with the shipped constants: Queue, Failed, both, timely"
    for cluster, pools in sorted(clusters.items()):
        scores = scored(labels, alerts, pools=pools)
        figures = "  ".join(f"{score.f1:.3f}" for score in scores.values())
        yield f"  {cluster:<12} {figures}  {scores['all'].timely_f1:.3f}"


def _kinds_and_decoys(score: Score, labels: Mapping[str, Any]) -> Iterator[str]:
    yield "incidents found, by kind"
    for kind, (found, incidents) in sorted(score.kinds.items()):
        yield f"  {kind:<26} {found:>3} of {incidents:<4} {found / incidents:.2f}"
    decoys = Counter(each["kind"] for each in labels["decoys"])
    yield "false alerts, by decoy (and how many of them there are)"
    for kind in sorted(decoys | score.false_by):
        yield f"  {kind:<26} {score.false_by[kind]:>3}" + (f" of {decoys[kind]}" if kind in decoys else "")


def _against_aims(scores: Mapping[str, Score], strict: Score) -> Iterator[str]:
    both = scores["all"]
    decoys = sum(number for kind, number in both.false_by.items() if kind != "background")
    yield "beside the aims"
    aims: list[tuple[str, float, float, bool]] = []
    for metric, f1, delay, false in (("Queue", 0.90, 12, 0.35), ("Failed", 0.97, 2, 0.15)):
        score = scores[metric]
        aims += [
            (f"{metric}: F1", score.f1, f1, True),
            (f"{metric}: median delay, min", math.inf if score.delay is None else score.delay, delay, False),
            (f"{metric}: false alerts a pool and week", score.false_a_week, false, False),
        ]
    aims += [
        ("timely F1", both.timely_f1, 0.88, True),
        ("strict F1", strict.f1, 0.67, True),
        ("false alerts on decoys", decoys, 2, False),
    ]
    for kind, least in (("slow_ramp", 0.80), ("capacity_stall", 0.95)):
        found, incidents = both.kinds.get(f"Queue: {kind}", (0, 0))
        if incidents:
            aims.append((f"recall of {kind}", found / incidents, least, True))
    for name, value, aim, at_least in aims:
        reached = value >= aim if at_least else value <= aim
        sign = "≥" if at_least else "≤"
        yield f"  {name:<38} {value:>7.3f} {sign} {aim:<6} {'reached' if reached else 'missed'}"


def _agreement(
    labelled: Path, alerts: Sequence[Mapping[str, Any]], scores: Mapping[str, Score], strict: Mapping[str, Score]
) -> str:
    """Whether the scorer that comes with the data says the same."""
    scorer = labelled.resolve().parent.parent / "score.py"
    if not scorer.exists():
        return "the data brings no scorer of its own to compare with"
    with tempfile.TemporaryDirectory() as folder:
        written = Path(folder) / "alerts.jsonl"
        written.write_text("".join(json.dumps(alert) + "\n" for alert in alerts), encoding="utf-8")
        for ours, more in ((scores, ()), (strict, ("--strict",))):
            done = subprocess.run(
                [sys.executable, str(scorer), str(labelled / "labels.json"), str(written), "--json", *more],
                capture_output=True, text=True,
            )  # fmt: skip
            if done.returncode:
                raise CannotScore(f"{scorer.name} failed: {done.stderr.strip()}")
            different = list(_different(ours, json.loads(done.stdout)))
            if different:
                raise CannotScore(f"{scorer.name} says otherwise: {'; '.join(different)}")
    return f"{scorer.name}, which comes with the data, says the same"


def _different(ours: Mapping[str, Score], theirs: Mapping[str, Any]) -> Iterator[str]:
    for metric, score in ours.items():
        said = {
            "precision": score.precision, "recall": score.recall, "f1": score.f1, "timely_f1": score.timely_f1,
            "detected": score.found, "false": score.false, "duplicates": score.repeated, "ignored": score.ignored,
            "events": score.incidents, "false_per_pool_week": score.false_a_week, "median_delay_min": score.delay,
        }  # fmt: skip
        for name, mine in said.items():
            other = theirs[metric][name]
            if (mine is None) != (other is None) or (mine is not None and not math.isclose(mine, other, abs_tol=1e-9)):
                yield f"{metric} {name}: {mine} here, {other} there"
    kinds = {f"{metric}:{kind}": (found["detected"], found["events"]) for metric, kind, found in _split(theirs)}
    if kinds != {name.replace(": ", ":"): pair for name, pair in ours["all"].kinds.items()}:
        yield f"by kind: {dict(ours['all'].kinds)} here, {kinds} there"
    if dict(ours["all"].false_by) != theirs["false_by"]:
        yield f"false alerts: {dict(ours['all'].false_by)} here, {theirs['false_by']} there"


def _split(theirs: Mapping[str, Any]) -> Iterator[tuple[str, str, Mapping[str, int]]]:
    for name, found in theirs["recall_by_kind"].items():
        metric, _, kind = name.partition(":")
        yield metric, kind, found


def _minutes(delay: float | None) -> str:
    return "-" if delay is None else f"{delay:.0f}"


def progress(text: str) -> None:
    """Say on a terminal how far it is."""
    if sys.stderr.isatty():
        sys.stderr.write(f"\r\x1b[K{text}")
        sys.stderr.flush()


if __name__ == "__main__":
    sys.exit(main())
