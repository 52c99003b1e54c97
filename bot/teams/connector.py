"""How are messages written, changed and taken back in Teams? The few calls of the Bot Connector that the bot makes.

https://learn.microsoft.com/en-us/azure/bot-service/rest-api/bot-framework-rest-connector-api-reference
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, TypeVar
from urllib.parse import quote

import requests

from bot.clock import wait as wait_really
from bot.teams.asking import Answer, TeamsError, TeamsLimited, TeamsRefused, TeamsUnclear, TeamsUnreachable, ask
from bot.teams.login import Login
from bot.teams.pace import Pace, TooFast

Json = dict[str, Any]

# How often, and for how long each time, somebody who waits for an answer is kept waiting because of Teams.
_TRIES = 3
_LONGEST_WAIT = timedelta(seconds=5)
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class There:
    """A conversation, with the service that it is reached through; a channel's may name a thread."""

    service_url: str
    conversation: str
    tenant: str = ""

    @property
    def channel(self) -> str:
        """Without the thread: what the pace is counted for."""
        return self.conversation.partition(";")[0]


class Connector:
    """Calls the Bot Connector.

    Args:
        session: From `new_session`; whoever made it closes it.
        login: Has the token.
        pace: Whose turn it is.
        wait: Waits so many seconds.
    """

    def __init__(
        self, session: requests.Session, login: Login, pace: Pace, *, wait: Callable[[float], object] = wait_really
    ) -> None:
        self._session = session
        self._login = login
        self.pace = pace
        self._wait = wait

    def post(self, there: There, activity: Json, *, to: Mapping[str, Any] | None = None, patience: float = 0.0) -> str:
        """Write a message, `to` one person alone where that is given; the message's id.

        Raises:
            TeamsError: It was not written, or nobody knows.
            TooFast: It is better not tried now.
        """
        said = activity if to is None else activity | {"recipient": {**to, "isTargeted": True}}
        path = "activities" + _targeted(to is not None)
        answer = self._call("POST", there, path, json=said, patience=patience)
        found = answer.body.get("id")
        if not isinstance(found, str) or not found:
            raise TeamsUnclear("Teams did not say where the message stands")
        return found

    def update(self, there: There, message: str, activity: Json, *, patience: float = 0.0, alone: bool = False) -> None:
        """Put another message into the place of one; `alone` where only one person sees it.

        Raises:
            TeamsError: As `post`.
            TooFast: As `post`.
        """
        path = f"activities/{quote(message, safe='')}" + _targeted(alone)
        self._call("PUT", there, path, json=activity | {"id": message}, patience=patience)

    def delete(self, there: There, message: str) -> None:
        """Take a message back.

        Raises:
            TeamsError: As `post`.
            TooFast: As `post`.
        """
        self._call("DELETE", there, f"activities/{quote(message, safe='')}")

    def chat(self, service_url: str, tenant: str, person: str) -> str:
        """The id of the chat with one person, who must have the app.

        Raises:
            TeamsError: As `post`.
            TooFast: As `post`.
        """
        wanted = {
            "isGroup": False,
            "bot": {"id": self._login.bot},
            "members": [{"id": person}],
            "tenantId": tenant,
            "channelData": {"tenant": {"id": tenant}},
        }
        with self.pace.turn(person, tenant):
            answer = self._ask("POST", f"{service_url.rstrip('/')}/v3/conversations", json=wanted)
        found = answer.body.get("id")
        if not isinstance(found, str) or not found:
            # Teams gives the same chat when it is asked again, so nothing is in doubt.
            raise TeamsUnreachable("Teams did not say which chat it is")
        return found

    def channels(self, service_url: str, team: str) -> dict[str, str]:
        """The channels of a team: their names by their ids. The first one's name is not said, for it has none.

        Raises:
            TeamsError: As `post`.
        """
        url = f"{service_url.rstrip('/')}/v3/teams/{quote(team, safe='')}/conversations"
        listed = self._ask("GET", url).body.get("conversations")
        found = [each for each in listed if isinstance(each, dict)] if isinstance(listed, list) else []
        return {each["id"]: str(each.get("name") or "") for each in found if isinstance(each.get("id"), str)}

    def team_name(self, service_url: str, team: str) -> str:
        """What a team is called.

        Raises:
            TeamsError: As `post`.
        """
        found = self._ask("GET", f"{service_url.rstrip('/')}/v3/teams/{quote(team, safe='')}").body.get("name")
        return found if isinstance(found, str) else ""

    def look(self, there: There) -> None:
        """See whether the bot is in a conversation.

        Raises:
            TeamsError: It is not, or nobody knows.
        """
        self._ask("GET", f"{_base(there)}/pagedMembers?pageSize=50")

    def prove(self) -> None:
        """See whether there is a token.

        Raises:
            TeamsError: There is none.
        """
        self._login.token()

    def _call(self, method: str, there: There, path: str, *, patience: float = 0.0, json: Json | None = None) -> Answer:
        with self.pace.turn(there.channel, there.tenant, patience=patience):
            try:
                return self._ask(method, f"{_base(there)}/{path}", json=json)
            except TeamsLimited as limited:
                if limited.pace:
                    self.pace.limited(there.channel, limited.retry_after.total_seconds())
                raise

    def _ask(self, method: str, url: str, *, json: Json | None = None) -> Answer:
        token = self._login.token()
        try:
            return self._send(method, url, token, json)
        except TeamsRefused as refused:
            if refused.status != 401:
                raise
        # A token may be taken back before its time; a new one shows whether that was it.
        self._login.forget(token)
        return self._send(method, url, self._login.token(), json)

    def _send(self, method: str, url: str, token: str, json: Json | None) -> Answer:
        return ask(self._session, method, url, headers={"Authorization": f"Bearer {token}"}, json=json)


def insistently(call: Callable[[float], _T], *, wait: Callable[[float], object] = wait_really) -> _T:
    """Make `call`, given how patient it may be, a few times: for what somebody waits for.

    Tried again is what Teams wants tried again (429, 412, 502, 503, 504) and what was never sent; nothing else.

    Raises:
        TeamsError: It did not succeed.
    """
    for left in range(_TRIES - 1, -1, -1):
        try:
            return call(_LONGEST_WAIT.total_seconds())
        except TooFast as error:
            raise TeamsLimited(error.retry_after) from error
        except TeamsLimited as error:
            if not left or error.retry_after > _LONGEST_WAIT:
                raise
            wait(error.retry_after.total_seconds())
        except (TeamsUnclear, TeamsUnreachable) as error:
            if not left or (isinstance(error, TeamsUnclear) and not error.passes):
                raise
            wait(1.0)
    raise TeamsError("tried in vain")


def _targeted(alone: bool) -> str:
    return "?isTargetedActivity=true" if alone else ""


def _base(there: There) -> str:
    return f"{there.service_url.rstrip('/')}/v3/conversations/{quote(there.conversation, safe='')}"
