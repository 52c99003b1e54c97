"""What is there in a workspace: people, channels, messages, views, files, and what changed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Json = dict[str, Any]
Blocks = tuple[Json, ...]


@dataclass(frozen=True, slots=True)
class User:
    """Somebody in the workspace; a bot user has a `bot_id`."""

    id: str
    name: str
    real_name: str
    is_bot: bool = False
    bot_id: str = ""
    tz: str = "Asia/Shanghai"
    tz_offset: int = 28800
    locale: str = "en-US"
    deleted: bool = False
    team: str = ""  # whose they are, when they come from another organisation


@dataclass(frozen=True, slots=True)
class Channel:
    """A conversation: a public or private channel, or a direct message with the app."""

    id: str
    name: str
    members: frozenset[str]
    is_private: bool = False
    is_archived: bool = False
    is_im: bool = False
    topic: str = ""
    created: int = 1_700_000_000
    user: str = ""  # the person on the other side of a direct message
    shared_with: tuple[str, ...] = ()  # workspaces of other organisations that are in it too
    is_pending_ext_shared: bool = False  # one of them is invited


@dataclass(frozen=True, slots=True)
class Group:
    """A user group, such as @ml-leads."""

    id: str
    handle: str
    users: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Message:
    """One message; an ephemeral one is seen by `ephemeral_to` alone and never comes back from the API."""

    channel: str
    ts: str
    user: str
    text: str
    blocks: Blocks = ()
    attachments: Blocks = ()
    metadata: Json | None = None
    thread_ts: str = ""
    broadcast: bool = False
    bot_id: str = ""
    username: str = ""
    edited: str = ""
    ephemeral_to: str = ""
    subtype: str = ""
    files: tuple[str, ...] = ()
    reactions: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class View:
    """A modal, or the Home tab, as one person sees it; `body` is what the app sent (title, blocks, submit, ...)."""

    id: str
    type: Literal["modal", "home"]
    user: str
    body: Json
    hash: str
    root_id: str
    previous_id: str = ""
    state: Mapping[str, Mapping[str, Json]] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class File:
    """An uploaded file; until `ready_at` Slack still looks at it and knows no type."""

    id: str
    name: str
    title: str
    mimetype: str
    filetype: str
    content: bytes
    user: str
    created: float
    ready_at: float
    alt_text: str = ""
    channels: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Command:
    """A registered slash command, as the composer offers it."""

    name: str
    description: str
    usage_hint: str = ""
    should_escape: bool = False


@dataclass(frozen=True, slots=True)
class Shortcut:
    """A registered shortcut: a global one is in the composer's menu, one of messages at each message."""

    callback_id: str
    name: str
    description: str = ""
    kind: Literal["global", "message"] = "global"


@dataclass(frozen=True, slots=True)
class Change:
    """Something that a person looking at the workspace would see change."""

    kind: Literal["message", "changed", "deleted", "ephemeral", "reaction", "view", "home", "channel", "file", "closed"]
    channel: str = ""
    ts: str = ""
    user: str = ""  # whom it concerns, when only one person sees it
    view_id: str = ""


@dataclass(frozen=True, slots=True)
class Ack:
    """How the app answered a delivery: `error` is empty, or what Slack calls the failure."""

    error: str = ""
    body: Any = None
    status: int = 200
    took: float = 0.0


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of something a person did.

    Args:
        error: Empty, or Slack's word for what went wrong (`operation_timeout`, `dispatch_failed`, ...).
        shown: What Slack puts before the person's eyes because of it, if anything.
        ts: The message that appeared: the person's own, or the ephemeral answer.
        ack: What the app said in its acknowledgement.
        errors: Block id to complaint, for a modal whose input was not accepted.
    """

    error: str = ""
    shown: str = ""
    ts: str = ""
    ack: Ack | None = None
    errors: Mapping[str, str] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        """Whether it went through."""
        return not self.error and not self.errors


DEFAULT_COMMANDS = (
    Command("/pool-stats", "Jobs of a resource pool by type and status", "[pool] [chart 24h | why | jobs] or help"),
    Command("/pool-alerts", "Open alerts, rules and silences", "[rules | add | silence | log | help]"),
    Command("/pool-digest", "Regular summaries in this channel", "[add | now | remove | help]"),
)

DEFAULT_SHORTCUTS = (
    Shortcut("pool_stats_shortcut", "Ask about a pool", "Its jobs, a chart, why they wait, or beside another pool"),
    Shortcut("pool_stats_message", "Ask about this pool", "The pool that the message is about", "message"),
)

TEAM = "T0SANDBOX01"
APP = "A0POOLSTATS"
BOT = "U0POOLSTATS"
BOT_ID = "B0POOLSTATS"
SLACKBOT = "USLACKBOT"
YOU = "U0000000YOU"
COLLEAGUE = "U0COLLEAGUE"


def default_users() -> tuple[User, ...]:
    """Two people, the app's bot user, and Slackbot."""
    return (
        User(YOU, "you", "You"),
        User(COLLEAGUE, "colleague", "Colleague", tz="Europe/Berlin", tz_offset=3600),
        User(BOT, "pool-stats", "Pool Stats", is_bot=True, bot_id=BOT_ID, tz="America/Los_Angeles", tz_offset=-28800),
        User(SLACKBOT, "slackbot", "Slackbot", is_bot=False, bot_id="", tz="America/Los_Angeles", tz_offset=-28800),
    )


def default_channels() -> tuple[Channel, ...]:
    """Public, private, archived, one without the bot, and a direct message of each person with the app."""
    everyone = frozenset({YOU, COLLEAGUE, BOT})
    people = everyone - {BOT}
    return (
        Channel("C0GENERAL01", "general", everyone, topic="Company-wide"),
        Channel("C0PLATFORM1", "ml-platform", everyone, topic="Pools, queues and who needs what"),
        Channel("C0MLONCALL1", "ml-oncall", everyone, topic="What needs somebody now"),
        Channel("C0RESEARCH1", "research", everyone, topic="Experiments"),
        Channel("C0CAPACITY1", "capacity", everyone, is_private=True, topic="Budget, by invitation"),
        Channel("C0RANDOM001", "random", people, topic="The bot is not here"),
        Channel("C0OLDCLSTR1", "old-cluster", everyone, is_archived=True),
        Channel("D0000000YOU", "", frozenset({YOU, BOT}), is_im=True, user=YOU),
        Channel("D0COLLEAGUE", "", frozenset({COLLEAGUE, BOT}), is_im=True, user=COLLEAGUE),
    )
