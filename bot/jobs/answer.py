"""A command in, a message out; every error has an answer."""

from datetime import datetime
from typing import assert_never

from bot.core.command import (
    Asker,
    Compare,
    Help,
    ShowAlerts,
    ShowAllPools,
    ShowChart,
    ShowDigests,
    ShowPool,
    parse,
)
from bot.core.job_words import ShowJobs, ShowWhy
from bot.jobs.answers.all_pools import show_all_pools
from bot.jobs.answers.chart import show_chart
from bot.jobs.answers.compare import compare_pools
from bot.jobs.answers.jobs import show_jobs
from bot.jobs.answers.known import Answering, PlannedDigest
from bot.jobs.answers.one_pool import show_pool
from bot.jobs.answers.why import show_why
from bot.messages import trouble
from bot.messages.alert import open_alerts_message
from bot.messages.digest import digests_message
from bot.messages.help import help_message
from bot.messages.model import Message
from bot.store import alerts
from bot.store.engine import StoreError, reading

__all__ = ["Answering", "PlannedDigest", "answer"]


def answer(command: str, text: str, asker: Asker, known: Answering, *, now: datetime) -> Message:
    """What to say to `text` after `command`. Nothing that can go wrong goes unanswered."""
    match parse(command, text):
        case Help(command=about, problem=problem):
            return help_message(about, problem)
        case ShowPool(name=name):
            return show_pool(name, asker, known, now=now)
        case ShowAllPools() as asked:
            return show_all_pools(asked, asker, known, now=now)
        case ShowChart() as asked:
            return show_chart(asked, asker, known, now=now)
        case Compare() as asked:
            return compare_pools(asked, asker, known, now=now)
        case ShowWhy() as asked:
            return show_why(asked, asker, known, now=now)
        case ShowJobs() as asked:
            return show_jobs(asked, asker, known, now=now)
        case ShowAlerts():
            return _show_alerts(asker, known, now)
        case ShowDigests():
            return digests_message([(d.channel, d.cron, d.timezone, d.pools) for d in known.digests])
        case other:
            assert_never(other)


def _show_alerts(asker: Asker, known: Answering, now: datetime) -> Message:
    try:
        with reading(known.engine) as db:
            standing = [alert for alert in alerts.open_alerts(db) if alert.told]
    except StoreError as error:
        return trouble.own_failure(error.why)
    return open_alerts_message([alert for alert in standing if known.access.may_see(asker, alert.pool)], now=now)
