"""conversations.*: which channels are there, and what was said?

https://docs.slack.dev/apis/web-api/using-the-conversations-api
"""

import base64
import binascii
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from bot.sandbox.methods.request import Refused, Request
from bot.sandbox.model import BOT, Channel, Json, Message
from bot.sandbox.wire import channel_json, message_json


def list_(request: Request) -> Json:
    """conversations.list."""
    kinds = set(request.text("types", "public_channel").replace(" ", "").split(","))
    if not kinds <= {"public_channel", "private_channel", "im", "mpim"}:
        raise Refused("invalid_types")
    skip_archived = request.flag("exclude_archived")
    found = [
        channel_json(channel, seen_by=BOT)
        for channel in request.workspace.channels()
        if _kind(channel) in kinds
        and (_kind(channel) == "public_channel" or BOT in channel.members)
        and not (skip_archived and channel.is_archived)
    ]
    page, cursor = _page(request, found, default=100, most=1000)
    return {"channels": page, "response_metadata": {"next_cursor": cursor}}


def of_user(request: Request) -> Json:
    """users.conversations: those the bot (or `user`) is in."""
    kinds = set(request.text("types", "public_channel").replace(" ", "").split(","))
    user = request.text("user", BOT)
    found = [
        channel_json(channel, seen_by=BOT)
        for channel in request.workspace.channels()
        if _kind(channel) in kinds and user in channel.members
    ]
    page, cursor = _page(request, found, default=100, most=1000)
    return {"channels": page, "response_metadata": {"next_cursor": cursor}}


def info(request: Request) -> Json:
    """conversations.info."""
    where = request.channel()
    out = channel_json(where, seen_by=BOT)
    if not request.flag("include_num_members"):
        out.pop("num_members", None)
    return {"channel": out | ({"locale": "en-US"} if request.flag("include_locale") else {})}


def members(request: Request) -> Json:
    """conversations.members."""
    page, cursor = _page(request, sorted(request.channel().members), default=100, most=1000)
    return {"members": page, "response_metadata": {"next_cursor": cursor}}


def join(request: Request) -> Json:
    """conversations.join."""
    where = request.channel()
    if where.is_private or where.is_im:
        raise Refused("method_not_supported_for_channel_type")
    if where.is_archived:
        raise Refused("is_archived")
    joined = replace(where, members=where.members | {BOT})
    already = BOT in where.members
    if not already:
        request.workspace.put_channel(joined)
    out: Json = {"channel": channel_json(joined, seen_by=BOT)}
    return out | ({"warning": "already_in_channel"} if already else {})


def leave(request: Request) -> Json:
    """conversations.leave."""
    where = request.channel()
    if BOT not in where.members:
        return {"not_in_channel": True}
    request.workspace.put_channel(replace(where, members=where.members - {BOT}))
    return {}


def open_(request: Request) -> Json:
    """conversations.open: the direct message with one person."""
    if request.text("channel"):
        where = request.channel()
        return {"no_op": True, "already_open": True, "channel": {"id": where.id}}
    users = [user for user in request.needed("users", "users_list_not_supplied").replace(" ", "").split(",") if user]
    if len(users) != 1:
        raise Refused("method_not_supported_for_channel_type")
    if request.workspace.user(users[0]) is None:
        raise Refused("user_not_found")
    where = request.workspace.direct(users[0])
    if request.flag("return_im"):
        return {"channel": channel_json(where, seen_by=BOT)}
    return {"channel": {"id": where.id}}


def history(request: Request) -> Json:
    """conversations.history: newest first, without replies in threads and without what is ephemeral."""
    where = _readable(request)
    found = [
        message
        for message in reversed(request.workspace.messages(where.id, seen_by=""))
        if message.thread_ts in {"", message.ts} or message.broadcast
    ]
    found = [message for message in found if _between(request, message)]
    page, cursor = _page(request, found, default=100, most=999)
    return {
        "messages": [_shown(request, message) for message in page],
        "has_more": bool(cursor),
        "pin_count": 0,
        "response_metadata": {"next_cursor": cursor},
    }


def replies(request: Request) -> Json:
    """conversations.replies: the message that began the thread, then its replies, oldest first."""
    where = _readable(request)
    ts = request.needed("ts", "thread_not_found")
    parent = request.workspace.message(where.id, ts)
    if parent is None or parent.ephemeral_to:
        raise Refused("thread_not_found")
    rest = [] if parent.thread_ts else request.workspace.replies(where.id, ts)
    rest = [message for message in rest if _between(request, message)]
    page, cursor = _page(request, rest, default=1000, most=1000)
    return {
        "messages": [_shown(request, message) for message in (parent, *page)],
        "has_more": bool(cursor),
        "response_metadata": {"next_cursor": cursor},
    }


_HISTORY_SCOPE = {
    "public_channel": "channels:history",
    "private_channel": "groups:history",
    "im": "im:history",
}
_READ_SCOPE = {"public_channel": "channels:read", "private_channel": "groups:read", "im": "im:read"}


def history_scope(request: Request) -> str:
    """The scope that reading this conversation takes."""
    channel = request.workspace.channel(request.text("channel"))
    return _HISTORY_SCOPE[_kind(channel) if channel else "public_channel"]


def read_scope(request: Request) -> str:
    """The scope that knowing of this conversation takes."""
    channel = request.workspace.channel(request.text("channel"))
    return _READ_SCOPE[_kind(channel) if channel else "public_channel"]


def list_scope(request: Request) -> str:
    """The first scope that is missing for the types asked for, or one that is there."""
    kinds = request.text("types", "public_channel").replace(" ", "").split(",")
    needed = [_READ_SCOPE.get(kind, "mpim:read") for kind in kinds]
    return next((scope for scope in needed if scope not in request.switches.scopes), needed[0])


def _kind(channel: Channel) -> str:
    return "im" if channel.is_im else "private_channel" if channel.is_private else "public_channel"


def _readable(request: Request) -> Channel:
    where = request.channel()
    if BOT not in where.members:
        raise Refused("not_in_channel")
    return where


def _between(request: Request, message: Message) -> bool:
    at = _moment(message.ts)
    oldest, latest = request.text("oldest"), request.text("latest")
    inclusive = request.flag("inclusive")
    if oldest and (at < _moment(oldest, "invalid_ts_oldest") or (at == _moment(oldest) and not inclusive)):
        return False
    return not (latest and (at > _moment(latest, "invalid_ts_latest") or (at == _moment(latest) and not inclusive)))


def _moment(ts: str, error: str = "invalid_arguments") -> tuple[int, int]:
    seconds, _, micros = ts.partition(".")
    try:
        return int(seconds), int((micros + "000000")[:6])
    except ValueError:
        raise Refused(error) from None


def _shown(request: Request, message: Message) -> Json:
    out = message_json(message, metadata=request.flag("include_all_metadata"))
    answers = [] if message.thread_ts else request.workspace.replies(message.channel, message.ts)
    if answers:
        people = list(dict.fromkeys(answer.user for answer in answers))
        out |= {
            "thread_ts": message.ts,
            "reply_count": len(answers),
            "reply_users": people,
            "reply_users_count": len(people),
            "latest_reply": answers[-1].ts,
        }
    return out


def _page(request: Request, found: Sequence[Any], *, default: int, most: int) -> tuple[list[Any], str]:
    limit = request.whole("limit", default)
    if not 1 <= limit <= most:
        raise Refused("invalid_limit")
    start = 0
    if cursor := request.text("cursor"):
        try:
            start = int(base64.b64decode(cursor, validate=True).decode().removeprefix("next:"))
        except (ValueError, binascii.Error):
            raise Refused("invalid_cursor") from None
    end = start + limit
    following = base64.b64encode(f"next:{end}".encode()).decode() if end < len(found) else ""
    return list(found[start:end]), following
