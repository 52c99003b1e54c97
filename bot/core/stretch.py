"""How far back does a chart go?"""

from datetime import timedelta
from enum import StrEnum

from bot.core.language import _n


class Stretch(StrEnum):
    """The stretches of time that can be asked for, as people write them."""

    HOUR = "1h"
    SIX_HOURS = "6h"
    DAY = "24h"
    WEEK = "7d"
    MONTH = "30d"

    @property
    def length(self) -> timedelta:
        """How long it is."""
        return _LENGTHS[self]

    @property
    def spoken(self) -> str:
        """For a title or a sentence."""
        number = int(self.value[:-1])
        if self.value.endswith("d"):
            return _n("{number} day", "{number} days", number)
        return _n("{number} hour", "{number} hours", number)


_LENGTHS = {
    Stretch.HOUR: timedelta(hours=1),
    Stretch.SIX_HOURS: timedelta(hours=6),
    Stretch.DAY: timedelta(days=1),
    Stretch.WEEK: timedelta(days=7),
    Stretch.MONTH: timedelta(days=30),
}
# Other ways to write the same.
_SAME = {"60m": Stretch.HOUR, "1d": Stretch.DAY, "day": Stretch.DAY, "week": Stretch.WEEK, "month": Stretch.MONTH}


def stretch_in(word: str) -> Stretch | None:
    """The stretch that `word` names; `None` when it names none."""
    word = word.casefold()
    return _SAME.get(word) or next((each for each in Stretch if each == word), None)
