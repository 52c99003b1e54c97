"""Which jobs does a pool have?"""

from datetime import datetime

from bot.core.command import Asker
from bot.core.job_words import ShowJobs
from bot.core.language import _
from bot.core.stats import JobStatus, Pool
from bot.jobs.answers.asking_jobs import PATIENCE, Questions
from bot.jobs.answers.failing import modelarts_failed
from bot.jobs.answers.known import Answering
from bot.jobs.answers.naming import pool_named
from bot.messages.jobs import JOBS_A_PAGE, JOBS_OF_EACH, LONGEST_FIRST, Page, jobs_message
from bot.messages.model import Message
from bot.modelarts.errors import ModelArtsError

# What people look for where they do not say in which status.
_OVERVIEW = (JobStatus.QUEUE, JobStatus.FAILED)


def show_jobs(asked: ShowJobs, asker: Asker, known: Answering, *, now: datetime) -> Message:
    """The jobs in one status, a page of them; else the longest waits and the newest failures."""
    wanted = _words(asked)
    try:
        pool = pool_named(asked.name, asker, known, now=now, asking=lambda near: f"{near.id} {wanted}")
        if isinstance(pool, Message):
            return pool
        questions = Questions()
        statuses = _OVERVIEW if asked.status is None else (asked.status,)
        found = [_page(pool, status, asked, known, questions) for status in statuses]
    except ModelArtsError as error:
        return modelarts_failed(error, asked.name, now=now, again=f"{asked.name} {wanted}")
    return jobs_message(
        pool,
        [page for page in found if page is not None],
        with_users=known.access.shows_users(asker),
        one_status=asked.status is not None,
        not_told=questions.not_told,
    )


def _page(pool: Pool, status: JobStatus, asked: ShowJobs, known: Answering, questions: Questions) -> Page | None:
    jobs = questions.ask(
        _("the jobs in {status}", status=status),
        lambda: known.modelarts.workloads(
            pool.id,
            status=status,
            oldest_first=status in LONGEST_FIRST,
            limit=JOBS_OF_EACH if asked.status is None else JOBS_A_PAGE,
            offset=0 if asked.status is None else (asked.page - 1) * JOBS_A_PAGE,
            within=PATIENCE,
        ),
    )
    return None if jobs is None else Page(status, jobs, asked.page)


def _words(asked: ShowJobs) -> str:
    if asked.status is None:
        return "jobs"
    return f"jobs {asked.status} {asked.page}" if asked.page > 1 else f"jobs {asked.status}"
