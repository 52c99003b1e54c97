"""How do tests ask the stand-in by hand? Plain HTTP, signed by the official SDK's signer."""

import http.client
import json
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote, urlencode

from bot.emulator import DEFAULT_PROJECT_ID, AccessKey, Emulator

POOL = f"train-a100-{DEFAULT_PROJECT_ID}"
STATISTICS = f"/v2/{DEFAULT_PROJECT_ID}/statistics/pools/{POOL}/workloads"
WORKLOADS = f"/v2/{DEFAULT_PROJECT_ID}/pools/{POOL}/workloads"
POOLS = f"/v2/{DEFAULT_PROJECT_ID}/pools"


class Hands:
    """A clock that stands still until it is turned."""

    def __init__(self) -> None:
        self.at = datetime(2026, 3, 2, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.at

    def turn(self, **by: float) -> None:
        self.at += timedelta(**by)


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True)
class Asked:
    path: str = STATISTICS
    query: Sequence[tuple[str, str]] = ()
    method: str = "GET"
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    @property
    def target(self) -> str:
        return self.path + (f"?{urlencode(self.query, quote_via=quote)}" if self.query else "")


def signed(emulator: Emulator, asked: Asked, key: AccessKey, *, at: datetime) -> dict[str, str]:
    """The headers of a signed request, as the official SDK makes them."""
    from huaweicloudsdkcore.auth.credentials import BasicCredentials  # noqa: PLC0415 - after HOME is set
    from huaweicloudsdkcore.sdk_request import SdkRequest  # noqa: PLC0415
    from huaweicloudsdkcore.signer.signer import Signer  # noqa: PLC0415

    headers = {"Content-Type": "application/json", "X-Sdk-Date": at.strftime("%Y%m%dT%H%M%SZ"), **asked.headers}
    if key.security_token is not None:
        headers.setdefault("X-Security-Token", key.security_token)
    host = emulator.url.removeprefix("http://")
    request = SdkRequest(
        method=asked.method,
        schema="http",
        host=host,
        resource_path=asked.path,
        query_params=list(asked.query),
        header_params={**headers, "Host": host},
        body=asked.body.decode() if asked.body else "",
    )
    return dict(Signer(BasicCredentials(key.access, key.secret)).sign(request).header_params)


def send(emulator: Emulator, asked: Asked, headers: Mapping[str, str] | None = None) -> Answer:
    """Send a request as it is."""
    connection = http.client.HTTPConnection("127.0.0.1", emulator.port, timeout=10)
    try:
        connection.request(asked.method, asked.target, asked.body or None, dict(headers or asked.headers))
        response = connection.getresponse()
        return Answer(response.status, dict(response.headers), response.read())
    finally:
        connection.close()


def ask(
    emulator: Emulator,
    path: str = STATISTICS,
    query: Sequence[tuple[str, str]] = (),
    *,
    key: AccessKey | None = None,
    at: datetime | None = None,
) -> Answer:
    """Ask with a good signature, or one of another key or time."""
    asked = Asked(path, query)
    now = at or emulator.gateway.wall_clock()
    return send(emulator, asked, signed(emulator, asked, key or emulator.access_key, at=now))


def control(emulator: Emulator, method: str, path: str, told: object = None, **headers: str) -> Answer:
    """Tell the running stand-in what to do."""
    body = b"" if told is None else json.dumps(told).encode()
    return send(
        emulator, Asked(f"/_emulator/{path}", (), method, {"Content-Type": "application/json", **headers}, body)
    )


def wait_for(condition: Callable[[], bool]) -> None:
    """Wait until something is true, for ten seconds at most."""
    deadline = time.monotonic() + 10
    pause = threading.Event()
    while not condition():
        assert time.monotonic() < deadline, "it did not happen within ten seconds"
        pause.wait(0.005)


def wrong(emulator: Emulator) -> AccessKey:
    """The right access key with another secret."""
    return AccessKey(emulator.access_key.access, "not-the-secret", emulator.project_id)
