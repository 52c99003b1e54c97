"""What does somebody want who typed silence, silences or log after /pool-alerts?"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.core.command import LONGEST, POOL_ALERTS, cleaned, quoted
from bot.core.durations import parse_duration
from bot.core.language import N_, _
from bot.core.rules.model import Severity
from bot.core.scope import Scope
from bot.core.silences import LONGEST_SILENCE
from bot.core.windows import Shown, parse_shown

TOMORROW, FROM, TO = "tomorrow", "from", "to"
# People write "for 2h" and "until tomorrow"; both mean what stands behind.
_FILLING = frozenset({"for", "until"})
_HEADINGS = {"rule": "rule", "rules": "rule", "severity": "severity", "type": "type", "reason": "reason"}
USAGE = N_("write /pool-alerts silence train-* 2h, and after it what you like of: rule …, severity …, type …, reason …")

USAGE_FROM = N_("write /pool-alerts silence train-* from 22:00 to 04:00, or from 2026-12-01 22:00 to 2026-12-02 04:00")


@dataclass(frozen=True, slots=True)
class MakeSilence:
    """Nobody is to be told of what `scope` says for `length`, or until tomorrow morning where that is `None`.

    `between` says instead from when to when, by the clock on the wall where the person lives.
    """

    scope: Scope
    length: timedelta | None
    reason: str = ""
    between: tuple[Shown, Shown] | None = None


@dataclass(frozen=True, slots=True)
class AskForSilence:
    """A form for it."""


@dataclass(frozen=True, slots=True)
class ShowSilences:
    """The silences that are in force, without the first `skip` of them."""

    skip: int = 0


@dataclass(frozen=True, slots=True)
class ShowLog:
    """Who did what, the newest first; `before`: only entries with a smaller number."""

    before: int | None = None


@dataclass(frozen=True, slots=True)
class ExportLog:
    """Who did what, all of it, as a file."""


@dataclass(frozen=True, slots=True)
class Misspoken:
    """It cannot be understood; `problem` says why."""

    problem: str


SilenceWords = MakeSilence | AskForSilence | ShowSilences | ShowLog | ExportLog | Misspoken


def silence_words(command: str, text: str) -> SilenceWords | None:
    """What is asked for; `None` when it is nothing about silences or the log."""
    first, _space, rest = cleaned(text).partition(" ")
    if command != POOL_ALERTS:
        return None
    match first.casefold():
        case "silence" if len(rest) > LONGEST:
            return Misspoken(_("that is {number} characters long; {most} are enough", number=len(rest), most=LONGEST))
        case "silence" if not rest:
            return AskForSilence()
        case "silence":
            return _silence(rest.split(" "))
        case "silences":
            return ShowSilences(_number(rest) or 0)
        case "log" if rest.casefold() == "export":
            return ExportLog()
        case "log":
            return ShowLog(_number(rest))
        case _:
            return None


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else None


def _silence(words: list[str]) -> MakeSilence | Misspoken:
    """Pools, a length of time, and what stands under headings."""
    pools, *rest = words
    if len(rest) > 1 and rest[0].casefold() in _FILLING:
        rest = rest[1:]
    if not rest:
        return Misspoken(_("for how long shall {pools} be silenced? {usage}", pools=quoted(pools), usage=_(USAGE)))
    length: timedelta | None = None
    between: tuple[Shown, Shown] | None = None
    if rest[0].casefold() == FROM:
        try:
            between, rest = _between(rest)
        except ValueError as error:
            return Misspoken(_("{problem}; {usage}", problem=str(error), usage=_(USAGE_FROM)))
    elif rest[0].casefold() != TOMORROW:
        try:
            length = parse_duration(rest[0].casefold())
        except ValueError:
            return Misspoken(
                _(
                    "{word} is no length of time such as 30m, 2h, 1d or tomorrow; {usage}",
                    word=quoted(rest[0]),
                    usage=_(USAGE),
                )
            )
        if not timedelta() < length <= LONGEST_SILENCE:
            return Misspoken(_("a silence lasts 7 days at most, not {word}", word=quoted(rest[0])))
    said = _under_headings(rest[1:])
    if said is None:
        return Misspoken(_("I do not understand {words}; {usage}", words=quoted(rest[1]), usage=_(USAGE)))
    severities = _list(said["severity"].casefold())
    unknown = [each for each in severities if each not in set(Severity)]
    if unknown:
        return Misspoken(_("there is no severity {word}: write critical, warning or info", word=quoted(unknown[0])))
    scope = Scope(_list(pools), _list(said["rule"]), tuple(Severity(each) for each in severities), _list(said["type"]))
    if not scope.pools:
        return Misspoken(_("which pools? {usage}", usage=_(USAGE)))
    return MakeSilence(scope, length, said["reason"], between)


def _between(words: list[str]) -> tuple[tuple[Shown, Shown], list[str]]:
    """From when to when, as in "from 22:00 to 04:00", and the words from the last of these on.

    Raises:
        ValueError: It is not written so.
    """
    folded = [word.casefold() for word in words]
    if TO not in folded:
        raise ValueError(_("until when?"))
    middle = folded.index(TO)
    end = next((n for n, word in enumerate(folded) if n > middle and word in _HEADINGS), len(words))
    start, until = parse_shown(" ".join(words[1:middle])), parse_shown(" ".join(words[middle + 1 : end]))
    if isinstance(start, datetime) != isinstance(until, datetime):
        raise ValueError(_("both are times, or both are days with times"))
    return (start, until), words[end - 1 :]


def _under_headings(words: list[str]) -> dict[str, str] | None:
    """What stands under each heading; all after `reason` is the reason."""
    said: dict[str, list[str]] = {heading: [] for heading in _HEADINGS.values()}
    heading = ""
    for word in words:
        folded = word.casefold()
        if heading != "reason" and folded in _HEADINGS:
            heading = _HEADINGS[folded]
        elif not heading:
            return None
        else:
            said[heading].append(word)
    return {name: " ".join(under) for name, under in said.items()}


def _list(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))
