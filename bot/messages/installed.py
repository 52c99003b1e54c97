"""What is said to people of a workspace that has the app no more, or of which nothing is known?"""

from bot.core.language import _
from bot.messages.model import Message, Paragraph, Tone


def not_installed() -> Message:
    """The app is not installed where this was typed, as far as the bot knows."""
    said = _(
        "Pool Stats is not installed in this workspace as it should be. Whoever manages the workspace has to install it"
        " again."
    )
    return Message(title=_("Not installed"), summary=said, tone=Tone.WARNING, blocks=(Paragraph((said,)),))
