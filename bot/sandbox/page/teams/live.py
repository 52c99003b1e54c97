"""What does somebody who looks at a conversation of Teams have to be told now? Changes in, Server-Sent Events out."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Callable
from typing import Any

from starlette.concurrency import run_in_threadpool

from bot.sandbox.page.teams.frame import Shown, Unread, dialog, sidebar
from bot.sandbox.page.teams.messages import Reader
from bot.sandbox.teams.model import Change
from bot.sandbox.teams.tenant import Tenant

# A comment this often keeps proxies and the browser from thinking that nobody is there.
_BREATH = 15.0

Told = dict[str, Any]


def everything(reader: Reader, shown: Shown, unread: Unread) -> list[Told]:
    """All that the page shows; what did not change the script leaves alone."""
    told: list[Told] = [
        {"kind": "sidebar", "html": sidebar(reader, shown, unread)},
        {"kind": "messages", "messages": reader.history(shown.place)},
    ]
    if shown.thread:
        told.append({"kind": "thread", "messages": reader.thread(shown.place, shown.thread)})
    opened = dialog(reader.tenant.dialog(reader.user), reader.tenant.bot_name, reader.client)
    return [*told, {"kind": "dialog", "html": opened}]


async def events(tenant: Tenant, look: Callable[[], list[Told]]) -> AsyncIterator[str]:
    """The stream of one page, until it goes or the tenant closes; `look` says what it shows now."""
    loop = asyncio.get_running_loop()
    changes: asyncio.Queue[Change] = asyncio.Queue()

    def heard(change: Change) -> None:
        if not loop.is_closed():
            loop.call_soon_threadsafe(changes.put_nowait, change)

    stop = tenant.listen(heard)
    try:
        yield "retry: 1000\n\n"
        while True:
            for told in await run_in_threadpool(look):
                yield f"data: {json.dumps(told, ensure_ascii=False)}\n\n"
            while not (came := await _next(changes)):
                yield ": still here\n\n"
            if any(each.kind == "closed" for each in came):
                return
    finally:
        stop()


async def _next(changes: asyncio.Queue[Change]) -> list[Change]:
    """What has changed since, taken together; empty when nothing has for a while."""
    try:
        found = [await asyncio.wait_for(changes.get(), _BREATH)]
    except TimeoutError:
        return []
    with contextlib.suppress(asyncio.QueueEmpty):
        while True:
            found.append(changes.get_nowait())
    return found
