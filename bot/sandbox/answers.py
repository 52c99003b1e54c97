"""What does Slack make of the app's acknowledgement, or of what it sends to a response_url?"""

import secrets
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from bot.sandbox.elements import with_ids
from bot.sandbox.model import BOT, BOT_ID, SLACKBOT, Ack, Json, Message, Outcome, View
from bot.sandbox.state import new_id
from bot.sandbox.strict.payload import attachment_problems, message_problems, view_problems

if TYPE_CHECKING:
    from bot.sandbox.workspace import Workspace


TROUBLE = "We had some trouble connecting. Try again?"
STACK = 3  # https://docs.slack.dev/surfaces/modals: how many views lie upon each other


def escape(text: str) -> str:
    """`&`, `<` and `>` as Slack's clients send them."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def command_answered(workspace: "Workspace", ack: Ack, *, user: str, channel: str, typed: str) -> Outcome:
    """Show what came back with the acknowledgement of a command."""
    body = {"text": ack.body} if isinstance(ack.body, str) else ack.body or {}
    if not isinstance(body, Mapping) or not (body.get("text") or body.get("blocks") or body.get("attachments")):
        if isinstance(body, Mapping) and body.get("response_type") == "in_channel":
            workspace.post(Message(channel, "", user, escape(typed)))
        return Outcome(ack=ack)
    refused = workspace.switches.refused_blocks
    blocks, attachments = body.get("blocks") or [], body.get("attachments") or []
    if message_problems(blocks, refused=refused) or attachment_problems(attachments, refused=refused):
        return _cannot_show(workspace, user, channel, typed, ack)
    in_channel = body.get("response_type") == "in_channel"
    if in_channel:
        workspace.post(Message(channel, "", user, escape(typed)))
    shown = workspace.post(from_app(body, channel=channel, ephemeral_to="" if in_channel else user))
    return Outcome(shown=shown.text, ts=shown.ts, ack=ack)


def _cannot_show(workspace: "Workspace", user: str, channel: str, typed: str, ack: Ack) -> Outcome:
    error = "invalid_command_response"
    text = f'{typed.split(maxsplit=1)[0]} failed with the error "{error}"'
    told = workspace.post(Message(channel, "", SLACKBOT, text, ephemeral_to=user))
    return Outcome(error, text, ts=told.ts, ack=ack)


def from_app(body: Mapping[str, Any], *, channel: str, ephemeral_to: str = "") -> Message:
    """The message in an acknowledgement or an answer."""
    return Message(
        channel,
        "",
        BOT,
        str(body.get("text") or ""),
        blocks=with_ids(body.get("blocks") or ()),
        attachments=with_attachments(body.get("attachments") or ()),
        thread_ts=str(body.get("thread_ts") or ""),
        bot_id=BOT_ID,
        ephemeral_to=ephemeral_to,
        metadata=body.get("metadata"),
    )


def with_attachments(attachments: Any) -> tuple[Json, ...]:
    """Attachments with ids in their blocks."""
    return tuple(
        {**each, "id": number, **({"blocks": list(with_ids(each["blocks"]))} if each.get("blocks") else {})}
        for number, each in enumerate(attachments, 1)
    )


def submission_answered(workspace: "Workspace", ack: Ack, view: View) -> Outcome:
    """Do what the acknowledgement of a submitted modal asks for; without a word the modal closes."""
    body = ack.body if isinstance(ack.body, Mapping) else {}
    match body.get("response_action"):
        case None:
            workspace.drop_views(view.user, count=1)
        case "clear":
            workspace.drop_views(view.user)
        case "errors":
            errors = {str(block): str(text) for block, text in body.get("errors", {}).items()}
            workspace.put_view(replace(view, errors=errors))
            return Outcome(ack=ack, errors=errors)
        case "update" | "push" if view_problems(body.get("view"), home=False):
            return Outcome("invalid_view", TROUBLE, ack=ack)
        case "push" if len(workspace.modals(view.user)) >= STACK:
            return Outcome("push_limit_reached", TROUBLE, ack=ack)
        case "update":
            workspace.put_view(replace(view, body=view_body(body["view"]), hash=new_hash(), errors={}, state={}))
        case "push":
            pushed = new_view(body["view"], view.user, below=view)
            workspace.put_view(pushed, push=True)
        case _:
            return Outcome("invalid_response_action", TROUBLE, ack=ack)
    return Outcome(ack=ack)


def view_body(body: Mapping[str, Any]) -> Json:
    """A view as the app sent it, with ids in its blocks."""
    return {**body, "blocks": list(with_ids(body.get("blocks") or ()))}


def new_view(body: Mapping[str, Any], user: str, *, below: View | None = None) -> View:
    """A view as the app sent it, not yet shown."""
    made = new_id("V")
    kind = "home" if body.get("type") == "home" else "modal"
    root, previous = (below.root_id, below.id) if below else (made, "")
    return View(made, kind, user, view_body(body), new_hash(), root, previous)  # type: ignore[arg-type]


def new_hash() -> str:
    """A view's version."""
    return f"{secrets.randbelow(10**10)}.{secrets.token_hex(4)}"
