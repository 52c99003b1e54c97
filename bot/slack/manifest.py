"""Which app must be created in Slack for this bot?

The rights are those that something here uses, and no more: https://docs.slack.dev/reference/scopes
"""

from typing import Any, Literal

DESCRIPTION = "Jobs of ModelArts resource pools, and alerts when their queues or failures spike"
LONG_DESCRIPTION = (
    "Ask /pool-stats for a ModelArts resource pool and see how many of its jobs wait, run or failed, by job type, and"
    " what changed in the last hour. When the queue or the failures of a pool spike, an alert appears in the channels"
    " chosen for it and is kept up to date in place, until it is resolved. Only the bot's own messages are ever looked"
    " for in a channel, so that nothing is told twice."
)
COLOUR = "#1d3557"

# chat:write posts, updates and deletes; commands brings the slash commands and shortcuts; channels:read and groups:read
# turn #names into ids, and tell which channels a person is in, whose Home shows what may be seen there. The last two
# let the bot hear when it is mentioned and written to.
BOT_SCOPES = ("commands", "chat:write", "channels:read", "groups:read", "app_mentions:read", "im:history")
# Without the first three the bot works, but cannot look whether a message arrived when Slack's answer was lost. The
# files are pictures of charts: files:write uploads one where Slack's own chart holds too few points, files:read tells
# when Slack is ready to show it. Without them an answer has its figures and says that there is no picture.
# users:read tells a person's time zone, in which "tomorrow" is meant; usergroups:read who is in a user group that the
# access rules name.
OPTIONAL_SCOPES = (
    "channels:history",
    "groups:history",
    "metadata.message:read",
    "files:write",
    "files:read",
    "users:read",
    "usergroups:read",
)

# Asked for when the app is installed into a workspace by OAuth.
INSTALLED_SCOPES = (*BOT_SCOPES, *OPTIONAL_SCOPES)

COMMANDS = (
    (
        "/pool-stats",
        "Jobs of a resource pool by type and status",
        "[pool | train-*] [chart 7d] | compare a b | help",
    ),
    ("/pool-alerts", "What is wrong right now", "help"),
    ("/pool-digest", "This channel's regular summaries", "help"),
)

# By these Slack says which shortcut was chosen.
ASK_ABOUT_POOL, ASK_ABOUT_MESSAGE = "pool_stats_shortcut", "pool_stats_message"
SHORTCUTS = (
    (ASK_ABOUT_POOL, "global", "Ask about a pool", "Its jobs, a chart, why they wait, or beside another pool"),
    (ASK_ABOUT_MESSAGE, "message", "Ask about this pool", "The pool that the message is about"),
)
EVENTS = ("app_home_opened", "app_mention", "message.im")
# That a workspace no longer has the app.
ENDS = ("app_uninstalled", "tokens_revoked")


def slack_manifest(
    *, mode: Literal["socket", "http"], url: str | None = None, name: str = "Pool Stats", installs: str | None = None
) -> dict[str, Any]:
    """The app manifest for Slack's "create an app from a manifest".

    Args:
        mode: How Slack reaches the bot: over a connection that the bot opens, or at an address of its own.
        url: That address, such as `https://bot.example.com`, for `http`.
        name: What the app is called, in 35 characters at most.
        installs: The address from which workspaces install the app by themselves, such as `https://bot.example.com`;
            without it the app belongs to one workspace.

    Raises:
        ValueError: HTTP mode or installing without an https address, or a name that is too long.
    """
    if not 0 < len(name) <= 35:
        raise ValueError("an app's name has between 1 and 35 characters")
    events = _events_url(url) if mode == "http" else None
    at = {"url": events} if events else {}
    requested = {"request_url": events} if events else {}
    # Slack asks people for these, and takes them back there; tokens that end are worth less to who finds one.
    back = {"redirect_urls": [_back_url(installs)]} if installs is not None else {}
    heard = (*EVENTS, *ENDS) if installs is not None else EVENTS
    return {
        "_metadata": {"major_version": 1, "minor_version": 1},
        "display_information": {
            "name": name,
            "description": DESCRIPTION,
            "long_description": LONG_DESCRIPTION,
            "background_color": COLOUR,
        },
        "features": {
            "app_home": {
                "home_tab_enabled": True,
                "messages_tab_enabled": True,
                "messages_tab_read_only_enabled": False,
            },
            "bot_user": {"display_name": "pool-stats", "always_online": True},
            "slash_commands": [
                {"command": command, "description": description, "usage_hint": hint, "should_escape": False} | at
                for command, description, hint in COMMANDS
            ],
            "shortcuts": [
                {"name": title, "type": kind, "callback_id": called, "description": description}
                for called, kind, title, description in SHORTCUTS
            ],
        },
        "oauth_config": back | {"scopes": {"bot": list(BOT_SCOPES), "bot_optional": list(OPTIONAL_SCOPES)}},
        "settings": {
            "event_subscriptions": {"bot_events": list(heard)} | requested,
            "interactivity": {"is_enabled": True} | requested,
            "org_deploy_enabled": installs is not None,
            "socket_mode_enabled": mode == "socket",
            "token_rotation_enabled": installs is not None,
        },
    }


def _back_url(url: str) -> str:
    if not url.startswith("https://"):
        raise ValueError("installing needs the address at which browsers reach the bot, beginning with https://")
    return f"{url.rstrip('/').removesuffix('/slack/events')}/slack/oauth_redirect"


def _events_url(url: str | None) -> str:
    if not url or not url.startswith("https://"):
        raise ValueError("HTTP mode needs the address at which Slack reaches the bot, beginning with https://")
    address = url.rstrip("/")
    return address if address.endswith("/slack/events") else f"{address}/slack/events"
