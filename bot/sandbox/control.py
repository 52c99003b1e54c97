"""How does a test or an outside check drive the workspace without a browser? JSON routes under `/_sandbox/`."""

from collections.abc import Awaitable, Callable
from dataclasses import asdict

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from bot.sandbox.calls import Calls
from bot.sandbox.controlling import Wrong, asked_of, refused, switch, watching
from bot.sandbox.faults import Faults
from bot.sandbox.granting import Granting
from bot.sandbox.model import YOU, Json, Outcome
from bot.sandbox.switches import Switches
from bot.sandbox.workspace import Workspace


def control_routes(
    workspace: Workspace, switches: Switches, in_force: Faults, calls: Calls, granting: Granting
) -> list[BaseRoute]:
    """The control routes; what is asked with a `team` is done in that workspace, else in the first."""
    control = _Control(workspace, switches, granting)
    people = _People(granting)
    acts: dict[str, Callable[[Json], Outcome]] = {
        "command": people.command,
        "say": people.say,
        "action": people.action,
        "submit": people.submit,
        "close": people.close,
        "home": people.home,
        "membership": people.membership,
        "edit": people.edit,
        "shortcut": people.shortcut,
    }
    return [
        Route("/_sandbox/state", control.state),
        *watching("/_sandbox", in_force, calls),
        Route("/_sandbox/uninstall", control.uninstall, methods=["POST"]),
        Route("/_sandbox/switches", control.put_switches, methods=["PUT"]),
        *[Route(f"/_sandbox/{name}", _acting(granting, act), methods=["POST"]) for name, act in acts.items()],
    ]


class _People:
    """What somebody does, told in JSON."""

    def __init__(self, granting: Granting) -> None:
        self.granting = granting

    def at(self, asked: Json) -> Workspace:
        return _home(self.granting, asked)

    def command(self, asked: Json) -> Outcome:
        where = _where(self.at(asked), asked)
        return self.at(asked).run_command(_who(asked), where, asked["command"], asked.get("text", ""))

    def say(self, asked: Json) -> Outcome:
        where, thread = _where(self.at(asked), asked), asked.get("thread_ts", "")
        return self.at(asked).say(_who(asked), where, asked.get("text", ""), thread_ts=thread)

    def action(self, asked: Json) -> Outcome:
        channel = _where(self.at(asked), asked) if asked.get("channel") else ""
        names = {name: asked[name] for name in ("ts", "block_id", "view_id", "selected") if name in asked}
        return self.at(asked).press(_who(asked), channel, action_id=asked["action_id"], **names)

    def submit(self, asked: Json) -> Outcome:
        return self.at(asked).submit_view(_who(asked), asked["view_id"], asked.get("inputs"))

    def close(self, asked: Json) -> Outcome:
        return self.at(asked).close_view(_who(asked), asked["view_id"], all_of_them=bool(asked.get("all")))

    def home(self, asked: Json) -> Outcome:
        return self.at(asked).open_home(_who(asked), tab=asked.get("tab", "home"))

    def edit(self, asked: Json) -> Outcome:
        where = _where(self.at(asked), asked)
        return self.at(asked).edit(_who(asked), where, asked["ts"], asked["text"])

    def shortcut(self, asked: Json) -> Outcome:
        where = _where(self.at(asked), asked) if asked.get("channel") else ""
        return self.at(asked).run_shortcut(_who(asked), asked["callback_id"], where, asked.get("ts", ""))

    def membership(self, asked: Json) -> Outcome:
        where = _where(self.at(asked), asked)
        return self.at(asked).invite(where) if asked.get("member", True) else self.at(asked).remove(where)


class _Control:
    """What a test sets and reads."""

    def __init__(self, workspace: Workspace, switches: Switches, granting: Granting) -> None:
        self.workspace = workspace
        self.granting = granting
        self.switches = switches

    async def state(self, request: Request) -> Response:
        home = self.granting.teams.get(request.query_params.get("team", ""), self.workspace)
        return JSONResponse(home.snapshot())

    async def uninstall(self, request: Request) -> Response:
        try:
            asked = await asked_of(request)
            about = str(asked["team"])
        except Wrong as error:
            return refused(error)
        if about not in {*self.granting.teams, *self.granting.enterprises}:
            return JSONResponse({"error": f"there is no workspace {about!r}"}, 400)
        await run_in_threadpool(self.granting.leave, about, tell=asked.get("tell") is not False)
        return JSONResponse({"ok": True})

    async def put_switches(self, request: Request) -> Response:
        try:
            switch(self.switches, await asked_of(request))
        except Wrong as error:
            return refused(error)
        return JSONResponse(asdict(self.switches) | {"scopes": sorted(self.switches.scopes)})


def _acting(granting: Granting, act: Callable[[Json], Outcome]) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        try:
            asked = await asked_of(request)
            outcome = await run_in_threadpool(act, asked)
        except Wrong as error:
            return refused(error)
        return JSONResponse(_outcome(_home(granting, asked), asked, outcome))

    return endpoint


def _home(granting: Granting, asked: Json) -> Workspace:
    home = granting.teams.get(str(asked.get("team") or granting.first.team))
    if home is None:
        raise Wrong(f"there is no workspace {asked['team']!r}")
    return home


def _who(asked: Json) -> str:
    return str(asked.get("user") or YOU)


def _where(workspace: Workspace, asked: Json) -> str:
    channel = workspace.channel(str(asked["channel"]))
    if channel is None:
        raise Wrong(f"there is no channel {asked['channel']!r}")
    return channel.id


def _outcome(workspace: Workspace, asked: Json, outcome: Outcome) -> Json:
    out: Json = {"ok": outcome.ok, "error": outcome.error, "shown": outcome.shown, "ts": outcome.ts}
    out["errors"] = dict(outcome.errors)
    out["ack"] = asdict(outcome.ack) if outcome.ack else None
    out["modals"] = [view.id for view in workspace.modals(_who(asked))]
    return out
