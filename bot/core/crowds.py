"""Do so many alerts come to a channel at once that they are told together, and how long are they waited for?"""

from dataclasses import dataclass
from datetime import datetime, timedelta

# Many that keep coming are waited for so many windows at the most.
LONGEST = 2
# One alone waits for this part of a window, and many are told when no other has come for as long.
LULL = 0.5


@dataclass(frozen=True, slots=True)
class Gathering:
    """More than `above` first messages that come to one channel within a window or two are told in one; 0: never.

    `since` is when this process began to tell: nobody has waited for what came before.
    """

    above: int = 0
    window: timedelta = timedelta()
    since: datetime | None = None

    @property
    def waits(self) -> bool:
        """Whether anything waits for anything."""
        return self.above > 0 and self.window > timedelta()


ALONE = Gathering()


@dataclass(frozen=True, slots=True)
class Crowd:
    """The alerts that have lately come to a channel and are not told yet: how many, and when first and last."""

    number: int
    oldest: datetime
    newest: datetime


def told_from(crowd: Crowd, gathering: Gathering) -> datetime:
    """From when on the crowd is told, if no other comes.

    Few are told once so few have come in their time that at this pace they would not be too many within `LONGEST`
    windows; so one alone is told soon, and a burst is not torn apart by a gap. What came before the process began
    is waited for all that time from then on: the other pools are only being read again.
    """
    above, window, begun = gathering.above, gathering.window, gathering.since
    is_left = begun is not None and crowd.oldest < begun
    first = begun if is_left and begun is not None else crowd.oldest
    longest = first + LONGEST * window
    if crowd.number > above:
        return min(longest, max(first, crowd.newest) + LULL * window)
    if is_left:
        return longest
    at_this_pace = LONGEST * (crowd.number + 1) / (above + 1)
    return first + (min(LULL, at_this_pace) if crowd.number == 1 else at_this_pace) * window
