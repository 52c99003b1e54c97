"""How is a drill worded, so that nobody takes it for an alert?"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from bot.core.durations import spoken
from bot.core.language import N_, _
from bot.core.routes import Place
from bot.core.rules.model import Severity
from bot.core.stats import Pool
from bot.messages.alert_line import by
from bot.messages.model import Bold, Button, Code, Facts, Footnote, Message, Paragraph, Span, Tone, Verb, When
from bot.messages.phrases import LONGEST_NAME, listed, named, one_line, sentences, severity_word, spans, utc

_NOTHING_WRONG = N_("This is an exercise. Nothing is wrong, and nothing needs to be done.")


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
    about = severity_word(severity) if pool is None else _about(severity, pool)
    facts: list[tuple[str, tuple[Span, ...]]] = [
        (_("As severe as"), (severity_word(severity),)),
        (_("Since"), (When(began_at),)),
    ]
    if ended_at is None:
        title, begin, said = _("DRILL: not a real alert ({about})", about=about), _("Exercise. "), _(_NOTHING_WRONG)
    else:
        title, begin = _("DRILL OVER: not a real alert ({about})", about=about), _("Exercise over. ")
        facts.append((_("Until"), (When(ended_at),)))
        length = spoken(ended_at - began_at)
        said = _("The exercise is over after {length}. Nothing was wrong.", length=length)
    why = _("A real alert of this severity would stand here, told just as this message was.")
    asked = spans("Drill {drill} · asked for{by}", drill=Code(one_line(drill_id, LONGEST_NAME)), by=by(asked_by))
    return Message(
        title=title,
        summary=sentences([_("{sentence}.", sentence=title), said]),
        tone=Tone.NEUTRAL if ended_at is None else Tone.GOOD,
        blocks=(
            Paragraph((Bold(begin), said)),
            Paragraph((why,)),
            Facts(tuple(facts)),
            Footnote(asked),
        ),
    )


def drill_entry(*, began_at: datetime, ended_at: datetime) -> Message:
    """What stands in the thread when it is over."""
    length = spoken(ended_at - began_at)
    said = _("Drill over by itself after {length}, as alerts do that recover. Nothing was wrong.", length=length)
    line = spans("{what}: {sentence}", what=Bold(_("Drill over")), sentence=said)
    return Message("", said, tone=Tone.GOOD, blocks=(Paragraph(line),))


def drill_begun(places: Sequence[Place], *, over_at: datetime, lasts: timedelta, now: datetime) -> Message:
    """What the one who asked for it is told."""
    where = listed([one_line(str(place), LONGEST_NAME) for place in places])
    look = spans("Look for a message that begins with {drill} in {places}.", drill=Bold(_("DRILL")), places=where)
    over = _("It is over by itself in {length}, with an entry in its thread.", length=spoken(lasts))
    return Message(
        title=_("The drill is under way"),
        summary=_(
            "A drill is told in {places}; it is over by itself at {when}.", places=where, when=utc(over_at, now=now)
        ),
        blocks=(Paragraph(look), Paragraph((over,))),
    )


def drill_heard_by_nobody(severity: Severity, pool: Pool | None) -> Message:
    """No route is about such an alert, which is just what a drill is there to find out."""
    word = severity_word(severity)
    said = _("No route is about an alert of severity {severity}: nobody would have heard of it.", severity=word)
    if pool is not None:
        said = _(
            "No route is about an alert of severity {severity} in {pool}: nobody would have heard of it.",
            severity=word,
            pool=named(pool),
        )
    where = spans("Routes stand in the configuration file, under {key}.", key=Code("routes"))
    return Message(
        title=_("Nobody would hear"),
        summary=said,
        tone=Tone.WARNING,
        blocks=(Paragraph((said,)), Paragraph(where)),
        buttons=(Button(_("All rules"), Verb.SAY, "/pool-alerts rules"),),
    )


def _about(severity: Severity, pool: Pool) -> str:
    return _("{trouble} in {pool}", trouble=severity_word(severity), pool=named(pool))
