"""What does Slack give for a code that it sent a person back with, and for a refresh token?

https://docs.slack.dev/authentication/installing-with-oauth
https://docs.slack.dev/authentication/using-token-rotation
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import requests
from slack_sdk.oauth import AuthorizeUrlGenerator

from bot.core.because import Because
from bot.slack.vault import Tokens
from bot.slack.web import SlackUnclear, SlackWeb, basic

# Whoever needs a token waits while it is renewed, so nobody waits for Slack for long.
_READ_SECONDS = 4.0
# Thirty years: no token lasts longer, and a moment that is later can be out of all calendars.
_LONGEST_SECONDS = 10**9
_TEAM = re.compile(r"[TE][A-Z0-9]{1,30}")
_ID = re.compile(r"[A-Z0-9]{1,31}")


@dataclass(frozen=True, slots=True)
class Renewed:
    """New tokens; `lasts` says how long the access token is good, `None` for ever."""

    tokens: Tokens
    lasts: timedelta | None


@dataclass(frozen=True, slots=True)
class Granted:
    """What Slack gave for an installation; as `Installed` keeps it."""

    key: str
    enterprise: str
    name: str
    app: str
    bot_user: str
    scopes: tuple[str, ...]
    tokens: Tokens
    lasts: timedelta | None
    installed_by: str


class SlackOAuth:
    """Asks Slack for tokens.

    Args:
        base_url: Such as `https://slack.com/api/`.
        client_id: The app's.
        client_secret: The app's; it never appears in an error or in `repr`.
        session: From `new_session`.
        redirect_uri: Where Slack sends people back to; without it, the first one that the app's settings name.
    """

    def __init__(
        self, base_url: str, client_id: str, client_secret: str, session: requests.Session, *, redirect_uri: str = ""
    ) -> None:
        self._client_id = client_id
        self._web = SlackWeb(base_url, basic(client_id, client_secret), session, read_seconds=_READ_SECONDS)
        self._redirect_uri = redirect_uri or None
        self._authorization_url = base_url.rstrip("/").removesuffix("/api") + "/oauth/v2/authorize"

    def address(self, state: str, scopes: tuple[str, ...]) -> str:
        """Where a person allows the app to be installed."""
        generator = AuthorizeUrlGenerator(
            client_id=self._client_id,
            scopes=list(scopes),
            redirect_uri=self._redirect_uri,
            authorization_url=self._authorization_url,
        )
        return generator.generate(state)

    def granted(self, code: str) -> Granted:
        """What Slack gives for `code`.

        Raises:
            SlackError: It gives nothing.
        """
        answer = self._web.call("oauth.v2.access", code=code, redirect_uri=self._redirect_uri)
        whole = answer.get("is_enterprise_install") is True
        team, enterprise = _part(answer, "team"), _part(answer, "enterprise")
        about = enterprise if whole else team
        key, token = str(about.get("id") or ""), str(answer.get("access_token") or "")
        if not _TEAM.fullmatch(key) or not token:
            raise SlackUnclear(Because("Slack's answer names no workspace or no token"))
        return Granted(
            key=key,
            enterprise=_id(enterprise.get("id")),
            name=str(about.get("name") or key)[:200],
            app=_id(answer.get("app_id")),
            bot_user=_id(answer.get("bot_user_id")),
            scopes=tuple(each.strip() for each in str(answer.get("scope") or "").split(",") if each.strip()),
            tokens=Tokens(token, str(answer.get("refresh_token") or "")),
            lasts=_lasts(answer),
            installed_by=_id(_part(answer, "authed_user").get("id")),
        )

    def renewed(self, refresh: str) -> Renewed:
        """New tokens for a refresh token, which is then used up.

        Raises:
            SlackError: There are none.
        """
        answer = self._web.call("oauth.v2.access", grant_type="refresh_token", refresh_token=refresh)
        token = str(answer.get("access_token") or "")
        if not token:
            raise SlackUnclear(Because("Slack's answer has no token"))
        return Renewed(Tokens(token, str(answer.get("refresh_token") or refresh)), _lasts(answer))


def _lasts(answer: Mapping[str, Any]) -> timedelta | None:
    seconds = answer.get("expires_in")
    return timedelta(seconds=min(seconds, _LONGEST_SECONDS)) if isinstance(seconds, int) and seconds > 0 else None


def _part(answer: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    part = answer.get(name)
    return part if isinstance(part, Mapping) else {}


def _id(given: object) -> str:
    return given if isinstance(given, str) and _ID.fullmatch(given) else ""
