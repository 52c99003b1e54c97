"""Put each digest that is due into the outbox, once for its moment, even if the bot was down when it came."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection, Engine

from bot.core.access import Access
from bot.core.digest import PoolDigest, digest
from bot.core.digest_changes import DAY, LONGEST_DAY, WEEK, Course, course, handled
from bot.core.hourly import Hour, hourly
from bot.core.language import speaking_at
from bot.core.routes import Place
from bot.core.stats import Pool, PoolStats
from bot.cron import Cron
from bot.jobs.planned_digests import Planned
from bot.jobs.telling import Moment
from bot.messages.digest import digest_message
from bot.messages.model import Message
from bot.store import alerts, outbox, rollups, samples
from bot.store.engine import reading, writing

# A digest that is later than this is of no use any more.
USEFUL_FOR = timedelta(hours=1)
# What changed is told since the digest before; the first one looks back a day, and none looks back further than a week.
FIRST_LOOKS_BACK = timedelta(days=1)
LOOKS_BACK_AT_MOST = timedelta(days=7)
LONG_AGO = timedelta(days=400)
# How many alerts are looked at for who acknowledged them.
MOST_MOVES = 200
OPEN = Access()


def digests(
    planned: Sequence[Planned], pools: Sequence[Pool], *, engine: Engine, at: Moment, access: Access = OPEN
) -> int:
    """Put what is due into the outbox; how many messages. A channel hears of no pool that it may not see.

    Raises:
        StoreError: The database cannot be used now; the digest is put into the outbox later.
    """
    put = 0
    for each in planned:
        due = each.cron.last_before(at.now, within=USEFUL_FOR)
        if due is None:
            continue
        wanted = [pool for pool in pools if each.pools is None or pool.named_by(each.pools)]
        keys = {place: f"digest {place} {due.isoformat()} {','.join(each.pools or ('all',))}" for place in each.to}
        # Looked at every few seconds for an hour: the database is locked, and the digest worded, only for a new one.
        with reading(engine) as db:
            keys = {place: key for place, key in keys.items() if not outbox.is_put(db, key)}
            if not keys or not _known_then(db, wanted, due):
                continue
        with writing(engine) as db:
            for place, key in keys.items():
                allowed = [pool for pool in wanted if access.may_hear(str(place), pool)]
                message = worded(db, allowed, since=_window(each.cron, due), until=due, place=place, at=at)
                if outbox.put(db, place=place, message=message, now=at.wall, key=key):
                    put += 1
    return put


def _known_then(db: Connection, pools: Sequence[Pool], due: datetime) -> bool:
    """Whether any of the pools had been read before the digest was due: a new bot has nothing to tell of yesterday."""
    return any(samples.reading_before(db, pool.id, due, not_before=due - LONG_AGO) for pool in pools)


def _window(cron: Cron, due: datetime) -> datetime:
    """Since when a digest that is due then tells what happened."""
    before = cron.last_before(due - timedelta(seconds=1), within=LOOKS_BACK_AT_MOST)
    return before or due - FIRST_LOOKS_BACK


def worded(
    db: Connection, pools: Sequence[Pool], *, since: datetime, until: datetime, place: Place, at: Moment
) -> Message:
    """The digest of these pools for one channel."""
    figures: list[PoolDigest] = []
    courses: list[Course] = []
    unseen: list[Pool] = []
    for pool in pools:
        # What changed needs the last reading before the window as its start.
        start = samples.reading_before(db, pool.id, since, not_before=since - timedelta(hours=1))
        window = list(samples.readings(db, pool.id, since=since, until=until + timedelta(seconds=1)))
        if window:
            figures.append(digest([*([start] if start else []), *window], since=since, until=until))
            courses.append(_course(db, pool, window, since, until))
        else:
            unseen.append(pool)
    ids = {pool.id for pool in pools}
    told = [each for each in alerts.between(db, since=since, until=until) if each.told and each.pool.id in ids]
    moves = {each.id: alerts.moves(db, each.id) for each in told[:MOST_MOVES]}
    with speaking_at(str(place)):
        return digest_message(
            figures,
            since=since,
            until=until,
            alerts=told,
            unseen=unseen,
            courses=courses,
            handled=handled(told, moves, since=since, until=until) if told else None,
            posted=outbox.posted_in(db, place, since=at.wall - (until - since), until=at.wall),
        )


def _course(db: Connection, pool: Pool, window: Sequence[PoolStats], since: datetime, until: datetime) -> Course:
    """Of the past the hourly figures, which are kept for longer than readings; where there are none, the readings."""

    def before(ago: timedelta) -> list[Hour]:
        rolled_up = rollups.hours_of(db, pool.id, since=since - ago, until=until - ago)
        if rolled_up:
            return rolled_up
        read = samples.readings(db, pool.id, since=since - ago, until=until - ago)
        return [hour for hour in hourly(read, None) if hour.job_type is None]

    now = (hour for hour in hourly(window, None) if hour.job_type is None)
    yesterday = before(DAY) if until - since <= LONGEST_DAY else []
    return course(pool, now, yesterday, before(WEEK), since=since, until=until)
