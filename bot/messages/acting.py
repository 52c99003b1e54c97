"""What is said to the one who acted on alerts: what came of it, with a way back, or why nothing did?"""

from collections.abc import Sequence
from datetime import datetime
from typing import assert_never

from bot.core.alerts import Alert, State
from bot.core.language import N_, _, _n
from bot.messages.alert import plain, seen_last
from bot.messages.alert_line import by, trouble_of, trouble_where
from bot.messages.model import Bold, Button, Message, Paragraph, Span, Verb, When
from bot.messages.phrases import listed, named, spans

MOST_NAMED = 3
_STATES = {
    State.PENDING: N_("pending"),
    State.FIRING: N_("firing"),
    State.ACKNOWLEDGED: N_("acknowledged"),
    State.SILENCED: N_("silenced"),
    State.RESOLVED: N_("resolved"),
}


def undo_button(seq: int) -> tuple[Button, ...]:
    """The way back from what stands in the log under this number."""
    return (Button(_("Undo"), Verb.UNDO, str(seq)),)


def done_message(changed: Sequence[Alert], seq: int, *, now: datetime, note: str = "") -> Message:
    """The alerts stand as the reader wanted; `note` says more of when a silence ends."""
    what, about = _stands(changed[0]), _about(changed)
    if note:
        return said(spans("{what}: {alerts}. {note}.", what=what, alerts=about, note=note), now, undo_button(seq))
    return said(spans("{what}: {alerts}.", what=what, alerts=about), now, undo_button(seq))


def undone_message(changed: Sequence[Alert], *, now: datetime) -> Message:
    """It is as it was before."""
    what = Bold(_("Undone"))
    if not changed:
        return said(spans("{what}.", what=what), now)
    state = _(_STATES[changed[0].state])
    return said(spans("{what}: {alerts} is {state} again.", what=what, alerts=_about(changed), state=state), now)


def too_late(alert: Alert, *, now: datetime) -> Message:
    """It cannot be done, because of how the alert stands by now: as a rule somebody else was faster."""
    about, seen = Bold(trouble_where(alert)), seen_last(alert)
    who, until = by(alert.held_by), alert.silenced_until
    match alert.state:
        case State.FIRING | State.PENDING:
            how = spans("{alert} is {state} ({seen}).", alert=about, state=_(_STATES[alert.state]), seen=seen)
        case State.RESOLVED:
            how = spans("{alert} is over, {seen} seen last.", alert=about, seen=seen)
        case State.ACKNOWLEDGED:
            how = spans("{alert} is already acknowledged{by}.", alert=about, by=who)
        case State.SILENCED if until is not None:
            how = spans("{alert} is already silenced until {when}{by}.", alert=about, when=When(until), by=who)
        case State.SILENCED:
            how = spans("{alert} is already silenced{by}.", alert=about, by=who)
        case state:
            assert_never(state)
    return said(how, now, title=_("Nothing changed"))


def changed_since(*, now: datetime) -> Message:
    """What is to be undone was changed again by somebody."""
    line = (_("It was changed again since, so there is nothing to undo."),)
    return said(line, now, title=_("Nothing changed"))


def said(line: tuple[Span, ...], now: datetime, buttons: tuple[Button, ...] = (), *, title: str = "") -> Message:
    """A short message for the one who acted."""
    return Message(title, plain(line, now), blocks=(Paragraph(line),), buttons=buttons)


def _stands(alert: Alert) -> tuple[Span, ...]:
    word = _("firing again") if alert.state is State.FIRING else _(_STATES[alert.state])
    how = Bold(word.capitalize())
    if alert.silenced_until is None:
        return (how,)
    return spans("{how} until {when}", how=how, when=When(alert.silenced_until))


def _about(alerts: Sequence[Alert]) -> str:
    names = [trouble_of(alert) for alert in alerts[:MOST_NAMED]]
    more = len(alerts) - len(names)
    what = listed(names)
    if more:
        what = _n("{alerts} and {number} alert more", "{alerts} and {number} alerts more", more, alerts=what)
    return _("{trouble} in {pool}", trouble=what, pool=named(alerts[0].pool))
