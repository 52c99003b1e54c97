"""What goes wrong between the app and Slack, because somebody asked for it?"""

import random
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from threading import Lock
from typing import Any, Literal, cast, get_args

Kind = Literal["ratelimited", "status", "error", "cut", "hang", "reset", "slow"]
_KNOWN = {"kind", "methods", "count", "probability", "retry_after", "status", "error", "seconds", "after_accepting"}


@dataclass(slots=True)
class Fault:
    """One way to misbehave.

    Args:
        kind: `ratelimited` (429), `status` (any HTTP status), `error` (Slack's `ok: false`), `cut` (does the work,
            then breaks off in the middle of the reply), `hang` (never answers), `reset` (resets the connection),
            `slow` (answers late).
        methods: For which methods; empty for all. `response_url` stands for answers to a response_url.
        count: For how many calls; None until it is called off.
        probability: How likely it is for each call.
        retry_after: Seconds, for `ratelimited`.
        status: For `status`.
        error: For `error`.
        seconds: How late, for `slow`; how long before it gives up, for `hang`.
        after_accepting: For `hang` and `reset`: the work is done before.
    """

    kind: Kind
    methods: frozenset[str] = frozenset()
    count: int | None = None
    probability: float = 1.0
    retry_after: int = 1
    status: int = 503
    error: str = "internal_error"
    seconds: float = 3600.0
    after_accepting: bool = False
    id: int = field(default=0, compare=False)


class Faults:
    """The faults in force, oldest first; the first that fits a call strikes."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._faults: list[Fault] = []
        self._next = 1

    def add(self, fault: Fault) -> Fault:
        """Put a fault in force."""
        with self._lock:
            fault.id, self._next = self._next, self._next + 1
            self._faults.append(fault)
        return fault

    def clear(self) -> None:
        """Behave again."""
        with self._lock:
            self._faults.clear()

    def all(self) -> list[Fault]:
        """Those in force."""
        with self._lock:
            return list(self._faults)

    def strike(self, method: str) -> Fault | None:
        """The fault that this call meets, if any."""
        with self._lock:
            for fault in self._faults:
                if fault.methods and method not in fault.methods:
                    continue
                if random.random() >= fault.probability:
                    continue
                if fault.count is not None:
                    fault.count -= 1
                    if fault.count <= 0:
                        self._faults.remove(fault)
                return fault
        return None


def fault(kind: str, methods: Iterable[str] | str = (), **more: Any) -> Fault:
    """A fault from plain values.

    Raises:
        ValueError: Something in it is not known.
    """
    if kind not in get_args(Kind):
        raise ValueError(f"there is no fault {kind!r}; there are {', '.join(get_args(Kind))}")
    if unknown := set(more) - _KNOWN:
        raise ValueError(f"a fault has no {', '.join(sorted(unknown))}")
    names = frozenset({methods} if isinstance(methods, str) else methods) - {"", "*"}
    return Fault(cast("Kind", kind), names, **more)


def as_json(each: Fault) -> Mapping[str, Any]:
    """A fault for the control route."""
    return {
        "id": each.id,
        "kind": each.kind,
        "methods": sorted(each.methods),
        "count": each.count,
        "probability": each.probability,
    }
