"""What did a person choose for themselves?"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, select

from bot.core.command import Asker
from bot.store.names import upsert
from bot.store.tables import preferences as table


def pools(db: Connection, asker: Asker) -> tuple[str, ...]:
    """The globs of the pools that are theirs; none when all are."""
    found = db.scalar(select(table.c.pools).where(_of(asker)))
    return tuple(str(glob) for glob in found or ())


def choose_pools(db: Connection, asker: Asker, globs: Sequence[str], *, at: datetime) -> None:
    """Keep which pools are theirs."""
    whose = {"platform": asker.platform, "workspace": asker.workspace, "person": asker.user}
    what = {"pools": list(globs), "changed_at": at}
    saved = upsert(db, table).values(whose | what)
    db.execute(saved.on_conflict_do_update(index_elements=list(whose), set_=what))


def _of(asker: Asker) -> ColumnElement[bool]:
    return and_(table.c.platform == asker.platform, table.c.workspace == asker.workspace, table.c.person == asker.user)
