"""An OpenTelemetry collector, as far as it takes traces: OTLP over HTTP, in protobuf."""

import gzip
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest


@dataclass(frozen=True)
class Seen:
    """One span as it came."""

    name: str
    trace: str
    id: str
    parent: str
    facts: dict[str, object]
    leads_to: tuple[tuple[str, str], ...]
    is_error: bool


class Collector:
    """What was handed over, and where it is taken."""

    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"
        # What it answers, and whether it answers at all.
        self.status = 200
        self.may_answer = threading.Event()
        self.may_answer.set()
        self.requests: list[tuple[str, dict[str, str], bytes]] = []

    def spans(self, name: str | None = None) -> list[Seen]:
        """Every span that was taken, or those of a name."""
        found = [each for _, _, body in list(self.requests) for each in _spans(body)]
        return [each for each in found if name is None or each.name == name]

    def about(self) -> dict[str, object]:
        """What the first request says of who sent it."""
        first = ExportTraceServiceRequest.FromString(self.requests[0][2])
        return {each.key: each.value.string_value for each in first.resource_spans[0].resource.attributes}


def _spans(body: bytes) -> Iterator[Seen]:
    for of_process in ExportTraceServiceRequest.FromString(body).resource_spans:
        for of_library in of_process.scope_spans:
            for span in of_library.spans:
                facts = {each.key: getattr(each.value, each.value.WhichOneof("value")) for each in span.attributes}
                leads_to = tuple((each.trace_id.hex(), each.span_id.hex()) for each in span.links)
                is_error = span.status.code == span.status.STATUS_CODE_ERROR
                ids = span.trace_id.hex(), span.span_id.hex(), span.parent_span_id.hex()
                yield Seen(span.name, *ids, facts, leads_to, is_error)


@contextmanager
def collecting() -> Iterator[Collector]:
    """A collector, until the end of the block."""

    class Taking(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if self.headers.get("Content-Encoding") == "gzip":
                body = gzip.decompress(body)
            collector.may_answer.wait()
            if collector.status == 200:
                collector.requests.append((self.path, dict(self.headers), body))
            self.send_response(collector.status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Taking)
    server.daemon_threads = True
    collector = Collector(server.server_address[1])
    serving = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    serving.start()
    try:
        yield collector
    finally:
        collector.may_answer.set()
        server.shutdown()
        serving.join()
        server.server_close()
