"""What did people do that the asker may know of?"""

from bot.core.access import Access
from bot.core.command import Asker
from bot.jobs.doing import Doing
from bot.messages import trouble
from bot.messages.log import Done, log_message
from bot.messages.model import Message
from bot.store import audit
from bot.store.audit import Entry
from bot.store.engine import StoreError, reading

PER_PAGE = 8
# So many entries are looked through for a page at most: of very many that one may not see, the rest is for `Older`.
_LOOKED_AT = 2000
_AT_ONCE = 100


def show_log(before: int | None, asker: Asker, doing: Doing) -> Message:
    """The newest entries that the asker may know of, or the newest of those before that number."""
    found: list[Entry] = []
    looked_at, reached, is_end = 0, before, False
    try:
        with reading(doing.engine) as db:
            while len(found) <= PER_PAGE and looked_at < _LOOKED_AT and not is_end:
                batch = audit.entries(db, limit=_AT_ONCE, before=reached)
                found += [entry for entry in batch if _may_know(entry, asker, doing.access)]
                looked_at += len(batch)
                is_end = len(batch) < _AT_ONCE
                reached = batch[-1].seq if batch else reached
    except StoreError as error:
        return trouble.own_failure(error.why)
    shown = found[:PER_PAGE]
    older = shown[-1].seq if len(found) > PER_PAGE else (None if is_end else reached)
    return log_message([_done(entry) for entry in shown], older, now=doing.at.wall)


def _may_know(entry: Entry, asker: Asker, access: Access) -> bool:
    """Whether the asker may: of a pool as it is seen, of the rest what was done here or by the asker."""
    if access.sees_all(asker):
        return True
    if access.is_shut_out(asker):
        return False
    if entry.pool is not None:
        return access.may_see(asker, entry.pool)
    return entry.place in asker.places or entry.actor.partition(" ")[0] == str(asker)


def _done(entry: Entry) -> Done:
    return Done(entry.at, entry.actor, entry.action, entry.subject, entry.place, entry.pool, entry.before, entry.after)
