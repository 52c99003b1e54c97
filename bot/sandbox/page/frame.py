"""How is the page laid out: the sidebar, the conversation, a thread beside it, the composer below?"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.sandbox.model import BOT, Channel
from bot.sandbox.page.icons import avatar, icon
from bot.sandbox.page.messages import Reader
from bot.sandbox.page.platforms import platforms
from bot.sandbox.page.tags import Html, joined, tag
from bot.sandbox.page.views import home

PRODUCT = "Workspace stand-in"
_LABEL = "A local stand-in for Slack"


@dataclass(frozen=True, slots=True)
class Shown:
    """What the page shows: a channel (with a thread of it), or the app's Home tab."""

    channel: Channel
    thread: str = ""
    is_home: bool = False


def document(reader: Reader, shown: Shown, unread: Mapping[str, int], banner: str | None) -> Html:
    """The whole page."""
    title = reader.title(shown.channel)
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", name="color-scheme", content="light dark"),
        tag("title", f"{'' if shown.channel.is_im else '#'}{title} · {PRODUCT}"),
        tag("link", rel="icon", href="/page/assets/icon.svg", type="image/svg+xml"),
        tag("link", rel="stylesheet", href="/page/assets/page.css"),
        tag("link", rel="stylesheet", href="/page/assets/blocks.css"),
        *(tag("script", src=f"/page/assets/{name}.js", type="module") for name in ("page",)),
    )
    body = tag(
        "body",
        tag("a", "Skip to the messages", href="#conversation", class_="skip"),
        tag("div", sidebar(reader, shown, unread), id="sidebar", class_="sidebar"),
        tag("div", class_="veil", data_veil=True),
        _conversation(reader, shown, banner),
        thread_pane(reader, shown.channel, shown.thread) if shown.thread else _closed_pane(),
        tag("dialog", id="modal", aria_labelledby="modal-title"),
        tag("dialog", id="confirm", aria_labelledby="confirm-title"),
        tag("div", id="toast", role="status", aria_live="polite"),
        tag("div", id="announcer", class_="unseen", aria_live="polite"),
        data_channel=shown.channel.id,
        data_home=shown.is_home,
        data_user=reader.user,
    )
    return Html("<!doctype html>\n" + tag("html", head, body, lang="en"))


def sidebar(reader: Reader, shown: Shown, unread: Mapping[str, int]) -> Html:
    """Where one can go, and where there is something new."""
    mine = [each for each in reader.workspace.channels() if reader.user in each.members]
    rooms = [each for each in mine if not each.is_im]
    apps = [each for each in mine if each.is_im]
    head = tag(
        "div",
        tag("span", icon("flask"), class_="emblem", aria_hidden="true"),
        tag("div", tag("strong", PRODUCT), tag("small", _LABEL), class_="titles"),
        class_="workspace",
    )
    lists = tag(
        "nav",
        _section("Channels", [_room(each, shown, unread.get(each.id, 0)) for each in rooms]),
        _section("Apps", [_app(reader, each, shown, unread.get(each.id, 0)) for each in apps]),
        aria_label="Conversations",
    )
    return joined([head, platforms("slack") if reader.beside else None, lists, _people(reader)])


def _people(reader: Reader) -> Html:
    """Who looks, with the locale that the app is told of; and who else could."""
    rows = []
    for person in reader.people():
        is_me = person.id == reader.user
        name = person.real_name or person.name
        presence = tag("span", class_="presence", title="Here") if is_me else None
        row = (avatar(name, "person"), tag("span", name), tag("small", person.locale), presence)
        label = None if is_me else f"Look as {name}, whose locale is {person.locale}"
        rows.append(
            tag("a", *row, href=f"/as/{person.id}", class_="me", title=label, aria_current="true" if is_me else None)
        )
    return tag("div", *rows, class_="people", role="group", aria_label="Who looks")


def _section(title: str, entries: list[Html]) -> Html:
    return joined([tag("h2", title), tag("ul", *entries)])


def _room(channel: Channel, shown: Shown, unread: int) -> Html:
    sign = "archive" if channel.is_archived else "lock" if channel.is_private else "hash"
    is_here = channel.id == shown.channel.id
    return tag("li", _link(f"/c/{channel.id}", icon(sign), channel.name, is_here=is_here, unread=unread))


def _app(reader: Reader, channel: Channel, shown: Shown, unread: int) -> Html:
    is_here = channel.id == shown.channel.id
    face = avatar(reader.title(channel), "app")
    return tag("li", _link(f"/c/{channel.id}", face, reader.title(channel), is_here=is_here, unread=unread, loud=True))


def _link(address: str, sign: Html, name: str, *, is_here: bool, unread: int, loud: bool = False) -> Html:
    count = None
    if unread and not is_here:
        shown = "99+" if unread > 99 else str(unread)
        label = f"{unread} new message" + ("s" if unread != 1 else "")
        count = tag("span", shown, class_="unread loud" if loud else "unread", aria_label=label)
    classes = "here" if is_here else "new" if unread else None
    current = "page" if is_here else None
    return tag("a", sign, tag("span", name, class_="name"), count, href=address, class_=classes, aria_current=current)


def _conversation(reader: Reader, shown: Shown, banner: str | None) -> Html:
    channel = shown.channel
    notice = tag("p", banner, class_="banner", role="note") if banner else None
    if shown.is_home:
        names = reader.names()
        drawn = home(reader.workspace.home(reader.user), names, app=reader.workspace.bot.real_name)
        inside = tag("div", drawn, id="home", class_="scroll", tabindex=0)
        return tag("main", _head(reader, shown), notice, inside, id="conversation")
    articles = [article for _, article in reader.history(channel.id)]
    log = tag(
        "div", _beginning(reader, channel), *articles, id="messages", role="log", aria_label="Messages", aria_live="off"
    )
    below = tag("button", "New messages below ↓", type="button", id="below", hidden=True)
    return tag(
        "main",
        _head(reader, shown),
        notice,
        tag("div", log, class_="scroll", id="scroll", tabindex=0),
        below,
        composer(reader, channel),
        id="conversation",
    )


def _head(reader: Reader, shown: Shown) -> Html:
    channel = shown.channel
    opener = tag(
        "button", icon("menu"), type="button", class_="button ghost", id="menu", aria_label="Conversations",
        aria_expanded="false", aria_controls="sidebar",
    )  # fmt: skip
    if channel.is_im:
        sign = avatar(reader.title(channel), "app")
        under: Html | None = _tabs(channel, shown)
    else:
        sign = icon("archive" if channel.is_archived else "lock" if channel.is_private else "hash")
        under = tag("p", channel.topic, class_="topic") if channel.topic else None
    count = len(channel.members)
    people = (
        tag("span", icon("people"), str(count), class_="members", title=f"{count} members")
        if not channel.is_im
        else None
    )
    title = tag("h1", sign, reader.title(channel))
    return tag("header", opener, tag("div", title, under, class_="titles"), people, class_="head")


def _tabs(channel: Channel, shown: Shown) -> Html:
    def tab(name: str, address: str, *, is_here: bool) -> Html:
        return tag("a", name, href=address, aria_current="page" if is_here else None)

    return tag(
        "nav",
        tab("Home", "/home", is_here=shown.is_home),
        tab("Messages", f"/c/{channel.id}", is_here=not shown.is_home),
        class_="tabs",
        aria_label="App",
    )


def _beginning(reader: Reader, channel: Channel) -> Html:
    title = reader.title(channel)
    if channel.is_im:
        text = f"This is the beginning of your direct messages with {title}."
    else:
        text = f"This is the beginning of #{title}."
    return tag("p", text, class_="beginning")


def composer(reader: Reader, channel: Channel) -> Html:
    """Where one types; what slash commands there are is in an attribute for the script."""
    if channel.is_archived:
        return tag("p", "This channel is archived: nothing more can be written here.", class_="archived")
    title = ("" if channel.is_im else "#") + reader.title(channel)
    commands: list[dict[str, Any]] = [
        {"name": each.name, "description": each.description, "hint": each.usage_hint}
        for each in reader.workspace.commands.values()
    ]
    area = tag(
        "textarea", name="composer", rows=1, placeholder=f"Message {title}", aria_label=f"Message {title}",
        role="combobox", aria_autocomplete="list", aria_expanded="false", aria_controls="completions", maxlength=12000,
    )  # fmt: skip
    send = tag("button", icon("send"), type="submit", class_="button send", aria_label="Send", disabled=True)
    absent = None
    if BOT not in channel.members:
        absent = tag("p", f"{reader.workspace.bot.real_name} is not in this channel.", class_="hint")
    hint = tag("p", tag("kbd", "Enter"), " sends, ", tag("kbd", "Shift Enter"), " breaks the line, ", tag("kbd", "/"),
               " lists the commands, ", tag("kbd", f"@{reader.workspace.bot.name}"), " asks the app",
               class_="hint keys")  # fmt: skip
    return tag(
        "form",
        tag("ul", id="completions", role="listbox", aria_label="Commands", hidden=True),
        tag("div", shortcuts(reader), area, send, class_="box"),
        absent or hint,
        id="composer",
        class_="composer",
        data_commands=json.dumps(commands),
    )


def shortcuts(reader: Reader) -> Html | None:
    """The menu of the app's shortcuts that belong to no message."""
    entries = [
        tag("li", tag("button", each.name, type="button", title=each.description, data_shortcut=each.callback_id))
        for each in reader.workspace.shortcuts.values()
        if each.kind == "global"
    ]
    if not entries:
        return None
    opener = tag("summary", icon("bolt"), class_="button ghost", aria_label="Shortcuts", title="Shortcuts")
    return tag("details", opener, tag("ul", *entries), class_="overflow up shortcuts")


def thread_pane(reader: Reader, channel: Channel, root: str) -> Html:
    """A thread, to be shown beside the conversation."""
    drawn = [article for _, article in reader.thread(channel.id, root)]
    cross = tag("a", icon("close"), href=f"/c/{channel.id}", class_="button ghost", data_close_thread=True,
                aria_label="Close the thread")  # fmt: skip
    where = tag("small", ("" if channel.is_im else "#") + reader.title(channel))
    head = tag("header", tag("div", tag("h2", "Thread"), where, class_="titles"), cross, class_="head")
    area = tag(
        "textarea", name="reply", rows=1, placeholder="Reply…", aria_label="Reply in the thread", maxlength=12000
    )
    send = tag("button", icon("send"), type="submit", class_="button send", aria_label="Send the reply", disabled=True)
    form = None
    if not channel.is_archived:
        form = tag("form", tag("div", area, send, class_="box"), class_="composer", id="reply")
    log = tag("div", *drawn, id="thread-messages", role="log", aria_label="Replies", aria_live="off")
    scroll = tag("div", log, class_="scroll", tabindex=0)
    return tag("aside", head, scroll, form, id="thread", aria_label="Thread", data_thread_of=root)


def _closed_pane() -> Html:
    return tag("aside", id="thread", aria_label="Thread", hidden=True)
