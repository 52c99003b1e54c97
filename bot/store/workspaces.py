"""Which Slack workspaces have installed the app, and with which sealed tokens? What is sealed is not opened here."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, Row, delete, insert, or_, select, update

from bot.store.engine import writing
from bot.store.fencing import unfenced
from bot.store.tables import install_states, slack_workspaces

# Anybody may begin an installation, and nobody ends a thousand in ten minutes.
MOST_BEGUN = 1000


@dataclass(frozen=True, slots=True)
class Installed:
    """A workspace (or a whole organisation) that has installed the app, or had.

    Attributes:
        key: The workspace's id, T…; of an installation for a whole organisation the organisation's, E….
        enterprise: The organisation it belongs to, if any.
        name: What people call it.
        app, bot_user: The ids that Slack gave the app and its user there.
        scopes: The rights that were granted.
        sealed: Its tokens, sealed; `None` once they are of no use.
        expires_at: When the access token ends, where tokens are rotated.
        installed_by: The person's id.
        ended_at, ended_why: When it was uninstalled or revoked, and which of the two.
    """

    key: str
    enterprise: str
    name: str
    app: str
    bot_user: str
    scopes: tuple[str, ...]
    sealed: str | None = field(repr=False)
    expires_at: datetime | None
    installed_at: datetime
    installed_by: str
    ended_at: datetime | None = None
    ended_why: str = ""

    @property
    def is_here(self) -> bool:
        """Whether the app is installed there now."""
        return self.ended_at is None and self.sealed is not None


def all_of(db: Connection) -> list[Installed]:
    """Every workspace that has or had the app, the oldest first."""
    table = slack_workspaces
    return [_installed(row) for row in db.execute(select(table).order_by(table.c.installed_at, table.c.key))]


def locked(db: Connection, key: str) -> Installed | None:
    """One of them; until the transaction ends no other process changes it."""
    row = db.execute(select(slack_workspaces).where(slack_workspaces.c.key == key).with_for_update()).one_or_none()
    return _installed(row) if row is not None else None


def put(db: Connection, workspace: Installed) -> None:
    """Add it, or put it in the place of what was known of the same workspace."""
    values: dict[str, Any] = {
        "enterprise": workspace.enterprise,
        "name": workspace.name,
        "app": workspace.app,
        "bot_user": workspace.bot_user,
        "scopes": ",".join(workspace.scopes),
        "sealed": workspace.sealed,
        "expires_at": workspace.expires_at,
        "installed_at": workspace.installed_at,
        "installed_by": workspace.installed_by,
        "ended_at": workspace.ended_at,
        "ended_why": workspace.ended_why,
    }
    if locked(db, workspace.key) is None:
        db.execute(insert(slack_workspaces).values(key=workspace.key, **values))
    else:
        db.execute(update(slack_workspaces).where(slack_workspaces.c.key == workspace.key).values(**values))


@contextmanager
def keeping(engine: Engine) -> Iterator[Connection]:
    """A transaction about what Slack gives but once: a lead that is lost meanwhile does not undo it.

    Raises:
        StoreError: The database cannot be used now.
    """
    with unfenced(), writing(engine) as db:
        yield db


def claim_renewal(db: Connection, key: str, *, until: datetime, now: datetime) -> bool:
    """Whether the renewal of its token is the caller's: until then nobody else's, unless it is given back sooner."""
    column = slack_workspaces.c.renewing_until
    free = or_(column.is_(None), column <= now)
    found = db.execute(update(slack_workspaces).where(slack_workspaces.c.key == key, free).values(renewing_until=until))
    return found.rowcount == 1


def end_renewal(db: Connection, key: str, *, until: datetime) -> None:
    """Give the renewal back that was claimed until then; one that somebody took over meanwhile stays theirs."""
    column = slack_workspaces.c.renewing_until
    mine = (slack_workspaces.c.key == key, column == until)
    db.execute(update(slack_workspaces).where(*mine).values(renewing_until=None))


def keep_state(db: Connection, digest: str, *, until: datetime, now: datetime) -> None:
    """Remember that an installation was begun; those that are too old are forgotten, and the oldest of too many."""
    newest = select(install_states.c.until).order_by(install_states.c.until.desc()).offset(MOST_BEGUN - 1).limit(1)
    too_old = db.execute(newest).scalar_one_or_none() or now
    db.execute(delete(install_states).where(install_states.c.until <= max(too_old, now)))
    db.execute(insert(install_states).values(digest=digest, until=until))


def use_state(db: Connection, digest: str, *, now: datetime) -> bool:
    """Whether that installation was begun and may be ended now; it may be but once, whoever else asks meanwhile."""
    table = install_states
    return db.execute(delete(table).where(table.c.digest == digest, table.c.until > now)).rowcount == 1


def _installed(row: Row[Any]) -> Installed:
    return Installed(
        row.key,
        row.enterprise,
        row.name,
        row.app,
        row.bot_user,
        tuple(scope for scope in row.scopes.split(",") if scope),
        row.sealed,
        row.expires_at,
        row.installed_at,
        row.installed_by,
        row.ended_at,
        row.ended_why,
    )
