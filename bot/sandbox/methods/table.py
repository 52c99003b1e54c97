"""Which methods are there, what do they need, and how often may they be called?

https://docs.slack.dev/reference/methods
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from bot.sandbox.granting import Granting
from bot.sandbox.methods import chat, conversations, files, groups, people, views
from bot.sandbox.methods.files import Uploads
from bot.sandbox.methods.request import Request
from bot.sandbox.model import Json

Scope = str | Callable[[Request], str]


@dataclass(frozen=True, slots=True)
class Method:
    """One method.

    Args:
        run: What it does; returns the answer without `ok`.
        scope: Which scope it takes, or how to tell from the arguments.
        tier: 1 to 4; 0 is limited otherwise, or not at all.
        token: Which token it takes.
    """

    run: Callable[[Request], Json]
    scope: Scope = ""
    tier: int = 0
    token: Literal["bot", "app", "none"] = "bot"  # noqa: S105 - a kind of token


def methods(uploads: Uploads, connect: Callable[[Request], Json], granting: Granting) -> Mapping[str, Method]:
    """All methods by name; `connect` opens a Socket Mode connection, `granting` knows the workspaces' tokens."""
    return {
        "apps.uninstall": Method(granting.uninstall, tier=1),
        "auth.test": Method(granting.auth_test),
        "auth.revoke": Method(granting.revoke, tier=3),
        "oauth.v2.access": Method(granting.access, tier=4, token="none"),  # noqa: S106 - a kind of token
        "usergroups.list": Method(groups.list_, "usergroups:read", 2),
        "usergroups.users.list": Method(groups.users, "usergroups:read", 2),
        "apps.connections.open": Method(connect, tier=1, token="app"),  # noqa: S106 - a kind of token
        "blocks.validate": Method(people.validate_blocks, token="none"),  # noqa: S106 - a kind of token
        "bots.info": Method(people.bot_info, "users:read", 3),
        "chat.delete": Method(chat.delete, "chat:write", 3),
        "chat.getPermalink": Method(chat.get_permalink),
        "chat.postEphemeral": Method(chat.post_ephemeral, "chat:write", 4),
        "chat.postMessage": Method(chat.post_message, "chat:write"),
        "chat.update": Method(chat.update, "chat:write", 3),
        "conversations.history": Method(conversations.history, conversations.history_scope, 3),
        "conversations.info": Method(conversations.info, conversations.read_scope, 3),
        "conversations.join": Method(conversations.join, "channels:join", 3),
        "conversations.leave": Method(conversations.leave, "channels:join", 3),
        "conversations.list": Method(conversations.list_, conversations.list_scope, 2),
        "conversations.members": Method(conversations.members, conversations.read_scope, 4),
        "conversations.open": Method(conversations.open_, "im:write", 3),
        "conversations.replies": Method(conversations.replies, conversations.history_scope, 3),
        "files.completeUploadExternal": Method(uploads.complete, "files:write", 4),
        "files.delete": Method(files.delete, "files:write", 3),
        "files.getUploadURLExternal": Method(uploads.begin, "files:write", 4),
        "files.info": Method(files.info, "files:read", 4),
        "reactions.add": Method(people.reaction_add, "reactions:write", 3),
        "team.info": Method(people.team_info, "team:read", 3),
        "users.conversations": Method(conversations.of_user, conversations.list_scope, 2),
        "users.info": Method(people.user_info, "users:read", 4),
        "users.list": Method(people.user_list, "users:read", 2),
        "views.open": Method(views.open_, tier=4),
        "views.publish": Method(views.publish, tier=4),
        "views.push": Method(views.push, tier=4),
        "views.update": Method(views.update, tier=4),
    }
