"""Which workspaces are there, and which token opens which? Codes, tokens and their ends.

https://docs.slack.dev/authentication/installing-with-oauth
https://docs.slack.dev/authentication/using-token-rotation
"""

import json
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from threading import RLock

from bot.sandbox.methods.request import Refused, Request
from bot.sandbox.model import APP, BOT, BOT_ID, TEAM, YOU, Json
from bot.sandbox.switches import Switches, Tokens
from bot.sandbox.workspace import Workspace

# https://docs.slack.dev/reference/methods/oauth.v2.access: a code is good for ten minutes.
CODE_LASTS = 600.0


def of_team(body: Json, team: str) -> Json:
    """An answer, or what the app is told, as it is in another workspace than the first."""
    if team == TEAM:
        return body
    out: Json = json.loads(json.dumps(body).replace(f'"{TEAM}"', f'"{team}"'))
    return out


@dataclass(slots=True)
class _Code:
    team: str
    whole: bool
    scopes: str
    redirect_uri: str
    until: float


@dataclass(slots=True)
class _Grant:
    """A token that was given out; `ended` is Slack's word for why it is of no use any more."""

    team: str
    whole: bool
    scopes: str
    until: float | None = None
    refresh: str = ""
    ended: str = ""


class Granting:
    """All workspaces, and the tokens that the app was given for them.

    Args:
        first: The workspace that the token in `tokens` opens.
        others: Those that the app can only be installed in.
        switches: Whether tokens end.
        tokens: The app's own secrets, and the first workspace's token.
    """

    def __init__(self, first: Workspace, others: Iterable[Workspace], switches: Switches, tokens: Tokens) -> None:
        self.first = first
        self.teams = {each.team: each for each in (first, *others)}
        self.switches = switches
        self.tokens = tokens
        self.now = first.now
        self._lock = RLock()
        self._codes: dict[str, _Code] = {}
        self._grants: dict[str, _Grant] = {}
        self._refreshes: dict[str, str] = {}

    @property
    def enterprises(self) -> list[str]:
        """The organisations that workspaces belong to."""
        return list(dict.fromkeys(each.enterprise for each in self.teams.values() if each.enterprise))

    def code(self, about: str, scopes: str, redirect_uri: str) -> str:
        """Somebody allowed it for a workspace, or an organisation: what the browser carries to the app."""
        made = f"1{secrets.randbelow(10**11)}.{secrets.randbelow(10**12)}.{secrets.token_hex(24)}"
        with self._lock:
            until = self.now() + CODE_LASTS
            self._codes[made] = _Code(about, about not in self.teams, scopes, redirect_uri, until)
        return made

    def given(self) -> list[str]:
        """Every token and refresh token that was ever given out: none of them may be found where it does not belong."""
        with self._lock:
            return [*self._grants, *self._refreshes]

    # -- whom a token lets in

    def opens(self, token: str) -> str | None:
        """Slack's word for what is wrong with a token, empty when nothing is; `None` for one that was never given."""
        with self._lock:
            grant = self._grants.get(token)
            if grant is None:
                return None
            is_over = grant.until is not None and grant.until <= self.now()
            return grant.ended or ("token_expired" if is_over else "")

    def workspace_of(self, token: str, args: Json) -> Workspace:
        """The workspace that a call is about: of a whole organisation the one that has the channel."""
        with self._lock:
            grant = self._grants.get(token)
        if grant is None:
            return self.first
        if not grant.whole:
            return self.teams[grant.team]
        inside = [each for each in self.teams.values() if each.enterprise == grant.team]
        named = [each for each in inside if each.team == args.get("team_id") or each.channel(str(args.get("channel")))]
        return (named or inside)[0]

    def scopes_of(self, token: str) -> set[str]:
        """What a token may do."""
        with self._lock:
            grant = self._grants.get(token)
        return self.switches.scopes if grant is None else self.switches.scopes & set(grant.scopes.split(","))

    def delivered(self, kind: str, payload: Json, home: Workspace) -> Json:
        """What the app is told of something in `home`: with its ids, and those of its organisation."""
        out = of_team(payload, home.team)
        if not home.enterprise:
            return out
        whole = any(each.whole and each.team == home.enterprise and not each.ended for each in self._grants.values())
        out["is_enterprise_install"] = ("true" if whole else "false") if kind == "slash_commands" else whole
        if kind == "interactive":
            out["enterprise"] = {"id": home.enterprise, "name": f"Organisation {home.enterprise}"}
        else:
            out["enterprise_id"] = home.enterprise
        for each in out.get("authorizations", ()):
            each |= {"enterprise_id": home.enterprise, "is_enterprise_install": whole}
            each["team_id"] = None if whole else home.team
        return out

    # -- methods

    def auth_test(self, request: Request) -> Json:
        """auth.test."""
        grant = self._grants.get(request.token)
        about = request.workspace
        out: Json = {
            "url": about.base_url,
            "team": about.title,
            "user": about.bot.name,
            "team_id": about.team,
            "user_id": about.bot.id,
            "bot_id": BOT_ID,
            "is_enterprise_install": bool(grant and grant.whole),
        }
        return out | ({"enterprise_id": about.enterprise} if about.enterprise else {})

    def revoke(self, request: Request) -> Json:
        """auth.revoke."""
        if request.flag("test"):
            return {"revoked": False}
        grant = self._grants.get(request.token)
        if grant is None:
            request.switches.revoked = True
            return {"revoked": True}
        grant.ended = "token_revoked"
        request.workspace.send_event({"type": "tokens_revoked", "tokens": {"oauth": [], "bot": [BOT]}})
        return {"revoked": True}

    def uninstall(self, request: Request) -> Json:
        """apps.uninstall."""
        self._is_the_app(request)
        grant = self._grants.get(request.token)
        self.leave(grant.team if grant is not None else request.workspace.team)
        return {}

    def leave(self, about: str, *, tell: bool = True) -> None:
        """Somebody takes the app out of a workspace, or an organisation: its tokens are of no use, and it is told."""
        with self._lock:
            for grant in self._grants.values():
                if grant.team == about:
                    grant.ended = grant.ended or "account_inactive"
        home = self.teams.get(about) or next(each for each in self.teams.values() if each.enterprise == about)
        if tell:
            home.send_event({"type": "app_uninstalled"})

    def access(self, request: Request) -> Json:
        """oauth.v2.access: a code, or a refresh token, for a token."""
        self._is_the_app(request)
        if request.text("grant_type") == "refresh_token":
            return self._refreshed(request.text("refresh_token"))
        with self._lock:
            code = self._codes.pop(request.text("code"), None)
        if code is None:
            raise Refused("invalid_code")
        if code.until <= self.now():
            raise Refused("code_expired")
        if code.redirect_uri != request.text("redirect_uri"):
            raise Refused("bad_redirect_uri")
        return self._answer(code.team, code.scopes, whole=code.whole)

    # -- inside

    def _is_the_app(self, request: Request) -> None:
        if request.text("client_id") != self.tokens.client_id:
            raise Refused("invalid_client_id")
        if request.text("client_secret") != self.tokens.client_secret:
            raise Refused("bad_client_secret")

    def _refreshed(self, refresh: str) -> Json:
        with self._lock:
            token = self._refreshes.get(refresh, "")
            grant = self._grants.get(token)
            if grant is None or grant.ended or grant.refresh != refresh:
                raise Refused("invalid_refresh_token")
            # It is good once; the access token is good until its time is over.
            grant.refresh = ""
            return self._answer(grant.team, grant.scopes, whole=grant.whole)

    def _answer(self, about: str, scopes: str, *, whole: bool) -> Json:
        home = self.teams.get(about)
        enterprise = about if whole else home.enterprise if home else ""
        kind = "xoxe.xoxb-1" if self.switches.token_rotation else "xoxb"
        token = f"{kind}-{secrets.randbelow(10**12)}-{secrets.token_hex(16)}"
        out: Json = {
            "access_token": token,
            "token_type": "bot",
            "scope": scopes,
            "bot_user_id": BOT,
            "app_id": APP,
            "team": None if whole else {"id": about, "name": home.title if home else ""},
            "enterprise": {"id": enterprise, "name": f"Organisation {enterprise}"} if enterprise else None,
            "is_enterprise_install": whole,
            "authed_user": {"id": YOU},
        }
        grant = _Grant(about, whole, scopes)
        if self.switches.token_rotation:
            grant.until = self.now() + self.switches.token_lasts
            grant.refresh = f"xoxe-1-{secrets.token_hex(60)}"
            out |= {"expires_in": self.switches.token_lasts, "refresh_token": grant.refresh}
        with self._lock:
            self._grants[token] = grant
            if grant.refresh:
                self._refreshes[grant.refresh] = token
        return out
