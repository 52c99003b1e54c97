"""Why do the jobs of a pool wait?"""

from datetime import datetime

from bot.core.cause import Facts
from bot.core.command import Asker
from bot.core.inferring import causes
from bot.core.job_words import ShowWhy
from bot.core.language import _
from bot.core.stats import JobStatus, Pool
from bot.jobs.answers.asking_jobs import PATIENCE, Questions
from bot.jobs.answers.failing import modelarts_failed
from bot.jobs.answers.known import Answering
from bot.jobs.answers.naming import pool_named
from bot.jobs.answers.outlook import outlook
from bot.messages.model import Message
from bot.messages.why import why_message
from bot.modelarts.errors import ModelArtsError

# Enough to tell who goes first, and who could go instead.
_MOST_WAITING = 100
# As many as ModelArts gives at once; a pool that runs more is told as one of which not all is known.
_MOST_RUNNING = 500


def show_why(asked: ShowWhy, asker: Asker, known: Answering, *, now: datetime) -> Message:
    """Three questions to ModelArts and the stored past, each bounded; what cannot be had is named."""
    again = f"{asked.name} why"
    try:
        pool = pool_named(asked.name, asker, known, now=now, asking=lambda near: f"{near.id} why")
        if isinstance(pool, Message):
            return pool
        facts, questions = _facts(pool, known)
    except ModelArtsError as error:
        return modelarts_failed(error, asked.name, now=now, again=again)
    return why_message(
        pool,
        facts,
        causes(facts),
        forecast=outlook(known.engine, pool, now=now),
        with_users=known.access.shows_users(asker),
        not_told=questions.not_told,
    )


def _facts(pool: Pool, known: Answering) -> tuple[Facts, Questions]:
    questions, modelarts = Questions(), known.modelarts
    waiting = questions.ask(
        _("which jobs wait"),
        lambda: modelarts.workloads(
            pool.id, status=JobStatus.QUEUE, oldest_first=True, limit=_MOST_WAITING, within=PATIENCE
        ),
    )
    if waiting is not None and not waiting.number:
        return Facts(waiting), questions
    running = questions.ask(
        _("which jobs run"),
        lambda: modelarts.workloads(
            pool.id, status=JobStatus.RUNNING, oldest_first=True, limit=_MOST_RUNNING, within=PATIENCE
        ),
    )
    nodes = _("the nodes of the pool")
    details = questions.ask(nodes, lambda: modelarts.show_pool(pool.id, within=PATIENCE))
    if details is None:
        return Facts(waiting, running), questions
    if not details.nodes:
        questions.not_told[nodes] = _("the answer names none")
    return Facts(waiting, running, details.nodes or None, details.phase), questions
