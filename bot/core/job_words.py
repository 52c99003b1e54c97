"""What is asked about the jobs of one pool by the words after /pool-stats?"""

from dataclasses import dataclass

from bot.core.language import _
from bot.core.stats import JobStatus

MOST_PAGES = 1000


@dataclass(frozen=True, slots=True)
class ShowWhy:
    """Why the jobs of a pool wait."""

    name: str


@dataclass(frozen=True, slots=True)
class ShowJobs:
    """The jobs of a pool in one status, a page of them; without a status the longest waits and the newest failures."""

    name: str
    status: JobStatus | None = None
    page: int = 1


def job_question(words: str) -> ShowWhy | ShowJobs | str | None:
    """What `words`, already cleaned, ask about jobs: a text is what is wrong with them, `None` that it is not jobs."""
    match words.split():
        case [name, why] if why.casefold() == "why":
            return ShowWhy(name)
        case [name, jobs, *rest] if jobs.casefold() == "jobs":
            return _jobs(name, [word.casefold() for word in rest if word.casefold() != "page"])
        case _:
            return None


def _jobs(name: str, words: list[str]) -> ShowJobs | str:
    statuses = {status.value.casefold(): status for status in JobStatus}
    chosen = None
    if words and words[0] in statuses:
        chosen = statuses[words.pop(0)]
    match words:
        case []:
            return ShowJobs(name, chosen)
        case [page] if chosen and page.isascii() and page.isdigit() and len(page) < 5 and 0 < int(page) <= MOST_PAGES:
            return ShowJobs(name, chosen, int(page))
        case _:
            known = ", ".join(status.value for status in JobStatus)
            return _(
                "the jobs of a pool are asked for by one of {statuses}, and perhaps the number of a page",
                statuses=known,
            )
