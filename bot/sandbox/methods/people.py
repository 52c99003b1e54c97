"""users.*, team.*, bots.*, apps.*, reactions.*: who is who, and small things."""

from dataclasses import replace

from bot.sandbox.methods.request import Refused, Request
from bot.sandbox.model import APP, BOT, BOT_ID, TEAM, Change, Json
from bot.sandbox.strict.payload import message_problems, view_problems
from bot.sandbox.strict.shape import Problem
from bot.sandbox.wire import user_json


def user_info(request: Request) -> Json:
    """users.info."""
    found = request.workspace.user(request.needed("user", "user_not_found"))
    if found is None:
        raise Refused("user_not_found")
    out = user_json(found)
    if not request.flag("include_locale"):
        out.pop("locale")
    return {"user": out}


def user_list(request: Request) -> Json:
    """users.list."""
    members = [user_json(user) for user in request.workspace.users()]
    return {"members": members, "cache_ts": int(request.workspace.now()), "response_metadata": {"next_cursor": ""}}


def team_info(request: Request) -> Json:
    """team.info."""
    return {"team": {"id": TEAM, "name": request.workspace.title, "domain": "sandbox"}}


def bot_info(request: Request) -> Json:
    """bots.info."""
    if request.text("bot", BOT_ID) != BOT_ID:
        raise Refused("bot_not_found")
    return {"bot": {"id": BOT_ID, "app_id": APP, "user_id": BOT, "name": "Pool Stats", "deleted": False}}


def reaction_add(request: Request) -> Json:
    """reactions.add."""
    where = request.channel()
    name = request.needed("name", "no_reaction").strip(":")
    message = request.workspace.message(where.id, request.needed("timestamp", "no_item_specified"))
    if message is None or message.ephemeral_to:
        raise Refused("message_not_found")
    if BOT in message.reactions.get(name, ()):
        raise Refused("already_reacted")
    reactions = {**message.reactions, name: (*message.reactions.get(name, ()), BOT)}
    request.workspace.change(replace(message, reactions=reactions))
    request.workspace.tell(Change("reaction", channel=where.id, ts=message.ts))
    return {}


def validate_blocks(request: Request) -> Json:
    """blocks.validate: no token, no scope; what is wrong with blocks, a message or a view."""
    refused = request.switches.refused_blocks
    blocks = request.structure("blocks", "invalid_blocks_format")
    message = request.structure("message", "invalid_arguments")
    view = request.structure("view", "invalid_arguments")
    if sum(each is not None for each in (blocks, message, view)) != 1:
        raise Refused("invalid_arguments")
    problems: list[Problem]
    if view is not None:
        problems = view_problems(view, refused=refused)
    elif message is not None:
        inside = message.get("blocks", []) if isinstance(message, dict) else message
        problems = message_problems(inside, refused=refused, at="/message/blocks")
    else:
        problems = message_problems(blocks, refused=refused)
    return {"errors": [each.as_json() for each in problems]} if problems else {}
