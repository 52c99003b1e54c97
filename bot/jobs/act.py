"""A button in; the alert changed, its messages on their way, and who did what on record, in one transaction."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection, Engine

from bot.core.access import Access
from bot.core.alerts import Alert, Event, NotAllowed, move
from bot.core.command import Asker
from bot.core.durations import parse_duration, spoken
from bot.core.judge import Change
from bot.core.routes import Route
from bot.jobs.telling import Moment, tell
from bot.messages import trouble
from bot.messages.model import Message, Verb
from bot.store import alerts, audit, incidents
from bot.store.engine import StoreError, writing

# A silence is a short rest, not a way to switch a rule off.
LONGEST_SILENCE = timedelta(days=7)

_EVENTS = {
    Verb.ACKNOWLEDGE: Event.ACKNOWLEDGE,
    Verb.UNACKNOWLEDGE: Event.UNACKNOWLEDGE,
    Verb.SILENCE: Event.SILENCE,
    Verb.UNSILENCE: Event.SILENCE_OVER,
}


def act(
    verb: Verb,
    subject: str,
    asker: Asker,
    *,
    engine: Engine,
    access: Access,
    routes: Sequence[Route],
    at: Moment,
    grouped: bool = True,
) -> Message | None:
    """Do what the button says to every open alert of the incident, or to the alert, that it names.

    The change shows in the message itself.

    Returns:
        What to tell the one who pressed when it could not be done; `None` when it was.
    """
    name, _, rest = subject.partition(" ")
    event = _EVENTS.get(verb)
    try:
        length = parse_duration(rest) if verb is Verb.SILENCE else None
    except ValueError as error:
        return trouble.own_failure(str(error))
    if event is None or (length is not None and not timedelta() < length <= LONGEST_SILENCE):
        return trouble.cannot_do("this button is not one I know")
    try:
        with writing(engine) as db:
            meant = _meant(db, name, at)
            if not meant or not access.may_see(asker, meant[0].pool):
                return trouble.cannot_do("there is no such alert any more")
            until = at.now + length if length is not None else None
            changes = _moved(meant, event, at=at.now, why=_why(verb, length), actor=asker.signature, until=until)
            tell(db, changes, routes, at=at, grouped=grouped)
            _record(db, verb, asker, changes, at)
    except NotAllowed as error:
        return trouble.cannot_do(str(error))
    except StoreError as error:
        return trouble.own_failure(str(error))
    return None


def _meant(db: Connection, name: str, at: Moment) -> Sequence[Alert]:
    """The open alerts of the incident, or else the alert, that is called so, locked; the most urgent first."""
    alert = alerts.get(db, name)
    pool_id = alert.pool.id if alert is not None else incidents.pool_of(db, name)
    if pool_id is None:
        return ()
    open_alerts = {each.id: each for each in alerts.open_alerts(db, pool_id, lock=True)}
    for incident in incidents.standing(db, pool_id, at=at.now).incidents:
        if incident.id == name and incident.open:
            return [member.alert for member in incident.ranked() if member.alert.id in open_alerts]
    alert = open_alerts.get(name) or alerts.get(db, name)
    return () if alert is None else (alert,)


def _moved(
    meant: Sequence[Alert], event: Event, *, at: datetime, why: str, actor: str, until: datetime | None
) -> Sequence[Change]:
    """Those of the alerts moved that can be.

    Raises:
        NotAllowed: None of them can be.
    """
    changes: list[Change] = []
    for alert in meant:
        try:
            after, made = move(alert, event, at=at, why=why, actor=actor, until=until)
        except NotAllowed:
            if alert is meant[-1] and not changes:
                raise
        else:
            changes.append(Change(after, alert, (made,)))
    return changes


def _record(db: Connection, verb: Verb, asker: Asker, changes: Sequence[Change], at: Moment) -> None:
    """Who did it, in one entry that names every alert."""
    names = ", ".join(change.alert.id for change in changes)
    audit.record(
        db,
        at=at.wall,
        actor=str(asker),
        action=verb.value,
        subject=f"alert {names}" if len(changes) == 1 else f"alerts {names}",
        before={"state": ", ".join(change.before.state.value for change in changes if change.before is not None)},
        after={"state": changes[0].alert.state.value},
    )


def end_silences(*, engine: Engine, routes: Sequence[Route], at: Moment, grouped: bool = True) -> int:
    """Let alerts speak again whose silence is over; how many."""
    with writing(engine) as db:
        due = [
            alert
            for alert in alerts.open_alerts(db, lock=True)
            if alert.silenced_until is not None and alert.silenced_until <= at.now
        ]
        tell(db, (_heard_again(alert, at) for alert in due), routes, at=at, grouped=grouped)
    return len(due)


def _heard_again(alert: Alert, at: Moment) -> Change:
    after, made = move(alert, Event.SILENCE_OVER, at=at.now, why="the silence is over")
    return Change(after, alert, (made,))


def _why(verb: Verb, length: timedelta | None) -> str:
    match verb:
        case Verb.ACKNOWLEDGE:
            return "acknowledged"
        case Verb.UNACKNOWLEDGE:
            return "acknowledgement taken back"
        case Verb.SILENCE:
            return f"silenced for {spoken(length or timedelta())}"
        case _:
            return "silence ended"
