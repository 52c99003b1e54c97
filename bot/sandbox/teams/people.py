"""What can somebody in the tenant do, and what does Teams make of the app's answer?"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from bot.sandbox.teams.composing import Composer
from bot.sandbox.teams.courier import Courier, Reply
from bot.sandbox.teams.dialogs import Dialogs
from bot.sandbox.teams.inputs import actions_of, faults, values, wanted
from bot.sandbox.teams.model import CARD, Json, Outcome, Person, Place, Post
from bot.sandbox.teams.refreshing import Refreshed, refresh_action, refreshes_itself
from bot.sandbox.teams.strict.cards import problems
from bot.sandbox.teams.tenant import Tenant

SOMETHING_WRONG = "Something went wrong. Please try again."
UNREACHABLE = "Unable to reach app. Please try again."
MESSAGE = "application/vnd.microsoft.activity.message"
ERROR = "application/vnd.microsoft.error"
_NO_SUCH = "there is no such person, conversation or message"


class People:
    """The people of one tenant."""

    def __init__(self, tenant: Tenant, composer: Composer, courier: Courier) -> None:
        self.tenant = tenant
        self.composer = composer
        self.courier = courier
        self.dialogs = Dialogs(tenant, composer, courier)
        self._refreshed = Refreshed()

    def say(self, person_id: str, place_id: str, text: str, *, root: str = "", slash: bool = False) -> Outcome:
        """Write something. In a channel or a group the bot hears of it only by a mention, or as a slash command.

        A slash command is seen by nobody else, and what the app answers to it should not be either.
        """
        person, place = self.tenant.person(person_id), self.tenant.place(place_id)
        if person is None or place is None or person.id not in place.members:
            return Outcome(_NO_SUCH)
        targeted = slash and place.kind != "personal"
        post_id = self.tenant.next_id()
        root = root if place.kind == "channel" else ""
        activity = self.composer.message(person, place, text, post_id=post_id, root=root, targeted=targeted)
        target = person.id if targeted else ""
        body: Json = {"type": "message", "text": activity["text"], "textFormat": "plain"}
        body["entities"] = [each for each in activity["entities"] if each.get("type") == "mention"]
        self.tenant.post(Post(place.id, post_id, person.id, body, self.tenant.now(), root=root, targeted_to=target))
        hears = place.kind == "personal" or targeted or bool(body["entities"])
        if not place.has_bot or place.blocked or not hears:
            return Outcome(id=post_id)
        reply = self.courier.tell(activity)
        return Outcome(reply.error, id=post_id, status=reply.status, answer=reply.body)

    def press(
        self, person_id: str, place_id: str, post_id: str, action: str | int, inputs: Mapping[str, Any] | None = None
    ) -> Outcome:
        """Press something on a card."""
        person, place = self.tenant.person(person_id), self.tenant.place(place_id)
        post = self.tenant.message(place.id, post_id) if place else None
        if person is None or place is None or post is None or post.targeted_to not in {"", person.id}:
            return Outcome(_NO_SUCH)
        card = post.card_for(person.id)
        pressed = wanted(actions_of(card), action)
        if pressed is None:
            return Outcome(f"there is no action {action!r}")
        given = values(card, pressed, inputs or {})
        if errors := faults(card, pressed, given):
            return Outcome("invalid", "", errors)
        match pressed.get("type"):
            case "Action.Execute":
                return self._execute(person, place, post, pressed, given)
            case "Action.Submit":
                return self._submit(person, place, post, pressed, given)
            case _:
                return Outcome()  # opens an address or a part of the card: the app hears nothing of it

    def refresh(self, person_id: str, place_id: str, post_id: str, *, by_hand: bool = False) -> Outcome:
        """Somebody looks at a card that refreshes itself, or chooses "Refresh card"; what fails by itself is not told.

        By itself it is done for those the card names, or for all of a small conversation, once a minute.
        """
        person, place = self.tenant.person(person_id), self.tenant.place(place_id)
        post = self.tenant.message(place.id, post_id) if place else None
        if person is None or place is None or post is None or post.targeted_to not in {"", person.id}:
            return Outcome(_NO_SUCH)
        card = post.card_for(person.id)
        action = refresh_action(card)
        if action is None:
            return Outcome("there is nothing that refreshes the card")
        if by_hand:
            return self._execute(person, place, post, action, {})
        if not refreshes_itself(card, person.id, place):
            return Outcome("the card is not refreshed by itself for this person")
        if not self._refreshed.is_due(person, post, at=self.tenant.now()):
            return Outcome("the card is less than a minute old")
        return replace(self._execute(person, place, post, action, {}, trigger="automatic"), shown="")

    def _execute(
        self,
        person: Person,
        place: Place,
        post: Post,
        action: Json,
        given: Mapping[str, str],
        trigger: str = "manual",
    ) -> Outcome:
        if not action.get("verb"):
            # Without a verb Teams does not call the app, and says nothing.
            self.tenant.complain(place.name or place.kind, ["Action.Execute without verb was pressed: nothing happens"])
            return Outcome("no_verb")
        inside = {"type": "Action.Execute", "verb": action["verb"], "data": _merged(action, given)}
        if action.get("id"):
            inside["id"] = action["id"]
        activity = self.composer.activity("invoke", person, place, root=post.root or post.id)
        activity |= {
            "name": "adaptiveCard/action",
            "replyToId": post.id,
            "value": {"action": inside, "trigger": trigger},
        }
        self._refreshed.asked(person, post, at=self.tenant.now())
        reply = self.courier.ask(activity)
        if not reply.ok:
            shown = UNREACHABLE if reply.failed else SOMETHING_WRONG
            return Outcome(reply.error, shown, status=reply.status, answer=reply.body)
        return self._answered(person, post, reply)

    def _answered(self, person: Person, post: Post, reply: Reply) -> Outcome:
        """What the answer to an Action.Execute does; a card is shown in place of the old one, to this person."""
        answer = {"status": reply.status, "answer": reply.body}
        match reply.body:
            case {"statusCode": 200, "type": str(kind), "value": dict(card)} if kind == CARD:
                self.tenant.complain("answer to an action", problems(card))
                current = self.tenant.message(post.place, post.id)
                if current is not None:
                    self.tenant.change(replace(current, cards={**current.cards, person.id: card}))
                return Outcome(**answer)
            case {"statusCode": 200, "type": str(kind), "value": str(said)} if kind == MESSAGE:
                return Outcome(shown=said, **answer)
            case {"statusCode": int(status), "value": value} if status >= 400:
                reason = value.get("message") if isinstance(value, dict) else None
                return Outcome(f"status_{status}", str(reason or SOMETHING_WRONG), **answer)
            case _:
                self.tenant.complain("answer to an action", ["needs statusCode, type and value"])
                return Outcome("bad_answer", SOMETHING_WRONG, **answer)

    def _submit(self, person: Person, place: Place, post: Post, action: Json, given: Mapping[str, str]) -> Outcome:
        data = _merged(action, given)
        special: Json = data["msteams"] if isinstance(data.get("msteams"), dict) else {}
        text = ""
        value: Any = data
        match special.get("type"):
            case "task/fetch":
                return self.dialogs.fetch(person, place, data, reply_to=post.id, root=post.root or post.id)
            case "imBack":
                return self.say(person.id, place.id, str(special.get("value", "")), root=post.root or post.id)
            case "messageBack":
                text, value = str(special.get("text", "")), special.get("value", data)
            case _:
                pass
        post_id = self.tenant.next_id()
        activity = self.composer.message(person, place, text, post_id=post_id, root=post.root or post.id)
        reply = self.courier.tell(activity | {"value": value, "replyToId": post.id})
        shown = "" if reply.ok else SOMETHING_WRONG
        return Outcome(reply.error, shown, id=post_id, status=reply.status, answer=reply.body)

    def react(self, person_id: str, place_id: str, post_id: str, kind: str, *, add: bool = True) -> Outcome:
        """React to a message; the app hears of it when it is about its own."""
        person, place = self.tenant.person(person_id), self.tenant.place(place_id)
        post = self.tenant.message(place.id, post_id) if place else None
        if person is None or place is None or post is None:
            return Outcome(_NO_SUCH)
        self.tenant.react(post, person.id, kind, add=add)
        if post.sender != self.tenant.bot or not place.has_bot:
            return Outcome(id=post_id)
        activity = self.composer.activity("messageReaction", person, place, root=post.root or post.id)
        changed = {"reactionsAdded" if add else "reactionsRemoved": [{"type": kind}]}
        reply = self.courier.tell(activity | changed | {"replyToId": post.id})
        return Outcome(reply.error, id=post_id, status=reply.status, answer=reply.body)

    def type(self, person_id: str, place_id: str) -> Outcome:
        """Begin to write."""
        person, place = self.tenant.person(person_id), self.tenant.place(place_id)
        if person is None or place is None:
            return Outcome(_NO_SUCH)
        reply = self.courier.tell(self.composer.activity("typing", person, place))
        return Outcome(reply.error, status=reply.status, answer=reply.body)


def _merged(action: Json, given: Mapping[str, str]) -> Json:
    data = action.get("data")
    return {**(data if isinstance(data, dict) else {}), **given}
