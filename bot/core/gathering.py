"""Which alerts of a pool belong together, and what of them is worth a notification?

A layer above the alerts, which changes none of them: live readings and replayed ones go through the same `step`.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from bot.core.alerts import Alert, Event, Move, State
from bot.core.incidents import Incident, Member, in_order, inhibited, rank_of, urgency
from bot.core.judge import Change, PoolJudge
from bot.core.rules.model import AlertRule
from bot.core.stats import PoolStats

# What is told within this time of a notification, and is no more severe, is part of what people are looking at already.
GATHER = timedelta(minutes=5)
# Trouble that is back within this time was not over. On recorded clusters twice as long would save 3 % of the posts of
# the shipped rules, and would put more under an old message that has little to do with it.
REOPEN_WITHIN = timedelta(minutes=30)


class News(StrEnum):
    """What a thread is told."""

    MOVED = "moved"  # a person or a reading moved an alert
    JOINED = "joined"  # more trouble in the same pool
    AGAIN = "again"  # it was over and is back
    STILL = "still"  # it goes on


@dataclass(frozen=True, slots=True)
class Entry:
    """Something that happened in an incident. `aloud`: people are to be notified. `move`: of `News.MOVED`."""

    news: News
    member: Member
    aloud: bool = False
    move: Move | None = None


@dataclass(frozen=True, slots=True)
class Update:
    """An incident whose message is out of date, with what happened since. `opened`: there was no message before."""

    incident: Incident
    entries: tuple[Entry, ...] = ()
    opened: bool = False


@dataclass(frozen=True, slots=True)
class Standing:
    """The incidents of a pool that are open or were lately, and the alerts that fire but are held back."""

    incidents: tuple[Incident, ...] = ()
    held_back: tuple[Alert, ...] = ()


def step(
    standing: Standing,
    changes: Sequence[Change],
    *,
    at: datetime,
    grouped: bool = True,
    reading: bool = False,
    rests: Callable[[Alert], bool] = lambda _: False,
) -> tuple[Standing, tuple[Update, ...]]:
    """The incidents of a pool after its alerts changed, and those that people should see a difference in.

    Args:
        standing: As they stood before.
        changes: What changed since, of this pool.
        at: Now.
        grouped: Whether alerts join an incident that is there; else each is its own.
        reading: Whether the pool was just read, so that it is certain that what is open goes on.
        rests: Whether nobody is to be reminded of an alert now: that comes when the rest is over.
    """
    if not changes and standing == Standing():
        return standing, ()
    kept = [each for each in standing.incidents if _may_be_joined(each, at)]
    updates = {each.id: Update(each) for each in (_after(each, changes) for each in kept)}
    news = {each.id for each in kept if _is_out_of_date(each, changes)}
    loose = _loose(standing, changes)
    told = [alert for each in updates.values() for alert in _alerts(each.incident)]
    held_back = []
    for alert in sorted(loose, key=urgency):
        # One that was held back and is getting better waits for the next reading.
        if alert.open and (inhibited(alert, (*told, *loose)) or alert.clear_since is not None):
            held_back.append(alert)
            continue
        joined = _target([update.incident for update in updates.values()]) if grouped else None
        updated = _open(alert, at) if joined is None else _join(updates[joined.id], alert, at)
        updates[updated.incident.id] = updated
        news.add(updated.incident.id)
    ready = []
    for each in updates.values():
        update = _with_moves(each, changes)
        if reading and (again := _to_remind_of(update, at, rests)) is not None:
            update = _remind(update, again, at)
            news.add(update.incident.id)
        ready.append(update)
    after = Standing(tuple(update.incident for update in ready), tuple(held_back))
    return after, tuple(update for update in ready if update.incident.id in news)


def _alerts(incident: Incident) -> list[Alert]:
    return [member.alert for member in incident.members]


def _may_be_joined(incident: Incident, at: datetime) -> bool:
    return incident.ended_at is None or at - incident.ended_at < REOPEN_WITHIN


def _target(incidents: Sequence[Incident]) -> Incident | None:
    """The incident that a new alert joins: an open one before one that was over, the latest first."""
    open_ones = [each for each in incidents if each.open]
    return max(open_ones or incidents, key=lambda each: (each.opened_at, each.id), default=None)


def _after(incident: Incident, changes: Sequence[Change]) -> Incident:
    changed = {change.alert.id: change.alert for change in changes}
    members = (replace(member, alert=changed.get(member.alert.id, member.alert)) for member in incident.members)
    return replace(incident, members=tuple(members))


def _is_out_of_date(incident: Incident, changes: Sequence[Change]) -> bool:
    ids = {alert.id for alert in _alerts(incident)}
    return any(change.worth_telling and change.alert.id in ids for change in changes)


def _loose(standing: Standing, changes: Sequence[Change]) -> list[Alert]:
    """The alerts that people are to be told of and that are in no incident, also of what is over again already."""
    members = {alert.id for incident in standing.incidents for alert in _alerts(incident)}
    alerts = {alert.id: alert for alert in (*standing.held_back, *(change.alert for change in changes))}
    held = {change.alert.id for change in changes for made in change.moves if made.event is Event.HELD}
    return [
        alert for name, alert in alerts.items() if alert.told and name not in members and (alert.open or name in held)
    ]


def _open(alert: Alert, at: datetime) -> Update:
    incident = Incident(alert.id, at, at, 0, alert.severity, (Member(alert),))
    return Update(incident, opened=True)


def _join(update: Update, alert: Alert, at: datetime) -> Update:
    """The alert in the incident, told as loudly as it is news."""
    incident = update.incident
    member = Member(alert)
    earlier = next((each for each in incident.members if each.subject == member.subject), None)
    if earlier is not None:
        member = replace(member, times=earlier.times + 1)
    worse = rank_of(alert.severity) < rank_of(incident.severity)
    is_new = worse or (earlier is None and at - incident.aloud_at >= GATHER)
    aloud = is_new or (earlier is not None and at >= incident.remind_at)
    members = in_order((*(each for each in incident.members if each is not earlier), member))
    incident = replace(incident, members=members, severity=alert.severity if worse else incident.severity)
    if update.opened:
        # People read of it in the very message that tells them of the incident.
        return replace(update, incident=incident)
    if aloud:
        incident = replace(incident, aloud_at=at, repeated=0 if is_new else incident.repeated + 1)
    entry = Entry(News.JOINED if earlier is None else News.AGAIN, member, aloud)
    return replace(update, incident=incident, entries=(*update.entries, entry))


def _with_moves(update: Update, changes: Sequence[Change]) -> Update:
    """With what else happened to its alerts."""
    members = {member.alert.id: member for member in update.incident.members}
    moved = tuple(
        Entry(News.MOVED, members[change.alert.id], move=made)
        for change in changes
        if change.alert.id in members
        for made in change.moves
        if made.event is not Event.HELD
    )
    return replace(update, entries=(*moved, *update.entries))


def _to_remind_of(update: Update, at: datetime, rests: Callable[[Alert], bool]) -> Member | None:
    """The first alert that goes on and that it is time to remind people of."""
    if at < update.incident.remind_at:
        return None
    ranked = update.incident.ranked()
    return next((member for member in ranked if _is_seen(member.alert) and not rests(member.alert)), None)


def _is_seen(alert: Alert) -> bool:
    """Whether it fires, as of the last reading, and nobody said that they know."""
    return alert.state is State.FIRING and alert.stale_since is None and alert.clear_since is None


def _remind(update: Update, first: Member, at: datetime) -> Update:
    incident = replace(update.incident, aloud_at=at, repeated=update.incident.repeated + 1)
    return replace(update, incident=incident, entries=(*update.entries, Entry(News.STILL, first, aloud=True)))


def follow(
    rules: Sequence[AlertRule], readings: Iterable[PoolStats], *, new_id: Callable[[], str], grouped: bool = True
) -> Iterator[tuple[PoolStats, tuple[Update, ...]]]:
    """Each reading of any pools, in order of time for each, with what people would have seen change."""
    judges: dict[str, PoolJudge] = {}
    open_alerts: dict[str, dict[str, Alert]] = {}
    standing: dict[str, Standing] = {}
    for stats in readings:
        pool = stats.pool.id
        if pool not in judges:
            judges[pool], open_alerts[pool], standing[pool] = PoolJudge(stats.pool, rules), {}, Standing()
        changes = judges[pool].see(stats, tuple(open_alerts[pool].values()), new_id=new_id)
        for change in changes:
            open_alerts[pool][change.alert.id] = change.alert
            if not change.alert.open:
                del open_alerts[pool][change.alert.id]
        at = stats.taken_at
        standing[pool], updates = step(standing[pool], changes, at=at, grouped=grouped, reading=True)
        yield stats, updates
