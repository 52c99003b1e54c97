"""For how long may a process act as the leader after the database has last said that it is?"""

from dataclasses import dataclass
from datetime import timedelta

# So often within the lease the leader says that it is there.
_BEATS = 5
# It acts for this part of the lease only: its clock and the database's need not run quite alike.
_SAFE = 0.8
# Seconds; where the lead cannot be lost there is nothing to count.
_FOR_EVER = 1e9
# Nobody waits longer than this before looking whether the lead is free.
_LONGEST_LOOK = timedelta(seconds=2)


@dataclass(frozen=True, slots=True)
class Terms:
    """On which terms the lead is given.

    Attributes:
        lease: After so long without a word from the leader the database gives its lead away.
    """

    lease: timedelta

    @property
    def look_every(self) -> timedelta:
        """How often the leader says that it is there, and any other looks whether the lead is free."""
        return min(self.lease / _BEATS, _LONGEST_LOOK)

    @property
    def good_for(self) -> timedelta:
        """For so long after the leader was last heard it may act."""
        return self.lease * _SAFE


class Lead:
    """Whether this process leads. Moments are seconds that never go back and also pass while the machine sleeps.

    What is asked at one moment and granted at a later one counts from the first: the database heard of us no earlier.
    """

    def __init__(self, terms: Terms) -> None:
        self.terms = terms
        # One reference, exchanged as a whole, so that any thread may look.
        self._until: float | None = None

    def granted(self, *, asked_at: float) -> None:
        """The database says that we lead."""
        self._until = asked_at + self.terms.good_for.total_seconds()

    def lost(self) -> None:
        """We do not lead, or cannot know."""
        self._until = None

    def holds(self, *, at: float) -> bool:
        """Whether we may act as the leader."""
        until = self._until
        return until is not None and at < until

    def left(self, *, at: float) -> timedelta | None:
        """For how long we may still act without another word from the database; `None` when we do not lead."""
        until = self._until
        return None if until is None else timedelta(seconds=min(max(until - at, 0.0), _FOR_EVER))
