"""How are lengths of time written and read by people: 90s, 5m, 2h, 1d?"""

import re
from datetime import timedelta
from typing import Annotated

from pydantic import BeforeValidator, PlainSerializer

from bot.core.language import _

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
_PATTERN = re.compile(r"(\d{1,9})([smhd])", re.ASCII)


def parse_duration(text: object) -> timedelta:
    """The length of time that `text` names: a whole number and one of s, m, h, d.

    Raises:
        ValueError: It is not written like that.
    """
    if isinstance(text, timedelta):
        return text
    if text == 0:
        return timedelta()
    found = _PATTERN.fullmatch(text.strip()) if isinstance(text, str) else None
    if found is None:
        raise ValueError(
            _("{text} is not a duration: write a number and s, m, h or d, such as 90s, 5m, 2h, 1d", text=repr(text))
        )
    return timedelta(seconds=int(found[1]) * _UNITS[found[2]])


def duration_text(length: timedelta) -> str:
    """`length` as configuration writes it, in the largest unit that is exact."""
    seconds = int(length.total_seconds())
    for unit in ("d", "h", "m"):
        if seconds and seconds % _UNITS[unit] == 0:
            return f"{seconds // _UNITS[unit]}{unit}"
    return f"{seconds}s"


def spoken(length: timedelta) -> str:
    """`length` for a sentence, rounded to what matters: 45 s, 6 min, 2 h 5 min, 3 d 4 h."""
    seconds = max(0, round(length.total_seconds()))
    if seconds < 60:
        return _("{seconds} s", seconds=seconds)
    minutes = round(seconds / 60)
    if minutes < 60:
        return _("{minutes} min", minutes=minutes)
    hours, minutes = divmod(minutes, 60)
    if hours < 24:
        return _("{hours} h {minutes} min", hours=hours, minutes=minutes) if minutes else _("{hours} h", hours=hours)
    days, hours = divmod(hours, 24)
    return _("{days} d {hours} h", days=days, hours=hours) if hours else _("{days} d", days=days)


# A field of configuration: written as text, kept as a timedelta.
Duration = Annotated[timedelta, BeforeValidator(parse_duration), PlainSerializer(duration_text)]
