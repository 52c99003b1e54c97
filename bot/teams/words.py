"""Which command is meant by what somebody wrote to the bot?"""

import html
import re
from collections.abc import Iterable

from bot.core.spoken import spoken

_LONGEST = 20_000
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
    meant = spoken(html.unescape(_TAG.sub("", said)))
    return meant.command, meant.text
