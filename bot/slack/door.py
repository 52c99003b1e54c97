"""Who takes what Slack hands in, over HTTP or in Socket Mode?"""

from typing import Protocol

from slack_bolt import BoltRequest, BoltResponse
from slack_sdk import WebClient


class Door(Protocol):
    """What takes requests: a Bolt app, or several behind one."""

    @property
    def client(self) -> WebClient:
        """Knows where Slack is."""

    def dispatch(self, req: BoltRequest) -> BoltResponse:
        """The acknowledgement of a request."""
