"""What does somebody who is looking at the page have to be told now? Changes in, Server-Sent Events out."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

from starlette.concurrency import run_in_threadpool

from bot.sandbox.model import Change
from bot.sandbox.page.frame import Shown, sidebar
from bot.sandbox.page.messages import Reader, is_reply
from bot.sandbox.page.reading import Reading
from bot.sandbox.page.views import home, modal

# A comment this often keeps proxies and the browser from thinking that nobody is there.
_BREATH = 15.0

Told = dict[str, Any]


@dataclass(slots=True)
class Watch:
    """One open page: what it shows, and what it was told of."""

    reader: Reader
    reading: Reading
    shown: Shown
    threads: dict[str, str] = field(default_factory=dict)

    def everything(self) -> list[Told]:
        """All that the page shows, for the moment the line is there (again): it may have missed something."""
        channel = self.shown.channel
        for message in self.reader.workspace.messages(channel.id, seen_by=self.reader.user):
            self.threads[message.ts] = message.thread_ts
        told: list[Told] = [{"kind": "sidebar", "html": self._sidebar()}, {"kind": "modal", "html": self._modal()}]
        if self.shown.is_home:
            return [*told, self._home()]
        told.append({"kind": "messages", "messages": self.reader.history(channel.id)})
        if self.shown.thread:
            replies = self.reader.thread(channel.id, self.shown.thread)
            told.append({"kind": "thread", "root": self.shown.thread, "messages": replies})
        return told

    def told(self, change: Change) -> list[Told]:
        """What to tell the page because of a change."""
        if change.user not in {"", self.reader.user}:
            return []
        match change.kind:
            case "message" | "changed" | "ephemeral" | "reaction":
                return [*self._put(change), {"kind": "sidebar", "html": self._sidebar()}]
            case "deleted":
                return self._remove(change)
            case "channel":
                return [{"kind": "sidebar", "html": self._sidebar()}]
            case "view":
                return [{"kind": "modal", "html": self._modal()}]
            case "home":
                return [self._home()] if self.shown.is_home else []
            case "file" | "closed":
                return []

    def _put(self, change: Change) -> list[Told]:
        message = self.reader.workspace.message(change.channel, change.ts)
        if message is None or change.channel != self.shown.channel.id or self.shown.is_home:
            return []
        self.reading.seen(self.reader.user, change.channel, message.ts)
        self.threads[message.ts] = message.thread_ts
        is_new = change.kind in {"message", "ephemeral"}
        told: list[Told] = []
        if not is_reply(message) or message.broadcast:
            html = self.reader.one(message)
            told.append({"kind": "put", "ts": message.ts, "html": html, "new": is_new})
        root = message.thread_ts or message.ts
        told += self._in_thread(root, message.ts, is_new=is_new)
        return told

    def _in_thread(self, root: str, ts: str, *, is_new: bool) -> list[Told]:
        """The message in the thread pane, if that thread is open there, and the count under the first one."""
        told: list[Told] = []
        replies = dict(self.reader.thread(self.shown.channel.id, root))
        if ts in replies:
            told.append({"kind": "put", "ts": ts, "html": replies[ts], "thread": root, "new": is_new})
        begins = self.reader.workspace.message(self.shown.channel.id, root)
        if ts != root and begins is not None and begins.ephemeral_to in {"", self.reader.user}:
            told.append({"kind": "put", "ts": root, "html": self.reader.one(begins), "new": False, "quiet": True})
        return told

    def _remove(self, change: Change) -> list[Told]:
        told: list[Told] = [{"kind": "remove", "ts": change.ts}]
        if change.channel != self.shown.channel.id:
            return [{"kind": "sidebar", "html": self._sidebar()}]
        root = self.threads.pop(change.ts, "")
        return told + (self._in_thread(root, change.ts, is_new=False) if root else [])

    def _sidebar(self) -> str:
        return sidebar(self.reader, self.shown, self.reading.unread(self.reader))

    def _modal(self) -> str:
        stack = self.reader.workspace.modals(self.reader.user)
        return modal(stack[-1], self.reader.names(), app=self.reader.workspace.bot.real_name) if stack else ""

    def _home(self) -> Told:
        view = self.reader.workspace.home(self.reader.user)
        html = home(view, self.reader.names(), app=self.reader.workspace.bot.real_name)
        return {"kind": "home", "html": html}


async def events(watch: Watch) -> AsyncIterator[str]:
    """The stream of one page, until it goes or the workspace closes."""
    loop = asyncio.get_running_loop()
    changes: asyncio.Queue[Change] = asyncio.Queue()

    def heard(change: Change) -> None:
        if not loop.is_closed():
            loop.call_soon_threadsafe(changes.put_nowait, change)

    stop = watch.reader.workspace.listen(heard)
    try:
        yield "retry: 1000\n\n"
        for told in await run_in_threadpool(watch.everything):
            yield _written(told)
        while True:
            try:
                change = await asyncio.wait_for(changes.get(), _BREATH)
            except TimeoutError:
                yield ": still here\n\n"
                continue
            if change.kind == "closed":
                return
            for told in await run_in_threadpool(watch.told, change):
                yield _written(told)
    finally:
        stop()


def _written(told: Told) -> str:
    return f"data: {json.dumps(told, ensure_ascii=False)}\n\n"
