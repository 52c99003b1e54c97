"""Which pools does a person call their own?

They are chosen after /pool-stats mine; lists of pools begin with them. A name without a wildcard stands for all that
begin with it, as it does where pools are listed a page at a time.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from bot.core.command import POOL_STATS, cleaned

MINE = "mine"
# What stands behind a button that shows them must be taken as a command: bot/core/command.py
LONGEST_CHOICE = 200
_WILD = frozenset("*?[")


@dataclass(frozen=True, slots=True)
class AboutMine:
    """Which pools are theirs: `words` names them; without any a form is asked for."""

    words: str = ""


def about_mine(command: str, text: str) -> AboutMine | None:
    """What `text`, typed after `command`, says of one's own pools; `None` when it is about something else."""
    first, _, rest = cleaned(text).partition(" ")
    return AboutMine(rest.strip()) if command == POOL_STATS and first.casefold() == MINE else None


def chosen(names: Iterable[str]) -> tuple[str, ...]:
    """The names as globs; none where they stand for all pools.

    Raises:
        ValueError: They are too many to be shown behind a button.
    """
    globs = tuple(dict.fromkeys(_glob(name) for name in names if name.strip(" ,")))
    if "*" in globs:
        return ()
    if len(" ".join(globs)) > LONGEST_CHOICE:
        raise ValueError(LONGEST_CHOICE)
    return globs


def _glob(name: str) -> str:
    """A glob without spaces, which would be two where pools are asked for in words."""
    glob = "?".join(name.strip(" ,").split())
    return glob if _WILD & set(name) else f"{glob}*"
