"""What becomes of an alert about what is not heard of, while that lasts and when it ends?

A silence turns bad at a moment that the readings before it fix. So an alert about it begins at that moment, whenever
the bot looks next, and one that came and went between two looks is put down without having been told.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from bot.core.alerts import Alert, Event, Move, State, opened, step
from bot.core.because import Why
from bot.core.rules.absent import AbsentWatch
from bot.core.rules.model import AbsentRule
from bot.core.stats import Pool, PoolStats

# An alert, if there is one, and the transitions that led to it.
After = tuple[Alert | None, tuple[Move, ...]]


class Silence:
    """One rule about absence, and one of its subjects, in one pool."""

    def __init__(self, rule: AbsentRule, pool: Pool, job_type: str | None) -> None:
        self._rule = rule
        self._pool = pool
        self._job_type = job_type
        self._watch = AbsentWatch(rule, job_type)

    def begin(self, at: datetime) -> None:
        """Count a silence from `at`, unless something was heard already."""
        self._watch.begin(at)

    def learn(self, stats: PoolStats) -> None:
        """Take in a reading without any consequence."""
        self._watch.heard(stats)

    def see(self, stats: PoolStats, alert: Alert | None, new_id: Callable[[], str]) -> After:
        """The alert after the next reading, given how it stands."""
        at = stats.taken_at
        # What had been too long when the reading came was so, even if the reading ends it.
        alert, moves = self.last(at - timedelta.resolution, alert, new_id)
        clear = self._watch.heard(stats)
        if clear is None:
            alert, more = self.last(at, alert, new_id)
        elif alert is not None:
            alert, more = step(alert, self._rule, clear, at=at)
        else:
            more = ()
        return alert, moves + more

    def last(self, until: datetime, alert: Alert | None, new_id: Callable[[], str]) -> After:
        """The alert when nothing was heard up to `until`, given how it stands."""
        due_at = self._watch.due_at
        if due_at is None or due_at > until:
            return alert, ()
        breach = self._watch.breach
        if alert is None:
            alert = opened(self._rule, self._pool, self._job_type, breach, at=due_at, alert_id=new_id())
        elif alert.state is not State.PENDING and alert.clear_since is None:
            return alert, ()
        alert, moves = step(alert, self._rule, breach, at=due_at)
        held_at = max(due_at, alert.began_at + self._rule.hold_for)
        if alert.state is State.PENDING and held_at <= until:
            alert, moves = step(alert, self._rule, breach, at=held_at)
        return alert, moves


class FollowedSilence:
    """A silence over a long past, of which only the ends of alerts matter."""

    def __init__(self, silence: Silence) -> None:
        self._silence = silence
        self._seen_at: datetime | None = None
        self._alert: Alert | None = None
        # Why people were told.
        self._reason: Why = ""

    def see(self, stats: PoolStats, new_id: Callable[[], str]) -> Alert | None:
        """Judge the next reading; the alert that it ended, if people had been told of it."""
        if self._seen_at is not None and stats.taken_at <= self._seen_at:
            return None
        self._seen_at = stats.taken_at
        return self._keep(*self._silence.see(stats, self._alert, new_id))

    def last(self, until: datetime, new_id: Callable[[], str]) -> None:
        """Nothing more was read up to `until`."""
        self._keep(*self._silence.last(until, self._alert, new_id))

    @property
    def standing(self) -> Alert | None:
        """The alert that is open, if people were told of it."""
        return None if self._alert is None or not self._alert.told else replace(self._alert, why=self._reason)

    def _keep(self, alert: Alert | None, moves: tuple[Move, ...]) -> Alert | None:
        for made in moves:
            if made.event is Event.HELD:
                self._reason = made.why
        if alert is None or alert.open:
            self._alert = alert
            return None
        self._alert = None
        return replace(alert, why=self._reason) if alert.told else None
