"""How is the stand-in told what to do while it runs? The routes under `/_emulator/`, for this machine alone."""

import json
from collections.abc import Mapping
from dataclasses import asdict, fields, replace
from datetime import timedelta
from ipaddress import ip_address
from typing import Any

from bot.emulator.answers import Finished, Shape
from bot.emulator.engine import Engine
from bot.emulator.faults import Faults, parse_fault
from bot.emulator.gateway import RequestLog
from bot.emulator.http import Request, Response
from bot.emulator.routes import json_response
from bot.emulator.throttle import Limits, Throttle

PREFIX = "/_emulator/"

Told = dict[str, Any]  # JSON


class Control:
    """Changes faults, pools, the form of answers and limits.

    Routes: `GET|POST|PUT|DELETE faults`, `GET pools`, `PUT|DELETE pools/{id or name}`,
    `PUT shape`, `PUT limits`, `GET|DELETE requests`.
    """

    def __init__(self, engine: Engine, faults: Faults, throttle: Throttle, log: RequestLog) -> None:
        self._engine = engine
        self._faults = faults
        self._throttle = throttle
        self._log = log

    def answer(self, request: Request) -> Response:
        """The answer to a control request."""
        # A page in a browser on this machine is not the person at this machine.
        foreign = not ip_address(request.peer).is_loopback or request.header("origin") != ""
        if foreign:
            return json_response({"error": "only for programs on this machine"}, 403)
        try:
            done = self._do(request.method, request.segment(2), request.segment(3), _told(request.body))
        except (ValueError, TypeError, RecursionError) as error:
            return json_response({"error": str(error)}, 400)
        except LookupError:
            return json_response({"error": f"no {request.method} {request.path}"}, 404)
        return json_response(done)

    def _do(self, method: str, what: str, name: str, told: Told) -> object:
        match method, what:
            case "GET", "faults":
                return self._listed()
            case "PUT" | "POST", "faults":
                self._faults.add(parse_fault(told))
                return self._listed()
            case "DELETE", "faults":
                self._faults.clear()
                return self._listed()
            case "GET", "pools":
                return [self._pool(pool.id) for pool in self._engine.pools()]
            case "PUT", "pools" if name:
                return self._set_pool(name, told)
            case "DELETE", "pools" if name:
                return {"removed": self._engine.remove_pool(name)}
            case "PUT", "shape":
                self._engine.shape = parse_shape(self._engine.shape, told)
                return {**asdict(self._engine.shape), "retained_for": self._engine.shape.retained_for.total_seconds()}
            case "PUT", "limits":
                self._throttle.limits = Limits(**{**asdict(self._throttle.limits), **told})
                return asdict(self._throttle.limits)
            case "GET" | "DELETE", "requests":
                told_requests = self._log.told()
                if method == "DELETE":
                    self._log.forget()
                return told_requests
            case _:
                raise LookupError(what)

    def _listed(self) -> object:
        return [asdict(fault) for fault in self._faults.listed()]

    def _pool(self, pool_id: str) -> object:
        pool = self._engine.find(pool_id)
        return {"id": pool_id, "name": pool.name if pool else "", "counts": self._engine.counts(pool_id)}

    def _set_pool(self, name: str, told: Told) -> object:
        unknown = sorted(set(told) - {"counts", "name"})
        counts = told.get("counts", {})
        if unknown or not isinstance(told.get("name", ""), str):
            raise ValueError(f"a pool has counts and a name (text); unknown: {', '.join(unknown)}")
        if not isinstance(counts, dict) or not all(isinstance(kind, dict) for kind in counts.values()):
            raise ValueError("counts is not {type: {status: number}}")
        pool = self._engine.set_counts(name, counts, name=told.get("name"))
        return self._pool(pool.id)


def _told(body: bytes) -> Told:
    told: object = json.loads(body) if body else {}
    if not isinstance(told, dict):
        raise TypeError("the body is not a JSON object")
    return told


def parse_shape(shape: Shape, told: Mapping[str, Any]) -> Shape:
    """`shape` with the changes told in JSON; `retained_for` is in seconds.

    Raises:
        ValueError: An unknown key or a value that cannot be.
        TypeError: A value of the wrong type.
    """
    known = {field.name for field in fields(Shape)}
    if unknown := sorted(set(told) - known):
        raise ValueError(f"a shape has {', '.join(sorted(known))}; unknown: {', '.join(unknown)}")
    changes: dict[str, Any] = dict(told)
    if "finished" in changes:
        changes["finished"] = Finished(changes["finished"])
    if "retained_for" in changes:
        changes["retained_for"] = timedelta(seconds=float(changes["retained_for"]))
    choices = {
        "total": ("sum", "length"),
        "root": ("statistics", "statics"),
        "empty_items": ("list", "null", "missing"),
    }
    for name, allowed in choices.items():
        if name in changes and changes[name] not in allowed:
            raise ValueError(f"{name} is one of {', '.join(allowed)}")
    for name in ("omit_empty_types", "zeros", "modern_infer", "numeric_strings"):
        if not isinstance(changes.get(name, True), bool):
            raise TypeError(f"{name} is true or false")
    if not isinstance(changes.get("unknown_status") or "", str):
        raise TypeError("unknown_status is text")
    return replace(shape, **changes)
