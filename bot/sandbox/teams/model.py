"""What is there in a tenant of Microsoft Teams: people, teams, conversations, messages, dialogs, and what changed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Json = dict[str, Any]

CARD = "application/vnd.microsoft.card.adaptive"
YOU = "29:1you-0f6b2c1d4e5a4b7c8d9e0f1a2b3c4d5e"
COLLEAGUE = "29:1lin-1a7c3d2e5f6b4c8d9e0f1a2b3c4d5e6f"
TEAM = "19:mlplatform0a1b2c3d4e5f60718293a4b5c6@thread.tacv2"
ALERTS = "19:alerts1b2c3d4e5f60718293a4b5c6d7e8@thread.tacv2"
CHAT = "19:oncall2c3d4e5f60718293a4b5c6d7e8f90@thread.v2"

ConversationType = Literal["personal", "groupChat", "channel"]


# What the app's manifest lists: each with what it does.
DEFAULT_COMMANDS: tuple[tuple[str, str], ...] = (
    ("pool-stats", "pool-stats <pool>: the jobs of a pool; alone: all pools"),
    ("pool-alerts", "What is open, the rules and the silences"),
    ("pool-digest", "The digests of this conversation"),
)


@dataclass(frozen=True, slots=True)
class Credentials:
    """What an app is registered with; the secret opens nothing but this stand-in."""

    client_id: str = "5a4db0c5-0000-4000-8000-00000000b075"
    client_secret: str = "sandbox~5a4db0c5a4db0c5a4db0c5a4db0c5a"  # noqa: S105 - see above
    tenant_id: str = "5a4db0c5-0000-4000-8000-0000000074a7"

    @property
    def bot(self) -> str:
        """The bot's account in conversations."""
        return f"28:{self.client_id}"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody in the tenant."""

    id: str
    name: str
    aad_object_id: str
    user_principal_name: str
    locale: str = "en-US"
    timezone: str = "Asia/Shanghai"


@dataclass(frozen=True, slots=True)
class Team:
    """A team; its first channel has the same id as the team itself."""

    id: str
    name: str
    aad_group_id: str
    members: frozenset[str]


@dataclass(frozen=True, slots=True)
class Place:
    """A conversation: with the bot alone, of a group, or a channel of a team.

    Args:
        id: As the Bot Connector knows it.
        kind: The `conversationType`.
        name: What it is called; a personal chat has no name.
        members: The people in it, without the bot; of a channel those of the team.
        team: The id of the team of a channel.
        has_bot: Whether the app is installed there.
        blocked: Whether the person has blocked the bot (personal chats).
    """

    id: str
    kind: ConversationType
    name: str
    members: frozenset[str]
    team: str = ""
    has_bot: bool = True
    blocked: bool = False


@dataclass(frozen=True, slots=True)
class Post:
    """One message; a targeted one is seen by `targeted_to` alone and gone after a day.

    Args:
        place: The id of its conversation, without `;messageid=`.
        id: Milliseconds since the epoch, as Teams numbers messages.
        sender: A person's id or the bot's.
        body: The activity as it was sent.
        at: When, in seconds since the epoch.
        root: The message whose thread it stands in; empty for one that begins a thread.
        edited: Whether it was updated.
        targeted_to: Whom it is for, if not everybody.
        cards: What single people see in place of the first card, because they pressed something.
        reactions: Who reacted, by kind.
    """

    place: str
    id: str
    sender: str
    body: Json
    at: float
    root: str = ""
    edited: bool = False
    targeted_to: str = ""
    cards: Mapping[str, Json] = field(default_factory=dict)
    reactions: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def card_for(self, person: str) -> Json | None:
        """The Adaptive Card that this person sees."""
        if person in self.cards:
            return self.cards[person]
        attachments = self.body.get("attachments")
        for each in attachments if isinstance(attachments, list) else ():
            if isinstance(each, dict) and each.get("contentType") == CARD and isinstance(each.get("content"), dict):
                content: Json = each["content"]
                return content
        return None


@dataclass(frozen=True, slots=True)
class Dialog:
    """What the app opened over the conversation for one person."""

    person: str
    place: str
    title: str
    card: Json | None
    message: str = ""
    errors: Mapping[str, str] = field(default_factory=dict)
    filled: Mapping[str, str] = field(default_factory=dict)
    reply_to: str = ""


@dataclass(frozen=True, slots=True)
class Complaint:
    """Something the app sent that Teams would not show as it was meant."""

    at: float
    where: str
    what: str


@dataclass(frozen=True, slots=True)
class Change:
    """What happened, for those who listen."""

    kind: Literal["post", "changed", "deleted", "place", "dialog", "closed"]
    place: str = ""
    id: str = ""
    person: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of something a person did.

    Args:
        error: Empty when it went well; `unreachable`, `timeout`, `http_<status>`, or what was wrong with the asking.
        shown: What the person is told.
        errors: What is wrong with what was filled in, by input.
        id: The message that was sent.
        status: The HTTP status the app answered with.
        answer: The body it answered with.
    """

    error: str = ""
    shown: str = ""
    errors: Mapping[str, str] = field(default_factory=dict)
    id: str = ""
    status: int = 0
    answer: Any = None

    @property
    def ok(self) -> bool:
        """Whether it went well."""
        return not self.error


@dataclass(slots=True)
class Switches:
    """Everything that can be changed at run time.

    Args:
        limits: Whether the rate limits are enforced.
        most_bytes: The largest message, as UTF-16.
        answer_within: Seconds an app has for a message or an action of a card.
        dialog_within: Seconds it has for opening or submitting a dialog.
        repeats: How often each activity is delivered once more, with the same id, although it was answered.
        redelivered: How often a message is delivered again that was not answered in time.
        token_lasts: Seconds for which an access token is good.
        targeted_lasts: Seconds until a targeted message vanishes.
        takes: Seconds that sending, updating or deleting takes; what overlaps with it in one conversation is
            refused with 412.
    """

    limits: bool = True
    most_bytes: int = 100 * 1024
    answer_within: float = 15.0
    dialog_within: float = 5.0
    repeats: int = 0
    redelivered: int = 1
    token_lasts: float = 3599.0
    targeted_lasts: float = 24 * 3600.0
    takes: float = 0.0


def default_people() -> tuple[Person, ...]:
    """You and a colleague."""
    return (
        Person(YOU, "You", "0f6b2c1d-4e5a-4b7c-8d9e-0f1a2b3c4d5e", "you@example.com"),
        Person(COLLEAGUE, "Lin", "1a7c3d2e-5f6b-4c8d-9e0f-1a2b3c4d5e6f", "lin@example.com", locale="zh-CN"),
    )


def default_places() -> tuple[Place, ...]:
    """A team with two channels and a group chat, in which the bot is; personal chats are made when they are needed."""
    everybody = frozenset({YOU, COLLEAGUE})
    return (
        Place(TEAM, "channel", "General", everybody, team=TEAM),
        Place(ALERTS, "channel", "Alerts", everybody, team=TEAM),
        Place(CHAT, "groupChat", "On call", everybody),
    )


def default_teams() -> tuple[Team, ...]:
    """The team of the default channels."""
    return (Team(TEAM, "ML Platform", "7c3d2e5f-6b4c-4d8e-9f0a-1b2c3d4e5f60", frozenset({YOU, COLLEAGUE})),)
