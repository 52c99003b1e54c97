"""What is done when Slack says that a workspace no longer has the app?

https://docs.slack.dev/reference/events/app_uninstalled, https://docs.slack.dev/reference/events/tokens_revoked
"""

import logging
from collections.abc import Callable, Mapping
from typing import Any

from bot.slack.installed import Installations
from bot.store.engine import StoreError
from bot.store.workspaces import Installed

log = logging.getLogger(__name__)

UNINSTALLED, REVOKED = "app_uninstalled", "tokens_revoked"


class Gone:
    """Hears of it for one workspace.

    Args:
        installations: Where its tokens are forgotten.
        key: Which workspace.

    Attributes:
        events: By which Slack says so.
    """

    events = (UNINSTALLED, REVOKED)

    def __init__(self, installations: Installations, key: str) -> None:
        self._installations = installations
        self._key = key

    def told(self, body: Mapping[str, Any]) -> None:
        """An event came. What cannot be written down now is learnt when Slack refuses the token."""
        event = body.get("event")
        kind = event.get("type") if isinstance(event, Mapping) else None
        known = self._installations.here().get(self._key)
        if known is None or not isinstance(event, Mapping):
            return
        if kind == REVOKED and not _names_bot(event, known.bot_user):
            # A person's own token, and the app has none of those.
            return
        why = "it was uninstalled there" if kind == UNINSTALLED else "its token was revoked there"
        try:
            self._installations.end(self._key, why, seen=_since_installed(body.get("event_time")))
        except StoreError as error:
            log.warning("Slack: that the app is gone from %s cannot be kept: %s", self._key, error)


def _since_installed(event_time: object) -> Callable[[Installed], bool]:
    """Whether something happened after the app was last installed: Slack tells late, and again."""
    return lambda now: not isinstance(event_time, int) or event_time >= int(now.installed_at.timestamp())


def _names_bot(event: Mapping[str, Any], bot_user: str) -> bool:
    tokens = event.get("tokens")
    bots = tokens.get("bot") if isinstance(tokens, Mapping) else None
    return isinstance(bots, list) and (bot_user in bots or (not bot_user and bool(bots)))
