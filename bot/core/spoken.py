"""Which command is meant by words that were said to the bot: in a direct message, or where it was mentioned?"""

from dataclasses import dataclass

from bot.core.command import POOL_ALERTS, POOL_DIGEST, POOL_STATS, cleaned

# What is said for everything that concerns the asker at a glance. No command is called so.
HOME = "home"

_GREETINGS = frozenset({"", "hi", "hello", "hey", "你好", "您好"})
_FIRST_WORDS = {
    "pool-stats": POOL_STATS,
    "stats": POOL_STATS,
    "pools": POOL_STATS,
    "pool-alerts": POOL_ALERTS,
    "alerts": POOL_ALERTS,
    "alert": POOL_ALERTS,
    "pool-digest": POOL_DIGEST,
    "digest": POOL_DIGEST,
    "digests": POOL_DIGEST,
}


@dataclass(frozen=True, slots=True)
class Spoken:
    """What was said, as a command and what would be typed after it."""

    command: str
    text: str = ""


def spoken(text: str) -> Spoken:
    """What `text` asks for: "alerts rules" is /pool-alerts rules, "train-a100 why" is /pool-stats train-a100 why.

    A pool that is called as one of our words is reached by the whole command: "stats alerts".
    """
    words = cleaned(text).removeprefix("/")
    if words.casefold() in _GREETINGS:
        return Spoken(POOL_STATS, "help")
    if words.casefold() == HOME:
        return Spoken(HOME)
    first, _, rest = words.partition(" ")
    command = _FIRST_WORDS.get(first.casefold())
    return Spoken(POOL_STATS, words) if command is None else Spoken(command, rest.lstrip())
