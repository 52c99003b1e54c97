"""How does a change of an alert get into the outbox, in the transaction that made it true?"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from bot.core.alerts import Event
from bot.core.evidence import asks_for_evidence
from bot.core.gathering import Entry, News, Update, step
from bot.core.judge import Change
from bot.core.language import speaking_at
from bot.core.rests import over
from bot.core.routes import Place, Resting, Route, places, resting
from bot.core.silences import covering, withheld
from bot.jobs.belief import Belief
from bot.messages.incident import incident_entry
from bot.store import alerts, evidence, incidents, outbox, silences
from bot.store.outbox import DeliveryKind, Rank

# Users are named in a message only by who says in which channels they are not.
NOWHERE = ("*",)


@dataclass(frozen=True, slots=True)
class Moment:
    """When something happens: `now` in the product's time, `wall` in real time (for when messages are sent)."""

    now: datetime
    wall: datetime


def tell(
    db: Connection,
    changes: Iterable[Change],
    routes: Sequence[Route],
    *,
    at: Moment,
    grouped: bool = True,
    read: str | None = None,
    hide_users_in: Sequence[str] = NOWHERE,
) -> int:
    """Save the changes with what the channels shall hear of them; how many messages that makes.

    The open alerts of the pools must be locked: whoever locked them alone decides what is told of them.

    Args:
        db: The transaction.
        changes: Of any pools.
        routes: Where alerts go.
        at: Now.
        grouped: Whether the alerts of a pool are told in one message.
        read: The id of a pool that has just been read: what is still open there may be worth a word.
        hide_users_in: Channels (globs) in which the users of jobs are not named.
    """
    by_pool: dict[str, list[Change]] = {} if read is None else {read: []}
    for change in changes:
        by_pool.setdefault(change.alert.pool.id, []).append(change)
    rest = resting(routes, now=at.now)
    told = 0
    for pool_id, heard in by_pool.items():
        of_pool = _quiet(db, heard, rest, at)
        standing = incidents.standing(db, pool_id, at=at.now)
        for change in of_pool:
            alerts.save(db, change.alert, change.moves)
        _, updates = step(
            standing,
            of_pool,
            at=at.now,
            grouped=grouped,
            reading=pool_id == read,
            rests=lambda alert: rest(alert) is not None,
        )
        for update in updates:
            incidents.save(db, update.incident)
            if asks_for_evidence(update):
                evidence.want(db, update.incident.ranked()[0].alert, wall=at.wall)
            told += _announce(db, update, routes, at, hide_users_in)
    return told


def tell_anew(
    db: Connection,
    pool_id: str,
    alert_ids: Collection[str],
    routes: Sequence[Route],
    *,
    at: Moment,
    hide_users_in: Sequence[str] = NOWHERE,
) -> int:
    """Draw the messages about these alerts anew, of which more is known now; the alerts are locked, as for `tell`."""
    standing = incidents.standing(db, pool_id, at=at.now).incidents
    about = [each for each in standing if any(member.alert.id in alert_ids for member in each.members)]
    return sum(_announce(db, Update(incident), routes, at, hide_users_in) for incident in about)


def _quiet(db: Connection, changes: Sequence[Change], rest: Resting, at: Moment) -> Sequence[Change]:
    """The changes, those withheld of which nobody is to be told yet."""
    if not any(made.event is Event.HELD for change in changes for made in change.moves):
        return changes
    active = silences.in_force(db, now=at.now)
    found = ((change, covering([*active, *over(rest, change.alert)], change.alert, now=at.now)) for change in changes)
    return [change if silence is None else withheld(change, silence) for change, silence in found]


def _announce(db: Connection, update: Update, routes: Sequence[Route], at: Moment, hide_users_in: Sequence[str]) -> int:
    """The incident's one message per channel, and what happened since in its thread."""
    incident = update.incident
    told_before = outbox.places_told(db, incident.id)
    is_news = update.opened and not told_before
    # A channel that heard of the incident hears of its end, even if the routes have changed since; no other does.
    heard_of = [member.alert for member in incident.members if member.alert.open or update.opened]
    now_told = [place for alert in heard_of for place in places(routes, alert)]
    belief = Belief(db, incident, hide_users_in, now=at.now)
    told = 0
    for place in dict.fromkeys((*now_told, *told_before)):
        is_new = place not in told_before
        rank = None if incident.open or is_new else Rank.ENDED
        with speaking_at(str(place)):
            message = belief.at(place)
            entries = [(entry, incident_entry(incident, entry, now=at.now)) for entry in update.entries]
        say = outbox.put_news if is_news else outbox.put
        put = say(db, place=place, message=message, now=at.wall, alert_id=incident.id, rank=rank)
        told += put is not None
        for entry, said in entries:
            if is_new and entry.news is not News.MOVED:
                # The message that the channel has just got says so.
                continue
            put = outbox.put(
                db,
                place=place,
                message=said,
                now=at.wall,
                kind=_kind(entry, place, routes),
                alert_id=incident.id,
                about=entry.member.alert.id,
            )
            told += put is not None
    return told


def _kind(entry: Entry, place: Place, routes: Sequence[Route]) -> DeliveryKind:
    """A channel is notified only of what is routed to it."""
    aloud = entry.aloud and place in places(routes, entry.member.alert)
    return DeliveryKind.ALOUD if aloud else DeliveryKind.THREAD
