"""How long does a person wait who tries a rule on a month of a pool, from memory, from the store and from a file?"""

import csv
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Sequence
from contextlib import closing
from datetime import timedelta
from itertools import count
from pathlib import Path

from sqlalchemy import Engine

from bot.core.judge import replay
from bot.core.rule_text import ChatRule
from bot.core.rules.looking import looked_at
from bot.core.rules.model import SHIPPED, AlertRule, ThresholdRule
from bot.core.stats import KNOWN_TYPES, JobStatus, PoolStats
from bot.jobs.trial import try_rule
from bot.replay.recorded import readings
from bot.store import samples
from bot.store.engine import open_store, reading, upgrade, writing
from tests.benchmarks.figures import Costs, Report, Work, in_turn, of_children
from tests.benchmarks.fleets import fleet
from tests.benchmarks.lines import ROOT, CannotMeasure
from tests.benchmarks.pasts import A_DAY, POOL, START, month_of, write

LIMIT = ThresholdRule(name="long", metric=JobStatus.QUEUE, above=60, clear_below=40, hold_for=timedelta(minutes=10))
RULES: dict[str, Sequence[AlertRule]] = {
    "a threshold rule": (LIMIT,),
    "a threshold rule that alerts all the time": (LIMIT.model_copy(update={"above": 0, "clear_below": None}),),
    "a threshold rule a job type": (LIMIT.model_copy(update={"types": KNOWN_TYPES}),),
    "the shipped spike rule on Queue": SHIPPED[:1],
    "the shipped rules": SHIPPED,
}
IN_CHAT: dict[str, ChatRule] = {
    "a threshold rule": LIMIT,
    "the shipped spike rule on Queue": SHIPPED[0],
    "the shipped spike rule on Failed": SHIPPED[1],
}
RAW = "SELECT at, type, queue FROM samples WHERE pool = 1 AND at >= 0 ORDER BY at, type"
# The straight script that a file's readings are measured against, as a process of its own.
STRAIGHT = "import csv, sys\nfor row in csv.reader(open(sys.argv[1], newline='')): pass"

# `pool-stats`, which tells in the end what /proc knows of it.
TELLING = (
    "import atexit, runpy, sys; atexit.register(lambda: sys.stderr.write(open('/proc/self/status').read()));"
    " runpy.run_module('bot', run_name='__main__')"
)


def measure(*, days: int = 30, rounds: int = 3, pools: int = 5) -> Report:
    """Replays of one pool, and of a week of several, beside what reading the same costs a straight script."""
    report = Report(f"replay: {days} days of one pool, a reading a minute of {len(KNOWN_TYPES)} job types, CPU")
    past = list(month_of(POOL, days * A_DAY))
    _in_memory(report, past, rounds)
    with tempfile.TemporaryDirectory(prefix="pool-stats-bench-") as folder:
        _from_the_store(report, past, Path(folder) / "past.db", rounds)
        _from_a_file(report, past, Path(folder), rounds)
    if pools:
        fleet(report, pools, days=7)
    return report


def _in_memory(report: Report, past: Sequence[PoolStats], rounds: int) -> None:
    variants: dict[str, Work] = {name: _told(rules, past) for name, rules in RULES.items()}
    costs = in_turn({"floor": lambda: _highest(past), **variants}, rounds=rounds, units=1)
    report.add("floor: Queue of all job types added up and compared", costs["floor"], "ms")
    for name in RULES:
        report.add(f"in memory, {name}", costs[name], "ms", floor=costs["floor"])


def _highest(past: Iterable[PoolStats]) -> int:
    highest = 0
    for stats in past:
        queue = sum(counts.status[JobStatus.QUEUE] for counts in stats.types.values())
        highest = max(highest, queue)
    return highest


def _told(rules: Sequence[AlertRule], past: Iterable[PoolStats]) -> Work:
    return lambda: list(replay(rules, past, new_id=map(str, count()).__next__))


def _from_the_store(report: Report, past: Sequence[PoolStats], path: Path, rounds: int) -> None:
    engine = open_store(f"sqlite:///{path}")
    upgrade(engine)
    with writing(engine) as db:
        samples.save_many(db, past)
    with closing(sqlite3.connect(path)) as raw:
        variants: dict[str, Work] = {
            "floor": lambda: raw.execute(RAW).fetchall(),
            "threshold": lambda: _tried(engine, (LIMIT,)),
            **{name: _in_chat(rule, engine) for name, rule in IN_CHAT.items()},
            "shipped": lambda: _tried(engine, SHIPPED),
        }
        costs = in_turn(variants, rounds=rounds, units=1)
    of = "raw sqlite3"
    report.add("floor: raw sqlite3, Queue of all rows", costs["floor"], "ms")
    report.add("from the store, a threshold rule", costs["threshold"], "ms", floor=costs["floor"], of=of)
    for name in IN_CHAT:
        report.add(f"tried in chat out of the store, {name}", costs[name], "ms", floor=costs["floor"], of=of)
    report.add("from the store, the shipped rules", costs["shipped"], "ms", floor=costs["floor"], of=of)
    engine.dispose()


def _in_chat(rule: ChatRule, engine: Engine) -> Work:
    """What a person waits for who tries a rule in chat, the search for a calmer one included."""
    days = timedelta(days=365)

    def work() -> None:
        if not try_rule(rule, [POOL], engine=engine, now=START + days, passed=timedelta, over=days).pools:
            raise CannotMeasure("nothing was tried")

    return work


def _tried(engine: Engine, rules: Sequence[AlertRule]) -> None:
    """The same of several rules at once, which need the readings."""
    with reading(engine) as db:
        found = samples.readings(db, POOL.id, since=START, statuses=looked_at(rules))
        list(replay(rules, found, new_id=map(str, count()).__next__))


def _from_a_file(report: Report, past: Sequence[PoolStats], folder: Path, rounds: int) -> None:
    whole, part, rules = folder / "past.csv", folder / "part.csv", folder / "rules.yaml"
    write(whole, past)
    write(part, past[: max(1, len(past) // 30)])
    rules.write_text("rules: [{name: long, metric: Queue, kind: threshold, above: 60, clear_below: 40}]\n")
    costs = in_turn(
        {"floor": lambda: _rows(whole), "readings": lambda: sum(1 for _ in readings(whole))}, rounds=rounds, units=1
    )
    report.add("floor: csv.reader, all rows", costs["floor"], "ms")
    report.add("bot.replay.readings, the same file", costs["readings"], "ms", floor=costs["floor"], of="csv.reader")
    commands: dict[str, Sequence[str | Path]] = {
        "floor": ("-c", STRAIGHT, whole),
        "threshold": ("-m", "bot", "backtest", "--samples", whole, "--rules", rules),
        "shipped": ("-m", "bot", "backtest", "--samples", whole),
    }
    ran: dict[str, list[float]] = {name: [] for name in commands}
    for _ in range(rounds):
        for name, command in commands.items():
            ran[name].append(_to_its_end(*command))
    cpu = {name: Costs(tuple(each)) for name, each in ran.items()}
    report.add("floor: a process that reads the file with csv.reader", cpu["floor"], "s")
    for name, what in {"threshold": "a threshold rule", "shipped": "the shipped rules"}.items():
        report.add(f"pool-stats backtest, {what}", cpu[name], "s", floor=cpu["floor"], of="that process")
    most, less = (_memory_of("backtest", "--samples", file) for file in (whole, part))
    report.count("its memory at most", most, "MB", floor=less, of="for a thirtieth of the file")


def _rows(path: Path) -> int:
    with path.open(newline="") as file:
        return sum(1 for _ in csv.reader(file))


def _to_its_end(*args: str | Path) -> float:
    """The seconds of CPU that a process took."""
    before = of_children()
    subprocess.run([sys.executable, *args], stdout=subprocess.DEVNULL, cwd=ROOT, check=True)
    return of_children() - before


def _memory_of(*args: str | Path) -> float:
    """The megabytes that `pool-stats` with these words used at most, as it says itself when it ends."""
    if not Path("/proc/self/status").exists():
        raise CannotMeasure("the memory of a process is read from /proc")
    done = subprocess.run([sys.executable, "-c", TELLING, *args], capture_output=True, text=True, cwd=ROOT, check=True)
    return next(int(line.split()[1]) / 1024 for line in done.stderr.splitlines() if line.startswith("VmHWM:"))
