"""Is a person in one of the user groups that the access rules name?

Who is in a group is asked again after a while. Where Slack does not tell, nobody is in it: what a group alone may see
is then seen by nobody, and a note says so.
"""

import logging
import threading
import time
from collections.abc import Callable, Collection, Mapping

from bot.slack.codes import sentence
from bot.slack.web import SlackError, SlackRefused, SlackWeb

log = logging.getLogger(__name__)

REMEMBERED_SECONDS = 300.0
_AFTER_A_FAILURE_SECONDS = 30.0
# While Slack cannot be asked, what it said last is good for so long.
_GOOD_FOR_SECONDS = 3600.0


class Groups:
    """Asks Slack who is in a user group, and remembers it.

    Args:
        web: The workspace's Web API; usergroups:read lets it tell.
        monotonic: Seconds that never go back.
    """

    def __init__(self, web: SlackWeb, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._web = web
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._members: dict[str, tuple[frozenset[str], float]] = {}
        self._asked_until: dict[str, float] = {}
        self._notes: dict[str, str] = {}

    def notes(self) -> Mapping[str, str]:
        """Groups of which Slack does not tell who is in them."""
        with self._lock:
            return dict(self._notes)

    def of(self, user: str, groups: Collection[str]) -> tuple[str, ...]:
        """Those of `groups` (ids) that the person is in."""
        return tuple(group for group in groups if user in self._members_of(group))

    def _members_of(self, group: str) -> frozenset[str]:
        now = self._monotonic()
        with self._lock:
            members, read_at = self._members.get(group, (frozenset(), now))
            if self._asked_until.get(group, 0.0) > now:
                return members
        problem, lasts = "", REMEMBERED_SECONDS
        try:
            found = self._web.call("usergroups.users.list", usergroup=group).get("users")
            members, read_at = frozenset(each for each in found or () if isinstance(each, str)), now
        except SlackRefused as refused:
            members = frozenset()
            why = sentence(SlackRefused(refused.code, needed=refused.needed or "usergroups:read"), group)
            problem = f"nobody is known to be in the user group {group}: {why}"
        except SlackError as error:
            lasts = _AFTER_A_FAILURE_SECONDS
            if now - read_at > _GOOD_FOR_SECONDS:
                members = frozenset()
            problem = f"who is in the user group {group} is not known just now: {error}"
        with self._lock:
            self._members[group] = members, read_at
            self._asked_until[group] = now + lasts
            was = self._notes.pop(f"group {group}", "")
            if problem:
                self._notes[f"group {group}"] = problem
        if problem and problem != was:
            log.warning("Slack: %s", problem)
        return members
