"""What may the app send to a response_url?

https://docs.slack.dev/interactivity/handling-user-interaction
"""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from bot.sandbox.answers import from_app
from bot.sandbox.methods.request import Refused, Request
from bot.sandbox.model import Json, Message
from bot.sandbox.switches import Switches
from bot.sandbox.tickets import ResponseUrl
from bot.sandbox.workspace import Workspace


def respond(workspace: Workspace, switches: Switches, key: str, body: bytes) -> tuple[int, str]:
    """Do what came to a response_url: the status and text of the answer."""
    ticket = workspace.tickets.answer(key)
    if ticket is None:
        return 404, "expired_url"
    try:
        return 200, _respond(workspace, switches, ticket, _object(body))
    except Refused as refusal:
        return 400, refusal.error


def _object(body: bytes) -> Json:
    try:
        found = json.loads(body)
    except ValueError:
        raise Refused("invalid_payload") from None
    if not isinstance(found, dict):
        raise Refused("invalid_payload")
    return found


def _respond(workspace: Workspace, switches: Switches, ticket: ResponseUrl, said: Mapping[str, Any]) -> str:
    before = workspace.message(ticket.channel, ticket.ts) if ticket.ts else None
    if said.get("delete_original"):
        if before is not None:
            workspace.delete(before.channel, before.ts)
        return "ok"
    request = Request(workspace, switches, dict(said))
    request.content()
    in_channel = said.get("response_type") == "in_channel"
    if said.get("response_type") not in {None, "in_channel", "ephemeral"}:
        raise Refused("invalid_payload")
    message = from_app(said, channel=ticket.channel, ephemeral_to="" if in_channel else ticket.user)
    if said.get("replace_original") and before is not None:
        workspace.change(_in_place_of(before, message, workspace.next_ts()))
        return "ok"
    posted = workspace.post(message)
    ticket.ts = ticket.ts or posted.ts
    return "ok"


def _in_place_of(before: Message, message: Message, now: str) -> Message:
    return replace(
        message,
        ts=before.ts,
        user=before.user,
        thread_ts=before.thread_ts,
        ephemeral_to=before.ephemeral_to,
        metadata=message.metadata or before.metadata,
        edited=now,
    )
