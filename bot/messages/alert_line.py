"""How is an alert told in one line?"""

from collections.abc import Iterable, Sequence

from bot.core.alerts import Alert, State
from bot.core.incidents import urgency
from bot.core.rules.model import Severity
from bot.messages.model import Bold, Code, Paragraph, Span, Tone, When
from bot.messages.phrases import LONGEST_NAME, because, named, one_line

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
    return f"{name} ({one_line(alert.job_type, LONGEST_NAME)} jobs)" if alert.job_type else name


def alert_lines(alerts: Iterable[Alert], *, with_pool: bool, most: int = MOST_LINES) -> tuple[Paragraph, ...]:
    """One line for each open alert that people were told of, the most urgent first, and how many more there are."""
    told = telling(alerts)
    lines = [Paragraph(alert_line(alert, with_pool=with_pool)) for alert in told[:most]]
    if len(told) > most:
        lines.append(Paragraph((f"+{len(told) - most} more open alerts: /pool-alerts",)))
    return tuple(lines)


def alert_line(alert: Alert, *, with_pool: bool) -> tuple[Span, ...]:
    """What is wrong, how much, since when and how it stands."""
    where = f" in {named(alert.pool)}" if with_pool else ""
    return (
        Bold(f"{alert.severity.capitalize()}: {trouble_of(alert)}{where}"),
        f" · {because(alert.why)} · since ",
        When(alert.began_at),
        *_standing(alert),
    )


def _standing(alert: Alert) -> Sequence[Span]:
    standing: list[Span] = []
    if alert.state is State.ACKNOWLEDGED:
        standing += [" · acknowledged", *by(alert.held_by)]
    if alert.state is State.SILENCED:
        standing.append(" · silenced")
        if alert.silenced_until is not None:
            standing += [" until ", When(alert.silenced_until)]
        standing += by(alert.held_by)
    if alert.state is State.RESOLVED and alert.resolved_at is not None:
        standing += [" · resolved ", When(alert.resolved_at)]
    if alert.open and alert.stale_since is None and alert.clear_since is not None:
        standing += [" · better since ", When(alert.clear_since)]
    if alert.open and alert.stale_since is not None:
        standing += [" · not seen since ", When(alert.stale_since)]
    return standing


def by(actor: str | None) -> Sequence[Span]:
    """Who did something, as far as that is known: by name, else by the platform's id."""
    who, _, name = (actor or "").partition(" ")
    if name:
        return (" by ", Bold(one_line(name, LONGEST_NAME)))
    return (" by ", Code(one_line(who, LONGEST_NAME))) if who else ()
