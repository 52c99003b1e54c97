"""What scenarios have in common: an alert fires, and all is well again."""

from tests.delivery.collector import Tally, Told
from tests.delivery.scene import Scene

POOL = "train-a100"
SOME = tuple(f"train-{number:02}" for number in range(6))
RESOLVED = Told(POOL, "Resolved", ("Resolved",), may=("Worse",))


def fires(one: Scene, *pools: str) -> None:
    """Let an alert fire in each of the pools, and wait until the channel knows."""
    chosen = pools or (POOL,)
    one.queue(60, *chosen)
    one.eventually(lambda: all(one.fires(pool) for pool in chosen), within=60, what="the alert")


def resolves(one: Scene, *expected: Told) -> Tally:
    """Let all be well again, and wait until the workspace shows just that."""
    chosen = expected or (RESOLVED,)
    one.queue(3, *(told.pool for told in chosen))
    return one.settles(chosen)


def each_resolved(*pools: str) -> tuple[Told, ...]:
    """One message and one entry for each pool."""
    return tuple(Told(pool, "Resolved", ("Resolved",)) for pool in pools)
