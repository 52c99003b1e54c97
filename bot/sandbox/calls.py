"""What did the app call, and what came of it?"""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from threading import Condition
from time import monotonic
from typing import Any

SECRET = frozenset({"token", "client_secret", "refresh_token", "code"})
_KEPT = 2_000
_LONGEST = 50_000


@dataclass(frozen=True, slots=True)
class Call:
    """One call of the Web API, of a response_url or of an upload address.

    Args:
        at: When, in seconds since the epoch.
        method: Its name, as `chat.postMessage`, or `response_url`, `upload`.
        args: What came with it, without tokens; one too long to keep is said to be so.
        status: The HTTP status of the answer; 0 when there was none.
        outcome: `ok`, or Slack's error, or what the fault did (`cut`, `reset`, `hang`).
        took: Seconds until it was answered.
    """

    at: float
    method: str
    args: dict[str, Any]
    status: int
    outcome: str
    took: float = 0.0


class Calls:
    """The last calls, oldest first."""

    def __init__(self) -> None:
        self._calls: deque[Call] = deque(maxlen=_KEPT)
        self._changed = Condition()

    def add(self, call: Call) -> None:
        """Write one down."""
        with self._changed:
            self._calls.append(call)
            self._changed.notify_all()

    def __iter__(self) -> Iterator[Call]:
        with self._changed:
            return iter(list(self._calls))

    def __len__(self) -> int:
        return len(self._calls)

    def of(self, *methods: str) -> list[Call]:
        """The calls of these methods."""
        return [call for call in self if call.method in methods]

    def wait(self, method: str, *, count: int = 1, within: float = 10.0) -> list[Call]:
        """Wait until a method has been called that often; what there is when the time is up."""
        deadline = monotonic() + within
        with self._changed:
            while len(found := [call for call in self._calls if call.method == method]) < count:
                left = deadline - monotonic()
                if left <= 0 or not self._changed.wait(left):
                    break
        return found


def kept(args: dict[str, Any]) -> dict[str, Any]:
    """Arguments as they are written down."""
    out = {name: value for name, value in args.items() if name not in SECRET}
    return out if len(repr(out)) <= _LONGEST else {"too_long_to_keep": sorted(out)}
