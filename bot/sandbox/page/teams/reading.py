"""How far has somebody read the conversations of a tenant, and how much is new since then?"""

from __future__ import annotations

from threading import Lock

from bot.sandbox.teams.tenant import Tenant


class Reading:
    """The last message each person saw in each conversation; what was there before the page was, counts as read."""

    def __init__(self, tenant: Tenant) -> None:
        self._tenant = tenant
        self._began = int(tenant.now() * 1000)
        self._seen: dict[tuple[str, str], int] = {}
        self._lock = Lock()

    def seen(self, person: str, place: str) -> None:
        """This person has the conversation before their eyes, with all that stands in it now."""
        posts = self._tenant.posts(place, seen_by=person)
        last = int(posts[-1].id) if posts else 0
        with self._lock:
            self._seen[(person, place)] = max(last, self._seen.get((person, place), self._began))

    def unread(self, person: str, place: str) -> int:
        """How many messages of others in the conversation, replies among them, this person has not seen."""
        with self._lock:
            last = self._seen.get((person, place), self._began)
        posts = self._tenant.posts(place, seen_by=person)
        return sum(1 for each in posts if int(each.id) > last and each.sender != person)
