"""Did Teams send this? The token that comes with each request, checked by Microsoft's own code.

Only the narrow part of the SDK is used that checks a token of the Bot Connector. Its application object is not: it
refuses activities it does not know with an error, fetches keys while the server waits, and lets the check be switched
off by a variable.

https://learn.microsoft.com/en-us/azure/bot-service/rest-api/bot-framework-rest-connector-authentication
"""

import asyncio
import logging
from typing import Any

from bot.teams.sdk import token_validator

# Keys change seldom and are named a day before they are used; between two fetches for unknown ones pass 30 s.
_KEYS_KNOWN_FOR = 12 * 3600.0
_KEYS_WITHIN = 5.0

# The SDK's switch for taking requests that nobody signed. It has no effect on this code, and no business being set.
SWITCH_OFF = "DANGEROUSLY_ALLOW_UNAUTHENTICATED_REQUESTS"


class Intruder(Exception):  # noqa: N818 - named for who it was
    """The request is not from Teams, or not for this bot."""


class Unverifiable(Exception):  # noqa: N818 - named for what is known
    """Nobody can say now whether it is: the keys cannot be fetched."""


class Verifier:
    """Checks the tokens of requests; slow only when keys have to be fetched, so call it on a thread that may wait.

    Args:
        client_id: The bot's, which the token must be for.
        openid_metadata_url: Where the issuer's keys are described; Microsoft's where it is not given.
        token_issuer: Who must have issued the token; likewise.

    Raises:
        ImportError: The SDK is not installed.
    """

    def __init__(
        self, client_id: str, *, openid_metadata_url: str | None = None, token_issuer: str | None = None
    ) -> None:
        # Only who speaks to Teams pays for them.
        import jwt  # noqa: PLC0415 - see above

        # It logs every refused token as an error of ours.
        logging.getLogger("microsoft_teams.apps.auth").setLevel(logging.CRITICAL)
        self._validator: Any = token_validator(client_id, openid_metadata_url, token_issuer)
        uri = self._validator.options.jwks_uri
        keys = jwt.PyJWKClient(uri, lifespan=_KEYS_KNOWN_FOR, timeout=_KEYS_WITHIN)
        self._validator._jwks_client = keys  # noqa: SLF001 - its own waits for half a minute, and has no other door
        self._no_keys = jwt.PyJWKClientConnectionError

    def check(self, authorization: str, service_url: str) -> None:
        """Whether Teams sent a request with this head, that names this service to answer to.

        Raises:
            Intruder: It did not.
            Unverifiable: That cannot be said now.
        """
        if not authorization.startswith("Bearer ") or not service_url:
            raise Intruder("no token")
        try:
            # A coroutine that waits for nothing but the keys, and for those without giving way to anybody.
            asyncio.run(self._validator.validate_token(authorization.removeprefix("Bearer "), service_url))
        except self._no_keys as error:
            raise Unverifiable("the keys of the issuer cannot be fetched") from error
        except Exception as error:
            # Whatever is wrong with a token that nobody vouches for, it is not taken.
            raise Intruder(type(error).__name__) from error
