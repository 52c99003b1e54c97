"""What changes with a new reading of a pool: which alerts open, worsen or end?

The same code judges live readings and replayed ones, so a rule tried on history does what it will do live.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import assert_never

from bot.core.alerts import Alert, Event, Move, move, opened, step, unseen
from bot.core.following import Followed
from bot.core.rules.model import AlertRule, SpikeRule, StuckRule, ThresholdRule
from bot.core.rules.spike import SpikeWatch
from bot.core.rules.stuck import StuckWatch
from bot.core.rules.threshold import ThresholdWatch
from bot.core.rules.verdict import Breach, Unknown
from bot.core.stats import Pool, PoolStats

Watch = ThresholdWatch | SpikeWatch | StuckWatch
# What an alert is about: the rule's name and the job type (`None` for all together).
Subject = tuple[str, str | None]


def watch(rule: AlertRule, job_type: str | None) -> Watch:
    """A new judge of one pool's readings by `rule`."""
    match rule:
        case ThresholdRule():
            return ThresholdWatch(rule, job_type)
        case SpikeRule():
            return SpikeWatch(rule, job_type)
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
            or (before.stale_since is None) != (self.alert.stale_since is None)
        )


class PoolJudge:
    """All rules over one pool. Feed it every successful reading, oldest first; it keeps what the rules learnt."""

    def __init__(self, pool: Pool, rules: Iterable[AlertRule]) -> None:
        self.pool = pool
        self._rules = {rule.name: rule for rule in rules if rule.covers(pool)}
        self._watches: dict[Subject, Watch] = {
            (rule.name, subject): watch(rule, subject) for rule in self._rules.values() for subject in rule.subjects
        }
        self.seen_at: datetime | None = None

    def learn(self, stats: PoolStats) -> None:
        """Take in a reading of the past without any consequence but what is learnt."""
        for each in self._watches.values():
            each.see(stats)
        self.seen_at = stats.taken_at

    def followed(self) -> list[Followed]:
        """What the rules say to each of their subjects, for a long past in which only the ends of alerts matter."""
        return [Followed(self._rules[name], subject, each.see) for (name, subject), each in self._watches.items()]

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
        by_subject = {(alert.rule, alert.job_type): alert for alert in open_alerts}
        changes: list[Change] = []
        for (name, job_type), each in self._watches.items():
            rule, verdict = self._rules[name], each.see(stats)
            before = by_subject.pop((name, job_type), None)
            alert = before
            if alert is None and isinstance(verdict, Breach):
                alert = opened(rule, stats.pool, job_type, verdict, at=at, alert_id=new_id())
            if alert is not None:
                after, moves = step(alert, rule, verdict, at=at)
                if isinstance(verdict, Unknown) and stale_after is not None:
                    after = unseen(after, at=at, stale_after=stale_after)
                changes.append(Change(after, before, moves))
        changes.extend(ended(alert, at, "its rule does not cover this pool any more") for alert in by_subject.values())
        return tuple(change for change in changes if change.alert != change.before)


def ended(alert: Alert, at: datetime, why: str) -> Change:
    """The end of an open alert whose rule or pool is gone."""
    after, gone = move(alert, Event.GONE, at=at, why=why)
    return Change(after, alert, (gone,))


def missed(open_alerts: Sequence[Alert], *, at: datetime, stale_after: timedelta) -> tuple[Change, ...]:
    """What a failed reading changes: alerts stay open and are marked once nothing was seen for `stale_after`."""
    changes = (Change(unseen(alert, at=at, stale_after=stale_after), alert) for alert in open_alerts)
    return tuple(change for change in changes if change.alert != change.before)


def replay(rules: Sequence[AlertRule], readings: Iterable[PoolStats], *, new_id: Callable[[], str]) -> Iterator[Alert]:
    """The alerts that people would have been told about, each once: when it ended, or as it stands at the end.

    The reason of each is the one for which it was told.

    Args:
        rules: The rules to try.
        readings: Of any pools, in order of time for each pool.
        new_id: Names the alerts.
    """
    pools: dict[str, list[Followed]] = {}
    for stats in readings:
        followed = pools.get(stats.pool.id)
        if followed is None:
            followed = pools[stats.pool.id] = PoolJudge(stats.pool, rules).followed()
        for each in followed:
            alert = each.see(stats, new_id)
            if alert is not None:
                yield alert
    for followed in pools.values():
        standing = [alert for each in followed if (alert := each.standing) is not None]
        yield from sorted(standing, key=lambda alert: alert.began_at)
