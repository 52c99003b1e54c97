"""Which alerts are told together? What each of them would say is kept, and the summary is drawn from it anew."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any
from uuid import uuid4

from pydantic import ValidationError
from sqlalchemy import ColumnElement, Connection, Engine, and_, bindparam, func, insert, select, update

from bot.core.crowds import Gathering
from bot.core.language import speaking_at
from bot.core.routes import Place
from bot.messages.model import Message, from_json, to_json
from bot.messages.summary import entries_together, rest_of_summary, summary_message
from bot.store.deliveries import IS_WAITING, DeliveryKind, DeliveryState, Rank, is_first, is_free
from bot.store.engine import reading, writing
from bot.store.line import crowds
from bot.store.tables import deliveries as table
from bot.store.tables import gathered

_PREFIX = "summary-"
# Asked for every message that is put, so made once.
_HOLDING = select(gathered.c.summary_id).where(
    gathered.c.alert_id == bindparam("alert"),
    gathered.c.platform == bindparam("platform"),
    gathered.c.channel == bindparam("channel"),
)


def is_summary(alert_id: str | None) -> bool:
    """Whether a message is that of a summary, not of one alert."""
    return alert_id is not None and alert_id.startswith(_PREFIX)


def gather(
    engine: Engine,
    gathering: Gathering,
    *,
    platform: str,
    now: datetime,
    ready: Callable[[Place], bool] = lambda _: True,
) -> int:
    """Make one summary of the many first messages that wait for one channel; how many summaries.

    They are counted once they wait for no others, and the channel is `ready`. With `above` 0 each is told on its own.

    Raises:
        StoreError: The database cannot be used now.
    """
    above = gathering.above
    if above <= 0:
        return 0
    of = (table.c.platform, table.c.channel)
    crowded = select(*of).where(table.c.platform == platform, _alone()).group_by(*of).having(func.count() > above)
    with reading(engine) as db:
        places = [Place(row.platform, row.channel) for row in db.execute(crowded)]
        coming = crowds(db, now=now, gathering=gathering) if places else {}
    places = [each for each in places if each not in coming]
    made = 0
    for place in filter(ready, places):
        with writing(engine) as db:
            made += _gather(db, place, above, now)
    return made


def holding(db: Connection, place: Place, alert_id: str) -> str | None:
    """The summary in which the alert is told in `place`, if it is."""
    found: str | None = db.scalar(_HOLDING, {"alert": alert_id, "platform": place.platform, "channel": place.channel})
    return found


def members(db: Connection, place: Place, summary_id: str) -> Sequence[str]:
    """The alerts that are told in the summary; none for what is no summary."""
    if not is_summary(summary_id):
        return ()
    of = (
        gathered.c.summary_id == summary_id,
        gathered.c.platform == place.platform,
        gathered.c.channel == place.channel,
    )
    return list(db.scalars(select(gathered.c.alert_id).where(*of).order_by(gathered.c.position)))


def change(db: Connection, place: Place, alert_id: str, message: Message) -> None:
    """The alert's own message would be another one now."""
    db.execute(update(gathered).where(_is(place, alert_id)).values(message=to_json(message)))


def drawn(db: Connection, place: Place, summary_id: str) -> Message:
    """The summary in `place`, as its alerts are now."""
    with speaking_at(str(place)):
        return summary_message(_messages(db, summary_id))


def join_entry(db: Connection, place: Place, summary_id: str, kind: DeliveryKind, message: Message) -> str | None:
    """Say it in the entry that waits for the summary's thread already, if there is one with room; its id."""
    if not is_summary(summary_id):
        return None
    of = (table.c.alert_id == summary_id, table.c.platform == place.platform, table.c.channel == place.channel)
    last = select(table).where(*of, is_free(table), table.c.kind == kind).order_by(table.c.seq.desc()).limit(1)
    row = db.execute(last.with_for_update()).first()
    before = None if row is None else _read(row.message)
    with speaking_at(str(place)):
        both = None if before is None else entries_together(before, message)
    if row is None or both is None:
        return None
    db.execute(update(table).where(table.c.seq == row.seq).values(message=to_json(both)))
    joined: str = row.id
    return joined


def _alone() -> ColumnElement[bool]:
    """A first message of an alert that is not told and of which no attempt can have been taken."""
    return and_(is_first(table), is_free(table), table.c.alert_id.not_like(f"{_PREFIX}%"))


def _gather(db: Connection, place: Place, above: int, now: datetime) -> int:
    of_place = (table.c.platform == place.platform, table.c.channel == place.channel)
    rows = db.execute(select(table).where(*of_place, _alone()).order_by(table.c.seq).with_for_update()).all()
    told = [(row, message) for row in rows if (message := _read(row.message)) is not None]
    if len(told) <= above:
        return 0
    summary_id = f"{_PREFIX}{uuid4().hex}"
    where = {"platform": place.platform, "channel": place.channel, "summary_id": summary_id, "at": now}
    db.execute(
        insert(gathered),
        [where | {"alert_id": row.alert_id, "position": n, "message": row.message} for n, (row, _) in enumerate(told)],
    )
    these = table.c.seq.in_([row.seq for row, _ in told])
    ids = [row.alert_id for row, _ in told]
    db.execute(update(table).where(these).values(state=DeliveryState.GATHERED, settled_at=now, why=None))
    # What was to stand under their messages stands under the summary.
    db.execute(update(table).where(IS_WAITING, *of_place, table.c.alert_id.in_(ids)).values(alert_id=summary_id))
    messages = [message for _, message in told]
    moments = {
        "created_at": min(row.created_at for row, _ in told),
        "wanted_at": min(row.wanted_at for row, _ in told),
        "due_at": now,
    }
    with speaking_at(str(place)):
        summary, entries = summary_message(messages), rest_of_summary(messages)
    first = _row(place, summary_id, DeliveryKind.MESSAGE, Rank.FIRST, summary) | moments
    rest = [_row(place, summary_id, DeliveryKind.THREAD, Rank.CHANGED, each) for each in entries]
    db.execute(insert(table), [first, *(each | moments for each in rest)])
    return 1


def _row(place: Place, summary_id: str, kind: DeliveryKind, rank: Rank, message: Message) -> dict[str, Any]:
    return {
        "id": uuid4().hex,
        "platform": place.platform,
        "channel": place.channel,
        "kind": kind,
        "alert_id": summary_id,
        "about": summary_id,
        "rank": rank,
        "message": to_json(message),
        "state": DeliveryState.WAITING,
        "attempts": 0,
        "unclear": False,
    }


def _messages(db: Connection, summary_id: str) -> list[Message]:
    chosen = select(gathered.c.message).where(gathered.c.summary_id == summary_id).order_by(gathered.c.position)
    found = (_read(text) for text in db.scalars(chosen))
    return [message for message in found if message is not None]


def _is(place: Place, alert_id: str) -> ColumnElement[bool]:
    of = (gathered.c.platform == place.platform, gathered.c.channel == place.channel)
    return and_(gathered.c.alert_id == alert_id, *of)


def _read(text: str) -> Message | None:
    """The message, unless this version cannot read it."""
    try:
        return from_json(text)
    except ValidationError:
        return None
