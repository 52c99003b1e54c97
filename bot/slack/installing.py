"""How is the app installed from a browser: the way to Slack, and the way back?

What is on the way is good once, for ten minutes, and in the browser that began: a link that somebody else sent, or that
was used before, installs nothing.
"""

import hashlib
import hmac
import html
import logging
import secrets
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

import anyio.to_thread
from sqlalchemy import Engine
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from bot.core.because import said
from bot.core.language import Language, _, preferred, speaking, spoken_language
from bot.slack.installed import Installations
from bot.slack.oauth import SlackOAuth
from bot.slack.web import SlackError
from bot.store import workspaces
from bot.store.engine import StoreError, writing

log = logging.getLogger(__name__)

LASTS = timedelta(minutes=10)
INSTALL, BACK = "/slack/install", "/slack/oauth_redirect"

_COOKIE = "pool-stats-install"
_LONGEST = 500
_THIS_MACHINE = frozenset({"127.0.0.1", "localhost", "::1"})
_HEADERS = {
    "cache-control": "no-store",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    # The address of the page holds the code.
    "referrer-policy": "no-referrer",
    "vary": "accept-language",
    "x-content-type-options": "nosniff",
}


class _Refused(Exception):  # noqa: N818 - it is an answer, not a failure of ours
    """The page that says why nothing was installed."""

    def __init__(self, status: int, title: str, text: str) -> None:
        super().__init__(title)
        self.status = status
        self.title = title
        self.text = text


class Installing:
    """The two pages.

    Args:
        engine: Where it is remembered which installations were begun.
        oauth: Slack's side.
        installations: Where the workspace is kept.
        scopes: The rights to ask for.
        wall: The real time.
    """

    def __init__(
        self,
        engine: Engine,
        oauth: SlackOAuth,
        installations: Installations,
        scopes: tuple[str, ...],
        *,
        wall: Callable[[], datetime],
    ) -> None:
        self._engine = engine
        self._oauth = oauth
        self._installations = installations
        self._scopes = scopes
        self._wall = wall

    def routes(self) -> tuple[BaseRoute, ...]:
        """Where they are."""
        return (
            Route(INSTALL, _in_a_thread(self.begin), methods=["GET"]),
            Route(BACK, _in_a_thread(self.end), methods=["GET"]),
        )

    def begin(self, request: Request) -> Response:
        """Send the browser to Slack."""
        state, now = secrets.token_urlsafe(32), self._wall()
        with writing(self._engine) as db:
            workspaces.keep_state(db, _digest(state), until=now + LASTS, now=now)
        answer = RedirectResponse(self._oauth.address(state, self._scopes), status_code=302, headers=_HEADERS)
        self._remember(answer, request, state)
        return answer

    def end(self, request: Request) -> Response:
        """The browser comes back from Slack, with a code or with an error."""
        given = request.query_params
        state, ours = given.get("state", "")[:_LONGEST], request.cookies.get(_COOKIE, "")
        if not state or not ours or not hmac.compare_digest(state.encode(), ours.encode()):
            raise _Refused(
                400,
                _("This installation was not begun here"),
                _("This link was not made for this browser, or the browser keeps no cookies. Begin anew."),
            )
        with writing(self._engine) as db:
            is_open = workspaces.use_state(db, _digest(state), now=self._wall())
        if not is_open:
            text = _("It was used already, or is older than ten minutes. Begin anew.")
            raise _Refused(400, _("This link has expired"), text)
        if "error" in given:
            denied = given["error"] == "access_denied"
            log.info("Slack: an installation was not allowed (%s)", "denied" if denied else "error")
            if denied:
                raise _Refused(403, _("Not allowed"), _("You, or an administrator, did not allow the app."))
            raise _Refused(400, _("Slack could not do it"), _("Slack says: {code}.", code=given["error"][:100]))
        code = given.get("code", "")
        if not code or len(code) > _LONGEST:
            raise _Refused(400, _("Slack sent no code"), _("Begin anew."))
        return self._installed(code)

    def _installed(self, code: str) -> Response:
        try:
            granted = self._oauth.granted(code)
        except SlackError as error:
            log.warning("Slack: an installation could not be finished: %s", error)
            text = _("{why}. Begin anew.", why=said(error.why))
            raise _Refused(502, _("Slack gave no token"), text) from error
        made = self._installations.install(granted, now=self._wall())
        answer = _page(
            200,
            _("Installed in {workspace}", workspace=made.name),
            _(
                "Invite the bot into a channel, and type /pool-stats there. What the workspace may see stands in the "
                "configuration, under access."
            ),
        )
        answer.delete_cookie(_COOKIE, path="/slack")
        return answer

    @staticmethod
    def _remember(answer: Response, request: Request, state: str) -> None:
        answer.set_cookie(
            _COOKIE,
            state,
            max_age=int(LASTS.total_seconds()),
            path="/slack",
            # Before us there is a proxy that speaks https, unless somebody tries this on their own machine.
            secure=request.url.hostname not in _THIS_MACHINE,
            httponly=True,
            # Slack sends the browser back by a link, with which `lax` lets the cookie come along.
            samesite="lax",
        )


def _in_a_thread(answer: Callable[[Request], Response]) -> Callable[[Request], Awaitable[Response]]:
    def safely(request: Request) -> Response:
        wanted = preferred(request.headers.get("accept-language", ""))
        with speaking(wanted or Language.ENGLISH):
            try:
                return answer(request)
            except _Refused as refused:
                return _nothing_done(refused)
            except StoreError as error:
                log.warning("Slack: the app cannot be installed: %s", error)
                return _nothing_done(_Refused(503, _("This cannot be done now"), _("Try again later.")))

    async def endpoint(request: Request) -> Response:
        return await anyio.to_thread.run_sync(safely, request)

    return endpoint


def _nothing_done(refused: _Refused) -> HTMLResponse:
    text = _("{sentence} {another}", sentence=_("Nothing was installed."), another=refused.text)
    return _page(refused.status, refused.title, text, begin=True)


def _page(status: int, title: str, text: str, *, begin: bool = False) -> HTMLResponse:
    again = f'<p><a href="{INSTALL}">{html.escape(_("Install Pool Stats in Slack"))}</a></p>' if begin else ""
    content = (
        f'<!doctype html><html lang="{spoken_language()}"><head><meta charset="utf-8"><title>Pool Stats</title>'
        '<meta name="viewport" content="width=device-width"></head><body>'
        f"<h1>{html.escape(title)}</h1><p>{html.escape(text)}</p>{again}</body></html>"
    )
    return HTMLResponse(content, status_code=status, headers=_HEADERS)


def _digest(state: str) -> str:
    return hashlib.sha256(state.encode()).hexdigest()
