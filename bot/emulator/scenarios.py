"""What if? Made-up clusters in which a known thing happens at a known time, the same for every run of a seed."""

from collections.abc import Callable, Mapping
from datetime import datetime
from threading import RLock
from types import MappingProxyType

from bot.emulator.history import History
from bot.emulator.simulation import Plan, SimulatedPool

_MINUTE = 60.0
_DAY = 24 * 60
_WARM_UP = 26 * 60  # minutes simulated before the start, so that the pools are in their usual state
_LONGEST_CATCH_UP = 14 * _DAY

_PLANS = (
    Plan("train-a100", cards=128, jobs_per_hour={"train": 9.0, "notebook": 2.0}, minutes={"train": 55, "notebook": 90}),
    Plan("train-v100", cards=64, jobs_per_hour={"train": 6.0}, minutes={"train": 50}),
    Plan("infer-prod", cards=48, jobs_per_hour={"infer": 1.5}, minutes={"infer": 720}),
    Plan("research", cards=16, jobs_per_hour={"train": 2.0, "notebook": 1.5}, minutes={"train": 25, "notebook": 60}),
)

Twist = Callable[[SimulatedPool, int], None]


def calm(pool: SimulatedPool, minute: int) -> None:
    """Nothing happens: jobs come and go, a queue of a few jobs forms now and then, a job fails now and then."""


def queue_growth(pool: SimulatedPool, minute: int) -> None:
    """In minutes 4 to 8, daily, 60 jobs of a node each come to train-a100; two to four hours later they have run."""
    if pool.plan.key == "train-a100" and 4 <= minute % _DAY < 9:
        pool.submit(12, "train", cards=8, minutes=25)


def failure_burst(pool: SimulatedPool, minute: int) -> None:
    """In minute 5, daily, up to nine jobs of train-a100 die; for 30 minutes what starts there fails and is retried."""
    if pool.plan.key == "train-a100":
        pool.broken = 5 <= minute % _DAY < 35
        if minute % _DAY == 5:
            pool.kill(9)


def outage(pool: SimulatedPool, minute: int) -> None:
    """In minutes 6 to 15, daily, every call is answered 503; the jobs go on meanwhile."""


def counter_reset(pool: SimulatedPool, minute: int) -> None:
    """In minute 8, and every six hours after, all pools forget their finished jobs: the counts fall to 0."""
    if minute % 360 == 8:
        pool.forget_finished()


SCENARIOS: Mapping[str, Twist] = MappingProxyType(
    {
        "calm": calm,
        "queue-growth": queue_growth,
        "failure-burst": failure_burst,
        "outage": outage,
        "counter-reset": counter_reset,
    }
)


class Scenario:
    """A scenario, from `start` on, in the time of the cluster.

    Args:
        name: One of `SCENARIOS`.
        start: Minute 0. What was before it is calm.
        seed: Another seed, another cluster; the same seed, the same counts.

    Raises:
        ValueError: There is no such scenario.
    """

    def __init__(self, name: str, start: datetime, *, seed: int = 1) -> None:
        if name not in SCENARIOS:
            raise ValueError(f"there is no scenario {name!r}; there are: {', '.join(SCENARIOS)}, causes")
        self._name = name
        self._start = start.timestamp()
        self._minute = -_WARM_UP
        self._pools = {plan.key: SimulatedPool(plan, seed) for plan in _PLANS}
        self._histories = {plan.key: History() for plan in _PLANS}
        self._lock = RLock()

    def sizes(self) -> Mapping[str, int]:
        """The cards of each pool."""
        return {plan.key: plan.cards for plan in _PLANS}

    def history(self, key: str, until: float) -> History:
        """The counts of a pool until then, simulated minute by minute."""
        with self._lock:
            target = int((until - self._start) // _MINUTE)
            self._minute = max(self._minute, target - _LONGEST_CATCH_UP)
            while self._minute <= target:
                self._step()
            return self._histories[key]

    def loop(self) -> tuple[float, float] | None:
        """A scenario goes on for ever."""
        return None

    def answers(self, at: float) -> bool:
        """Whether the service can be reached: it cannot during the outage of `outage`."""
        minute = (at - self._start) / _MINUTE
        return not (self._name == "outage" and minute >= 0 and 6 <= minute % _DAY < 16)

    def _step(self) -> None:
        twist = SCENARIOS[self._name]
        for key, pool in self._pools.items():
            if self._minute >= 0:
                twist(pool, self._minute)
            pool.step(self._minute)
            self._histories[key].put(self._start + self._minute * _MINUTE, pool.counts())
        self._minute += 1
