"""An exercise: told by the same path and in the same channels as an alert, over by itself, and about nothing."""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import Connection, Engine

from bot.core.alerts import Alert, State
from bot.core.command import POOL_ALERTS, Asker
from bot.core.language import _, speaking_at
from bot.core.routes import Place, Route, places
from bot.core.rules.model import Severity
from bot.core.stats import JobStatus, Pool
from bot.jobs.telling import Moment
from bot.messages import trouble
from bot.messages.drill import drill_begun, drill_entry, drill_heard_by_nobody, drill_message
from bot.messages.help import help_message
from bot.messages.model import Message
from bot.store import audit, outbox, planned
from bot.store.engine import reading, writing
from bot.store.outbox import DeliveryKind, Rank

LASTS = timedelta(minutes=1)
# What its alert is called by routes that name rules.
RULE = "drill"
_NOWHERE = Pool("drill", "drill")


def begin(
    words: str, asker: Asker, *, engine: Engine, routes: Sequence[Route], pools: Sequence[Pool], at: Moment
) -> Message:
    """Tell an exercise where an alert of such a severity, in such a pool, would be told.

    Raises:
        StoreError: The database cannot be used now.
    """
    try:
        severity, pool = _understood(words, pools)
    except ValueError as error:
        return help_message(POOL_ALERTS, str(error))
    heard = places(routes, _as_alert(severity, pool or _NOWHERE, at))
    if not heard:
        return drill_heard_by_nobody(severity, pool)
    with writing(engine) as db:
        if planned.running_drills(db):
            return trouble.cannot_do(_("a drill is under way already: wait until it is over"))
        drill = planned.begin_drill(db, at=at.wall, until=at.wall + LASTS, by=asker.signature, severity=severity)
        for place in heard:
            with speaking_at(str(place)):
                message = drill_message(drill.id, severity, pool, began_at=at.wall, asked_by=drill.asked_by)
            outbox.put(db, place=place, message=message, now=at.wall, alert_id=drill.alert_id)
        audit.record(
            db,
            at=at.wall,
            actor=asker.signature,
            place=asker.place,
            action="drill",
            subject=f"drill {drill.id}",
            after={"severity": severity.value, "to": [str(place) for place in heard]},
        )
    return drill_begun(heard, over_at=drill.ends_at, lasts=LASTS, now=at.wall)


def end_drills(*, engine: Engine, at: Moment) -> int:
    """Say of exercises that their time is over; how many messages that makes.

    Raises:
        StoreError: The database cannot be used now; they are ended later.
    """
    with reading(engine) as db:
        if not planned.running_drills(db):
            return 0
    told = 0
    with writing(engine) as db:
        for drill in planned.drills_over(db, at=at.wall):
            for place in outbox.places_told(db, drill.alert_id):
                message, entry = _over(drill, place, at)
                told += _put(db, place, drill.alert_id, message, at)
                told += _put(db, place, drill.alert_id, entry, at, DeliveryKind.THREAD)
            planned.end_drill(db, drill)
    return told


def _over(drill: planned.Drill, place: Place, at: Moment) -> tuple[Message, Message]:
    """What is said of it in `place` when it is over: in its message and under it."""
    with speaking_at(str(place)):
        message = drill_message(
            drill.id, drill.severity, None, began_at=drill.began_at, asked_by=drill.asked_by, ended_at=at.wall
        )
        return message, drill_entry(began_at=drill.began_at, ended_at=at.wall)


def _put(
    db: Connection,
    place: Place,
    alert_id: str,
    message: Message,
    at: Moment,
    kind: DeliveryKind = DeliveryKind.MESSAGE,
) -> bool:
    rank = Rank.ENDED if kind is DeliveryKind.MESSAGE else None
    return bool(outbox.put(db, place=place, message=message, now=at.wall, kind=kind, alert_id=alert_id, rank=rank))


def _understood(words: str, pools: Sequence[Pool]) -> tuple[Severity, Pool | None]:
    """As in: critical in train-a100.

    Raises:
        ValueError: It is not written like that.
    """
    how = _("after drill comes critical, warning or info, and then in and the whole name of a pool")
    parts = words.split()
    severity = Severity.WARNING
    if parts and parts[0].casefold() != "in":
        try:
            severity = Severity(parts.pop(0).casefold())
        except ValueError:
            raise ValueError(how) from None
    if not parts:
        return severity, None
    name = " ".join(parts[1:]).casefold()
    for pool in pools:
        if name and name in {pool.id.casefold(), pool.name.casefold()}:
            return severity, pool
    raise ValueError(how)


def _as_alert(severity: Severity, pool: Pool, at: Moment) -> Alert:
    """What routes are asked about."""
    now = at.now
    return Alert("", RULE, JobStatus.QUEUE, severity, pool, None, State.FIRING, now, now, now, 0, 0, "", now)
