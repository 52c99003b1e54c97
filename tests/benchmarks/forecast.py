"""How often does the forecast keep its range on recorded clusters? `python -m tests.benchmarks.forecast FILE …`.

Strictly forward: at each moment the forecast is given what had been read by then; what came is looked up afterwards.
"""

import argparse
import sys
import time
from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from bot.core.forecast import (
    FEWEST_WAITING,
    HISTORY,
    LOOKED_AT,
    SHORTEST_HISTORY,
    Course,
    Drain,
    NoForecast,
    Seen,
    drain,
)
from bot.replay.recorded import readings
from tests.benchmarks.lines import ROOT

RECORDED = ROOT / "../shared/data/dev"
EVERY = timedelta(hours=1)
# The least, the middle and the most that an 80 % range may keep.
AIM = (0.75, 0.80, 0.85)


@dataclass
class Score:
    """What became of the forecasts about some pools."""

    asked: int = 0
    inside: int = 0
    sooner: int = 0
    later: int = 0
    widths: list[float] = field(default_factory=list)
    refused: Counter[str] = field(default_factory=Counter)
    seconds: list[float] = field(default_factory=list)

    @property
    def made(self) -> int:
        """How many forecasts could be compared with what came."""
        return self.inside + self.sooner + self.later

    def add(self, other: "Score") -> None:
        """Count what the other counted."""
        self.asked += other.asked
        self.inside += other.inside
        self.sooner += other.sooner
        self.later += other.later
        self.widths += other.widths
        self.refused += other.refused
        self.seconds += other.seconds

    def line(self, name: str) -> str:
        """As a line of a table."""
        made = self.made
        shares = [f"{part / made:6.1%}" if made else "     –" for part in (self.inside, self.sooner, self.later)]
        width = f"{sorted(self.widths)[len(self.widths) // 2]:5.1f}" if self.widths else "    –"
        return f"{name:16} {self.asked:6} {made:6} {'  '.join(shares)}  {width}"


def score(past: Sequence[Seen], *, every: timedelta = EVERY) -> Score:
    """What the forecasts about one pool were worth, asked once in a while whenever enough jobs wait."""
    course = Course([(at.timestamp(), counts) for at, counts in past])
    moments = [at for at, _ in past]
    found = Score()
    due = moments[0] + SHORTEST_HISTORY
    for index, at in enumerate(moments):
        if at < due:
            continue
        due = at + every
        if course.queue[index] < FEWEST_WAITING:
            continue
        began = time.process_time()
        said = drain(past[bisect_right(moments, at - HISTORY) : index + 1], now=at)
        found.seconds.append(time.process_time() - began)
        found.asked += 1
        match said:
            case NoForecast(why=why):
                found.refused["".join("#" if sign.isdigit() else sign for sign in str(why))] += 1
            case Drain():
                _compare(found, said, course, index)
    return found


def _compare(found: Score, said: Drain, course: Course, index: int) -> None:
    """Whether as many as waited had started between the earliest and the latest moment that were named."""
    over = bisect_left(course.started, course.started[index] + said.waiting, lo=index)
    latest = course.times[index] + said.most.total_seconds()
    if over == len(course.times) and course.times[-1] < latest:
        return  # the recording ends before anybody can tell
    took = course.times[over] - course.times[index] if over < len(course.times) else float("inf")
    found.widths.append(said.most / max(said.least, timedelta(minutes=1)))
    if took < said.least.total_seconds():
        found.sooner += 1
    elif took > said.most.total_seconds():
        found.later += 1
    else:
        found.inside += 1


def report(files: Sequence[Path], *, every: timedelta = EVERY) -> Iterator[str]:
    """What the forecasts were worth on each cluster and on all, line by line."""
    yield f"{'cluster':16} {'asked':>6} {'made':>6} inside  sooner   later  most/least"
    total = Score()
    for file in files:
        pools: dict[str, list[Seen]] = defaultdict(list)
        for stats in readings(file):
            pools[stats.pool.id].append((stats.taken_at, tuple(stats.count(status) for status in LOOKED_AT)))
        cluster = Score()
        for past in pools.values():
            cluster.add(score(past, every=every))
        yield cluster.line(file.name.partition(".")[0][:16])
        total.add(cluster)
    yield total.line("all")
    yield ""
    yield from (f"refused {number:6} ×: {why}" for why, number in total.refused.most_common())
    yield ""
    if total.made:
        share = total.inside / total.made
        kept = "kept" if AIM[0] <= share <= AIM[2] else "missed"
        yield f"an 80 % range held {share:.1%} of {total.made} outcomes: the aim of 75–85 % is {kept}"
        slowest = sorted(total.seconds)
        yield (
            f"a forecast took {slowest[len(slowest) // 2] * 1000:.0f} ms at the median, "
            f"{slowest[int(len(slowest) * 0.99)] * 1000:.0f} ms at the 99th percentile, of the processor"
        )


def main(arguments: Sequence[str] | None = None) -> int:
    """Print what the forecasts are worth."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.forecast", description=__doc__)
    parser.add_argument("files", nargs="*", type=Path, metavar="FILE", help="recorded counts; else every one there is")
    files = parser.parse_args(arguments).files or sorted(RECORDED.glob("*.csv.gz"))
    if not files:
        sys.stderr.write("bench-forecast: there is no recording to measure on: name one\n")
        return 1
    for line in report(files):
        sys.stdout.write(f"{line}\n")
        sys.stdout.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main())
