"""How is the page of Teams laid out: chats and channels, the conversation, a thread beside it, the composer below?"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass

from bot.sandbox.page.icons import avatar, icon
from bot.sandbox.page.platforms import platforms
from bot.sandbox.page.tags import Html, joined, tag
from bot.sandbox.page.teams.card import draw
from bot.sandbox.page.teams.clients import Client
from bot.sandbox.page.teams.inputs import Filling
from bot.sandbox.page.teams.messages import Reader
from bot.sandbox.teams.model import Dialog, Place

PRODUCT = "Teams stand-in"
_LABEL = "A local stand-in for Teams"

# How much is new in a conversation, by its id.
Unread = Callable[[str], int]


@dataclass(frozen=True, slots=True)
class Shown:
    """What the page shows: a conversation, with a thread of it beside it."""

    place: Place
    thread: str = ""


def document(reader: Reader, shown: Shown, unread: Unread, banner: str | None) -> Html:
    """The whole page."""
    title = f"{reader.title(shown.place)} · {PRODUCT}"
    sheets = ("/page/assets/page.css", "/page/assets/blocks.css", "/teams/assets/teams.css")
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", name="color-scheme", content="light dark"),
        tag("title", title),
        tag("link", rel="icon", href="/page/assets/icon.svg", type="image/svg+xml"),
        *(tag("link", rel="stylesheet", href=each) for each in sheets),
        tag("script", src="/teams/assets/teams.js", type="module"),
    )
    body = tag(
        "body",
        tag("a", "Skip to the messages", href="#conversation", class_="skip"),
        tag("div", sidebar(reader, shown, unread), id="sidebar", class_="sidebar"),
        tag("div", class_="veil", data_veil=True),
        _conversation(reader, shown, banner),
        _thread(reader, shown) if shown.thread else None,
        tag("dialog", id="modal", aria_labelledby="modal-title"),
        tag("div", id="toast", role="status", aria_live="polite"),
        tag("div", id="announcer", class_="unseen", aria_live="polite"),
        class_="teams with-thread" if shown.thread else "teams",
        data_place=shown.place.id,
        data_kind=shown.place.kind,
        data_thread=shown.thread,
        data_bot=reader.tenant.bot_name,
        data_user=reader.user,
    )
    return Html("<!doctype html>\n" + tag("html", head, body, lang="en"))


def sidebar(reader: Reader, shown: Shown, unread: Unread) -> Html:
    """Where one can go, what is new there, and how much there is that Teams would not show."""
    tenant = reader.tenant
    mine = [each for each in tenant.places() if reader.user in each.members]
    if not any(each.kind == "personal" for each in mine):
        mine.append(tenant.personal(reader.user))
    chats = [each for each in mine if each.kind != "channel"]
    lists = [_section("Chat", [_link(reader, each, shown, unread(each.id)) for each in chats])]
    for team in tenant.teams():
        channels = [each for each in mine if each.team == team.id]
        lists.append(_section(team.name, [_link(reader, each, shown, unread(each.id)) for each in channels]))
    head = tag(
        "div",
        tag("span", icon("flask"), class_="emblem", aria_hidden="true"),
        tag("div", tag("strong", PRODUCT), tag("small", _LABEL), class_="titles"),
        class_="workspace",
    )
    count = len(tenant.complaints())
    words = f"{count} thing{'s' if count != 1 else ''} Teams would not show"
    told = tag("a", words, href="/teams/complaints", class_="told") if count else None
    name = reader.name(reader.user)
    presence = tag("span", class_="presence", title="Here")
    me = tag("div", tag("div", avatar(name, "person"), tag("span", name), presence, class_="me"), class_="people")
    return joined([head, platforms("teams"), tag("nav", *lists, aria_label="Conversations"), told, me])


def _section(title: str, entries: list[Html]) -> Html:
    return joined([tag("h2", title), tag("ul", *entries)])


def _link(reader: Reader, place: Place, shown: Shown, unread: int) -> Html:
    is_here = place.id == shown.place.id
    title = reader.title(place)
    sign = avatar(title, "app") if place.kind == "personal" else icon("people" if place.kind == "groupChat" else "hash")
    current = "page" if is_here else None
    address = f"/teams/c/{place.id}"
    name = tag("span", title, class_="name")
    classes, count = ("here", None) if is_here else ("new", _count(unread)) if unread else (None, None)
    return tag("li", tag("a", sign, name, count, href=address, class_=classes, aria_current=current))


def _count(unread: int) -> Html:
    number = tag("span", "99+" if unread > 99 else str(unread), aria_hidden="true")
    said = tag("span", f", {unread} new message{'s' if unread != 1 else ''}", class_="unseen")
    return tag("span", number, said, class_="unread")


def _conversation(reader: Reader, shown: Shown, banner: str | None) -> Html:
    place = shown.place
    articles = [article for _, article in reader.history(place)]
    log = tag("div", *articles, id="messages", role="log", aria_label="Messages", aria_live="off")
    return tag(
        "main",
        _head(reader, place),
        tag("p", banner, class_="banner", role="note") if banner else None,
        tag("div", log, class_="scroll", id="scroll", tabindex=0),
        composer(reader, place),
        id="conversation",
    )


def _head(reader: Reader, place: Place) -> Html:
    opener = tag(
        "button", icon("menu"), type="button", class_="button ghost", id="menu", aria_label="Conversations",
        aria_expanded="false", aria_controls="sidebar",
    )  # fmt: skip
    team = reader.tenant.team(place.team)
    under = tag("p", team.name, class_="topic") if team else None
    count = tag(
        "span", icon("people"), str(len(place.members)), class_="members", title=f"{len(place.members)} members"
    )
    titles = tag("div", tag("h1", reader.title(place)), under, class_="titles")
    return tag("header", opener, titles, _client(reader.client), count, class_="head")


def _client(drawn_by: Client) -> Html:
    """As which client the cards are drawn."""
    options = [tag("option", each.called, value=each.value, selected=each is drawn_by) for each in Client]
    select = tag("select", *options, id="client", class_="select")
    return tag("label", tag("span", "Cards as in", class_="what"), select, class_="client")


def composer(reader: Reader, place: Place) -> Html:
    """Where one types: `@` names the bot, and `/` lists its commands where it is not alone with the person."""
    tenant = reader.tenant
    if not place.has_bot:
        add = tag("button", "Add", type="button", class_="button primary", data_install=True)
        return tag("p", f"{tenant.bot_name} is not installed here. ", add, class_="archived")
    commands = [{"name": name, "description": what} for name, what in tenant.commands]
    keys = "the bot hears what mentions it: "
    hint = tag("p", tag("kbd", "Enter"), " sends", *(
        ["; ", keys, tag("kbd", "@"), "; ", tag("kbd", "/"), " lists its commands, only you see the answer"]
        if place.kind != "personal" else []), class_="hint keys")  # fmt: skip
    return tag(
        "form",
        tag("ul", id="completions", role="listbox", aria_label="Commands", hidden=True),
        tag(
            "div",
            _area("composer", f"Message {reader.title(place)}", completes="completions"),
            _send("Send"),
            class_="box",
        ),
        hint,
        id="composer",
        class_="composer",
        data_commands=json.dumps(commands),
    )


def _area(name: str, label: str, completes: str | None = None) -> Html:
    """A place to write in; what is typed at `completes` is offered there."""
    offers = {"role": "combobox", "aria_autocomplete": "list", "aria_expanded": "false", "aria_controls": completes}
    return tag("textarea", name=name, rows=1, placeholder=label, aria_label=label, maxlength=12000,
               **(offers if completes else {}))  # fmt: skip


def _send(label: str) -> Html:
    return tag("button", icon("send"), type="submit", class_="button send", aria_label=label)


def _thread(reader: Reader, shown: Shown) -> Html:
    drawn = [article for _, article in reader.thread(shown.place, shown.thread)]
    cross = tag(
        "a", icon("close"), href=f"/teams/c/{shown.place.id}", class_="button ghost", aria_label="Close the thread"
    )
    titles = tag("div", tag("h2", "Thread"), tag("small", reader.title(shown.place)), class_="titles")
    log = tag("div", *drawn, id="thread-messages", role="log", aria_label="Replies", aria_live="off")
    form = tag("form", tag("div", _area("reply", "Reply"), _send("Send the reply"), class_="box"), class_="composer",
               id="reply")  # fmt: skip
    scroll = tag("div", log, class_="scroll", tabindex=0)
    return tag("aside", tag("header", titles, cross, class_="head"), scroll, form, id="thread", aria_label="Thread")


def dialog(found: Dialog | None, app: str, client: Client = Client.NEWEST) -> Html:
    """What is open over the conversation; empty when nothing is."""
    if found is None:
        return Html()
    cross = tag("button", icon("close"), type="button", class_="button ghost", data_close=True, aria_label="Close")
    head = tag(
        "header", avatar(app, "app"), tag("h2", found.title or app, id="modal-title"), cross, class_="modal-head"
    )
    if found.card is None:
        inside = tag("p", found.message)
    else:
        filling = Filling("dialog", found.filled, found.errors)
        inside = tag(
            "div", draw(found.card, filling, client), tag("p", class_="notice pressing", role="alert", hidden=True)
        )
    return tag("div", head, tag("div", inside, class_="modal-body content", data_dialog=True), class_="modal")
