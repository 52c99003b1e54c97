"""How is a drill worded, so that nobody takes it for an alert?"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from bot.core.durations import spoken
from bot.core.routes import Place
from bot.core.rules.model import Severity
from bot.core.stats import Pool
from bot.messages.alert_line import by
from bot.messages.model import Block, Bold, Button, Code, Facts, Footnote, Message, Paragraph, Tone, Verb, When
from bot.messages.phrases import LONGEST_NAME, named, one_line, utc

_NOTHING_WRONG = "This is an exercise. Nothing is wrong, and nothing needs to be done."


def drill_message(
    drill_id: str,
    severity: Severity,
    pool: Pool | None,
    *,
    began_at: datetime,
    asked_by: str,
    ended_at: datetime | None = None,
) -> Message:
    """What stands in the channel, while the drill goes on and when it is over."""
    about = f" in {named(pool)}" if pool is not None else ""
    head = "DRILL" if ended_at is None else "DRILL OVER"
    title = f"{head}: not a real alert ({severity.value}{about})"
    facts = [("As severe as", (severity.value,)), ("Since", (When(began_at),))]
    said = _NOTHING_WRONG
    if ended_at is not None:
        facts.append(("Until", (When(ended_at),)))
        said = f"The exercise is over after {spoken(ended_at - began_at)}. Nothing was wrong."
    lead: Block = Paragraph((Bold("Exercise. " if ended_at is None else "Exercise over. "), said))
    why = "A real alert of this severity would stand here, told just as this message was."
    return Message(
        title=title,
        summary=f"{title}. {said}",
        tone=Tone.NEUTRAL if ended_at is None else Tone.GOOD,
        blocks=(
            lead,
            Paragraph((why,)),
            Facts(tuple(facts)),
            Footnote(("Drill ", Code(one_line(drill_id, LONGEST_NAME)), " · asked for", *by(asked_by))),
        ),
    )


def drill_entry(*, began_at: datetime, ended_at: datetime) -> Message:
    """What stands in the thread when it is over."""
    said = f"Drill over by itself after {spoken(ended_at - began_at)}, as alerts do that recover. Nothing was wrong."
    return Message("", said, tone=Tone.GOOD, blocks=(Paragraph((Bold("Drill over"), f": {said}")),))


def drill_begun(places: Sequence[Place], *, over_at: datetime, lasts: timedelta, now: datetime) -> Message:
    """What the one who asked for it is told."""
    where = ", ".join(one_line(str(place), LONGEST_NAME) for place in places)
    return Message(
        title="The drill is under way",
        summary=f"A drill is told in {where}; it is over by itself at {utc(over_at, now=now)}.",
        blocks=(
            Paragraph(("Look for a message that begins with ", Bold("DRILL"), f" in {where}.")),
            Paragraph((f"It is over by itself in {spoken(lasts)}, with an entry in its thread.",)),
        ),
    )


def drill_heard_by_nobody(severity: Severity, pool: Pool | None) -> Message:
    """No route is about such an alert, which is just what a drill is there to find out."""
    about = f" in {named(pool)}" if pool is not None else ""
    said = f"No route is about an alert of severity {severity.value}{about}: nobody would have heard of it."
    return Message(
        title="Nobody would hear",
        summary=said,
        tone=Tone.WARNING,
        blocks=(Paragraph((said,)), Paragraph(("Routes stand in the configuration file, under ", Code("routes"), "."))),
        buttons=(Button("All rules", Verb.SAY, "/pool-alerts rules"),),
    )
