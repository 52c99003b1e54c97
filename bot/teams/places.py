"""Which conversation is it that people call Team/Channel, and what is known of it?

Teams has no list of the conversations that a bot is in: what it tells when the app is installed, and with every
message, is kept.
"""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import replace

from sqlalchemy import Engine

from bot.clock import Clock
from bot.core.because import Because
from bot.core.persons import IN_TEAMS
from bot.messages.sending import DeliveryError, Needs
from bot.store import conversations
from bot.store.conversations import CHANNEL, Conversation
from bot.store.engine import reading, writing
from bot.teams.activities import PERSONAL, Moved, Spot
from bot.teams.asking import TeamsError
from bot.teams.codes import PEOPLE_TAKE
from bot.teams.connector import Connector

log = logging.getLogger(__name__)

# Another process may have learnt of more.
_KNOWN_FOR_SECONDS = 10.0
_LISTED_AGAIN_SECONDS = 60.0
_GONE = frozenset({"teamDeleted", "teamHardDeleted", "teamArchived"})
_BACK = frozenset({"teamRestored", "teamUnarchived"})
_CHANNELS = frozenset({"channelCreated", "channelRenamed", "channelRestored", "channelMemberAdded"})


class Places:
    """The conversations that are known, and how routes call them.

    Args:
        engine: The store.
        connector: Tells of a team's channels.
        clock: The time.
        monotonic: Seconds that never go back.
    """

    def __init__(
        self, engine: Engine, connector: Connector, clock: Clock, *, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._engine = engine
        self._connector = connector
        self._clock = clock
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._known: dict[str, Conversation] = {}
        self._read_at: float | None = None
        self._listed: dict[str, float] = {}
        self._renames: set[str] = set()

    def known(self, channel: str) -> Conversation | None:
        """The conversation, as far as it is known without asking anybody."""
        found = _match(self._known, channel)
        return None if found is None or found.left else found

    def find(self, channel: str) -> Conversation:
        """The conversation that a route calls `channel`: Team/Channel, an id, or a person's id.

        Raises:
            DeliveryError: There is none that the bot is in.
            TeamsError: A chat with that person cannot be had.
            StoreError: The database cannot be read.
        """
        found = _match(self._all(), channel)
        if found is None and self._ask_for_names(channel):
            found = _match(self._all(anew=True), channel)
        if found is None and IN_TEAMS.fullmatch(channel.strip()):
            found = self._chat_with(channel.strip())
        if found is None:
            found = self._renamed(channel)
        if found is None:
            why = Because(
                "there is no {channel} that the bot is in: add the app to that team, or correct the name",
                channel=channel,
            )
            raise DeliveryError(why, retry_after=PEOPLE_TAKE, needs=Needs.CHANNEL)
        if found.left:
            why = Because("the bot is not in {channel} any more: add the app there again", channel=channel)
            raise DeliveryError(why, retry_after=PEOPLE_TAKE, needs=Needs.CHANNEL)
        return found

    def heard(self, spot: Spot, user: str) -> None:
        """Somebody spoke to the bot there, so it is in that conversation."""
        is_personal = spot.kind == PERSONAL
        seen = Conversation(
            spot.channel, spot.kind, spot.tenant, spot.service_url, spot.name, *spot.team, user if is_personal else ""
        )
        known = self._known.get(seen.id)
        if known is not None and not known.left and known == _filled(seen, known):
            return
        self._keep(seen)

    def moved(self, moved: Moved, user: str) -> None:
        """The app was installed or removed, or a team or channel changed."""
        spot, (team, team_name), (channel, name) = moved.spot, moved.spot.team, moved.channel
        now = self._clock.wall()
        with writing(self._engine) as db:
            if moved.left or moved.event in _GONE:
                conversations.leave(db, team or spot.channel, now=now)
            elif moved.event == "channelDeleted":
                conversations.leave(db, channel, now=now)
            elif moved.event in _CHANNELS and channel:
                facts = (spot.tenant, spot.service_url, name, team, team_name)
                conversations.keep(db, Conversation(channel, CHANNEL, *facts), now=now)
            elif moved.came or moved.event in _BACK:
                conversations.back(db, team)
            if team and team_name:
                conversations.call_team(db, team, team_name)
        self._all(anew=True)
        if moved.came:
            self.heard(spot, user)
            if team and team != spot.channel:
                facts = (spot.tenant, spot.service_url, "", team, team_name)
                self._keep(Conversation(team, CHANNEL, *facts))

    def _keep(self, seen: Conversation) -> None:
        with writing(self._engine) as db:
            conversations.keep(db, seen, now=self._clock.wall())
        self._all(anew=True)

    def _all(self, *, anew: bool = False) -> dict[str, Conversation]:
        with self._lock:
            now = self._monotonic()
            if anew or self._read_at is None or now - self._read_at >= _KNOWN_FOR_SECONDS:
                with reading(self._engine) as db:
                    self._known = {each.id: each for each in conversations.all_of(db)}
                self._read_at = now
            return self._known

    def _renamed(self, channel: str) -> Conversation | None:
        """The conversation that went by this name when it was last written to: a new name shall silence no route."""
        with reading(self._engine) as db:
            found = conversations.told_as(db, channel)
        if found is None or found.left:
            return None
        if channel not in self._renames:
            self._renames.add(channel)
            log.warning("%s is called %s by now: correct the name in the configuration", channel, found.called)
        return found

    def _chat_with(self, person: str) -> Conversation | None:
        """The chat with somebody who has the app and has never written to the bot, so far as this database knows."""
        near = next(iter(self._all().values()), None)
        if near is None:
            return None
        chat = self._connector.chat(near.service_url, near.tenant, person)
        made = Conversation(chat, PERSONAL, near.tenant, near.service_url, user_id=person)
        self._keep(made)
        return made

    def _ask_for_names(self, channel: str) -> bool:
        """Ask Teams for the channels of the teams that may be meant, and keep them; whether there were any."""
        folded, learnt = channel.strip().casefold(), False
        teams = {each.team_id: each for each in self._all().values() if each.team_id and not each.left}
        for team_id, known in teams.items():
            now = self._monotonic()
            is_meant = not known.team_name or folded.startswith(known.team_name.casefold())
            if not is_meant or now - self._listed.get(team_id, -_LISTED_AGAIN_SECONDS) < _LISTED_AGAIN_SECONDS:
                continue
            self._listed[team_id] = now
            try:
                name = known.team_name or self._connector.team_name(known.service_url, team_id)
                listed = self._connector.channels(known.service_url, team_id)
            except TeamsError as error:
                log.info("the channels of a team cannot be asked for: %s", error)
                # That was no list, so the next message that looks for a channel there asks again.
                del self._listed[team_id]
                continue
            for channel_id, called in listed.items():
                made = replace(known, id=channel_id, name=called, team_name=name, kind=CHANNEL, user_id="", left=False)
                self._keep(made)
                learnt = True
        return learnt


def _filled(seen: Conversation, known: Conversation) -> Conversation:
    return replace(
        seen,
        name=seen.name or known.name,
        team_id=seen.team_id or known.team_id,
        team_name=seen.team_name or known.team_name,
        user_id=seen.user_id or known.user_id,
    )


def _match(known: dict[str, Conversation], channel: str) -> Conversation | None:
    """The conversation of that id, person or name; of several of a name one that the bot is in."""
    name = channel.strip()
    found = known.get(name.partition(";")[0])
    if found is not None:
        return found
    folded = name.casefold()
    same = [each for each in known.values() if folded in {each.user_id.casefold(), each.called.casefold()}]
    return min(same, key=lambda each: each.left, default=None)
