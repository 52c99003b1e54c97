"""Which of several workspaces is something for? Each has a token, a pace and a sender of its own."""

import threading
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Generic, Protocol, TypeVar

import requests

from bot.core.routes import in_workspace
from bot.messages.model import Message
from bot.messages.sending import Act, DeliveryError, Health, Label, Posted, Sender
from bot.slack.codes import delivery_error
from bot.slack.installed import ENDED, NOT_INSTALLED, Installations
from bot.slack.web import Reply, SlackRefused, SlackWeb
from bot.store.engine import StoreError

_NOT_NAMED = "workspace_not_named"
_T = TypeVar("_T")


class WorkspaceWeb(SlackWeb):
    """Calls Slack's Web API for one of several workspaces, with the token that it takes now.

    Args:
        base_url: Such as `https://slack.com/api/`.
        installations: Know the token, and hear when it is of no use any more.
        key: Which workspace.
        session: From `new_session`.
    """

    def __init__(self, base_url: str, installations: Installations, key: str, session: requests.Session) -> None:
        super().__init__(base_url, lambda: f"Bearer {installations.opened(key).token}", session)
        self._installations = installations
        self._key = key

    def ask(self, method: str, **params: Any) -> Reply:
        """As `SlackWeb.ask`; Slack's word that the token is done for ends the installation."""
        opened = self._installations.opened(self._key)
        try:
            return super().ask(method, **params)
        except SlackRefused as refused:
            if refused.code not in ENDED:
                raise
            self._installations.end(
                self._key, f"Slack says {refused.code}", seen=lambda now: now.sealed == opened.of.sealed
            )
            raise SlackRefused(NOT_INSTALLED) from refused


class Each(Generic[_T]):
    """What there is once for each workspace, made when it is first needed.

    Args:
        make: Makes it, by the workspace's key.
    """

    def __init__(self, make: Callable[[str], _T]) -> None:
        self._make = make
        self._lock = threading.Lock()
        self._made: dict[str, _T] = {}

    def of(self, key: str) -> _T:
        """That of the workspace `key`."""
        with self._lock:
            if key not in self._made:
                self._made[key] = self._make(key)
            return self._made[key]

    def made(self) -> Mapping[str, _T]:
        """Those there are, by their keys."""
        with self._lock:
            return dict(self._made)


class OneSender(Sender, Protocol):
    """The sender of one workspace, as several are put together of them."""

    def look(self, channel: str) -> None:
        """See whether the bot could post to `channel`, without posting."""

    def health(self) -> Health:
        """What is known of the connection and of each channel."""


class SlackSenders:
    """Puts messages into the channels of several workspaces; implements `bot.messages.sending.Sender`.

    A channel is named with its workspace, T0123ABCD/#ml-ops; without one it is in the only workspace there is. Where a
    message stands is said in the same way.

    Args:
        installations: Which workspaces there are.
        make: Makes the sender of one of them, by its key.
    """

    def __init__(self, installations: Installations, make: Callable[[str], OneSender]) -> None:
        self._installations = installations
        self._each = Each(make)

    def wait(self, channel: str, act: Act) -> timedelta:
        """For how long Slack would refuse this there; of a place that cannot be found this is told when it is tried."""
        try:
            sender, inside, _ = self._at(channel)
        except DeliveryError:
            return timedelta()
        return sender.wait(inside, act)

    def fits(self, message: Message) -> bool:
        """Whether Slack shows all of it in one message: in the workspace that takes least."""
        return all(sender.fits(message) for sender in self._each.made().values())

    def post(
        self, channel: str, message: Message, label: Label, *, thread: Posted | None = None, aloud: bool = False
    ) -> Posted:
        """Post to `channel`, or into the thread under `thread`."""
        sender, inside, key = self._at(channel, thread)
        under = _inside(thread) if thread else None
        return _outside(key, sender.post(inside, message, label, thread=under, aloud=aloud))

    def replace(self, posted: Posted, message: Message, label: Label) -> Posted:
        """Put `message` in the place of an earlier one."""
        sender, _, key = self._at(posted.channel)
        return _outside(key, sender.replace(_inside(posted), message, label))

    def delete(self, posted: Posted) -> None:
        """Take a message back; no error when it is gone already."""
        sender, _, _ = self._at(posted.channel)
        sender.delete(_inside(posted))

    def find(self, channel: str, label: Label, *, since: datetime, thread: Posted | None = None) -> Posted | None:
        """Look for a delivery in its channel by its metadata.

        Raises:
            NotImplementedError: The bot may not read the channel's history.
        """
        sender, inside, key = self._at(channel, thread)
        found = sender.find(inside, label, since=since, thread=_inside(thread) if thread else None)
        return _outside(key, found) if found is not None else None

    def copies(
        self, channel: str, labels: Collection[Label], *, since: datetime, thread: Posted | None = None
    ) -> Mapping[str, Sequence[Posted]]:
        """Everywhere that these deliveries stand, by their ids.

        Raises:
            NotImplementedError: The bot may not read the channel's history.
        """
        sender, inside, key = self._at(channel, thread)
        found = sender.copies(inside, labels, since=since, thread=_inside(thread) if thread else None)
        return {delivery: [_outside(key, each) for each in places] for delivery, places in found.items()}

    def standing_at(self, posted: Posted) -> str | None:
        """The id of the delivery that stands there now.

        Raises:
            NotImplementedError: The bot may not read the channel's history.
        """
        sender, _, _ = self._at(posted.channel)
        return sender.standing_at(_inside(posted))

    def look(self, channel: str) -> None:
        """See whether the bot could post to `channel`, without posting.

        Raises:
            DeliveryError: It could not; says why.
        """
        sender, inside, _ = self._at(channel)
        sender.look(inside)

    def health(self) -> Health:
        """Of every workspace that has the app; those that had it, and what to do while there is none, are notes."""
        try:
            known = self._installations.known()
        except StoreError as error:
            return Health(connected=False, problems={"workspaces": str(error)})
        problems, notes, connected = dict[str, str](), dict[str, str](), True
        for key, each in known.items():
            if not each.is_here:
                notes[f"{key} ({each.name})"] = f"the app is no longer installed there: {each.ended_why}"
                continue
            found = self._each.of(key).health()
            connected = connected and found.connected
            problems |= {f"{key} {about}": why for about, why in found.problems.items()}
            notes |= {f"{key} {about}": why for about, why in found.notes.items()}
        if not any(each.is_here for each in known.values()):
            notes["workspaces"] = "the app is installed nowhere yet: open /slack/install"
        return Health(connected, problems, notes)

    def _at(self, channel: str, thread: Posted | None = None) -> tuple[OneSender, str, str]:
        """The sender for a channel, what the channel is called there, and the workspace's key.

        Raises:
            DeliveryError: The workspace does not have the app, or it is not clear which one is meant.
        """
        key, inside = in_workspace(channel)
        if not key and thread is not None:
            key, _ = in_workspace(thread.channel)
        try:
            here = self._installations.here()
            if (key or next(iter(here), "")) not in here:
                # What is to end for good is not ended by what was so a moment ago.
                here = self._installations.here(within=0.0)
        except StoreError as error:
            raise DeliveryError(error.why) from error
        if not key and len(here) > 1:
            raise delivery_error(SlackRefused(_NOT_NAMED), channel)
        key = key or next(iter(here), "")
        if key not in here:
            raise delivery_error(SlackRefused(NOT_INSTALLED), channel)
        return self._each.of(key), inside, key


def _inside(posted: Posted) -> Posted:
    return replace(posted, channel=in_workspace(posted.channel)[1])


def _outside(key: str, posted: Posted) -> Posted:
    return replace(posted, channel=f"{key}/{posted.channel}")
