"""Tell others of what nobody has acknowledged, each step once, in the transaction that keeps that it was made."""

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import groupby

from sqlalchemy import Connection

from bot.core.alerts import Alert, State
from bot.core.escalation import due
from bot.core.incidents import Incident
from bot.core.language import speaking_at
from bot.core.routes import Place, Route, Step, places, resting, route_of
from bot.jobs.belief import Belief
from bot.jobs.doing import Doing
from bot.messages.escalation import escalation_entry
from bot.messages.model import Message
from bot.store import alerts, escalations, incidents, outbox
from bot.store.engine import reading, writing
from bot.store.outbox import DeliveryKind

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Due:
    """A step that is to be made of an incident, because of an alert that has waited for so long."""

    incident: Incident
    alert: Alert
    step: Step
    waited: timedelta


def escalate(doing: Doing) -> int:
    """Make every step whose time has come; how many messages that makes.

    Raises:
        StoreError: The database cannot be used now; the steps are made later.
    """
    if not any(route.escalate for route in doing.routes):
        return 0
    with reading(doing.engine) as db:
        pools = {each.alert.pool.id for each in _due(db, alerts.open_alerts(db), doing)}
    told = 0
    for pool_id in sorted(pools):
        with writing(doing.engine) as db:
            # Again, now that nobody else acknowledges or escalates them.
            for each in list(_due(db, alerts.open_alerts(db, pool_id, lock=True), doing)):
                told += _make(db, each, doing)
    return told


def _due(db: Connection, standing: Sequence[Alert], doing: Doing) -> Iterator[Due]:
    """The steps that are to be made now, of each incident the earliest first."""
    now = doing.at.now
    waiting = {alert.id: (alert, route) for alert, route in _waiting(standing, doing)}
    since = escalations.firing_since(db, waiting)
    late = [
        alert
        for name, (alert, route) in waiting.items()
        if name in since and any(now - since[name] >= step.after for step in route.escalate)
    ]
    for pool_id, _ in groupby(sorted(late, key=lambda alert: alert.pool.id), key=lambda alert: alert.pool.id):
        for incident in incidents.standing(db, pool_id, at=now).incidents:
            made, answered = escalations.made(db, incident.id), escalations.answered(db, incident.id)
            found: dict[str, Due] = {}
            for member in incident.ranked():
                alert, route = waiting.get(member.alert.id, (None, None))
                if alert is None or route is None or alert.id not in since:
                    continue
                waits_since = since[alert.id]
                steps = due(route.escalate, alert, waits_since=waits_since, made=made, answered=answered, now=now)
                for step in steps:
                    found.setdefault(step.key, Due(incident, alert, step, now - waits_since))
            yield from sorted(found.values(), key=lambda each: each.step.after)


def _waiting(standing: Sequence[Alert], doing: Doing) -> Iterator[tuple[Alert, Route]]:
    """The alerts that wait for somebody to acknowledge them: not those that get better, nor those that rest now."""
    rest = resting(doing.routes, now=doing.at.now)
    for alert in standing:
        route = route_of(doing.routes, alert)
        if route is None or not route.escalate or alert.state is not State.FIRING or alert.clear_since is not None:
            continue
        if rest(alert) is None:
            yield alert, route


def _make(db: Connection, what: Due, doing: Doing) -> int:
    """Keep that the step is made, and put what is told because of it into the outbox; how many messages that is."""
    incident, step, now = what.incident, what.step, doing.at.now
    number = sum(each.step == step.key for each in escalations.made(db, incident.id))
    escalations.add(db, incident.id, step.key, at=now)
    told_before = outbox.places_told(db, incident.id)
    belief = Belief(db, incident, doing.hide_users_in, now=now)
    told = 0
    for place in step.to:
        is_new = place not in told_before
        with speaking_at(str(place)):
            message = belief.at(place)
        # What has a key is told on its own however many alerts fire at the same time, so that it is seen.
        key = f"escalation {incident.id} in {place}" if is_new else None
        told += _put(db, what, place, message, DeliveryKind.MESSAGE, key, doing)
        # A new message is heard by itself; who is called, or was told before, would not hear of an entry alone.
        told += _entry(db, what, place, number, doing, aloud=not is_new)
    for place in places(doing.routes, what.alert):
        if place not in step.to and place in told_before:
            told += _entry(db, what, place, number, doing, to=step.to)
    log.info("incident %s is escalated after %s: %s", incident.id, what.waited, step.key)
    return told


def _entry(
    db: Connection,
    what: Due,
    place: Place,
    number: int,
    doing: Doing,
    *,
    to: Sequence[Place] = (),
    aloud: bool = False,
) -> bool:
    """Say in the thread in `place` that it was escalated, and call whom the step calls, unless that is done in `to`."""
    calls = [each for each in what.step.mention if each.platform == place.platform and not to]
    with speaking_at(str(place)):
        said = escalation_entry(what.alert, waited=what.waited, to=to, calls=calls, now=doing.at.now)
    kind = DeliveryKind.ALOUD if calls or aloud else DeliveryKind.THREAD
    key = f"escalation {what.incident.id} {number} {what.step.key} in {place}"
    return _put(db, what, place, said, kind, key, doing)


def _put(
    db: Connection, what: Due, place: Place, said: Message, kind: DeliveryKind, key: str | None, doing: Doing
) -> bool:
    put = outbox.put(db, place=place, message=said, now=doing.at.wall, kind=kind, alert_id=what.incident.id, key=key)
    return put is not None
