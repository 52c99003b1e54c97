"""How do notes of the bot's work reach an OpenTelemetry collector? Imported only where one is configured."""

import logging
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from typing import Any

import requests
from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.sdk.trace.id_generator import RandomIdGenerator
from opentelemetry.sdk.trace.sampling import ALWAYS_ON, Sampler, SamplingResult
from opentelemetry.trace import SpanContext, SpanKind, Status, StatusCode, TraceFlags

from bot.logs import Troubles
from bot.tracing import Span, Value

log = logging.getLogger(__name__)

# So long a stop waits for what is still to be handed over.
_AT_THE_END_SECONDS = 2.0
_DELIVERY = "deliver"
# https://opentelemetry.io/docs/specs/semconv/http/http-spans/; all else is ours.
_STANDARD = {"method": "http.request.method", "status": "http.response.status_code", "host": "server.address"}
# The ids of the trace and of the span that begins next in this thread.
_next: ContextVar[tuple[int, int] | None] = ContextVar("next", default=None)


class Exporting:
    """Takes notes as spans, and hands them to the collector from a thread of its own.

    Args:
        url: Where the collector takes traces by OTLP over HTTP.
        headers: What proves to it who we are.
        about: What is said of this process, unless the standard variables say otherwise.
    """

    def __init__(self, url: str, headers: Mapping[str, str], about: Mapping[str, str]) -> None:
        self._session = _Session()
        exporter = OTLPSpanExporter(url, headers=headers, session=self._session)
        said = Resource.create()
        if str(said.attributes.get("service.name", "")).startswith("unknown_service"):
            said = said.merge(Resource({"service.name": "pool-stats"}))
        self._provider = TracerProvider(
            resource=Resource(about).merge(said), shutdown_on_exit=False, id_generator=_Ids()
        )
        # It has read OTEL_TRACES_SAMPLER.
        self._provider.sampler = _Kept(self._provider.sampler)
        self._provider.add_span_processor(BatchSpanProcessor(_ToldOnce(exporter, self._session, url)))
        self._tracer = self._provider.get_tracer("bot")

    def span(self, name: str, facts: Mapping[str, Value]) -> AbstractContextManager[Span]:
        """A part of what is under way in this thread; where nothing is, something new."""
        return self._begin(name, facts)

    def delivery(self, delivery_id: str, attempt: int, facts: Mapping[str, Value]) -> AbstractContextManager[Span]:
        """An attempt at that delivery: in the trace whose id is the delivery's."""
        return self._begin(
            _DELIVERY, {"delivery": delivery_id, "attempt": attempt, **facts}, _ids(delivery_id, attempt)
        )

    def leads_to(self, delivery_id: str) -> None:
        """Link what is under way in this thread to the first attempt at that delivery."""
        there = SpanContext(*_ids(delivery_id, 1), is_remote=True, trace_flags=TraceFlags(TraceFlags.SAMPLED))
        trace.get_current_span().add_link(there, _named({"delivery": delivery_id}))

    def close(self) -> None:
        """Hand over what is left, but not for long: a collector that hangs holds up no stop."""
        ending = threading.Thread(target=self._provider.shutdown, name="traces-end", daemon=True)
        ending.start()
        ending.join(_AT_THE_END_SECONDS)
        self._session.close()

    @contextmanager
    def _begin(self, name: str, facts: Mapping[str, Value], ids: tuple[int, int] | None = None) -> Iterator[Span]:
        _next.set(ids)
        begun = self._tracer.start_as_current_span(
            name,
            # A delivery belongs to nothing that is under way.
            context=None if ids is None else Context(),
            kind=SpanKind.CLIENT if "method" in facts else SpanKind.INTERNAL,
            attributes=_named(facts),
            # What an exception says may hold what somebody wrote; its traceback holds more.
            record_exception=False,
            set_status_on_exception=False,
        )
        with begun as span:
            noted = _Noted(span)
            try:
                yield noted
            except BaseException as error:
                noted.failed(type(error).__name__)
                raise


class _Noted:
    """A span as the bot knows it."""

    def __init__(self, span: trace.Span) -> None:
        self._span = span

    def note(self, **facts: Value) -> None:
        self._span.set_attributes(_named(facts))

    def failed(self, kind: str) -> None:
        self._span.set_attribute("error.type", kind)
        self._span.set_status(Status(StatusCode.ERROR))


class _Ids(RandomIdGenerator):
    """Any ids, but for a delivery its own: so all attempts at it are one trace, whichever process makes them."""

    def generate_trace_id(self) -> int:
        known = _next.get()
        return super().generate_trace_id() if known is None else known[0]

    def generate_span_id(self) -> int:
        known = _next.get()
        _next.set(None)
        return super().generate_span_id() if known is None else known[1]

    def is_trace_id_random(self) -> bool:
        return False


class _Kept(Sampler):
    """Keeps every delivery, for there are few, and whatever else another sampler keeps."""

    def __init__(self, other: Sampler) -> None:
        self._other = other

    def should_sample(
        self, parent_context: Context | None, trace_id: int, name: str, *rest: Any, **more: Any
    ) -> SamplingResult:
        # A share of all ids would be no fair one of theirs, in which some bits are always the same.
        chosen = ALWAYS_ON if name == _DELIVERY else self._other
        return chosen.should_sample(parent_context, trace_id, name, *rest, **more)

    def get_description(self) -> str:
        return f"EveryDelivery({self._other.get_description()})"


class _Session(requests.Session):
    """Remembers what became of the last request; what the collector is sent goes nowhere else."""

    def __init__(self) -> None:
        super().__init__()
        self.max_redirects = 0
        self.outcome = ""

    def request(self, *args: Any, **kwargs: Any) -> requests.Response:
        try:
            response = super().request(*args, **kwargs)
        except requests.RequestException as error:
            self.outcome = type(error).__name__
            raise
        self.outcome = f"it answers {response.status_code}"
        return response


class _ToldOnce(SpanExporter):
    """Tells the log once that the collector takes nothing, and when it does again; what it did not take is lost."""

    def __init__(self, exporter: SpanExporter, session: _Session, url: str) -> None:
        self._exporter = exporter
        self._session = session
        self._url = url
        self._troubles = Troubles(log)

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        result = self._exporter.export(spans)
        if result is SpanExportResult.SUCCESS:
            self._troubles.over("traces")
        else:
            why = f"{self._url} does not take the traces ({self._session.outcome}), which are lost"
            self._troubles.begin("traces", "not taken", why, by="traces")
        return result

    def shutdown(self) -> None:
        self._exporter.shutdown()


def _ids(delivery_id: str, attempt: int) -> tuple[int, int]:
    """Of the trace of a delivery, and of an attempt at it."""
    whole = int(delivery_id, 16)
    return whole, (whole + attempt) % (1 << 64) or 1


def _named(facts: Mapping[str, Value]) -> dict[str, Value]:
    return {_STANDARD.get(name, f"pool_stats.{name}"): value for name, value in facts.items()}
