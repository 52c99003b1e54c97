"""Which alerts is nobody told of for a while, because a person said so: by pool, rule, severity and job type?"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.core.access import Access
from bot.core.alerts import Alert, Event, Move, State, move
from bot.core.because import Because
from bot.core.command import Asker
from bot.core.judge import Change
from bot.core.scope import Scope, Sight
from bot.core.stats import Pool

# A silence is a short rest, not a way to switch a rule off.
LONGEST_SILENCE = timedelta(days=7)
LONGEST_AHEAD = timedelta(days=60)
_MORNING = time(9)


@dataclass(frozen=True, slots=True)
class Silence:
    """One silence.

    Attributes:
        id: Ours.
        scope: What it is about.
        sight: How far it reaches.
        until: When it ends by itself.
        reason: In the words of the person who made it; may be empty.
        by: Who made it, as an alert remembers it. `place`: where, such as slack:C012ABC.
        made_at: When. `ended_at`: when somebody ended it before its time.
        starts_at: From when on it is in force; `None` where that is when it was made.
    """

    id: str
    scope: Scope
    sight: Sight
    until: datetime
    reason: str
    by: str
    place: str
    made_at: datetime
    ended_at: datetime | None = None
    starts_at: datetime | None = None

    @property
    def begins_at(self) -> datetime:
        """From when on it is in force."""
        return self.starts_at or self.made_at

    def active(self, now: datetime) -> bool:
        """Whether it is in force."""
        return self.ended_at is None and self.until > now and (self.starts_at is None or self.starts_at <= now)

    def stands(self, now: datetime) -> bool:
        """Whether it is in force, or will be."""
        return self.ended_at is None and self.until > now

    def covers(self, alert: Alert) -> bool:
        """Whether nobody is to be told of `alert` while it is in force."""
        return self.scope.fits(alert) and self.sight.reaches(alert.pool)

    def visible_to(self, asker: Asker, access: Access, pools: Sequence[Pool]) -> bool:
        """Whether `asker` may know of it: the pools that it names may not be for all who are where it was made.

        Args:
            asker: Who asks.
            access: Who may see what.
            pools: Those that are read.
        """
        if access.sees_all(asker):
            return True
        if access.is_shut_out(asker):
            return False
        is_theirs = self.by.partition(" ")[0] == str(asker)
        return is_theirs or (self.place in asker.places and access.knows_all_of(asker, self.scope.pools, pools))


def sight_of(asker: Asker, access: Access) -> Sight:
    """What `asker` sees here."""
    if access.sees_all(asker):
        return Sight()
    if access.is_shut_out(asker):
        return Sight(hidden=("*",))
    shown = [grant.is_for(asker) for grant in access.grants]
    hidden = tuple(glob for grant, here in zip(access.grants, shown, strict=True) if not here for glob in grant.pools)
    return Sight(
        tuple(glob for grant, here in zip(access.grants, shown, strict=True) if here for glob in grant.pools),
        ("*",) if access.several and asker.platform == "slack" else hidden,
    )


def covering(silences: Iterable[Silence], alert: Alert, *, now: datetime) -> Silence | None:
    """The silence that keeps `alert` quiet for longest, if any does."""
    found = [each for each in silences if each.active(now) and each.covers(alert)]
    return max(found, key=lambda each: (each.until, each.id), default=None)


def withheld(change: Change, silence: Silence) -> Change:
    """A change that would have told people of an alert, if `silence` keeps it quiet: as if nobody was to be told."""
    told = next((made for made in change.moves if made.event is Event.HELD), None)
    if told is None:
        return change
    number = change.moves.index(told)
    waiting = replace(change.alert, state=State.PENDING, fired_at=None, resolved_at=None)
    why = Because("silenced")
    if silence.reason:
        why = Because("{what}: {reason}", what=why, reason=silence.reason)
    alert, made = move(waiting, Event.SILENCE, at=told.at, why=why, actor=silence.by, until=silence.until)
    moves: list[Move] = [*change.moves[:number], made]
    for later in change.moves[number + 1 :]:
        alert, made = move(alert, later.event, at=later.at, why=later.why, actor=later.actor)
        moves.append(made)
    return Change(alert, change.before, tuple(moves))


def tomorrow_morning(now: datetime, zone: ZoneInfo) -> datetime:
    """Nine o'clock of the next day where people live in `zone`."""
    day = now.astimezone(zone).date() + timedelta(days=1)
    return datetime.combine(day, _MORNING, tzinfo=zone).astimezone(now.tzinfo)
