"""How long does an answer take where there are a thousand pools: all of them, a slip of the pen, a week's chart?"""

import sqlite3
import tempfile
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

from rapidfuzz import fuzz, process
from sqlalchemy import Engine

from bot.clock import Clock, wait
from bot.core.access import Access
from bot.core.command import POOL_STATS, Asker
from bot.core.stats import JobStatus, Pool, PoolStats, TypeCounts
from bot.emulator.server import Emulator
from bot.jobs.answer import Answering, answer
from bot.modelarts.client import ModelArts
from bot.modelarts.credentials import Keys
from bot.modelarts.names import nearest
from bot.slack.blocks import payload
from bot.store import samples
from bot.store.engine import open_store, upgrade, writing
from tests.benchmarks.figures import Report, in_turn, repeated

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
YOU = Asker("slack", "T1", "C1", "U1")
TYPES = ("train", "infer", "notebook")
# These have the longest queues, so they stand on the first page with their bars.
WORST = 20
NEWEST = (
    "SELECT * FROM samples s JOIN pools p ON p.key = s.pool"
    " WHERE s.at = (SELECT max(at) FROM samples WHERE pool = p.key)"
)


def measure(*, pools: int = 1000, week: int = 10_080, rounds: int = 7, answers: int = 3) -> Report:
    """From the question to what Slack is sent, without the way there; the stand-in has been asked for its list once."""
    report = Report(f"asking: {pools:,} pools, the worst {WORST} with a reading a minute for six hours, CPU")
    with tempfile.TemporaryDirectory(prefix="pool-stats-bench-") as folder, Emulator() as emulator:
        file = Path(folder) / "asking.db"
        engine = _filled(file, _made(emulator, pools), week)
        known = _known(emulator, engine)
        with known.modelarts, closing(sqlite3.connect(file)) as raw:
            _all(report, known, raw, rounds, answers)
            _slip(report, known, rounds, answers)
            _chart(report, known, raw, rounds, answers)
        engine.dispose()
    return report


def _all(report: Report, known: Answering, raw: sqlite3.Connection, rounds: int, answers: int) -> None:
    work = {
        "raw": lambda: raw.execute(NEWEST).fetchall(),
        "all": lambda: _asked("", known),
        "some": lambda: _asked("lab-00*", known),
        "last": lambda: _asked("page 9999", known),
    }
    found = in_turn({name: repeated(each, answers) for name, each in work.items()}, rounds=rounds, units=answers)
    report.add("floor: the newest reading of each pool, raw sqlite3", found["raw"], "ms/answer")
    report.add("/pool-stats: worst first, bars, drawn for Slack", found["all"], "ms/answer", floor=found["raw"])
    report.add("/pool-stats lab-00*: ten of them", found["some"], "ms/answer", floor=found["raw"])
    report.add("/pool-stats page 9999: the last page", found["last"], "ms/answer", floor=found["raw"])


def _slip(report: Report, known: Answering, rounds: int, answers: int) -> None:
    pools = known.modelarts.known_pools(now=NOON)
    names = [pool.name for pool in pools]
    work = {
        "floor": lambda: process.extract("lab-o042", names, scorer=fuzz.WRatio, limit=3),
        "nearest": lambda: nearest("lab-o042", pools),
    }
    found = in_turn({name: repeated(each, answers) for name, each in work.items()}, rounds=rounds, units=answers)
    report.add("floor: rapidfuzz over the names", found["floor"], "ms/name")
    report.add("did you mean: names and ids, ranked (to be under 5)", found["nearest"], "ms/name", floor=found["floor"])


def _chart(report: Report, known: Answering, raw: sqlite3.Connection, rounds: int, answers: int) -> None:
    sums = "SELECT at, sum(queue), sum(running), sum(completed), sum(failed) FROM samples WHERE pool = 1 GROUP BY at"
    work = {"raw": lambda: raw.execute(sums).fetchall(), "chart": lambda: _asked("lab-0000 chart 7d", known)}
    found = in_turn({name: repeated(each, answers) for name, each in work.items()}, rounds=rounds, units=answers)
    report.add("floor: a week of one pool summed, raw sqlite3", found["raw"], "ms/answer")
    report.add("chart 7d: figures, points, the picture's lines", found["chart"], "ms/answer", floor=found["raw"])


def _asked(text: str, known: Answering) -> dict[str, object]:
    return payload(answer(POOL_STATS, text, YOU, known, now=NOON))


def _made(emulator: Emulator, number: int) -> list[Pool]:
    made = [emulator.set_counts(f"lab-{place:04}", {"train": {"Queue": 1}}) for place in range(number)]
    return [Pool(each.id, each.name) for each in made]


def _filled(file: Path, pools: list[Pool], week: int) -> Engine:
    """The first pool has a week of readings, the worst six hours, the others two readings."""
    engine = open_store(f"sqlite:///{file}")
    upgrade(engine)
    with writing(engine) as db:
        for place, pool in enumerate(pools):
            minutes = week if place == 0 else 360 if place < WORST else 2
            queue = len(pools) - place
            samples.save_many(db, (_reading(pool, minute, queue) for minute in range(minutes, 0, -1)))
    return engine


def _reading(pool: Pool, minute: int, queue: int) -> PoolStats:
    counts = {JobStatus.QUEUE: queue + minute % 7, JobStatus.RUNNING: 9, JobStatus.COMPLETED: 5, JobStatus.FAILED: 1}
    return PoolStats(pool, NOON - minute * MINUTE, {name: TypeCounts(counts) for name in TYPES})


def _known(emulator: Emulator, engine: Engine) -> Answering:
    clock, key = Clock(), emulator.access_key
    modelarts = ModelArts(
        Keys(key.access, key.secret),
        endpoint=emulator.url,
        project_id=emulator.project_id,
        wall=clock.wall,
        monotonic=clock.monotonic,
        wait=wait,
        max_rate=1000,
    )
    return Answering(modelarts, engine, Access(), wanted=lambda _: True)
