"""What does a person want who typed this after a command?"""

import re
import unicodedata
from dataclasses import dataclass

from bot.core.language import Language, _
from bot.core.pool_words import Compare, PoolQuestion, ShowAllPools, ShowChart, ShowPool, pool_question

__all__ = [
    "POOL_ALERTS",
    "POOL_DIGEST",
    "POOL_STATS",
    "Asker",
    "Command",
    "Compare",
    "Help",
    "ShowAlerts",
    "ShowAllPools",
    "ShowChart",
    "ShowDigests",
    "ShowPool",
    "parse",
    "quoted",
]

# Nobody names four pools in more than that; display names end at 32 characters and ids at 63.
LONGEST = 300


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks, and where: `platform` is slack, teams or cli; the others are the platform's ids.

    `name` is what people call the asker, where the platform says it; nothing is decided by it. `zone` is the time zone
    that the asker lives in, where that is known and of use. `language` is the one that the asker reads, where it is
    known; else the configured one is spoken. `also` are further channels that the asker is in, known only where what is
    said is for the asker's eyes alone, such as a direct message: what may be seen there may be seen here. `room` is
    what people call the channel, where the platform says it; nothing is decided by it either.

    `installed` is the id by which channels are named where the bot is in several workspaces; empty where it is in one.
    `groups` are those of the user groups in the access rules that the asker is in. `home` is the workspace that the
    asker comes from, where the platform says it. `is_outside`: another organisation listens here, or asks.
    """

    platform: str
    workspace: str
    channel: str
    user: str
    name: str = ""
    zone: str = ""
    language: Language | None = None
    also: tuple[str, ...] = ()
    room: str = ""
    installed: str = ""
    groups: tuple[str, ...] = ()
    home: str = ""
    is_outside: bool = False

    @property
    def signature(self) -> str:
        """As an alert remembers who did something: the id, and the name where it is known."""
        return f"{self} {self.name}".rstrip()

    @property
    def place(self) -> str:
        """The channel as access rules and the audit log write it, such as slack:C012ABC."""
        return self._named(self.channel)

    @property
    def person(self) -> str:
        """The person with their workspace, where there are several."""
        return self._named(self.user)

    @property
    def places(self) -> tuple[str, ...]:
        """Every place whose sights the asker may see here."""
        return (self.place, *(self._named(channel) for channel in self.also))

    def _named(self, id_: str) -> str:
        return f"{self.platform}:{self.installed}/{id_}" if self.installed and id_ else f"{self.platform}:{id_}"

    def __str__(self) -> str:
        """As access rules and the audit log write it, such as slack:U012ABC."""
        return f"{self.platform}:{self.user}"


@dataclass(frozen=True, slots=True)
class ShowAlerts:
    """What is open."""


@dataclass(frozen=True, slots=True)
class ShowDigests:
    """The digests of the channel."""


@dataclass(frozen=True, slots=True)
class Help:
    """What the command can do; `problem` says why help is shown unasked."""

    command: str
    problem: str | None = None


Command = PoolQuestion | ShowAlerts | ShowDigests | Help

POOL_STATS, POOL_ALERTS, POOL_DIGEST = "/pool-stats", "/pool-alerts", "/pool-digest"


def parse(command: str, text: str) -> Command:
    """What `text`, typed after `command`, asks for. Every input has an answer; nothing raises."""
    words = cleaned(text)
    if len(words) > LONGEST:
        return Help(command, _("that is {number} characters long; a pool's name has at most 63", number=len(words)))
    asks_for_help = words.casefold() in {"help", "?", "-h", "--help"}
    if asks_for_help:
        return Help(command)
    match command:
        case "/pool-stats":
            return _pool_stats(words)
        case "/pool-alerts":
            return ShowAlerts() if not words else Help(command, _not_here(words))
        case "/pool-digest":
            return ShowDigests() if not words else Help(command, _not_here(words))
        case _:
            return Help(POOL_STATS, _("I do not know the command {command}", command=quoted(command)))


def _not_here(words: str) -> str:
    return _("{words} is not something I can do here", words=quoted(words))


def _pool_stats(words: str) -> Command:
    asked = pool_question(words)
    return Help(POOL_STATS, asked) if isinstance(asked, str) else asked


def cleaned(text: str) -> str:
    """`text` without what nobody typed on purpose: control and direction marks, quotes, code marks, double spaces."""
    text = text[: LONGEST * 60]
    visible = "".join(" " if unicodedata.category(c) in {"Cc", "Zs", "Zl", "Zp"} else c for c in text)
    visible = "".join(c for c in visible if unicodedata.category(c) not in {"Cf", "Cs", "Co"})
    words = re.sub(r" +", " ", visible).strip()
    for opening, closing in (("`", "`"), ('"', '"'), ("'", "'"), ("“", "”")):
        if len(words) > 2 and words.startswith(opening) and words.endswith(closing):
            words = words[1:-1].strip()
    return words


def quoted(text: str, most: int = 60) -> str:
    """`text` in quotation marks for a sentence, cut to `most` characters."""
    return f"“{text if len(text) <= most else text[: most - 1] + '…'}”"
