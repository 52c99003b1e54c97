"""Say in one message what came and went in quiet hours, once they are over."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Connection

from bot.core.alerts import Alert
from bot.core.language import speaking_at
from bot.core.rests import RestKind
from bot.core.routes import Place, Route, route_of
from bot.core.windows import Interval, span_at
from bot.jobs.doing import Doing
from bot.messages.quiet import came_and_went
from bot.store import outbox, rests
from bot.store.engine import reading, writing

# What ends just when the quiet hours do is still to be kept by then.
_AFTER = timedelta(minutes=1)
# A bot that was down says it late, as long as it is of use.
_NO_LATER = timedelta(hours=6)
_STEP = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class _Told:
    place: Place
    during: Interval
    alerts: tuple[Alert, ...]

    @property
    def key(self) -> str:
        return f"quiet until {self.during.end.isoformat()} in {self.place}"


def tell_what_came_and_went(doing: Doing) -> int:
    """How many messages that makes.

    Raises:
        StoreError: The database cannot be used now; it is told later.
    """
    over = [(route, during) for route in doing.routes for during in _over(route, doing)]
    if not over:
        return 0
    with reading(doing.engine) as db:
        found = [each for each in _found(db, over, doing) if not rests.is_told(db, each.key)]
    if not found:
        return 0
    now, told = doing.at, 0
    with writing(doing.engine) as db:
        for each in found:
            during = each.during
            with speaking_at(str(each.place)):
                message = came_and_went(each.alerts, since=during.start, until=during.end, now=now.now)
            told += outbox.put(db, place=each.place, message=message, now=now.wall, key=each.key) is not None
    return told


def _over(route: Route, doing: Doing) -> Iterator[Interval]:
    """The quiet hours of a route that ended not long ago."""
    settled = doing.at.now - _AFTER
    for rest in route.rests:
        if rest.kind is not RestKind.QUIET or span_at(rest.windows, settled) is not None:
            continue
        looks = (settled - n * _STEP for n in range(1, _NO_LATER // _STEP + 1))
        during = next((found for at in looks if (found := span_at(rest.windows, at)) is not None), None)
        if during is not None and during.end <= settled:
            yield during


def _found(db: Connection, over: list[tuple[Route, Interval]], doing: Doing) -> list[_Told]:
    """What came and went in them, for each channel that would have been told."""
    kept: dict[tuple[Place, Interval], dict[str, Alert]] = {}
    for route, during in over:
        for alert in rests.came_and_went(db, during, late=during.end + _AFTER):
            if route_of(doing.routes, alert) is route:
                for place in route.to:
                    kept.setdefault((place, during), {})[alert.id] = alert
    return [_Told(place, during, tuple(found.values())) for (place, during), found in kept.items()]
