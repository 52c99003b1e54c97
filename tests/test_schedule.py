"""Which job runs when, tried on the real scheduler with work that does nothing."""

import logging
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TypeVar

import pytest

from bot.clock import Clock, wait
from bot.core.stats import Pool
from bot.jobs.deliver import Delivered
from bot.jobs.poll import Outcome, Polled
from bot.metrics import Metrics
from bot.schedule import Schedule, Work
from bot.store.errors import StoreBusy, StoreError, StoreReadOnly
from tests.running import eventually

_T = TypeVar("_T")
QUICK = timedelta(milliseconds=200)
HOUR = timedelta(hours=1)
LOCKED = StoreBusy("the database bot.db is locked by another process")


def pools(number: int) -> list[Pool]:
    """So many pools."""
    return [Pool(f"pool-{index}", f"Pool {index}") for index in range(number)]


@dataclass
class Jobs:
    """Work that notes what it was asked to do, and does `during` meanwhile."""

    listed: Sequence[Pool] | Exception = ()
    known: Sequence[Pool] = ()
    failing: dict[str, Exception] = field(default_factory=dict)
    during: Callable[[Pool], None] = lambda _: None
    while_listing: Callable[[], None] = lambda: None
    while_delivering: Callable[[], None] = lambda: None
    while_delivering_to: dict[str, Callable[[], None]] = field(default_factory=dict)
    platforms: Sequence[str] = ("slack",)
    again_in: timedelta | None = None
    told: int = 0
    outcome: Outcome = Outcome.OK
    kind: str = "Unavailable"
    more: int = 0
    read_at: list[tuple[str, float]] = field(default_factory=list)
    at_once: int = 0
    most_at_once: int = 0
    of_one_pool: int = 0
    calls: Counter[str] = field(default_factory=Counter)
    left: list[Sequence[Pool]] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)
    reading: Counter[str] = field(default_factory=Counter)
    leapt: list[timedelta] = field(default_factory=list)
    # Whether what is being sent is to go on.
    goes_on: Callable[[], bool] = lambda: True

    def work(self) -> Work:
        """For the schedule."""
        return Work(
            pools=self._pools, known_pools=lambda: self.known, leave=self._leave, poll=self._poll,
            platforms=self.platforms, deliver=self._deliver, repeats=lambda: self._noted("repeats", ["slack"]),
            due=lambda: self._noted("due", 0), prune=lambda: self._noted("prune", None), leapt=self._leapt,
        )  # fmt: skip

    def _noted(self, name: str, result: _T) -> _T:
        with self.lock:
            self.calls[name] += 1
            error = self.failing.get(name)
        if error is not None:
            raise error
        return result

    def _pools(self) -> Sequence[Pool]:
        self._noted("pools", None)
        self.while_listing()
        if isinstance(self.listed, Exception):
            raise self.listed
        return self.listed

    def _leapt(self, leap: timedelta) -> None:
        self.leapt.append(leap)
        self._noted("clock", None)

    def _leave(self, read: Sequence[Pool]) -> int:
        self.left.append(read)
        return 0

    def _poll(self, pool: Pool) -> Polled:
        with self.lock:
            self.read_at.append((pool.id, time.monotonic()))
            self.reading[pool.id] += 1
            self.of_one_pool = max(self.of_one_pool, self.reading[pool.id])
            self.most_at_once = max(self.most_at_once, self.reading.total())
        try:
            self.during(pool)
            self._noted("poll", None)
            self._noted(f"poll {pool.id}", None)
        finally:
            with self.lock:
                self.reading[pool.id] -= 1
        return Polled(self.outcome, None, self.told, self.kind, "ModelArts answered 503")

    def _deliver(self, platform: str, goes_on: Callable[[], bool]) -> Delivered:
        self.goes_on = goes_on
        self._noted("deliver", None)
        self._noted(f"deliver {platform}", None)
        self.while_delivering()
        self.while_delivering_to.get(platform, lambda: None)()
        self.more -= 1
        return Delivered([(platform, "sent")], [timedelta(seconds=1)], self.more > 0, self.again_in)

    def reads(self, pool_id: str) -> list[float]:
        """When the pool was read."""
        with self.lock:
            return [at for read, at in self.read_at if read == pool_id]


@pytest.fixture
def jobs() -> Jobs:
    """Work, and nothing to do."""
    return Jobs()


@pytest.fixture
def metrics() -> Metrics:
    """Counters at zero."""
    return Metrics()


@pytest.fixture
def run(jobs: Jobs, metrics: Metrics) -> Iterator[Callable[..., Schedule]]:
    """Starts a schedule; it is stopped in the end."""
    made: list[Schedule] = []

    def start(every: timedelta = QUICK, workers: int = 4) -> Schedule:
        made.append(Schedule(jobs.work(), Clock(), metrics, every=every, workers=workers))
        made[-1].start()
        return made[-1]

    yield start
    for schedule in made:
        schedule.stop()


def count(metrics: Metrics, name: str, **labels: str) -> float:
    """A counter's value."""
    return metrics.registry.get_sample_value(name, labels) or 0.0


def held(gate: threading.Event) -> None:
    """Wait until the test opens the gate."""
    assert gate.wait(20)


def raising(error: Exception) -> Callable[[], None]:
    """What fails whenever it is done."""

    def fail() -> None:
        raise error

    return fail


def takes_long(_: Pool) -> None:
    """A worker reads 20 pools a second at most like this."""
    wait(0.05)


Start = Callable[..., Schedule]


def test_every_pool_is_read_within_the_interval_from_the_start_on(run: Start, jobs: Jobs) -> None:
    jobs.listed = pools(6)
    run(timedelta(seconds=1))

    eventually(lambda: all(len(jobs.reads(pool.id)) >= 3 for pool in pools(6)), what="three readings of each")

    for pool in pools(6):
        first, second, third = jobs.reads(pool.id)[:3]
        # The machine that runs this may be busy.
        assert second - first < 1.5
        assert 0.5 < third - second < 1.5


def test_readings_are_spread_over_the_interval(run: Start, jobs: Jobs) -> None:
    jobs.listed = pools(40)
    run(timedelta(seconds=2))

    eventually(lambda: all(len(jobs.reads(pool.id)) >= 3 for pool in pools(40)), what="three readings of each")

    times = sorted(jobs.reads(pool.id)[2] for pool in pools(40))
    assert times[-1] - times[0] > 1.0


def test_even_the_first_readings_of_many_pools_fit_into_the_interval(run: Start, jobs: Jobs) -> None:
    jobs.listed = pools(100)
    run(timedelta(seconds=2), workers=8)

    eventually(lambda: all(jobs.reads(pool.id) for pool in pools(100)), what="the first readings")

    first = [jobs.reads(pool.id)[0] for pool in pools(100)]
    assert max(first) - min(first) < 4


def test_a_pool_is_never_read_twice_at_once_and_a_late_poll_is_skipped_and_counted(
    run: Start, jobs: Jobs, metrics: Metrics
) -> None:
    gate = threading.Event()
    jobs.listed, jobs.during = pools(1), lambda _: held(gate)
    run(QUICK)

    eventually(lambda: count(metrics, "pool_stats_polls_total", outcome="skipped") >= 3, what="skipped polls")
    assert len(jobs.reads("pool-0")) == 1
    gate.set()

    eventually(lambda: len(jobs.reads("pool-0")) >= 3, what="more readings")
    assert jobs.of_one_pool == 1


def test_late_polls_are_not_queued_up(run: Start, jobs: Jobs, metrics: Metrics) -> None:
    gate = threading.Event()
    jobs.listed, jobs.during = pools(1), lambda _: held(gate)
    run(QUICK)
    eventually(lambda: count(metrics, "pool_stats_polls_total", outcome="skipped") >= 10, what="skipped polls")

    opened = time.monotonic()
    gate.set()
    eventually(lambda: len(jobs.reads("pool-0")) >= 3, what="more readings")

    after = [at for at in jobs.reads("pool-0") if at > opened]
    assert after[1] - after[0] > 0.05


def test_no_more_pools_are_read_at_once_than_there_are_workers(run: Start, jobs: Jobs) -> None:
    gate = threading.Event()
    jobs.listed, jobs.during = pools(12), lambda _: held(gate)
    run(timedelta(seconds=1), workers=3)

    eventually(lambda: jobs.most_at_once == 3, what="three readings at once")
    gate.set()
    eventually(lambda: all(jobs.reads(pool.id) for pool in pools(12)), what="every pool")
    assert jobs.most_at_once == 3


def test_pools_that_hang_hold_up_neither_deliveries_nor_what_is_due(run: Start, jobs: Jobs) -> None:
    gate = threading.Event()
    jobs.listed, jobs.during = pools(8), lambda _: held(gate)
    run(QUICK, workers=2)

    eventually(lambda: jobs.calls["deliver"] >= 2 and jobs.calls["due"] >= 1, what="deliveries")
    gate.set()


def test_a_pool_that_vanishes_is_no_longer_read_and_one_that_appears_is(run: Start, jobs: Jobs) -> None:
    stays, goes, comes = pools(3)
    jobs.listed = [stays, goes]
    schedule = run()
    eventually(lambda: jobs.reads(goes.id), what="the first reading")

    jobs.listed = [stays, comes]
    schedule.look_for_pools()
    eventually(lambda: jobs.reads(comes.id), what="the new pool's reading")

    before = len(jobs.reads(goes.id))
    eventually(lambda: len(jobs.reads(comes.id)) >= 4, what="more readings")
    assert len(jobs.reads(goes.id)) <= before
    assert {pool.id for pool in schedule.pools} == {stays.id, comes.id}
    assert list(jobs.left[-1]) == [stays, comes]


def test_a_new_interval_is_kept_from_now_on(run: Start, jobs: Jobs) -> None:
    jobs.listed = pools(2)
    schedule = run(HOUR)
    eventually(lambda: all(jobs.reads(pool.id) for pool in pools(2)), what="the first readings")

    schedule.change_interval(QUICK)

    eventually(lambda: all(len(jobs.reads(pool.id)) >= 4 for pool in pools(2)), what="more readings")


def test_after_the_interval_has_changed_each_pool_is_read_soon_though_it_was_just_read(run: Start, jobs: Jobs) -> None:
    jobs.listed = pools(5)
    schedule = run(HOUR)
    eventually(lambda: all(jobs.reads(pool.id) for pool in pools(5)), what="the first readings")

    schedule.change_interval(2 * HOUR)

    eventually(lambda: all(len(jobs.reads(pool.id)) >= 2 for pool in pools(5)), what="another reading of each")


def test_a_pool_that_appears_is_read_soon_and_no_other_is_for_its_sake(run: Start, jobs: Jobs) -> None:
    jobs.listed = pools(3)
    schedule = run(HOUR)
    eventually(lambda: all(jobs.reads(pool.id) for pool in pools(3)), what="the first readings")
    before = len(jobs.read_at)

    jobs.listed = pools(4)
    schedule.look_for_pools()

    eventually(lambda: jobs.reads("pool-3"), what="the new pool's reading")
    # One of the others may have its place in the interval just now.
    assert len(jobs.read_at) <= before + 2


def test_the_trouble_with_a_pool_that_vanishes_is_over(run: Start, jobs: Jobs) -> None:
    stays, goes = pools(2)
    jobs.listed, jobs.failing = [stays, goes], {f"poll {goes.id}": KeyError("surprise")}
    schedule = run(HOUR)
    eventually(lambda: schedule.problems, what="the trouble")

    jobs.listed = [stays]
    schedule.look_for_pools()

    eventually(lambda: schedule.problems == {}, what="its end")


@pytest.mark.parametrize("speed", [500, 20_000])
def test_an_interval_that_a_quick_clock_makes_very_short_is_kept_as_far_as_it_can_be(
    jobs: Jobs, metrics: Metrics, speed: int
) -> None:
    jobs.listed = pools(3)
    schedule = Schedule(jobs.work(), Clock(speed=speed), metrics, every=timedelta(minutes=1), workers=2)
    schedule.start()
    try:
        eventually(lambda: all(len(jobs.reads(pool.id)) >= 20 for pool in pools(3)), what="readings")
    finally:
        schedule.stop()

    each = [len(jobs.reads(pool.id)) for pool in pools(3)]
    assert max(each) - min(each) <= 3
    assert jobs.of_one_pool == 1


class Set(Clock):
    """A clock that can be set."""

    by = timedelta()

    def wall(self) -> datetime:
        """The time of day that it was set to."""
        return super().wall() + self.by


def test_after_each_leap_of_the_clock_all_pools_are_read_anew_and_what_goes_wrong_with_one_is_told(
    jobs: Jobs, metrics: Metrics, caplog: pytest.LogCaptureFixture
) -> None:
    jobs.listed, jobs.failing = pools(3), {"clock": KeyError("surprise")}
    clock = Set()
    schedule = Schedule(jobs.work(), clock, metrics, every=HOUR, workers=2)
    schedule.start()
    try:
        eventually(lambda: all(jobs.reads(pool.id) for pool in pools(3)), what="the first readings")
        clock.by -= timedelta(minutes=1)
        eventually(lambda: "clock" in schedule.problems, what="the trouble")
        eventually(lambda: all(len(jobs.reads(pool.id)) >= 2 for pool in pools(3)), what="readings anew")
        assert count(metrics, "pool_stats_job_failures_total", job="clock") == 1
        assert "clock failed: KeyError('surprise'); this will be tried again" in caplog.messages

        jobs.failing = {}
        clock.by -= timedelta(minutes=1)
        eventually(lambda: len(jobs.leapt) == 2, what="the next leap")
        assert [round(leap / timedelta(seconds=1)) for leap in jobs.leapt] == [-60, -60]
        eventually(lambda: all(len(jobs.reads(pool.id)) >= 3 for pool in pools(3)), what="readings anew")
        eventually(lambda: schedule.problems == {}, what="the end")
    finally:
        schedule.stop()


def test_an_interval_that_changes_while_pools_are_listed_loses_none(run: Start, jobs: Jobs) -> None:
    jobs.listed = pools(5)
    schedule = run(HOUR)
    eventually(lambda: schedule.pools_known_at, what="the list")

    changing = [threading.Thread(target=schedule.change_interval, args=(QUICK,)) for _ in range(4)]
    for thread in changing:
        schedule.look_for_pools()
        thread.start()
    for thread in changing:
        thread.join(10)

    eventually(lambda: all(len(jobs.reads(pool.id)) >= 4 for pool in pools(5)), what="readings of all")


def test_a_list_of_pools_that_cannot_be_had_is_asked_for_again_and_told(jobs: Jobs, metrics: Metrics) -> None:
    jobs.listed = StoreBusy("ModelArts answered 503")
    schedule = Schedule(jobs.work(), Clock(speed=100), metrics, every=timedelta(seconds=100), workers=2)
    schedule.start()
    try:
        eventually(lambda: schedule.pools_problem == "ModelArts answered 503", what="the problem")
        jobs.listed = pools(1)
        eventually(lambda: jobs.reads("pool-0"), what="a reading")
        assert schedule.pools_problem is None
    finally:
        schedule.stop()


def test_pools_that_were_read_before_are_read_while_they_cannot_be_listed(run: Start, jobs: Jobs) -> None:
    jobs.listed, jobs.known = ValueError("no list"), pools(2)
    schedule = run()

    eventually(lambda: all(jobs.reads(pool.id) for pool in pools(2)), what="readings")
    assert schedule.pools_problem == "no list"


def test_a_database_that_is_busy_for_a_while_is_told_once_and_its_end_too(
    run: Start, jobs: Jobs, metrics: Metrics, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "bot.schedule")
    jobs.listed = pools(5)
    jobs.failing = dict.fromkeys(("poll", "deliver", "due", "repeats"), LOCKED)
    schedule = run()

    eventually(lambda: count(metrics, "pool_stats_polls_total", outcome="error") >= 20, what="failed polls")
    eventually(lambda: count(metrics, "pool_stats_job_failures_total", job="deliver") >= 2, what="failed deliveries")
    assert schedule.problems == {"database": str(LOCKED)}
    assert [record.getMessage() for record in caplog.records] == [f"{LOCKED}; this will be tried again"]

    jobs.failing = {}
    eventually(lambda: not schedule.problems, what="the end")
    assert [record.getMessage() for record in caplog.records][1:] == [f"no longer so: {LOCKED}"]


def test_a_database_whose_trouble_becomes_another_one_is_told_anew(
    run: Start, jobs: Jobs, caplog: pytest.LogCaptureFixture
) -> None:
    jobs.listed, jobs.failing = pools(1), {"poll": LOCKED}
    schedule = run()
    eventually(lambda: schedule.problems, what="the trouble")

    jobs.failing = {"poll": StoreReadOnly("the database bot.db is read-only")}
    eventually(lambda: schedule.problems == {"database": "the database bot.db is read-only"}, what="the other")
    assert len(caplog.records) == 2


def test_a_pool_that_cannot_be_read_for_long_is_told_once(
    run: Start, jobs: Jobs, metrics: Metrics, caplog: pytest.LogCaptureFixture
) -> None:
    jobs.listed, jobs.outcome = pools(1), Outcome.FAILED
    schedule = run()

    eventually(lambda: count(metrics, "pool_stats_polls_total", outcome="failed") >= 5, what="failed polls")
    assert [record.getMessage() for record in caplog.records] == [
        "pool pool-0 cannot be read: ModelArts answered 503; this will be tried again"
    ]
    assert schedule.problems == {}


@pytest.mark.parametrize("kind", ["Unavailable", "Throttled"])
def test_what_keeps_all_pools_from_being_read_is_told_once(
    run: Start, jobs: Jobs, metrics: Metrics, caplog: pytest.LogCaptureFixture, kind: str
) -> None:
    jobs.listed, jobs.outcome, jobs.kind = pools(20), Outcome.FAILED, kind
    schedule = run()

    eventually(lambda: count(metrics, "pool_stats_polls_total", outcome="failed") >= 60, what="failed polls")
    assert len(caplog.records) == 1
    assert schedule.problems == {}


def test_what_keeps_each_pool_from_being_read_is_told_of_each(
    run: Start, jobs: Jobs, metrics: Metrics, caplog: pytest.LogCaptureFixture
) -> None:
    jobs.listed, jobs.outcome, jobs.kind = pools(5), Outcome.FAILED, "NotAllowed"
    run()

    eventually(lambda: count(metrics, "pool_stats_polls_total", outcome="failed") >= 20, what="failed polls")
    assert len({record.getMessage() for record in caplog.records}) == len(caplog.records) == 5


def test_refused_credentials_are_a_reason_and_are_not_repeated_in_the_log(
    run: Start, jobs: Jobs, metrics: Metrics, caplog: pytest.LogCaptureFixture
) -> None:
    jobs.listed, jobs.outcome, jobs.kind = pools(20), Outcome.FAILED, "BadCredentials"
    schedule = run()

    eventually(lambda: count(metrics, "pool_stats_polls_total", outcome="failed") >= 60, what="failed polls")
    assert schedule.problems == {"credentials": "ModelArts answered 503"}
    # The client has told it.
    assert caplog.records == []
    jobs.outcome = Outcome.OK
    eventually(lambda: not schedule.problems, what="the end")


def test_what_nobody_foresaw_in_one_pool_holds_up_no_other_and_is_shown_with_its_place(
    run: Start, jobs: Jobs, caplog: pytest.LogCaptureFixture
) -> None:
    jobs.listed, jobs.failing = pools(3), {"poll pool-1": KeyError("surprise")}
    schedule = run()

    eventually(lambda: all(len(jobs.reads(pool.id)) >= 4 for pool in pools(3)), what="readings of all")
    (record,) = caplog.records
    assert "KeyError('surprise')" in record.getMessage()
    assert record.exc_info is not None
    assert "poll pool-1" in schedule.problems


def test_what_is_told_by_a_poll_is_sent_at_once(run: Start, jobs: Jobs) -> None:
    delivered = threading.Event()
    jobs.listed, jobs.told = pools(1), 1
    jobs.while_delivering = delivered.set
    schedule = run(HOUR)
    eventually(lambda: jobs.reads("pool-0"), what="the reading")
    eventually(lambda: jobs.calls["deliver"] >= 2, what="the delivery")
    schedule.wake_delivery()
    assert delivered.wait(5)


def test_a_platform_that_hangs_holds_up_no_other(run: Start, jobs: Jobs) -> None:
    gate = threading.Event()
    jobs.platforms, jobs.while_delivering_to["teams"] = ("slack", "teams"), lambda: held(gate)
    schedule = run()

    for times in (1, 2, 3):
        eventually(lambda times=times: jobs.calls["deliver slack"] >= times, what="deliveries on the other one")  # type: ignore[misc]
        schedule.wake_delivery()
    assert jobs.calls["deliver teams"] == 1
    gate.set()


def test_what_comes_due_soon_is_sent_just_then(run: Start, jobs: Jobs) -> None:
    jobs.again_in = timedelta(milliseconds=50)
    run()

    began = time.monotonic()
    eventually(lambda: jobs.calls["deliver slack"] >= 20, what="twenty looks")
    # At its usual turns it would be 100 s.
    assert time.monotonic() - began < 10


def test_what_could_not_be_looked_up_is_looked_up_again_soon(run: Start, jobs: Jobs) -> None:
    jobs.while_delivering = raising(StoreError("the database cannot be used now"))
    run()

    began = time.monotonic()
    eventually(lambda: jobs.calls["deliver slack"] >= 3, what="three looks")
    # At its usual turns it would be 10 s.
    assert time.monotonic() - began < 8


def test_repeats_that_were_taken_back_are_counted(run: Start, metrics: Metrics) -> None:
    run()

    eventually(
        lambda: count(metrics, "pool_stats_deliveries_total", platform="slack", outcome="repeated") >= 1,
        what="the repeat",
    )


def test_stopping_waits_for_a_delivery_under_way_and_begins_no_other(run: Start, jobs: Jobs) -> None:
    gate, begun = threading.Event(), threading.Event()

    def deliver() -> None:
        begun.set()
        held(gate)

    jobs.while_delivering, jobs.more = deliver, 1000
    schedule = run()
    assert begun.wait(10)
    stopping = threading.Thread(target=schedule.stop)
    stopping.start()
    stopping.join(0.2)
    assert stopping.is_alive()

    gate.set()
    stopping.join(10)
    assert not stopping.is_alive()
    assert jobs.calls["deliver"] == 1


def test_a_stop_does_not_wait_until_all_that_is_due_is_sent(run: Start, jobs: Jobs) -> None:
    begun = threading.Event()

    def send_many() -> None:
        begun.set()
        eventually(lambda: not jobs.goes_on(), what="the word to stop")

    jobs.while_delivering = send_many
    schedule = run()
    assert begun.wait(10)
    assert jobs.goes_on()

    began = time.monotonic()
    schedule.stop()
    assert time.monotonic() - began < 5


def test_stopping_while_pools_are_listed_comes_to_an_end(run: Start, jobs: Jobs) -> None:
    gate, begun = threading.Event(), threading.Event()

    def list_them() -> None:
        begun.set()
        held(gate)

    jobs.listed, jobs.while_listing = pools(3), list_them
    schedule = run()
    assert begun.wait(10)
    stopping = threading.Thread(target=schedule.stop)
    stopping.start()
    stopping.join(0.2)

    gate.set()
    stopping.join(10)
    assert not stopping.is_alive()
    assert jobs.read_at == []


def test_stopping_does_not_read_the_pools_that_still_wait_for_a_worker(run: Start, jobs: Jobs) -> None:
    gate, begun = threading.Event(), threading.Event()

    def read(_: Pool) -> None:
        begun.set()
        held(gate)

    jobs.listed, jobs.during = pools(30), read
    schedule = run(timedelta(seconds=1), workers=1)
    assert begun.wait(10)
    stopping = threading.Thread(target=schedule.stop)
    stopping.start()
    stopping.join(1.0)

    gate.set()
    stopping.join(10)
    assert not stopping.is_alive()
    assert len(jobs.read_at) == 1


def test_a_wake_up_after_the_stop_is_harmless(run: Start) -> None:
    schedule = run()
    schedule.stop()

    schedule.wake_delivery()
    schedule.look_for_pools()


@pytest.mark.parametrize(
    ("number", "every"),
    [
        pytest.param(50, timedelta(seconds=1), id="two and a half times too many"),
        pytest.param(6, QUICK, id="half too many, in one slice"),
    ],
)
def test_when_there_is_not_time_for_all_pools_all_are_read_equally_often(
    run: Start, jobs: Jobs, number: int, every: timedelta
) -> None:
    many = pools(number)
    jobs.listed, jobs.during = many, takes_long
    run(every, workers=1)

    eventually(lambda: len(jobs.read_at) >= max(60, 4.4 * number), what="four readings of each, or more")

    with jobs.lock:
        read = Counter(pool_id for pool_id, _ in jobs.read_at)
    assert read.keys() == {pool.id for pool in many}
    assert max(read.values()) - min(read.values()) <= 2
    assert jobs.of_one_pool == 1


def test_that_there_is_not_time_for_all_pools_is_told_once_and_so_is_its_end(
    run: Start, jobs: Jobs, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "bot.jobs.followed")
    jobs.listed, jobs.during = pools(20), takes_long
    schedule = run(QUICK, workers=2)

    def told() -> list[str]:
        return [record.getMessage() for record in caplog.records if record.name == "bot.jobs.followed"]

    eventually(told, what="the warning")
    eventually(lambda: schedule.waiting(QUICK), what="pools that wait")
    seen = len(jobs.read_at)
    eventually(lambda: len(jobs.read_at) >= seen + 60, what="more readings")
    (warning,) = told()
    assert warning.startswith("the 20 pools cannot all be read once in the interval, some wait for ")

    jobs.during = lambda _: None
    # As long as a busy machine takes to read so few.
    schedule.change_interval(timedelta(seconds=3))
    eventually(lambda: told()[1:], what="the end")
    assert told()[1] == "every pool is read once in the interval again"
    eventually(lambda: schedule.waiting(timedelta(seconds=3)) == 0, what="nobody who waits")


def test_a_pool_that_hangs_takes_no_turn_of_another_and_waits_for_none(run: Start, jobs: Jobs) -> None:
    gate = threading.Event()
    hangs, *others = pools(4)
    jobs.listed = pools(4)
    jobs.during = lambda pool: held(gate) if pool == hangs else None
    schedule = run()

    eventually(lambda: all(len(jobs.reads(pool.id)) >= 5 for pool in others), what="readings of the others")
    assert len(jobs.reads(hangs.id)) == 1
    eventually(lambda: schedule.waiting(2 * QUICK) == 0, what="nobody who waits")
    gate.set()


def test_who_does_not_lead_runs_no_job_but_knows_the_pools_and_calls_the_leader(jobs: Jobs, metrics: Metrics) -> None:
    jobs.listed = jobs.known = pools(3)
    called: list[str] = []
    work = replace(jobs.work(), follow=lambda: called.append("follow"), call=lambda: called.append("call"))
    schedule = Schedule(work, Clock(), metrics, every=QUICK, workers=2)
    schedule.start(leads=False)
    try:
        eventually(lambda: len(schedule.pools) == 3, what="the pools")
        schedule.wake_delivery()
        eventually(lambda: set(called) == {"follow", "call"}, what="following, and a call")
        assert jobs.calls.total() == 0

        schedule.lead(lambda: True)
        eventually(lambda: all(len(jobs.reads(pool.id)) > 1 for pool in pools(3)), what="readings")
        eventually(lambda: {"deliver", "due", "pools", "repeats"} <= set(jobs.calls), what="every job")

        schedule.follow()
        eventually(lambda: not jobs.reading.total(), what="the end of what is being read")
        read, called[:] = len(jobs.read_at), []
        eventually(lambda: "follow" in called, what="following")
        assert len(jobs.read_at) == read
        assert len(schedule.pools) == 3
    finally:
        schedule.stop()


def test_who_takes_the_lead_again_reads_every_pool_soon_whatever_it_has_read_before(
    jobs: Jobs, metrics: Metrics
) -> None:
    jobs.listed = jobs.known = pools(3)
    schedule = Schedule(jobs.work(), Clock(), metrics, every=HOUR, workers=2)
    schedule.start()
    try:
        for times in (1, 2, 3):
            eventually(
                lambda times=times: all(len(jobs.reads(pool.id)) >= times for pool in pools(3)),  # type: ignore[misc]
                what="readings",
            )
            schedule.follow()
            schedule.lead(lambda: True)
    finally:
        schedule.stop()


def test_who_takes_the_lead_has_no_trouble_any_more_that_it_had_as_a_follower(jobs: Jobs, metrics: Metrics) -> None:
    away = StoreBusy("the database is away")

    def look() -> Sequence[Pool]:
        raise away

    work = replace(jobs.work(), follow=raising(away), known_pools=look)
    schedule = Schedule(work, Clock(), metrics, every=QUICK, workers=2)
    schedule.start(leads=False)
    try:
        eventually(lambda: schedule.problems, what="the trouble")
        schedule.lead(lambda: True)
        eventually(lambda: schedule.problems == {}, what="no trouble")
    finally:
        schedule.stop()


def test_who_takes_the_lead_while_it_still_looks_for_known_pools_reads_at_once(jobs: Jobs, metrics: Metrics) -> None:
    jobs.listed = pools(2)
    looks, may_go_on = threading.Event(), threading.Event()

    def known() -> Sequence[Pool]:
        looks.set()
        may_go_on.wait(60)
        return ()

    schedule = Schedule(replace(jobs.work(), known_pools=known), Clock(), metrics, every=QUICK, workers=2)
    schedule.start(leads=False)
    try:
        assert looks.wait(10)
        schedule.lead(lambda: True)
        eventually(lambda: all(jobs.reads(pool.id) for pool in pools(2)), what="readings")
    finally:
        may_go_on.set()
        schedule.stop()


def test_a_job_is_not_begun_where_the_lead_is_lost_though_nobody_has_said_so_yet(jobs: Jobs, metrics: Metrics) -> None:
    jobs.listed = jobs.known = pools(1)
    holds = True
    looked: list[bool] = []

    def look() -> bool:
        looked.append(holds)
        return holds

    schedule = Schedule(jobs.work(), Clock(), metrics, every=QUICK, workers=2)
    schedule.start(leads=False)
    try:
        schedule.lead(look)
        eventually(lambda: len(jobs.read_at) > 1, what="readings")
        holds = False
        eventually(lambda: not jobs.reading.total(), what="the end of what is being read")
        read, asked = len(jobs.read_at), len(looked)
        eventually(lambda: len(looked) > asked + 5, what="turns that are not taken")

        assert len(jobs.read_at) == read
        assert schedule.leads
    finally:
        schedule.stop()
