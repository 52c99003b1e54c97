"""How is it said what came and went in quiet hours, without anybody having been told?"""

from collections.abc import Sequence
from datetime import datetime

from bot.core.alerts import Alert
from bot.core.incidents import urgency
from bot.core.language import _, _n
from bot.messages.alert import peaked, took
from bot.messages.alert_line import trouble_of
from bot.messages.model import Block, Bold, Footnote, Message, Paragraph, When
from bot.messages.phrases import begun, named, severity_word, spans, utc

MOST_LINES = 10


def came_and_went(alerts: Sequence[Alert], *, since: datetime, until: datetime, now: datetime) -> Message:
    """What was over before the quiet hours were, the most severe first; what is still open has its own message."""
    told = sorted(alerts, key=urgency)
    number = len(told)
    title = _n("{number} alert came and went in quiet hours", "{number} alerts came and went in quiet hours", number)
    lines: list[Block] = [_line(alert) for alert in told[:MOST_LINES]]
    if number > MOST_LINES:
        lines.append(Paragraph((_("+{number} more", number=number - MOST_LINES),)))
    first = told[0]
    summary = _(
        "{title}, from {start} to {end}. First: {rule} in {pool}.",
        title=title,
        start=utc(since, now=now),
        end=utc(until, now=now),
        rule=trouble_of(first),
        pool=named(first.pool),
    )
    during = Footnote(
        spans(
            "Nobody was told between {start} and {end}. What is still open is told.", start=When(since), end=When(until)
        )
    )
    return Message(title, summary, blocks=(*lines, during))


def _line(alert: Alert) -> Paragraph:
    return Paragraph(
        spans(
            "{what} · {start}, for {time}{peak}",
            what=Bold(
                _(
                    "{severity}: {rule} in {pool}",
                    severity=begun(severity_word(alert.severity)),
                    rule=trouble_of(alert),
                    pool=named(alert.pool),
                )
            ),
            start=When(alert.began_at),
            time=took(alert),
            peak=peaked(alert),
        )
    )
