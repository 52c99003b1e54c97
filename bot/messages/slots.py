"""How does a count over a long time become as many points as a chart of a chat platform holds?"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta

from bot.core.language import Language, spoken_language
from bot.messages.trend import MOST_POINTS, Point


def slots(points: Iterable[Point], since: datetime, until: datetime, number: int = MOST_POINTS) -> list[int | None]:
    """The highest of each of `number` equally long parts of the time, so that no spike is lost; `None` for a gap."""
    length = slot_length(since, until, number)
    found: list[int | None] = [None] * number
    for at, value in points:
        if value is None or not since <= at <= until:
            continue
        place = min((at - since) // length, number - 1)
        before = found[place]
        found[place] = value if before is None else max(before, value)
    return found


def slot_labels(since: datetime, until: datetime, number: int = MOST_POINTS) -> tuple[str, ...]:
    """When each part begins, in UTC, as short as it can be told apart."""
    length = slot_length(since, until, number)
    whole = until - since
    if whole < timedelta(days=1):
        style = "%H:%M"
    elif spoken_language() is not Language.ENGLISH:
        # The names of days and months are English wherever the process runs; numbers are read by all.
        style = "%m-%d %H:%M"
    else:
        style = "%a %H:%M" if whole <= timedelta(days=7) else "%b %d %H:%M"
    return tuple(f"{(since + place * length).astimezone(UTC):{style}}" for place in range(number))


def begins(counts: Iterable[Sequence[Point]], since: datetime, until: datetime) -> datetime:
    """When the first of the counts was read, where that is so late that a part of the time would be empty."""
    first = min((next((at for at, value in each if value is not None), until) for each in counts), default=since)
    return first if since + slot_length(since, until) < first < until else since


def slot_length(since: datetime, until: datetime, number: int = MOST_POINTS) -> timedelta:
    """How long a part is."""
    return max((until - since) / number, timedelta.resolution)
