"""What does the bot do for people in Teams?"""

from collections.abc import Callable
from dataclasses import dataclass

from bot.core.command import Asker
from bot.core.language import Languages
from bot.messages.hearing import Asked, Pressed, Submitted
from bot.messages.model import Message
from bot.messages.sending import Posted


@dataclass(frozen=True, slots=True)
class Heard:
    """What the bot does for people in Teams."""

    asked: Asked
    pressed: Pressed
    submitted: Submitted
    shown: Callable[[Posted], Message | None]
    unknown: Callable[[str], None]
    languages: Callable[[], Languages] = Languages
    sees_more: Callable[[Asker], bool] = lambda _: False
    first: Callable[[str], bool] = lambda _: True
