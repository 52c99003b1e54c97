"""Was it answered already what somebody said? Platforms say again what they think did not arrive, to any replica."""

import hashlib
from datetime import datetime, timedelta

from sqlalchemy import Engine, delete

from bot.store.engine import writing
from bot.store.names import upsert
from bot.store.tables import heard

# Slack repeats an event after seconds, after a minute and after five.
# https://docs.slack.dev/apis/events-api/#retries
REMEMBERED = timedelta(hours=1)


def is_first(engine: Engine, what: str, *, now: datetime) -> bool:
    """Whether nobody, in whichever process, has asked this of `what` within the last hour.

    Raises:
        StoreError: The database cannot be used now.
    """
    key = hashlib.sha256(what.encode("utf-8", "replace")).hexdigest()
    with writing(engine) as db:
        db.execute(delete(heard).where(heard.c.at < now - REMEMBERED))
        added = upsert(db, heard).values(key=key, at=now).on_conflict_do_nothing().returning(heard.c.key)
        return db.scalar(added) is not None
