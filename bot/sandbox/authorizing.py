"""What does a person see whom the app sends to Slack to be installed? A page that asks, and two buttons.

https://docs.slack.dev/authentication/installing-with-oauth
"""

import html
from collections.abc import Callable
from urllib.parse import parse_qsl, urlencode

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from bot.sandbox.granting import Granting

PATH = "/oauth/v2/authorize"


class Authorizing:
    """The page.

    Args:
        granting: Gives out codes.
        back: Where the app takes people back to, when it does not say so itself.
    """

    def __init__(self, granting: Granting, back: Callable[[], str]) -> None:
        self._granting = granting
        self._back = back

    def routes(self) -> list[BaseRoute]:
        """Where it is."""
        return [Route(PATH, self.ask, methods=["GET"]), Route(PATH, self.decide, methods=["POST"])]

    async def ask(self, request: Request) -> Response:
        """May the app be installed?"""
        asked = dict(request.query_params)
        if asked.get("client_id") != self._granting.tokens.client_id:
            return HTMLResponse("<p>invalid client_id</p>", 400)
        if not asked.get("scope"):
            return HTMLResponse("<p>no scopes requested</p>", 400)
        kept = "".join(
            f'<input type="hidden" name="{name}" value="{html.escape(asked.get(name, ""))}">'
            for name in ("scope", "state", "redirect_uri")
        )
        choices = "".join(
            f'<option value="{html.escape(key)}">{html.escape(name)}</option>'
            for key, name in (
                *((each.team, each.title) for each in self._granting.teams.values()),
                *((each, f"All of {each}") for each in self._granting.enterprises),
            )
        )
        wanted = "".join(f"<li>{html.escape(scope)}</li>" for scope in asked["scope"].split(","))
        return HTMLResponse(
            '<!doctype html><html lang="en"><meta charset="utf-8"><title>Pool Stats asks for access</title>'
            f'<h1>Pool Stats asks for access</h1><form method="post"><select name="team">{choices}</select>{kept}'
            f"<p>It will be able to:</p><ul>{wanted}</ul>"
            '<button name="decision" value="allow">Allow</button>'
            '<button name="decision" value="deny">Cancel</button></form></html>'
        )

    async def decide(self, request: Request) -> Response:
        """Somebody pressed one of the two; back to the app."""
        said = dict(parse_qsl((await request.body()).decode(errors="replace"), keep_blank_values=True))
        team = said.get("team") or self._granting.first.team
        if team not in {*self._granting.teams, *self._granting.enterprises}:
            return HTMLResponse("<p>there is no such workspace</p>", 400)
        carried = {"state": said.get("state", "")}
        if said.get("decision") == "allow":
            uri = said.get("redirect_uri", "")
            carried["code"] = self._granting.code(team, said.get("scope", ""), uri)
        else:
            carried["error"] = "access_denied"
        return RedirectResponse(f"{said.get('redirect_uri') or self._back()}?{urlencode(carried)}", 302)
