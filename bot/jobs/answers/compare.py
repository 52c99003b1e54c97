"""How do several pools stand beside each other?"""

import logging
from datetime import datetime
from functools import partial

from bot.charts.letters import pictured
from bot.charts.thinning import Columns
from bot.core.command import POOL_STATS, Asker, Compare
from bot.core.language import _, spoken_language
from bot.core.stats import JobStatus, Pool
from bot.jobs.answers.failing import modelarts_failed
from bot.jobs.answers.known import Answering
from bot.jobs.answers.naming import pool_named
from bot.jobs.answers.past import COLUMNS, fewer
from bot.messages.compare import compare_message
from bot.messages.help import help_message
from bot.messages.model import Message
from bot.messages.phrases import named
from bot.messages.trend import Point
from bot.modelarts.errors import ModelArtsError
from bot.store import samples
from bot.store.engine import StoreError, reading

log = logging.getLogger(__name__)


def compare_pools(asked: Compare, asker: Asker, known: Answering, *, now: datetime) -> Message:
    """Two to four pools side by side; where one is not found, that is the answer."""
    pools: list[Pool] = []
    name = ""
    try:
        for place, name in enumerate(asked.names):
            found = pool_named(name, asker, known, now=now, asking=partial(_asking, asked, place))
            if isinstance(found, Message):
                return found
            if found not in pools:
                pools.append(found)
        if len(pools) < 2:
            problem = _("these are names of one pool, {pool}: name two different ones to compare", pool=named(pools[0]))
            return help_message(POOL_STATS, problem)
        readings = []
        for pool in pools:
            name = pool.name
            readings.append(known.modelarts.pool_stats(pool, now=now))
    except ModelArtsError as error:
        return modelarts_failed(error, name, now=now, again=_typed(asked.names, asked))
    since = now - asked.stretch.length
    queues = _queues(pools, known, since, now)
    drawn_in = pictured(spoken_language())
    return compare_message(readings, queues, asked.stretch, since=since, now=now, pictured=drawn_in)


def _asking(asked: Compare, place: int, near: Pool) -> str:
    names = (*asked.names[:place], near.id, *asked.names[place + 1 :])
    return _typed(names, asked)


def _typed(names: tuple[str, ...], asked: Compare) -> str:
    return f"compare {' '.join(names)} {asked.stretch}"


def _queues(pools: list[Pool], known: Answering, since: datetime, now: datetime) -> list[list[Point]]:
    """The queue of each; empty where the store cannot be read."""
    try:
        with reading(known.engine) as db:
            found = [samples.numbers(db, pool.id, (JobStatus.QUEUE,), since=since, until=now) for pool in pools]
    except StoreError as error:
        log.warning("comparing without history: %s", error)
        return [[]] * len(pools)
    return [fewer(times, queue, Columns(times, since, now, COLUMNS)) for times, (queue,) in found]
