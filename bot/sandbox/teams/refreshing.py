"""Whose card is refreshed when they look at it, without anything being pressed?

https://learn.microsoft.com/en-us/microsoftteams/platform/task-modules-and-cards/cards/universal-actions-for-adaptive-cards/user-specific-views
"""

from threading import Lock

from bot.sandbox.page.shapes import items
from bot.sandbox.teams.model import Json, Person, Place, Post

_MOST_MEMBERS = 60
# A card that was asked for less than a minute ago is not asked for again by itself.
_FRESH = 60.0


def refresh_action(card: Json | None) -> Json | None:
    """What refreshes the card, where it has that."""
    refresh = card.get("refresh") if card else None
    action = refresh.get("action") if isinstance(refresh, dict) else None
    is_one = isinstance(action, dict) and action.get("type") == "Action.Execute" and action.get("verb")
    return action if is_one else None


def refreshes_itself(card: Json | None, person: str, place: Place) -> bool:
    """Whether it is refreshed for this person by itself: those it names, or all where they are few."""
    if card is None or refresh_action(card) is None:
        return False
    named = items(card["refresh"].get("userIds"))
    return person in named if named else len(place.members) <= _MOST_MEMBERS


class Refreshed:
    """When each person's card was last asked for."""

    def __init__(self) -> None:
        self._asked: dict[tuple[str, str, str], float] = {}
        self._lock = Lock()

    def is_due(self, person: Person, post: Post, *, at: float) -> bool:
        """Whether the card may be asked for by itself; if so, it counts as asked for."""
        with self._lock:
            if at - self._asked.get((person.id, post.place, post.id), at - _FRESH) < _FRESH:
                return False
            self._asked[(person.id, post.place, post.id)] = at
            return True

    def asked(self, person: Person, post: Post, *, at: float) -> None:
        """Its person has asked for it, by pressing something."""
        with self._lock:
            self._asked[(person.id, post.place, post.id)] = at
