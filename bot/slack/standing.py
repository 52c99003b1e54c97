"""Can we work in this workspace, and what is wrong where we cannot?"""

import logging
import threading
import time
from collections.abc import Callable

from bot.messages.sending import Health
from bot.slack.codes import meaning, sentence
from bot.slack.web import SlackError, SlackRefused, SlackWeb

log = logging.getLogger(__name__)

# What the bot cannot be without: bot/slack/manifest.py asks for it.
NEEDED_SCOPES = frozenset({"chat:write", "commands"})

# Without these it works, but what may have been told already cannot be looked for.
HISTORY_SCOPES = frozenset({"channels:history", "groups:history"})

# What the bot does without, by the rights that it lacks for it: an app that was made from an older manifest.
_WITHOUT = (
    ("history", HISTORY_SCOPES, "a message may be told twice after an unclear answer; it is marked then"),
    ("mentions", frozenset({"app_mentions:read"}), "the bot does not hear when it is mentioned"),
    ("messages", frozenset({"im:history"}), "the bot does not hear what people write to it in direct messages"),
    ("zones", frozenset({"users:read"}), "“tomorrow” and languages are not those of whoever asks"),
)

_WORKSPACE = "workspace"
_FRESH_SECONDS = 300.0
_FRESH_WHILE_BAD_SECONDS = 15.0
# A channel that nothing was tried in for so long is no longer anybody's concern: its messages were routed elsewhere.
_FORGOTTEN_SECONDS = 1800.0


class Standing:
    """What is known of our token and our channels; each thing that is wrong is logged once, when it begins.

    Args:
        web: The workspace's Web API.
        monotonic: Seconds that never go back.
    """

    def __init__(self, web: SlackWeb, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._web = web
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._checking = threading.Lock()
        self._problems: dict[str, tuple[str, float]] = {}
        self._notes: dict[str, str] = {}
        self._is_connected = False
        self._checked_at: float | None = None
        self.bot_id = ""

    def check(self) -> None:
        """Ask who we are (`auth.test`) and note what we may do."""
        with self._checking:
            try:
                reply = self._web.ask("auth.test")
            except SlackRefused as refused:
                self._note(_WORKSPACE, str(sentence(refused, "Slack")))
                self._is_connected = False
            except SlackError as error:
                self._note(_WORKSPACE, f"Slack cannot be asked: {error}")
                self._is_connected = False
            else:
                self.bot_id = str(reply.body.get("bot_id") or "")
                self._is_connected = True
                missing = NEEDED_SCOPES - reply.scopes if reply.scopes is not None else frozenset()
                self._note_missing(reply.scopes)
                if missing:
                    needed = ", ".join(sorted(missing))
                    self._note(_WORKSPACE, str(sentence(SlackRefused("missing_scope", needed=needed), "Slack")))
                else:
                    self._clear(_WORKSPACE)
            self._checked_at = self._monotonic()

    def check_if_old(self) -> None:
        """As `check`, unless the last answer is fresh or somebody is asking just now."""
        fresh = _FRESH_SECONDS if self._is_connected else _FRESH_WHILE_BAD_SECONDS
        is_fresh = self._checked_at is not None and self._monotonic() - self._checked_at < fresh
        if not is_fresh and not self._checking.locked():
            self.check()

    def health(self) -> Health:
        """What is known."""
        begin = self._monotonic() - _FORGOTTEN_SECONDS
        with self._lock:
            problems = {
                about: problem for about, (problem, at) in self._problems.items() if about == _WORKSPACE or at >= begin
            }
            notes = dict(self._notes)
        return Health(self._is_connected, problems, notes)

    def refused(self, channel: str, refused: SlackRefused) -> None:
        """Slack said no to something in `channel`."""
        found = meaning(refused)
        if found.permanent or found.gone:
            return  # it is about one message, and the outbox tells of it
        if found.about == "workspace":
            self._note(_WORKSPACE, str(sentence(refused, channel)))
            self._is_connected = self._is_connected and refused.code == "missing_scope"
        else:
            self._note(channel, str(sentence(refused, channel)))

    def unreachable(self, why: str) -> None:
        """No connection came about."""
        self._is_connected = False
        self._note(_WORKSPACE, why)

    def worked(self, channel: str) -> None:
        """Something was done in `channel`, so nothing is wrong with it."""
        self._is_connected = True
        self._clear(channel)

    def _note_missing(self, scopes: frozenset[str] | None) -> None:
        found: dict[str, str] = {}
        for about, needed, then in _WITHOUT:
            missing = needed - scopes if scopes is not None else frozenset()
            if missing:
                found[about] = f"without the right {' and '.join(sorted(missing))} {then}"
        with self._lock:
            self._notes = found

    def _note(self, about: str, problem: str) -> None:
        with self._lock:
            known = self._problems.get(about)
            self._problems[about] = (problem, self._monotonic())
        is_new = known is None or known[0] != problem
        if is_new:
            log.warning("Slack: %s", problem)

    def _clear(self, about: str) -> None:
        with self._lock:
            was = self._problems.pop(about, None)
        if was is not None:
            log.info("Slack: no longer so: %s", was[0])
