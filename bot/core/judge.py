"""What changes with a new reading of a pool: which alerts open, worsen or end?

The same code judges live readings and replayed ones, so a rule tried on history does what it will do live.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import assert_never

from bot.core.alerts import Alert, Event, Move, move, opened, step, unseen
from bot.core.because import Because, Why
from bot.core.following import Followed
from bot.core.pace import Pace, resumed
from bot.core.rules.model import AbsentRule, AlertRule, RatioRule, SpikeRule, StuckRule, ThresholdRule
from bot.core.rules.ratio import RatioWatch
from bot.core.rules.spike import SpikeWatch
from bot.core.rules.stuck import StuckWatch
from bot.core.rules.threshold import ThresholdWatch
from bot.core.rules.verdict import Breach, Unknown
from bot.core.silence import FollowedSilence, Silence
from bot.core.stats import Pool, PoolStats, TypeCounts

# What judges a reading by itself and those before it.
Watch = ThresholdWatch | SpikeWatch | RatioWatch | StuckWatch
NOT_COVERED = Because("its rule does not cover this pool any more")
# What an alert is about: the rule's name and the job type (`None` for all together).
Subject = tuple[str, str | None]


def watch(rule: AlertRule, pool: Pool, job_type: str | None) -> Watch | Silence:
    """A new judge of the pool's readings by `rule`."""
    match rule:
        case ThresholdRule():
            return ThresholdWatch(rule, job_type)
        case SpikeRule():
            return SpikeWatch(rule, job_type)
        case RatioRule():
            return RatioWatch(rule, job_type)
        case AbsentRule():
            return Silence(rule, pool, job_type)
        case StuckRule():
            return StuckWatch(rule, job_type)
        case _:
            assert_never(rule)


@dataclass(frozen=True, slots=True)
class Change:
    """One alert after a reading, with the transitions that the reading made.

    `worth_telling` says whether people should see a difference: an alert that is pending is nobody's business, nor is
    one that ended before anybody was told.
    """

    alert: Alert
    before: Alert | None
    moves: tuple[Move, ...] = ()

    @property
    def worth_telling(self) -> bool:
        """Whether the channel's message is out of date now."""
        if not self.alert.told:
            return False
        before = self.before
        return (
            before is None
            or bool(self.moves)
            or before.peak != self.alert.peak
            or before.silenced_until != self.alert.silenced_until
            or (before.stale_since is None) != (self.alert.stale_since is None)
            or (before.clear_since is None) != (self.alert.clear_since is None)
        )


class PoolJudge:
    """All rules over one pool. Feed it every successful reading, oldest first; it keeps what the rules learnt."""

    def __init__(self, pool: Pool, rules: Iterable[AlertRule]) -> None:
        self.pool = pool
        self.rules = tuple(rule for rule in rules if rule.covers(pool))
        self._rules = {rule.name: rule for rule in self.rules}
        self._watches: dict[Subject, Watch] = {}
        self._silences: dict[Subject, Silence] = {}
        for rule in self._rules.values():
            for subject in rule.subjects:
                made = watch(rule, pool, subject)
                if isinstance(made, Silence):
                    self._silences[rule.name, subject] = made
                else:
                    self._watches[rule.name, subject] = made
        self.seen_at: datetime | None = None
        self._pace = Pace()
        self._said: Mapping[str, TypeCounts] | None = None

    def learn(self, stats: PoolStats) -> None:
        """Take in a reading of the past without any consequence but what is learnt."""
        stats = self._as_before(stats)
        for each in self._watches.values():
            each.see(stats)
        for silence in self._silences.values():
            silence.learn(stats)
        self.seen_at = stats.taken_at
        self._pace.gap(stats.taken_at)

    def begin(self, at: datetime) -> None:
        """The pool is watched from `at` on: where it is not read then, that is a silence."""
        for silence in self._silences.values():
            silence.begin(at)

    def followed(self) -> list[Followed | FollowedSilence]:
        """What the rules say to each of their subjects, for a long past in which only the ends of alerts matter."""
        watched = [Followed(self._rules[name], subject, each.see) for (name, subject), each in self._watches.items()]
        return [*watched, *map(FollowedSilence, self._silences.values())]

    def see(
        self,
        stats: PoolStats,
        open_alerts: Sequence[Alert],
        *,
        new_id: Callable[[], str],
        stale_after: timedelta | None = None,
    ) -> tuple[Change, ...]:
        """Judge a reading, given the pool's open alerts as they stand; each change once.

        A reading that is not newer than the last one changes nothing. One that says nothing about an alert is to it
        as a failed reading: it is marked once nothing was seen for `stale_after`.
        """
        if self.seen_at is not None and stats.taken_at <= self.seen_at:
            return ()
        self.seen_at = stats.taken_at
        at = stats.taken_at
        stats = self._as_before(stats)
        is_gap = self._pace.gap(at)
        by_subject = {(alert.rule, alert.job_type): alert for alert in open_alerts}
        changes: list[Change] = []
        for (name, job_type), each in self._watches.items():
            rule, verdict = self._rules[name], each.see(stats)
            before = by_subject.pop((name, job_type), None)
            alert = before
            if alert is None and isinstance(verdict, Breach):
                alert = opened(rule, stats.pool, job_type, verdict, at=at, alert_id=new_id())
            elif alert is not None and (is_gap or alert.seen_at > at):
                alert = resumed(alert, at=at)
            if alert is not None:
                after, moves = step(alert, rule, verdict, at=at)
                if isinstance(verdict, Unknown) and stale_after is not None:
                    after = unseen(after, at=at, stale_after=stale_after)
                changes.append(Change(after, before, moves))
        for subject, silence in self._silences.items():
            before = by_subject.pop(subject, None)
            heard, moves = silence.see(stats, before, new_id)
            if heard is not None:
                changes.append(Change(heard, before, moves))
        changes.extend(ended(alert, at, NOT_COVERED) for alert in by_subject.values())
        return tuple(each for each in changes if each.alert is not each.before and each.alert != each.before)

    def _as_before(self, stats: PoolStats) -> PoolStats:
        """The reading with the very counts of the last one where they are equal, so that no rule need compare them."""
        said, types = self._said, stats.types
        if said is None or types != said:
            self._said = types
            return stats
        return stats if types is said else PoolStats(stats.pool, stats.taken_at, said)

    def missed(
        self, open_alerts: Sequence[Alert], *, at: datetime, new_id: Callable[[], str], stale_after: timedelta
    ) -> tuple[Change, ...]:
        """What a failed reading changes: a silence may be too long by now; for the other alerts see `missed`."""
        by_subject = {(alert.rule, alert.job_type): alert for alert in open_alerts}
        changes: list[Change] = []
        for subject, silence in self._silences.items():
            before = by_subject.pop(subject, None)
            alert, moves = silence.last(at, before, new_id)
            if alert is not None and alert != before:
                changes.append(Change(alert, before, moves))
        return (*changes, *missed(tuple(by_subject.values()), at=at, stale_after=stale_after))


def ended(alert: Alert, at: datetime, why: Why) -> Change:
    """The end of an open alert whose rule or pool is gone."""
    after, gone = move(alert, Event.GONE, at=at, why=why)
    return Change(after, alert, (gone,))


def missed(open_alerts: Sequence[Alert], *, at: datetime, stale_after: timedelta) -> tuple[Change, ...]:
    """What a failed reading changes: alerts stay open and are marked once nothing was seen for `stale_after`."""
    changes = (Change(unseen(alert, at=at, stale_after=stale_after), alert) for alert in open_alerts)
    return tuple(change for change in changes if change.alert != change.before)


def _resume(followed: Iterable[Followed | FollowedSilence], at: datetime) -> None:
    """Nobody looked for long before `at`; for a silence that is no gap."""
    for each in followed:
        if isinstance(each, Followed):
            each.resume(at)


def replay(
    rules: Sequence[AlertRule],
    readings: Iterable[PoolStats],
    *,
    new_id: Callable[[], str],
    until: datetime | None = None,
    watched: Mapping[Pool, datetime] | None = None,
) -> Iterator[Alert]:
    """The alerts that people would have been told about, each once: when it ended, or as it stands at the end.

    The reason of each is the one for which it was told.

    Args:
        rules: The rules to try.
        readings: Of any pools, in order of time for each pool.
        new_id: Names the alerts.
        until: The end, which decides what has been silent for how long; by default the newest of all readings.
        watched: Pools that were to be read from a moment on, whether they were or not.
    """
    pools: dict[str, tuple[list[Followed | FollowedSilence], Pace]] = {}
    for pool, since in (watched or {}).items():
        judge = PoolJudge(pool, rules)
        judge.begin(since)
        pools[pool.id] = judge.followed(), Pace()
    newest: datetime | None = None
    for stats in readings:
        at = stats.taken_at
        if newest is None or at > newest:
            newest = at
        known = pools.get(stats.pool.id)
        if known is None:
            known = pools[stats.pool.id] = PoolJudge(stats.pool, rules).followed(), Pace()
        followed, pace = known
        if pace.gap(at):
            _resume(followed, at)
        for each in followed:
            alert = each.see(stats, new_id)
            if alert is not None:
                yield alert
    end = until or newest
    for followed, _ in pools.values():
        for each in followed:
            if isinstance(each, FollowedSilence) and end is not None:
                each.last(end, new_id)
        standing = [alert for each in followed if (alert := each.standing) is not None]
        # Waits begin anew after a gap, so that several may have begun at the same moment.
        yield from sorted(standing, key=lambda alert: (alert.began_at, alert.rule, alert.job_type or ""))
