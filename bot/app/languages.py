"""In which language is what said that the bot does for somebody, or by itself?"""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, Protocol, TypeVar

from bot.core.command import Asker
from bot.core.language import Languages, speaking

_P = ParamSpec("_P")
_T = TypeVar("_T")


class Speaker(Protocol):
    """Whoever has been told which languages are spoken."""

    @property
    def languages(self) -> Languages:
        """The usual one, and those of single places."""
        ...


_S = TypeVar("_S", bound=Speaker)


def in_their_language(do: Callable[Concatenate[_S, _P], _T]) -> Callable[Concatenate[_S, _P], _T]:
    """Have it said in the language of the asker among the arguments, or the usual one of the place.

    What is told elsewhere meanwhile is told in the language of each place.
    """

    @wraps(do)
    def done(self: _S, /, *args: _P.args, **kwargs: _P.kwargs) -> _T:
        languages = self.languages
        asker = next((each for each in args if isinstance(each, Asker)), None)
        own = None if asker is None else asker.language or languages.of(asker.place)
        with speaking(own or languages.usual, languages):
            return do(self, *args, **kwargs)

    return done
