"""Which alerts does the configuration keep quiet for a while, at which times: quiet hours and maintenance?

A rest in force is a silence that nobody made: what it keeps quiet before it is told is told when the rest is over, if
it still goes on.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from bot.core.alerts import Alert, State
from bot.core.rules.model import Severity
from bot.core.scope import Scope, Sight
from bot.core.silences import Silence
from bot.core.windows import Window, span_at

_SECOND = timedelta(seconds=1)


class RestKind(StrEnum):
    """Why alerts are not told. Its value begins the name under which an alert remembers it."""

    QUIET = "quiet-hours"  # what is new waits until they are over; what people know of is only kept up to date
    MAINTENANCE = "maintenance"  # what people know of is silenced too


@dataclass(frozen=True, slots=True)
class Rest:
    """Times in which the alerts of a route are kept quiet.

    Attributes:
        kind: Why.
        name: What people call it: of maintenance its name, of quiet hours the hours.
        windows: The times.
        pools: Only alerts of pools whose id or name matches one of these globs; `None` for any.
        besides: Alerts of these severities are told all the same.
    """

    kind: RestKind
    name: str
    windows: tuple[Window, ...]
    pools: tuple[str, ...] | None = None
    besides: tuple[Severity, ...] = ()

    def covers(self, alert: Alert) -> bool:
        """Whether `alert` is to be kept quiet at these times."""
        return alert.severity not in self.besides and (self.pools is None or alert.pool.named_by(self.pools))

    def silence(self, now: datetime) -> Silence | None:
        """The rest while it is in force, as the silence that it is to an alert that it covers."""
        during = span_at(self.windows, now)
        if during is None:
            return None
        by = f"{self.kind} {self.name}"
        return Silence(by, Scope(), Sight(), during.end, "", by, "", during.start)


def rest_kind(actor: str | None) -> tuple[RestKind, str] | None:
    """The rest that keeps an alert quiet, and its name, where it is one and not a person."""
    word, _, name = (actor or "").partition(" ")
    return (RestKind(word), name) if word in set(RestKind) else None


def over(rest: Callable[[Alert], Silence | None], alert: Alert) -> tuple[Silence, ...]:
    """The rest that keeps `alert` quiet, if any does, beside the silences that people made."""
    found = rest(alert)
    return () if found is None else (found,)


def catches(silence: Silence, alert: Alert) -> bool:
    """Whether an alert that fires is to fall silent now, because of something that covers it.

    What is silenced when it is made misses only an alert that was told at that very moment. What begins by the clock
    takes those too that nobody has touched since; but quiet hours those alone that they missed.
    """
    untouched = alert.changed_at == alert.fired_at
    rest = rest_kind(silence.by)
    if rest is not None and rest[0] is RestKind.QUIET:
        return untouched and alert.fired_at is not None and alert.fired_at >= silence.begins_at
    return untouched or alert.changed_at < silence.begins_at


def speaks_again(alert: Alert, cover: Silence | None, *, now: datetime) -> bool:
    """Whether a silenced alert speaks again, as nothing covers it any more."""
    if cover is not None or alert.state is not State.SILENCED or alert.silenced_until is None:
        return False
    return alert.silenced_until <= now or rest_kind(alert.held_by) is not None


def goes_on(alert: Alert, cover: Silence, now: datetime) -> bool:
    """Whether a silenced alert stays so until another moment than it says: its silence is over, or its rest changed."""
    until = alert.silenced_until
    if until is None or until <= now:
        return True
    return rest_kind(alert.held_by) is not None and abs(cover.until - until) >= _SECOND


def longest(silences: Iterable[Silence]) -> Silence | None:
    """The one that ends last."""
    return max(silences, key=lambda each: (each.until, each.id), default=None)
