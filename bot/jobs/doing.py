"""What is everything that people do to alerts done with, and how is it kept what was before?"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine

from bot.core.access import Access
from bot.core.alerts import Alert
from bot.core.command import Asker
from bot.core.judge import Change
from bot.core.routes import Route
from bot.core.stats import Pool
from bot.jobs.telling import Moment, tell
from bot.store import audit


@dataclass(frozen=True, slots=True)
class Doing:
    """What an action is done with.

    Attributes:
        engine: The store.
        access: Who may do what.
        routes: Where alerts go.
        at: Now.
        grouped: Whether the alerts of a pool are told in one message.
        pools: Those that are read, as far as they are known.
        also_hidden_in: Further channels (globs) than those of `access` in which users of jobs are not named, such as
            all of them where a message may be told elsewhere in the end.
    """

    engine: Engine
    access: Access
    routes: Sequence[Route]
    at: Moment
    grouped: bool = True
    pools: Sequence[Pool] = ()
    also_hidden_in: Sequence[str] = ()

    @property
    def hide_users_in(self) -> tuple[str, ...]:
        """The channels (globs) in which the users of jobs are not named."""
        return (*self.access.hide_users_in, *self.also_hidden_in)

    def tell(self, db: Connection, changes: Sequence[Change]) -> None:
        """Save the changes with what the channels shall hear of them."""
        tell(db, changes, self.routes, at=self.at, grouped=self.grouped, hide_users_in=self.hide_users_in)


def standing(alert: Alert) -> dict[str, Any]:
    """How an alert stands, as the audit log keeps it."""
    until = None if alert.silenced_until is None else alert.silenced_until.isoformat(timespec="seconds")
    return {"state": alert.state.value, "held_by": alert.held_by, "silenced_until": until}


def before_and_after(changes: Sequence[Change]) -> tuple[dict[str, Any], dict[str, Any]]:
    """How alerts stood, and how they stand now."""
    before = {change.alert.id: standing(change.before) for change in changes if change.before is not None}
    return {"alerts": before}, {"alerts": {change.alert.id: standing(change.alert) for change in changes}}


def record(
    db: Connection,
    asker: Asker,
    action: str,
    subject: str,
    *,
    at: datetime,
    before: Mapping[str, Any] | None,
    after: Mapping[str, Any] | None,
    pool: Pool | None = None,
) -> int:
    """Keep who did what, and where; the number of the entry."""
    return audit.record(
        db,
        at=at,
        actor=asker.signature,
        action=action,
        subject=subject,
        before=before,
        after=after,
        place=asker.place,
        pool=pool,
    )
