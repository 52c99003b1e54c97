"""How does the workspace look in Slack's own JSON?"""

from typing import TYPE_CHECKING

from bot.sandbox.model import APP, BOT_ID, TEAM, Channel, File, Json, Message, User, View

if TYPE_CHECKING:
    from bot.sandbox.state import State


def user_json(user: User) -> Json:
    """A user object."""
    return {
        "id": user.id,
        "team_id": user.team or TEAM,
        "name": user.name,
        "deleted": user.deleted,
        "real_name": user.real_name,
        "tz": user.tz,
        "tz_label": user.tz,
        "tz_offset": user.tz_offset,
        "locale": user.locale,
        "profile": {"real_name": user.real_name, "display_name": user.name}
        | ({"bot_id": user.bot_id, "api_app_id": APP} if user.is_bot else {}),
        "is_admin": False,
        "is_owner": False,
        "is_bot": user.is_bot,
        "is_app_user": False,
        **({"is_stranger": True} if user.team else {}),
        "updated": 1_700_000_000,
    }


def channel_json(channel: Channel, *, seen_by: str) -> Json:
    """A conversation object, as the caller sees it."""
    if channel.is_im:
        return {
            "id": channel.id,
            "created": channel.created,
            "is_im": True,
            "is_archived": False,
            "is_org_shared": False,
            "user": channel.user,
        }
    return {
        "id": channel.id,
        "name": channel.name,
        "name_normalized": channel.name,
        "created": channel.created,
        "is_channel": not channel.is_private,
        "is_group": False,
        "is_im": False,
        "is_mpim": False,
        "is_private": channel.is_private,
        "is_archived": channel.is_archived,
        "is_general": channel.name == "general",
        "is_shared": bool(channel.shared_with),
        "is_org_shared": False,
        "is_ext_shared": bool(channel.shared_with),
        "is_pending_ext_shared": channel.is_pending_ext_shared,
        "shared_team_ids": [TEAM, *channel.shared_with],
        "is_member": seen_by in channel.members,
        "num_members": len(channel.members),
        "topic": {"value": channel.topic, "creator": "", "last_set": 0},
        "purpose": {"value": "", "creator": "", "last_set": 0},
        "context_team_id": TEAM,
    }


def message_json(message: Message, *, metadata: bool = False) -> Json:
    """A message object; `metadata` only when it was asked for."""
    out: Json = {"type": "message", "ts": message.ts, "user": message.user, "text": message.text, "team": TEAM}
    if message.subtype:
        out["subtype"] = message.subtype
    if message.bot_id:
        out |= {
            "bot_id": message.bot_id,
            "app_id": APP,
            "bot_profile": {"id": BOT_ID, "app_id": APP, "name": message.username or "Pool Stats", "team_id": TEAM},
        }
    if message.username:
        out["username"] = message.username
    if message.blocks:
        out["blocks"] = list(message.blocks)
    if message.attachments:
        out["attachments"] = list(message.attachments)
    if message.thread_ts:
        out["thread_ts"] = message.thread_ts
    if message.edited:
        out["edited"] = {"user": message.user, "ts": message.edited}
    if message.reactions:
        out["reactions"] = [
            {"name": name, "users": list(users), "count": len(users)} for name, users in message.reactions.items()
        ]
    if message.files:
        out["files"] = [{"id": file_id} for file_id in message.files]
    if metadata and message.metadata:
        out["metadata"] = message.metadata
    return out


def view_json(view: View) -> Json:
    """A view object, as views.* and interactions return it."""
    text = {"type": "plain_text", "text": "", "emoji": True}
    return {
        "id": view.id,
        "team_id": TEAM,
        "type": view.type,
        "blocks": list(view.body.get("blocks", ())),
        "private_metadata": view.body.get("private_metadata", ""),
        "callback_id": view.body.get("callback_id", ""),
        "state": {"values": {block: dict(values) for block, values in view.state.items()}},
        "hash": view.hash,
        "title": view.body.get("title", text),
        "clear_on_close": view.body.get("clear_on_close", False),
        "notify_on_close": view.body.get("notify_on_close", False),
        "close": view.body.get("close"),
        "submit": view.body.get("submit"),
        "previous_view_id": view.previous_id or None,
        "root_view_id": view.root_id,
        "app_id": APP,
        "external_id": view.body.get("external_id", ""),
        "app_installed_team_id": TEAM,
        "bot_id": BOT_ID,
    }


def file_json(file: File, base: str, *, now: float) -> Json:
    """A file object; type and addresses are empty until Slack has looked at it."""
    ready = now >= file.ready_at
    address = f"{base}files-pri/{TEAM}-{file.id}/{file.name}"
    return {
        "id": file.id,
        "created": int(file.created),
        "timestamp": int(file.created),
        "name": file.name,
        "title": file.title,
        "mimetype": file.mimetype if ready else "",
        "filetype": file.filetype if ready else "",
        "user": file.user,
        "size": len(file.content),
        "mode": "hosted",
        "is_external": False,
        "is_public": bool(file.channels),
        "alt_txt": file.alt_text,
        "url_private": address,
        "url_private_download": address,
        "permalink": address,
        "channels": list(file.channels),
        "shares": {},
    }


def snapshot(state: "State") -> Json:
    """The whole workspace, ephemeral messages and metadata included."""
    channels = []
    for channel in state.channels():
        messages = [
            message_json(each, metadata=True) | ({"ephemeral_to": each.ephemeral_to} if each.ephemeral_to else {})
            for each in state.messages(channel.id)
        ]
        seen = channel_json(channel, seen_by=state.bot.id)
        channels.append(seen | {"members": sorted(channel.members), "messages": messages})
    people = [user for user in state.users() if not user.is_bot]
    return {
        "channels": channels,
        "users": [user_json(user) for user in state.users()],
        "modals": {user.id: [view_json(view) for view in state.modals(user.id)] for user in people},
        "homes": {user.id: view_json(view) for user in people if (view := state.home(user.id))},
    }
