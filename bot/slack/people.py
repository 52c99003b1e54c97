"""In which time zone does a person live, as Slack knows it?"""

import logging
import threading
from datetime import datetime, timedelta

from bot.clock import Clock
from bot.slack.web import SlackError, SlackWeb

log = logging.getLogger(__name__)

# People move, but seldom; and where Slack does not tell, it is not asked at every press.
REMEMBERED = timedelta(hours=12)
_MOST = 10_000


class People:
    """Asks Slack for a person's time zone, and remembers it.

    Args:
        web: The workspace's Web API; users:read lets it tell.
        clock: The time.
    """

    def __init__(self, web: SlackWeb, clock: Clock) -> None:
        self._web = web
        self._clock = clock
        self._lock = threading.Lock()
        self._known: dict[str, tuple[str, datetime]] = {}

    def zone_of(self, user: str) -> str:
        """The name of the zone, such as Asia/Shanghai; empty when Slack does not tell."""
        now = self._clock.wall()
        with self._lock:
            zone, until = self._known.get(user, ("", now))
        if until > now:
            return zone
        zone = self._ask(user)
        with self._lock:
            if len(self._known) >= _MOST:
                self._known.clear()
            self._known[user] = zone, now + REMEMBERED
        return zone

    def _ask(self, user: str) -> str:
        try:
            found = self._web.call("users.info", user=user).get("user")
        except SlackError as error:
            log.info("the time zone of %s is not known: %s", user, error)
            return ""
        zone = found.get("tz") if isinstance(found, dict) else None
        return zone if isinstance(zone, str) else ""
