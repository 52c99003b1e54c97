"""What is said about messages that could not be told as they should have been?"""

from dataclasses import replace

from bot.messages.model import Footnote, Message, Paragraph, Tone
from bot.messages.phrases import LONGEST_NAME, LONGEST_WHY, begun, one_line

REPEATED = "This may have been told before: the channel's history cannot be read to see."


def possible_repeat(message: Message) -> Message:
    """The message, marked as one that may stand in its channel already."""
    return replace(message, summary=f"{message.summary} {REPEATED}", blocks=(*message.blocks, Footnote((REPEATED,))))


def told_instead(message: Message, place: str, why: str) -> Message:
    """The message for another channel than its own, with where it should have gone and why it could not."""
    said = f"For {one_line(place, LONGEST_NAME)}, where it could not be told: {one_line(why, LONGEST_WHY)}."
    return replace(message, summary=f"{message.summary} {said}", blocks=(*message.blocks, Footnote((said,))))


def undelivered(place: str, why: str) -> Message:
    """For those who look after the bot: nothing can be told in a channel until somebody does something."""
    where, reason = one_line(place, LONGEST_NAME), one_line(why, LONGEST_WHY)
    said = f"Messages for {where} cannot be told: {reason}."
    return Message(
        title="Messages wait",
        summary=said,
        tone=Tone.WARNING,
        blocks=(
            Paragraph((begun(f"{reason}."),)),
            Paragraph((f"What is for {where} waits, and is told as soon as that is put right.",)),
        ),
    )


def lost(place: str, title: str, why: str) -> Message:
    """For those who look after the bot: one message could never be told."""
    where, reason = one_line(place, LONGEST_NAME), one_line(why, LONGEST_WHY)
    what = one_line(title, LONGEST_NAME) or "A message"
    return Message(
        title="A message was given up",
        summary=f"“{what}” could not be told in {where}: {reason}.",
        tone=Tone.WARNING,
        blocks=(Paragraph((f"“{what}” could not be told in {where}: {reason}.",)),),
    )
