"""What is in the tenant right now? Thread-safe; every change is told to whoever listens."""

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, replace
from threading import RLock
from typing import Any

from bot.sandbox import wall
from bot.sandbox.teams.model import (
    DEFAULT_COMMANDS,
    Change,
    Complaint,
    Credentials,
    Dialog,
    Person,
    Place,
    Post,
    Switches,
    Team,
    default_people,
    default_places,
    default_teams,
)

_MOST_POSTS = 20_000  # a conversation; the oldest is forgotten first
_MOST_COMPLAINTS = 500


class Tenant:
    """People, teams, conversations and messages. What is handed out is immutable, or must be treated so."""

    def __init__(
        self,
        *,
        credentials: Credentials | None = None,
        people: Iterable[Person] | None = None,
        teams: Iterable[Team] | None = None,
        places: Iterable[Place] | None = None,
        switches: Switches | None = None,
        bot_name: str = "pool-stats",
        commands: Iterable[tuple[str, str]] = DEFAULT_COMMANDS,
        clock: Callable[[], float] = wall.now,
    ) -> None:
        self.credentials = credentials or Credentials()
        self.switches = switches or Switches()
        self.bot_name = bot_name
        self.commands = tuple(commands)
        self.now = clock
        self.lock = RLock()
        self._people = {each.id: each for each in (default_people() if people is None else people)}
        self._teams = {each.id: each for each in (default_teams() if teams is None else teams)}
        self._places = {each.id: each for each in (default_places() if places is None else places)}
        self._posts: dict[str, dict[str, Post]] = {}
        self._dialogs: dict[str, Dialog] = {}
        self._complaints: list[Complaint] = []
        self._listeners: list[Callable[[Change], None]] = []
        self._last_id = 0

    # -- who and where

    @property
    def bot(self) -> str:
        """The bot's account."""
        return self.credentials.bot

    def people(self) -> list[Person]:
        """Everybody."""
        with self.lock:
            return list(self._people.values())

    def person(self, wanted: str) -> Person | None:
        """The person with this account or directory id."""
        with self.lock:
            found = self._people.get(wanted)
            return found or next((each for each in self._people.values() if each.aad_object_id == wanted), None)

    def put_person(self, person: Person) -> Person:
        """Add somebody, or change them."""
        with self.lock:
            self._people[person.id] = person
        return person

    def teams(self) -> list[Team]:
        """All teams."""
        with self.lock:
            return list(self._teams.values())

    def team(self, wanted: str) -> Team | None:
        """The team with this id."""
        with self.lock:
            return self._teams.get(wanted)

    def put_team(self, team: Team) -> Team:
        """Add a team, or change it."""
        with self.lock:
            self._teams[team.id] = team
        self.tell(Change("place"))
        return team

    def places(self) -> list[Place]:
        """All conversations, in the order they were made."""
        with self.lock:
            return list(self._places.values())

    def place(self, wanted: str) -> Place | None:
        """The conversation with this id (with or without `;messageid=`), or of this name (`Team/Channel` too)."""
        wanted = bare(wanted)
        with self.lock:
            if found := self._places.get(wanted):
                return found
            for each in self._places.values():
                team = self._teams.get(each.team)
                if each.name and wanted in {each.name, f"{team.name}/{each.name}" if team else each.name}:
                    return each
        return None

    def put_place(self, place: Place) -> Place:
        """Add a conversation, or replace it."""
        with self.lock:
            self._places[place.id] = place
        self.tell(Change("place", place=place.id))
        return place

    def drop_place(self, place: str) -> None:
        """A conversation is deleted, with what is in it."""
        with self.lock:
            self._places.pop(place, None)
            self._posts.pop(place, None)
        self.tell(Change("place", place=place))

    def personal(self, person: str) -> Place:
        """The chat of a person with the bot, made when it is not there (then the app is not installed yet)."""
        with self.lock:
            for each in self._places.values():
                if each.kind == "personal" and person in each.members:
                    return each
            name = hashlib.sha256(f"{person} {self.bot}".encode()).hexdigest()[:48]
            return self.put_place(Place(f"a:1{name}", "personal", "", frozenset({person}), has_bot=False))

    # -- messages

    def next_id(self) -> str:
        """A message id later than any before."""
        with self.lock:
            self._last_id = max(int(self.now() * 1000), self._last_id + 1)
            return str(self._last_id)

    def post(self, post: Post) -> Post:
        """Put a message into its conversation."""
        with self.lock:
            kept = self._posts.setdefault(post.place, {})
            kept[post.id] = post
            if len(kept) > _MOST_POSTS:
                del kept[min(kept)]
        self.tell(Change("post", place=post.place, id=post.id, person=post.targeted_to))
        return post

    def change(self, post: Post) -> Post:
        """Replace a message that is there."""
        with self.lock:
            self._posts[post.place][post.id] = post
        self.tell(Change("changed", place=post.place, id=post.id, person=post.targeted_to))
        return post

    def delete(self, post: Post) -> None:
        """Take a message away."""
        with self.lock:
            gone = self._posts.get(post.place, {}).pop(post.id, None)
        if gone:
            self.tell(Change("deleted", place=post.place, id=post.id, person=gone.targeted_to))

    def message(self, place: str, post_id: str) -> Post | None:
        """One message, if it is (still) there."""
        with self.lock:
            found = self._posts.get(bare(place), {}).get(post_id)
        return found if found and not self._vanished(found) else None

    def posts(self, place: str, *, seen_by: str | None = None) -> list[Post]:
        """The messages of a conversation, oldest first, replies among them; None sees everything."""
        with self.lock:
            everything = sorted(self._posts.get(bare(place), {}).values(), key=lambda each: int(each.id))
        return [
            each
            for each in everything
            if not self._vanished(each) and (seen_by is None or each.targeted_to in {"", seen_by})
        ]

    def _vanished(self, post: Post) -> bool:
        return bool(post.targeted_to) and self.now() - post.at >= self.switches.targeted_lasts

    # -- dialogs

    def dialog(self, person: str) -> Dialog | None:
        """What this person has open."""
        with self.lock:
            return self._dialogs.get(person)

    def put_dialog(self, dialog: Dialog) -> Dialog:
        """Open a dialog, or replace the one that is open."""
        with self.lock:
            self._dialogs[dialog.person] = dialog
        self.tell(Change("dialog", place=dialog.place, person=dialog.person))
        return dialog

    def drop_dialog(self, person: str) -> None:
        """Close it."""
        with self.lock:
            gone = self._dialogs.pop(person, None)
        if gone:
            self.tell(Change("dialog", place=gone.place, person=person))

    # -- complaints, and who listens

    def complain(self, where: str, problems: Iterable[str]) -> None:
        """Write down what is wrong with something the app sent."""
        at = self.now()
        with self.lock:
            self._complaints += [Complaint(at, where, each) for each in problems]
            del self._complaints[:-_MOST_COMPLAINTS]

    def complaints(self) -> list[Complaint]:
        """Everything that was wrong, oldest first."""
        with self.lock:
            return list(self._complaints)

    def listen(self, told: Callable[[Change], None]) -> Callable[[], None]:
        """Call `told` at every change, in the thread that made it; returns how to stop."""
        with self.lock:
            self._listeners.append(told)

        def stop() -> None:
            with self.lock:
                if told in self._listeners:
                    self._listeners.remove(told)

        return stop

    def tell(self, change: Change) -> None:
        """Tell all who listen."""
        with self.lock:
            listeners = list(self._listeners)
        for told in listeners:
            told(change)

    def close(self) -> None:
        """Tell all who listen that nothing more will come."""
        self.tell(Change("closed"))

    def react(self, post: Post, person: str, kind: str, *, add: bool) -> Post:
        """Somebody reacts to a message, or takes that back."""
        others = tuple(each for each in post.reactions.get(kind, ()) if each != person)
        reactions: Mapping[str, tuple[str, ...]] = {**post.reactions, kind: (*others, person) if add else others}
        return self.change(replace(post, reactions={name: who for name, who in reactions.items() if who}))

    def snapshot(self) -> dict[str, Any]:
        """Everything, as JSON: for tests and outside checks."""
        with self.lock:
            posts = {each: [asdict(post) for post in self.posts(each)] for each in self._places}
            places = [
                asdict(each) | {"members": sorted(each.members), "posts": posts[each.id]}
                for each in self._places.values()
            ]
            return {
                "bot": self.bot,
                "tenant": self.credentials.tenant_id,
                "people": [asdict(each) for each in self._people.values()],
                "teams": [asdict(each) | {"members": sorted(each.members)} for each in self._teams.values()],
                "conversations": places,
                "dialogs": {person: asdict(each) for person, each in self._dialogs.items()},
                "complaints": [asdict(each) for each in self._complaints],
            }


def bare(conversation: str) -> str:
    """A conversation's id without the message that a thread begins with."""
    return conversation.partition(";messageid=")[0]
