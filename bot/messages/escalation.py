"""What is said when an alert that nobody has acknowledged is told to others as well?"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from bot.core.alerts import Alert
from bot.core.durations import spoken
from bot.core.language import _
from bot.core.persons import Person
from bot.core.routes import Place
from bot.messages.alert import plain, seen_last
from bot.messages.alert_line import trouble_of
from bot.messages.model import Bold, Call, Message, Paragraph, Span
from bot.messages.phrases import LONGEST_NAME, named, one_line, spans


def escalation_entry(
    alert: Alert, *, waited: timedelta, to: Sequence[Place] = (), calls: Sequence[Person] = (), now: datetime
) -> Message:
    """One line for a thread: readable without the message above it.

    Args:
        alert: What nobody has acknowledged.
        waited: For how long.
        to: Where it was told as well, where that is not here.
        calls: Who is called here.
        now: When it is said.
    """
    said = spans(
        "{escalated}: nobody has acknowledged it for {waited} · {rule} in {pool} ({seen})",
        escalated=_where(to),
        waited=spoken(waited),
        rule=trouble_of(alert),
        pool=named(alert.pool),
        seen=seen_last(alert),
    )
    called = [span for each in calls for span in (_call(each), " ")]
    return Message(title="", summary=_("{sentence}.", sentence=plain(said, now)), blocks=(Paragraph((*called, *said)),))


def _where(to: Sequence[Place]) -> Span:
    if not to:
        return Bold(_("Escalated"))
    return Bold(_("Escalated to {places}", places=", ".join(one_line(each.channel, LONGEST_NAME) for each in to)))


def _call(person: Person) -> Call:
    return Call(person.platform, person.id, person.name or person.id)
