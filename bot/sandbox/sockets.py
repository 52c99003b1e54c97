"""How does the app hear of things over a WebSocket?

https://docs.slack.dev/apis/events-api/using-socket-mode
"""

import asyncio
import json
import random
import secrets
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeoutError
from dataclasses import dataclass, field
from threading import Lock
from typing import Any, Literal

from starlette.websockets import WebSocket, WebSocketDisconnect

from bot.sandbox.breaking import deafen, reset
from bot.sandbox.methods.request import Request
from bot.sandbox.model import APP, Ack, Json
from bot.sandbox.switches import Switches

MOST_CONNECTIONS = 10
WARNING_BEFORE = 10.0
DEBUG_LASTS = 360.0


@dataclass(slots=True, eq=False)
class _Connection:
    socket: WebSocket
    lasts: float
    gone: asyncio.Event = field(default_factory=asyncio.Event)
    number: int = 0


class Sockets:
    """The Socket Mode connections of the app; lives on the server's event loop."""

    def __init__(self, switches: Switches, base_url: str) -> None:
        self.switches = switches
        self.base_url = base_url
        self._lock = Lock()
        self._tickets: set[str] = set()
        self._connections: list[_Connection] = []
        self._waiting: dict[str, Future[Json]] = {}
        self._loop: asyncio.AbstractEventLoop | None = None
        self._count = 0

    def open(self, _request: Request) -> Json:
        """apps.connections.open: an address that is good for one connection."""
        ticket = secrets.token_urlsafe(16)
        with self._lock:
            self._tickets.add(ticket)
        address = self.base_url.replace("http", "ws", 1)
        return {"url": f"{address}link/?ticket={ticket}&app_id={APP}"}

    @property
    def count(self) -> int:
        """How many connections there are."""
        with self._lock:
            return len(self._connections)

    async def serve(self, socket: WebSocket) -> None:
        """One connection, from hello to its end."""
        self._loop = asyncio.get_running_loop()
        with self._lock:
            is_known = socket.query_params.get("ticket") in self._tickets
            self._tickets.discard(socket.query_params.get("ticket") or "")
            is_full = len(self._connections) >= MOST_CONNECTIONS
        if not is_known:
            await socket.close(4001)
            return
        await socket.accept()
        if is_full:
            await socket.send_json(self._disconnect("too_many_websockets"))
            await socket.close()
            return
        debug = socket.query_params.get("debug_reconnects") == "true"
        connection = _Connection(socket, DEBUG_LASTS if debug else self.switches.connection_lasts)
        with self._lock:
            self._connections.append(connection)
            self._count += 1
            connection.number = self._count
        try:
            await socket.send_json(self._hello(connection))
            await self._talk(connection)
        except WebSocketDisconnect:
            pass
        finally:
            self._drop(connection)

    def deliver(self, kind: str, payload: Json, *, attempt: int = 0, reason: str = "") -> Ack | None:
        """Send an envelope over one of the connections and wait for its acknowledgement (not on the loop).

        Returns:
            The acknowledgement, or None when there is no connection.
        """
        with self._lock:
            connection = random.choice(self._connections) if self._connections else None
        if connection is None or self._loop is None:
            return None
        envelope_id = f"{secrets.token_hex(4)}-{secrets.token_hex(2)}-{secrets.token_hex(2)}-{secrets.token_hex(6)}"
        envelope: Json = {"envelope_id": envelope_id, "type": kind, "payload": payload}
        envelope["accepts_response_payload"] = kind != "events_api"
        if kind == "events_api":
            envelope |= {"retry_attempt": attempt, "retry_reason": reason}
        answer: Future[Json] = Future()
        with self._lock:
            self._waiting[envelope_id] = answer
        try:
            asyncio.run_coroutine_threadsafe(_send(connection, envelope), self._loop)
            return Ack(body=answer.result(self.switches.acknowledge_within).get("payload"))
        except FutureTimeoutError:
            return Ack("operation_timeout", took=self.switches.acknowledge_within)
        finally:
            with self._lock:
                self._waiting.pop(envelope_id, None)

    async def refresh(
        self, reason: str = "refresh_requested", *, warning_before: float = 0.0, only_the_oldest: bool = False
    ) -> None:
        """Ask every connection to come again: a warning, then the end."""
        with self._lock:
            connections = self._connections[:1] if only_the_oldest else list(self._connections)
        await asyncio.gather(*(self._end(each, reason, warning_before) for each in connections))

    async def drop(self, how: Literal["close", "reset", "silence"] = "close") -> None:
        """End every connection without a word: by a close frame, by a reset, or by hearing nothing any more."""
        with self._lock:
            connections = list(self._connections)
        for each in connections:
            match how:
                case "close":
                    each.gone.set()
                case "reset":
                    reset(each.socket.scope)
                case "silence":
                    deafen(each.socket.scope)

    async def _talk(self, connection: _Connection) -> None:
        reading = asyncio.create_task(self._read(connection))
        lasting = asyncio.create_task(self._last(connection))
        gone = asyncio.create_task(connection.gone.wait())
        try:
            await asyncio.wait({reading, lasting, gone}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (reading, lasting, gone):
                task.cancel()
            await asyncio.gather(reading, lasting, gone, return_exceptions=True)
        try:
            await connection.socket.close()
        except RuntimeError:
            return  # the other side was faster

    async def _read(self, connection: _Connection) -> None:
        while True:
            try:
                said = json.loads(await connection.socket.receive_text())
            except ValueError:
                continue
            with self._lock:
                answer = self._waiting.get(said.get("envelope_id", "")) if isinstance(said, dict) else None
            if answer is not None and not answer.done():
                answer.set_result(said)

    async def _last(self, connection: _Connection) -> None:
        await asyncio.sleep(max(0.0, connection.lasts - WARNING_BEFORE))  # a connection has a life
        await self._end(connection, "refresh_requested", min(WARNING_BEFORE, connection.lasts))

    async def _end(self, connection: _Connection, reason: str, warning_before: float) -> None:
        if warning_before > 0:
            await _send(connection, self._disconnect("warning"))
            await asyncio.sleep(warning_before)  # Slack warns some seconds ahead
        self._drop(connection)
        await _send(connection, self._disconnect(reason))
        connection.gone.set()

    def _drop(self, connection: _Connection) -> None:
        with self._lock:
            if connection in self._connections:
                self._connections.remove(connection)

    def _hello(self, connection: _Connection) -> Json:
        return {
            "type": "hello",
            "num_connections": self.count,
            "debug_info": {**self._debug(), "approximate_connection_time": int(connection.lasts)},
            "connection_info": {"app_id": APP},
        }

    def _disconnect(self, reason: str) -> Json:
        return {"type": "disconnect", "reason": reason, "debug_info": self._debug()}

    def _debug(self) -> dict[str, Any]:
        return {"host": "applink-sandbox-1", "build_number": 1}


async def _send(connection: _Connection, message: Json) -> None:
    try:
        await connection.socket.send_json(message)
    except (WebSocketDisconnect, RuntimeError):
        connection.gone.set()
