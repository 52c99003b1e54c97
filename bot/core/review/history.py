"""What would rules have told of the readings that are stored?"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count

from bot.core.alerts import Alert
from bot.core.durations import spoken
from bot.core.judge import replay
from bot.core.review.model import Finding, Plan, several
from bot.core.review.pools import nearest
from bot.core.rules.model import AbsentRule, AlertRule, RatioRule
from bot.core.stats import KNOWN_TYPES, JobStatus, Pool, PoolStats

# What is over within this was hardly worth a person's look.
SHORT = timedelta(minutes=5)
# In alert for this share of the time is always.
ALWAYS = 0.95
# Of less than this nothing is said about always.
LONG_ENOUGH = timedelta(hours=6)


@dataclass(frozen=True, slots=True)
class Past:
    """What became of one pool under the rules.

    Attributes:
        start, end: The first and the last reading that was judged, not only learnt from.
        alerts: Those that were told in this time, or were open in it.
        reported: What was reported of each job type.
    """

    pool: Pool
    start: datetime
    end: datetime
    alerts: tuple[Alert, ...]
    reported: dict[str, frozenset[JobStatus]]


def past(pool: Pool, readings: Iterable[PoolStats], rules: Sequence[AlertRule], *, since: datetime) -> Past | None:
    """Replay the readings of one pool, oldest first; those before `since` are learnt from. `None` without any since."""
    moments: list[datetime] = []
    reported: dict[str, set[JobStatus]] = {}

    def noted() -> Iterator[PoolStats]:
        for stats in readings:
            for job_type, counts in stats.types.items():
                reported.setdefault(job_type, set()).update(counts.status)
            if stats.taken_at >= since:
                moments[:] = [*moments[:1], stats.taken_at]
            yield stats

    numbers = count(1)
    found = tuple(replay(rules, noted(), new_id=lambda: str(next(numbers))))
    if not moments:
        return None
    lasting = (alert for alert in found if alert.resolved_at is None or alert.resolved_at > since)
    by_type = {job_type: frozenset(statuses) for job_type, statuses in reported.items()}
    return Past(pool, moments[0], moments[-1], tuple(lasting), by_type)


def previews(rules: Sequence[AlertRule], pasts: Sequence[Past]) -> Iterator[str]:
    """How often each rule would have fired on the pools that were looked at."""
    for rule in rules:
        covered = [each for each in pasts if rule.covers(each.pool)]
        if covered:
            yield f"{rule.name}: {_preview(rule, covered)}"


def _preview(rule: AlertRule, covered: Sequence[Past]) -> str:
    of_pool = [[alert for alert in each.alerts if alert.rule == rule.name] for each in covered]
    alerts = [alert for found in of_pool for alert in found]
    looked_at = max(each.end for each in covered) - min(each.start for each in covered)
    if not alerts:
        return f"never in {_length(looked_at)} on {_pools(len(covered))}"
    short = sum(_lasted(alert) < SHORT for alert in alerts if alert.resolved_at is not None)
    still = sum(any(alert.open for alert in found) for found in of_pool)
    times = "once" if len(alerts) == 1 else f"{len(alerts)} times"
    said = [f"{times} in {_length(looked_at)} on {sum(map(bool, of_pool))} of {_pools(len(covered))}"]
    if short:
        said.append(f"{short} of them shorter than 5 minutes" if len(alerts) > 1 else "for less than 5 minutes")
    if still:
        said.append(f"open at the end on {still}")
    return ", ".join(said)


def about_history(plan: Plan, known: Sequence[Pool], pasts: Sequence[Past], types: Iterable[str]) -> Iterator[Finding]:
    """Rules that had nothing to judge, and those that would have been in alert all the time.

    Args:
        plan: What is configured.
        known: Every pool that is known.
        pasts: What became of those that were looked at.
        types: Every job type that was ever seen; nothing is said about types where there was none.
    """
    seen_types = sorted(types)
    looked_at = {each.pool.id for each in pasts}
    for number, rule in enumerate(plan.rules):
        if seen_types:
            yield from _types(number, rule, seen_types)
        covered = [each for each in pasts if rule.covers(each.pool)]
        if not covered:
            continue
        if all(pool.id in looked_at for pool in known if rule.covers(pool)):
            yield from _statuses(number, rule, covered)
        always = [each.pool.name for each in covered if _always(rule, each)]
        if always:
            text = f"rule {rule.name!r} would have been in alert all the time on {several(always)}"
            yield Finding(("rules", number), f"{text}: what always rings says nothing; ask for more, or leave them out")


def _types(number: int, rule: AlertRule, seen: Sequence[str]) -> Iterator[Finding]:
    for place, job_type in enumerate(rule.types or ()):
        if job_type not in seen:
            meant = nearest(job_type, [*seen, *(known for known in KNOWN_TYPES if known not in seen)])
            instead = f"; the nearest is {meant!r}" if meant and meant != job_type else f"; seen were {several(seen)}"
            text = f"rule {rule.name!r} has never had a job of type {job_type!r} to judge{instead}"
            yield Finding(("rules", number, "types", place), text)


def _statuses(number: int, rule: AlertRule, covered: Sequence[Past]) -> Iterator[Finding]:
    for key, status in (("metric", rule.metric), ("to", rule.to if isinstance(rule, RatioRule) else None)):
        # That something is not reported is just what a rule of this kind is there for.
        if status is not None and not isinstance(rule, AbsentRule) and not _heard_of(status, rule, covered):
            text = f"rule {rule.name!r} had nothing to judge: no pool it covers has reported {status}"
            yield Finding(("rules", number, key), f"{text}; choose a status that is reported")


def _heard_of(status: JobStatus, rule: AlertRule, covered: Sequence[Past]) -> bool:
    """Whether `status` was reported at least once, or there were no jobs to report: those are 0 of everything."""
    reported = [
        statuses
        for each in covered
        for job_type, statuses in each.reported.items()
        if rule.types is None or job_type in rule.types
    ]
    return not reported or any(status in statuses for statuses in reported)


def _always(rule: AlertRule, each: Past) -> bool:
    """Whether some subject of the rule was in alert for next to the whole time."""
    whole = each.end - each.start
    if whole < LONG_ENOUGH:
        return False
    for subject in rule.subjects:
        alerts = [alert for alert in each.alerts if alert.rule == rule.name and alert.job_type == subject]
        ends = ((max(_told_at(alert), each.start), alert.resolved_at or each.end) for alert in alerts)
        if sum((end - start for start, end in ends), timedelta()) >= ALWAYS * whole:
            return True
    return False


def _told_at(alert: Alert) -> datetime:
    return alert.fired_at or alert.began_at


def _lasted(alert: Alert) -> timedelta:
    return (alert.resolved_at or alert.seen_at) - _told_at(alert)


def _length(length: timedelta) -> str:
    """So many days, where it is days."""
    days = round(length / timedelta(days=1))
    return f"{days} days" if days > 1 else spoken(length)


def _pools(number: int) -> str:
    return "1 pool" if number == 1 else f"{number} pools"
