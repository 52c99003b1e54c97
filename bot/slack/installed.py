"""Which workspaces is the app installed in, and which token does each take now?

Rows of our own rather than those of Slack's `SQLAlchemyInstallationStore`: that keeps tokens as they are, in columns
too narrow for them once they are encrypted, has no claim by which one of several processes renews a token, and adds
a row for each time the app is installed.
"""

import logging
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Engine

from bot.core.because import Because
from bot.slack.oauth import Granted, SlackOAuth
from bot.slack.renewing import Renewals
from bot.slack.vault import Tokens, Unreadable, Vault
from bot.slack.web import SlackRefused, SlackUnreachable
from bot.store import workspaces
from bot.store.engine import StoreError, reading, writing
from bot.store.workspaces import Installed

log = logging.getLogger(__name__)

# What another process changed is seen after so long.
_FRESH_SECONDS = 2.0
_JUST_NOW_SECONDS = 0.2

# Slack's words for a token that will never be good again.
ENDED = frozenset({"account_inactive", "token_revoked"})
NOT_INSTALLED = "app_not_installed"


@dataclass(frozen=True, slots=True)
class Opened:
    """A token, and the workspace as it was when the token was taken."""

    token: str
    of: Installed

    def __repr__(self) -> str:
        """Without the token."""
        return f"Opened({self.of.key})"


class Installations:
    """The workspaces, as all processes on the database share them.

    Args:
        engine: The store.
        vault: Opens their tokens.
        oauth: Renews them.
        wall: The real time.
        monotonic: Seconds that never go back.
    """

    def __init__(
        self,
        engine: Engine,
        vault: Vault,
        oauth: SlackOAuth,
        *,
        wall: Callable[[], datetime],
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._engine = engine
        self._vault = vault
        self._wall = wall
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._known: Mapping[str, Installed] = {}
        self._tokens: dict[str, tuple[str, Tokens]] = {}
        self._read_at: float | None = None
        self._renewals = Renewals(engine, vault, oauth, tokens_of=self._tokens_of, wall=wall, monotonic=monotonic)

    def known(self, *, within: float = _FRESH_SECONDS) -> Mapping[str, Installed]:
        """Every workspace by its key, those that ended too; as known before where the store cannot be read.

        Args:
            within: How many seconds ago that may have been read.
        """
        with self._lock:
            if self._read_at is not None and self._monotonic() - self._read_at < within:
                return self._known
            try:
                with reading(self._engine) as db:
                    self._known = {each.key: each for each in workspaces.all_of(db)}
            except StoreError as error:
                if self._read_at is None:
                    raise
                log.warning("the workspaces are as they were known before: %s", error)
            self._read_at = self._monotonic()
            return self._known

    def here(self, *, within: float = _FRESH_SECONDS) -> Mapping[str, Installed]:
        """Those that have the app now."""
        return {key: each for key, each in self.known(within=within).items() if each.is_here}

    def of(self, enterprise: str, team: str, *, whole: bool = False) -> Installed | None:
        """The installation that a request is about, by the ids that came with it.

        Args:
            enterprise: The organisation, if any.
            team: The workspace; empty where the whole organisation is meant.
            whole: Whether Slack says that the app is installed in the whole organisation.
        """
        keys = (enterprise, team) if whole else (team, enterprise)
        # Another process may just have installed it; what nobody signed must not have the store read again and again.
        for within in (_FRESH_SECONDS, _JUST_NOW_SECONDS):
            here = self.here(within=within)
            found = next((here[key] for key in keys if key and key in here), None)
            if found is not None:
                return found
        return None

    def opened(self, key: str) -> Opened:
        """The token that the workspace takes now, renewed where it soon ends.

        Raises:
            SlackRefused: The app is not installed there, or its token cannot be opened.
            SlackUnreachable: The token has ended and could not be renewed just now.
        """
        try:
            kept = self.known().get(key)
            if kept is None or not kept.is_here:
                kept = self.known(within=0.0).get(key)
        except StoreError as error:
            raise SlackUnreachable(
                Because("the token of {workspace} cannot be read: {why}", workspace=key, why=error.why)
            ) from error
        if kept is not None and self._renewals.ends_soon(kept):
            before, kept = kept, self._renewals.renewed(kept)
            if kept is not before:
                self._look_again()
        if kept is None or not kept.is_here:
            raise SlackRefused(NOT_INSTALLED)
        return Opened(self._tokens_of(kept).access, kept)

    def install(self, granted: Granted, *, now: datetime) -> Installed:
        """The app was installed: keep what Slack gave, in the place of what was there before.

        Raises:
            StoreError: It could not be kept.
        """
        made = Installed(
            key=granted.key,
            enterprise=granted.enterprise,
            name=granted.name,
            app=granted.app,
            bot_user=granted.bot_user,
            scopes=granted.scopes,
            sealed=self._vault.seal(granted.key, granted.tokens),
            expires_at=now + granted.lasts if granted.lasts is not None else None,
            installed_at=now,
            installed_by=granted.installed_by,
        )
        with writing(self._engine) as db:
            workspaces.put(db, made)
        self._look_again()
        log.info("Slack: the app was installed in %s (%s) by %s", made.name, made.key, made.installed_by)
        return made

    def end(self, key: str, why: str, *, seen: Callable[[Installed], bool]) -> bool:
        """The app is no longer there: forget its tokens. Whether it was there until now.

        Args:
            key: The workspace.
            why: What happened.
            seen: Whether what happened is about the installation as it is now, not about an earlier one.

        Raises:
            StoreError: It could not be written down.
        """
        with writing(self._engine) as db:
            kept = workspaces.locked(db, key)
            if kept is None or not kept.is_here or not seen(kept):
                return False
            workspaces.put(db, replace(kept, sealed=None, expires_at=None, ended_at=self._wall(), ended_why=why))
        self._look_again()
        log.warning("Slack: the app is no longer installed in %s (%s): %s", kept.name, key, why)
        return True

    def seal_anew(self) -> int:
        """Seal with the newest key what was sealed with an older one; how many there were.

        Raises:
            StoreError: The store cannot be used.
        """
        changed = 0
        with writing(self._engine) as db:
            for each in workspaces.all_of(db):
                kept = workspaces.locked(db, each.key)
                sealed = self._vault.sealed_anew(kept.sealed) if kept is not None and kept.sealed else None
                if kept is not None and sealed is not None:
                    workspaces.put(db, replace(kept, sealed=sealed))
                    changed += 1
        self._look_again()
        return changed

    def unreadable(self) -> Mapping[str, str]:
        """Workspaces whose token none of the keys opens, and what to do."""
        found = {}
        for key, each in self.here().items():
            try:
                self._tokens_of(each)
            except SlackRefused as refused:
                found[key] = refused.details
        return found

    def _tokens_of(self, kept: Installed) -> Tokens:
        sealed = kept.sealed or ""
        known = self._tokens.get(kept.key)
        if known is not None and known[0] == sealed:
            return known[1]
        try:
            tokens = self._vault.open(kept.key, sealed)
        except Unreadable as error:
            advice = f"{error}: put that key back beside the new one, or install the app again"
            raise SlackRefused("token_unreadable", details=advice) from error
        self._tokens[kept.key] = sealed, tokens
        return tokens

    def _look_again(self) -> None:
        with self._lock:
            self._read_at = None
