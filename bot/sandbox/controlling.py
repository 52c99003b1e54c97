"""What do the control routes of either platform have in common? How they are asked, faults, switches, and the log."""

import json
from dataclasses import asdict, fields
from typing import Any
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from bot.sandbox import faults
from bot.sandbox.calls import Calls
from bot.sandbox.faults import Faults

Json = dict[str, Any]

_MOST_CALLS = 200


class Wrong(Exception):  # noqa: N818 - it is an answer, not a failure of ours
    """What was asked cannot be done; the text says why."""


class Asked(Json):
    """What was asked; without what it must say it is wrong."""

    def __missing__(self, name: str) -> Any:
        raise Wrong(f"{name} is missing")


async def asked_of(request: Request) -> Json:
    """What the request asks for.

    Raises:
        Wrong: It asks for nothing that can be understood, or is sent by another site's page.
    """
    origin = request.headers.get("origin")
    if origin is not None and urlsplit(origin).netloc != request.headers.get("host"):
        raise Wrong("another site's page may not do this")
    try:
        found = json.loads(await request.body())
    except ValueError:
        raise Wrong("the body must be JSON") from None
    if not isinstance(found, dict):
        raise Wrong("the body must be a JSON object")
    return Asked(found)


def refused(error: Exception) -> Response:
    """The answer that says why something cannot be done."""
    return JSONResponse({"error": str(error)}, 400)


def watching(base: str, in_force: Faults, calls: Calls) -> list[BaseRoute]:
    """The routes for faults, and for the log of what the app has called."""

    async def log(_request: Request) -> Response:
        return JSONResponse([asdict(call) for call in calls][-_MOST_CALLS:])

    async def put_faults(request: Request) -> Response:
        try:
            in_force.add(faults.fault(**await asked_of(request)))
        except (Wrong, TypeError, ValueError) as error:
            return refused(error)
        return JSONResponse([faults.as_json(each) for each in in_force.all()])

    async def delete_faults(_request: Request) -> Response:
        in_force.clear()
        return JSONResponse([])

    return [
        Route(f"{base}/calls", log),
        Route(f"{base}/faults", put_faults, methods=["PUT"]),
        Route(f"{base}/faults", delete_faults, methods=["DELETE"]),
    ]


def switch(switches: Any, wanted: Json) -> None:
    """Set the fields of a dataclass that are named.

    Raises:
        Wrong: There is no such field, or it is of another type.
    """
    known = {field.name: field for field in fields(switches)}
    for name, value in wanted.items():
        if name not in known:
            raise Wrong(f"there is no switch {name!r}; there are {', '.join(known)}")
        before = getattr(switches, name)
        if isinstance(before, set | tuple):
            if not isinstance(value, list):
                raise Wrong(f"{name} must be a list")
        elif isinstance(value, bool) != isinstance(before, bool) or not isinstance(value, int | float):
            raise Wrong(f"{name} must be a {'boolean' if isinstance(before, bool) else 'number'}")
        setattr(switches, name, type(before)(value))
