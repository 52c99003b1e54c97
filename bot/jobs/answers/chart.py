"""How did the counts of a pool go?"""

from datetime import datetime

from bot.charts.letters import pictured
from bot.core.command import Asker, ShowChart
from bot.core.language import spoken_language
from bot.jobs.answers.failing import modelarts_failed
from bot.jobs.answers.known import Answering
from bot.jobs.answers.naming import pool_named
from bot.jobs.answers.past import history
from bot.messages import trouble
from bot.messages.chart import chart_message, chart_question
from bot.messages.model import Message
from bot.modelarts.errors import ModelArtsError
from bot.store.engine import StoreError, reading


def show_chart(asked: ShowChart, asker: Asker, known: Answering, *, now: datetime) -> Message:
    """The chart of a pool, from what is stored: ModelArts is asked for nothing but its name."""
    try:
        pool = pool_named(asked.name, asker, known, now=now, asking=lambda near: chart_question(near.id, asked.stretch))
    except ModelArtsError as error:
        return modelarts_failed(error, asked.name, now=now, again=chart_question(asked.name, asked.stretch))
    if isinstance(pool, Message):
        return pool
    try:
        with reading(known.engine) as db:
            past = history(db, pool, known.rules, since=now - asked.stretch.length, until=now)
    except StoreError as error:
        return trouble.own_failure(error.why)
    return chart_message(past, asked.stretch, now=now, pictured=pictured(spoken_language()))
