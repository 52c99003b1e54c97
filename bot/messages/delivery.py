"""What is said about messages that could not be told as they should have been?"""

from dataclasses import replace

from bot.core.because import Why
from bot.core.language import N_, _
from bot.messages.model import Footnote, Message, Paragraph, Tone
from bot.messages.phrases import LONGEST_NAME, because, begun, one_line, sentences

REPEATED = N_("This may have been told before: the channel's history cannot be read to see.")


def possible_repeat(message: Message) -> Message:
    """The message, marked as one that may stand in its channel already."""
    said = _(REPEATED)
    summary = sentences([message.summary, said])
    return replace(message, summary=summary, blocks=(*message.blocks, Footnote((said,))))


def told_instead(message: Message, place: str, why: Why) -> Message:
    """The message for another channel than its own, with where it should have gone and why it could not."""
    said = _(
        "For {place}, where it could not be told: {why}.",
        place=one_line(place, LONGEST_NAME),
        why=because(why),
    )
    summary = sentences([message.summary, said])
    return replace(message, summary=summary, blocks=(*message.blocks, Footnote((said,))))


def undelivered(place: str, why: Why) -> Message:
    """For those who look after the bot: nothing can be told in a channel until somebody does something."""
    where, reason = one_line(place, LONGEST_NAME), because(why)
    waits = _("What is for {place} waits, and is told as soon as that is put right.", place=where)
    return Message(
        title=_("Messages wait"),
        summary=_("Messages for {place} cannot be told: {why}.", place=where, why=reason),
        tone=Tone.WARNING,
        blocks=(Paragraph((begun(_("{sentence}.", sentence=reason)),)), Paragraph((waits,))),
    )


def lost(place: str, title: str, why: Why) -> Message:
    """For those who look after the bot: one message could never be told."""
    where, reason = one_line(place, LONGEST_NAME), because(why)
    what = one_line(title, LONGEST_NAME) or _("A message")
    said = _("“{message}” could not be told in {place}: {why}.", message=what, place=where, why=reason)
    return Message(title=_("A message was given up"), summary=said, tone=Tone.WARNING, blocks=(Paragraph((said,)),))
