"""Which conversations of Teams is the bot in, and how are they reached?"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, or_, select, update

from bot.store.names import upsert
from bot.store.tables import conversations as table
from bot.store.tables import posts

CHANNEL = "channel"
# What Teams calls the first channel of a team, and lets nobody rename for long.
GENERAL = "General"


@dataclass(frozen=True, slots=True)
class Conversation:
    """A conversation, or a channel of a team.

    Attributes:
        id: As the Bot Connector knows it; a team's first channel has the team's.
        kind: `personal`, `groupChat` or `channel`.
        service_url: Through which service it is reached.
        name: What a channel is called; empty for the first one of a team.
        user_id: Of a personal chat: whose.
        left: Whether the bot is not in it any more.
    """

    id: str
    kind: str
    tenant: str
    service_url: str
    name: str = ""
    team_id: str = ""
    team_name: str = ""
    user_id: str = ""
    left: bool = False

    @property
    def called(self) -> str:
        """As a route writes it: Team/Channel, or the id where there is no name."""
        return f"{self.team_name}/{self.name or GENERAL}" if self.kind == CHANNEL and self.team_name else self.id


def keep(db: Connection, seen: Conversation, *, now: datetime) -> None:
    """Keep a conversation as it is now; what is not known of it (a name, a team) stays as it was known."""
    known = get(db, seen.id)
    if known is not None:
        seen = replace(
            seen,
            name=seen.name or known.name,
            team_id=seen.team_id or known.team_id,
            team_name=seen.team_name or known.team_name,
            user_id=seen.user_id or known.user_id,
        )
        if seen == known:
            return
    facts = {
        "kind": seen.kind,
        "tenant": seen.tenant,
        "service_url": seen.service_url,
        "name": seen.name,
        "team_id": seen.team_id,
        "team_name": seen.team_name,
        "user_id": seen.user_id,
        "seen_at": now,
        "left_at": now if seen.left else None,
    }
    saved = upsert(db, table).values(id=seen.id, **facts)
    db.execute(saved.on_conflict_do_update(index_elements=["id"], set_=facts))


def get(db: Connection, conversation_id: str) -> Conversation | None:
    """The conversation, whether the bot still is in it or not."""
    row = db.execute(select(table).where(table.c.id == conversation_id)).first()
    return None if row is None else _conversation(row)


def told_as(db: Connection, name: str) -> Conversation | None:
    """The conversation that was last written to by this name, whatever it is called by now."""
    last = select(posts.c.posted_channel).where(posts.c.platform == "teams", posts.c.channel == name)
    found = db.scalar(last.order_by(posts.c.at.desc()).limit(1))
    return None if found is None else get(db, found)


def all_of(db: Connection) -> list[Conversation]:
    """Every conversation that the bot has ever been in."""
    return [_conversation(row) for row in db.execute(select(table).order_by(table.c.id))]


def leave(db: Connection, conversation_id: str, *, now: datetime) -> None:
    """The bot is not in this conversation any more, nor in any channel of the team that has this id."""
    about = or_(table.c.id == conversation_id, table.c.team_id == conversation_id)
    db.execute(update(table).where(about, table.c.left_at.is_(None)).values(left_at=now))


def back(db: Connection, team_id: str) -> None:
    """The bot is in a team again, and so in its channels."""
    db.execute(update(table).where(table.c.team_id == team_id, table.c.left_at.is_not(None)).values(left_at=None))


def call_team(db: Connection, team_id: str, name: str) -> None:
    """The team has this name from now on."""
    db.execute(update(table).where(table.c.team_id == team_id, table.c.team_name != name).values(team_name=name))


def _conversation(row: Row[Any]) -> Conversation:
    return Conversation(
        row.id,
        row.kind,
        row.tenant,
        row.service_url,
        row.name,
        row.team_id,
        row.team_name,
        row.user_id,
        row.left_at is not None,
    )
