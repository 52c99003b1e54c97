"""What is in the workspace right now? Thread-safe; every change is told to whoever listens."""

import secrets
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from queue import SimpleQueue
from threading import RLock
from typing import Any

from bot.sandbox import wall
from bot.sandbox.model import (
    BOT,
    DEFAULT_COMMANDS,
    Change,
    Channel,
    Command,
    File,
    Message,
    User,
    View,
    default_channels,
    default_users,
)
from bot.sandbox.wire import snapshot

_MICROSECONDS = 1_000_000
_MOST_MESSAGES = 20_000  # a channel; the oldest is forgotten first


def new_id(prefix: str) -> str:
    """An id of Slack's kind that was not there before."""
    return prefix + secrets.token_hex(5).upper()


class State:
    """People, channels, messages, views and files of one workspace.

    Everything handed out is immutable (or must be treated so): to change it, call a method.
    """

    def __init__(
        self,
        *,
        users: Iterable[User] | None = None,
        channels: Iterable[Channel] | None = None,
        commands: Iterable[Command] = DEFAULT_COMMANDS,
        clock: Callable[[], float] = wall.now,
    ) -> None:
        self.now = clock
        self.commands = {command.name: command for command in commands}
        self.lock = RLock()
        self._users = {user.id: user for user in (default_users() if users is None else users)}
        self._channels = {channel.id: channel for channel in (default_channels() if channels is None else channels)}
        self._messages: dict[str, dict[str, Message]] = {channel: {} for channel in self._channels}
        self._views: dict[str, View] = {}
        self._stacks: dict[str, list[str]] = {}
        self._homes: dict[str, str] = {}
        self._files: dict[str, File] = {}
        self._listeners: list[Callable[[Change], None]] = []
        self._queues: dict[int, Callable[[], None]] = {}
        self._last_ts = 0

    # -- who and where

    @property
    def bot(self) -> User:
        """The app's bot user."""
        return self._users[BOT]

    def users(self) -> list[User]:
        """Everybody, people first."""
        with self.lock:
            return sorted(self._users.values(), key=lambda user: user.is_bot)

    def user(self, user_id: str) -> User | None:
        """The person or bot with this id."""
        with self.lock:
            return self._users.get(user_id)

    def channels(self) -> list[Channel]:
        """All conversations, in the order they were made."""
        with self.lock:
            return list(self._channels.values())

    def channel(self, id_or_name: str) -> Channel | None:
        """The conversation with this id, or with this name (with or without `#`)."""
        with self.lock:
            if found := self._channels.get(id_or_name):
                return found
            name = id_or_name.removeprefix("#")
            return next((each for each in self._channels.values() if each.name and each.name == name), None)

    def direct(self, user_id: str) -> Channel:
        """The direct message between a person and the app, made when it is not there."""
        with self.lock:
            for channel in self._channels.values():
                if channel.is_im and channel.user == user_id:
                    return channel
            made = Channel(new_id("D"), "", frozenset({user_id, BOT}), is_im=True, user=user_id)
            return self.put_channel(made)

    def put_channel(self, channel: Channel) -> Channel:
        """Add a conversation, or replace it (members, archived, renamed)."""
        with self.lock:
            self._channels[channel.id] = channel
            self._messages.setdefault(channel.id, {})
        self.tell(Change("channel", channel=channel.id))
        return channel

    def put_user(self, user: User) -> User:
        """Add somebody, or change them."""
        with self.lock:
            self._users[user.id] = user
        return user

    # -- messages

    def next_ts(self) -> str:
        """A `ts` later than any before."""
        with self.lock:
            self._last_ts = max(int(self.now() * _MICROSECONDS), self._last_ts + 100)
            seconds, micros = divmod(self._last_ts, _MICROSECONDS)
            return f"{seconds}.{micros:06d}"

    def post(self, message: Message) -> Message:
        """Put a message into its channel; an empty `ts` is filled in."""
        with self.lock:
            message = message if message.ts else replace(message, ts=self.next_ts())
            kept = self._messages[message.channel]
            kept[message.ts] = message
            if len(kept) > _MOST_MESSAGES:
                del kept[min(kept)]
        seen_by = message.ephemeral_to
        self.tell(Change("ephemeral" if seen_by else "message", channel=message.channel, ts=message.ts, user=seen_by))
        return message

    def change(self, message: Message) -> Message:
        """Replace a message that is there by this one."""
        with self.lock:
            self._messages[message.channel][message.ts] = message
        self.tell(Change("changed", channel=message.channel, ts=message.ts, user=message.ephemeral_to))
        return message

    def delete(self, channel: str, ts: str) -> None:
        """Take a message away, if it is there."""
        with self.lock:
            gone = self._messages[channel].pop(ts, None)
        if gone:
            self.tell(Change("deleted", channel=channel, ts=ts, user=gone.ephemeral_to))

    def message(self, channel: str, ts: str) -> Message | None:
        """One message, ephemeral ones too."""
        with self.lock:
            return self._messages.get(channel, {}).get(ts)

    def messages(self, channel: str, *, seen_by: str | None = None) -> list[Message]:
        """The messages of a channel, oldest first, thread replies among them.

        Args:
            channel: Its id.
            seen_by: Leave out the ephemeral messages that this person does not see; `""` leaves out all of
                them, None leaves out nothing.
        """
        with self.lock:
            everything = sorted(self._messages.get(channel, {}).values(), key=lambda message: message.ts)
        if seen_by is None:
            return everything
        return [message for message in everything if message.ephemeral_to in {"", seen_by}]

    def replies(self, channel: str, thread_ts: str, *, seen_by: str = "") -> list[Message]:
        """The replies in one thread, oldest first, without the message that began it."""
        found = self.messages(channel, seen_by=seen_by)
        return [message for message in found if message.thread_ts == thread_ts and message.ts != thread_ts]

    # -- views

    def view(self, view_id: str) -> View | None:
        """One view."""
        with self.lock:
            return self._views.get(view_id)

    def modals(self, user: str) -> list[View]:
        """The modals a person has before them; the last is on top."""
        with self.lock:
            return [self._views[view_id] for view_id in self._stacks.get(user, [])]

    def home(self, user: str) -> View | None:
        """The app's Home tab of a person, once published."""
        with self.lock:
            return self._views.get(self._homes.get(user, ""))

    def put_view(self, view: View, *, push: bool = False) -> View:
        """Save a view; `push` lays a modal on top of the person's stack."""
        with self.lock:
            self._views[view.id] = view
            if view.type == "home":
                self._homes[view.user] = view.id
            elif push:
                self._stacks.setdefault(view.user, []).append(view.id)
        self.tell(Change("home" if view.type == "home" else "view", user=view.user, view_id=view.id))
        return view

    def drop_views(self, user: str, *, count: int | None = None) -> list[View]:
        """Take the upper `count` modals (default: all) from a person's stack; the uppermost comes first."""
        with self.lock:
            stack = self._stacks.get(user, [])
            gone = list(reversed(stack if count is None else stack[len(stack) - count :]))
            del stack[len(stack) - len(gone) :]
            dropped = [self._views.pop(view_id) for view_id in gone]
        self.tell(Change("view", user=user))
        return dropped

    def views(self) -> Mapping[str, View]:
        """All views there are, by id."""
        with self.lock:
            return dict(self._views)

    # -- files

    def put_file(self, file: File) -> File:
        """Save a file."""
        with self.lock:
            self._files[file.id] = file
        self.tell(Change("file"))
        return file

    def file(self, file_id: str) -> File | None:
        """One file."""
        with self.lock:
            return self._files.get(file_id)

    def drop_file(self, file_id: str) -> None:
        """Delete a file."""
        with self.lock:
            self._files.pop(file_id, None)

    # -- who listens

    def listen(self, told: Callable[[Change], None]) -> Callable[[], None]:
        """Call `told` at every change, in the thread that made it; returns how to stop.

        From asyncio: `listen(lambda change: loop.call_soon_threadsafe(queue.put_nowait, change))`.
        """
        with self.lock:
            self._listeners.append(told)

        def stop() -> None:
            with self.lock:
                if told in self._listeners:
                    self._listeners.remove(told)

        return stop

    def subscribe(self) -> SimpleQueue[Change]:
        """A queue that receives every change from now on; give it back with `unsubscribe`."""
        queue: SimpleQueue[Change] = SimpleQueue()
        stop = self.listen(queue.put)
        with self.lock:
            self._queues[id(queue)] = stop
        return queue

    def unsubscribe(self, queue: SimpleQueue[Change]) -> None:
        """Send nothing more to this queue."""
        with self.lock:
            stop = self._queues.pop(id(queue), None)
        if stop:
            stop()

    def tell(self, change: Change) -> None:
        """Tell all who listen."""
        with self.lock:
            listeners = list(self._listeners)
        for told in listeners:
            told(change)

    def close(self) -> None:
        """Tell all who listen that nothing more will come."""
        self.tell(Change("closed"))

    def snapshot(self) -> dict[str, Any]:
        """Everything, as JSON: for tests and outside checks."""
        return snapshot(self)
