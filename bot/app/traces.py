"""Is there a collector that wants notes of the bot's work, and how is it reached?"""

import os
import socket
from collections.abc import Iterator, Mapping
from typing import Protocol
from urllib.parse import unquote, urlsplit

from bot.settings.model import LOOPBACK, collector_url
from bot.settings.reading import Configured
from bot.tracing import Tracer

_ENDPOINT = "OTEL_EXPORTER_OTLP_ENDPOINT"
_TRACES_ENDPOINT = "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"
_DISABLED = "OTEL_SDK_DISABLED"
_HEADERS = ("OTEL_EXPORTER_OTLP_TRACES_HEADERS", "OTEL_EXPORTER_OTLP_HEADERS")
_PROTOCOLS = ("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL")
_SPOKEN = "http/protobuf"


class Collected(Tracer, Protocol):
    """Takes notes and hands them over."""

    def close(self) -> None:
        """Hand over what is left."""


def connect_traces(config: Configured) -> Collected | None:
    """Who takes notes; `None` where nothing is said of a collector.

    Raises:
        ValueError: What is said of it cannot be used, or what it needs is not installed.
    """
    found = _collector(config)
    if found is None:
        return None
    where, url = found
    headers = _headers(config.environ)
    if headers and urlsplit(url).scheme == "http" and urlsplit(url).hostname not in LOOPBACK:
        raise ValueError(f"{where} is plain http, over which everybody could read what {_HEADERS[1]} holds: use https")
    try:
        # The SDK takes a while to import, and is there only with its extra.
        from bot.app.exporting import Exporting  # noqa: PLC0415
    except ModuleNotFoundError as error:
        if not (error.name or "").startswith("opentelemetry"):
            raise
        raise ValueError(
            f"{where} asks for traces, which need more: pip install 'pool-stats-bot[traces]';"
            f" or drop it, or set {_DISABLED}=true"
        ) from error
    return Exporting(url, headers, {"service.instance.id": f"{socket.gethostname()[:40]}/{os.getpid()}"})


def missing_of_traces(config: Configured) -> Iterator[str]:
    """What keeps traces from a collector that is configured."""
    try:
        made = connect_traces(config)
    except ValueError as error:
        yield str(error)
    else:
        if made is not None:
            made.close()


def _collector(config: Configured) -> tuple[str, str] | None:
    """Which setting names the collector, and where it takes traces."""
    environ, chosen = config.environ, config.settings.traces.endpoint
    if environ.get(_DISABLED, "").strip().lower() == "true":
        return None
    if chosen is not None:
        return "traces.endpoint", f"{chosen}/v1/traces"
    where = next((name for name in (_TRACES_ENDPOINT, _ENDPOINT) if environ.get(name)), None)
    if where is None:
        return None
    spoken = next((environ[name] for name in _PROTOCOLS if environ.get(name)), _SPOKEN)
    if spoken != _SPOKEN:
        raise ValueError(f"{where}: the bot speaks {_SPOKEN}, not {spoken}: name the collector's port for that (4318)")
    try:
        url = collector_url(environ[where])
    except ValueError as error:
        raise ValueError(f"{where}: {error}") from None
    return where, url if where == _TRACES_ENDPOINT else f"{url}/v1/traces"


def _headers(environ: Mapping[str, str]) -> dict[str, str]:
    """What the standard variables say; the SDK itself knows of no files that hold them.

    Raises:
        ValueError: It is no list of headers.
    """
    where = next((name for name in _HEADERS if environ.get(name)), None)
    if where is None:
        return {}
    pairs = [each.partition("=") for each in environ[where].split(",") if each.strip()]
    if not all(name.strip() and is_there for name, is_there, _ in pairs):
        raise ValueError(f"{where} is no list of headers: write name=value,name=value")
    return {unquote(name.strip()).lower(): unquote(value.strip()) for name, _, value in pairs}
