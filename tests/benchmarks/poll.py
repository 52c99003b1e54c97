"""What does a tick cost, from the question over TLS to the stored and judged reading?"""

import itertools
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

from bot.clock import Clock, wait
from bot.core.rules.model import SHIPPED
from bot.core.stats import Pool
from bot.jobs.poll import Judges, Outcome, poll
from bot.jobs.telling import Moment
from bot.modelarts.client import ModelArts
from bot.modelarts.credentials import Keys
from bot.store.engine import open_store, upgrade
from tests.benchmarks.figures import Costs, Report, Work, in_turn
from tests.benchmarks.lines import Line, line
from tests.benchmarks.straight import Straight

PROJECT = "0123456789abcdef0123456789abcdef"
KEYS = Keys("QTWAOYTTINDUT2QVKYUC", "MFyfvK41ba2giqM7Uio6PznpdUKGpownRZlmVmHc")
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)

_T = TypeVar("_T")


class Ticks:
    """The bot's poll of every pool, a minute after the last one."""

    def __init__(self, at: Line, folder: Path, pools: tuple[Pool, ...], *, threads: int) -> None:
        clock = Clock()
        self.modelarts = ModelArts(
            KEYS,
            endpoint=at.url,
            project_id=PROJECT,
            wall=clock.wall,
            monotonic=clock.monotonic,
            wait=wait,
            # The bot limits itself; here it shall not.
            max_rate=1e6,
        )
        self._engine = open_store(f"sqlite:///{folder}/ours-{threads}.db")
        upgrade(self._engine)
        self._judges = Judges(self._engine, SHIPPED)
        self._pools = pools
        self._threads = ThreadPoolExecutor(threads) if threads > 1 else None
        self._minutes = itertools.count(1)

    def tick(self) -> None:
        """Read every pool once."""
        at = NOON + next(self._minutes) * MINUTE
        failed = sum(outcome is not Outcome.OK for outcome in self._of_each(lambda pool: self._poll(pool, at)))
        assert not failed, f"{failed} polls failed, so this tick measures something else"

    def ask(self) -> None:
        """Ask for every pool once, over the same connections, and keep and judge nothing."""
        for stats in self._of_each(lambda pool: self.modelarts.pool_stats(pool, now=NOON)):
            assert stats.types

    def close(self) -> None:
        """Let everything go."""
        if self._threads:
            self._threads.shutdown()
        self.modelarts.close()
        self._engine.dispose()

    def _of_each(self, do: Callable[[Pool], _T]) -> Iterable[_T]:
        return (self._threads.map if self._threads else map)(do, self._pools)

    def _poll(self, pool: Pool, at: datetime) -> Outcome:
        return poll(
            pool,
            modelarts=self.modelarts,
            engine=self._engine,
            judges=self._judges,
            routes=(),
            stale_after=2 * MINUTE,
            at=Moment(at, at),
        ).outcome


def measure(*, pools: int = 200, rounds: int = 7, threads: tuple[int, ...] = (1, 8), sdk: bool = True) -> Report:
    """A whole tick beside the straight script of the same steps, and how many handshakes it makes."""
    report = Report(f"poll: a whole tick of {pools} pools over TLS, CPU per pool")
    names = tuple(
        Pool(f"pool-{number:04}-86c13962597848eeb29c5861153a391f", f"pool-{number}") for number in range(pools)
    )
    with _ready(names, threads, sdk=sdk) as (variants, handshakes):
        costs = in_turn(variants, rounds=rounds, units=pools)
        walls = in_turn({name: variants[name] for name in handshakes}, rounds=3, units=pools, clock=time.perf_counter)
    for number in threads:
        floor, ours = costs[f"straight script, {number} threads"], costs[f"pool-stats, {number} threads"]
        report.add(f"the straight script, {_threads(number)}", floor, "ms")
        report.add(f"bot.jobs.poll, {_threads(number)}", ours, "ms", floor=floor, of="the straight script")
        question = costs[f"our call, {number} threads"]
        what = f"everything that is not HTTP, {_threads(number)}"
        report.add(what, ours.more_than(question), "ms", floor=costs["plain call"], of="a plain get")
    _add_calls(report, costs, threads)
    for number in threads:
        report.count(
            f"most TLS handshakes in a steady tick, {_threads(number)}",
            _in_steady_ticks(handshakes[f"pool-stats, {number} threads"]),
            "handshakes",
        )
    for number in threads:
        floor, ours = walls[f"straight script, {number} threads"], walls[f"pool-stats, {number} threads"]
        report.add(f"by the clock on the wall, {_threads(number)}", ours, "ms", floor=floor, of="the straight script")
    return report


def _add_calls(report: Report, costs: dict[str, Costs], threads: tuple[int, ...]) -> None:
    """What the call alone costs."""
    call, ours = costs[f"our call, {threads[0]} threads"], costs[f"pool-stats, {threads[0]} threads"]
    report.add("a plain requests.Session.get alone", costs["plain call"], "ms")
    report.add(
        "ModelArts.pool_stats alone (sign, GET, read)", call, "ms", floor=costs["plain call"], of="the plain get"
    )
    if "sdk" in costs:
        report.add("the official SDK's call alone", costs["sdk"], "ms")
        report.add("the whole tick again", ours, "ms", floor=costs["sdk"], of="the SDK's call")


def _in_steady_ticks(made: list[int]) -> int:
    """The most handshakes of a tick after the first that made none: threads that never met share a connection."""
    return max(made[made.index(0) :] if 0 in made else made)


@contextmanager
def _ready(
    pools: tuple[Pool, ...], threads: tuple[int, ...], *, sdk: bool
) -> Iterator[tuple[dict[str, Work], dict[str, list[int]]]]:
    """The variants, and the handshakes that each of those that are ticks makes, run by run."""
    variants: dict[str, Work] = {}
    handshakes: dict[str, list[int]] = {}
    ids = [pool.id for pool in pools]
    clock = Clock()

    def counted(name: str, tick: Work, at: Line) -> Work:
        made = handshakes.setdefault(name, [])

        def run() -> None:
            before = at.handshakes
            tick()
            made.append(at.handshakes - before)

        return run

    with line() as at, tempfile.TemporaryDirectory(prefix="pool-stats-bench-") as made, ExitStack() as open_things:
        folder = Path(made)
        for number in threads:
            script = Straight(
                at.url, PROJECT, KEYS.access_key, KEYS.secret_key, folder / f"straight-{number}.db",
                threads=number, wall=clock.wall,
            )  # fmt: skip
            open_things.callback(script.close)
            ticks = Ticks(at, folder, pools, threads=number)
            open_things.callback(ticks.close)
            plain = _straight_tick(script, ids)
            variants[f"straight script, {number} threads"] = counted(f"straight script, {number} threads", plain, at)
            variants[f"pool-stats, {number} threads"] = counted(f"pool-stats, {number} threads", ticks.tick, at)
            variants[f"our call, {number} threads"] = ticks.ask
        variants["plain call"] = lambda: [script.get(pool) for pool in ids]
        if sdk:
            ask = _sdk(at)
            variants["sdk"] = lambda: [ask(pool) for pool in ids]
        yield variants, handshakes


def _straight_tick(script: Straight, ids: list[str]) -> Work:
    minutes = itertools.count(1)
    return lambda: script.tick(ids, 60 * next(minutes))


def _sdk(at: Line) -> Callable[[str], Any]:
    """The official SDK's own call."""
    # Its import takes longer than many a benchmark.
    from huaweicloudsdkcore.auth.credentials import BasicCredentials  # noqa: PLC0415 - see above
    from huaweicloudsdkcore.http.http_config import HttpConfig  # noqa: PLC0415 - see above
    from huaweicloudsdkmodelarts.v1 import ModelArtsClient, ShowWorkloadStatisticsRequest  # noqa: PLC0415 - see above

    config = HttpConfig.get_default_config()
    config.ssl_ca_cert = str(at.certificate)
    credentials = BasicCredentials(KEYS.access_key, KEYS.secret_key).with_project_id(PROJECT)
    client = ModelArtsClient.new_builder().with_http_config(config).with_credentials(credentials)
    built = client.with_endpoints([at.url]).build()
    return lambda pool: built.show_workload_statistics(ShowWorkloadStatisticsRequest(pool_name=pool))


def _threads(number: int) -> str:
    return "1 thread" if number == 1 else f"{number} threads"
