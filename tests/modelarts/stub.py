"""What does a server say to the client? Whatever a test tells it, over real HTTP on loopback."""

import json
import socket
import ssl
import threading
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qsl, urlsplit

from bot.modelarts.client import ModelArts
from bot.modelarts.credentials import Keys, Login

PROJECT = "0123456789abcdef0123456789abcdef"
POOL_ID = "auto-pool-os-86c13962597848eeb29c5861153a391f"
SECRET = "MFyfvK41ba2giqM7Uio6PznpdUKGpownRZlmVmHc"
KEYS = Keys("QTWAOYTTINDUT2QVKYUC", SECRET)
NOON = datetime(2025, 11, 19, 12, tzinfo=UTC)

STATISTICS = f"/v2/{PROJECT}/statistics/pools"
POOLS = f"/v2/{PROJECT}/pools"
EXAMPLE = {
    "statistics": {
        "total": 234,
        "items": [{"type": "train", "total": 234, "status": {"Pending": 0, "Queue": 234, "Running": 0}}],
    }
}


@dataclass(frozen=True)
class Reply:
    """One answer of the stub.

    Attributes:
        status: The HTTP status.
        body: Bytes as they are; anything else as JSON.
        headers: Further headers.
        raw: All that is sent instead of an answer, after which the connection is closed.
        drip: Send the body one byte at a time until the client gives up, having announced this many.
        gate: Wait for this before answering.
    """

    status: int = 200
    body: object = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    raw: bytes | None = None
    drip: int = 0
    gate: threading.Event | None = None


@dataclass(frozen=True)
class Seen:
    """One request as it arrived."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def path(self) -> str:
        return urlsplit(self.target).path

    @property
    def query(self) -> list[tuple[str, str]]:
        return parse_qsl(urlsplit(self.target).query, keep_blank_values=True)


class Stub:
    """A server on loopback that answers by path; the last answer of a path is repeated.

    Args:
        certificate: A file with a certificate and its key, to speak TLS.
    """

    def __init__(self, certificate: Path | None = None) -> None:
        self.tls: ssl.SSLContext | None = None
        if certificate is not None:
            self.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self.tls.load_cert_chain(certificate)
        self.seen: list[Seen] = []
        self.accepted = 0
        self.stopping = threading.Event()
        self._replies: dict[str, deque[Reply]] = {}
        self._sockets: list[socket.socket] = []
        self._lock = threading.Lock()
        self._server = _server(self)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})

    @property
    def url(self) -> str:
        scheme = "http" if self.tls is None else "https"
        return f"{scheme}://127.0.0.1:{self._server.server_address[1]}"

    def on(self, path: str, *replies: Reply) -> None:
        """Answer requests whose path begins with `path` like this, in this order."""
        with self._lock:
            self._replies[path] = deque(replies)

    def reply_to(self, seen: Seen) -> Reply:
        with self._lock:
            self.seen.append(seen)
            known = sorted((path for path in self._replies if seen.path.startswith(path)), key=len)
            if not known:
                return Reply(404, {"error_code": "APIG.0101", "error_msg": "The API does not exist"})
            queue = self._replies[known[-1]]
            return queue.popleft() if len(queue) > 1 else queue[0]

    def note_accept(self, connection: socket.socket) -> None:
        with self._lock:
            self.accepted += 1
        self.note_socket(connection)

    def note_socket(self, connection: socket.socket) -> None:
        """Remember a connection, to end it at the end."""
        with self._lock:
            self._sockets.append(connection)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stopping.set()
        self._server.shutdown()
        for connection in self._sockets:
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue
        self._server.server_close()
        self._thread.join()


def _server(stub: Stub) -> ThreadingHTTPServer:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def _answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
            reply = stub.reply_to(Seen(self.command, self.path, dict(self.headers.items()), body))
            if reply.gate is not None:
                reply.gate.wait(10)
            try:
                self._send(reply)
            except OSError:
                self.close_connection = True

        def _send(self, reply: Reply) -> None:
            if reply.raw is not None:
                self.wfile.write(reply.raw)
                self.close_connection = True
                return
            body = reply.body if isinstance(reply.body, bytes) else json.dumps(reply.body).encode()
            headers = {
                "Content-Type": "application/json",
                "Content-Length": str(reply.drip or len(body)),
                "X-Request-Id": "5f0c2d1e",
                **reply.headers,
            }
            head = f"HTTP/1.1 {reply.status} Whatever\r\n"
            head += "".join(f"{name}: {value}\r\n" for name, value in headers.items() if value)
            if not reply.drip:
                self.wfile.write(head.encode() + b"\r\n" + body)
                return
            self.wfile.write(head.encode() + b"\r\n")
            while not stub.stopping.wait(0.02):
                self.wfile.write(b" ")

        do_GET = do_POST = _answer  # noqa: N815 - the names that http.server calls

        def log_message(self, *args: Any) -> None:
            """Nothing is logged."""

    class Server(ThreadingHTTPServer):
        daemon_threads = False
        block_on_close = True
        request_queue_size = 64

        def get_request(self) -> tuple[socket.socket, Any]:
            connection, address = super().get_request()
            stub.note_accept(connection)
            if stub.tls is not None:
                # The handshake happens on the thread of the connection, at its first read.
                connection = stub.tls.wrap_socket(connection, server_side=True, do_handshake_on_connect=False)
                stub.note_socket(connection)
            return connection, address

        def handle_error(self, *args: Any) -> None:
            """A connection that the test breaks is no error of the stub."""

    return Server(("127.0.0.1", 0), Handler)


class Hands:
    """Time that passes when somebody waits, and when a test turns the hands."""

    def __init__(self) -> None:
        self.elapsed = 1000.0
        self.waits: list[float] = []
        self._lock = threading.Lock()

    def wall(self) -> datetime:
        return NOON + timedelta(seconds=self.elapsed - 1000)

    def monotonic(self) -> float:
        return self.elapsed

    def wait(self, seconds: float) -> None:
        with self._lock:
            self.waits.append(seconds)
            self.elapsed += seconds

    def turn(self, length: timedelta) -> None:
        self.elapsed += length.total_seconds()


def client(stub: Stub, hands: Hands, credentials: Keys | Login = KEYS, **settings: Any) -> ModelArts:
    """A client of the stub whose time is `hands`."""
    return ModelArts(
        credentials,
        **{
            "wall": hands.wall,
            "monotonic": hands.monotonic,
            "wait": hands.wait,
            "region": "cn-north-4",
            "endpoint": stub.url,
            "iam_endpoint": stub.url,
            "project_id": PROJECT,
            "trust_env": False,
            "read_timeout": timedelta(seconds=5),
            "max_rate": 1e6,
            **settings,
        },
    )


def ok(body: object = EXAMPLE) -> Reply:
    """A 200 with `body`."""
    return Reply(200, body)


def failed(status: int, code: str, message: str, **headers: str) -> Reply:
    """An answer in the words of the gateway and of ModelArts."""
    return Reply(
        status,
        {"error_code": code, "error_msg": message, "request_id": "9a7e"},
        {name.replace("_", "-"): value for name, value in headers.items()},
    )


def bad_signature(**headers: str) -> Reply:
    """What a wrong secret key gets."""
    return failed(401, "APIG.0301", "Incorrect IAM authentication information: verify aksk signature fail", **headers)


def date_header(at: datetime) -> dict[str, str]:
    """A `Date` header."""
    return {"Date": format_datetime(at, usegmt=True)}


def pool_list(*pools: tuple[str, str]) -> Reply:
    """ListPools' answer with these ids and display names."""
    items = [
        {"kind": "Pool", "metadata": {"name": pool_id, "labels": {"os.modelarts/name": name}}}
        for pool_id, name in pools
    ]
    return ok({"kind": "PoolList", "apiVersion": "v2", "items": items})


def eventually(condition: Callable[[], bool], seconds: float = 5) -> bool:
    """Whether `condition` comes true in time."""
    pause = threading.Event()
    for _ in range(int(seconds / 0.005)):
        if condition():
            return True
        pause.wait(0.005)
    return condition()
