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
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Engine

from bot.clock import wait
from bot.core.because import Because
from bot.slack.oauth import Granted, Renewed, SlackOAuth
from bot.slack.vault import Tokens, Unreadable, Vault
from bot.slack.web import SlackError, SlackRefused, SlackUnreachable
from bot.store import workspaces
from bot.store.engine import StoreError, reading, writing
from bot.store.workspaces import Installed

log = logging.getLogger(__name__)

# A token that ends sooner is renewed; until then the old one is good, whatever keeps Slack from giving a new one.
RENEWED_BEFORE = timedelta(hours=2)
# What another process changed is seen after so long.
_FRESH_SECONDS = 2.0
_JUST_NOW_SECONDS = 0.2
# Slack did not give a new token: it is not asked again for so long.
_PAUSE_SECONDS = 60.0

# Who renews a token has so long for it: longer than Slack is waited for. Then whoever needs the token takes it over.
_LEASE = timedelta(seconds=30)
# For so long somebody waits for a token that another process renews, and looks so often whether it is there.
_PATIENCE_SECONDS = 20.0
_LOOK_SECONDS = 0.1

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


class _Elsewhere(SlackUnreachable):
    """Another process renews the token, and has not done so yet."""


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
        self._oauth = oauth
        self._wall = wall
        self._monotonic = monotonic
        self._lock = threading.Lock()
        # One thread of this process renews the token of a workspace; the others wait for it here.
        self._renewing: dict[str, threading.Lock] = {}
        # What Slack gave for a refresh token and the store would not keep: it is given but once.
        self._unkept: dict[str, tuple[str, Renewed]] = {}
        self._known: Mapping[str, Installed] = {}
        self._tokens: dict[str, tuple[str, Tokens]] = {}
        self._read_at: float | None = None
        self._paused: dict[str, float] = {}

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
        if kept is not None and self._ends_soon(kept):
            kept = self._renewed(kept)
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

    def _ends_soon(self, kept: Installed) -> bool:
        return kept.is_here and kept.expires_at is not None and kept.expires_at - self._wall() < RENEWED_BEFORE

    def _renewed(self, kept: Installed) -> Installed | None:
        """The workspace with a new token; with the old one where that is still good and there is none.

        A refresh token is good once: of several processes one claims the renewal and asks, while the others wait for
        it and then find that it is done. While Slack is asked no transaction is open.
        """
        key = kept.key
        with self._renewing.setdefault(key, threading.Lock()):
            is_good = kept.expires_at is not None and kept.expires_at > self._wall()
            if is_good and self._paused.get(key, 0.0) > self._monotonic():
                return kept
            try:
                newest, until = self._claimed(key)
                if newest is not None and until is not None:
                    newest = self._with_new_token(newest, until)
            except (SlackError, StoreError) as error:
                log.warning("Slack: the token of %s could not be renewed: %s", key, error)
                # The old token may have been rotated away if a new one was given, or is just being asked for.
                if key not in self._unkept and not isinstance(error, _Elsewhere):
                    self._paused[key] = self._monotonic() + _PAUSE_SECONDS
                    if is_good:
                        return kept
                if isinstance(error, SlackRefused):
                    raise SlackRefused("token_expired") from error
                raise SlackUnreachable(
                    Because("the token of {workspace} could not be renewed: {why}", workspace=key, why=error.why)
                ) from error
        self._look_again()
        return newest

    def _claimed(self, key: str) -> tuple[Installed | None, datetime | None]:
        """The workspace as it is, and until when the renewal of its token is ours; `None` when there is no need."""
        gives_up = self._monotonic() + _PATIENCE_SECONDS
        while True:
            with workspaces.keeping(self._engine) as db:
                newest = workspaces.locked(db, key)
                if newest is None or not self._ends_soon(newest):
                    return newest, None
                now = self._wall()
                if workspaces.claim_renewal(db, key, until=now + _LEASE, now=now):
                    return newest, now + _LEASE
            if self._monotonic() >= gives_up:
                raise _Elsewhere(Because("another process is renewing it"))
            wait(_LOOK_SECONDS)

    def _with_new_token(self, kept: Installed, until: datetime) -> Installed | None:
        """The workspace as it is once Slack has given a new token, which is kept unless another came before it."""
        key = kept.key
        try:
            refresh = self._tokens_of(kept).refresh
            used, answer = self._unkept.pop(key, ("", None))
            if answer is None or used != refresh:
                answer = self._oauth.renewed(refresh)
            self._unkept[key] = refresh, answer
            with workspaces.keeping(self._engine) as db:
                newest = workspaces.locked(db, key)
                # It may have been installed anew, or removed; or sealed with another key, which changes nothing.
                if newest is not None and newest.is_here and self._tokens_of(newest).refresh == refresh:
                    sealed = self._vault.seal(key, answer.tokens)
                    ends = self._wall() + answer.lasts if answer.lasts is not None else None
                    newest = replace(newest, sealed=sealed, expires_at=ends)
                    workspaces.put(db, newest)
                    log.info("Slack: the token of %s was renewed", key)
            del self._unkept[key]
            return newest
        finally:
            self._give_back(key, until)

    def _give_back(self, key: str, until: datetime) -> None:
        try:
            with workspaces.keeping(self._engine) as db:
                workspaces.end_renewal(db, key, until=until)
        except StoreError as error:
            log.info("Slack: the token of %s can be renewed by others from %s on: %s", key, until, error)

    def _look_again(self) -> None:
        with self._lock:
            self._read_at = None


def ids_of(body: Mapping[str, Any]) -> tuple[str, str, bool]:
    """The organisation and workspace that a payload of Slack's is about, and whether the app is installed in the whole.

    What comes of an event says for whom it was delivered in its first authorization: the event itself may be of another
    workspace, in a channel that both share.
    """
    authorizations = body.get("authorizations")
    first = authorizations[0] if isinstance(authorizations, list) and authorizations else None
    if isinstance(first, dict):
        return _text(first, "enterprise_id"), _text(first, "team_id"), first.get("is_enterprise_install") is True
    whole = str(body.get("is_enterprise_install")).casefold() == "true"
    team = _text(_part(body, "team"), "id") or _text(body, "team_id")
    enterprise = _text(_part(body, "enterprise"), "id") or _text(body, "enterprise_id")
    view = _part(body, "view")
    if not team and not enterprise:
        team = _text(view, "app_installed_team_id") or _text(view, "team_id")
    return enterprise, team, whole


def _part(body: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    part = body.get(name)
    return part if isinstance(part, Mapping) else {}


def _text(body: Mapping[str, Any], name: str) -> str:
    text = body.get(name)
    return text if isinstance(text, str) else ""
