"""How do modals and the app's Home tab look?"""

from __future__ import annotations

from bot.sandbox.model import View
from bot.sandbox.page.blocks import Surface, draw
from bot.sandbox.page.icons import avatar, icon
from bot.sandbox.page.markup import text_object, words
from bot.sandbox.page.names import Names
from bot.sandbox.page.tags import Html, tag


def modal(view: View, names: Names, *, app: str) -> Html:
    """The modal on top of the stack, as a form."""
    body = view.body
    title = text_object(body.get("title"), names)
    close_label = words(body.get("close")) or (
        "Back" if view.previous_id else "Cancel" if body.get("submit") else "Close"
    )
    close = tag("button", close_label, type="button", class_="button plain", data_close="one")
    cross = tag("button", icon("close"), type="button", class_="button ghost", data_close="all", aria_label="Close")
    submit = None
    if body.get("submit"):
        submit = tag("button", text_object(body["submit"], names), type="submit", class_="button primary")
    surface = Surface(names, view.state, view.errors)
    blocks = draw(body.get("blocks"), surface)
    return tag(
        "form",
        tag("header", avatar(app, "app"), tag("h2", title, id="modal-title"), cross, class_="modal-head"),
        tag("div", blocks, class_="modal-body content"),
        tag("p", class_="notice", role="alert", hidden=True),
        tag("footer", close, submit, class_="modal-foot"),
        class_="modal",
        data_view_id=view.id,
        data_hash=view.hash,
        novalidate=True,
    )


def home(view: View | None, names: Names, *, app: str) -> Html:
    """The Home tab: what the app published for this person, or that it has not."""
    if view is None:
        text = tag(
            "p", f"{app} shows nothing on its Home tab. Type / in a channel to see its commands.", class_="empty"
        )
        return tag("div", text, class_="home")
    blocks = draw(view.body.get("blocks"), Surface(names, view.state))
    return tag("div", blocks, class_="home content", data_view_id=view.id, data_hash=view.hash)
