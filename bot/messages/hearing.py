"""What does a chat platform ask of the bot when people do something there?"""

from collections.abc import Mapping
from typing import Protocol

from bot.core.command import Asker
from bot.messages.form import Form, Purpose
from bot.messages.model import Message, Verb
from bot.messages.page import Page


class Asked(Protocol):
    """Answers a command."""

    def __call__(self, command: str, text: str, asker: Asker) -> Message | Form:
        """What to say to `text`, typed after `command`, or the form that it opens."""


class Pressed(Protocol):
    """Does what a button asks for."""

    def __call__(self, verb: Verb, subject: str, asker: Asker) -> Message | Form | None:
        """What to say to the one who pressed, or the form that it opens; `None` when the message shows it all."""


class Submitted(Protocol):
    """Does what a form asks for that was filled in."""

    def __call__(self, purpose: Purpose, subject: str, typed: "dict[str, str]", asker: Asker) -> Message | Form | None:
        """What to say to the one who filled it in, or what to ask next.

        Raises:
            Misfilled: Something in it is not as it must be.
        """


class Homed(Protocol):
    """Gathers what concerns a person."""

    def __call__(self, asker: Asker, called: Mapping[str, str]) -> Page:
        """The page; `called` are the names of the channels that the person is in, by their ids."""


class Offered(Protocol):
    """Makes the form with which a pool is asked about."""

    def __call__(self, asker: Asker, about: str) -> Form | Message:
        """The form; `about` is a text that may name the pool."""
