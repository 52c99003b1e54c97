"""What becomes of what waits to be told when the time of day leaps, by which it waits?"""

from datetime import datetime, timedelta

from sqlalchemy import Engine, func, select, update

from bot.store.deliveries import IS_WAITING
from bot.store.engine import reading, writing
from bot.store.tables import deliveries as table

# Two machines' clocks may differ by so much without one of them having leapt.
_CLOCKS_DIFFER = timedelta(minutes=1)


def move_along(engine: Engine, leap: timedelta, *, now: datetime) -> None:
    """The time of day has leapt to `now`: nothing waits for longer than it would have, and no lease ends because of it.

    Raises:
        StoreError: The database cannot be used now.
    """
    if leap < timedelta():
        _move_back(engine, -leap, now)
        return
    # A lease that was valid before the leap; what was leased after it, by another process, is left alone.
    broken = table.c.leased_until.between(now - leap, now)
    with writing(engine) as db:
        for row in db.execute(select(table.c.id, table.c.leased_until).where(IS_WAITING, broken)).all():
            later = update(table).where(table.c.id == row.id, table.c.leased_until == row.leased_until)
            db.execute(later.values(leased_until=row.leased_until + leap))


def catch_up(engine: Engine, *, now: datetime) -> None:
    """Likewise when the bot starts: what was put later than now was put by a clock that has been set back since.

    Raises:
        StoreError: The database cannot be used now.
    """
    with reading(engine) as db:
        newest = db.scalar(select(func.max(table.c.created_at)).where(IS_WAITING))
    if newest is not None and newest > now + _CLOCKS_DIFFER:
        _move_back(engine, newest - now, now)


def _move_back(engine: Engine, by: timedelta, now: datetime) -> None:
    """Everything that waits keeps its order; what another process has leased by the right clock keeps its lease."""
    with writing(engine) as db:
        for row in db.execute(select(table).where(IS_WAITING)).all():
            values = {name: getattr(row, name) - by for name in ("wanted_at", "due_at") if getattr(row, name) > now}
            values["created_at"] = min(row.created_at, now)
            if row.leased_until is not None and row.leased_until - now > by / 2:
                values["leased_until"] = row.leased_until - by
            db.execute(update(table).where(table.c.id == row.id).values(values))
