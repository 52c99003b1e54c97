"""What happens in a dialog: how is it opened, filled in, refused, closed?

https://learn.microsoft.com/en-us/microsoftteams/platform/task-modules-and-cards/task-modules/invoking-task-modules
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from bot.sandbox.teams.composing import Composer
from bot.sandbox.teams.courier import Courier, Reply
from bot.sandbox.teams.inputs import actions_of, faults, values, wanted
from bot.sandbox.teams.model import CARD, Dialog, Json, Outcome, Person, Place
from bot.sandbox.teams.strict.cards import problems
from bot.sandbox.teams.tenant import Tenant

UNREACHABLE = "Unable to reach app. Please try again."
_NONE = "there is no dialog open"


class Dialogs:
    """The dialogs of one tenant."""

    def __init__(self, tenant: Tenant, composer: Composer, courier: Courier) -> None:
        self.tenant = tenant
        self.composer = composer
        self.courier = courier

    def fetch(self, person: Person, place: Place, data: Json, *, reply_to: str, root: str) -> Outcome:
        """Ask the app for a dialog."""
        return self._ask("task/fetch", person, place, data, reply_to=reply_to, root=root)

    def submit(self, person_id: str, action: str | int = 0, inputs: Mapping[str, Any] | None = None) -> Outcome:
        """Press something in the dialog that is open; what is filled in wrongly is said there and not sent."""
        dialog = self.tenant.dialog(person_id)
        person = self.tenant.person(person_id)
        place = self.tenant.place(dialog.place) if dialog else None
        if dialog is None or person is None or place is None:
            return Outcome(_NONE)
        pressed = wanted(actions_of(dialog.card), action)
        if pressed is None:
            return Outcome(f"there is no action {action!r}")
        given = values(dialog.card, pressed, inputs or {})
        errors = faults(dialog.card, pressed, given)
        if errors:
            self.tenant.put_dialog(replace(dialog, errors=errors, filled=given))
            return Outcome("invalid", "", errors)
        if pressed.get("type") != "Action.Submit":
            self.tenant.complain(
                "a dialog", [f"{pressed.get('type')} in a dialog: only Action.Submit is sent from there"]
            )
            return Outcome("not_in_a_dialog", "Something went wrong. Please try again.")
        self.tenant.put_dialog(replace(dialog, errors={}, filled=given))
        data = pressed.get("data")
        everything = {**(data if isinstance(data, dict) else {}), **given}
        return self._ask("task/submit", person, place, everything, reply_to=dialog.reply_to, root=dialog.reply_to)

    def close(self, person_id: str) -> Outcome:
        """Close it; the app hears nothing of that."""
        if self.tenant.dialog(person_id) is None:
            return Outcome(_NONE)
        self.tenant.drop_dialog(person_id)
        return Outcome()

    def _ask(self, name: str, person: Person, place: Place, data: Json, *, reply_to: str, root: str) -> Outcome:
        activity = self.composer.activity("invoke", person, place, root=root)
        activity |= {"name": name, "replyToId": reply_to, "value": {"data": data, "context": {"theme": "default"}}}
        reply = self.courier.ask(activity)
        if not reply.ok:
            return Outcome(reply.error, UNREACHABLE, status=reply.status, answer=reply.body)
        return self._answered(person, place, reply, reply_to)

    def _answered(self, person: Person, place: Place, reply: Reply, reply_to: str) -> Outcome:
        answer = {"status": reply.status, "answer": reply.body}
        task = reply.body.get("task") if isinstance(reply.body, dict) else None
        match task:
            case None:
                self.tenant.drop_dialog(person.id)
                return Outcome(**answer)
            case {"type": "message", "value": str(said)}:
                self.tenant.put_dialog(Dialog(person.id, place.id, "", None, message=said, reply_to=reply_to))
                return Outcome(shown=said, **answer)
            case {"type": "continue", "value": {"card": {"contentType": str(kind), "content": dict(card)}, **info}} if (
                kind == CARD
            ):
                self.tenant.complain("a dialog", problems(card))
                title = str(info.get("title") or "")
                self.tenant.put_dialog(Dialog(person.id, place.id, title, card, reply_to=reply_to))
                return Outcome(**answer)
            case _:
                self.tenant.complain("a dialog", ["task needs type continue with a card, or message with text"])
                return Outcome("bad_answer", "Something went wrong. Please try again.", **answer)
