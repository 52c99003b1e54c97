"""Say once that something cannot be seen, and once that it can again, in the transaction that made it true."""

import logging
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from sqlalchemy import Connection, Engine

from bot.core.because import Because, Why
from bot.core.blindness import Look, Patience, Sight, Spell, SpellKind, Turn, Unseen, hearing, turns_by_account
from bot.core.judge import ended
from bot.core.language import speaking_at
from bot.core.routes import Place, Route
from bot.core.stats import Pool
from bot.jobs.pools import STILL_KNOWN
from bot.jobs.telling import NOWHERE, Moment, tell
from bot.messages.blindness import ACCESS_KEY, Scene, blindness_entry, blindness_message
from bot.messages.phrases import utc
from bot.store import alerts, outbox, spells
from bot.store.engine import reading, writing
from bot.store.outbox import DeliveryKind

log = logging.getLogger(__name__)

# Between two looks of a bot that runs there is less; more is a sleep of the machine, or a jump of its clock.
A_BREAK = timedelta(minutes=1)


class Lookout:
    """Since when the bot has looked without a break. Used by one thread at a time."""

    def __init__(self) -> None:
        self._looked_at: datetime | None = None
        self._since: datetime | None = None
        self._unlisted_since: dict[str, datetime] = {}

    def look(self, now: datetime, unlisted: Mapping[str, Why]) -> tuple[timedelta, dict[str, tuple[datetime, Why]]]:
        """For how long it has looked by `now`, and since when, and why, no pool of which account has been known."""
        last, self._looked_at = self._looked_at, now
        if self._since is None or last is None or not timedelta() <= now - last <= A_BREAK:
            self._since, self._unlisted_since = now, {}
        self._unlisted_since = {account: self._unlisted_since.get(account, now) for account in unlisted}
        return now - self._since, {account: (self._unlisted_since[account], why) for account, why in unlisted.items()}


@dataclass(frozen=True, slots=True)
class Watch:
    """What is watched, and for whom.

    Attributes:
        read: The pools that ModelArts lists, so that they are read in every interval.
        unlisted: Why no pool is known, where none is.
        wanted: Whether the configuration is about a pool.
        patience: How long something must last.
        routes: Where alerts go: who may hear of an alert about a pool hears that it cannot be seen.
        credentials: With what the bot proves who it is, where that is not an access key.
        grouped: Whether the alerts of a pool are told in one message.
        hide_users_in: Channels (globs) in which the users of jobs are not named.
        unlisted_accounts: Why the list of an account cannot be had, where there are several.
        credentials_of: With what the bot proves who it is to each of them.
    """

    read: Sequence[Pool]
    unlisted: Why | None
    wanted: Callable[[Pool], bool]
    patience: Patience
    routes: Sequence[Route]
    credentials: str | None = None
    grouped: bool = True
    hide_users_in: Sequence[str] = NOWHERE
    unlisted_accounts: Mapping[str, Why] = field(default_factory=dict)
    credentials_of: Mapping[str, Why] = field(default_factory=dict)

    @property
    def unknown(self) -> Mapping[str, Why]:
        """Why no pool of which account is known; without a name where there is one account."""
        known = {pool.account for pool in self.read}
        found = {account: why for account, why in self.unlisted_accounts.items() if account not in known}
        return found if found or self.read or not self.unlisted else {"": self.unlisted}


def watch(engine: Engine, what: Watch, lookout: Lookout, *, at: Moment) -> int:
    """Tell what can no longer be seen, or can again; how many messages that makes.

    Raises:
        StoreError: The database cannot be used now; it is told later.
    """
    settled, unlisted = lookout.look(at.now, what.unknown)
    with reading(engine) as db:
        if not _turns(db, what, settled, unlisted, at.now)[0]:
            return 0
    told = 0
    with writing(engine) as db:
        # Again, now that nobody else can say so at the same time.
        found, sights = _turns(db, what, settled, unlisted, at.now)
        for turn in found:
            spells.save(db, turn.spell)
            told += _close(db, turn, what, at)
            if turn.worth_telling:
                told += _tell(db, turn, sights, what, at)
    for turn in found:
        _log(turn)
    return told


def _turns(
    db: Connection, what: Watch, settled: timedelta, unlisted: Mapping[str, tuple[datetime, Why]], now: datetime
) -> tuple[tuple[Turn, ...], list[Sight]]:
    standing = spells.open_spells(db)
    sights = _sights(db, what, standing, now)
    look = Look(sights, None, now, settled)
    found = turns_by_account(look, unlisted, standing, what.patience, new_id=_new_id)
    return found, sights


def _new_id() -> str:
    return f"blind-{uuid.uuid4().hex[:12]}"


def _sights(db: Connection, what: Watch, standing: Sequence[Spell], now: datetime) -> list[Sight]:
    """Of the pools that are read, and of those that were until not long ago, that have open alerts or are gone."""
    listed = {pool.id: pool for pool in what.read}
    known = {sight.pool.id: sight for sight in spells.sights(db)}
    kept = {alert.pool.id for alert in alerts.open_alerts(db)}
    kept |= {each.pool.id for spell in standing for each in spell.pools}
    found = [replace(known.get(pool.id, Sight(pool, None)), pool=pool) for pool in listed.values()]
    for sight in known.values():
        lately = sight.seen_at is not None and now - sight.seen_at <= STILL_KNOWN
        if sight.pool.id not in listed and (lately or sight.pool.id in kept) and what.wanted(sight.pool):
            found.append(replace(sight, listed=False))
    return found


def _close(db: Connection, turn: Turn, what: Watch, at: Moment) -> int:
    """End the alerts about pools that have just been found to be gone."""
    if turn.spell.kind is not SpellKind.GONE:
        return 0
    told = 0
    for each in turn.joined:
        standing = alerts.open_alerts(db, each.pool.id, lock=True)
        why = Because("ModelArts has known no such pool since {when}", when=utc(each.since, now=at.now))
        closed = [ended(alert, at.now, why) for alert in standing]
        told += tell(db, closed, what.routes, at=at, grouped=what.grouped, hide_users_in=what.hide_users_in)
    return told


def _tell(db: Connection, turn: Turn, sights: Sequence[Sight], what: Watch, at: Moment) -> int:
    """The message of the spell in each channel that may hear of it, and what is new in the thread under it."""
    spell, before = turn.spell, turn.before
    # A channel that was told that something is wrong is told how it goes on, and no other but for what is new.
    told_before = [] if before is None else outbox.places_told(db, spell.id)
    new = hearing(what.routes, [each.pool for each in turn.joined]) if turn.joined or before is None else {}
    listed = [sight.pool for sight in sights if sight.listed and sight.pool.account == spell.account]
    told = 0
    for place in dict.fromkeys((*told_before, *new)):
        scene = _scene(db, spell, spell.pools, place, listed, what)
        here = spell
        if before is not None and before.pools and not scene.pools:
            # Of all that this channel heard of nothing is left.
            here, scene = replace(spell, ended_at=at.now), _scene(db, spell, before.pools, place, listed, what)
        with speaking_at(str(place)):
            message = blindness_message(here, scene, now=at.now)
            goes_on = replace(turn, spell=here)
            entry = blindness_entry(goes_on, scene, now=at.now) if place in told_before else None
        # What has a key is told once, and on its own however many alerts fire at the same time.
        key = None if place in told_before else f"{spell.id} {place}"
        outbox.put(db, place=place, message=message, now=at.wall, alert_id=spell.id, key=key)
        told += 1
        if entry is not None:
            outbox.put(db, place=place, message=entry, now=at.wall, kind=DeliveryKind.THREAD, alert_id=spell.id)
            told += 1
    return told


def _scene(
    db: Connection, spell: Spell, unseen: Sequence[Unseen], place: Place, listed: Sequence[Pool], what: Watch
) -> Scene:
    ids = {pool.id for pool in hearing(what.routes, [each.pool for each in unseen]).get(place, ())}
    watched = len(hearing(what.routes, listed).get(place, ()))
    standing = sum(alert.told and alert.pool.id in ids for alert in alerts.open_alerts(db))
    credentials = what.credentials_of.get(spell.account) or what.credentials or ACCESS_KEY
    return Scene(tuple(each for each in unseen if each.pool.id in ids), watched, standing, credentials)


def _log(turn: Turn) -> None:
    spell, names = turn.spell, ", ".join(each.pool.id for each in turn.spell.pools) or "the list of pools"
    if spell.kind is SpellKind.GONE and turn.before is None:
        log.warning("ModelArts has known no such pool since %s, so it is gone: %s", spell.since, names)
    elif turn.before is None:
        log.error("cannot see since %s: %s (%s)", spell.since, names, spell.why)
    elif turn.ended:
        log.info("seen again, after %s: %s", spell.since, names)
