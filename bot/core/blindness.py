"""What can the bot not see, for how long, and what of that is worth a word?

Three things are told, each once, by one message that is kept up to date: that no pool can be read (`ACCOUNT`), that
some pools cannot (`POOLS`), and that pools do not exist any more (`GONE`). Nothing here ends an alert but the last.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from bot.core.because import Why
from bot.core.routes import Place, Route
from bot.core.stats import Pool

# For so long the bot must have looked without a break before it says that it sees nothing: after a sleep of the machine
# or a jump of its clock the last reading is old though nothing is wrong.
SETTLES_IN = timedelta(minutes=2)
# What a failed reading is called when ModelArts knows no such pool.
NO_SUCH_POOL = "UnknownPool"


@dataclass(frozen=True, slots=True)
class Patience:
    """How long something must last before it is told.

    Attributes:
        stale_after: A pool without a reading for so long cannot be seen.
        blind_after: That it cannot be seen is told.
        gone_after: That ModelArts knows no such pool is told, and believed.
    """

    stale_after: timedelta
    blind_after: timedelta
    gone_after: timedelta

    @property
    def hold(self) -> timedelta:
        """For so long sight must last before it is told to be back, so that a connection that flaps is told once."""
        return self.blind_after / 2


@dataclass(frozen=True, slots=True)
class Sight:
    """How well one pool is seen.

    Attributes:
        pool: Which one.
        seen_at: Its newest reading.
        failed_at: The newest attempt to read it, where that failed; `None` where it succeeded.
        kind, why: Of that failure.
        missing_since: Since when ModelArts has known no such pool, where that is what it says now.
        listed: Whether ModelArts lists it, so that it is read in every interval.
    """

    pool: Pool
    seen_at: datetime | None
    failed_at: datetime | None = None
    kind: str = ""
    why: Why = ""
    missing_since: datetime | None = None
    listed: bool = True


@dataclass(frozen=True, slots=True)
class Unseen:
    """A pool that cannot be seen: since when and why; `back_at`: since when it can be seen again, if it can."""

    pool: Pool
    since: datetime
    kind: str
    why: Why
    back_at: datetime | None = None


class SpellKind(StrEnum):
    """What a spell of blindness is about."""

    ACCOUNT = "account"
    POOLS = "pools"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class Spell:
    """A stretch of time in which something could not be seen.

    Attributes:
        since: The last moment at which all was seen. `told_at`: when the channels were to hear of it.
        pools: What cannot be seen; empty where no pool is known at all.
        cause, why: The kind of failure that stands behind it, and in words.
        back_since: Since when there is sight again, while it is not yet sure to last.
        ended_at: When it was over.
        account: Which of several accounts it is about.
    """

    id: str
    kind: SpellKind
    since: datetime
    told_at: datetime
    pools: tuple[Unseen, ...]
    cause: str
    why: Why
    back_since: datetime | None = None
    ended_at: datetime | None = None
    account: str = ""


@dataclass(frozen=True, slots=True)
class Turn:
    """How a spell changed in one look: which pools joined it, and which can be seen again.

    `worth_telling` is false where only what has to be remembered changed.
    """

    spell: Spell
    before: Spell | None
    joined: tuple[Unseen, ...] = ()
    back: tuple[Unseen, ...] = ()

    @property
    def ended(self) -> bool:
        """Whether it is over with this look."""
        return self.spell.ended_at is not None

    @property
    def worth_telling(self) -> bool:
        """Whether its message is out of date now."""
        before = self.before
        return before is None or self.ended or bool(self.joined or self.back) or before.cause != self.spell.cause


@dataclass(frozen=True, slots=True)
class Look:
    """What there is to be seen at one moment.

    Attributes:
        sights: Every pool that is watched.
        unlisted: Since when, and why, no pool is known at all.
        now: The moment.
        settled: For how long the bot has looked without a break.
    """

    sights: Sequence[Sight]
    unlisted: tuple[datetime, Why] | None
    now: datetime
    settled: timedelta

    def lost(self, patience: Patience) -> dict[str, Unseen]:
        """The pools that cannot be seen now, by id."""
        found = (self._lost(sight, patience) for sight in self.sights)
        return {unseen.pool.id: unseen for unseen in found if unseen is not None}

    def is_settled(self, lasted: timedelta) -> bool:
        """Whether the bot has looked for long enough to speak of what should last for `lasted`."""
        return self.settled >= min(lasted, SETTLES_IN)

    def _lost(self, sight: Sight, patience: Patience) -> Unseen | None:
        if sight.failed_at is None:
            return None
        # A pool that was never read has not been seen for as long as the bot looks.
        since = sight.seen_at or self.now - self.settled
        if self.now - since < patience.stale_after:
            return None
        return Unseen(sight.pool, since, sight.kind, sight.why)


def turns_by_account(
    look: Look,
    unlisted: Mapping[str, tuple[datetime, Why]],
    spells: Sequence[Spell],
    patience: Patience,
    *,
    new_id: Callable[[], str],
) -> tuple[Turn, ...]:
    """As `turns`, for each account by itself; `unlisted` says since when, and why, no pool of which one is known."""
    accounts = (*(sight.pool.account for sight in look.sights), *unlisted, *(spell.account for spell in spells))
    found: list[Turn] = []
    for account in dict.fromkeys(accounts):
        own = tuple(sight for sight in look.sights if sight.pool.account == account)
        part = replace(look, sights=own, unlisted=unlisted.get(account))
        standing = tuple(spell for spell in spells if spell.account == account)
        changed = turns(part, standing, patience, new_id=new_id)
        found += (replace(turn, spell=replace(turn.spell, account=account)) for turn in changed)
    return tuple(found)


def turns(look: Look, spells: Sequence[Spell], patience: Patience, *, new_id: Callable[[], str]) -> tuple[Turn, ...]:
    """What changes with this look about the spells that are not over, and which begin."""
    lost = look.lost(patience)
    listed = [sight.pool.id for sight in look.sights if sight.listed]
    all_lost = all(pool_id in lost for pool_id in listed) if listed else look.unlisted is not None
    by_kind = {kind: [spell for spell in spells if spell.kind is kind] for kind in SpellKind}
    found = [
        *_account(look, by_kind[SpellKind.ACCOUNT], lost, listed, patience, new_id, all_lost=all_lost),
        *_gone(look, by_kind[SpellKind.GONE], patience, new_id, all_lost=all_lost),
    ]
    blind = all_lost or any(not turn.ended for turn in found if turn.spell.kind is SpellKind.ACCOUNT)
    if not blind:
        gone = {each.pool.id for turn in found if turn.spell.kind is SpellKind.GONE for each in turn.spell.pools}
        found += _pools(look, by_kind[SpellKind.POOLS], lost, gone, patience, new_id)
    return tuple(turn for turn in found if turn.spell != turn.before)


def _account(
    look: Look,
    standing: Sequence[Spell],
    lost: dict[str, Unseen],
    listed: Sequence[str],
    patience: Patience,
    new_id: Callable[[], str],
    *,
    all_lost: bool,
) -> Iterator[Turn]:
    """Nothing at all can be seen: told with the pool that was seen last."""
    unseen = tuple(lost[pool_id] for pool_id in listed if pool_id in lost)
    if not standing:
        if not all_lost:
            return
        since = max((each.since for each in unseen), default=look.unlisted[0] if look.unlisted else look.now)
        if look.now - since >= patience.blind_after and look.is_settled(patience.blind_after):
            cause, why = _cause(unseen, look)
            yield Turn(Spell(new_id(), SpellKind.ACCOUNT, since, look.now, unseen, cause, why), None, joined=unseen)
        return
    (spell,) = standing
    if all_lost:
        cause, why = _cause(unseen, look)
        after = replace(spell, back_since=None)
        yield Turn(after if cause == spell.cause else replace(after, cause=cause, why=why), spell)
        return
    # A clock that was set back must not make sight wait for the hour to come again.
    back_since = min(spell.back_since or look.now, look.now)
    over = look.now - back_since >= patience.hold
    yield Turn(replace(spell, back_since=back_since, ended_at=back_since if over else None), spell)


def _cause(unseen: Sequence[Unseen], look: Look) -> tuple[str, Why]:
    """What stands behind it: the failure that most pools have."""
    kinds = [each.kind for each in unseen]
    if not kinds:
        return "", look.unlisted[1] if look.unlisted else ""
    kind = max(dict.fromkeys(kinds), key=kinds.count)
    return kind, next(each.why for each in unseen if each.kind == kind)


def _pools(
    look: Look,
    standing: Sequence[Spell],
    lost: dict[str, Unseen],
    gone: set[str],
    patience: Patience,
    new_id: Callable[[], str],
) -> Iterator[Turn]:
    """Some pools cannot be seen for long. Those that ModelArts does not know are told otherwise."""
    lasting = {
        pool_id: unseen
        for pool_id, unseen in lost.items()
        if look.now - unseen.since >= patience.blind_after and unseen.kind != NO_SUCH_POOL and pool_id not in gone
    }
    if not standing:
        if lasting and look.is_settled(patience.blind_after):
            members = tuple(lasting.values())
            cause, why = _cause(members, look)
            since = min(each.since for each in members)
            yield Turn(Spell(new_id(), SpellKind.POOLS, since, look.now, members, cause, why), None, joined=members)
        return
    (spell,) = standing
    watched = {sight.pool.id for sight in look.sights} - gone
    members = tuple(_followed(each, lost, look.now) for each in spell.pools if each.pool.id in watched)
    back = tuple(each for each in members if each.back_at is not None and look.now - each.back_at >= patience.hold)
    known = {each.pool.id for each in spell.pools}
    settled = look.is_settled(patience.blind_after)
    joined = tuple(each for pool_id, each in lasting.items() if settled and pool_id not in known)
    left = tuple(each for each in (*members, *joined) if each not in back)
    after = replace(spell, pools=left) if left else replace(spell, ended_at=look.now)
    yield Turn(after, spell, joined, back)


def _followed(member: Unseen, lost: dict[str, Unseen], now: datetime) -> Unseen:
    """The pool as it is seen now, since the same moment."""
    if (unseen := lost.get(member.pool.id)) is None:
        return replace(member, back_at=min(member.back_at or now, now))
    if unseen.kind == member.kind and member.back_at is None:
        return member
    return replace(member, kind=unseen.kind, why=unseen.why, back_at=None)


def _gone(
    look: Look, standing: Sequence[Spell], patience: Patience, new_id: Callable[[], str], *, all_lost: bool
) -> Iterator[Turn]:
    """Pools that ModelArts has not known for long; that it knows none of those it lists is no news about any pool."""
    for spell in standing:
        yield _returning(spell, look)
    told = {each.pool.id for spell in standing for each in spell.pools if each.back_at is None}
    gone = tuple(
        Unseen(sight.pool, sight.missing_since, sight.kind, sight.why)
        for sight in look.sights
        if sight.missing_since is not None
        and look.now - sight.missing_since >= patience.gone_after
        and sight.pool.id not in told
        and not (sight.listed and all_lost)
    )
    if gone and look.is_settled(patience.gone_after):
        since = min(each.since for each in gone)
        yield Turn(Spell(new_id(), SpellKind.GONE, since, look.now, gone, gone[0].kind, gone[0].why), None, joined=gone)


def _returning(spell: Spell, look: Look) -> Turn:
    """A pool that is read again has come back."""
    seen = {s.pool.id: s.seen_at for s in look.sights if s.failed_at is None and s.seen_at is not None}
    back = tuple(
        replace(each, back_at=seen[each.pool.id])
        for each in spell.pools
        if each.back_at is None and each.pool.id in seen and seen[each.pool.id] > each.since
    )
    by_id = {each.pool.id: each for each in back}
    members = tuple(by_id.get(each.pool.id, each) for each in spell.pools)
    over = all(each.back_at is not None for each in members)
    return Turn(replace(spell, pools=members, ended_at=look.now if over else None), spell, back=back)


def hearing(routes: Iterable[Route], pools: Sequence[Pool]) -> dict[Place, tuple[Pool, ...]]:
    """Which place may hear of an alert about which of `pools`; where there is no pool, every place, of none."""
    found: dict[Place, dict[str, Pool]] = {}
    for route in routes:
        wanted = [pool for pool in pools if route.pools is None or pool.named_by(route.pools)]
        if wanted or not pools:
            for place in route.to:
                found.setdefault(place, {}).update({pool.id: pool for pool in wanted})
    return {place: tuple(by_id.values()) for place, by_id in found.items()}
