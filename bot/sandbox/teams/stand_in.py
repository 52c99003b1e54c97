"""Teams on this machine: everything of one tenant, put together, to be served beside the chat page."""

import asyncio
from collections.abc import Iterable, Sequence
from typing import Any
from urllib.parse import urlsplit

from starlette.routing import BaseRoute

from bot.sandbox import faults
from bot.sandbox.calls import Calls
from bot.sandbox.faults import Fault, Faults
from bot.sandbox.page.teams.web import routes as page_routes
from bot.sandbox.teams.composing import Composer
from bot.sandbox.teams.connector import PREFIX, Connector
from bot.sandbox.teams.control import control_routes
from bot.sandbox.teams.courier import Courier
from bot.sandbox.teams.happening import Happening
from bot.sandbox.teams.login import METADATA, Login
from bot.sandbox.teams.operations import Operations
from bot.sandbox.teams.people import People
from bot.sandbox.teams.tenant import Tenant
from bot.sandbox.teams.webhook import Webhook


class TeamsStandIn:
    """A tenant of Teams with one app in it.

    Args:
        tenant: Who and what is in it; by default two people, a team with two channels and a group chat.
        app_url: Where the app takes activities (without a path, at `/api/messages`).
        banner: A sentence that the page shows above the messages.
        opens: The conversation that the page begins with.
    """

    def __init__(
        self, tenant: Tenant | None = None, *, app_url: str = "", banner: str | None = None, opens: str = "Alerts"
    ) -> None:
        self.tenant = tenant or Tenant()
        self.faults = Faults()
        self.calls = Calls()
        # Where the server is, without a slash at the end; known once it listens.
        self.base_url = ""
        self.login = Login(self.tenant, lambda: self.base_url, self.faults, self.calls)
        self.composer = Composer(self.tenant, lambda: self.service_url)
        self.courier = Courier(self.tenant, self.login)
        self.app_url = app_url
        self.people = People(self.tenant, self.composer, self.courier)
        self.happening = Happening(self.tenant, self.composer, self.courier)
        self.webhook = Webhook(self.tenant, faults=self.faults, calls=self.calls)
        self._page = page_routes(self.people, self.happening, banner, opens=opens)

    @property
    def service_url(self) -> str:
        """What the app is told to answer to."""
        return f"{self.base_url}{PREFIX}/"

    @property
    def app_url(self) -> str:
        """Where the app takes activities."""
        return self.courier.app_url

    @app_url.setter
    def app_url(self, url: str) -> None:
        # The same app may have been named by its address for Slack.
        parts = urlsplit(url)
        self.courier.app_url = f"{parts.scheme}://{parts.netloc}" if parts.path == "/slack/events" else url

    def environment(self) -> dict[str, str]:
        """What an app must have in its environment to use this tenant."""
        credentials = self.tenant.credentials
        return {
            "CLIENT_ID": credentials.client_id,
            "CLIENT_SECRET": credentials.client_secret,
            "TENANT_ID": credentials.tenant_id,
            "POOL_STATS_TEAMS__OPENID_METADATA_URL": f"{self.base_url}{METADATA}",
            "POOL_STATS_TEAMS__TOKEN_ISSUER": self.login.issuer,
        }

    def addresses(self) -> dict[str, str]:
        """Where things are that an app may need to know."""
        return {"service_url": self.service_url, "token_url": self.token_url, "webhook_url": self.webhook_url}

    @property
    def token_url(self) -> str:
        """Where the app gets its access token: `/<tenant>/oauth2/v2.0/token`, as at the directory itself."""
        return f"{self.base_url}/{self.tenant.credentials.tenant_id}/oauth2/v2.0/token"

    @property
    def webhook_url(self) -> str:
        """The secret address of the flow that posts into the channel of alerts."""
        return self.webhook.address(self.base_url)

    def misbehave(self, kind: str, operations: Iterable[str] | str = (), **more: Any) -> Fault:
        """Let something go wrong (see `bot.sandbox.faults`); `error` takes the codes in `refusing.CODES`."""
        return self.faults.add(faults.fault(kind, operations, **more))

    def behave(self) -> None:
        """Call off all faults."""
        self.faults.clear()

    def routes(self, stopping: asyncio.Event) -> Sequence[BaseRoute]:
        """Everything it answers to."""
        operations = Operations(self.tenant, lambda: self.service_url)
        connector = Connector(
            self.tenant, self.login, operations, faults=self.faults, calls=self.calls, stopping=stopping
        )
        return [
            *connector.routes(),
            *self.login.routes(),
            *self.webhook.routes(),
            *control_routes(self.people, self.happening, self.login, self.faults, self.calls, addresses=self.addresses),
            *self._page,
        ]

    def close(self) -> None:
        """Tell everybody who listens that it is over."""
        self.tenant.close()
