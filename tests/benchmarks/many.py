"""Does a tick cost as much a pool where there are many? And is it done in time where each answer takes a while?

`python -m tests.benchmarks.many`: takes some minutes.
"""

import argparse
import gc
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from bot.core.stats import Pool
from tests.benchmarks import upstream
from tests.benchmarks.figures import Costs, Report
from tests.benchmarks.lines import CannotMeasure, Child, Line, certificate_in, environment
from tests.benchmarks.poll import Ticks

# As ModelArts answers from afar.
ROUND_TRIP = 0.08
THREADS = 8


def measure(*, sizes: Sequence[int] = (100, 1000, 10_000), slow: int = 640, rounds: int = 3) -> Report:
    """A whole tick of so many pools, and one of `slow` pools whose answers take a while."""
    report = Report(f"many: a whole tick over TLS, {THREADS} threads")
    with _line(0.0) as at:
        costs = {size: _ticks(at, size, rounds, time.process_time) for size in sizes}
        floor = costs[sizes[0]]
        for size, (cost, made) in costs.items():
            report.add(f"{size:,} pools, CPU a pool", cost, "ms", floor=floor[0], of=f"with {sizes[0]:,} pools")
            report.count(f"{size:,} pools, TLS handshakes in the last {rounds} ticks", made, "handshakes")
    with _line(ROUND_TRIP) as at:
        cost, made = _ticks(at, slow, rounds, time.perf_counter)
    ideal = Costs((ROUND_TRIP * 1000 / THREADS,) * rounds)
    what = f"{slow:,} pools, {ROUND_TRIP * 1000:.0f} ms an answer, by the clock on the wall, a pool"
    report.add(what, cost, "ms", floor=ideal, of="round trip / threads")
    report.count(f"TLS handshakes in the last {rounds} of these ticks", made, "handshakes")
    return report


def _ticks(at: Line, size: int, rounds: int, clock: Callable[[], float]) -> tuple[Costs, int]:
    """What a tick costs a pool, and the handshakes of all of them but the first two."""
    pools = tuple(
        Pool(f"pool-{number:05}-86c13962597848eeb29c5861153a391f", f"pool-{number}") for number in range(size)
    )
    spent: list[float] = []
    with tempfile.TemporaryDirectory(prefix="pool-stats-bench-") as folder:
        ticks = Ticks(at, Path(folder), pools, threads=THREADS)
        try:
            for _ in range(2):
                ticks.tick()
            before = at.handshakes
            for _ in range(rounds):
                gc.collect()
                began = clock()
                ticks.tick()
                spent.append((clock() - began) * 1000 / size)
            return Costs(tuple(spent)), at.handshakes - before
        finally:
            ticks.close()


@contextmanager
def _line(answers_after: float) -> Iterator[Line]:
    with tempfile.TemporaryDirectory(prefix="pool-stats-bench-") as folder:
        certificate = certificate_in(Path(folder))
        server = Child(upstream.__file__, certificate, str(answers_after))
        try:
            with environment(REQUESTS_CA_BUNDLE=str(certificate)):
                yield Line(f"https://127.0.0.1:{server.port}", certificate, server)
        finally:
            server.end()


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.many", description=__doc__)
    parser.add_argument("sizes", type=int, nargs="*", default=[100, 1000, 10_000])
    try:
        sys.stdout.write(f"{measure(sizes=parser.parse_args().sizes)}\n")
    except CannotMeasure as error:
        sys.stderr.write(f"not measured: {error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
