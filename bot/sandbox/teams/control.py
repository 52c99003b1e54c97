"""How does a test or an outside check drive the tenant without a browser? JSON routes under `/_sandbox/teams/`."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from bot.sandbox.calls import Calls
from bot.sandbox.controlling import Wrong, asked_of, refused, switch, watching
from bot.sandbox.faults import Faults
from bot.sandbox.teams.happening import Happening
from bot.sandbox.teams.login import Login
from bot.sandbox.teams.model import YOU, Json, Outcome, Person, Place
from bot.sandbox.teams.people import People
from bot.sandbox.teams.tenant import Tenant

_BASE = "/_sandbox/teams"


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
            raise Wrong(f"there is no team {asked['team']!r}")
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
            raise Wrong(f"there is no conversation {wanted!r}")
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
    control = _Control(tenant, login, addresses)
    return [
        Route(f"{_BASE}/state", control.state),
        *watching(_BASE, in_force, calls),
        Route(f"{_BASE}/complaints", control.complaints),
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
        addresses: Callable[[], Mapping[str, str]],
    ) -> None:
        self.tenant = tenant
        self.addresses = addresses
        self.login = login

    async def state(self, _request: Request) -> Response:
        return JSONResponse({**self.tenant.snapshot(), **self.addresses()})

    async def complaints(self, _request: Request) -> Response:
        return JSONResponse([asdict(each) for each in self.tenant.complaints()])

    async def put_switches(self, request: Request) -> Response:
        try:
            switch(self.tenant.switches, await asked_of(request))
        except Wrong as error:
            return refused(error)
        return JSONResponse(asdict(self.tenant.switches))

    async def roll_over(self, request: Request) -> Response:
        """Sign inbound activities with a new key from now on."""
        try:
            asked = await asked_of(request) if await request.body() else {}
        except Wrong as error:
            return refused(error)
        key = await run_in_threadpool(self.login.framework.roll_over, forget=asked.get("forget") is True)
        return JSONResponse({"kid": key.kid})


def _acting(act: Callable[[Json], Outcome]) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        try:
            outcome = await run_in_threadpool(act, await asked_of(request))
        except Wrong as error:
            return refused(error)
        return JSONResponse({"ok": outcome.ok, **asdict(outcome)})

    return endpoint


def _who(asked: Json) -> str:
    return str(asked.get("user") or YOU)
