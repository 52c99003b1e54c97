"""What did people do that the asker may know of?"""

import io
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import islice
from typing import Any

from bot.core.command import Asker
from bot.core.language import _
from bot.jobs.changing_rules import NOT_ADMIN
from bot.jobs.doing import Doing, record
from bot.messages import trouble
from bot.messages.log import Done, exported_message, log_message
from bot.messages.model import Message
from bot.store import audit, audit_export
from bot.store.audit import Entry
from bot.store.engine import StoreError, reading, writing

PER_PAGE = 8
# So many entries are looked through for a page at most: of very many that one may not see, the rest is for `Older`.
_LOOKED_AT = 2000
_AT_ONCE = 100
# The newest; more than that is for the command line.
MOST_EXPORTED = 20_000


def show_log(before: int | None, asker: Asker, doing: Doing) -> Message:
    """The newest entries that the asker may know of, or the newest of those before that number."""
    found: list[Entry] = []
    looked_at, reached, is_end = 0, before, False
    try:
        with reading(doing.engine) as db:
            while len(found) <= PER_PAGE and looked_at < _LOOKED_AT and not is_end:
                batch = audit.entries(db, limit=_AT_ONCE, before=reached)
                found += _known(batch, asker, doing)
                looked_at += len(batch)
                is_end = len(batch) < _AT_ONCE
                reached = batch[-1].seq if batch else reached
    except StoreError as error:
        return trouble.own_failure(error.why)
    shown = found[:PER_PAGE]
    may_export = before is None and doing.access.may_change(asker)
    older = shown[-1].seq if len(found) > PER_PAGE else (None if is_end else reached)
    return log_message([_done(entry) for entry in shown], older, now=doing.at.wall, may_export=may_export)


def export_log(asker: Asker, doing: Doing) -> Message:
    """All that the asker may know of, as a file for them alone, which is on record, too."""
    if not doing.access.may_change(asker):
        return trouble.cannot_do(_(NOT_ADMIN))
    out = io.StringIO()
    try:
        with writing(doing.engine) as db:
            known = _known(audit_export.all_entries(db), asker, doing)
            number = audit_export.write_csv(islice(known, MOST_EXPORTED), out)
            record(db, asker, "export log", "log", at=doing.at.wall, before=None, after={"entries": number})
    except StoreError as error:
        return trouble.own_failure(error.why)
    return exported_message(out.getvalue(), number, at=doing.at.wall, is_cut=number == MOST_EXPORTED)


def _known(entries: Iterable[Entry], asker: Asker, doing: Doing) -> Iterator[Entry]:
    """Those that the asker may know of, and as far as they may."""
    sees_all = doing.access.sees_all(asker)
    for entry in entries:
        if sees_all or entry.pool is not None:
            if sees_all or (entry.pool is not None and doing.access.may_see(asker, entry.pool)):
                yield entry
        elif _may_know(entry, asker, doing):
            # Which alerts it changed is told of each pool by itself.
            yield replace(entry, before=_without_alerts(entry.before), after=_without_alerts(entry.after))


def _may_know(entry: Entry, asker: Asker, doing: Doing) -> bool:
    """Whether the asker may know of what was about no single pool: their own, or here, about a pool that they see."""
    if doing.access.is_shut_out(asker):
        return False
    if entry.actor.partition(" ")[0] == str(asker):
        return True
    named = [*_pools_in(entry.before), *_pools_in(entry.after)]
    return entry.place in asker.places and doing.access.knows_all_of(asker, named, doing.pools)


def _pools_in(said: Any) -> list[str]:
    """The names and globs of pools in what was kept of it."""
    names = said.get("pools") if isinstance(said, Mapping) else None
    return [str(name) for name in names] if isinstance(names, list) else []


def _without_alerts(said: Any) -> Any:
    return {name: value for name, value in said.items() if name != "alerts"} if isinstance(said, Mapping) else said


def _done(entry: Entry) -> Done:
    return Done(entry.at, entry.actor, entry.action, entry.subject, entry.place, entry.pool, entry.before, entry.after)
