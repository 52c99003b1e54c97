"""Which command is meant by what somebody wrote to the bot?"""

import html
import re
from collections.abc import Iterable

from bot.core.command import POOL_ALERTS, POOL_DIGEST, POOL_STATS, cleaned

_LONGEST = 20_000
_COMMANDS = {
    "pool-stats": POOL_STATS,
    "pools": POOL_STATS,
    "pool-alerts": POOL_ALERTS,
    "alerts": POOL_ALERTS,
    "pool-digest": POOL_DIGEST,
    "digest": POOL_DIGEST,
    "digests": POOL_DIGEST,
}
_GREETINGS = frozenset({"", "hi", "hello", "hey", "你好", "您好"})
_TAG = re.compile(r"</?(?:at|p|div|span|br)\b[^<>]{0,200}>", re.IGNORECASE)


def command_in(text: str, mentions_of_bot: Iterable[str] = ()) -> tuple[str, str]:
    """The command and what stands after it; what begins with none of them is a question about pools.

    Args:
        text: As Teams sends it, with mentions and characters written as in HTML.
        mentions_of_bot: How the bot stands in it where it is spoken to.
    """
    said = text[:_LONGEST]
    for mention in mentions_of_bot:
        if mention.strip():
            said = said.replace(mention, " ")
    words = cleaned(html.unescape(_TAG.sub("", said)))
    if words.casefold() in _GREETINGS:
        return POOL_STATS, "help"
    first, _, rest = words.partition(" ")
    command = _COMMANDS.get(first.casefold().removeprefix("/"))
    return (POOL_STATS, words.removeprefix("/")) if command is None else (command, rest.strip())
