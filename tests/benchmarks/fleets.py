"""What does it take to try rules on some days of many pools, out of a file and out of the store, and how much memory?

`python -m tests.benchmarks.fleets 1000` makes 30 million rows: 2 GB of CSV, and more than 1 GB of SQLite.
"""

import argparse
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from bot.core.rules.model import SHIPPED, AlertRule
from bot.core.stats import JobStatus, Pool, PoolStats
from bot.jobs.past import looked_back, stored
from bot.settings.reading import read_rules
from bot.store import samples
from bot.store.engine import open_store, upgrade, writing
from tests.benchmarks.figures import Report, of_children
from tests.benchmarks.lines import ROOT, CannotMeasure
from tests.benchmarks.pasts import A_DAY, HEADER, MINUTE, POOL, START, month_of

# A module, which tells in the end what /proc knows of it.
TELLING = (
    "import atexit, runpy, sys; atexit.register(lambda: sys.stderr.write(open('/proc/self/status').read()));"
    " sys.argv = sys.argv[1:]; runpy.run_module(sys.argv[0], run_name='__main__', alter_sys=True)"
)
# The straight scripts: every row of the file, every row of the store pool by pool.
STRAIGHT = "import csv, sys\nfor row in csv.reader(open(sys.argv[1], newline='')): pass"
RAW = (
    "import sqlite3, sys\ndb = sqlite3.connect(sys.argv[1])\n"
    "for (key,) in db.execute('SELECT key FROM pools ORDER BY id').fetchall():\n"
    "    for row in db.execute('SELECT * FROM samples WHERE pool = ? ORDER BY at, type', (key,)): pass"
)
# Files of rules; the shipped ones need none.
RULES: Mapping[str, str | None] = {
    "a threshold rule": "rules: [{name: long, metric: Queue, kind: threshold, above: 60, clear_below: 40}]\n",
    "the shipped rules": None,
}


@dataclass(frozen=True, slots=True)
class Ran:
    """What a process took: seconds of CPU, megabytes at most; and what it said."""

    cpu: float
    memory: float
    said: str


def fleet(report: Report, pools: int, days: int, rules: Mapping[str, str | None] = RULES) -> None:
    """Some days of many pools under some rules, each in a process of its own."""
    if not Path("/proc/self/status").exists():
        raise CannotMeasure("the memory of a process is read from /proc")
    past = list(month_of(POOL, days * A_DAY))
    with tempfile.TemporaryDirectory(prefix="pool-stats-bench-") as name:
        folder = Path(name)
        chosen: dict[str, list[str | Path]] = {}
        for number, (what, text) in enumerate(rules.items()):
            path = folder / f"rules-{number}.yaml"
            path.write_text(text or "")
            chosen[what] = [] if text is None else ["--rules", path]
        what = f"{days} days of {pools:,} pools"
        _out_of_files(report, what, past[: len(past) // days], past, pools, folder, chosen)
        _out_of_stores(report, what, past[: len(past) // days], past, pools, folder, chosen)


def _out_of_files(
    report: Report,
    what: str,
    day: Sequence[PoolStats],
    past: Sequence[PoolStats],
    pools: int,
    folder: Path,
    rules: Mapping[str, list[str | Path]],
) -> None:
    whole, part = folder / "whole.csv", folder / "part.csv"
    _write(whole, past, pools)
    _write(part, day, pools)
    floor = _straight(STRAIGHT, whole)
    report.count(f"floor: a process that reads {what} with csv.reader", floor, "s")
    for said, chosen in rules.items():
        command = ("bot", "backtest", "--format", "jsonl", *chosen, "--samples")
        ran, less = _ran(*command, whole), _ran(*command, part)
        _tell(report, f"{what} as CSV, backtest by {said}", ran, less, floor, len(past) * pools)
    whole.unlink()


def _out_of_stores(
    report: Report,
    what: str,
    day: Sequence[PoolStats],
    past: Sequence[PoolStats],
    pools: int,
    folder: Path,
    rules: Mapping[str, list[str | Path]],
) -> None:
    whole, part = folder / "whole.db", folder / "part.db"
    _fill(whole, past, pools)
    _fill(part, day, pools)
    floor = _straight(RAW, whole)
    report.count(f"floor: a process that reads {what} with raw sqlite3", floor, "s")
    for said, chosen in rules.items():
        command = ("tests.benchmarks.fleets", "1", *chosen, "--store")
        ran, less = _ran(*command, whole), _ran(*command, part)
        _tell(report, f"{what} out of SQLite, {said}", ran, less, floor, len(past) * pools)


def _tell(report: Report, what: str, ran: Ran, less: Ran, floor: float, readings: int) -> None:
    report.count(what, ran.cpu, "s", floor=floor, of="that process")
    report.count("  for a reading", ran.cpu * 1e6 / readings, "us/reading")
    report.count("  its memory at most", ran.memory, "MB", floor=less.memory, of="for the first day")
    report.count("  alerts told", len(ran.said.splitlines()), "alerts")


def _straight(script: str, path: Path) -> float:
    before = of_children()
    subprocess.run([sys.executable, "-c", script, path], cwd=ROOT, check=True)
    return of_children() - before


def _ran(*words: str | Path) -> Ran:
    before = of_children()
    done = subprocess.run([sys.executable, "-c", TELLING, *words], capture_output=True, text=True, cwd=ROOT, check=True)
    held = next(int(line.split()[1]) / 1024 for line in done.stderr.splitlines() if line.startswith("VmHWM:"))
    return Ran(of_children() - before, held, done.stdout)


def _write(path: Path, past: Sequence[PoolStats], pools: int) -> None:
    """The readings of every pool, by time, as they would be exported."""
    with path.open("w") as file:
        file.write(",".join(HEADER) + "\n")
        for stats in past:
            file.writelines(_rows(stats, pools))


def _rows(stats: PoolStats, pools: int) -> Iterator[str]:
    at = f"{stats.taken_at:%Y-%m-%dT%H:%M:%SZ}"
    ends = [
        f",{name},{','.join(str(counts.status[status]) for status in JobStatus)}\n"
        for name, counts in stats.types.items()
    ]
    for number in range(pools):
        start = f"{at},pool-{number:05}"
        for end in ends:
            yield start + end


def _fill(path: Path, past: Sequence[PoolStats], pools: int) -> None:
    """A store in which every pool has the same past: written once, then copied."""
    engine = open_store(f"sqlite:///{path}")
    upgrade(engine)
    first = Pool("pool-00000", "pool-00000")
    with writing(engine) as db:
        samples.save_many(db, [PoolStats(first, stats.taken_at, stats.types) for stats in past])
    engine.dispose()
    with closing(sqlite3.connect(path)) as raw:
        (key,) = raw.execute("SELECT key FROM pools").fetchone()
        names = ", ".join(row[1] for row in raw.execute("PRAGMA table_info(samples)") if row[1] != "pool")
        for number in range(1, pools):
            made = raw.execute("INSERT INTO pools (id, name) VALUES (?, ?)", (f"pool-{number:05}", f"pool-{number:05}"))
            copy = f"INSERT INTO samples (pool, {names}) SELECT ?, {names} FROM samples WHERE pool = ?"  # noqa: S608
            raw.execute(copy, (made.lastrowid, key))
        raw.commit()


def look_back(path: Path, rules: Sequence[AlertRule]) -> None:
    """Print a line for each alert that would have been told of the pools in the store, found as `check` finds it."""
    engine = open_store(f"sqlite:///{path}")
    known = stored(engine)
    if known.until is None:
        raise CannotMeasure("the store is empty")
    over = known.until - START + MINUTE
    for past in looked_back(engine, known.pools, rules, until=known.until, over=over, time_left=lambda: True):
        for alert in past.alerts if past is not None else ():
            sys.stdout.write(f"{alert.pool.id} {alert.rule}\n")
    engine.dispose()


def measure(*, pools: int = 100, days: int = 7) -> Report:
    """A week of many pools."""
    report = Report("fleets: many pools, a reading a minute of 3 job types, CPU")
    fleet(report, pools, days)
    return report


def main() -> None:
    """A week of as many pools as are named."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.fleets", description=main.__doc__)
    parser.add_argument("pools", type=int, help="how many pools; a thousand take a quarter of an hour")
    parser.add_argument("--days", type=int, default=7)
    parser.add_argument("--store", type=Path, help="only look back at this store")
    parser.add_argument("--rules", type=Path, help="by these rules")
    chosen = parser.parse_args()
    if chosen.store is not None:
        look_back(chosen.store, SHIPPED if chosen.rules is None else read_rules(chosen.rules))
        return
    sys.stdout.write(f"{measure(pools=chosen.pools, days=chosen.days)}\n")


if __name__ == "__main__":
    main()
