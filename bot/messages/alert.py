"""How is an alert worded, as it stands and as it changes?"""

from collections.abc import Sequence
from datetime import datetime
from typing import assert_never

from bot.core.alerts import ABSENT, BOT, Alert, Event, Move, State
from bot.core.durations import spoken
from bot.core.evidence import Evidence
from bot.core.rules.model import Severity
from bot.core.stats import ENDED, WAITING
from bot.messages.alert_line import alert_lines, by, telling, tone_of, trouble_of
from bot.messages.evidence import evidence_blocks, likely
from bot.messages.model import (
    Block,
    Bold,
    Button,
    Code,
    Facts,
    Footnote,
    Look,
    Message,
    Paragraph,
    Span,
    Tone,
    Verb,
    When,
)
from bot.messages.phrases import LONGEST_NAME, LONGEST_WHY, because, begun, counted, named, one_line, utc

SILENCE = "2h"
# What stands in the menu of an alert that people are told of.
_SILENCES = (("Silence 30 min", "30m"), ("Silence until tomorrow 09:00", "tomorrow"), ("Silence…", "custom"))
NOT_WATCHED = "its pool or its rule is not watched any more"
MOST_ALERTS = 20
MOST_SHOW_BUTTONS = 3


def alert_message(
    alert: Alert, *, now: datetime, evidence: Evidence | None = None, with_users: bool = False
) -> Message:
    """The alert's one message, as it stands. It holds no ages, which would be wrong a minute after.

    Args:
        alert: The alert.
        now: When it is said.
        evidence: What stood behind it, as far as that is known.
        with_users: Whether the users of jobs are named.
    """
    return Message(
        title=f"{headed(alert)}: {trouble_of(alert)} in {named(alert.pool)}",
        summary=f"{_summary(alert, now)}{likely(evidence, with_users=with_users)}",
        tone=tone(alert),
        blocks=(
            lead(alert),
            Paragraph(now_because(alert)),
            *evidence_blocks(evidence, with_users=with_users),
            facts(alert),
            _small_print(alert),
        ),
        buttons=buttons(alert, alert.id),
    )


def headed(alert: Alert) -> str:
    """How serious it is and how it stands, in words."""
    unseen = " (not seen now)" if alert.stale_since is not None else ""
    match alert.state:
        case State.PENDING:
            return f"{alert.severity.capitalize()} (not told yet)"
        case State.FIRING:
            return f"{alert.severity.capitalize()}{unseen}"
        case State.ACKNOWLEDGED | State.SILENCED:
            return f"{alert.state.capitalize()} {alert.severity}{unseen}"
        case State.RESOLVED:
            return "Resolved" if recovered(alert) else "Closed"
        case state:
            assert_never(state)


def tone(alert: Alert) -> Tone:
    """How serious it is, as it stands."""
    match alert.state:
        case State.FIRING:
            return tone_of((alert,))
        case State.RESOLVED:
            # That nobody looks any more is no good news.
            return Tone.GOOD if recovered(alert) else Tone.NEUTRAL
        case State.PENDING | State.ACKNOWLEDGED | State.SILENCED:
            return Tone.NEUTRAL
        case state:
            assert_never(state)


def recovered(alert: Alert) -> bool:
    """Whether a clear reading ended it, and not that its rule or its pool is gone.

    A recovery ends with the reading that was seen last; what is gone ends later, even while it was getting better.
    """
    return alert.clear_since is not None and alert.seen_at == alert.resolved_at


def seen_last(alert: Alert) -> str:
    """The last value that was judged, as ModelArts names it: Queue 8, or 3 more Failed."""
    if alert.kind == ABSENT:
        said = "read" if alert.metric is None else f"{alert.metric} reported"
        return f"{said} again" if alert.clear_since is not None else f"not {said}"
    return f"{alert.value} more {alert.metric}" if alert.metric in ENDED else f"{alert.metric} {alert.value}"


def peaked(alert: Alert) -> str:
    """The end of a phrase that says how bad it was; nothing of what has no size."""
    return "" if alert.kind == ABSENT else f", peak {alert.peak}"


def ended_with(alert: Alert) -> str:
    """What was seen last, and at worst."""
    return seen_last(alert) if alert.kind == ABSENT else f"{seen_last(alert)} seen last{peaked(alert)}"


def took(alert: Alert) -> str:
    """How long it lasted."""
    return spoken((alert.resolved_at or alert.changed_at) - alert.began_at)


def _ended(alert: Alert) -> str:
    if recovered(alert):
        return f"Recovered after {took(alert)}"
    return f"Closed after {took(alert)}, as {NOT_WATCHED}"


def _summary(alert: Alert, now: datetime) -> str:
    return f"{headed(alert)}: {trouble_of(alert)} in {named(alert.pool)}. {figures(alert, now)}"


def figures(alert: Alert, now: datetime) -> str:
    """What a summary says of it after its title: how much, since when and how it stands."""
    why = because(alert.why)
    since = f"since {utc(alert.began_at, now=now)}"
    if alert.state is State.RESOLVED:
        return f"{_ended(alert)}: {ended_with(alert)}. Last sign of trouble: {why}."
    said = f"{why}, {since}{peaked(alert)}."
    if alert.clear_since is not None and alert.stale_since is None:
        said += f" Better since {utc(alert.clear_since, now=now)}: {seen_last(alert)}."
    if alert.stale_since is not None:
        said += f" Not seen since {utc(alert.stale_since, now=now)}: ModelArts cannot be read; this is not a recovery."
    if alert.silenced_until is not None:
        said += f" Silenced until {utc(alert.silenced_until, now=now)}."
    return said


def lead(alert: Alert) -> Paragraph:
    """What is wrong, how much, compared with what."""
    why = because(alert.why)
    if alert.state is State.RESOLVED and alert.kind == ABSENT:
        return Paragraph((Bold(begun(seen_last(alert))),))
    if alert.state is State.RESOLVED:
        return Paragraph((Bold(seen_last(alert)), f" seen last, after a peak of {alert.peak}"))
    return Paragraph((Bold(why),))


def now_because(alert: Alert) -> tuple[Span, ...]:
    """Why the message says now what it says."""
    if alert.open and alert.stale_since is not None:
        seen = ("Not seen since ", When(alert.stale_since), ": ModelArts cannot be read. This is not a recovery.")
        return (*seen, *_held(alert, " It is "))
    match alert.state:
        case State.PENDING:
            return ("Waiting to see whether it lasts; nobody has been told.",)
        case State.FIRING:
            return _going_on(alert)
        case State.ACKNOWLEDGED | State.SILENCED:
            return _held(alert, "")
        case State.RESOLVED if recovered(alert):
            return (f"{_ended(alert)}. Last sign of trouble: {because(alert.why)}.",)
        case State.RESOLVED:
            return (f"Closed after {took(alert)}: {NOT_WATCHED}.",)
        case state:
            assert_never(state)


def _going_on(alert: Alert) -> tuple[Span, ...]:
    """Whether a firing alert is new, worse or better than it was."""
    if alert.clear_since is not None:
        return (f"Better, {seen_last(alert)}, since ", When(alert.clear_since), "; it ends if that lasts.")
    if alert.kind == ABSENT:
        again = "the pool is read" if alert.metric is None else f"{alert.metric} is reported"
        return (f"It ends when {again} again.",)
    if alert.fired_at is None or alert.seen_at <= alert.fired_at:
        held = (alert.fired_at or alert.began_at) - alert.began_at
        return (f"New: it has lasted {spoken(held)}, as long as its rule waits." if held else "New with this reading.",)
    if alert.value >= alert.peak:
        # With the moment, because the message stands as it is until the alert changes again.
        return (f"At its peak so far, {alert.peak}, as of ", When(alert.seen_at), ".")
    return (f"Goes on; the peak was {alert.peak}.",)


def _held(alert: Alert, before: str) -> tuple[Span, ...]:
    """Who acknowledged or silenced it."""
    if alert.state not in (State.ACKNOWLEDGED, State.SILENCED):
        return ()
    word = alert.state.value if before else alert.state.capitalize()
    until: tuple[Span, ...] = (" until ", When(alert.silenced_until)) if alert.silenced_until is not None else ()
    return (before + word, *until, *by(alert.held_by), ".")


def facts(alert: Alert) -> Facts:
    """When and how much; the title says where, and the message must fit a phone."""
    since = ("Since", (When(alert.began_at),))
    if alert.state is State.RESOLVED:
        # The lead says the rest.
        return Facts((since, ("Until", (When(alert.resolved_at or alert.changed_at),))))
    if alert.kind == ABSENT:
        return Facts((since,))
    seen = (f"{seen_last(alert)}, ", When(alert.seen_at))
    return Facts((since, ("Peak", (str(alert.peak),)), ("Seen last", seen)))


def _small_print(alert: Alert) -> Footnote:
    pool_id = Code(one_line(alert.pool.id, LONGEST_NAME))
    rule = f" · rule {trouble_of(alert)}, {alert.severity}"
    return Footnote(("Alert ", Code(one_line(alert.id, LONGEST_NAME)), " · pool ", pool_id, rule))


def buttons(alert: Alert, subject: str) -> tuple[Button, ...]:
    """The moves that the state of the alert allows, of what `subject` names."""
    show = Button("Show pool", Verb.SHOW, alert.pool.id)
    closer = (Button("Chart", Verb.SHOW, f"{alert.pool.id} chart 24h"), *_closer(alert))
    silence = Button("Silence 2 h", Verb.SILENCE, f"{subject} {SILENCE}")
    longer = tuple(Button(label, Verb.SILENCE, f"{subject} {length}", Look.TUCKED) for label, length in _SILENCES)
    match alert.state:
        case State.FIRING:
            return (Button("Acknowledge", Verb.ACKNOWLEDGE, subject, Look.PRIMARY), silence, show, *closer, *longer)
        case State.ACKNOWLEDGED:
            return (Button("Unacknowledge", Verb.UNACKNOWLEDGE, subject), silence, show, *closer, *longer)
        case State.SILENCED:
            return (Button("Unsilence", Verb.UNSILENCE, subject), show, *closer)
        case State.PENDING | State.RESOLVED:
            return (show, closer[0])
        case state:
            assert_never(state)


def _closer(alert: Alert) -> tuple[Button, ...]:
    """What leads from a count to the jobs behind it; whoever presses is answered alone."""
    if alert.metric is None:
        return ()
    if alert.metric in WAITING:
        return (Button("Why", Verb.SHOW, f"{alert.pool.id} why"),)
    return (Button(f"{alert.metric} jobs", Verb.SHOW, f"{alert.pool.id} jobs {alert.metric}"),)


def alert_entry(alert: Alert, move: Move, *, now: datetime) -> Message:
    """One line for the alert's thread: what happened to it, readable without the alert's own message above it.

    It has no title, so that it stays one line.
    """
    spans = _entry(alert, move)
    return one_entry(spans, now)


def one_entry(spans: tuple[Span, ...], now: datetime) -> Message:
    """A message of one line for a thread."""
    return Message(title="", summary=f"{plain(spans, now)}.", blocks=(Paragraph(spans),))


def _entry(alert: Alert, move: Move) -> tuple[Span, ...]:
    why = because(move.why)
    who = () if move.actor == BOT else by(move.actor)
    about = f"{trouble_of(alert)} in {named(alert.pool)}"
    still = f"{about} ({seen_last(alert)})"
    match move.event:
        case Event.HELD:
            return (Bold("Told"), f": {about} · {why}")
        case Event.CLEARED:
            return (Bold(f"Resolved after {took(alert)}"), f": {about} · {why}")
        case Event.GONE:
            return (Bold(f"Closed after {took(alert)}"), f": {about} · {why}")
        case Event.ACKNOWLEDGE:
            return (Bold("Acknowledged"), *who, f": {still}")
        case Event.UNACKNOWLEDGE:
            return (Bold("No longer acknowledged"), *(("; taken back", *who) if who else ()), f": {still}")
        case Event.SILENCE:
            until: tuple[Span, ...] = (" until ", When(alert.silenced_until)) if alert.silenced_until else ()
            reason = one_line(str(move.why).partition(": ")[2], LONGEST_WHY)
            return (Bold("Silenced"), *until, *who, f": {still}", *((f" · {reason}",) if reason else ()))
        case Event.SILENCE_OVER:
            return (Bold("Silence ended"), *who, f", still open: {still}")
        case event:
            assert_never(event)


def plain(spans: Sequence[Span], now: datetime) -> str:
    """What spans say where there is text alone."""
    return "".join(
        utc(span.at, now=now) if isinstance(span, When) else span if isinstance(span, str) else span.text
        for span in spans
    )


def open_alerts_message(alerts: Sequence[Alert], *, now: datetime) -> Message:
    """What is open, the most urgent first."""
    told = telling(alerts)
    if not told:
        return Message("No open alerts", "There are no open alerts.", Tone.GOOD, (Paragraph(("Nothing is open.",)),))
    numbers = [(s, sum(alert.severity is s for alert in told)) for s in Severity]
    sorts = ", ".join(f"{number} {severity}" for severity, number in numbers if number)
    first = told[0]
    blocks: list[Block] = [*alert_lines(told, with_pool=True, most=MOST_ALERTS)]
    if unseen := sum(alert.stale_since is not None for alert in told):
        blocks.append(Footnote((f"{unseen} of {len(told)} not seen now: ModelArts cannot be read for the pool.",)))
    worst_pools = list({alert.pool.id: alert.pool for alert in told}.values())[:MOST_SHOW_BUTTONS]
    return Message(
        title=counted(len(told), "open alert"),
        summary=(
            f"{counted(len(told), 'open alert')}: {sorts}. First: {trouble_of(first)} in {named(first.pool)}, "
            f"{because(first.why)}, since {utc(first.began_at, now=now)}."
        ),
        tone=tone_of(told),
        blocks=tuple(blocks),
        buttons=tuple(Button(f"Show {named(pool)}", Verb.SHOW, pool.id) for pool in worst_pools),
    )
