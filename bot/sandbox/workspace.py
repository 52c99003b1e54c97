"""What can a person do in the workspace, and what do they then see?

Everything here is called from plain threads and blocks until the app has acknowledged (at most three seconds,
after which Slack says `operation_timeout`): a page calls it from `def` routes, or in a thread.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from copy import deepcopy
from dataclasses import replace
from typing import Any

from bot.sandbox import answers, elements, payloads, wall
from bot.sandbox.model import (
    BOT,
    DEFAULT_COMMANDS,
    DEFAULT_SHORTCUTS,
    SLACKBOT,
    TEAM,
    Ack,
    Channel,
    Command,
    Group,
    Json,
    Message,
    Outcome,
    Shortcut,
    User,
    View,
)
from bot.sandbox.state import State
from bot.sandbox.switches import Switches
from bot.sandbox.tickets import Tickets
from bot.sandbox.wire import message_json, view_json

# The kinds Slack delivers: "slash_commands", "interactive", "events_api"; the last is not waited for.
Deliver = Callable[[str, Json], Ack]

_MOST_STATES = 2_000
EVENTS = frozenset({"app_home_opened", "app_mention", "app_uninstalled", "message.im", "tokens_revoked"})


_SUBSCRIPTIONS = {"im": "message.im", "group": "message.groups", "channel": "message.channels"}


def _kind(where: Channel) -> str:
    """What an event calls the kind of a conversation."""
    return "im" if where.is_im else "group" if where.is_private else "channel"


def _nobody(_kind: str, _payload: Json) -> Ack:
    return Ack(error="dispatch_failed")


class Workspace(State):
    """One workspace with one app installed.

    Args:
        users: Who is there; by default two people (`U0000000YOU`, `U0COLLEAGUE`), the app's bot and Slackbot.
        channels: Which conversations there are.
        commands: The app's slash commands.
        events: Which events the app subscribes to.
        clock: Seconds since the epoch.
        team: The workspace's id.
        title: What people call it.
        enterprise: The organisation it belongs to, if any.
        groups: Its user groups.
        shortcuts: The app's shortcuts.
    """

    def __init__(
        self,
        *,
        users: Iterable[User] | None = None,
        channels: Iterable[Channel] | None = None,
        commands: Iterable[Command] = DEFAULT_COMMANDS,
        events: Iterable[str] = EVENTS,
        clock: Callable[[], float] = wall.now,
        team: str = TEAM,
        title: str = "Sandbox",
        enterprise: str = "",
        groups: Iterable[Group] = (),
        shortcuts: Iterable[Shortcut] = DEFAULT_SHORTCUTS,
    ) -> None:
        super().__init__(users=users, channels=channels, commands=commands, clock=clock)
        self.events = frozenset(events)
        self.team = team
        self.title = title
        self.enterprise = enterprise
        self.groups = {group.id: group for group in groups}
        self.shortcuts = {shortcut.callback_id: shortcut for shortcut in shortcuts}
        self.switches = Switches()
        self.tickets = Tickets(clock)
        self.deliver: Deliver = _nobody
        self.base_url = "http://127.0.0.1/"
        self._states: dict[tuple[str, str], dict[str, dict[str, Json]]] = {}

    # -- writing

    def say(self, user: str, channel: str, text: str, *, thread_ts: str = "") -> Outcome:
        """Send what somebody typed: a message, or a slash command when it begins with one."""
        where = self.channel(channel)
        if where is None or user not in where.members:
            return Outcome("channel_not_found", "You are not in this channel.")
        if where.is_archived:
            return Outcome("is_archived", "This channel is archived.")
        name, _, rest = text.strip().partition(" ")
        if name.startswith("/") and len(name) > 1:
            if thread_ts and name in self.commands:
                return self._slackbot(user, where.id, f"{name} is not supported in threads. Sorry!", "not_in_thread")
            return self.run_command(user, where.id, name, rest.strip())
        if not text.strip():
            return Outcome("no_text")
        said = self.post(Message(where.id, "", user, self.entities(text), thread_ts=thread_ts))
        return Outcome(ts=said.ts)

    def edit(self, user: str, channel: str, ts: str, text: str) -> Outcome:
        """Write one's own message anew."""
        said = self.message(channel, ts)
        if said is None or said.user != user or said.ephemeral_to:
            return Outcome("cant_update_message")
        self.change(replace(said, text=self.entities(text), edited=self.next_ts()))
        return Outcome(ts=ts)

    def post(self, message: Message) -> Message:
        """Put a message into its channel; apps that may read it are told, the one that wrote it too."""
        posted = super().post(message)
        where = self.channel(posted.channel)
        if where is not None and not posted.ephemeral_to:
            self._tell_of_message(posted, where)
        return posted

    def change(self, message: Message) -> Message:
        """Replace a message that is there; apps that may read it are told what it was and is."""
        before, where = self.message(message.channel, message.ts), self.channel(message.channel)
        changed = super().change(message)
        if before is not None and where is not None and not changed.ephemeral_to:
            self._tell_of_change(before, changed, where)
        return changed

    def entities(self, typed: str) -> str:
        """What Slack makes of typed text: `&`, `<`, `>` escaped, @names and #channels as references."""
        text = answers.escape(typed)
        names = {user.name: f"<@{user.id}>" for user in self.users()}
        rooms = {each.name: f"<#{each.id}|{'' if each.is_private else each.name}>" for each in self.channels()}
        text = re.sub(r"(?<!\w)@([\w.-]+)", lambda found: names.get(found[1], found[0]), text)
        return re.sub(r"(?<!\w)#([\w-]+)", lambda found: rooms.get(found[1], found[0]), text)

    def run_command(self, user: str, channel: str, command: str, text: str = "") -> Outcome:
        """Run a slash command and wait for its acknowledgement."""
        who, where, known = self.user(user), self.channel(channel), self.commands.get(command)
        if who is None or where is None:
            return Outcome("channel_not_found")
        if known is None and command in {"/invite", "/remove"}:
            return self._built_in(user, where, command, text)
        if known is None:
            return self._slackbot(
                user, where.id, f"{answers.escape(command)} is not a valid command.", "unknown_command"
            )
        sent = self.entities(text) if known.should_escape else answers.escape(text)
        ack = self.deliver("slash_commands", payloads.command(self, known, who, where, sent))
        if not ack.error:
            return answers.command_answered(self, ack, user=user, channel=where.id, typed=f"{command} {text}".strip())
        return replace(
            self._slackbot(user, where.id, f'{command} failed with the error "{ack.error}"', ack.error), ack=ack
        )

    def run_shortcut(self, user: str, callback_id: str, channel: str = "", ts: str = "") -> Outcome:
        """Choose a shortcut: a global one, or one of a message (`channel`, `ts`)."""
        known = self.shortcuts.get(callback_id)
        if known is None or self.user(user) is None:
            return Outcome("unknown_shortcut")
        if known.kind == "global":
            payload = payloads.shortcut(self, callback_id, user)
        else:
            message = self.message(channel, ts)
            if message is None or message.ephemeral_to:
                return Outcome("message_not_found")
            payload = payloads.message_action(self, callback_id, user, message)
        ack = self.deliver("interactive", payload)
        return Outcome(ack.error, answers.TROUBLE if ack.error else "", ack=ack)

    # -- pressing

    def press(
        self,
        user: str,
        channel: str = "",
        ts: str = "",
        *,
        action_id: str,
        block_id: str = "",
        view_id: str = "",
        selected: Any = None,
    ) -> Outcome:
        """Press a button, or choose in a select, of a message (`channel`, `ts`) or of a view (`view_id`).

        Args:
            user: Who does it.
            channel: Where the message is.
            ts: Which message.
            action_id: Of which element.
            block_id: Of which block; needed only when an action_id stands in several.
            view_id: Which view, instead of a message.
            selected: What was chosen (see `elements.chosen`); nothing for a button.
        """
        blocks, container = self._container(user, channel, ts, view_id)
        if container is None:
            return Outcome("message_not_found")
        found = elements.find(blocks, action_id, block_id)
        if found is None:
            return Outcome("invalid_action", "There is no such element.")
        block, element = found
        part = elements.chosen(element, selected)
        self._remember(user, container, block, element, part)
        action = {
            "type": element["type"],
            "action_id": action_id,
            "block_id": block["block_id"],
            "action_ts": self.next_ts(),
        }
        action |= {
            key: element[key] for key in ("text", "style") if key in element and element["type"] == "button"
        } | part
        payload = self._interaction("block_actions", user, container) | {"actions": [action]}
        ack = self.deliver("interactive", payload)
        return Outcome(ack.error, answers.TROUBLE if ack.error else "", ack=ack)

    def suggest(
        self,
        user: str,
        channel: str = "",
        ts: str = "",
        *,
        action_id: str,
        typed: str,
        block_id: str = "",
        view_id: str = "",
    ) -> Outcome:
        """Ask the app for the options of an external select; they are in the acknowledgement's body."""
        blocks, container = self._container(user, channel, ts, view_id)
        found = elements.find(blocks, action_id, block_id)
        if container is None or found is None:
            return Outcome("invalid_action")
        asked = {"action_id": action_id, "block_id": found[0]["block_id"], "value": typed}
        ack = self.deliver("interactive", self._interaction("block_suggestion", user, container) | asked)
        return Outcome(ack.error, answers.TROUBLE if ack.error else "", ack=ack)

    # -- modals and the Home tab

    def submit_view(self, user: str, view_id: str, inputs: Mapping[str, Mapping[str, Any]] | None = None) -> Outcome:
        """Submit a modal.

        Args:
            user: Who does it.
            view_id: Which modal.
            inputs: Block id to action id to what was chosen or typed (see `elements.chosen`); what is left out
                keeps its initial value.
        """
        view = self.view(view_id)
        if view is None or view.user != user or view.type != "modal":
            return Outcome("view_not_found")
        state, missing = elements.filled(view, inputs or {})
        view = replace(view, state=state, errors=missing)
        self.put_view(view)
        if missing:
            return Outcome(errors=missing)
        urls = payloads.response_urls(self, view, user)
        payload = payloads.interaction(self, "view_submission", user, view) | {"response_urls": urls}
        ack = self.deliver("interactive", payload)
        if ack.error:
            return Outcome(ack.error, answers.TROUBLE, ack=ack)
        return answers.submission_answered(self, ack, view)

    def close_view(self, user: str, view_id: str, *, all_of_them: bool = False) -> Outcome:
        """Close the modal on top (or the whole stack); the app hears of it when it asked to."""
        stack = self.modals(user)
        if not any(view.id == view_id for view in stack):
            return Outcome("view_not_found")
        gone = self.drop_views(user, count=None if all_of_them else len(stack) - [v.id for v in stack].index(view_id))
        ack = None
        for view in gone:
            if view.body.get("notify_on_close"):
                told = payloads.interaction(self, "view_closed", user, view) | {"is_cleared": all_of_them}
                ack = self.deliver("interactive", told)
        return Outcome(ack=ack)

    def open_home(self, user: str, *, tab: str = "home") -> Outcome:
        """Open the app's page; the app is told by `app_home_opened` and publishes what it wants to show."""
        event: Json = {"type": "app_home_opened", "user": user, "channel": self.direct(user).id, "tab": tab}
        if view := self.home(user):
            event["view"] = view_json(view)
        return self.send_event(event)

    # -- membership

    def invite(self, channel: str, user: str = BOT) -> Outcome:
        """Make somebody (by default the bot) a member."""
        return self._members(channel, user, joins=True)

    def remove(self, channel: str, user: str = BOT) -> Outcome:
        """Take somebody (by default the bot) out of a channel."""
        return self._members(channel, user, joins=False)

    def archive(self, channel: str, *, archived: bool = True) -> Outcome:
        """Archive a channel, or bring it back."""
        where = self.channel(channel)
        if where is None:
            return Outcome("channel_not_found")
        self.put_channel(replace(where, is_archived=archived))
        return self.send_event({"type": "channel_archive" if archived else "channel_unarchive", "channel": where.id})

    def send_event(self, event: Json, *, subscribed_as: str = "") -> Outcome:
        """Send an event of the Events API to the app, if it subscribes to it."""
        if (subscribed_as or event["type"]) not in self.events:
            return Outcome()
        ack = self.deliver("events_api", payloads.event(self, event))
        return Outcome(ack=ack)

    # -- inside

    def _built_in(self, user: str, where: Channel, command: str, text: str) -> Outcome:
        """Slack's own `/invite @name` and `/remove @name`."""
        name = text.strip().removeprefix("@")
        found = next((each for each in self.users() if name and each.name == name), None)
        if found is None:
            return self._slackbot(user, where.id, f"There is nobody called {answers.escape(name)}.", "user_not_found")
        return self.invite(where.id, found.id) if command == "/invite" else self.remove(where.id, found.id)

    def _members(self, channel: str, user: str, *, joins: bool) -> Outcome:
        where = self.channel(channel)
        if where is None:
            return Outcome("channel_not_found")
        members = where.members | {user} if joins else where.members - {user}
        self.put_channel(replace(where, members=members))
        kind = "member_joined_channel" if joins else "member_left_channel"
        letter = "G" if where.is_private else "C"
        return self.send_event({"type": kind, "user": user, "channel": where.id, "channel_type": letter, "team": TEAM})

    def _tell_of_change(self, before: Message, after: Message, where: Channel) -> None:
        kind = _kind(where)
        event = {
            "type": "message",
            "subtype": "message_changed",
            "hidden": True,
            "channel": where.id,
            "channel_type": kind,
            "ts": self.next_ts(),
            "message": message_json(after),
            "previous_message": message_json(before),
        }
        if BOT in where.members:
            self.send_event(event | {"event_ts": event["ts"]}, subscribed_as=_SUBSCRIPTIONS[kind])

    def _tell_of_message(self, said: Message, where: Channel) -> None:
        kind = _kind(where)
        event = message_json(said) | {"channel": where.id, "event_ts": said.ts, "channel_type": kind}
        if BOT in where.members:
            self.send_event(event, subscribed_as=_SUBSCRIPTIONS[kind])
        if f"<@{BOT}>" in said.text and not where.is_im and BOT in where.members:
            self.send_event(
                {key: value for key, value in event.items() if key != "channel_type"} | {"type": "app_mention"}
            )

    def _slackbot(self, user: str, channel: str, text: str, error: str) -> Outcome:
        told = self.post(Message(channel, "", SLACKBOT, text, ephemeral_to=user))
        return Outcome(error, text, ts=told.ts)

    def _container(
        self, user: str, channel: str, ts: str, view_id: str
    ) -> tuple[tuple[Json, ...], Message | View | None]:
        if view_id:
            view = self.view(view_id)
            mine = view if view and view.user == user else None
            return (tuple(mine.body["blocks"]) if mine else ()), mine
        message = self.message(channel, ts)
        if message is None or message.ephemeral_to not in {"", user}:
            return (), None
        inside = (block for attachment in message.attachments for block in attachment.get("blocks", ()))
        return (*message.blocks, *inside), message

    def _remember(self, user: str, container: Message | View, block: Json, element: Json, part: Json) -> None:
        """What is chosen in a message or view comes along with the next interaction, as `state`."""
        if element["type"] in {"button", "overflow"}:
            return
        entry = {"type": element["type"], **part}
        if isinstance(container, View):
            state = {name: dict(values) for name, values in container.state.items()}
            state.setdefault(block["block_id"], {})[element["action_id"]] = entry
            self.put_view(replace(container, state=state))
            return
        with self.lock:
            kept = self._states.setdefault((user, f"{container.channel}/{container.ts}"), {})
            kept.setdefault(block["block_id"], {})[element["action_id"]] = entry
            while len(self._states) > _MOST_STATES:
                self._states.pop(next(iter(self._states)))

    def _interaction(self, kind: str, user: str, container: Message | View) -> Json:
        if isinstance(container, View):
            return payloads.interaction(self, kind, user, self.view(container.id) or container)
        with self.lock:
            chosen = deepcopy(self._states.get((user, f"{container.channel}/{container.ts}"), {}))
        return payloads.interaction(self, kind, user, container, chosen=chosen)
