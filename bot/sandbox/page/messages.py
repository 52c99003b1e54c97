"""How does a message look, in its channel and in its thread?"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from bot.sandbox.model import BOT, SLACKBOT, YOU, Channel, File, Message, User
from bot.sandbox.page.attachments import attachment
from bot.sandbox.page.blocks import Surface, draw
from bot.sandbox.page.emoji import emoji
from bot.sandbox.page.icons import avatar, icon
from bot.sandbox.page.markup import mrkdwn
from bot.sandbox.page.names import Names
from bot.sandbox.page.tags import Html, joined, tag
from bot.sandbox.workspace import Workspace

# Messages of one author within five minutes stand under one name.
_TOGETHER = 300.0
_SHOWN = 200


@dataclass(frozen=True, slots=True)
class Reader:
    """Somebody looking at a workspace; `beside` says whether Teams is shown beside it."""

    workspace: Workspace
    user: str = YOU
    beside: bool = False

    def people(self) -> list[User]:
        """Who may look: the people of the workspace itself."""
        users = self.workspace.users()
        return [each for each in users if not (each.is_bot or each.deleted or each.team or each.id == SLACKBOT)]

    def as_seen_by(self, user: str) -> Reader:
        """The one who looks, if it is one of them; else this one."""
        return replace(self, user=user) if any(each.id == user for each in self.people()) else self

    def names(self) -> Names:
        """What everything is called."""
        workspace = self.workspace
        users = {user.id: user.real_name or user.name for user in workspace.users()}
        channels = {each.id: each.name or self.title(each) for each in workspace.channels()}
        return Names(users, channels, self.user)

    def title(self, channel: Channel) -> str:
        """What a conversation is called: its name, or who is on the other side."""
        return self.workspace.bot.real_name if channel.is_im else channel.name

    def visible(self, channel: str) -> list[Message]:
        """What stands in the channel itself: no replies, unless they were sent to the channel too."""
        everything = self.workspace.messages(channel, seen_by=self.user)
        return [each for each in everything if not is_reply(each) or each.broadcast][-_SHOWN:]

    def history(self, channel: str) -> list[tuple[str, Html]]:
        """The channel's messages drawn, oldest first, by `ts`."""
        before: Message | None = None
        threads: dict[str, list[Message]] = {}
        for message in self.workspace.messages(channel, seen_by=self.user):
            if is_reply(message):
                threads.setdefault(message.thread_ts, []).append(message)
        drawn = []
        for message in self.visible(channel):
            replies = threads.get(message.ts, [])
            drawn.append((message.ts, self.article(message, follows=_continues(before, message), replies=replies)))
            before = message
        return drawn

    def one(self, message: Message) -> Html:
        """A message of the channel, drawn as it stands among the others."""
        earlier = [each for each in self.visible(message.channel) if each.ts < message.ts]
        replies = self.workspace.replies(message.channel, message.ts, seen_by=self.user)
        return self.article(message, follows=_continues(earlier[-1] if earlier else None, message), replies=replies)

    def thread(self, channel: str, root_ts: str) -> list[tuple[str, Html]]:
        """A thread's first message and its replies."""
        root = self.workspace.message(channel, root_ts)
        replies = self.workspace.replies(channel, root_ts, seen_by=self.user)
        seen = [root, *replies] if root and root.ephemeral_to in {"", self.user} else replies
        return [(each.ts, self.article(each, in_thread=True)) for each in seen]

    def article(
        self, message: Message, *, follows: bool = False, in_thread: bool = False, replies: Sequence[Message] = ()
    ) -> Html:
        """One message; `replies` are those counted below it."""
        names = self.names()
        is_ephemeral = bool(message.ephemeral_to)
        parts = joined(
            [
                tag("div", self._avatar(message), class_="side"),
                tag(
                    "div",
                    _only_you(message) if is_ephemeral else None,
                    self._byline(message),
                    content(message, names, self.workspace),
                    _reactions(message, names),
                    self._replies(message, replies) if replies and not in_thread else None,
                    class_="main",
                ),
                None if in_thread or is_ephemeral or is_reply(message) else self._actions(message),
            ]
        )
        classes = ["message"] + ["follows"] * follows + ["ephemeral"] * is_ephemeral
        return tag(
            "article",
            parts,
            class_=" ".join(classes),
            data_ts=message.ts,
            data_channel=message.channel,
            data_author=message.user,
            data_ephemeral=is_ephemeral,
            data_version=hashlib.sha256(parts.encode()).hexdigest()[:12],
            aria_label=f"Message from {self._author(message)}",
        )

    def _author(self, message: Message) -> str:
        user = self.workspace.user(message.user)
        return message.username or (user.real_name or user.name if user else message.user)

    def _avatar(self, message: Message) -> Html:
        is_bot = message.user == BOT or bool(message.bot_id)
        return avatar(self._author(message), "app" if is_bot else "system" if message.user == SLACKBOT else "person")

    def _byline(self, message: Message) -> Html:
        is_app = bool(message.bot_id) or message.user == BOT
        return tag(
            "header",
            tag("strong", self._author(message), class_="author"),
            tag("span", "APP", class_="badge") if is_app else None,
            stamp(message.ts, f"/c/{message.channel}#{message.ts}"),
            class_="byline",
        )

    def _actions(self, message: Message) -> Html:
        reply = tag(
            "a",
            icon("thread"),
            href=f"/c/{message.channel}?thread={message.ts}",
            data_thread=message.ts,
            aria_label="Reply in thread",
            title="Reply in thread",
        )
        shortcuts = [
            tag(
                "button",
                icon("bolt"),
                type="button",
                data_shortcut=each.callback_id,
                aria_label=each.name,
                title=each.name,
            )
            for each in self.workspace.shortcuts.values()
            if each.kind == "message"
        ]
        return tag("div", *shortcuts, reply, class_="hover-actions")

    def _replies(self, message: Message, replies: Sequence[Message]) -> Html:
        count = len(replies)
        last = replies[-1]
        users = list(dict.fromkeys(self._author(each) for each in replies))[:3]
        faces = [avatar(name, "app" if name == self.workspace.bot.real_name else "person") for name in users]
        label = tag("span", f"{count} {'reply' if count == 1 else 'replies'}", class_="count")
        when = tag("span", "Last reply ", _time(last.ts, "{ago}"), class_="last")
        return tag(
            "a",
            tag("span", *faces, class_="faces"),
            label,
            when,
            class_="replies",
            href=f"/c/{message.channel}?thread={message.ts}",
            data_thread=message.ts,
        )


def is_reply(message: Message) -> bool:
    """Whether it stands in a thread below another."""
    return bool(message.thread_ts) and message.thread_ts != message.ts


def content(message: Message, names: Names, workspace: Workspace) -> Html:
    """What the message says: its blocks, or its text where it has none, then attachments and files."""
    surface = Surface(names)
    edited = tag("span", "(edited)", class_="edited") if message.edited else None
    drawn = draw(message.blocks, surface) if message.blocks else None
    if drawn is None and message.text:
        drawn = tag("div", mrkdwn(message.text, names), " " if edited else None, edited, class_="text")
        edited = None
    attachments = [attachment(each, surface) for each in message.attachments]
    files = [_file(file) for each in message.files if (file := workspace.file(each))]
    return tag("div", drawn, *attachments, *files, edited, class_="content")


def stamp(ts: str, address: str) -> Html:
    """When a message was sent, leading to it."""
    return tag("a", _time(ts, "{time}"), href=address, class_="stamp")


def _time(ts: str, form: str) -> Html:
    try:
        seconds = int(float(ts))
        at = datetime.fromtimestamp(seconds, tz=UTC)
    except (ValueError, OverflowError, OSError):
        return tag("time", ts)
    return tag("time", f"{at:%H:%M}", datetime=at.isoformat(), data_seconds=seconds, data_form=form)


def _continues(before: Message | None, message: Message) -> bool:
    if before is None or message.ephemeral_to or before.ephemeral_to or before.user != message.user:
        return False
    if message.blocks or message.attachments:
        return False
    return not message.username and float(message.ts) - float(before.ts) < _TOGETHER


def _only_you(message: Message) -> Html:
    dismiss = tag("button", "Dismiss", type="button", class_="link", data_dismiss=message.ts)
    return tag("div", icon("eye"), "Only visible to you", tag("span", "·", class_="dot"), dismiss, class_="only-you")


def _reactions(message: Message, names: Names) -> Html | None:
    if not message.reactions:
        return None
    pills = []
    for name, users in message.reactions.items():
        who = ", ".join(names.users.get(user, user) for user in users)
        pills.append(tag("li", emoji(name), f" {len(users)}", title=who))
    return tag("ul", *pills, class_="reactions", aria_label="Reactions")


def _file(file: File) -> Html:
    address = f"/page/files/{file.id}"
    if file.mimetype.startswith("image/"):
        caption = tag("figcaption", file.title or file.name)
        return tag("figure", caption, tag("img", src=address, alt=file.alt_text or file.title, class_="picture"))
    return tag("a", icon("file"), file.title or file.name, href=address, class_="file", download=file.name)
