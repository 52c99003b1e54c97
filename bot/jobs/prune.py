"""Forget what is older than anybody wants to know."""

import logging
from datetime import datetime, timedelta

from sqlalchemy import Engine

from bot.store.prune import prune as forget

log = logging.getLogger(__name__)


def prune(engine: Engine, *, now: datetime, readings: timedelta, history: timedelta) -> dict[str, int]:
    """Delete readings and history of more than these ages, in short transactions; how many rows of what.

    Raises:
        StoreError: The database cannot be used now.
    """
    gone = forget(engine, now=now, keep_readings=readings, keep_rest=history)
    if any(gone.values()):
        log.info("pruned %s", ", ".join(f"{number} {what}" for what, number in gone.items() if number))
    return gone
