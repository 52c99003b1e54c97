"""Which workspace's Bolt app takes a request?"""

from collections.abc import Callable

from slack_bolt import App, BoltRequest, BoltResponse

from bot.slack.installed import Installations
from bot.slack.whose import ids_of
from bot.slack.workspaces import Each
from bot.store.engine import StoreError


class Doors:
    """One Bolt app for each workspace, and one for whoever has none.

    The ids in a request choose the app before it is known whether Slack sent it; which the app then finds out, and
    that of a workspace costs nothing to find.

    Args:
        installations: Which workspaces there are.
        make: Makes the app of one of them, by its key.
        front: Takes what is of no workspace: Slack's own questions, and what comes from where the app is not installed.
    """

    def __init__(self, installations: Installations, make: Callable[[str], App], front: App) -> None:
        self._installations = installations
        self._apps = Each(make)
        self._front = front
        self.client = front.client

    def dispatch(self, req: BoltRequest) -> BoltResponse:
        """The acknowledgement of a request."""
        return self._app(req).dispatch(req)

    def _app(self, req: BoltRequest) -> App:
        enterprise, team, whole = ids_of(req.body)
        if not enterprise and not team:
            return self._front
        try:
            found = self._installations.of(enterprise, team, whole=whole)
        except StoreError:
            found = None
        return self._apps.of(found.key) if found is not None else self._front
