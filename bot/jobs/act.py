"""A button in; the alert changed, its messages on their way, and who did what on record, in one transaction."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlalchemy import Connection

from bot.core.alerts import Alert, Event, NotAllowed, State, move
from bot.core.because import Because, Why
from bot.core.command import Asker
from bot.core.durations import parse_duration
from bot.core.judge import Change
from bot.core.language import _
from bot.core.silence_words import TOMORROW
from bot.core.silences import LONGEST_AHEAD, LONGEST_SILENCE, tomorrow_morning
from bot.core.windows import Shown, between
from bot.jobs.doing import Doing, before_and_after, record
from bot.jobs.telling import Moment
from bot.messages import trouble
from bot.messages.acting import done_message, too_late
from bot.messages.model import Message, Verb
from bot.store import alerts, incidents
from bot.store.engine import StoreError, writing

_EVENTS = {
    Verb.ACKNOWLEDGE: Event.ACKNOWLEDGE,
    Verb.UNACKNOWLEDGE: Event.UNACKNOWLEDGE,
    Verb.SILENCE: Event.SILENCE,
    Verb.UNSILENCE: Event.SILENCE_OVER,
}


@dataclass(frozen=True, slots=True)
class Until:
    """When a silence ends, why it is made in words for the thread, and a word on whose time is meant.

    `starts_at`: when it begins, where that is later than now.
    """

    at: datetime
    why: Because
    note: str = ""
    starts_at: datetime | None = None


def act(verb: Verb, subject: str, asker: Asker, doing: Doing) -> Message:
    """Do what the button says to every open alert of the incident, or to the alert, that it names.

    The change shows in the message itself; what is returned is for the one who pressed alone: what was done, with a
    way back, or why it was not.
    """
    name, _space, rest = subject.partition(" ")
    event = _EVENTS.get(verb)
    try:
        until = until_when(rest, asker, doing.at.now) if verb is Verb.SILENCE else None
    except ValueError as error:
        return trouble.cannot_do(str(error))
    if event is None:
        return trouble.cannot_do(_("this button is not one I know"))
    now = doing.at.now
    try:
        with writing(doing.engine) as db:
            meant = alerts_meant(db, name, doing.at)
            if not meant or not doing.access.may_see(asker, meant[0].pool):
                return trouble.cannot_do(_("there is no such alert any more"))
            changes = _moved(meant, event, at=now, why=_why(verb, until), actor=asker.signature, until=until)
            if not changes:
                return too_late(meant[0], now=now)
            doing.tell(db, changes)
            seq = _record(db, verb, asker, changes, doing)
    except StoreError as error:
        return trouble.own_failure(error.why)
    return done_message([change.alert for change in changes], seq, now=now, note=until.note if until else "")


def until_when(length: str, asker: Asker, now: datetime) -> Until:
    """When a silence of this length ends.

    Raises:
        ValueError: It is no length of time, or one that no silence may have.
    """
    if length == TOMORROW:
        zone, note = _zone(asker)
        return Until(tomorrow_morning(now, zone), Because("silenced until tomorrow"), note)
    lasting = parse_duration(length)
    if not timedelta() < lasting <= LONGEST_SILENCE:
        raise ValueError(_("a silence lasts 7 days at most"))
    return Until(now + lasting, Because("silenced for {time}", time=lasting))


def until_shown(start: Shown, end: Shown, asker: Asker, now: datetime) -> Until:
    """When a silence begins and ends that is said by the clock on the wall where the asker lives.

    Raises:
        ValueError: It is over, too long, or too far ahead.
    """
    try:
        zone, note = ZoneInfo(asker.zone), _("The times are those of {zone}, your time zone", zone=asker.zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        zone, note = ZoneInfo("UTC"), _("The times are UTC, as I do not know your time zone")
    during = between(start, end, zone, now=now)
    if during.end <= now or during.end <= during.start:
        raise ValueError(_("that time is over, or ends before it begins"))
    if during.end - max(during.start, now) > LONGEST_SILENCE:
        raise ValueError(_("a silence lasts 7 days at most"))
    if during.start - now > LONGEST_AHEAD:
        raise ValueError(_("a silence begins within 60 days"))
    why = Because("silenced for {time}", time=during.end - max(during.start, now))
    return Until(during.end, why, note, during.start if during.start > now else None)


def _zone(asker: Asker) -> tuple[ZoneInfo, str]:
    """Where the asker lives, and a word on how that is known."""
    try:
        return ZoneInfo(asker.zone), _("That is 09:00 in {zone}, your time zone", zone=asker.zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ZoneInfo("UTC"), _("That is 09:00 UTC, as I do not know your time zone")


def alerts_meant(db: Connection, name: str, at: Moment) -> Sequence[Alert]:
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
    meant: Sequence[Alert], event: Event, *, at: datetime, why: Why, actor: str, until: Until | None
) -> Sequence[Change]:
    """Those of the alerts moved that can be; one that is silenced already stays as somebody has just silenced it."""
    changes: list[Change] = []
    for alert in meant:
        if alert.state is State.PENDING or (event is Event.SILENCE and alert.state is State.SILENCED):
            continue
        try:
            after, made = move(alert, event, at=at, why=why, actor=actor, until=until.at if until else None)
        except NotAllowed:
            continue
        changes.append(Change(after, alert, (made,)))
    return changes


def _record(db: Connection, verb: Verb, asker: Asker, changes: Sequence[Change], doing: Doing) -> int:
    """Who did it, in one entry that names every alert."""
    names = ", ".join(change.alert.id for change in changes)
    subject = f"alert {names}" if len(changes) == 1 else f"alerts {names}"
    before, after = before_and_after(changes)
    pool = changes[0].alert.pool
    return record(db, asker, verb.value, subject, at=doing.at.wall, before=before, after=after, pool=pool)


def _why(verb: Verb, until: Until | None) -> Because:
    match verb:
        case Verb.ACKNOWLEDGE:
            return Because("acknowledged")
        case Verb.UNACKNOWLEDGE:
            return Because("acknowledgement taken back")
        case Verb.SILENCE if until is not None:
            return until.why
        case _:
            return Because("silence ended")
