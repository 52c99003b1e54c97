"""With which token does the bot speak to Teams?

Client credentials of a single-tenant app; the token is good for about an hour and is kept until shortly before its end.
https://learn.microsoft.com/en-us/entra/identity-platform/v2-oauth2-client-creds-grant-flow
"""

import threading
import time
from collections.abc import Callable
from urllib.parse import quote

import requests

from bot.core.because import Because
from bot.teams.asking import Answer, TeamsRefused, TeamsUnclear, TeamsUnreachable, ask

LOGIN = "https://login.microsoftonline.com"
SCOPE = "https://api.botframework.com/.default"
# A token that ends within this is replaced before it is used.
_EARLY = 300.0
# After a refusal nobody asks again for so long: wrong credentials, asked for again and again, lock the app out.
_REFUSED_FOR = 15.0


class Login:
    """Gets the token and keeps it.

    Args:
        session: From `bot.teams.asking.new_session`.
        client_id: The bot's.
        client_secret: Its secret; it appears in no error.
        tenant: The tenant that the bot is registered in.
        login: Where to ask.
        monotonic: Seconds that never go back.
    """

    def __init__(
        self,
        session: requests.Session,
        client_id: str,
        client_secret: str,
        tenant: str,
        *,
        login: str = LOGIN,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        # The bot's account in conversations.
        self.bot = f"28:{client_id}"
        self._session = session
        self._url = f"{login.rstrip('/')}/{quote(tenant, safe='')}/oauth2/v2.0/token"
        self._form = {
            "grant_type": "client_credentials",
            "client_id": client_id,
            "client_secret": client_secret,
            "scope": SCOPE,
        }
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._token = ""
        self._good_until = 0.0
        self._refused: tuple[float, TeamsRefused] | None = None

    def token(self) -> str:
        """A token that is good now.

        Raises:
            TeamsRefused: The credentials are wrong.
            TeamsUnreachable: It cannot be asked for now.
        """
        with self._lock:
            now = self._monotonic()
            if self._token and now < self._good_until:
                return self._token
            if self._refused is not None and now < self._refused[0]:
                raise self._refused[1]
            try:
                answer = ask(self._session, "POST", self._url, data=self._form)
                self._token, lasts = _token_in(answer)
            except TeamsUnclear as error:
                # Nothing is done by asking for a token, so nothing is in doubt.
                raise TeamsUnreachable(Because("no token could be had: {why}", why=error.why)) from error
            except TeamsRefused as refused:
                wrong = TeamsRefused(refused.status, "InvalidCredentials")
                self._refused = now + _REFUSED_FOR, wrong
                raise wrong from refused
            self._refused = None
            self._good_until = now + max(lasts - _EARLY, lasts / 2)
            return self._token

    def forget(self, token: str) -> None:
        """Teams did not take it."""
        with self._lock:
            if self._token == token:
                self._token = ""


def _token_in(answer: Answer) -> tuple[str, float]:
    token, lasts = answer.body.get("access_token"), answer.body.get("expires_in")
    if not isinstance(token, str) or not token.isascii() or not token.isprintable():
        raise TeamsUnclear(Because("the answer holds no token"))
    try:
        return token, float(lasts if isinstance(lasts, int | float | str) else 600)
    except ValueError:
        return token, 600.0
