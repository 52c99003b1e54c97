"""What is done when a button of ours is pressed in Teams, and who gets to see what comes of it?"""

from collections.abc import Callable
from enum import Enum, auto

from bot.core.command import POOL_STATS
from bot.messages.form import Form
from bot.messages.hearing import Asked, Pressed
from bot.messages.model import Button, Look, Message, Verb
from bot.messages.sending import Posted
from bot.teams.activities import PERSONAL, Press
from bot.teams.answering import Answers, for_all, redrawn, toast
from bot.teams.turns import Reply, Turn

Shown = Callable[[Posted], Message | None]


class How(Enum):
    """Who sees the answer, and whether it takes the place of the message that was pressed."""

    PRIVATELY = auto()
    FOR_ALL = auto()
    IN_PLACE = auto()
    IN_PLACE_FOR_ALL = auto()

    @property
    def for_all(self) -> bool:
        """Whether everybody sees it."""
        return self in (How.FOR_ALL, How.IN_PLACE_FOR_ALL)


def done(pressing: Press, *, asked: Asked, pressed: Pressed) -> Message | Form | None:
    """Do what a button asks for."""
    subject, asker = pressing.subject, pressing.asker
    match pressing.verb:
        case Verb.SHOW | Verb.REFRESH:
            return asked(POOL_STATS, subject, asker)
        case Verb.SAY:
            command, _, words = subject.partition(" ")
            return asked(command, words, asker)
        case verb:
            return pressed(verb, subject, asker)


def how_to_show(pressing: Press) -> How:
    """Who gets to see what comes of it."""
    is_private = pressing.spot.is_private
    match pressing.verb:
        case Verb.REFRESH:
            return How.IN_PLACE if is_private else How.IN_PLACE_FOR_ALL
        case Verb.SHARE:
            return How.FOR_ALL
        case Verb.ACKNOWLEDGE | Verb.UNACKNOWLEDGE | Verb.SILENCE | Verb.UNSILENCE:
            return How.PRIVATELY
        case _:
            # What stands for everybody to see, such as an alert, is not replaced because one person looks closer.
            return How.IN_PLACE if is_private else How.PRIVATELY


def offered(form: Form, verb: Verb, subject: str) -> Message:
    """A button that opens the form, where what was typed or pressed cannot open it by itself."""
    return Message("", form.title, buttons=(Button(form.title, verb, subject, Look.PRIMARY),))


def show(pressing: Press, said: Message | None, how: How, turn: Turn, answers: Answers, shown: Shown) -> None:
    """Answer Teams with the redrawn card, and change the message for everybody, or say it to who it is for."""
    spot = pressing.spot
    match how:
        case How.IN_PLACE | How.IN_PLACE_FOR_ALL if said is not None:
            is_private = how is How.IN_PLACE
            drawn = said if is_private and spot.kind != PERSONAL else for_all(said)
            turn.answer(Reply(200, redrawn(drawn, private=is_private)))
            answers.in_place(spot, drawn, private=is_private)
        case How.FOR_ALL if said is not None:
            turn.answer(Reply(200, toast(said)))
            answers.for_all(spot, said)
        case _:
            stands = shown(Posted(spot.channel, spot.message))
            turn.answer(Reply(200, toast(said) if stands is None else redrawn(stands, private=False)))
            if said is not None:
                answers.privately(spot, said)
