"""Read one pool: fetch, store, judge, and put what people shall hear into the outbox, in one transaction."""

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import Engine

from bot.core.alerts import Alert
from bot.core.judge import Change, PoolJudge
from bot.core.routes import Route
from bot.core.rules.model import AlertRule
from bot.core.stats import Pool, PoolStats
from bot.jobs.calm import Answered, Fate, keep_calm, new_id
from bot.jobs.telling import NOWHERE, Moment, tell
from bot.modelarts.errors import ModelArtsError
from bot.modelarts.source import Source
from bot.store import alerts, samples
from bot.store.engine import reading, writing
from bot.store.together import Apart, Together
from bot.tracing import span

log = logging.getLogger(__name__)

# What the rules learn from when the bot starts: the week that the spike rule remembers, and the hours it looks back on.
LEARN_FROM = timedelta(days=7, hours=2)
# A clock that is set back by less makes up for it by waiting.
SET_BACK = timedelta(minutes=1)


class Outcome(StrEnum):
    """What became of a poll."""

    OK = "ok"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Polled:
    """What a poll did: the reading, or why (and of which kind) there is none; how many messages are in the outbox."""

    outcome: Outcome
    stats: PoolStats | None
    told: int
    kind: str = ""
    why: str = ""


class Judges:
    """The judge of each pool, made from the stored history when it is first needed.

    A pool is read by one thread at a time, so its judge needs no lock.
    """

    def __init__(self, engine: Engine, rules: Sequence[AlertRule]) -> None:
        self._engine = engine
        # What is read at the same time and changes nothing is written in one transaction.
        self.together = Together(engine, keep_calm)
        self._rules = tuple(rules)
        # Of each pool: of which rules those that cover it were looked for, and which they are.
        self._covering: dict[Pool, tuple[tuple[AlertRule, ...], tuple[AlertRule, ...]]] = {}
        self._judges: dict[str, PoolJudge] = {}
        # The pools of which there are readings from a time that is yet to come.
        self._ahead: set[str] = set()

    def of(self, pool: Pool, *, now: datetime) -> PoolJudge:
        """The judge of `pool`, having learnt from what is stored; of what is yet to come it knows nothing."""
        judge = self._judges.get(pool.id)
        # Rules may be about the display name, which can change.
        rules = self._that_cover(pool)
        ahead = judge is not None and judge.seen_at is not None and judge.seen_at > now + SET_BACK
        if judge is None or ahead or judge.pool != pool or judge.rules != rules:
            judge = PoolJudge(pool, rules)
            with reading(self._engine) as db:
                newest = samples.latest(db, pool.id)
                if newest is not None and newest.taken_at > now + SET_BACK:
                    self._ahead.add(pool.id)
                for stats in samples.readings(db, pool.id, since=now - LEARN_FROM, until=now + timedelta(seconds=1)):
                    judge.learn(stats)
                if judge.seen_at is None:
                    tried = samples.failures(db, pool.id, since=now - LEARN_FROM)
                    judge.begin(tried[0].at if tried else now.replace(microsecond=0))
            self._judges[pool.id] = judge
        return judge

    @property
    def rules(self) -> tuple[AlertRule, ...]:
        """Those by which pools are judged."""
        return self._rules

    def use(self, rules: Sequence[AlertRule]) -> None:
        """Judge by these rules from the next reading on; a pool whose rules stay the same keeps its judge."""
        self._rules = tuple(rules)

    def _that_cover(self, pool: Pool) -> tuple[AlertRule, ...]:
        every = self._rules
        known = self._covering.get(pool)
        if known is None or known[0] is not every:
            known = self._covering[pool] = every, tuple(rule for rule in every if rule.covers(pool))
        return known[1]

    def is_ahead(self, pool: Pool) -> bool:
        """Whether there are readings of `pool` from a time that is yet to come, by a clock that was set back since."""
        return pool.id in self._ahead

    def caught_up(self, pool: Pool) -> None:
        """Those readings are gone."""
        self._ahead.discard(pool.id)

    def forget_all_but(self, newest: Mapping[str, datetime]) -> None:
        """Keep a judge only if it has seen its pool's `newest` reading (by id): another process may have read on."""
        for pool_id, judge in list(self._judges.items()):
            if judge.seen_at is None or judge.seen_at != newest.get(pool_id):
                self._judges.pop(pool_id, None)

    def keep_only(self, pools: Iterable[Pool]) -> None:
        """Forget what is known of any other pool, for it is not read here any more; what is stored stays."""
        kept = {pool.id for pool in pools}
        for pool_id in self._judges.keys() - kept:
            self._judges.pop(pool_id, None)
        for pool in [pool for pool in list(self._covering) if pool.id not in kept]:
            self._covering.pop(pool, None)
        self._ahead.intersection_update(kept)

    def forget(self, pool: Pool) -> None:
        """Let the judge of `pool` be made anew, from the store."""
        self._judges.pop(pool.id, None)


def poll(
    pool: Pool,
    *,
    modelarts: Source,
    engine: Engine,
    judges: Judges,
    routes: Sequence[Route],
    stale_after: timedelta,
    at: Moment,
    grouped: bool = True,
    hide_users_in: Sequence[str] = NOWHERE,
) -> Polled:
    """Read `pool` once.

    A failed reading is stored as that: it is never a zero and never a recovery.

    Raises:
        StoreError: The database cannot be used now; nothing was stored, told or learnt.
    """
    judge = judges.of(pool, now=at.now)
    # Whole seconds, as the store keeps them: a judge made from the store must see the very same readings.
    read_at = at.now.replace(microsecond=0)
    try:
        stats = modelarts.pool_stats(pool, now=read_at)
    except ModelArtsError as error:
        return _not_seen(judge, error, engine, routes, stale_after, at, grouped=grouped, hide_users_in=hide_users_in)
    judge, found = _kept(Answered(judge, stats, stale_after), judges, at)
    if isinstance(found, Fate) and found is not Fate.APART:
        return Polled(Outcome.OK, stats, 0)
    try:
        with span("judge and store"), writing(engine) as db:
            standing = alerts.open_alerts(db, pool.id, lock=True)
            if judges.is_ahead(pool):
                # ModelArts has just taken our signature, so our time is right now and was wrong then.
                samples.forget_after(db, pool.id, read_at)
            newest = samples.newest_at(db, pool.id)
            if newest is not None and newest >= read_at:
                # Another process has read it since and was faster here: what it saw is newer than what we did.
                judges.forget(pool)
                return Polled(Outcome.OK, stats, 0)
            samples.save_reading(db, stats)
            if isinstance(found, Fate):
                changes = judge.see(stats, standing, new_id=new_id, stale_after=stale_after)
            else:
                changes = _still(found, standing)
            is_calm = not standing and not changes
            told = (
                0
                if is_calm
                else tell(db, changes, routes, at=at, grouped=grouped, read=pool.id, hide_users_in=hide_users_in)
            )
    except BaseException:
        # What the judge has learnt from this reading was not stored: it must not know more than the store.
        judges.forget(pool)
        raise
    judges.caught_up(pool)
    _log(changes)
    return Polled(Outcome.OK, stats, told)


def _kept(answered: Answered, judges: Judges, at: Moment) -> tuple[PoolJudge, Fate | tuple[Change, ...]]:
    """Keep the reading if it changes nothing, together with those that come at the same time; what else it changes."""
    judge = answered.judge
    pool = judge.pool
    if judges.is_ahead(pool):
        return judge, Fate.APART
    try:
        with span("judge and store"):
            found = judges.together.write(answered)
    except Apart:
        # Perhaps for another pool's sake. The judge may have seen the reading, so it begins anew from what is stored.
        judges.forget(pool)
        return judges.of(pool, now=at.now), Fate.APART
    except BaseException:
        judges.forget(pool)
        raise
    if isinstance(found, Exception):
        judges.forget(pool)
        raise found
    if found is Fate.OVERTAKEN:
        # The judge has not seen what another process saw: perhaps of a time that is yet to come.
        judges.forget(pool)
    return judge, found


def _still(changes: tuple[Change, ...], standing: Sequence[Alert]) -> tuple[Change, ...]:
    """What was found to change where nothing was open, if still nothing is.

    Raises:
        AlreadyOpen: Another process was faster.
    """
    if standing:
        raise alerts.AlreadyOpen(f"another process has just opened an alert for pool {standing[0].pool.id!r}")
    return changes


def _not_seen(
    judge: PoolJudge,
    error: ModelArtsError,
    engine: Engine,
    routes: Sequence[Route],
    stale_after: timedelta,
    at: Moment,
    *,
    grouped: bool,
    hide_users_in: Sequence[str],
) -> Polled:
    pool = judge.pool
    with span("judge and store"), writing(engine) as db:
        samples.save_failure(db, pool, at=at.now, kind=type(error).__name__, why=error.why)
        standing = alerts.open_alerts(db, pool.id, lock=True)
        changes = judge.missed(standing, at=at.now, new_id=new_id, stale_after=stale_after)
        told = tell(db, changes, routes, at=at, grouped=grouped, hide_users_in=hide_users_in)
    _log(changes)
    return Polled(Outcome.FAILED, None, told, type(error).__name__, str(error))


def _log(changes: Sequence[Change]) -> None:
    for change in changes:
        for move in change.moves:
            log.info("alert %s of pool %s is %s: %s", change.alert.id, change.alert.pool.id, move.after.value, move.why)
