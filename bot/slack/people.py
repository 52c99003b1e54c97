"""In which time zone does a person live, and in which language do they read Slack, as Slack knows it?"""

import logging
import threading
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.clock import Clock
from bot.core.language import Language, language_of
from bot.slack.web import SlackError, SlackWeb

log = logging.getLogger(__name__)

# People move, but seldom; and where Slack does not tell, it is not asked at every press.
REMEMBERED = timedelta(hours=12)
_MOST = 10_000
_AT_ONCE = 64


@dataclass(frozen=True, slots=True)
class _Person:
    zone: str = ""
    language: Language | None = None


class People:
    """Asks Slack for a person's time zone and language, both at once, and remembers them.

    Args:
        web: The workspace's Web API; users:read lets it tell.
        clock: The time.
    """

    def __init__(self, web: SlackWeb, clock: Clock) -> None:
        self._web = web
        self._clock = clock
        self._lock = threading.Lock()
        self._asking = [threading.Lock() for _number in range(_AT_ONCE)]
        self._known: dict[str, tuple[_Person, datetime]] = {}

    def zone_of(self, user: str) -> str:
        """The name of the zone, such as Asia/Shanghai; empty when Slack does not tell."""
        return self._of(user).zone

    def language_of(self, user: str) -> Language | None:
        """The language, by the locale that the person has chosen; `None` when it is not told, or another one."""
        return self._of(user).language

    def known_language_of(self, user: str) -> Language | None:
        """The same as far as it is known without asking, for what must be said at once."""
        with self._lock:
            found = self._known.get(user)
        return None if found is None else found[0].language

    def _of(self, user: str) -> _Person:
        # One at a time for each person, so that two questions at once do not ask twice.
        with self._asking[hash(user) % len(self._asking)]:
            now = self._clock.wall()
            with self._lock:
                person, until = self._known.get(user, (_Person(), now))
            if until > now:
                return person
            person = self._ask(user)
            with self._lock:
                if len(self._known) >= _MOST:
                    self._known.clear()
                self._known[user] = person, now + REMEMBERED
            return person

    def _ask(self, user: str) -> _Person:
        try:
            found = self._web.call("users.info", user=user, include_locale=True).get("user")
        except SlackError as error:
            log.info("the time zone and the language of %s are not known: %s", user, error)
            return _Person()
        zone, locale = (found.get("tz"), found.get("locale")) if isinstance(found, dict) else (None, None)
        return _Person(zone if isinstance(zone, str) else "", language_of(locale) if isinstance(locale, str) else None)
