"""What does the stored past of a pool say of when its queue drains?"""

import logging
from datetime import datetime

from sqlalchemy import Engine

from bot.core.forecast import HISTORY, LOOKED_AT, Forecast, drain
from bot.core.stats import Pool
from bot.store import samples
from bot.store.engine import StoreError, reading

log = logging.getLogger(__name__)


def outlook(engine: Engine, pool: Pool, *, now: datetime) -> Forecast | None:
    """The forecast as of the newest reading; `None` where the store cannot be read."""
    try:
        with reading(engine) as db:
            past = samples.series(db, pool.id, LOOKED_AT, since=now - HISTORY)
    except StoreError as error:
        log.warning("answering without a forecast: %s", error)
        return None
    return drain(past, now=now)
