"""views.*: what do modals and the Home tab show?

https://docs.slack.dev/surfaces/modals
"""

from dataclasses import replace
from typing import Any

from bot.sandbox.answers import STACK, new_hash, new_view, view_body
from bot.sandbox.elements import interactive
from bot.sandbox.methods.request import Refused, Request
from bot.sandbox.model import Json, View
from bot.sandbox.strict.payload import view_problems
from bot.sandbox.wire import view_json


def open_(request: Request) -> Json:
    """views.open: a new stack of modals for the person whose trigger it is."""
    body = _body(request, home=False)
    user = _user(request)
    request.workspace.drop_views(user)
    return _shown(request.workspace.put_view(new_view(body, user), push=True))


def push(request: Request) -> Json:
    """views.push: on top of the modals that are open, three at most."""
    body = _body(request, home=False)
    user = _user(request)
    stack = request.workspace.modals(user)
    if not stack:
        raise Refused("not_found")
    if len(stack) >= STACK:
        raise Refused("push_limit_reached")
    return _shown(request.workspace.put_view(new_view(body, user, below=stack[-1]), push=True))


def update(request: Request) -> Json:
    """views.update: by id or external id; what was typed stays where the element stays."""
    view = _named(request)
    body = _body(request, home=view.type == "home", of=view)
    _same_hash(request, view)
    return _shown(request.workspace.put_view(_replaced(view, body)))


def publish(request: Request) -> Json:
    """views.publish: the Home tab of one person."""
    user = request.needed("user_id", "user_not_found")
    if request.workspace.user(user) is None:
        raise Refused("user_not_found")
    body = _body(request, home=True)
    view = request.workspace.home(user)
    if view is None:
        return _shown(request.workspace.put_view(new_view(body, user)))
    _same_hash(request, view)
    return _shown(request.workspace.put_view(_replaced(view, body)))


def _body(request: Request, *, home: bool, of: View | None = None) -> Json:
    view = request.structure("view", "invalid_arguments")
    if view is None:
        raise Refused("invalid_arguments", message="missing required field: view")
    refused = request.switches.refused_blocks
    if problems := view_problems(view, refused=refused, ready=request.file_ready, home=home):
        raise Refused("invalid_arguments", problems)
    external = view.get("external_id")
    for other in request.workspace.views().values():
        if external and other.body.get("external_id") == external and (of is None or other.id != of.id):
            raise Refused("duplicate_external_id")
    return dict(view)


def _user(request: Request) -> str:
    trigger = request.workspace.tickets.exchange(request.needed("trigger_id", "invalid_trigger_id"))
    if isinstance(trigger, str):
        raise Refused(trigger)
    return trigger.user


def _named(request: Request) -> View:
    view_id, external = request.text("view_id"), request.text("external_id")
    for view in request.workspace.views().values():
        if (view_id and view.id == view_id) or (external and view.body.get("external_id") == external):
            return view
    raise Refused("not_found")


def _same_hash(request: Request, view: View) -> None:
    given = request.text("hash")
    if given and given != view.hash:
        raise Refused("hash_conflict")


def _replaced(view: View, body: Json) -> View:
    body = view_body(body)
    kept: dict[str, dict[str, Any]] = {}
    for block, element in interactive(body["blocks"]):
        typed = view.state.get(block["block_id"], {}).get(element["action_id"])
        if typed is not None:
            kept.setdefault(block["block_id"], {})[element["action_id"]] = typed
    return replace(view, body=body, hash=new_hash(), state=kept, errors={})


def _shown(view: View) -> Json:
    return {"view": view_json(view)}
