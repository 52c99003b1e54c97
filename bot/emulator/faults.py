"""What should go wrong, for whom, and how often? The list of faults and what each does to an answer."""

import gzip
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from enum import StrEnum
from threading import Lock
from typing import Literal, assert_never

from bot.emulator.http import Breakage, Response
from bot.emulator.refusals import Refusal, throttled

_HTML = b"<!DOCTYPE html><html><head><title>Sign in</title></head><body><h1>Please sign in</h1></body></html>"
_HUGE = 8 * 1024 * 1024
_GZIP_LEVEL = 6


class Kind(StrEnum):
    """The ways to misbehave."""

    STATUS = "status"  # `status` with `body`
    DELAY = "delay"  # the right answer, `delay` seconds late
    HANG = "hang"  # no answer
    RESET = "reset"  # a connection reset
    TRUNCATED = "truncated"  # half of the right answer
    DRIP = "drip"  # the right answer, byte by byte over `drip_for` seconds
    HTML = "html"  # 200 with a sign-in page
    REDIRECT = "redirect"  # 302 to `location`
    WRONG_TYPES = "wrong-types"  # the right answer with its counts made `wrong`
    HUGE = "huge"  # 200 with 8 MB of valid JSON
    NOT_JSON = "not-json"  # 200 with something that is nearly JSON
    THROTTLE = "throttle"  # 429 with the documented message
    GZIP = "gzip"  # the right answer, compressed


Wrong = Literal["negative", "too-large", "words", "floats", "nested", "null", "booleans", "list"]
_WRONG: Mapping[str, object] = {
    "negative": -1,
    "too-large": 10**9 + 1,
    "words": "many",
    "floats": 1.5,
    "nested": {"value": [{"value": 3}]},
    "null": None,
    "booleans": True,
    "list": [1, 2],
}


@dataclass(slots=True)
class Fault:
    """One thing that goes wrong.

    Attributes:
        kind: What.
        route: Only for this route (`statistics`, `workloads`, `pools`, ...); None for every one.
        pool: Only for the pool of this id; None for every one.
        times: For how many calls; None until it is taken back.
        delay: Seconds before the answer.
    """

    kind: Kind
    route: str | None = None
    pool: str | None = None
    times: int | None = None
    delay: float = 0.0
    status: int = 503
    body: object = None
    headers: dict[str, str] = field(default_factory=dict)
    location: str = "https://auth.example.com/login"
    drip_for: float = 30.0
    wrong: Wrong = "negative"
    limit: int = 60
    window: str = "1 minute"
    retry_after: int | None = None

    def __post_init__(self) -> None:
        self.kind = Kind(self.kind)
        if self.kind is Kind.DELAY and not self.delay:
            self.delay = 1.0
        if self.wrong not in _WRONG:
            raise ValueError(f"wrong must be one of {', '.join(_WRONG)}")

    def instead(self, request_id: str) -> Response | None:
        """The answer that takes the place of the right one; None if the right one is needed."""
        match self.kind:
            case Kind.STATUS:
                return self._own(request_id)
            case Kind.HTML:
                return Response(200, _HTML, {"Content-Type": "text/html; charset=utf-8"})
            case Kind.REDIRECT:
                return Response(302, b"", {"Location": self.location, "Content-Type": "text/html"})
            case Kind.HUGE:
                return Response(200, b'{"statistics":{"total":0,"items":[],"padding":"' + b"x" * _HUGE + b'"}}')
            case Kind.NOT_JSON:
                return Response(200, b'{"statistics": {"total": 3, "items": [}')
            case Kind.THROTTLE:
                return refused(throttled("user", self.limit, self.window, self.retry_after), request_id)
            case Kind.RESET:
                return Response(200, breakage=Breakage.RESET)
            case Kind.HANG:
                return Response(200, breakage=Breakage.HANG)
            case Kind.DELAY | Kind.TRUNCATED | Kind.DRIP | Kind.WRONG_TYPES | Kind.GZIP:
                return None
            case _:
                assert_never(self.kind)

    def spoil(self, response: Response) -> None:
        """Change the right answer as this fault wants it."""
        if self.kind is Kind.TRUNCATED:
            response.breakage = Breakage.TRUNCATED
        elif self.kind is Kind.DRIP:
            response.breakage, response.drip_for = Breakage.DRIP, self.drip_for
        elif self.kind is Kind.GZIP:
            response.body = gzip.compress(response.body, _GZIP_LEVEL)
            response.headers["Content-Encoding"] = "gzip"
        elif self.kind is Kind.WRONG_TYPES and response.status == 200:
            response.body = json.dumps(_with_wrong_counts(json.loads(response.body), _WRONG[self.wrong])).encode()

    def _own(self, request_id: str) -> Response:
        if self.body is None:
            refusal = Refusal(self.status, f"APIG.{_GATEWAY_CODES.get(self.status, '0601')}", "Told to misbehave.")
            response = refused(refusal, request_id)
        else:
            body = self.body.encode() if isinstance(self.body, str) else json.dumps(self.body).encode()
            response = Response(self.status, body)
        response.headers.update(self.headers)
        return response


_GATEWAY_CODES = {400: "0201", 401: "0301", 403: "0302", 404: "0101", 429: "0308", 502: "0202", 504: "0203"}


class Faults:
    """The faults in force; the oldest that fits a call is applied."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._faults: list[Fault] = []

    def add(self, fault: Fault) -> None:
        """Let it go wrong from now on."""
        with self._lock:
            self._faults.append(fault)

    def clear(self) -> None:
        """Behave again."""
        with self._lock:
            self._faults.clear()

    def listed(self) -> list[Fault]:
        """What is in force."""
        with self._lock:
            return list(self._faults)

    def strike(self, route: str, pool: str | None) -> Fault | None:
        """The fault for this call, counted off."""
        with self._lock:
            for fault in self._faults:
                if fault.route not in (None, route) or fault.pool not in (None, pool):
                    continue
                if fault.times is not None:
                    fault.times -= 1
                    if fault.times <= 0:
                        self._faults.remove(fault)
                return fault
        return None


def parse_fault(told: Mapping[str, object]) -> Fault:
    """A fault from JSON.

    Raises:
        ValueError: An unknown key, or a value that cannot be.
        TypeError: A value of the wrong type.
    """
    known = {entry.name: entry for entry in fields(Fault)}
    unknown = sorted(set(told) - set(known))
    if unknown or "kind" not in told:
        raise ValueError(
            f"a fault has a kind and any of {', '.join(known)}; unknown: {', '.join(unknown) or 'no kind'}"
        )
    numbers = {"times": int, "status": int, "limit": int, "retry_after": int, "delay": float, "drip_for": float}
    for name, kind in numbers.items():
        value = told.get(name, 0)
        good = type(value) is int or (kind is float and type(value) is float) or (value is None and name == "times")
        if not good or (isinstance(value, int | float) and value < 0):
            raise ValueError(f"{name} {value!r} is not a number from 0")
    for name in ("route", "pool", "location", "window", "wrong"):
        if not isinstance(told.get(name) or "", str):
            raise TypeError(f"{name} {told[name]!r} is not text")
    headers = told.get("headers", {})
    if not isinstance(headers, dict) or any(not isinstance(value, str) for value in headers.values()):
        raise ValueError("headers is not an object of texts")
    return Fault(**told)  # type: ignore[arg-type]  # every value was checked above


def refused(refusal: Refusal, request_id: str) -> Response:
    """A refusal as an answer."""
    return Response(refusal.status, json.dumps(refusal.body(request_id)).encode(), dict(refusal.headers))


def _with_wrong_counts(value: object, wrong: object) -> object:
    if isinstance(value, dict):
        return {key: _with_wrong_counts(inner, wrong) for key, inner in value.items()}
    if isinstance(value, list):
        return [_with_wrong_counts(inner, wrong) for inner in value]
    return wrong if type(value) is int else value
