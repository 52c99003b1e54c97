"""What goes next? The most urgent that its place takes, and of one alert always in order."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, FromClause, and_, case, exists, func, not_, or_, select, true, tuple_

from bot.core.crowds import ALONE, Crowd, Gathering, told_from
from bot.core.routes import Place
from bot.messages.sending import Act
from bot.store.deliveries import IS_WAITING, DeliveryKind, Rank, has_parent, is_first, is_waiting
from bot.store.tables import deliveries as table


@dataclass(frozen=True, slots=True)
class Head:
    """What would be handed out next of its kind in its place, and what sending it takes."""

    seq: int
    attempts: int
    place: Place
    acts: tuple[Act, ...]


# What has waited for so long is as urgent as anything, so that nothing waits for ever while more urgent things come.
_LONG = timedelta(minutes=10)

# Whether the platform takes such acts in such a place now.
Ready = Callable[[Place, tuple[Act, ...]], bool]


def heads(
    db: Connection, *, platform: str | None, now: datetime, gathering: Gathering = ALONE, most: int
) -> list[Head]:
    """What may go, the most urgent first; of every place and act `most` at the most, so that none hides another.

    Where equally urgent things wait, places take turns; of these the one where the least waits is first. An alert's
    first message waits for others that come with it, as long as `gathering` says.
    """
    older = table.alias("older")
    held_up = exists().where(is_waiting(older), _same_alert_and_place(older), older.c.seq < table.c.seq, _may_go(older))
    free = and_(IS_WAITING, table.c.due_at <= now, or_(table.c.leased_until.is_(None), table.c.leased_until <= now))
    gathered: ColumnElement[bool] = true()
    if waits := [(at.platform, at.channel) for at in crowds(db, now=now, gathering=gathering)]:
        waits_not = tuple_(table.c.platform, table.c.channel).not_in(waits)
        gathered = or_(table.c.attempts > 0, not_(is_first(table)), waits_not)
    behind = table.alias("behind")
    # What holds up something urgent is as urgent.
    most_urgent = func.coalesce(
        select(func.min(behind.c.rank)).where(is_waiting(behind), _same_alert_and_place(behind)).scalar_subquery(),
        table.c.rank,
    )
    urgent = case((table.c.wanted_at <= now - _LONG, Rank.FIRST.value), else_=most_urgent)
    act = case((and_(table.c.kind == DeliveryKind.MESSAGE, has_parent(table)), Act.EDIT), else_=Act.POST)
    of_its_kind = (table.c.platform, table.c.channel, act, table.c.unclear)
    facts = (table.c.seq, table.c.attempts, table.c.platform, table.c.channel, table.c.due_at, table.c.unclear)
    turn = func.row_number().over(partition_by=of_its_kind, order_by=(urgent, table.c.due_at, table.c.seq))
    crowd = func.count().over(partition_by=(table.c.platform, table.c.channel))
    doubtful = or_(table.c.unclear, table.c.leased_until.is_not(None)).label("doubtful")
    of_platform = [] if platform is None else [table.c.platform == platform]
    line = (
        select(*facts, doubtful, act.label("act"), urgent.label("urgent"), turn.label("turn"), crowd.label("crowd"))
        .where(free, gathered, _may_go(table), not_(held_up), *of_platform)
        .subquery("line")
    )
    order = (line.c.urgent, line.c.turn, line.c.crowd, line.c.due_at, line.c.seq)
    rows = db.execute(select(line).where(line.c.turn <= most).order_by(*order))
    return [
        Head(
            row.seq,
            row.attempts,
            Place(row.platform, row.channel),
            (Act.READ, Act(row.act)) if row.doubtful and row.act == Act.POST else (Act(row.act),),
        )
        for row in rows
    ]


def next_at(db: Connection, *, platform: str | None, now: datetime, gathering: Gathering = ALONE) -> datetime | None:
    """When something comes due that is not yet, so that nobody needs to look before."""
    of_platform = [] if platform is None else [table.c.platform == platform]
    later = select(func.min(table.c.due_at)).where(IS_WAITING, table.c.due_at > now, *of_platform)
    moments = [db.scalar(later), *crowds(db, now=now, gathering=gathering).values()]
    return min((each for each in moments if each is not None), default=None)


def crowds(db: Connection, *, now: datetime, gathering: Gathering) -> dict[Place, datetime]:
    """Where first messages of alerts wait for others that may come with them, and until when."""
    if not gathering.waits:
        return {}
    of = (table.c.platform, table.c.channel)
    facts = (func.count().label("n"), func.min(table.c.created_at).label("a"), func.max(table.c.created_at).label("z"))
    untried = select(*of, *facts).where(IS_WAITING, table.c.attempts == 0, is_first(table)).group_by(*of)
    told = {
        Place(row.platform, row.channel): told_from(Crowd(row.n, row.a, row.z), gathering)
        for row in db.execute(untried)
    }
    return {place: until for place, until in told.items() if until > now}


def _may_go(of: FromClause) -> ColumnElement[bool]:
    """Whether it is for the channel, or for a thread that is there."""
    return or_(of.c.kind == DeliveryKind.MESSAGE, has_parent(of))


def _same_alert_and_place(older: FromClause) -> ColumnElement[bool]:
    return and_(*(older.c[name] == table.c[name] for name in ("alert_id", "platform", "channel")))
