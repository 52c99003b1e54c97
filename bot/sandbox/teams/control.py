"""How does a test or an outside check drive the tenant without a browser? JSON routes under `/_sandbox/teams/`."""

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict, fields
from typing import Any
from urllib.parse import urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from bot.sandbox import faults
from bot.sandbox.calls import Calls
from bot.sandbox.faults import Faults
from bot.sandbox.teams.happening import Happening
from bot.sandbox.teams.login import Login
from bot.sandbox.teams.model import YOU, Json, Outcome, Person, Place, Switches
from bot.sandbox.teams.people import People
from bot.sandbox.teams.tenant import Tenant

_MOST_CALLS = 200
_BASE = "/_sandbox/teams"


class _Wrong(Exception):  # noqa: N818 - it is an answer, not a failure of ours
    """What was asked cannot be done; the text says why."""


class _Asked(dict[str, Any]):
    def __missing__(self, name: str) -> Any:
        raise _Wrong(f"{name} is missing")


class _Acts:
    """What somebody does, told in JSON."""

    def __init__(self, tenant: Tenant, people: People, happening: Happening) -> None:
        self.tenant = tenant
        self.people = people
        self.happening = happening

    def all(self) -> dict[str, Callable[[Json], Outcome]]:
        """Each by its name in the address."""
        names = (
            "say press refresh submit close react typing introduce install remove block join leave rename rename_team "
            "delete create send"
        )
        return {name: getattr(self, name) for name in names.split()}

    def say(self, asked: Json) -> Outcome:
        root, slash = str(asked.get("root", "")), bool(asked.get("slash"))
        return self.people.say(_who(asked), self._where(asked), str(asked["text"]), root=root, slash=slash)

    def press(self, asked: Json) -> Outcome:
        return self.people.press(_who(asked), self._where(asked), asked["id"], asked["action"], asked.get("inputs"))

    def refresh(self, asked: Json) -> Outcome:
        by_hand = asked.get("by_hand") is True
        return self.people.refresh(_who(asked), self._where(asked), asked["id"], by_hand=by_hand)

    def submit(self, asked: Json) -> Outcome:
        return self.people.dialogs.submit(_who(asked), asked.get("action", 0), asked.get("inputs"))

    def close(self, asked: Json) -> Outcome:
        return self.people.dialogs.close(_who(asked))

    def react(self, asked: Json) -> Outcome:
        add = asked.get("add", True) is True
        return self.people.react(_who(asked), self._where(asked), asked["id"], asked.get("kind", "like"), add=add)

    def typing(self, asked: Json) -> Outcome:
        return self.people.type(_who(asked), self._where(asked))

    def introduce(self, _asked: Json) -> Outcome:
        return self.happening.introduce()

    def install(self, asked: Json) -> Outcome:
        return self.happening.install(_who(asked), self._where(asked), action=asked.get("action", "add"))

    def remove(self, asked: Json) -> Outcome:
        return self.happening.remove(_who(asked), self._where(asked), action=asked.get("action", "remove"))

    def block(self, asked: Json) -> Outcome:
        return self.happening.block(_who(asked), blocked=asked.get("blocked", True) is True)

    def join(self, asked: Json) -> Outcome:
        upn = f"{asked['name']}@example.com"
        person = Person(asked["person"], asked["name"], str(asked.get("aad_object_id") or asked["person"]), upn)
        return self.happening.join(person, self._where(asked))

    def leave(self, asked: Json) -> Outcome:
        return self.happening.leave(asked["person"], self._where(asked))

    def rename(self, asked: Json) -> Outcome:
        return self.happening.rename(_who(asked), self._where(asked), str(asked["name"]))

    def rename_team(self, asked: Json) -> Outcome:
        return self.happening.rename_team(_who(asked), asked["team"], str(asked["name"]))

    def delete(self, asked: Json) -> Outcome:
        return self.happening.delete(_who(asked), self._where(asked))

    def create(self, asked: Json) -> Outcome:
        team = self.tenant.team(asked["team"])
        if team is None:
            raise _Wrong(f"there is no team {asked['team']!r}")
        return self.happening.create(_who(asked), Place(asked["id"], "channel", asked["name"], team.members, team.id))

    def send(self, asked: Json) -> Outcome:
        return self.happening.anything(_who(asked), self._where(asked), asked["activity"])

    def _where(self, asked: Json) -> str:
        """`conversation`: an id, a name, `Team/Channel`; without it the chat of the person with the bot."""
        wanted = asked.get("conversation")
        if wanted is None:
            return self.tenant.personal(_who(asked)).id
        place = self.tenant.place(str(wanted))
        if place is None:
            raise _Wrong(f"there is no conversation {wanted!r}")
        return place.id


def control_routes(
    people: People,
    happening: Happening,
    login: Login,
    in_force: Faults,
    calls: Calls,
    addresses: Callable[[], Mapping[str, str]],
) -> list[BaseRoute]:
    """The control routes; `addresses` are told with the state."""
    tenant = people.tenant
    acts = _Acts(tenant, people, happening)
    control = _Control(tenant, login, in_force, calls, addresses)
    return [
        Route(f"{_BASE}/state", control.state),
        Route(f"{_BASE}/calls", control.log),
        Route(f"{_BASE}/complaints", control.complaints),
        Route(f"{_BASE}/faults", control.put_faults, methods=["PUT"]),
        Route(f"{_BASE}/faults", control.delete_faults, methods=["DELETE"]),
        Route(f"{_BASE}/switches", control.put_switches, methods=["PUT"]),
        Route(f"{_BASE}/keys", control.roll_over, methods=["POST"]),
        *[Route(f"{_BASE}/{name}", _acting(act), methods=["POST"]) for name, act in acts.all().items()],
    ]


class _Control:
    """What a test sets and reads."""

    def __init__(
        self,
        tenant: Tenant,
        login: Login,
        in_force: Faults,
        calls: Calls,
        addresses: Callable[[], Mapping[str, str]],
    ) -> None:
        self.tenant = tenant
        self.addresses = addresses
        self.login = login
        self.in_force = in_force
        self.calls = calls

    async def state(self, _request: Request) -> Response:
        return JSONResponse({**self.tenant.snapshot(), **self.addresses()})

    async def complaints(self, _request: Request) -> Response:
        return JSONResponse([asdict(each) for each in self.tenant.complaints()])

    async def log(self, _request: Request) -> Response:
        return JSONResponse([asdict(call) for call in self.calls][-_MOST_CALLS:])

    async def put_faults(self, request: Request) -> Response:
        try:
            self.in_force.add(faults.fault(**await _asked(request)))
        except (_Wrong, TypeError, ValueError) as error:
            return JSONResponse({"error": str(error)}, 400)
        return JSONResponse([faults.as_json(each) for each in self.in_force.all()])

    async def delete_faults(self, _request: Request) -> Response:
        self.in_force.clear()
        return JSONResponse([])

    async def put_switches(self, request: Request) -> Response:
        try:
            _switch(self.tenant.switches, await _asked(request))
        except _Wrong as error:
            return JSONResponse({"error": str(error)}, 400)
        return JSONResponse(asdict(self.tenant.switches))

    async def roll_over(self, request: Request) -> Response:
        """Sign inbound activities with a new key from now on."""
        try:
            asked = await _asked(request) if await request.body() else {}
        except _Wrong as error:
            return JSONResponse({"error": str(error)}, 400)
        key = await run_in_threadpool(self.login.framework.roll_over, forget=asked.get("forget") is True)
        return JSONResponse({"kid": key.kid})


def _acting(act: Callable[[Json], Outcome]) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        try:
            outcome = await run_in_threadpool(act, await _asked(request))
        except _Wrong as error:
            return JSONResponse({"error": str(error)}, 400)
        return JSONResponse({"ok": outcome.ok, **asdict(outcome)})

    return endpoint


async def _asked(request: Request) -> Json:
    origin = request.headers.get("origin")
    if origin is not None and urlsplit(origin).netloc != request.headers.get("host"):
        raise _Wrong("another site's page may not do this")
    try:
        found = json.loads(await request.body())
    except ValueError:
        raise _Wrong("the body must be JSON") from None
    if not isinstance(found, dict):
        raise _Wrong("the body must be a JSON object")
    return _Asked(found)


def _who(asked: Json) -> str:
    return str(asked.get("user") or YOU)


def _switch(switches: Switches, asked: Json) -> None:
    known = {each.name for each in fields(switches)}
    for name, value in asked.items():
        if name not in known:
            raise _Wrong(f"there is no switch {name!r}; there are {', '.join(sorted(known))}")
        before = getattr(switches, name)
        if isinstance(value, bool) != isinstance(before, bool) or not isinstance(value, int | float):
            raise _Wrong(f"{name} must be a {'boolean' if isinstance(before, bool) else 'number'}")
        setattr(switches, name, type(before)(value))
