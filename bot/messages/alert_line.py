"""How is an alert told in one line?"""

from collections.abc import Iterable, Sequence

from bot.core.alerts import Alert, State
from bot.core.incidents import urgency
from bot.core.language import _, _n
from bot.core.rests import RestKind, rest_kind
from bot.core.rules.model import Severity
from bot.messages.model import Bold, Code, Paragraph, Span, Tone, When
from bot.messages.phrases import LONGEST_NAME, LONGEST_WHY, because, begun, named, one_line, severity_word, spans

# As many lines as stand above a table without pushing it off the screen.
MOST_LINES = 5


def telling(alerts: Iterable[Alert]) -> list[Alert]:
    """The open alerts that people were told of, the most urgent first, of equals the oldest."""
    return sorted((alert for alert in alerts if alert.open and alert.told), key=urgency)


def tone_of(alerts: Iterable[Alert]) -> Tone:
    """How serious the most severe alert is that nobody has acknowledged or silenced."""
    firing = {alert.severity for alert in alerts if alert.state is State.FIRING}
    if Severity.CRITICAL in firing:
        return Tone.CRITICAL
    return Tone.WARNING if Severity.WARNING in firing else Tone.NEUTRAL


def trouble_of(alert: Alert) -> str:
    """What is wrong, without where: the rule's name, and the job type where it is about one."""
    name = one_line(alert.rule, LONGEST_NAME)
    if alert.job_type:
        return _("{rule} ({type} jobs)", rule=name, type=one_line(alert.job_type, LONGEST_NAME))
    return name


def alert_lines(alerts: Iterable[Alert], *, with_pool: bool, most: int = MOST_LINES) -> tuple[Paragraph, ...]:
    """One line for each open alert that people were told of, the most urgent first, and how many more there are."""
    told = telling(alerts)
    lines = [Paragraph(alert_line(alert, with_pool=with_pool)) for alert in told[:most]]
    if len(told) > most:
        lines.append(Paragraph((_("+{number} more open alerts: /pool-alerts", number=len(told) - most),)))
    return tuple(lines)


def alert_line(alert: Alert, *, with_pool: bool) -> tuple[Span, ...]:
    """What is wrong, how much, since when and how it stands."""
    return spans(
        "{what} · {why} · since {when}{standing}",
        what=Bold(
            _(
                "{severity}: {trouble}",
                severity=begun(severity_word(alert.severity)),
                trouble=trouble_where(alert) if with_pool else trouble_of(alert),
            )
        ),
        why=because(alert.why),
        when=When(alert.began_at),
        standing=tuple(_standing(alert)),
    )


def _standing(alert: Alert) -> Sequence[Span]:
    standing: list[Span] = []
    if alert.state is State.ACKNOWLEDGED:
        standing += spans(" · acknowledged{by}", by=by(alert.held_by))
    if alert.state is State.SILENCED and alert.silenced_until is not None:
        standing += spans(" · silenced until {when}{by}", when=When(alert.silenced_until), by=by(alert.held_by))
    elif alert.state is State.SILENCED:
        standing += spans(" · silenced{by}", by=by(alert.held_by))
    if alert.state is State.RESOLVED and alert.resolved_at is not None:
        standing += spans(" · resolved {when}", when=When(alert.resolved_at))
    if alert.open and alert.stale_since is None and alert.clear_since is not None:
        standing += spans(" · better since {when}", when=When(alert.clear_since))
    if alert.open and alert.stale_since is not None:
        standing += spans(" · not seen since {when}", when=When(alert.stale_since))
    return standing


def kept_quiet(alerts: Iterable[Alert]) -> tuple[Paragraph, ...]:
    """What people were not told of, because it is silenced, at quiet hours or in maintenance: a line each."""
    quiet = sorted((alert for alert in alerts if alert.state is State.SILENCED and not alert.told), key=urgency)
    if not quiet:
        return ()
    number = len(quiet)
    head = _n(
        "{number} alert is kept quiet until it may be told:",
        "{number} alerts are kept quiet until they may be told:",
        number,
    )
    lines = [Paragraph(alert_line(alert, with_pool=True)) for alert in quiet[:MOST_LINES]]
    if number > MOST_LINES:
        lines.append(Paragraph((_("+{number} more", number=number - MOST_LINES),)))
    return (Paragraph((Bold(head),)), *lines)


def by(actor: str | None) -> tuple[Span, ...]:
    """Who did something, as far as that is known: by name, else by the platform's id."""
    match rest_kind(actor):
        case (RestKind.QUIET, hours):
            return spans(" by the quiet hours {hours}", hours=one_line(hours, LONGEST_WHY))
        case (RestKind.MAINTENANCE, maintenance):
            return spans(" by the maintenance {name}", name=Bold(one_line(maintenance, LONGEST_NAME)))
        case None:
            pass
    who, _sign, name = (actor or "").partition(" ")
    if name:
        return spans(" by {who}", who=Bold(one_line(name, LONGEST_NAME)))
    return spans(" by {who}", who=Code(one_line(who, LONGEST_NAME))) if who else ()


def trouble_where(alert: Alert) -> str:
    """What is wrong, and where."""
    return _("{trouble} in {pool}", trouble=trouble_of(alert), pool=named(alert.pool))
