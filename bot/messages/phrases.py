"""Which small phrases do several messages share?"""

import unicodedata
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import reduce
from string import Formatter

from bot.core.because import Why, said
from bot.core.language import N_, _, template
from bot.core.rules.model import Severity
from bot.core.stats import JobStatus, Pool, PoolStats
from bot.messages.model import Span

# What ModelArts allows is shorter (32 for a display name, 63 for an id); what is longer came from somewhere else.
LONGEST_NAME = 80
LONGEST_WHY = 300

# Always worth a word, and worth one only where there are any.
_ALWAYS = (JobStatus.QUEUE, JobStatus.RUNNING, JobStatus.FAILED)
_WHERE_ANY = (JobStatus.PENDING, JobStatus.ABNORMAL)

_SEVERITIES = {
    Severity.CRITICAL: N_("critical"),
    Severity.WARNING: N_("warning"),
    Severity.INFO: N_("info"),
}

# Characters that turn the reading direction of what stands around them.
_DIRECTION = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def one_line(text: str, most: int) -> str:
    """`text` from outside as one line of at most `most` characters, without control and direction marks."""
    # Cut generously first, so that an absurd text costs nothing.
    seen = "".join(_visible(character) for character in text[: most * 4])
    line = " ".join(seen.split())
    return line if len(line) <= most else line[: most - 1] + "…"


def _visible(character: str) -> str:
    if character in _DIRECTION:
        return ""
    category = unicodedata.category(character)
    return " " if category in {"Cc", "Cs", "Zl", "Zp"} else character


def named(pool: Pool) -> str:
    """The pool's name for a title or a sentence."""
    return one_line(pool.name, LONGEST_NAME) or one_line(pool.id, LONGEST_NAME)


def spans(message: str, /, **values: Span | tuple[Span, ...] | int) -> tuple[Span, ...]:
    """`message` in the language that is spoken, with spans where it names them, such as "Since {when}".

    The order in which they stand is the language's. A tuple of spans stands for all of them, an empty one for none.
    """
    found: list[Span] = []
    for text, name, _spec, _conversion in Formatter().parse(template(message)):
        value = values[name] if name else ()
        some = value if isinstance(value, tuple) else (str(value) if isinstance(value, int) else value,)
        for span in (text, *some):
            if isinstance(span, str) and found and isinstance(found[-1], str):
                found[-1] += span
            elif span != "":
                found.append(span)
    return tuple(found)


def because(why: Why) -> str:
    """Why something is so, in one line and in the language that is spoken."""
    return one_line(said(why), LONGEST_WHY)


def begun(text: str) -> str:
    """`text` with a capital letter, to begin a sentence."""
    return text[:1].upper() + text[1:]


def utc(at: datetime, *, now: datetime) -> str:
    """`at` for plain text, where the reader's time zone is not known: 14:02 UTC, with the day when it is not today."""
    at = at.astimezone(UTC)
    today = at.date() == now.astimezone(UTC).date()
    return f"{at:%H:%M} UTC" if today else f"{at:%Y-%m-%d %H:%M} UTC"


def counted(number: int, thing: str) -> str:
    """`number` of a thing whose plural ends in s: 1 job, 2 jobs."""
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"


def signed(number: int) -> str:
    """A difference: +3, −3, ±0."""
    if number == 0:
        return "±0"
    return f"+{number}" if number > 0 else f"−{-number}"


def either(names: Sequence[str]) -> str:
    """The names as a choice: a, b or c."""
    if len(names) == 1:
        return names[0]
    return _("{names} or {last}", names=listed(names[:-1]), last=names[-1])


def figure(status: JobStatus, number: int | None) -> str:
    """One count as ModelArts names it: Queue 16."""
    if number is None:
        return _("{status} not reported", status=status)
    return f"{status} {number}"


def headline(stats: PoolStats) -> str:
    """The counts that matter most: Queue 16, Running 42, Failed 3; Pending and Abnormal only where there are any."""
    told = [s for s in JobStatus if s in _ALWAYS or (s in _WHERE_ANY and stats.count(s))]
    return listed([figure(status, stats.count(status)) for status in told])


def severity_word(severity: Severity) -> str:
    """How serious an alert is, in one word."""
    return _(_SEVERITIES[severity])


def both(names: Sequence[str]) -> str:
    """The names together: a, b and c."""
    if len(names) == 1:
        return names[0]
    return _("{names} and {last}", names=listed(names[:-1]), last=names[-1])


def listed(names: Sequence[str], more: int = 0) -> str:
    """The names one after the other, and how many there are besides: a, b and 3 more."""
    said = _(", ").join(names)
    return _("{names} and {number} more", names=said, number=more) if more else said


def sentences(said: Sequence[str]) -> str:
    """Whole sentences one after the other."""
    return reduce(lambda first, more: _("{first} {more}", first=first, more=more), said)
