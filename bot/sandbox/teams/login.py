"""How does an app get its access token, and where are the keys that inbound activities are signed with?

https://learn.microsoft.com/en-us/azure/bot-service/rest-api/bot-framework-rest-connector-authentication
"""

import hmac
from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import parse_qs

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from bot.sandbox.calls import Call, Calls
from bot.sandbox.faults import Faults
from bot.sandbox.teams.tenant import Tenant
from bot.sandbox.teams.tokens import Issuer, NotOurs

AUDIENCE = "https://api.botframework.com"
SCOPE = f"{AUDIENCE}/.default"
METADATA = "/v1/.well-known/openidconfiguration"
KEYS = "/v1/.well-known/keys"
_MOST_BYTES = 20_000


class Login:
    """Two issuers: the directory, whose tokens let the app in, and the Bot Framework, which signs what the app is sent.

    Args:
        tenant: Whose app it is.
        url: Where this server is, without a slash at the end.
    """

    def __init__(self, tenant: Tenant, url: Callable[[], str], faults: Faults, calls: Calls) -> None:
        self.tenant = tenant
        self.directory = Issuer(tenant.now)
        self.framework = Issuer(tenant.now)
        self._url = url
        self._faults = faults
        self._calls = calls

    @property
    def issuer(self) -> str:
        """Who signs what the app is sent (`iss`)."""
        return self._url()

    def routes(self) -> Sequence[BaseRoute]:
        """Where they are."""
        tenant = self.tenant.credentials.tenant_id
        return [
            Route(METADATA, self._metadata),
            Route(KEYS, self._keys),
            Route(f"/{tenant}/v2.0/.well-known/openid-configuration", self._discovery),
            Route(f"/{tenant}/discovery/v2.0/keys", self._directory_keys),
            Route("/{tenant}/oauth2/v2.0/token", self._token, methods=["POST"]),
        ]

    def check(self, token: str) -> None:
        """Whether an access token lets its bearer in.

        Raises:
            NotOurs: It does not.
        """
        claims = self.directory.claims(token, audience=AUDIENCE, issuer=self._directory_issuer())
        if claims.get("appid") != self.tenant.credentials.client_id:
            raise NotOurs("issued to another app")

    def access_token(self, *, lasts: float | None = None) -> str:
        """A token as the directory issues it."""
        credentials = self.tenant.credentials
        claims = {
            "aud": AUDIENCE,
            "iss": self._directory_issuer(),
            "appid": credentials.client_id,
            "appidacr": "1",
            "tid": credentials.tenant_id,
            "ver": "1.0",
        }
        return self.directory.sign(claims, lasts=self.tenant.switches.token_lasts if lasts is None else lasts)

    def inbound_token(self, service_url: str, **other: Any) -> str:
        """A token that goes with an activity to the app; `other` claims may be wrong on purpose."""
        claims = {"iss": self.issuer, "aud": self.tenant.credentials.client_id, "serviceurl": service_url} | other
        return self.framework.sign({name: each for name, each in claims.items() if each is not None}, lasts=3600)

    def _directory_issuer(self) -> str:
        return f"{self._url()}/{self.tenant.credentials.tenant_id}/"

    async def _metadata(self, _request: Request) -> Response:
        return JSONResponse(
            {
                "issuer": self.issuer,
                "authorization_endpoint": f"{self._url()}/invalid",
                "jwks_uri": f"{self._url()}{KEYS}",
                "id_token_signing_alg_values_supported": ["RS256"],
                "token_endpoint_auth_methods_supported": ["private_key_jwt"],
            }
        )

    async def _keys(self, _request: Request) -> Response:
        return JSONResponse(await run_in_threadpool(self.framework.key_set))

    async def _directory_keys(self, _request: Request) -> Response:
        return JSONResponse(await run_in_threadpool(self.directory.key_set))

    async def _discovery(self, _request: Request) -> Response:
        base = f"{self._url()}/{self.tenant.credentials.tenant_id}"
        return JSONResponse(
            {
                "issuer": self._directory_issuer(),
                "token_endpoint": f"{base}/oauth2/v2.0/token",
                "jwks_uri": f"{base}/discovery/v2.0/keys",
                "token_endpoint_auth_methods_supported": ["client_secret_post"],
            }
        )

    async def _token(self, request: Request) -> Response:
        at = self.tenant.now()
        body = await request.body()
        fault = self._faults.strike("token")
        if fault is not None and fault.kind in {"status", "ratelimited", "error"}:
            status = {"ratelimited": 429, "error": 400}.get(fault.kind, fault.status)
            self._calls.add(Call(at, "token", {}, status, fault.kind))
            return JSONResponse({"error": fault.error}, status, headers={"retry-after": str(fault.retry_after)})
        form = {name: each[0] for name, each in parse_qs(body[:_MOST_BYTES].decode(errors="replace")).items()}
        refused = self._why_not(request.path_params["tenant"], form)
        if refused:
            status, error, description = refused
            self._calls.add(Call(at, "token", {"client_id": form.get("client_id", "")}, status, error))
            return JSONResponse({"error": error, "error_description": description}, status)
        token = await run_in_threadpool(self.access_token)
        self._calls.add(Call(at, "token", {"client_id": form["client_id"]}, 200, "ok"))
        lasts = int(self.tenant.switches.token_lasts)
        return JSONResponse(
            {"token_type": "Bearer", "expires_in": lasts, "ext_expires_in": lasts, "access_token": token}
        )

    def _why_not(self, tenant: str, form: dict[str, str]) -> tuple[int, str, str] | None:
        credentials = self.tenant.credentials
        if tenant != credentials.tenant_id:
            return 400, "invalid_request", f"AADSTS90002: Tenant '{tenant}' not found."
        if form.get("grant_type") != "client_credentials":
            return 400, "unsupported_grant_type", "AADSTS70003: The app requested an unsupported grant type."
        if form.get("client_id") != credentials.client_id:
            return 400, "unauthorized_client", "AADSTS700016: Application was not found in the directory."
        if not hmac.compare_digest(form.get("client_secret", "").encode(), credentials.client_secret.encode()):
            return 401, "invalid_client", "AADSTS7000215: Invalid client secret provided."
        if form.get("scope") != SCOPE:
            return 400, "invalid_scope", "AADSTS70011: The provided value for the input parameter 'scope' is not valid."
        return None
