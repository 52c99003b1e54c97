"""When and how is the token of a workspace renewed, so that of several processes one does it, and none is lost?

A token of an app with rotation ends after twelve hours: https://docs.slack.dev/authentication/using-token-rotation
"""

import logging
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import Engine

from bot.clock import wait
from bot.core.because import Because
from bot.slack.oauth import Renewed, SlackOAuth
from bot.slack.vault import Tokens, Vault
from bot.slack.web import SlackError, SlackRefused, SlackUnreachable
from bot.store import workspaces
from bot.store.engine import StoreError
from bot.store.workspaces import Installed

log = logging.getLogger(__name__)

# A token that ends sooner is renewed; until then the old one is good, whatever keeps Slack from giving a new one.
RENEWED_BEFORE = timedelta(hours=2)
# Slack did not give a new token: it is not asked again for so long.
_PAUSE_SECONDS = 60.0
# Who renews a token has so long for it: longer than Slack is waited for. Then whoever needs the token takes it over.
_LEASE = timedelta(seconds=30)
# For so long somebody waits for a token that another process renews, and looks so often whether it is there.
_PATIENCE_SECONDS = 20.0
_LOOK_SECONDS = 0.1


class _Elsewhere(SlackUnreachable):
    """Another process renews the token, and has not done so yet."""


class Renewals:
    """Renews tokens, each once, whoever asks for it.

    Args:
        engine: The store, where the processes see each other's claims.
        vault: Seals the new tokens.
        oauth: Renews them.
        tokens_of: Opens those that a workspace has.
        wall: The real time.
        monotonic: Seconds that never go back.
    """

    def __init__(
        self,
        engine: Engine,
        vault: Vault,
        oauth: SlackOAuth,
        *,
        tokens_of: Callable[[Installed], Tokens],
        wall: Callable[[], datetime],
        monotonic: Callable[[], float],
    ) -> None:
        self._engine = engine
        self._vault = vault
        self._oauth = oauth
        self._tokens_of = tokens_of
        self._wall = wall
        self._monotonic = monotonic
        # One thread of this process renews the token of a workspace; the others wait for it here.
        self._renewing: dict[str, threading.Lock] = {}
        # What Slack gave for a refresh token and the store would not keep: it is given but once.
        self._unkept: dict[str, tuple[str, Renewed]] = {}
        self._paused: dict[str, float] = {}

    def ends_soon(self, kept: Installed) -> bool:
        """Whether the token needs to be renewed."""
        return kept.is_here and kept.expires_at is not None and kept.expires_at - self._wall() < RENEWED_BEFORE

    def renewed(self, kept: Installed) -> Installed | None:
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
        return newest

    def _claimed(self, key: str) -> tuple[Installed | None, datetime | None]:
        """The workspace as it is, and until when the renewal of its token is ours; `None` when there is no need."""
        gives_up = self._monotonic() + _PATIENCE_SECONDS
        while True:
            with workspaces.keeping(self._engine) as db:
                newest = workspaces.locked(db, key)
                if newest is None or not self.ends_soon(newest):
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
