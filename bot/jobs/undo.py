"""How is something that a person did to alerts or silences taken back?"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from bot.core.alerts import Alert, Event, Move, State, move
from bot.core.because import Because
from bot.core.command import Asker
from bot.core.judge import Change
from bot.core.language import _
from bot.jobs.doing import Doing, before_and_after, record, standing
from bot.jobs.silence import put
from bot.messages import trouble
from bot.messages.acting import changed_since, undone_message
from bot.messages.model import Message
from bot.store import alerts, audit, silences
from bot.store.audit import Entry
from bot.store.engine import StoreError, writing

_WHY = Because("undone")


def undo(subject: str, asker: Asker, doing: Doing) -> Message:
    """Take back what stands in the audit log under that number, as far as it still stands.

    Only who did it takes it back so; everybody else has the buttons of the alert.
    """
    now = doing.at.now
    if not subject.isascii() or not subject.isdigit() or len(subject) > 15:
        return trouble.cannot_do(_("this button is not one I know"))
    try:
        with writing(doing.engine) as db:
            entry = audit.get(db, int(subject))
            if entry is None or entry.actor.partition(" ")[0] != str(asker):
                return trouble.cannot_do(_("there is nothing to undo any more"))
            if entry.pool is not None and not doing.access.may_see(asker, entry.pool):
                return trouble.cannot_do(_("there is nothing to undo any more"))
            followed = _silence_taken_back(db, entry, asker, doing)
            changes = [*(followed or ()), *_alerts_taken_back(db, entry, asker, doing)]
            if followed is None and not changes:
                return changed_since(now=now)
            before, after = before_and_after(changes)
            record(
                db,
                asker,
                "undo",
                f"{entry.action} of {entry.subject}",
                at=doing.at.wall,
                before=before,
                after=after,
                pool=entry.pool,
            )
    except StoreError as error:
        return trouble.own_failure(error.why)
    # What has been hidden since is not shown again by taking back one's own silence.
    shown = [change.alert for change in changes if doing.access.may_see(asker, change.alert.pool)]
    return undone_message(shown, now=now)


def _silence_taken_back(db: Connection, entry: Entry, asker: Asker, doing: Doing) -> list[Change] | None:
    """The alerts that follow a silence which is as it was again; `None` where there is none to take back."""
    kind, _, silence_id = entry.subject.partition(" ")
    if kind != "silence":
        return None
    silence = silences.get(db, silence_id, lock=True)
    until = _moment(entry.before, "until")
    now = doing.at.now
    if silence is None:
        return None
    match entry.action:
        case "silence" if silence.stands(now):
            after = replace(silence, ended_at=now)
        case "end silence" if silence.ended_at is not None and silence.until > now:
            after = replace(silence, ended_at=None)
        case "extend silence" if silence.stands(now) and until is not None and until > now:
            after = replace(silence, until=until)
        case _:
            return None
    return list(put(db, silence, after, asker.signature, doing))


def _alerts_taken_back(db: Connection, entry: Entry, asker: Asker, doing: Doing) -> list[Change]:
    """The alerts that still stand as the entry left them, or as the end of its silence did, as they stood before it."""
    before, after = _alerts(entry.before), _alerts(entry.after)
    changes: list[Change] = []
    for name, was in before.items():
        alert = alerts.get(db, name, lock=True)
        if alert is None or not alert.open or not doing.access.may_see(asker, alert.pool):
            continue
        by_silence = entry.action == "silence" and entry.subject.startswith("silence ")
        stands = alert.state is State.FIRING if by_silence else standing(alert) == after.get(name)
        change = _restored(alert, was, asker, doing.at.now) if stands else None
        if change is not None:
            changes.append(change)
    doing.tell(db, changes)
    return changes


def _restored(alert: Alert, was: Mapping[str, Any], asker: Asker, now: datetime) -> Change | None:
    """The alert in the state in which it was, by the moves that lead there; `None` where none do."""
    state, until = State(was["state"]), _moment(was, "silenced_until")
    if state is State.SILENCED and (until is None or until <= now):
        return None
    moves: list[Move] = []
    after = alert
    steps: list[Event] = []
    if after.state is State.SILENCED and state is not State.SILENCED:
        steps.append(Event.SILENCE_OVER)
    if after.state is State.ACKNOWLEDGED and state is State.FIRING:
        steps.append(Event.UNACKNOWLEDGE)
    if state is State.ACKNOWLEDGED:
        steps.append(Event.ACKNOWLEDGE)
    if state is State.SILENCED:
        steps.append(Event.SILENCE)
    for event in steps:
        after, made = move(after, event, at=now, why=_WHY, actor=asker.signature, until=until)
        moves.append(made)
    if not moves:
        return None
    return Change(replace(after, held_by=was.get("held_by")), alert, tuple(moves))


def _alerts(said: Any) -> Mapping[str, Mapping[str, Any]]:
    found = said.get("alerts") if isinstance(said, dict) else None
    return found if isinstance(found, dict) else {}


def _moment(said: Any, name: str) -> datetime | None:
    text = said.get(name) if isinstance(said, Mapping) else None
    return datetime.fromisoformat(text) if isinstance(text, str) else None
