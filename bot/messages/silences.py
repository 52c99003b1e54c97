"""How are silences worded: what nobody is told of for a while, who said so, and what to fill in to say so?"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from bot.core.rules.model import Severity
from bot.core.scope import Scope
from bot.core.silences import LONGEST_SILENCE, Silence
from bot.messages.acting import said, undo_button
from bot.messages.alert_line import by
from bot.messages.form import ChoiceField, DurationField, Form, MomentField, PoolsField, Purpose, TextField
from bot.messages.model import Block, Bold, Button, Look, Message, Paragraph, Span, Verb, When
from bot.messages.phrases import LONGEST_NAME, LONGEST_WHY, counted, one_line

PER_PAGE = 5
EXTEND = "2h"
ANY = "any"
_MOST_GLOBS = 5


def silences_message(silences: Sequence[tuple[Silence, int]], *, skip: int) -> Message:
    """The silences in force, without the first `skip`, each with how many open alerts it keeps quiet."""
    if not silences:
        return Message("No silences", "Nothing is silenced.", blocks=(Paragraph(("Nothing is silenced.",)), _how()))
    page = silences[skip : skip + PER_PAGE]
    blocks: list[Block] = []
    buttons: list[Button] = []
    for number, (silence, quiet) in enumerate(page, skip + 1):
        blocks.append(Paragraph((f"{number}. ", *silence_line(silence, quiet))))
        which = "" if len(silences) == 1 else f" {number}"
        buttons.append(Button(f"End{which}", Verb.END_SILENCE, silence.id))
        buttons.append(Button(f"2 h longer{which}", Verb.EXTEND_SILENCE, f"{silence.id} {EXTEND}", Look.TUCKED))
    left = len(silences) - skip - len(page)
    if left > 0:
        buttons.append(Button(f"{left} more", Verb.SAY, f"/pool-alerts silences {skip + PER_PAGE}"))
    quiet = sum(number for _, number in silences)
    title = counted(len(silences), "silence")
    summary = f"{title}; {counted(quiet, 'open alert')} kept quiet. First to end: {scope_text(silences[0][0].scope)}."
    return Message(title, summary, blocks=(*blocks, _how()), buttons=tuple(buttons))


def silence_line(silence: Silence, quiet: int) -> tuple[Span, ...]:
    """One silence in one line."""
    reason = one_line(silence.reason, LONGEST_WHY)
    kept = f" · {counted(quiet, 'open alert')} kept quiet" if quiet else ""
    return (
        Bold(scope_text(silence.scope)),
        " until ",
        When(silence.until),
        *by(silence.by),
        *((f" · {reason}",) if reason else ()),
        kept,
    )


def made_message(silence: Silence, quiet: int, seq: int, *, now: datetime, note: str = "") -> Message:
    """A silence was made; `note` says more of when it ends."""
    more: tuple[Span, ...] = (f" {counted(quiet, 'open alert')} kept quiet now." if quiet else "",)
    spans = (Bold("Silenced until "), When(silence.until), f": {scope_text(silence.scope)}.", *more)
    return said((*spans, f" {note}." if note else ""), now, undo_button(seq))


def changed_message(silence: Silence, seq: int, *, now: datetime) -> Message:
    """A silence was ended, or goes on for longer."""
    about = scope_text(silence.scope)
    if silence.ended_at is not None:
        return said((Bold("Silence ended"), f": {about}."), now, undo_button(seq))
    return said((Bold("Silenced until "), When(silence.until), f": {about}."), now, undo_button(seq))


def scope_text(scope: Scope) -> str:
    """What a silence is about, in words."""
    pools = "all pools" if scope.pools == ("*",) else _some(scope.pools)
    rules = f", rule {_some(scope.rules)}" if scope.rules else ""
    severities = f", {' or '.join(scope.severities)} only" if scope.severities else ""
    types = f", {_some(scope.types)} jobs" if scope.types else ""
    return f"{pools}{rules}{severities}{types}"


def silence_form(subject: str, *, pools: Sequence[str], rule: str = "") -> Form:
    """What to fill in for a silence, filled in as far as it is known."""
    severities = ((ANY, "Any"), *((each.value, each.value.capitalize()) for each in Severity))
    return Form(
        "Silence alerts",
        Purpose.SILENCE,
        subject,
        (
            PoolsField("pools", "Pools", "Names, ids, or parts of them with *; commas between them.", tuple(pools)),
            TextField("rule", "Rule", "Empty for all; * stands for anything.", rule, optional=True, longest=80),
            ChoiceField("severity", "Severity", severities, value=ANY),
            DurationField(
                "length",
                "For how long",
                "30m, 2h, 1d; 7d at most.",
                timedelta(hours=2),
                optional=True,
                longest=LONGEST_SILENCE,
            ),
            MomentField("until", "Or until", "Counts instead of the length of time, where it is given.", optional=True),
            TextField("reason", "Reason", "Shown to all who see the silence.", optional=True, longest=200),
        ),
        submit="Silence",
    )


def _some(names: Sequence[str]) -> str:
    shown = ", ".join(one_line(name, LONGEST_NAME) for name in names[:_MOST_GLOBS])
    return shown + (f" and {len(names) - _MOST_GLOBS} more" if len(names) > _MOST_GLOBS else "")


def _how() -> Paragraph:
    return Paragraph(("A new one: /pool-alerts silence train-* 2h",))
