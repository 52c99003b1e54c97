"""What is said to the one who acted on alerts: what came of it, with a way back, or why nothing did?"""

from collections.abc import Sequence
from datetime import datetime

from bot.core.alerts import Alert, State
from bot.messages.alert import plain, seen_last
from bot.messages.alert_line import by, trouble_of
from bot.messages.model import Bold, Button, Message, Paragraph, Span, Verb, When
from bot.messages.phrases import counted, named

MOST_NAMED = 3


def undo_button(seq: int) -> tuple[Button, ...]:
    """The way back from what stands in the log under this number."""
    return (Button("Undo", Verb.UNDO, str(seq)),)


def done_message(changed: Sequence[Alert], seq: int, *, now: datetime, note: str = "") -> Message:
    """The alerts stand as the reader wanted; `note` says more of when a silence ends."""
    first = changed[0]
    return said((*_stands(first), ": ", _about(changed), "." if not note else f". {note}."), now, undo_button(seq))


def undone_message(changed: Sequence[Alert], *, now: datetime) -> Message:
    """It is as it was before."""
    if not changed:
        return said((Bold("Undone"), "."), now)
    return said((Bold("Undone"), ": ", _about(changed), " is ", changed[0].state.value, " again."), now)


def too_late(alert: Alert, *, now: datetime) -> Message:
    """It cannot be done, because of how the alert stands by now: as a rule somebody else was faster."""
    about = f"{trouble_of(alert)} in {named(alert.pool)}"
    match alert.state:
        case State.FIRING | State.PENDING:
            how: tuple[Span, ...] = (" is ", alert.state.value, " (", seen_last(alert), ")")
        case State.RESOLVED:
            how = (" is over, ", seen_last(alert), " seen last")
        case _:
            how = (" is already ", *_stands(alert, begin=False))
    return said((Bold(about), *how, "."), now, title="Nothing changed")


def changed_since(*, now: datetime) -> Message:
    """What is to be undone was changed again by somebody."""
    return said(("It was changed again since, so there is nothing to undo.",), now, title="Nothing changed")


def said(spans: tuple[Span, ...], now: datetime, buttons: tuple[Button, ...] = (), *, title: str = "") -> Message:
    """A short message for the one who acted."""
    return Message(title, plain(spans, now), blocks=(Paragraph(spans),), buttons=buttons)


def _stands(alert: Alert, *, begin: bool = True) -> tuple[Span, ...]:
    word = "firing again" if alert.state is State.FIRING else alert.state.value
    first = Bold(word.capitalize()) if begin else word
    until: tuple[Span, ...] = (" until ", When(alert.silenced_until)) if alert.silenced_until is not None else ()
    return (first, *until, *(() if begin else by(alert.held_by)))


def _about(alerts: Sequence[Alert]) -> str:
    names = [trouble_of(alert) for alert in alerts[:MOST_NAMED]]
    more = len(alerts) - len(names)
    listed = ", ".join(names) + (f" and {counted(more, 'alert')} more" if more else "")
    return f"{listed} in {named(alerts[0].pool)}"
