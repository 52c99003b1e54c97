"""How many pools a second do so many workers read, and what does the queue cost? `python -m tests.benchmarks.cluster`.

The other end of the line takes 80 ms for an answer, so eight threads of a worker read at most a hundred pools a second.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from statistics import median

from sqlalchemy import Engine, text

from bot.app.connecting import connect_modelarts
from bot.app.plan import planned
from bot.app.reader import Reader
from bot.app.sharing_out import SharingOut, Terms
from bot.clock import Clock
from bot.core.stats import Pool
from bot.jobs.poll import Outcome
from bot.metrics import Metrics
from bot.settings.reading import read
from bot.store import queue
from bot.store.engine import open_store, reading, upgrade, writing
from bot.store.queue_schema import SCHEMA, prepare
from tests.benchmarks import upstream
from tests.benchmarks.figures import Report
from tests.benchmarks.lines import ROOT, CannotMeasure, Child, certificate_in, environment
from tests.benchmarks.poll import KEYS, PROJECT
from tests.databases import postgresql_programs, running_postgresql

ANSWERS_AFTER = 0.08
THREADS = 8
LEASE = timedelta(seconds=20)
_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Round:
    """What a round took: seconds on the wall, of CPU in workers, leader and database; bytes of its log."""

    wall: float
    workers: float
    leader: float
    database: float
    log: float


def cpu_of(pids: Sequence[int]) -> float:
    """Seconds of CPU that these processes have used, with their children that have ended."""
    used = 0
    for pid in pids:
        try:
            fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        used += sum(int(each) for each in fields[11:15])
    return used / _TICKS


def family(pid: int) -> list[int]:
    """The process and its children."""
    found = [pid]
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            try:
                fields = (entry / "stat").read_text(encoding="utf-8").rpartition(")")[2].split()
            except (FileNotFoundError, ProcessLookupError):
                continue
            if int(fields[1]) == pid:
                found.append(int(entry.name))
    return found


class Cluster:
    """A database, the leader's side here, and workers in processes of their own."""

    def __init__(self, url: str, shards: int) -> None:
        self.url = url
        self.engine: Engine = open_store(url)
        upgrade(self.engine)
        prepare(self.engine)
        self._terms = Terms(timedelta(milliseconds=1), shards, LEASE)
        self.workers: list[subprocess.Popen[bytes]] = []
        with reading(self.engine) as db:
            self._postmaster = int(
                Path(str(db.scalar(text("SHOW data_directory"))), "postmaster.pid").read_text().split()[0]
            )

    def start(self, number: int) -> None:
        """Let exactly so many workers be there."""
        while len(self.workers) > number:
            worker = self.workers.pop()
            worker.terminate()
            worker.wait(20)
        while len(self.workers) < number:
            command = [sys.executable, "-m", "bot", "worker"]
            self.workers.append(subprocess.Popen(command, cwd=ROOT))
        _until(lambda: self._there() == number, "the workers")

    def read(self, pools: Sequence[Pool], every: timedelta | None = None) -> Round:
        """Have every pool read once, unless it was within `every`."""
        terms = self._terms if every is None else Terms(every, self._terms.shards, LEASE)
        sharing = SharingOut(
            self.engine, Clock(), pools=lambda: pools, terms=lambda: terms, metrics=Metrics(), works=lambda: None
        )
        pids = [worker.pid for worker in self.workers]
        before = cpu_of(pids), time.process_time(), self.database(), self.log()
        began = time.perf_counter()
        with writing(self.engine) as db:
            sharing.share(db, terms, Clock().wall())
        leader = time.process_time() - before[1]
        _until(self._is_idle, "the readings")
        wall = time.perf_counter() - began
        return Round(wall, cpu_of(pids) - before[0], leader, self.database() - before[2], self.log() - before[3])

    def database(self) -> float:
        """Seconds of CPU that the database has used."""
        return cpu_of(family(self._postmaster))

    def log(self) -> float:
        """Bytes that the database has written ahead so far."""
        with reading(self.engine) as db:
            return float(db.scalar(text("SELECT pg_current_wal_insert_lsn() - '0/0'")) or 0)

    def memory(self) -> float:
        """Megabytes that the first worker holds."""
        line = next(
            line
            for line in Path(f"/proc/{self.workers[0].pid}/status").read_text(encoding="utf-8").splitlines()
            if line.startswith("VmRSS:")
        )
        return int(line.split()[1]) / 1024

    def _is_idle(self) -> bool:
        with reading(self.engine) as db:
            return not queue.queued(db)

    def _there(self) -> int:
        with reading(self.engine) as db:
            return int(db.scalar(text(f"SELECT count(*) FROM {SCHEMA}.procrastinate_workers")) or 0)  # noqa: S608 - ours

    def close(self) -> None:
        """End everything."""
        self.start(0)
        self.engine.dispose()


def measure(pools: int, rounds: int, shards: int, workers: Sequence[int]) -> Report:
    """Throughput by workers, CPU for a pool beside one process, and what a shard costs that has nothing to read."""
    report = Report(f"cluster: {pools} pools over TLS, {ANSWERS_AFTER * 1000:.0f} ms an answer, {THREADS} threads each")
    names = tuple(
        Pool(f"pool-{number:05}-86c13962597848eeb29c5861153a391f", f"pool-{number}") for number in range(pools)
    )
    with _ready(shards) as cluster:
        alone = _alone(cluster, names, rounds)
        _tell(report, "one process", alone, pools, None)
        for number in workers:
            cluster.start(number)
            cluster.read(names)
            found = [cluster.read(names) for _ in range(rounds)]
            if number == 1:
                report.count(f"memory of a worker with {pools} pools", cluster.memory(), "MB")
            _tell(report, f"{number} worker{'s' if number > 1 else ''}", found, pools, alone)
        idle = [cluster.read(names, timedelta(hours=1)) for _ in range(rounds)]
        each = median(each.workers + each.leader + each.database for each in idle) * 1000 / shards
        report.count("a shard with nothing to read: CPU of worker, leader and database", each, "ms")
        report.count("… of which in the database", median(each.database for each in idle) * 1000 / shards, "ms")
    return report


def _tell(report: Report, who: str, rounds: Sequence[Round], pools: int, floor: Sequence[Round] | None) -> None:
    def of(what: Callable[[Round], float]) -> tuple[float, float | None]:
        return median(map(what, rounds)), None if floor is None else median(map(what, floor))

    for said, unit, what in (
        ("pools a second", "pools/s", lambda each: pools / each.wall),
        ("CPU of readers and leader for a pool", "ms", lambda each: (each.workers + each.leader) * 1000 / pools),
        ("CPU of the database for a pool", "ms", lambda each: each.database * 1000 / pools),
        ("written ahead by the database for a pool", "bytes", lambda each: each.log / pools),
    ):
        usual, beside = of(what)
        report.count(f"{who}: {said}", usual, unit, floor=beside, of="one process")


def _alone(cluster: Cluster, pools: Sequence[Pool], rounds: int) -> list[Round]:
    """The same readings by threads of this process, without a queue."""
    config, clock = read(None, os.environ), Clock()
    plan = planned(config.settings, cluster.engine)
    found = []
    with connect_modelarts(config, clock) as modelarts, ThreadPoolExecutor(THREADS) as threads:
        reader = Reader(modelarts, cluster.engine, clock, lambda: plan, None)
        for _ in range(rounds + 1):
            before = time.process_time(), cluster.database(), cluster.log()
            began = time.perf_counter()
            outcomes = {polled.outcome for polled in threads.map(reader.poll, pools)}
            assert outcomes == {Outcome.OK}, "a reading failed, so this measures something else"
            wall = time.perf_counter() - began
            used = time.process_time() - before[0], cluster.database() - before[1], cluster.log() - before[2]
            found.append(Round(wall, 0.0, *used))
    return found[1:]


@contextmanager
def _ready(shards: int) -> Iterator[Cluster]:
    programs = postgresql_programs()
    if programs is None:
        raise CannotMeasure("PostgreSQL is needed: apt install postgresql")
    with ExitStack() as opened:
        at = opened.enter_context(_slow_line())
        server = opened.enter_context(running_postgresql(programs))
        url = server.new_database()
        more = {
            "DATABASE_URL": url,
            "HUAWEICLOUD_SDK_AK": KEYS.access_key,
            "HUAWEICLOUD_SDK_SK": KEYS.secret_key,
            "POOL_STATS_MODELARTS__ENDPOINT": at,
            "POOL_STATS_MODELARTS__PROJECT_ID": PROJECT,
            "POOL_STATS_MODELARTS__MAX_RATE": "1000",
            "POOL_STATS_POLL__WORKERS": str(THREADS),
            "POOL_STATS_SCALE__MODE": "cluster",
            "POOL_STATS_SCALE__LEASE": f"{LEASE.seconds}s",
            "POOL_STATS_LOG__LEVEL": "error",
        }
        opened.enter_context(environment(**more))
        cluster = Cluster(url, shards)
        opened.callback(cluster.close)
        yield cluster


@contextmanager
def _slow_line() -> Iterator[str]:
    """Where ModelArts answers, after a while."""
    with tempfile.TemporaryDirectory(prefix="pool-stats-bench-") as folder:
        certificate = certificate_in(Path(folder))
        server = Child(upstream.__file__, certificate, str(ANSWERS_AFTER))
        try:
            with environment(REQUESTS_CA_BUNDLE=str(certificate)):
                yield f"https://127.0.0.1:{server.port}"
        finally:
            server.end()


def _until(look: Callable[[], bool], what: str, within: float = 300.0) -> None:
    deadline = time.monotonic() + within
    while not look():
        if time.monotonic() > deadline:
            raise CannotMeasure(f"{what} did not come")
        threading.Event().wait(0.05)


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.cluster", description=__doc__)
    parser.add_argument("--pools", type=int, default=1280)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--shards", type=int, default=64)
    parser.add_argument("workers", type=int, nargs="*", default=[1, 2, 4])
    chosen = parser.parse_args()
    try:
        sys.stdout.write(f"{measure(chosen.pools, chosen.rounds, chosen.shards, chosen.workers)}\n")
    except CannotMeasure as error:
        sys.stderr.write(f"not measured: {error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
