"""How is the audit log worded: who did what, where, and what did it change?"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.core.language import N_, _, _n
from bot.core.stats import Pool
from bot.messages.alert_line import by
from bot.messages.model import Attached, Bold, Button, Code, Footnote, Message, Paragraph, Span, Verb, When
from bot.messages.phrases import LONGEST_NAME, LONGEST_WHY, begun, listed, named, one_line, sentences, spans, utc

_LONGEST_VALUE = 80
# What people do, as it is kept; a press is kept as its verb.
_ACTIONS = (
    N_("acknowledge"),
    N_("unacknowledge"),
    N_("silence"),
    N_("unsilence"),
    N_("end silence"),
    N_("extend silence"),
    N_("undo"),
    N_("add rule"),
    N_("change rule"),
    N_("remove rule"),
    N_("restore rule"),
    N_("add digest"),
    N_("remove digest"),
    N_("restore digest"),
    N_("digest now"),
    N_("drill"),
    N_("choose pools"),
    N_("share"),
    N_("export log"),
)
# What it was done to, by how that begins.
_SUBJECTS = {
    "alert ": N_("alert {name}"),
    "alerts ": N_("alerts {name}"),
    "silence ": N_("silence {name}"),
    "rule ": N_("rule {name}"),
    "digest in ": N_("digest in {name}"),
    "drill ": N_("drill {name}"),
    "pools of ": N_("pools of {name}"),
}
# What can have changed, and the states of an alert.
_WORDS = (
    N_("pools"),
    N_("rules"),
    N_("severities"),
    N_("types"),
    N_("until"),
    N_("reason"),
    N_("firing"),
    N_("acknowledged"),
    N_("silenced"),
    N_("resolved"),
    N_("pending"),
    N_("any"),
    N_("posted"),
    N_("shown"),
    N_("entries"),
)


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


def log_message(entries: Sequence[Done], older: int | None, *, now: datetime, may_export: bool = False) -> Message:
    """The newest entries, the newest first; `older` is the number to go on from, where there are more."""
    if not entries:
        nothing = Paragraph((_("Nothing yet."),))
        return Message(_("No entries"), _("Nobody has done anything here yet."), blocks=(nothing,))
    newest = entries[0]
    summary = _n(
        "{number} thing that people did. The newest: {action} by {who} at {when}.",
        "{number} things that people did. The newest: {action} by {who} at {when}.",
        len(entries),
        action=_action(newest.action),
        who=one_line(newest.actor, LONGEST_NAME),
        when=utc(newest.at, now=now),
    )
    return Message(
        _("Who did what"),
        summary,
        blocks=tuple(Paragraph(_line(entry)) for entry in entries),
        buttons=(
            *(() if older is None else (Button(_("Older"), Verb.SAY, f"/pool-alerts log {older}"),)),
            *((Button(_("Export"), Verb.SAY, "/pool-alerts log export"),) if may_export else ()),
        ),
    )


def exported_message(text: str, number: int, *, at: datetime, is_cut: bool) -> Message:
    """The log as a file; `is_cut` says that there is more than it holds."""
    said = _n("{number} entry of the log, as a file.", "{number} entries of the log, as a file.", number)
    if is_cut:
        said = sentences([said, _("Older ones are left out.")])
    how = spans("Whoever runs the bot gets all of it: {command}", command=Code("pool-stats db export --audit"))
    name = f"pool-stats-log-{at:%Y-%m-%dT%H%M}Z.csv"
    attached = Attached(name, text) if number else None
    return Message(_("Who did what"), said, blocks=(Paragraph((said,)), Footnote(how)), attached=attached)


def _line(entry: Done) -> tuple[Span, ...]:
    change = _change(entry.before, entry.after)
    subject = one_line(_subject(entry.subject), LONGEST_NAME)
    if entry.pool is not None:
        subject = _("{trouble} in {pool}", trouble=subject, pool=named(entry.pool))
    line = spans(
        "{when} · {what}{by}: {subject}",
        when=When(entry.at),
        what=Bold(begun(_action(entry.action))),
        by=by(entry.actor),
        subject=subject,
    )
    place = _(" · from {place}", place=one_line(entry.place, LONGEST_NAME)) if entry.place else ""
    return spans("{line}{rest}", line=line, rest=f"{place}{f' · {change}' if change else ''}")


def _change(before: Any, after: Any) -> str:
    """What it was and what it is: the values that differ, in short."""
    was, now = _flat(before), _flat(after)
    keys = [key for key in dict.fromkeys((*was, *now)) if was.get(key) != now.get(key)]
    told = _("; ").join(f"{_word(key) + ' ' if key else ''}{was.get(key, '–')} → {now.get(key, '–')}" for key in keys)
    return one_line(told, LONGEST_WHY)


def _flat(value: Any) -> dict[str, str]:
    """The values by their names; those of several alerts together."""
    match value:
        case None:
            return {}
        case {"alerts": dict(alerts), **more}:
            states = [_word(str(each.get("state", ""))) for each in alerts.values() if isinstance(each, Mapping)]
            return ({"": listed([*dict.fromkeys(states)])} if states else {}) | _flat(more)
        case dict():
            return {str(key): _short(each) for key, each in value.items()}
        case _:
            return {"": _short(value)}


def _short(value: Any) -> str:
    match value:
        case list():
            return one_line(listed([*map(str, value)]) or _("any"), _LONGEST_VALUE)
        case None | "":
            return "–"
        case _:
            return one_line(str(value), _LONGEST_VALUE)


def _action(action: str) -> str:
    """What was done, as it is kept, in the language that is spoken."""
    return one_line(_(action) if action in _ACTIONS else action, LONGEST_NAME)


def _subject(subject: str) -> str:
    """What something was done to, in the language that is spoken."""
    action, sign, of = subject.partition(" of ")
    if sign and action in _ACTIONS:
        return _("{action} of {subject}", action=_(action), subject=_subject(of))
    for begin, sentence in _SUBJECTS.items():
        if subject.startswith(begin):
            return _(sentence, name=subject.removeprefix(begin))
    return subject


def _word(word: str) -> str:
    return _(word) if word in _WORDS else word
