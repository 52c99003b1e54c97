"""How is the bot itself? What `/readyz` says and `/metrics` shows."""

from datetime import datetime, timedelta

from sqlalchemy import Engine

from bot.core.alerts import State
from bot.core.durations import spoken
from bot.messages.sending import Health
from bot.metrics import Metrics
from bot.schedule import Schedule
from bot.store import alerts, outbox, samples
from bot.store.engine import StoreError, reading

# A message that has waited for so long is late; a channel's limit alone makes one wait for a second or two.
LATE = timedelta(seconds=10)


def own(
    engine: Engine, schedule: Schedule, *, now: datetime, wall: datetime, late_after: timedelta
) -> dict[str, str | None]:
    """The database, ModelArts, the jobs that fail, and messages that wait for more than their turn.

    Who does not lead is told of the database alone: the rest is for the leader to do, and to say.
    """
    found: dict[str, str | None] = {"database": None, **schedule.problems}
    if not schedule.leads:
        return found | _reached(engine)
    found["modelarts"] = None
    try:
        with reading(engine) as db:
            late = wall - LATE
            waiting = [each for each in outbox.waiting(db) if each.why and each.oldest <= late]
            newest = max((stats.taken_at for stats in samples.latest_all(db)), default=None)
    except StoreError as error:
        return found | {"database": str(error)}
    found["modelarts"] = str(schedule.pools_problem or "") or _late(schedule, newest, now, late_after)
    for each in waiting:
        plural = "message waits" if each.count == 1 else "messages wait"
        found[f"delivery to {each.place}"] = f"{each.count} {plural}: {each.why}"
    return found


def _reached(engine: Engine) -> dict[str, str | None]:
    try:
        with reading(engine) as db:
            outbox.waiting(db)
    except StoreError as error:
        return {"database": str(error)}
    return {}


def _late(schedule: Schedule, newest: datetime | None, now: datetime, late_after: timedelta) -> str | None:
    if not schedule.pools:
        return "there is no pool to read: ModelArts has none, or none that modelarts.pools names"
    if newest is None:
        return "no pool has been read yet"
    if now - newest > late_after:
        return f"no pool has been read for {spoken(now - newest)}"
    # A pool that was asked for in vain is not waiting: it is told elsewhere, and the bot is no less ready.
    waiting = schedule.waiting(late_after)
    has = "has" if waiting == 1 else "have"
    return f"{waiting} of {len(schedule.pools)} pools {has} not been read for {spoken(late_after)}" if waiting else None


def of_slack(health: Health) -> dict[str, str | None]:
    """Slack's connection, and each thing that is wrong with it."""
    found: dict[str, str | None] = {"slack": None if health.connected else "not connected"}
    return found | {f"slack {name}": why for name, why in health.problems.items()}


def of_teams(health: Health) -> dict[str, str | None]:
    """The way to Teams, and each thing that is wrong with it."""
    found: dict[str, str | None] = {"teams": None if health.connected else "not connected"}
    return found | {f"teams {name}": why for name, why in health.problems.items()}


def notes_of_teams(health: Health) -> dict[str, str]:
    """What Teams does without; the bot is ready all the same."""
    return {f"teams {name}": why for name, why in health.notes.items()}


def notes_of_slack(health: Health) -> dict[str, str]:
    """What Slack does without; the bot is ready all the same."""
    return {f"slack {name}": why for name, why in health.notes.items()}


def refresh(metrics: Metrics, engine: Engine, schedule: Schedule, *, now: datetime) -> None:
    """Bring the gauges of the pools that are read up to date with the store; as they were, when it cannot be read.

    Of several replicas the leader alone shows them, so that sums are right.
    """
    if not schedule.leads:
        for gauge in (metrics.pool_jobs, metrics.poll_age, metrics.alerts):
            gauge.clear()
        return
    ids = {pool.id for pool in schedule.pools}
    try:
        with reading(engine) as db:
            latest = [stats for stats in samples.latest_all(db) if stats.pool.id in ids]
            standing = alerts.open_alerts(db)
    except StoreError:
        return
    metrics.pool_jobs.clear()
    metrics.poll_age.clear()
    for stats in latest:
        pool = stats.pool
        metrics.poll_age.labels(pool.id).set((now - stats.taken_at).total_seconds())
        for job_type, counts in stats.types.items():
            for status, number in counts.status.items():
                metrics.pool_jobs.labels(pool.id, pool.name, job_type, status.value).set(number)
    for state in State:
        metrics.alerts.labels(state.value).set(sum(alert.state is state for alert in standing))
