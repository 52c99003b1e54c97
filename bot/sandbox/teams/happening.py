"""What happens to conversations and to the app in them, and how is the app told?

https://learn.microsoft.com/en-us/microsoftteams/platform/bots/how-to/conversations/subscribe-to-conversation-events
"""

from dataclasses import replace
from typing import Any

from bot.sandbox.teams.composing import Composer
from bot.sandbox.teams.courier import Courier
from bot.sandbox.teams.model import Json, Outcome, Person, Place
from bot.sandbox.teams.tenant import Tenant

_NO_SUCH = "there is no such person or conversation"


class Happening:
    """Events of one tenant."""

    def __init__(self, tenant: Tenant, composer: Composer, courier: Courier) -> None:
        self.tenant = tenant
        self.composer = composer
        self.courier = courier

    def install(self, person_id: str, place_id: str = "", *, action: str = "add") -> Outcome:
        """Somebody adds the app to a chat or a team, or (without a conversation) for themselves.

        Args:
            person_id: Who.
            place_id: Where; a channel stands for its whole team.
            action: `add`, or `add-upgrade` as newer versions of the app are told.
        """
        person = self.tenant.person(person_id)
        if person is None:
            return Outcome(_NO_SUCH)
        place = self.tenant.place(place_id) if place_id else self.tenant.personal(person.id)
        if place is None:
            return Outcome(_NO_SUCH)
        place = self._set_bot(place, has_bot=True)
        self._update(person, place, membersAdded=[{"id": self.tenant.bot}], event="teamMemberAdded")
        return self._tell(self.composer.activity("installationUpdate", person, place, action=action))

    def introduce(self) -> Outcome:
        """Tell the app of the conversations it is in, as if it had just been added to each, and for everybody."""
        people = self.tenant.people()
        places = [each for each in self.tenant.places() if each.has_bot and each.id == (each.team or each.id)]
        told = [self.install(people[0].id, each.id) for each in places if each.kind != "personal"]
        told += [self.install(each.id) for each in people]
        return next((each for each in told if not each.ok), told[-1])

    def remove(self, person_id: str, place_id: str = "", *, action: str = "remove") -> Outcome:
        """Somebody takes the app away; it is told, but can no longer write there."""
        person = self.tenant.person(person_id)
        if person is None:
            return Outcome(_NO_SUCH)
        place = self.tenant.place(place_id) if place_id else self.tenant.personal(person.id)
        if place is None:
            return Outcome(_NO_SUCH)
        place = self._set_bot(place, has_bot=False)
        if place.kind != "personal":
            self._update(person, place, membersRemoved=[{"id": self.tenant.bot}], event="teamMemberRemoved")
        return self._tell(self.composer.activity("installationUpdate", person, place, action=action))

    def block(self, person_id: str, *, blocked: bool = True) -> Outcome:
        """Somebody blocks the bot; Teams does not tell it."""
        person = self.tenant.person(person_id)
        if person is None:
            return Outcome(_NO_SUCH)
        self.tenant.put_place(replace(self.tenant.personal(person.id), blocked=blocked))
        return Outcome()

    def join(self, person: Person, place_id: str) -> Outcome:
        """Somebody comes into a conversation."""
        place = self.tenant.place(place_id)
        if place is None:
            return Outcome(_NO_SUCH)
        self.tenant.put_person(person)
        place = self.tenant.put_place(replace(place, members=place.members | {person.id}))
        added = [{"id": person.id, "aadObjectId": person.aad_object_id}]
        return self._update(person, place, membersAdded=added, event="teamMemberAdded")

    def leave(self, person_id: str, place_id: str) -> Outcome:
        """Somebody goes."""
        person, place = self.tenant.person(person_id), self.tenant.place(place_id)
        if person is None or place is None:
            return Outcome(_NO_SUCH)
        place = self.tenant.put_place(replace(place, members=place.members - {person.id}))
        return self._update(person, place, membersRemoved=[{"id": person.id}], event="teamMemberRemoved")

    def rename(self, person_id: str, place_id: str, name: str) -> Outcome:
        """A channel or a group chat gets another name."""
        person, place = self.tenant.person(person_id), self.tenant.place(place_id)
        if person is None or place is None:
            return Outcome(_NO_SUCH)
        place = self.tenant.put_place(replace(place, name=name))
        if place.kind == "channel":
            return self._update(person, place, event="channelRenamed")
        return self._update(person, place, topicName=name)

    def rename_team(self, person_id: str, team_id: str, name: str) -> Outcome:
        """A team gets another name."""
        person, team = self.tenant.person(person_id), self.tenant.team(team_id)
        place = self.tenant.place(team_id)
        if person is None or team is None or place is None:
            return Outcome(_NO_SUCH)
        self.tenant.put_team(replace(team, name=name))
        return self._update(person, place, event="teamRenamed")

    def delete(self, person_id: str, place_id: str) -> Outcome:
        """A channel is deleted."""
        person, place = self.tenant.person(person_id), self.tenant.place(place_id)
        if person is None or place is None or place.kind != "channel":
            return Outcome(_NO_SUCH)
        self.tenant.drop_place(place.id)
        return self._update(person, place, event="channelDeleted")

    def create(self, person_id: str, place: Place) -> Outcome:
        """A channel is made."""
        person = self.tenant.person(person_id)
        if person is None:
            return Outcome(_NO_SUCH)
        return self._update(person, self.tenant.put_place(place), event="channelCreated")

    def anything(self, person_id: str, place_id: str, activity: Json) -> Outcome:
        """Send the app an activity of any kind, known or not; what is given replaces what Teams would fill in."""
        person, place = self.tenant.person(person_id), self.tenant.place(place_id)
        if person is None or place is None:
            return Outcome(_NO_SUCH)
        whole = self.composer.activity("event", person, place) | activity
        whole = {name: value for name, value in whole.items() if value is not None}
        return self._tell(whole, waits=whole.get("type") == "invoke")

    def _update(self, person: Person, place: Place, *, event: str = "", **more: Any) -> Outcome:
        # In a team what happens to members and channels has an event type; in chats it has none.
        activity = self.composer.activity("conversationUpdate", person, place, **more)
        if event and place.kind == "channel":
            activity["channelData"]["eventType"] = event
        return self._tell(activity)

    def _tell(self, activity: Json, *, waits: bool = False) -> Outcome:
        reply = self.courier.ask(activity) if waits else self.courier.tell(activity)
        return Outcome(reply.error, status=reply.status, answer=reply.body)

    def _set_bot(self, place: Place, *, has_bot: bool) -> Place:
        """The app comes or goes: in a team for all its channels."""
        for each in self.tenant.places():
            if place.team and each.team == place.team:
                self.tenant.put_place(replace(each, has_bot=has_bot))
        found = self.tenant.place(place.team) if place.team else None
        return found or self.tenant.put_place(replace(place, has_bot=has_bot))
