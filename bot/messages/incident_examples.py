"""What do the messages about several alerts of a pool look like? Their part of the examples."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from bot.core.alerts import Alert, Event, move
from bot.core.because import Because
from bot.core.gathering import Entry, News
from bot.core.incidents import Incident, Member
from bot.core.judge import NOT_COVERED
from bot.core.rules.model import Severity
from bot.messages.incident import incident_entry, incident_message
from bot.messages.model import Message

_MINUTE = timedelta(minutes=1)


def incident_examples(queue: Alert, failures: Alert, *, now: datetime) -> Mapping[str, Message]:
    """One example of each, of two alerts of one pool that fire, as of `now`."""
    usual = Because("{status} {level}; usual here {usual}", status="Queue", level=8, usual="2–9")
    well = replace(queue, value=8, seen_at=now, clear_since=now - _MINUTE)
    over, _ = move(well, Event.CLEARED, at=now, why=usual)
    calm = replace(failures, value=0, seen_at=now, clear_since=now - _MINUTE)
    calm, _ = move(calm, Event.CLEARED, at=now, why="")
    gone, _ = move(failures, Event.GONE, at=now, why=NOT_COVERED)
    known, acknowledged = move(failures, Event.ACKNOWLEDGE, at=now, why="acknowledged", actor="slack:U012ABC")
    quiet, _ = move(queue, Event.SILENCE, at=now, why="silenced", actor="slack:U012ABC", until=now + 120 * _MINUTE)
    unseen = replace(failures, stale_since=now - 3 * _MINUTE)
    stuck = replace(
        queue, id="11", rule="stuck queue", kind="stuck", why="4 are waiting and none has started for 30 min"
    )
    spike = replace(queue, kind="spike")
    many = [replace(queue, id=f"{n}", rule=f"long queue {n}", began_at=now - n * _MINUTE) for n in range(20, 30)]
    standing = {
        "firing": (queue, failures),
        "one-over": (over, failures),
        "one-acknowledged": (queue, known),
        "held": (quiet, known),
        "unseen": (queue, unseen),
        "stuck": (spike, stuck),
        "many": (queue, failures, *many),
        "resolved": (over, calm),
        "closed": (over, gone),
    }
    again = _incident(now, Member(queue, 3))
    both = _incident(now, Member(queue), Member(failures))
    entries = {
        "joined": Entry(News.JOINED, Member(failures), aloud=True),
        "again": Entry(News.AGAIN, Member(queue, 3)),
        "still": Entry(News.STILL, Member(queue), aloud=True),
        "still-again": Entry(News.STILL, Member(queue, 3), aloud=True),
        "acknowledged": Entry(News.MOVED, Member(known), move=acknowledged),
    }
    return {
        **{
            f"incident-{name}": incident_message(_incident(now, *map(Member, alerts)), now=now)
            for name, alerts in standing.items()
        },
        "incident-again": incident_message(again, now=now),
        "incident-again-over": incident_message(_incident(now, Member(over, 3)), now=now),
        **{f"incident-entry-{name}": incident_entry(both, entry, now=now) for name, entry in entries.items()},
    }


def _incident(now: datetime, *members: Member) -> Incident:
    opened_at = now - 45 * _MINUTE
    return Incident("7", opened_at, opened_at, 0, Severity.CRITICAL, members)
