"""How are silences worded: what nobody is told of for a while, who said so, and what to fill in to say so?"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from bot.core.language import _, _n
from bot.core.rules.model import Severity
from bot.core.scope import Scope
from bot.core.silences import LONGEST_SILENCE, Silence
from bot.messages.acting import said, undo_button
from bot.messages.alert_line import by
from bot.messages.form import ChoiceField, DurationField, Form, MomentField, PoolsField, Purpose, TextField
from bot.messages.model import Block, Bold, Button, Look, Message, Paragraph, Span, Verb, When
from bot.messages.phrases import (
    LONGEST_NAME,
    LONGEST_WHY,
    begun,
    either,
    listed,
    one_line,
    sentences,
    severity_word,
    spans,
)

PER_PAGE = 5
EXTEND = "2h"
ANY = "any"
_MOST_GLOBS = 5


def silences_message(
    silences: Sequence[tuple[Silence, int]], *, skip: int, rests: Sequence[tuple[Silence, int]] = ()
) -> Message:
    """The silences in force, without the first `skip`, each with how many open alerts it keeps quiet.

    `rests` are quiet hours and maintenance, which the configuration ends and nobody here.
    """
    by_itself = tuple(Paragraph(silence_line(rest, quiet)) for rest, quiet in rests)
    if not silences:
        nothing = _("Nobody has silenced anything.") if rests else _("Nothing is silenced.")
        return Message(_("No silences"), nothing, blocks=(Paragraph((nothing,)), *by_itself, _how()))
    page = silences[skip : skip + PER_PAGE]
    blocks: list[Block] = []
    buttons: list[Button] = []
    for number, (silence, quiet) in enumerate(page, skip + 1):
        blocks.append(Paragraph((f"{number}. ", *silence_line(silence, quiet))))
        which = "" if len(silences) == 1 else f" {number}"
        buttons.append(Button(_("End{which}", which=which), Verb.END_SILENCE, silence.id))
        longer = _("2 h longer{which}", which=which)
        buttons.append(Button(longer, Verb.EXTEND_SILENCE, f"{silence.id} {EXTEND}", Look.TUCKED))
    left = len(silences) - skip - len(page)
    if left > 0:
        buttons.append(Button(_("{number} more", number=left), Verb.SAY, f"/pool-alerts silences {skip + PER_PAGE}"))
    title = _n("{number} silence", "{number} silences", len(silences))
    summary = _(
        "{title}; {quiet}. First to end: {scope}.",
        title=title,
        quiet=_kept_quiet(sum(number for _silence, number in silences)),
        scope=scope_text(silences[0][0].scope),
    )
    return Message(title, summary, blocks=(*blocks, *by_itself, _how()), buttons=tuple(buttons))


def silence_line(silence: Silence, quiet: int) -> tuple[Span, ...]:
    """One silence in one line."""
    reason = one_line(silence.reason, LONGEST_WHY)
    scope, until, who = Bold(scope_text(silence.scope)), When(silence.until), by(silence.by)
    if silence.starts_at is None:
        line = spans("{scope} until {when}{by}", scope=scope, when=until, by=who)
    else:
        start = When(silence.starts_at)
        line = spans("{scope} from {start} until {when}{by}", scope=scope, start=start, when=until, by=who)
    return (*line, *((f" · {reason}",) if reason else ()), f" · {_kept_quiet(quiet)}" if quiet else "")


def made_message(silence: Silence, quiet: int, seq: int, *, now: datetime, note: str = "") -> Message:
    """A silence was made; `note` says more of when it ends."""
    more = [_n("{number} open alert kept quiet now.", "{number} open alerts kept quiet now.", quiet)] if quiet else []
    more += [_("{sentence}.", sentence=note)] if note else []
    line = _silenced(silence)
    if more:
        line = spans("{first} {more}", first=line, more=sentences(more))
    return said(line, now, undo_button(seq))


def changed_message(silence: Silence, seq: int, *, now: datetime) -> Message:
    """A silence was ended, or goes on for longer."""
    if silence.ended_at is None:
        return said(_silenced(silence), now, undo_button(seq))
    line = spans("{what}: {scope}.", what=Bold(_("Silence ended")), scope=scope_text(silence.scope))
    return said(line, now, undo_button(seq))


def scope_text(scope: Scope) -> str:
    """What a silence is about, in words."""
    parts = [_("all pools") if scope.pools == ("*",) else _some(scope.pools)]
    parts += [_("rule {rules}", rules=_some(scope.rules))] if scope.rules else []
    if scope.severities:
        words = either([severity_word(each) for each in scope.severities])
        parts.append(_("{severities} only", severities=words))
    parts += [_("{types} jobs", types=_some(scope.types))] if scope.types else []
    return listed(parts)


def silence_form(subject: str, *, pools: Sequence[str], rule: str = "") -> Form:
    """What to fill in for a silence, filled in as far as it is known."""
    severities = ((ANY, _("Any")), *((each.value, begun(severity_word(each))) for each in Severity))
    return Form(
        _("Silence alerts"),
        Purpose.SILENCE,
        subject,
        (
            PoolsField(
                "pools", _("Pools"), _("Names, ids, or parts of them with *; commas between them."), tuple(pools)
            ),
            TextField("rule", _("Rule"), _("Empty for all; * stands for anything."), rule, optional=True, longest=80),
            ChoiceField("severity", _("Severity"), severities, value=ANY),
            DurationField(
                "length",
                _("For how long"),
                _("30m, 2h, 1d; 7d at most."),
                timedelta(hours=2),
                optional=True,
                longest=LONGEST_SILENCE,
            ),
            MomentField(
                "until", _("Or until"), _("Counts instead of the length of time, where it is given."), optional=True
            ),
            TextField("reason", _("Reason"), _("Shown to all who see the silence."), optional=True, longest=200),
        ),
        submit=_("Silence"),
    )


def _some(names: Sequence[str]) -> str:
    shown = [one_line(name, LONGEST_NAME) for name in names[:_MOST_GLOBS]]
    return listed(shown, max(len(names) - _MOST_GLOBS, 0))


def _how() -> Paragraph:
    return Paragraph((_("A new one: /pool-alerts silence train-* 2h"),))


def _kept_quiet(number: int) -> str:
    return _n("{number} open alert kept quiet", "{number} open alerts kept quiet", number)


def _silenced(silence: Silence) -> tuple[Span, ...]:
    until, about = When(silence.until), scope_text(silence.scope)
    if silence.starts_at is not None:
        start = When(silence.starts_at)
        return spans(
            "{what}{start} until {when}: {scope}.", what=Bold(_("Silenced from ")), start=start, when=until, scope=about
        )
    return spans("{until}{when}: {scope}.", until=Bold(_("Silenced until ")), when=until, scope=about)
