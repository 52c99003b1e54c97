"""A simulated world: pools, the bot's own store and jobs, a chat that misbehaves, a process that dies; no real time."""

import shutil
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, cast

from sqlalchemy import Engine, select

from bot.core.access import Access
from bot.core.alerts import Alert, Event, State
from bot.core.command import Asker
from bot.core.routes import Place, Route
from bot.core.stats import JobStatus, Pool, PoolStats, TypeCounts
from bot.jobs.act import act
from bot.jobs.deliver import deliver
from bot.jobs.doing import Doing
from bot.jobs.poll import Judges, poll
from bot.jobs.repeats import repeats
from bot.jobs.silence import keep_silences
from bot.jobs.telling import Moment
from bot.messages.model import Verb
from bot.messages.sending import Posted
from bot.modelarts.client import ModelArts
from bot.modelarts.errors import Unavailable
from bot.store import alerts, outbox, tables
from bot.store.engine import open_store, reading, upgrade
from tests.building import NOON, long_queue
from tests.delivery.collector import Tally, Verdict
from tests.delivery.platform import Killed, Platform, Standing

ABOVE = 50
ROUTES = (Route((Place("slack", "#ops"),)),)
LEASE = timedelta(seconds=40)
REPEATS_EVERY = timedelta(seconds=20)
# A repeat that nothing could fence is gone within a minute.
A_MINUTE = timedelta(minutes=1)
# How an entry in a thread begins, for each thing that can happen to an alert.
ENTRIES = {
    Event.CLEARED: "Resolved",
    Event.GONE: "Closed",
    Event.ACKNOWLEDGE: "Acknowledged",
    Event.UNACKNOWLEDGE: "No longer acknowledged",
    Event.SILENCE: "Silenced",
    Event.SILENCE_OVER: "Silence ended",
}
# What goes on is told again after an hour and later; how often is not judged here, only that no delivery stands twice.
REMINDERS = ("Still open", "Not over")
HEADS = {State.FIRING: "Warning", State.ACKNOWLEDGED: "Acknowledged", State.SILENCED: "Silenced"}


@dataclass
class Source:
    """Stands where the client of ModelArts stands: the truth, as long as it can be read."""

    levels: dict[str, int]
    down: bool = False

    def pool_stats(self, pool: Pool, *, now: datetime) -> PoolStats:
        """The truth."""
        if self.down:
            raise Unavailable("down")
        counts = {JobStatus.QUEUE: self.levels[pool.id], JobStatus.RUNNING: 5}
        return PoolStats(pool, now, {"train": TypeCounts(counts)})


def template(folder: Path) -> Path:
    """An empty store, made once."""
    file = folder / "empty.db"
    engine = open_store(f"sqlite:///{file}")
    upgrade(engine)
    engine.dispose()
    return file


class World:
    """Everything, and its clock.

    Attributes:
        kills: How often the process died.
    """

    def __init__(self, empty: Path, folder: Path, pools: int) -> None:
        self._file = folder / "world.db"
        shutil.copy(empty, self._file)
        self.now = NOON
        self.pools = [Pool(f"pool-{number}", f"train-{number:02}") for number in range(pools)]
        self.source = Source({pool.id: 3 for pool in self.pools})
        self.chat = Platform(lambda: self.now, self.sleep, self._another)
        self.kills = 0
        self.die_in: int | None = None
        self._repeats_at = self.now
        self._engine: Engine
        self._judges: Judges
        self._born()

    # The process

    def _born(self) -> None:
        self._engine = open_store(f"sqlite:///{self._file}")
        self._judges = Judges(self._engine, [long_queue(ABOVE)])
        dialect: Any = self._engine.dialect
        commit: Callable[[Any], None] = dialect.do_commit

        def do_commit(raw: Any) -> None:
            self._boundary()
            commit(raw)
            self._boundary()

        dialect.do_commit = do_commit

    def _boundary(self) -> None:
        if self.die_in is None:
            return
        self.die_in -= 1
        if self.die_in < 0:
            self.die_in = None
            raise Killed

    def _alive(self, job: Callable[[], object]) -> None:
        """Run the job; a process that dies in it is started again."""
        try:
            job()
        except Killed:
            self.restart()

    def restart(self) -> None:
        """Kill the process and start another."""
        self.kills += 1
        self.close()
        self._born()

    def close(self) -> None:
        """Let go of the database."""
        self._engine.dispose()

    # Time

    def sleep(self, length: timedelta) -> None:
        """Time passes, and nobody of us does anything."""
        self.now += length
        self.chat.catch_up()

    def step(self, length: timedelta = timedelta(seconds=20)) -> None:
        """Time passes; then every job has its turn."""
        self.sleep(length)
        at = Moment(self.now, self.now)
        for pool in self.pools:
            self._alive(partial(self._read, pool, at))
        self._alive(lambda: keep_silences(Doing(self._engine, Access(), ROUTES, at, grouped=False)))
        self._alive(self.send)
        if self.now - self._repeats_at >= REPEATS_EVERY:
            self._repeats_at = self.now
            self._alive(lambda: repeats(self._engine, {"slack": self.chat}, now=self.now))

    def _read(self, pool: Pool, at: Moment) -> None:
        poll(
            pool,
            modelarts=cast("ModelArts", self.source),
            engine=self._engine,
            judges=self._judges,
            routes=ROUTES,
            stale_after=timedelta(minutes=2),
            at=at,
            grouped=False,
        )

    def send(self) -> None:
        """Send what is due."""
        for _ in range(20):
            passed = partial(self._since, self.now)
            if not deliver(self._engine, {"slack": self.chat}, now=self.now, lease=LEASE, passed=passed).more:
                return

    def _since(self, at: datetime) -> timedelta:
        return self.now - at

    def _another(self) -> None:
        """Another process sends what is due, while this one sleeps."""
        fates, self.chat.fates = self.chat.fates, []
        self.send()
        self.chat.fates = fates

    # People

    def press(self, verb: Verb, pool: int) -> None:
        """Somebody presses a button of the alert that is open, if one is."""
        asker, at = Asker("slack", "T1", "C1", "U1", "Wei"), Moment(self.now, self.now)
        for alert in self._open():
            if alert.pool == self.pools[pool] and alert.told:
                subject = f"{alert.id} 2h" if verb is Verb.SILENCE else alert.id
                doing = Doing(self._engine, Access(), ROUTES, at, grouped=False)
                self._alive(partial(act, verb, subject, asker, doing))

    def person_deletes(self, pool: int) -> None:
        """Somebody deletes the newest message about the pool, if there is one."""
        about = self.about(self.pools[pool])
        if about and not self.chat.late:
            self.chat.person_deletes(about[-1][0])

    # What must hold

    def about(self, pool: Pool) -> list[tuple[Posted, Standing]]:
        """The messages about the pool, without the entries of threads."""
        return [
            (p, s) for p, s in self.chat.standing.items() if s.under is None and f" in {pool.name}" in s.message.title
        ]

    def _open(self) -> Sequence[Alert]:
        with reading(self._engine) as db:
            return alerts.open_alerts(db)

    def always(self) -> list[str]:
        """What is wrong now, whatever goes wrong: nothing may ever be."""
        wrong = [
            f"delivery {delivery} stands {number} times"
            for delivery, number in Counter(s.label.delivery_id for s in self.chat.standing.values()).items()
            if number > 1 + self.chat.unfenced[delivery]
        ]
        with reading(self._engine) as db:
            waiting = bool(outbox.waiting(db))
            told = set(db.scalars(select(tables.alerts.c.id).where(tables.alerts.c.fired_at.is_not(None))))
        shown = {s.label.alert_id for s in self.chat.standing.values()}
        wrong += [f"nobody knows of alert {alert}" for alert in shown - told]
        if not waiting:
            lost = told - shown - self.chat.deleted_by_people
            wrong += [f"alert {alert} is told nowhere, and nothing waits" for alert in lost]
        return wrong

    def quiet(self) -> None:
        """All that misbehaves stops, and there is time to settle."""
        self.chat.fates.clear()
        self.chat.down = self.source.down = False
        self.die_in = None
        for _ in range(60):
            self.step()
            with reading(self._engine) as db:
                waits = bool(outbox.waiting(db))
            if not waits and not self.chat.late:
                break
        # A repeat is taken back within a minute.
        for _ in range(A_MINUTE // timedelta(seconds=20)):
            self.step()

    def settled(self) -> Verdict:
        """What is wrong now that all is quiet: what the channel believes must be what is true; and the figures."""
        wrong = self.always()
        tally = Tally(
            faults=self.chat.struck + self.kills, seen=len(self.chat.standing), taken_back=self.chat.taken_back
        )
        copies = Counter(standing.label.delivery_id for standing in self.chat.standing.values())
        tally.doubled = sum(copies.values()) - len(copies)
        wrong += [f"delivery {delivery} stands {number} times" for delivery, number in copies.items() if number > 1]
        with reading(self._engine) as db:
            waiting = outbox.waiting(db)
            told = select(tables.alerts).where(tables.alerts.c.fired_at.is_not(None))
            known = {row.id: row.state for row in db.execute(told)}
            moves = db.execute(select(tables.moves).order_by(tables.moves.c.seq)).all()
        wrong += [f"something still waits: {waiting}"] if waiting else []
        open_alerts = {alert.pool.id: alert for alert in self._open()}
        for pool in self.pools:
            wrong += self._believed(pool, open_alerts.get(pool.id))
        for alert_id, state in known.items():
            of_it = [move for move in moves if move.alert_id == alert_id and move.event in ENTRIES]
            wrong += self._told_of(alert_id, state, of_it, tally)
        return Verdict(tally, wrong)

    def _told_of(self, alert_id: str, state: str, moves: Sequence[Any], tally: Tally) -> list[str]:
        """One message, and each thing that happened after the alert was told once in its thread."""
        stands = [(p, s) for p, s in self.chat.standing.items() if s.under is None and s.label.alert_id == alert_id]
        is_gone = alert_id in self.chat.deleted_by_people
        if len(stands) > 1 or (not stands and not is_gone):
            tally.expected += 1
            tally.lost += not stands
            return [f"alert {alert_id} ({state}) is told in {len(stands)} messages"]
        wrong: list[str] = []
        for posted, standing in stands:
            under = [each.message.summary for each in self.chat.standing.values() if each.under == posted]
            told = [text for text in under if not text.startswith(REMINDERS)]
            seen = Counter(next((head for head in ENTRIES.values() if text.startswith(head)), text) for text in told)
            most = Counter(ENTRIES[Event(move.event)] for move in moves)
            least = Counter(ENTRIES[Event(move.event)] for move in moves if move.at > standing.posted_at)
            missing, extra = Counter() if is_gone else least - seen, seen - most
            tally.lost += missing.total()
            tally.doubled += extra.total()
            tally.expected += 1 + len(under) - len(told) + missing.total() + (seen - extra).total()
            wrong += [f"alert {alert_id}: extra entries {extra}, missing {missing}"] if extra or missing else []
        return wrong

    def _believed(self, pool: Pool, alert: Alert | None) -> list[str]:
        """The message about the pool says how it stands."""
        is_bad = self.source.levels[pool.id] > ABOVE
        said = [standing.message.summary for _, standing in self.about(pool)]
        told_open = [text for text in said if not text.startswith(("Resolved", "Closed"))]
        if alert is None or not is_bad:
            ok = alert is None and not is_bad and not told_open
            return [] if ok else [f"{pool.name}: open {alert}, truth {self.source.levels[pool.id]}, told {told_open}"]
        if alert.id in self.chat.deleted_by_people:
            return []
        if len(told_open) != 1 or not told_open[0].startswith(HEADS[alert.state]):
            return [f"{pool.name} is {alert.state}, and the channel says {told_open}"]
        return [] if f"peak {alert.peak}" in told_open[0] else [f"the peak is {alert.peak}: {told_open[0]}"]
