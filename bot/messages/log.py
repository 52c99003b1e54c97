"""How is the audit log worded: who did what, where, and what did it change?"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.core.stats import Pool
from bot.messages.alert_line import by
from bot.messages.model import Bold, Button, Message, Paragraph, Span, Verb, When
from bot.messages.phrases import LONGEST_NAME, LONGEST_WHY, begun, counted, named, one_line, utc

_LONGEST_VALUE = 80


@dataclass(frozen=True, slots=True)
class Done:
    """One thing that somebody did, as far as the reader may know of it."""

    at: datetime
    actor: str
    action: str
    subject: str
    place: str | None
    pool: Pool | None
    before: Any
    after: Any


def log_message(entries: Sequence[Done], older: int | None, *, now: datetime) -> Message:
    """The newest entries, the newest first; `older` is the number to go on from, where there are more."""
    if not entries:
        return Message("No entries", "Nobody has done anything here yet.", blocks=(Paragraph(("Nothing yet.",)),))
    newest = entries[0]
    summary = (
        f"{counted(len(entries), 'thing')} that people did. The newest: {newest.action} by "
        f"{one_line(newest.actor, LONGEST_NAME)} at {utc(newest.at, now=now)}."
    )
    return Message(
        "Who did what",
        summary,
        blocks=tuple(Paragraph(_line(entry)) for entry in entries),
        buttons=() if older is None else (Button("Older", Verb.SAY, f"/pool-alerts log {older}"),),
    )


def _line(entry: Done) -> tuple[Span, ...]:
    where = f" in {named(entry.pool)}" if entry.pool is not None else ""
    place = f" · from {one_line(entry.place, LONGEST_NAME)}" if entry.place else ""
    change = _change(entry.before, entry.after)
    return (
        When(entry.at),
        " · ",
        Bold(begun(one_line(entry.action, LONGEST_NAME))),
        *by(entry.actor),
        f": {one_line(entry.subject, LONGEST_NAME)}{where}{place}",
        *((f" · {change}",) if change else ()),
    )


def _change(before: Any, after: Any) -> str:
    """What it was and what it is: the values that differ, in short."""
    was, now = _flat(before), _flat(after)
    keys = [key for key in dict.fromkeys((*was, *now)) if was.get(key) != now.get(key)]
    told = "; ".join(f"{key + ' ' if key else ''}{was.get(key, '–')} → {now.get(key, '–')}" for key in keys)
    return one_line(told, LONGEST_WHY)


def _flat(value: Any) -> dict[str, str]:
    """The values by their names; those of several alerts together."""
    match value:
        case None:
            return {}
        case {"alerts": dict(alerts), **more}:
            states = [str(each.get("state", "")) for each in alerts.values() if isinstance(each, Mapping)]
            return ({"": ", ".join(dict.fromkeys(states))} if states else {}) | _flat(more)
        case dict():
            return {str(key): _short(each) for key, each in value.items()}
        case _:
            return {"": _short(value)}


def _short(value: Any) -> str:
    match value:
        case list():
            return one_line(", ".join(map(str, value)) or "any", _LONGEST_VALUE)
        case None | "":
            return "–"
        case _:
            return one_line(str(value), _LONGEST_VALUE)
