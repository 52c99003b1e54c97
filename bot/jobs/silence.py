"""What becomes of alerts that nobody shall be told of for a while, and of the silences that say so?"""

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from bot.core.alerts import Alert, Event, State, move
from bot.core.because import Because
from bot.core.command import Asker
from bot.core.durations import duration_text, parse_duration
from bot.core.judge import Change
from bot.core.language import _
from bot.core.rests import catches, goes_on, over, speaks_again
from bot.core.routes import resting, rests_in_force
from bot.core.rules.model import Severity
from bot.core.scope import Scope
from bot.core.silence_words import TOMORROW, MakeSilence
from bot.core.silences import LONGEST_SILENCE, Silence, covering, sight_of
from bot.jobs.act import Until, alerts_meant, until_shown, until_when
from bot.jobs.doing import Doing, before_and_after, record
from bot.messages import trouble
from bot.messages.form import Form, Misfilled, Value, read
from bot.messages.model import Message
from bot.messages.phrases import begun
from bot.messages.silences import ANY, changed_message, made_message, silence_form, silences_message
from bot.store import alerts, silences
from bot.store.engine import StoreError, reading, writing

_SECOND = timedelta(seconds=1)


def silence_as_typed(asked: MakeSilence, asker: Asker, doing: Doing) -> Message:
    """Make the silence that a command asks for."""
    length, now = TOMORROW if asked.length is None else duration_text(asked.length), doing.at.now
    problem = _matches_nothing(asked.scope, asker, doing)
    if problem:
        return trouble.cannot_do(problem)
    try:
        until = until_shown(*asked.between, asker, now) if asked.between else until_when(length, asker, now)
    except ValueError as error:
        return trouble.cannot_do(str(error))
    return _make(asked.scope, until, asked.reason, asker, doing)


def form_for(subject: str, asker: Asker, doing: Doing) -> Form | Message:
    """What to fill in for a silence; with `subject`, filled in from the alert or incident that is called so."""
    if not subject:
        return silence_form("", pools=())
    try:
        with writing(doing.engine) as db:
            meant = alerts_meant(db, subject, doing.at)
    except StoreError as error:
        return trouble.own_failure(error.why)
    if not meant or not doing.access.may_see(asker, meant[0].pool):
        return trouble.cannot_do(_("there is no such alert any more"))
    pool = meant[0].pool
    plain_name = not set(pool.name) & set("*?[,") and pool.name.strip() == pool.name
    name = pool.name if plain_name and len(pool.name) <= 80 else pool.id
    rules = {alert.rule for alert in meant}
    rule = rules.pop().replace("[", "[[]") if len(rules) == 1 else ""
    return silence_form(subject, pools=(name,), rule=rule if "*" not in rule and "?" not in rule else "")


def silence_as_filled_in(subject: str, typed: Mapping[str, str], asker: Asker, doing: Doing) -> Message:
    """Make the silence that a form asks for.

    Raises:
        Misfilled: Something in it is not as it must be.
    """
    values = read(silence_form(subject, pools=()), typed)
    until = _until(values, doing.at.now)
    pools, rule, severity, reason = (values[name] for name in ("pools", "rule", "severity", "reason"))
    scope = Scope(
        pools if isinstance(pools, tuple) else (),
        (str(rule),) if rule else (),
        () if severity == ANY else (Severity(str(severity)),),
    )
    problem = _matches_nothing(scope, asker, doing)
    if problem:
        raise Misfilled({"pools": _("{sentence}.", sentence=begun(problem))})
    return _make(scope, until, str(reason or ""), asker, doing)


def _until(values: Mapping[str, Value], now: datetime) -> Until:
    """The date that is given, else the length of time."""
    match values["until"], values["length"]:
        case datetime() as until, _ if not now < until <= now + LONGEST_SILENCE:
            raise Misfilled({"until": _("Please choose a moment within the next 7 days.")})
        case datetime() as until, _:
            return Until(until, Because("silenced for {time}", time=until - now))
        case _, timedelta() as length:
            return Until(now + length, Because("silenced for {time}", time=length))
        case _:
            raise Misfilled({"length": _("Please say for how long, or until when.")})


def _matches_nothing(scope: Scope, asker: Asker, doing: Doing) -> str:
    """What is wrong with the pools' names; nothing where no pool is known, or one of those that are is meant."""
    visible = doing.access.visible(asker, doing.pools)
    if not doing.pools or any(pool.named_by(scope.pools) for pool in visible):
        return ""
    return _("no pool is called {pools}", pools=", ".join(scope.pools))


def _make(scope: Scope, until: Until, reason: str, asker: Asker, doing: Doing) -> Message:
    now = doing.at.now
    silence = Silence(
        uuid.uuid4().hex[:12],
        scope,
        sight_of(asker, doing.access),
        until.at,
        reason,
        asker.signature,
        asker.place,
        now,
        starts_at=until.starts_at,
    )
    try:
        with writing(doing.engine) as db:
            silences.add(db, silence)
            quiet = [
                _silenced(alert, silence, now, until.why)
                for alert in alerts.open_alerts(db, lock=True)
                if alert.state in (State.FIRING, State.ACKNOWLEDGED) and silence.covers(alert) and silence.active(now)
            ]
            doing.tell(db, quiet)
            before, after = before_and_after(quiet)
            seq = record(
                db,
                asker,
                "silence",
                f"silence {silence.id}",
                at=doing.at.wall,
                before=before,
                after={**_facts(silence), **after},
            )
    except StoreError as error:
        return trouble.own_failure(error.why)
    return made_message(silence, len(quiet), seq, now=now, note=until.note)


def end_silence(silence_id: str, asker: Asker, doing: Doing) -> Message:
    """End a silence before its time; what is still wrong is told."""
    return _change(silence_id, asker, doing, lambda silence: replace(silence, ended_at=doing.at.now))


def extend_silence(subject: str, asker: Asker, doing: Doing) -> Message:
    """Let a silence last for longer: `subject` is its id and for how much."""
    silence_id, _space, longer = subject.partition(" ")
    latest = doing.at.now + LONGEST_SILENCE
    try:
        more = parse_duration(longer)
    except ValueError as error:
        return trouble.cannot_do(str(error))
    return _change(silence_id, asker, doing, lambda each: replace(each, until=min(each.until + more, latest)))


def _change(silence_id: str, asker: Asker, doing: Doing, changed: Callable[[Silence], Silence]) -> Message:
    now = doing.at.now
    try:
        with writing(doing.engine) as db:
            before = silences.get(db, silence_id, lock=True)
            if before is None or not before.visible_to(asker, doing.access, doing.pools):
                return trouble.cannot_do(_("there is no such silence any more"))
            if not before.stands(now):
                return trouble.cannot_do(_("that silence is over already"))
            after = changed(before)
            moved = put(db, before, after, asker.signature, doing)
            was, is_now = before_and_after(moved)
            seq = record(
                db,
                asker,
                "end silence" if after.ended_at is not None else "extend silence",
                f"silence {silence_id}",
                at=doing.at.wall,
                before={**_facts(before), **was},
                after={**_facts(after), **is_now},
            )
    except StoreError as error:
        return trouble.own_failure(error.why)
    return changed_message(after, seq, now=now)


def put(db: Connection, before: Silence, after: Silence, actor: str, doing: Doing) -> Sequence[Change]:
    """Keep a silence as it is now, and let the alerts that it alone keeps quiet follow it."""
    now = doing.at.now
    silences.change(db, after)
    active, rest = silences.in_force(db, now=now), resting(doing.routes, now=now)
    changes: list[Change] = []
    for alert in alerts.open_alerts(db, lock=True):
        if not after.covers(alert):
            continue
        follows = alert.silenced_until is not None and abs(alert.silenced_until - before.until) < _SECOND
        cover = covering([*active, *over(rest, alert)], alert, now=now)
        if alert.state is State.SILENCED and follows and cover is None:
            heard, made = move(alert, Event.SILENCE_OVER, at=now, why=Because("the silence was ended"), actor=actor)
            changes.append(Change(heard, alert, (made,)))
        elif alert.state is State.SILENCED and follows and cover is not None and cover.until != alert.silenced_until:
            changes.append(_silenced(alert, cover, now, Because("silenced")))
        elif alert.state in (State.FIRING, State.ACKNOWLEDGED) and not before.active(now) and after.active(now):
            changes.append(_silenced(alert, after, now, Because("silenced again")))
    doing.tell(db, changes)
    return changes


def keep_silences(doing: Doing) -> int:
    """Let alerts speak again whose silence is over, and keep quiet what a silence is about; how many changed.

    A silence that is made while an alert is being told by another process misses it; it is put right here. What begins
    by the clock begins here, and what the configuration keeps quiet follows it when that changes.
    """
    with reading(doing.engine) as db:
        if not _changed_by_clock(db, doing):
            return 0
    with writing(doing.engine) as db:
        # Again, now that nobody else changes them.
        changes = _changed_by_clock(db, doing, lock=True)
        doing.tell(db, changes)
    return len(changes)


def _changed_by_clock(db: Connection, doing: Doing, *, lock: bool = False) -> list[Change]:
    now, standing = doing.at.now, alerts.open_alerts(db, lock=lock)
    if not standing:
        return []
    active, rest = silences.in_force(db, now=now), resting(doing.routes, now=now)
    found = (_kept(alert, [*active, *over(rest, alert)], now) for alert in standing)
    return [change for change in found if change is not None]


def _kept(alert: Alert, quiet: Sequence[Silence], now: datetime) -> Change | None:
    """What the clock makes of an alert, given what keeps it quiet; `None` where it stays as it is."""
    match alert.state:
        case State.SILENCED:
            cover = covering(quiet, alert, now=now)
            if speaks_again(alert, cover, now=now):
                heard, made = move(alert, Event.SILENCE_OVER, at=now, why=Because("the silence is over"))
                return Change(heard, alert, (made,))
            return (
                _silenced(alert, cover, now, Because("silenced"))
                if cover is not None and goes_on(alert, cover, now)
                else None
            )
        case State.FIRING:
            cover = covering([each for each in quiet if catches(each, alert)], alert, now=now)
            return None if cover is None else _silenced(alert, cover, now, Because("silenced"))
        case _:
            return None


def show_silences(skip: int, asker: Asker, doing: Doing) -> Message:
    """The silences that the asker may know of."""
    now = doing.at.now
    try:
        with reading(doing.engine) as db:
            every = [*silences.in_force(db, now=now), *silences.planned(db, now=now)]
            found = [each for each in every if each.visible_to(asker, doing.access, doing.pools)]
            quiet = [alert for alert in alerts.open_alerts(db) if alert.state is State.SILENCED]
    except StoreError as error:
        return trouble.own_failure(error.why)
    visible = [alert for alert in quiet if doing.access.may_see(asker, alert.pool)]
    counted = [(each, sum(each.active(now) and each.covers(alert) for alert in visible)) for each in found]
    # Whose names may be those of hidden pools is shown only to who sees them all.
    rests = [
        (each, sum(alert.held_by == each.by for alert in visible))
        for each in rests_in_force(doing.routes, now=now)
        if doing.access.sees_all(asker) or (each.scope.pools == ("*",) and not doing.access.is_shut_out(asker))
    ]
    return silences_message(counted, skip=min(skip, max(len(counted) - 1, 0)), rests=rests)


def _silenced(alert: Alert, silence: Silence, at: datetime, why: Because) -> Change:
    said = Because("{what}: {reason}", what=why, reason=silence.reason) if silence.reason else why
    after, made = move(alert, Event.SILENCE, at=at, why=said, actor=silence.by, until=silence.until)
    return Change(after, alert, (made,))


def _facts(silence: Silence) -> dict[str, Any]:
    """A silence as the audit log keeps it."""
    said = {name: list(value) for name, value in asdict(silence.scope).items() if value}
    until = silence.ended_at or silence.until
    if silence.starts_at is not None:
        said["from"] = [silence.starts_at.isoformat(timespec="seconds")]
    return {**said, "until": until.isoformat(timespec="seconds"), "reason": silence.reason}
