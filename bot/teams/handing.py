"""What becomes of a file that goes with an answer?

Teams has a bot ask before it hands a file over, in a personal chat alone, and puts the file into the person's OneDrive,
which needs a right that the app does not ask for. So there is no file, and the answer says how to get at what is in it.
https://learn.microsoft.com/en-us/microsoftteams/platform/bots/how-to/bots-filesv4
"""

from dataclasses import replace

from bot.core.language import _
from bot.messages.model import Message, Paragraph


def without_file(message: Message) -> Message:
    """The message without its file, and that it is without one."""
    if message.attached is None:
        return message
    note = _("In Teams it cannot be handed over as a file: have it exported by whoever runs the bot.")
    head, rest = message.blocks[:1], message.blocks[1:]
    return replace(message, summary=note, blocks=(*head, Paragraph((note,)), *rest), attached=None)
