"""What exactly is the app told? The payloads of commands, interactions and events."""

from typing import TYPE_CHECKING

from bot.sandbox import elements
from bot.sandbox.model import APP, BOT, TEAM, Channel, Command, Json, Message, User, View
from bot.sandbox.state import new_id
from bot.sandbox.wire import channel_json, message_json, view_json

if TYPE_CHECKING:
    from bot.sandbox.workspace import Workspace


def command(workspace: "Workspace", known: Command, who: User, where: Channel, text: str) -> Json:
    """What the app is told of a slash command: https://docs.slack.dev/interactivity/implementing-slash-commands."""
    ticket = workspace.tickets.response_url(who.id, where.id)
    return {
        "token": "deprecated",
        "team_id": TEAM,
        "team_domain": "sandbox",
        "channel_id": where.id,
        "channel_name": "directmessage" if where.is_im else "privategroup" if where.is_private else where.name,
        "user_id": who.id,
        "user_name": who.name,
        "command": known.name,
        "text": text,
        "api_app_id": APP,
        "is_enterprise_install": "false",
        "response_url": f"{workspace.base_url}commands/{TEAM}/{ticket}",
        "trigger_id": workspace.tickets.trigger(who.id),
    }


def event(workspace: "Workspace", inside: Json) -> Json:
    """An event in its envelope: https://docs.slack.dev/apis/events-api."""
    return {
        "token": "deprecated",
        "team_id": TEAM,
        "api_app_id": APP,
        "event": {"event_ts": workspace.next_ts()} | inside,
        "type": "event_callback",
        "event_id": new_id("Ev"),
        "event_time": int(workspace.now()),
        "authorizations": [
            {"enterprise_id": None, "team_id": TEAM, "user_id": BOT, "is_bot": True, "is_enterprise_install": False}
        ],
        "is_ext_shared_channel": False,
        "event_context": new_id("4-"),
    }


def interaction(
    workspace: "Workspace", kind: str, user: str, container: Message | View, *, chosen: Json | None = None
) -> Json:
    """What the app is told of a press, a submission or a closed modal.

    Args:
        workspace: Where it happens.
        kind: `block_actions`, `block_suggestion`, `view_submission` or `view_closed`.
        user: Who does it.
        container: The message or view it happens in.
        chosen: What the person has chosen in the message so far.
    """
    who = workspace.user(user)
    payload: Json = {
        "type": kind,
        "user": {
            "id": user,
            "username": who.name if who else "",
            "name": who.name if who else "",
            "team_id": (who.team if who else "") or TEAM,
        },
        "api_app_id": APP,
        "token": "deprecated",
        "team": {"id": TEAM, "domain": "sandbox"},
        "enterprise": None,
        "is_enterprise_install": False,
    }
    if kind in {"block_actions", "view_submission"}:
        payload["trigger_id"] = workspace.tickets.trigger(user)
    if isinstance(container, View):
        place = {"type": "view", "view_id": container.id}
        return payload | {"view": view_json(container)} | ({} if kind.startswith("view_") else {"container": place})
    where = workspace.channel(container.channel)
    name = channel_json(where, seen_by=BOT).get("name", "directmessage") if where else ""
    is_ephemeral = bool(container.ephemeral_to)
    shown_in: Json = {
        "type": "message",
        "message_ts": container.ts,
        "channel_id": container.channel,
        "is_ephemeral": is_ephemeral,
    }
    if container.thread_ts:
        shown_in["thread_ts"] = container.thread_ts
    ticket = workspace.tickets.response_url(user, container.channel, container.ts)
    payload |= {
        "container": shown_in,
        "channel": {"id": container.channel, "name": name},
        "state": {"values": chosen or {}},
    }
    payload["response_url"] = f"{workspace.base_url}actions/{TEAM}/{ticket}"
    # Slack leaves the message out of an interaction with an ephemeral one.
    return payload if is_ephemeral else payload | {"message": message_json(container, metadata=True)}


def shortcut(workspace: "Workspace", callback_id: str, user: str) -> Json:
    """What the app is told of a global shortcut; it does not say where the person was.

    https://docs.slack.dev/reference/interaction-payloads/shortcuts-interaction-payload
    """
    return _of_shortcut(workspace, "shortcut", callback_id, user)


def message_action(workspace: "Workspace", callback_id: str, user: str, message: Message) -> Json:
    """What the app is told of a shortcut of a message."""
    where = workspace.channel(message.channel)
    name = channel_json(where, seen_by=BOT).get("name", "directmessage") if where else ""
    ticket = workspace.tickets.response_url(user, message.channel)
    return _of_shortcut(workspace, "message_action", callback_id, user) | {
        "channel": {"id": message.channel, "name": name},
        "message_ts": message.ts,
        "message": message_json(message),
        "response_url": f"{workspace.base_url}app/{TEAM}/{ticket}",
    }


def _of_shortcut(workspace: "Workspace", kind: str, callback_id: str, user: str) -> Json:
    who = workspace.user(user)
    name = who.name if who else ""
    return {
        "type": kind,
        "token": "deprecated",
        "action_ts": workspace.next_ts(),
        "team": {"id": TEAM, "domain": "sandbox"},
        "user": {"id": user, "username": name, "name": name, "team_id": (who.team if who else "") or TEAM},
        "is_enterprise_install": False,
        "enterprise": None,
        "callback_id": callback_id,
        "trigger_id": workspace.tickets.trigger(user),
    }


def response_urls(workspace: "Workspace", view: View, user: str) -> list[Json]:
    """The addresses a submitted modal gives for the conversations chosen in it."""
    urls = []
    for block, element in elements.interactive(view.body["blocks"]):
        if not element.get("response_url_enabled"):
            continue
        part = view.state.get(block["block_id"], {}).get(element["action_id"], {})
        channel = part.get("selected_conversation") or part.get("selected_channel")
        if channel:
            url = f"{workspace.base_url}app/{TEAM}/{workspace.tickets.response_url(user, channel)}"
            names = {"block_id": block["block_id"], "action_id": element["action_id"]}
            urls.append({**names, "channel_id": channel, "response_url": url})
    return urls
