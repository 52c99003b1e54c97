"""How right were alerts, given what really happened? Judged incident by incident.

An alert belongs to the incident of its pool and metric that had begun and was not yet over by more than a grace; the
first one finds it, further ones repeat it. One that starts elsewhere is false, unless something as large as an incident
was going on there without a label (that is ignored) or another false one was still open (it is the same).
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from statistics import median
from typing import Any

METRICS = ("Queue", "Failed")
MINUTE, WEEK = 60.0, 7 * 86_400.0
# How long after its end an incident is still what an alert is about.
GRACE = {"Queue": 10 * MINUTE, "Failed": 15 * MINUTE}
# How long after a decoy a false alert is still put down to it.
AFTER_A_DECOY = 30 * MINUTE
# How long after an incident is as large as the pool's rarest hours an alert is still in time.
IN_TIME = 15 * MINUTE


@dataclass(frozen=True, slots=True)
class Stretch:
    """Something that a label speaks of."""

    start: float
    end: float
    kind: str
    # When an incident became as large as the pool's rarest hours.
    notable: float = 0.0


@dataclass(frozen=True, slots=True)
class Told:
    """An alert."""

    start: float
    end: float


@dataclass(slots=True)
class Score:
    """What came out, for one metric or for several."""

    weeks: float
    incidents: int = 0
    found: int = 0
    in_time: int = 0
    false: int = 0
    repeated: int = 0
    ignored: int = 0
    delays: list[float] = field(default_factory=list)
    kinds: dict[str, tuple[int, int]] = field(default_factory=dict)
    false_by: Counter[str] = field(default_factory=Counter)

    @property
    def precision(self) -> float:
        """Which share of the alerts was right."""
        return self.found / (self.found + self.false) if self.found + self.false else 1.0

    @property
    def recall(self) -> float:
        """Which share of the incidents was found."""
        return self.found / self.incidents if self.incidents else 1.0

    @property
    def f1(self) -> float:
        """Both in one."""
        return _harmonic(self.precision, self.recall)

    @property
    def timely_f1(self) -> float:
        """Likewise, where only what was found in time counts as found."""
        return _harmonic(self.precision, self.in_time / self.incidents if self.incidents else 1.0)

    @property
    def delay(self) -> float | None:
        """How many minutes after an incident began it was told, usually."""
        return median(self.delays) if self.delays else None

    @property
    def false_a_week(self) -> float:
        """False alerts per pool and week."""
        return self.false / self.weeks if self.weeks else 0.0

    def with_(self, other: "Score") -> "Score":
        """Both together, over the same pools."""
        return Score(
            self.weeks,
            self.incidents + other.incidents,
            self.found + other.found,
            self.in_time + other.in_time,
            self.false + other.false,
            self.repeated + other.repeated,
            self.ignored + other.ignored,
            self.delays + other.delays,
            self.kinds | other.kinds,
            self.false_by + other.false_by,
        )


def scored(
    labels: Mapping[str, Any],
    alerts: Iterable[Mapping[str, Any]],
    *,
    strict: bool = False,
    pools: Collection[str] | None = None,
) -> dict[str, Score]:
    """The score of each metric, and of both under `all`.

    Args:
        labels: What really happened.
        alerts: As `backtest --format jsonl` prints them.
        strict: Whether an alert in a natural episode as large as an incident is false.
        pools: Which pools count; all of them where it is not said.
    """
    spans = {name: span for name, span in labels["pools"].items() if pools is None or name in pools}
    told: dict[tuple[str, str], list[Told]] = defaultdict(list)
    for alert in alerts:
        end = alert.get("end")
        told[alert["pool"], alert["metric"]].append(Told(_seconds(alert["start"]), _seconds(end, default=float("inf"))))
    ignored = [each for each in labels["ignore"] if not (strict and each.get("why") == "natural")]
    weeks = sum(span["end"] - span["score_from"] for span in spans.values()) / WEEK
    scores = {}
    for metric in METRICS:
        score = scores[metric] = Score(weeks)
        incidents, quiet, decoys = (_of(labels["events"], metric), _of(ignored, metric), _of(labels["decoys"], metric))
        for pool, span in spans.items():
            counted = [each for each in told[pool, metric] if span["score_from"] <= each.start < span["end"]]
            _judge(score, metric, counted, incidents[pool], quiet[pool], decoys[pool])
    return scores | {"all": scores["Queue"].with_(scores["Failed"])}


def _judge(
    score: Score,
    metric: str,
    alerts: Sequence[Told],
    incidents: Sequence[Stretch],
    quiet: Sequence[Stretch],
    decoys: Sequence[Stretch],
) -> None:
    """Add what one pool's alerts of one metric are worth."""
    found: set[Stretch] = set()
    false_until = float("-inf")
    for alert in sorted(alerts, key=lambda each: (each.start, each.end)):
        mine = _within(incidents, alert.start, after=GRACE[metric])
        if mine is not None:
            if mine in found:
                score.repeated += 1
                continue
            found.add(mine)
            score.delays.append((alert.start - mine.start) / MINUTE)
            score.in_time += alert.start <= mine.notable + IN_TIME
        elif _within(quiet, alert.start) is not None:
            score.ignored += 1
        elif alert.start < false_until:
            false_until = max(false_until, alert.end)
        else:
            false_until = alert.end
            score.false += 1
            decoy = _within(decoys, alert.start, after=AFTER_A_DECOY)
            score.false_by[decoy.kind if decoy else "background"] += 1
    score.incidents += len(incidents)
    score.found += len(found)
    for each in incidents:
        name = f"{metric}: {each.kind}"
        right, all_of_them = score.kinds.get(name, (0, 0))
        score.kinds[name] = (right + (each in found), all_of_them + 1)


def _within(stretches: Sequence[Stretch], moment: float, *, after: float = 0.0) -> Stretch | None:
    """The one that began last of those that `moment` falls into, up to `after` their end."""
    around = [each for each in stretches if each.start <= moment <= each.end + after]
    return around[-1] if around else None


def _of(labels: Iterable[Mapping[str, Any]], metric: str) -> dict[str, list[Stretch]]:
    """The stretches of each pool, in the order in which they began."""
    found: dict[str, list[Stretch]] = defaultdict(list)
    for each in sorted(labels, key=lambda label: float(label["start"])):
        if each["metric"] in (metric, "both"):
            kind = each.get("kind") or each.get("why") or ""
            found[each["pool"]].append(Stretch(each["start"], each["end"], kind, each.get("notable", 0.0)))
    return found


def _seconds(moment: str | float | None, *, default: float = 0.0) -> float:
    if moment is None:
        return default
    return datetime.fromisoformat(moment).timestamp() if isinstance(moment, str) else float(moment)


def _harmonic(one: float, other: float) -> float:
    return 2 * one * other / (one + other) if one + other else 0.0
