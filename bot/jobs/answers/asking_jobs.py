"""What does ModelArts tell of the jobs and machines of a pool within the few seconds that a person waits?

Each question is asked for itself: what one of them lacks is named, and the others are answered all the same.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import TypeVar

from bot.core.because import said
from bot.core.language import N_, _
from bot.modelarts.errors import BadCredentials, ModelArtsError, NotAllowed, NotServed, UnknownPool

# Of each question, its turn among the polls and its repetitions included.
PATIENCE = timedelta(seconds=4)
_RIGHT = N_("the bot's account lacks the right modelarts:pool:get for it")
_NOT_HERE = N_("this region does not serve that question")

_Told = TypeVar("_Told")


class Questions:
    """Asks one question after the other, and remembers what could not be had."""

    def __init__(self) -> None:
        self.not_told: dict[str, str] = {}

    def ask(self, what: str, question: Callable[[], _Told]) -> _Told | None:
        """The answer, or `None` with a note.

        Raises:
            BadCredentials: Asking on would do harm.
            UnknownPool: There is nothing to ask about.
        """
        try:
            return question()
        except (BadCredentials, UnknownPool):
            raise
        except NotAllowed:
            self.not_told[what] = _(_RIGHT)
        except NotServed:
            self.not_told[what] = _(_NOT_HERE)
        except ModelArtsError as error:
            self.not_told[what] = said(error.why)
        return None
