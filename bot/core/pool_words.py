"""What is asked about pools by the words after /pool-stats?"""

import re
from dataclasses import dataclass

from bot.core.job_words import ShowJobs, ShowWhy, job_question
from bot.core.language import _
from bot.core.stretch import Stretch, stretch_in

# A table with more columns is not read on a phone, and a chart with more lines not at all.
MOST_COMPARED = 4
_PAGE = re.compile(r"(?:(?P<of>.+) )?page (?P<number>[1-9][0-9]{0,3})", re.ASCII | re.IGNORECASE)
_WILD = re.compile(r"[*?\[]")


@dataclass(frozen=True, slots=True)
class ShowPool:
    """One pool, named by id, display name or unique prefix."""

    name: str


@dataclass(frozen=True, slots=True)
class ShowAllPools:
    """Every pool, the worst first, or those that one of the globs in `only` names; a page of them."""

    only: str = ""
    page: int = 1


@dataclass(frozen=True, slots=True)
class ShowChart:
    """The counts of a pool over time."""

    name: str
    stretch: Stretch = Stretch.DAY


@dataclass(frozen=True, slots=True)
class Compare:
    """Two to four pools beside each other."""

    names: tuple[str, ...]
    stretch: Stretch = Stretch.DAY


PoolQuestion = ShowPool | ShowAllPools | ShowChart | Compare | ShowWhy | ShowJobs


def pool_question(words: str) -> PoolQuestion | str:
    """What `words`, already cleaned, ask about pools; what is wrong with them where nobody could say."""
    if not words:
        return ShowAllPools()
    if (about_jobs := job_question(words)) is not None:
        return about_jobs
    if page := _PAGE.fullmatch(words):
        return ShowAllPools(_globs(page["of"] or ""), int(page["number"]))
    match words.split():
        case [first, _, *_] as compared if first.casefold() == "compare" and compared[1].casefold() != "chart":
            return _compare(compared[1:])
        case [name, chart, *rest] if chart.casefold() == "chart":
            return _chart(name, rest)
        case [*globs] if all(_WILD.search(each) for each in globs):
            return ShowAllPools(words)
        case [name]:
            return ShowPool(name)
        case _:
            return _("one pool at a time, please: {words} is more than one word", words=_cut(words))


def _globs(words: str) -> str:
    """Each word as a glob: one without a wildcard is the beginning of a name."""
    return " ".join(word if _WILD.search(word) else f"{word}*" for word in words.split())


def _chart(name: str, rest: list[str]) -> ShowChart | str:
    if not rest:
        return ShowChart(name)
    stretch = stretch_in(rest[0])
    if stretch is None or len(rest) > 1:
        return _("a chart goes back {times}, not {words}", times=_stretches(), words=_cut(" ".join(rest)))
    return ShowChart(name, stretch)


def _compare(words: list[str]) -> Compare | str:
    stretch = stretch_in(words[-1]) if len(words) > 1 else None
    names = tuple(dict.fromkeys(word for word in (words[:-1] if stretch else words) if word not in {"and", "with"}))
    if not 2 <= len(names) <= MOST_COMPARED:
        return _("name two to {number} different pools to compare", number=MOST_COMPARED)
    return Compare(names, stretch or Stretch.DAY)


def _stretches() -> str:
    *some, last = (each.value for each in Stretch)
    return _("{some} or {last}", some=_(", ").join(some), last=last)


def _cut(text: str, most: int = 60) -> str:
    return f"“{text if len(text) <= most else text[: most - 1] + '…'}”"
