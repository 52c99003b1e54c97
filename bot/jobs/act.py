"""A button in; the alert changed, its messages on their way, and who did what on record, in one transaction."""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import Engine

from bot.core.access import Access
from bot.core.alerts import Alert, Event, NotAllowed, move
from bot.core.command import Asker
from bot.core.durations import parse_duration, spoken
from bot.core.judge import Change
from bot.core.routes import Route
from bot.jobs.telling import Moment, tell
from bot.messages import trouble
from bot.messages.model import Message, Verb
from bot.store import alerts, audit
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
    verb: Verb, subject: str, asker: Asker, *, engine: Engine, access: Access, routes: Sequence[Route], at: Moment
) -> Message | None:
    """Do what the button says; the change shows in the alert's own message.

    Returns:
        What to tell the one who pressed when it could not be done; `None` when it was.
    """
    alert_id, _, rest = subject.partition(" ")
    event = _EVENTS.get(verb)
    try:
        length = parse_duration(rest) if verb is Verb.SILENCE else None
    except ValueError as error:
        return trouble.own_failure(str(error))
    if event is None or (length is not None and not timedelta() < length <= LONGEST_SILENCE):
        return trouble.cannot_do("this button is not one I know")
    try:
        with writing(engine) as db:
            alert = alerts.get(db, alert_id, lock=True)
            if alert is None or not access.may_see(asker, alert.pool):
                return trouble.cannot_do("there is no such alert any more")
            after, made = move(
                alert,
                event,
                at=at.now,
                why=_why(verb, length),
                actor=asker.signature,
                until=at.now + length if length is not None else None,
            )
            tell(db, (Change(after, alert, (made,)),), routes, at=at)
            audit.record(
                db,
                at=at.wall,
                actor=str(asker),
                action=verb.value,
                subject=f"alert {alert.id}",
                before={"state": alert.state.value},
                after={"state": after.state.value},
            )
    except NotAllowed as error:
        return trouble.cannot_do(str(error))
    except StoreError as error:
        return trouble.own_failure(str(error))
    return None


def end_silences(*, engine: Engine, routes: Sequence[Route], at: Moment) -> int:
    """Let alerts speak again whose silence is over; how many."""
    with writing(engine) as db:
        due = [
            alert
            for alert in alerts.open_alerts(db, lock=True)
            if alert.silenced_until is not None and alert.silenced_until <= at.now
        ]
        tell(db, (_heard_again(alert, at) for alert in due), routes, at=at)
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
