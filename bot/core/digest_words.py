"""When is a digest to come, and what about, as people write it: 09:00 mon-fri Asia/Shanghai train-*?"""

import re
from dataclasses import dataclass

from bot.core.language import N_, _

HOW = N_(
    "write when, and where needed on which days, in which time zone and of which pools, such as "
    "“add 09:00 mon-fri Asia/Shanghai train-*” or “add cron 0 9 * * mon-fri”"
)
_DAYS = {"daily": "*", "weekdays": "mon-fri", "weekends": "sat,sun"}
_DAY = "(?:mon|tue|wed|thu|fri|sat|sun)"
_ON = re.compile(rf"{_DAY}(?:[-,]{_DAY})*")
_AT = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)", re.ASCII)
_ZONE = re.compile(r"[A-Za-z_]+(?:/[A-Za-z0-9_+-]+)+|UTC")
_FIELDS = 5


@dataclass(frozen=True, slots=True)
class Wanted:
    """A digest as somebody wants it; `pools` are globs, `None` for all."""

    cron: str
    timezone: str
    pools: tuple[str, ...] | None


def parse_digest(text: str, *, zone: str) -> Wanted:
    """The digest that `text` asks for; `zone` is that of whoever wrote it.

    Raises:
        ValueError: It asks for none; the sentence tells what to write.
    """
    words = re.sub(r"\s*,\s*", ",", text).split()
    cron = ""
    if words and words[0].casefold() == "cron":
        cron, words = " ".join(words[1 : 1 + _FIELDS]), words[1 + _FIELDS :]
    days, pools = "*", list[str]()
    for word in words:
        low = word.casefold()
        at = _AT.fullmatch(word)
        if at is not None and not cron:
            cron = f"{int(at[2])} {int(at[1])} * *"
        elif low in _DAYS or _ON.fullmatch(low):
            days = _DAYS.get(low, low)
        elif _ZONE.fullmatch(word):
            zone = word
        elif low not in {"at", "in", "on", "all"}:
            pools += [part for part in word.split(",") if part]
    if not cron:
        raise ValueError(_("it is not said when: {how}", how=_(HOW)))
    if len(cron.split()) < _FIELDS:
        cron = f"{cron} {days}"
    return Wanted(cron, zone or "UTC", tuple(pools) or None)
