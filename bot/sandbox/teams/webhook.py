"""What does an address of Workflows ("Post to a channel when a webhook request is received") answer?

https://learn.microsoft.com/en-us/connectors/teams/ and the limits of such a flow: 28 KB, four requests a second.
"""

import hmac
import json
from collections.abc import Sequence
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from bot.sandbox.breaking import Reset, cut
from bot.sandbox.calls import Call, Calls, kept
from bot.sandbox.faults import Fault, Faults
from bot.sandbox.page.shapes import items
from bot.sandbox.teams import pace
from bot.sandbox.teams.inputs import actions_of
from bot.sandbox.teams.model import ALERTS, CARD, Json, Post
from bot.sandbox.teams.pace import Pace
from bot.sandbox.teams.strict.activities import complaints
from bot.sandbox.teams.tenant import Tenant

FLOW = "29:workflows"
_PATH = "/workflows/5a4db0c5a4db0c5a/triggers/manual/paths/invoke"
_SIGNATURE = "5a4db0c5a4db0c5a4db0c5a4db0c5a4db0c5a4db0c5"
_MOST_BYTES = 28 * 1024
_ALLOWED = frozenset({"Action.OpenUrl", "Action.ShowCard", "Action.ToggleVisibility"})


class Webhook:
    """A flow that posts into one channel as its own author."""

    def __init__(self, tenant: Tenant, *, faults: Faults, calls: Calls, place: str = ALERTS) -> None:
        self.tenant = tenant
        self.place = place
        self._faults = faults
        self._calls = calls
        self._pace = Pace(tenant.now)

    def address(self, base: str) -> str:
        """The whole address, which is the secret."""
        return f"{base}{_PATH}?api-version=1&sp=%2Ftriggers%2Fmanual%2Frun&sv=1.0&sig={_SIGNATURE}"

    def routes(self) -> Sequence[BaseRoute]:
        """Where it is."""
        return [Route(_PATH, self._answer, methods=["POST"])]

    async def _answer(self, request: Request) -> Response:
        at = self.tenant.now()
        content = bytearray()
        async for chunk in request.stream():
            content += chunk[: _MOST_BYTES + 1 - len(content)]
        fault = self._faults.strike("webhook")
        status, code, body = self._why_not(fault, request, bytes(content)) or self._take(bytes(content))
        response: Response = Response(status_code=202) if status == 202 else _error(status, code, fault)
        if fault is not None and status == 202 and fault.kind in {"cut", "reset"}:
            response, status = (cut({}) if fault.kind == "cut" else Reset()), 0
        self._calls.add(Call(at, "webhook", kept(body), status, code, self.tenant.now() - at))
        return response

    def _why_not(self, fault: Fault | None, request: Request, content: bytes) -> tuple[int, str, Json] | None:
        match fault:
            case Fault(kind="ratelimited"):
                return 429, "WorkflowTriggerThrottled", {}
            case Fault(kind="status", status=status):
                return status, str(status), {}
            case _:
                pass
        if not hmac.compare_digest(request.query_params.get("sig", "").encode(), _SIGNATURE.encode()):
            return 401, "DirectApiAuthorizationRequired", {}
        if len(content) > _MOST_BYTES:
            return 413, "RequestEntityTooLarge", {}
        if self.tenant.switches.limits and self._pace.wait_for(("webhook", pace.WEBHOOK)):
            return 429, "WorkflowTriggerThrottled", {}
        return None

    def _take(self, content: bytes) -> tuple[int, str, Json]:
        try:
            body: Any = json.loads(content)
        except ValueError:
            return 400, "InvalidRequestContent", {}
        if not isinstance(body, dict):
            return 400, "TriggerInputSchemaMismatch", {}
        cards = [
            each
            for each in items(body.get("attachments"))
            if isinstance(each, dict) and each.get("contentType") == CARD and isinstance(each.get("content"), dict)
        ]
        place = self.tenant.place(self.place)
        # The flow has taken it; what it cannot post, nobody who called it hears of.
        if not cards or place is None:
            self.tenant.complain("webhook", ["the flow found no attachment with an Adaptive Card: nothing was posted"])
            return 202, "ok", body
        self.tenant.complain("webhook", complaints({"type": "message", "attachments": cards}))
        for card in cards:
            wrong = {str(each.get("type")) for each in actions_of(card["content"])} - _ALLOWED
            self.tenant.complain("webhook", [f"{each} does nothing in a message of a flow" for each in sorted(wrong)])
            message = {"type": "message", "attachments": [card]}
            self.tenant.post(Post(place.id, self.tenant.next_id(), FLOW, message, self.tenant.now()))
        return 202, "ok", body


def _error(status: int, code: str, fault: Fault | None) -> Response:
    headers = {"retry-after": str(fault.retry_after if fault else 1)} if status == 429 else None
    return JSONResponse({"error": {"code": code, "message": code}}, status, headers=headers)
