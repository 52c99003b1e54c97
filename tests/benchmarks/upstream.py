"""What stands at the other end of the line? A server that speaks TLS, answers at once and counts handshakes.

It is a process of its own, so that what it costs is not counted as ours, and uses the standard library alone, so that
it starts at once.
"""

import itertools
import json
import socket
import ssl
import sys
import threading
from pathlib import Path

STATUSES = ("Queue", "Pending", "Abnormal", "Terminating", "Creating", "Running", "Completed", "Terminated", "Failed")
TYPES = ("train", "infer", "notebook")
# The usual headers of the gateway.
HEADERS = {
    "Server": "api-gateway",
    "Date": "Mon, 02 Mar 2026 12:00:00 GMT",
    "Content-Type": "application/json",
    "X-Request-Id": "5f0c2d1e7a9b4c3d8e6f0a1b2c3d4e5f",
    "X-Frame-Options": "SAMEORIGIN",
    "X-Content-Type-Options": "nosniff",
    "Strict-Transport-Security": "max-age=31536000; includeSubDomains",
}
POSTED = {"ok": True, "channel": "C0123456789", "ts": "1772452800.000100", "message": {"type": "message"}}


def counts(step: int) -> bytes:
    """The documented body of a pool's counts, which move a little from one reading to the next."""
    items = [
        {"type": name, "total": 45 + step, "status": dict.fromkeys(STATUSES, 5) | {"Queue": 5 + step}} for name in TYPES
    ]
    return json.dumps({"statistics": {"total": 3 * (45 + step), "items": items}}, indent=4).encode()


def answer(body: bytes) -> bytes:
    """A 200 as it goes over the line."""
    head = "".join(f"{name}: {value}\r\n" for name, value in {**HEADERS, "Content-Length": str(len(body))}.items())
    return f"HTTP/1.1 200 OK\r\n{head}\r\n".encode() + body


class Upstream:
    """Answers every GET with a pool's counts, after so many seconds, and every POST as Slack answers a post."""

    def __init__(self, certificate: Path, after: float = 0.0) -> None:
        self._after = after
        self._tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._tls.load_cert_chain(certificate)
        self._readings = [answer(counts(step)) for step in (0, 1, 2, 1)]
        self._posted = answer(json.dumps(POSTED).encode())
        self._asked = itertools.count()
        self.handshakes = 0
        self._listening = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.port: int = self._listening.getsockname()[1]

    def run(self) -> None:
        """Accept until the process ends."""
        while True:
            plain = self._listening.accept()[0]
            plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            threading.Thread(target=self._serve, args=(plain,), daemon=True).start()

    def _serve(self, plain: socket.socket) -> None:
        try:
            with self._tls.wrap_socket(plain, server_side=True) as line:
                self.handshakes += 1
                self._talk(line)
        except OSError:
            # Whoever asked has hung up.
            return

    def _talk(self, line: ssl.SSLSocket) -> None:
        while True:
            head = b""
            while b"\r\n\r\n" not in head:
                more = line.recv(65536)
                if not more:
                    return
                head += more
            head, _, body = head.partition(b"\r\n\r\n")
            if head.startswith(b"GET"):
                if self._after:
                    threading.Event().wait(self._after)
                line.sendall(self._readings[next(self._asked) % len(self._readings)])
                continue
            missing = _length(head) - len(body)
            while missing > 0:
                missing -= len(line.recv(65536))
            line.sendall(self._posted)


def _length(head: bytes) -> int:
    for header in head.split(b"\r\n"):
        name, _, value = header.partition(b":")
        if name.lower() == b"content-length":
            return int(value)
    return 0


def main() -> None:
    """Serve; each line on standard input is answered with the number of handshakes so far, its end is ours."""
    upstream = Upstream(Path(sys.argv[1]), float(sys.argv[2]) if len(sys.argv) > 2 else 0.0)
    threading.Thread(target=upstream.run, daemon=True).start()
    sys.stdout.write(f"{upstream.port}\n")
    sys.stdout.flush()
    for _ in sys.stdin:
        sys.stdout.write(f"{upstream.handshakes}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
