"""How do requests come in and answers go out? A small HTTP/1.1 server that can also break its answers on purpose."""

import asyncio
import socket
import struct
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from email.utils import format_datetime
from enum import StrEnum
from http import HTTPStatus
from urllib.parse import parse_qsl, unquote

from bot.emulator.clock import Clock

_MOST_HEADERS = 32 * 1024
_MOST_TARGET = 32 * 1024
_MOST_BODY = 12 * 1024 * 1024
_IDLE = 75.0
# As nginx lingers before it closes, though not for as long.
_HEARD_OUT_SECONDS = 2.0


class Breakage(StrEnum):
    """What happens to an answer on its way out."""

    NONE = "none"
    RESET = "reset"  # the connection is reset instead
    HANG = "hang"  # nothing is ever sent
    TRUNCATED = "truncated"  # half of the body, then the end
    DRIP = "drip"  # the body comes byte by byte


@dataclass(frozen=True, slots=True)
class Request:
    """A request as it was received."""

    method: str
    target: str
    headers: tuple[tuple[str, str], ...]
    body: bytes
    peer: str
    connection: int

    @property
    def path(self) -> str:
        """The path, still quoted."""
        return self.target.partition("?")[0]

    @property
    def query(self) -> list[tuple[str, str]]:
        """The parameters, decoded, in their order."""
        return parse_qsl(self.target.partition("?")[2], keep_blank_values=True)

    def header(self, name: str) -> str:
        """The value of a header; empty if it is not there."""
        return next((value for key, value in self.headers if key.lower() == name), "")

    def segment(self, index: int) -> str:
        """A part of the path, decoded."""
        parts = self.path.split("/")
        return unquote(parts[index]) if index < len(parts) else ""


@dataclass(slots=True)
class Response:
    """An answer, and how it is to be sent."""

    status: int
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    delay: float = 0.0
    breakage: Breakage = Breakage.NONE
    drip_for: float = 30.0


Answer = Callable[[Request], Response]


class _TooMuchError(Exception):
    """A request that is larger than the gateway takes."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class HttpServer:
    """Accepts connections and lets `answer` answer; every answer goes out in one write."""

    def __init__(self, answer: Answer, refuse: Callable[[int], Response], clock: Clock) -> None:
        self.connections = 0
        self._answer = answer
        self._refuse = refuse
        self._clock = clock
        self._open: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    async def run(self, listening: socket.socket, stop: asyncio.Event) -> None:
        """Serve until `stop` is set, then drop every connection."""
        server = await asyncio.start_server(self._accept, sock=listening, limit=_MOST_HEADERS + _MOST_TARGET)
        try:
            await stop.wait()
        finally:
            # A connection that is accepted while the server closes would never be closed: first stop accepting.
            asyncio.get_running_loop().remove_reader(listening.fileno())
            await self._drop_everyone()
            server.close()
            await server.wait_closed()

    async def _drop_everyone(self) -> None:
        """Abort every connection, those included that are only just being accepted."""
        while others := asyncio.all_tasks() - {asyncio.current_task()}:
            for task in self._tasks:
                task.cancel()
            for writer in self._open:
                writer.transport.abort()
            await asyncio.wait(others, timeout=0.05)
        for _ in range(3):  # an aborted transport closes its socket in the turns of the loop that follow
            await asyncio.sleep(0)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is not None:
            self._tasks.add(task)
        self._open.add(writer)
        self.connections += 1
        try:
            await self._converse(reader, writer, self.connections)
        except (OSError, asyncio.IncompleteReadError, TimeoutError, asyncio.CancelledError):
            writer.transport.abort()
        finally:
            writer.close()
            self._open.discard(writer)
            if task is not None:
                self._tasks.discard(task)
            with suppress(OSError, asyncio.CancelledError):
                await writer.wait_closed()

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, connection: int) -> None:
        peer = (writer.get_extra_info("peername") or ("",))[0]
        stay = True
        while stay:
            try:
                request, stay = await _read(reader, writer, peer, connection)
            except (_TooMuchError, asyncio.LimitOverrunError, ValueError) as error:
                status = (
                    error.status if isinstance(error, _TooMuchError) else 494 if "limit" in str(error).lower() else 400
                )
                writer.write(self._bytes(self._refuse(status), keep=False))
                await writer.drain()
                await _hear_out(reader, writer)
                return
            response = self._answer(request)
            if response.delay > 0:
                await asyncio.sleep(response.delay)
            stay = await self._send(writer, request, response, stay) and stay

    async def _send(self, writer: asyncio.StreamWriter, request: Request, response: Response, keep: bool) -> bool:
        """Send an answer; whether the connection can be used again."""
        everything = self._bytes(response, keep=keep)
        body = len(response.body)
        head = everything[: len(everything) - body]
        match response.breakage:
            case Breakage.NONE:
                writer.write(head if request.method == "HEAD" else everything)
                await writer.drain()
                return True
            case Breakage.RESET:
                writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                writer.transport.abort()
            case Breakage.HANG:
                await asyncio.Event().wait()
            case Breakage.TRUNCATED:
                writer.write(everything[: len(head) + body // 2])
                await writer.drain()
            case Breakage.DRIP:
                writer.write(head)
                for index in range(body):
                    await asyncio.sleep(response.drip_for / body)
                    writer.write(response.body[index : index + 1])
                    await writer.drain()
                return True
        return False

    def _bytes(self, response: Response, *, keep: bool) -> bytes:
        headers = {
            "Date": format_datetime(self._clock(), usegmt=True),
            "Content-Type": "application/json",
            "Connection": "keep-alive" if keep else "close",
            **response.headers,
            "Content-Length": str(len(response.body)),
        }
        try:
            phrase = HTTPStatus(response.status).phrase
        except ValueError:
            phrase = "Unknown"
        lines = [f"HTTP/1.1 {response.status} {phrase}", *(f"{name}: {value}" for name, value in headers.items())]
        return "\r\n".join([*lines, "", ""]).encode("latin-1") + response.body


async def _hear_out(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Take what is still coming before hanging up, for a while: else the system throws the answer away with it."""
    writer.write_eof()
    with suppress(OSError, TimeoutError):
        async with asyncio.timeout(_HEARD_OUT_SECONDS):
            while await reader.read(65536):
                pass


async def _read(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, peer: str, connection: int
) -> tuple[Request, bool]:
    """The next request, and whether the client means to stay."""
    head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), _IDLE)
    first, *lines = head[:-4].decode("latin-1").split("\r\n")
    words = first.split(" ")
    if len(words) != 3 or not words[2].startswith("HTTP/1.") or not words[1].startswith("/"):
        raise ValueError("not a request line")
    if len(words[1]) > _MOST_TARGET:
        raise _TooMuchError(414)
    if len(head) - len(first) > _MOST_HEADERS:
        raise _TooMuchError(494)
    headers = tuple(_header(line) for line in lines)
    by_name = {name.lower(): value for name, value in headers}
    if by_name.get("expect", "").lower() == "100-continue":
        writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
    if by_name.get("transfer-encoding", "").lower() == "chunked":
        body = await _chunks(reader)
    else:
        body = await reader.readexactly(_length(by_name.get("content-length", "0"), 10))
    stays = by_name.get("connection", "").lower() != "close" and words[2] != "HTTP/1.0"
    return Request(words[0], words[1], headers, body, peer, connection), stays


def _header(line: str) -> tuple[str, str]:
    name, colon, value = line.partition(":")
    if not colon or not name or name != name.strip():
        raise ValueError("not a header")
    return name, value.strip()


def _length(text: str, radix: int) -> int:
    if not text.isalnum():
        raise ValueError("not a length")
    length = int(text, radix)
    if length > _MOST_BODY:
        raise _TooMuchError(413)
    return length


async def _chunks(reader: asyncio.StreamReader) -> bytes:
    body = b""
    while size := _length((await reader.readuntil(b"\r\n")).strip().decode("latin-1").partition(";")[0], 16):
        body += await reader.readexactly(size)
        await reader.readexactly(2)
        if len(body) > _MOST_BODY:
            raise _TooMuchError(413)
    await reader.readuntil(b"\r\n")
    return body
