"""How does a message look in a conversation of Teams, and in its thread?"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from bot.sandbox.page.icons import avatar, icon
from bot.sandbox.page.messages import stamp
from bot.sandbox.page.names import local_picture
from bot.sandbox.page.shapes import Json, objects
from bot.sandbox.page.tags import Html, tag
from bot.sandbox.page.teams.card import draw
from bot.sandbox.page.teams.clients import Client
from bot.sandbox.page.teams.inputs import Filling
from bot.sandbox.page.teams.text import message
from bot.sandbox.teams.model import YOU, Place, Post
from bot.sandbox.teams.refreshing import refresh_action, refreshes_itself
from bot.sandbox.teams.tenant import Tenant

_SHOWN = 100
# Replies that stand below their message without the thread being opened.
_LAST_REPLIES = 2
_FLOW = "29:workflows"
_REACTIONS = {"like": "👍", "heart": "❤️", "laugh": "😆", "surprised": "😮", "sad": "🙁", "angry": "😡"}


@dataclass(frozen=True, slots=True)
class Reader:
    """Somebody looking at a tenant, through some client."""

    tenant: Tenant
    user: str = YOU
    client: Client = Client.NEWEST

    def title(self, place: Place) -> str:
        """What a conversation is called."""
        return self.tenant.bot_name if place.kind == "personal" else place.name

    def name(self, account: str) -> str:
        """What somebody is called."""
        if account == self.tenant.bot:
            return self.tenant.bot_name
        person = self.tenant.person(account)
        return person.name if person else "Workflows" if account == _FLOW else account

    def history(self, place: Place) -> list[tuple[str, Html]]:
        """The messages that stand in the conversation itself, oldest first, by their moment."""
        posts = self.tenant.posts(place.id, seen_by=self.user)
        replies: dict[str, list[Post]] = {}
        for post in posts:
            if post.root:
                replies.setdefault(post.root, []).append(post)
        roots = [each for each in posts if not each.root][-_SHOWN:]
        return [(moment(each), self.article(each, place, replies.get(each.id, []))) for each in roots]

    def thread(self, place: Place, root: str) -> list[tuple[str, Html]]:
        """A message and its replies."""
        posts = self.tenant.posts(place.id, seen_by=self.user)
        return [(moment(each), self.article(each, place, None)) for each in posts if root in {each.id, each.root}]

    def article(self, post: Post, place: Place, replies: list[Post] | None) -> Html:
        """One message; the last of its `replies` stand below it, None: it stands in a thread itself."""
        author = self.name(post.sender)
        below: list[Html] = []
        if replies is not None and place.kind == "channel" and not post.targeted_to:
            below = [_below(post, place, len(replies))]
            below += [self._reply(each, place) for each in replies[-_LAST_REPLIES:]]
        parts = self._parts(post, place, "t" if replies is None else "m", below)
        classes = ["message"] + ["ephemeral"] * bool(post.targeted_to) + ["mine"] * (post.sender == self.user)
        version = hashlib.sha256("".join(parts).encode()).hexdigest()[:12]
        return tag(
            "article", *parts, class_=" ".join(classes), data_ts=moment(post), data_id=post.id, data_author=post.sender,
            data_version=version, data_ephemeral=bool(post.targeted_to), aria_label=f"Message from {author}",
        )  # fmt: skip

    def _reply(self, post: Post, place: Place) -> Html:
        """A reply below the message it answers."""
        classes = "message reply ephemeral" if post.targeted_to else "message reply"
        author = self.name(post.sender)
        return tag("div", *self._parts(post, place, "r"), class_=classes, role="article",
                   aria_label=f"Reply from {author}")  # fmt: skip

    def _parts(self, post: Post, place: Place, pane: str, below: Sequence[Html] = ()) -> list[Html]:
        """Who, when, and what was said."""
        is_app = post.sender in {self.tenant.bot, _FLOW}
        author = self.name(post.sender)
        only_you = tag("div", icon("eye"), "Only you can see this", class_="only-you") if post.targeted_to else None
        byline = tag(
            "header",
            tag("strong", author, class_="author"),
            tag("span", "APP", class_="badge") if is_app else None,
            stamp(moment(post), f"/teams/c/{place.id}#{moment(post)}"),
            tag("span", "Edited", class_="edited") if post.edited else None,
            _refresher(post) if refresh_action(post.card_for(self.user)) else None,
            class_="byline",
        )
        side = tag("div", avatar(author, "app" if is_app else "person"), class_="side")
        content = self._content(post, place, pane)
        return [side, tag("div", only_you, byline, content, self._reactions(post), *below, class_="main")]

    def _content(self, post: Post, place: Place, pane: str) -> Html:
        text = post.body.get("text")
        form = str(post.body.get("textFormat") or "markdown")
        said = tag("div", message(text, form), class_="text") if isinstance(text, str) and text else None
        card = post.card_for(self.user)
        drawn = None
        if card is not None:
            settings = card.get("msteams")
            is_wide = isinstance(settings, dict) and str(settings.get("width", "")).lower() == "full"
            inside = draw(card, Filling(f"{pane}{post.id}"), self.client)
            told = tag("p", class_="notice pressing", role="alert", hidden=True)
            drawn = tag(
                "div", inside, told, class_="ac-card wide" if is_wide else "ac-card", data_card=post.id,
                data_refreshes=refreshes_itself(card, self.user, place),
            )  # fmt: skip
        pictures = [_picture(each) for each in objects(post.body.get("attachments"))]
        return tag("div", said, drawn, *pictures, class_="content")

    def _reactions(self, post: Post) -> Html | None:
        if not post.reactions:
            return None
        pills = [
            tag("li", f"{_REACTIONS.get(kind, kind)} {len(who)}", title=", ".join(self.name(each) for each in who))
            for kind, who in post.reactions.items()
        ]
        return tag("ul", *pills, class_="reactions", aria_label="Reactions")


def _picture(attachment: Json) -> Html | None:
    """An image that was attached, where this machine serves it; else its name."""
    if not str(attachment.get("contentType", "")).startswith("image/"):
        return None
    name = str(attachment.get("name") or "picture")
    address = local_picture(str(attachment.get("contentUrl") or ""))
    if address is None:
        return tag("span", name, class_="picture absent", role="img", aria_label=name)
    return tag("img", src=address, alt=name, class_="picture")


def moment(post: Post) -> str:
    """When, in seconds, so that the script sorts by it."""
    return f"{int(post.id) / 1000:.3f}"


def _refresher(post: Post) -> Html:
    """What Teams has in a message's menu for cards that can be refreshed."""
    return tag("button", "Refresh card", type="button", class_="link stamp", data_refresh=post.id)


def _below(post: Post, place: Place, count: int) -> Html:
    """The way into the thread."""
    words = "Reply" if not count else "1 reply" if count == 1 else f"{count} replies"
    address = f"/teams/c/{place.id}?thread={post.id}"
    return tag("a", icon("thread"), tag("span", words, class_="count"), class_="replies", href=address)
