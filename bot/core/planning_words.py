"""What is asked for after /pool-alerts and /pool-digest that is about rules, drills and digests?"""

from dataclasses import dataclass
from enum import StrEnum

from bot.core.command import POOL_ALERTS, POOL_DIGEST, cleaned

# A rule in words with many pools is long; what is longer than this was not typed.
LONGEST = 1500


class RuleWord(StrEnum):
    """What is to be done with rules."""

    RULES = "rules"
    ADD = "add"
    EDIT = "edit"
    REMOVE = "remove"
    RESTORE = "restore"
    UNDO = "undo"
    TEST = "test"
    KEEP = "keep"
    DRILL = "drill"


class DigestWord(StrEnum):
    """What is to be done with the digests of a channel."""

    SHOW = ""
    ADD = "add"
    NOW = "now"
    REMOVE = "remove"
    RESTORE = "restore"


_RULE_WORDS = frozenset(each.value for each in RuleWord)
_DIGEST_WORDS = frozenset(each.value for each in DigestWord)


@dataclass(frozen=True, slots=True)
class AboutRules:
    """Something about the rules; `words` is what follows."""

    word: RuleWord
    words: str = ""


@dataclass(frozen=True, slots=True)
class AboutDigests:
    """Something about the digests of the channel; `words` is what follows."""

    word: DigestWord
    words: str = ""


def planning(command: str, text: str) -> AboutRules | AboutDigests | None:
    """What `text`, typed after `command`, asks for about rules or digests; `None` when it is about something else."""
    first, _, rest = cleaned(text).partition(" ")
    word = first.casefold()
    if len(rest) > LONGEST:
        return None
    if command == POOL_ALERTS and word in _RULE_WORDS:
        return AboutRules(RuleWord(word), rest)
    if command == POOL_DIGEST and word in _DIGEST_WORDS:
        return AboutDigests(DigestWord(word), rest)
    return None
