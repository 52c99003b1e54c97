"""How is an alert worded, as it stands and as it changes?"""

from collections.abc import Sequence
from datetime import datetime
from typing import assert_never

from bot.core.alerts import ABSENT, BOT, Alert, Event, Move, State
from bot.core.because import Why
from bot.core.durations import spoken
from bot.core.evidence import Evidence
from bot.core.language import N_, _, _n
from bot.core.rules.model import Severity
from bot.core.stats import ENDED, WAITING
from bot.messages.alert_line import alert_lines, by, kept_quiet, telling, tone_of, trouble_of, trouble_where
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
from bot.messages.phrases import (
    LONGEST_NAME,
    LONGEST_WHY,
    because,
    begun,
    listed,
    named,
    one_line,
    sentences,
    severity_word,
    spans,
    utc,
)

SILENCE = "2h"
# What stands in the menu of an alert that people are told of.
_SILENCES = (
    (N_("Silence 30 min"), "30m"),
    (N_("Silence until tomorrow 09:00"), "tomorrow"),
    (N_("Silence…"), "custom"),
)
NOT_WATCHED = N_("its pool or its rule is not watched any more")
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
        title=_("{headed}: {trouble}", headed=headed(alert), trouble=trouble_where(alert)),
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
    severity = severity_word(alert.severity)
    match alert.state:
        case State.PENDING:
            return _("{severity} (not told yet)", severity=begun(severity))
        case State.FIRING:
            said = begun(severity)
        case State.ACKNOWLEDGED:
            said = _("Acknowledged {severity}", severity=severity)
        case State.SILENCED:
            said = _("Silenced {severity}", severity=severity)
        case State.RESOLVED:
            return _("Resolved") if recovered(alert) else _("Closed")
        case state:
            assert_never(state)
    return said if alert.stale_since is None else _("{how} (not seen now)", how=said)


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
        is_back = alert.clear_since is not None
        if alert.metric is None:
            return _("read again") if is_back else _("not read")
        if is_back:
            return _("{status} reported again", status=alert.metric)
        return _("not {status} reported", status=alert.metric)
    if alert.metric in ENDED:
        return _("{value} more {status}", value=alert.value, status=alert.metric)
    return f"{alert.metric} {alert.value}"


def peaked(alert: Alert) -> str:
    """The end of a phrase that says how bad it was; nothing of what has no size."""
    return "" if alert.kind == ABSENT else _(", peak {peak}", peak=alert.peak)


def ended_with(alert: Alert) -> str:
    """What was seen last, and at worst."""
    if alert.kind == ABSENT:
        return seen_last(alert)
    return _("{seen} seen last, peak {peak}", seen=seen_last(alert), peak=alert.peak)


def took(alert: Alert) -> str:
    """How long it lasted."""
    return spoken((alert.resolved_at or alert.changed_at) - alert.began_at)


def _ended(alert: Alert) -> str:
    if recovered(alert):
        return _("Recovered after {length}", length=took(alert))
    return _("Closed after {length}, as {why}", length=took(alert), why=_(NOT_WATCHED))


def _summary(alert: Alert, now: datetime) -> str:
    return _(
        "{headed}: {trouble}. {figures}",
        headed=headed(alert),
        trouble=trouble_where(alert),
        figures=figures(alert, now),
    )


def figures(alert: Alert, now: datetime) -> str:
    """What a summary says of it after its title: how much, since when and how it stands."""
    why = because(alert.why)
    if alert.state is State.RESOLVED:
        return _("{ended}: {seen}. Last sign of trouble: {why}.", ended=_ended(alert), seen=ended_with(alert), why=why)
    since = utc(alert.began_at, now=now)
    said = [_("{why}, since {when}{peak}.", why=why, when=since, peak=peaked(alert))]
    if alert.clear_since is not None and alert.stale_since is None:
        said.append(_("Better since {when}: {seen}.", when=utc(alert.clear_since, now=now), seen=seen_last(alert)))
    if alert.stale_since is not None:
        when = utc(alert.stale_since, now=now)
        said.append(_("Not seen since {when}: ModelArts cannot be read; this is not a recovery.", when=when))
    if alert.silenced_until is not None:
        said.append(_("Silenced until {when}.", when=utc(alert.silenced_until, now=now)))
    return sentences(said)


def lead(alert: Alert) -> Paragraph:
    """What is wrong, how much, compared with what."""
    if alert.state is State.RESOLVED and alert.kind == ABSENT:
        return Paragraph((Bold(begun(seen_last(alert))),))
    if alert.state is State.RESOLVED:
        said = spans("{seen} seen last, after a peak of {peak}", seen=Bold(seen_last(alert)), peak=alert.peak)
        return Paragraph(said)
    return Paragraph((Bold(because(alert.why)),))


def now_because(alert: Alert) -> tuple[Span, ...]:
    """Why the message says now what it says."""
    if alert.open and alert.stale_since is not None:
        since = When(alert.stale_since)
        seen = spans("Not seen since {when}: ModelArts cannot be read. This is not a recovery.", when=since)
        held = _held(alert)
        return spans("{seen} {held}", seen=seen, held=held) if held else seen
    match alert.state:
        case State.PENDING:
            return (_("Waiting to see whether it lasts; nobody has been told."),)
        case State.FIRING:
            return _going_on(alert)
        case State.ACKNOWLEDGED | State.SILENCED:
            return _held(alert)
        case State.RESOLVED if recovered(alert):
            return (_("{ended}. Last sign of trouble: {why}.", ended=_ended(alert), why=because(alert.why)),)
        case State.RESOLVED:
            return (_("Closed after {length}: {why}.", length=took(alert), why=_(NOT_WATCHED)),)
        case state:
            assert_never(state)


def _going_on(alert: Alert) -> tuple[Span, ...]:
    """Whether a firing alert is new, worse or better than it was."""
    if alert.clear_since is not None:
        since = When(alert.clear_since)
        return spans("Better, {seen}, since {when}; it ends if that lasts.", seen=seen_last(alert), when=since)
    if alert.kind == ABSENT and alert.metric is None:
        return (_("It ends when the pool is read again."),)
    if alert.kind == ABSENT:
        return (_("It ends when {status} is reported again.", status=alert.metric),)
    if alert.fired_at is None or alert.seen_at <= alert.fired_at:
        held = (alert.fired_at or alert.began_at) - alert.began_at
        if not held:
            return (_("New with this reading."),)
        return (_("New: it has lasted {length}, as long as its rule waits.", length=spoken(held)),)
    if alert.value >= alert.peak:
        # With the moment, because the message stands as it is until the alert changes again.
        return spans("At its peak so far, {peak}, as of {when}.", peak=alert.peak, when=When(alert.seen_at))
    return (_("Goes on; the peak was {peak}.", peak=alert.peak),)


def _held(alert: Alert) -> tuple[Span, ...]:
    """Who acknowledged or silenced it; after another sentence where it is not seen now."""
    again = alert.stale_since is not None
    who, until = by(alert.held_by), alert.silenced_until
    match alert.state:
        case State.ACKNOWLEDGED:
            return spans("It is acknowledged{by}.", by=who) if again else spans("Acknowledged{by}.", by=who)
        case State.SILENCED if until is not None and again:
            return spans("It is silenced until {when}{by}.", when=When(until), by=who)
        case State.SILENCED if until is not None:
            return spans("Silenced until {when}{by}.", when=When(until), by=who)
        case State.SILENCED:
            return spans("It is silenced{by}.", by=who) if again else spans("Silenced{by}.", by=who)
        case _:
            return ()


def facts(alert: Alert) -> Facts:
    """When and how much; the title says where, and the message must fit a phone."""
    since = (_("Since"), (When(alert.began_at),))
    if alert.state is State.RESOLVED:
        # The lead says the rest.
        return Facts((since, (_("Until"), (When(alert.resolved_at or alert.changed_at),))))
    if alert.kind == ABSENT:
        return Facts((since,))
    seen = spans("{seen}, {when}", seen=seen_last(alert), when=When(alert.seen_at))
    return Facts((since, (_("Peak"), (str(alert.peak),)), (_("Seen last"), seen)))


def _small_print(alert: Alert) -> Footnote:
    return Footnote(
        spans(
            "Alert {alert} · pool {pool} · rule {rule}, {severity}",
            alert=Code(one_line(alert.id, LONGEST_NAME)),
            pool=Code(one_line(alert.pool.id, LONGEST_NAME)),
            rule=trouble_of(alert),
            severity=severity_word(alert.severity),
        )
    )


def buttons(alert: Alert, subject: str) -> tuple[Button, ...]:
    """The moves that the state of the alert allows, of what `subject` names."""
    show = Button(_("Show pool"), Verb.SHOW, alert.pool.id)
    closer = (Button(_("Chart"), Verb.SHOW, f"{alert.pool.id} chart 24h"), *_closer(alert))
    silence = Button(_("Silence 2 h"), Verb.SILENCE, f"{subject} {SILENCE}")
    longer = tuple(Button(_(label), Verb.SILENCE, f"{subject} {length}", Look.TUCKED) for label, length in _SILENCES)
    match alert.state:
        case State.FIRING:
            return (Button(_("Acknowledge"), Verb.ACKNOWLEDGE, subject, Look.PRIMARY), silence, show, *closer, *longer)
        case State.ACKNOWLEDGED:
            return (Button(_("Unacknowledge"), Verb.UNACKNOWLEDGE, subject), silence, show, *closer, *longer)
        case State.SILENCED:
            return (Button(_("Unsilence"), Verb.UNSILENCE, subject), show, *closer)
        case State.PENDING | State.RESOLVED:
            return (show, closer[0])
        case state:
            assert_never(state)


def _closer(alert: Alert) -> tuple[Button, ...]:
    """What leads from a count to the jobs behind it; whoever presses is answered alone."""
    if alert.metric is None:
        return ()
    label, jobs = _("{status} jobs", status=alert.metric), f"{alert.pool.id} jobs {alert.metric}"
    if alert.metric in WAITING:
        return (Button(_("Why"), Verb.SHOW, f"{alert.pool.id} why"), Button(label, Verb.SHOW, jobs, Look.TUCKED))
    return (Button(label, Verb.SHOW, jobs),)


def alert_entry(alert: Alert, move: Move, *, now: datetime) -> Message:
    """One line for the alert's thread: what happened to it, readable without the alert's own message above it.

    It has no title, so that it stays one line.
    """
    return one_entry(_entry(alert, move), now)


def one_entry(line: tuple[Span, ...], now: datetime) -> Message:
    """A message of one line for a thread."""
    return Message(title="", summary=_("{sentence}.", sentence=plain(line, now)), blocks=(Paragraph(line),))


def _entry(alert: Alert, move: Move) -> tuple[Span, ...]:
    who = () if move.actor == BOT else by(move.actor)
    still = _("{trouble} ({seen})", trouble=trouble_where(alert), seen=seen_last(alert))
    match move.event:
        case Event.HELD:
            return _told(alert, _("Told"), move.why)
        case Event.CLEARED:
            return _told(alert, _("Resolved after {length}", length=took(alert)), move.why)
        case Event.GONE:
            return _told(alert, _("Closed after {length}", length=took(alert)), move.why)
        case Event.ACKNOWLEDGE:
            return spans("{what}{by}: {trouble}", what=Bold(_("Acknowledged")), by=who, trouble=still)
        case Event.UNACKNOWLEDGE:
            back = spans("; taken back{by}", by=who) if who else ()
            return spans("{what}{by}: {trouble}", what=Bold(_("No longer acknowledged")), by=back, trouble=still)
        case Event.SILENCE:
            until = spans(" until {when}", when=When(alert.silenced_until)) if alert.silenced_until else ()
            reason = one_line(str(move.why).partition(": ")[2], LONGEST_WHY)
            line = spans("{what}{by}: {trouble}", what=(Bold(_("Silenced")), *until), by=who, trouble=still)
            return (*line, f" · {reason}") if reason else line
        case Event.SILENCE_OVER:
            return spans("{what}{by}, still open: {trouble}", what=Bold(_("Silence ended")), by=who, trouble=still)
        case event:
            assert_never(event)


def plain(line: Sequence[Span], now: datetime) -> str:
    """What spans say where there is text alone."""
    return "".join(
        utc(span.at, now=now) if isinstance(span, When) else span if isinstance(span, str) else span.text
        for span in line
    )


def open_alerts_message(alerts: Sequence[Alert], *, now: datetime) -> Message:
    """What is open, the most urgent first."""
    told, quiet = telling(alerts), kept_quiet(alerts)
    if not told and not quiet:
        nothing = Paragraph((_("Nothing is open."),))
        return Message(_("No open alerts"), _("There are no open alerts."), Tone.GOOD, (nothing,))
    if not told:
        title = _("No open alerts that people were told of")
        return Message(title, f"{title}. {plain(quiet[0].spans, now)}", Tone.NEUTRAL, quiet)
    numbers = [(s, sum(alert.severity is s for alert in told)) for s in Severity]
    first = told[0]
    blocks: list[Block] = [*alert_lines(told, with_pool=True, most=MOST_ALERTS)]
    if unseen := sum(alert.stale_since is not None for alert in told):
        said = _("{number} of {all} not seen now: ModelArts cannot be read for the pool.", number=unseen, all=len(told))
        blocks.append(Footnote((said,)))
    blocks += quiet
    worst_pools = list({alert.pool.id: alert.pool for alert in told}.values())[:MOST_SHOW_BUTTONS]
    title = _n("{number} open alert", "{number} open alerts", len(told))
    return Message(
        title=title,
        summary=_(
            "{title}: {severities}. First: {trouble}, {why}, since {when}.",
            title=title,
            severities=listed(
                [_("{number} {severity}", number=n, severity=severity_word(each)) for each, n in numbers if n]
            ),
            trouble=trouble_where(first),
            why=because(first.why),
            when=utc(first.began_at, now=now),
        ),
        tone=tone_of(told),
        blocks=tuple(blocks),
        buttons=tuple(Button(_("Show {pool}", pool=named(pool)), Verb.SHOW, pool.id) for pool in worst_pools),
    )


def _told(alert: Alert, what: str, why: Why) -> tuple[Span, ...]:
    return spans("{what}: {trouble} · {why}", what=Bold(what), trouble=trouble_where(alert), why=because(why))
