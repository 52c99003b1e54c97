"""How does a message reach a conversation of Teams, and what holds when nobody knows whether it did?

Teams lets a bot read nothing back. So a message is told at least once: after an unclear outcome it is told again, as a
possible repeat, with the same alert behind its buttons; and wherever it is known where a message stands it is updated
there, which does no harm when it is done twice.
"""

# The Protocol hands over what only platforms need that can be read back.
# ruff: noqa: ARG002

import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from typing import NoReturn, TypeVar

from bot.messages.model import Message
from bot.messages.sending import Act, DeliveryError, Health, Label, Posted, Unclear
from bot.store.conversations import CHANNEL, Conversation
from bot.teams.activity import activity, brief
from bot.teams.asking import TeamsError, TeamsLimited, TeamsRefused, TeamsUnclear, TeamsUnreachable
from bot.teams.cards import is_whole
from bot.teams.codes import MEANINGS, delivery_error, meaning
from bot.teams.connector import Connector, There
from bot.teams.pace import TooFast
from bot.teams.places import Places
from bot.teams.standing import Standing

_TOO_LONG = 413
_T = TypeVar("_T")


class TeamsSender:
    """Puts messages into the conversations of a tenant; implements `bot.messages.sending.Sender`.

    Args:
        connector: Calls Teams.
        places: Knows the conversations.
        standing: Remembers where it does not work; shared with who hears people speak.
        monotonic: Seconds that never go back.
    """

    def __init__(
        self,
        connector: Connector,
        places: Places,
        standing: Standing,
        *,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._connector = connector
        self._places = places
        self._standing = standing
        self._monotonic = monotonic

    def wait(self, channel: str, act: Act) -> timedelta:
        """For how long Teams would refuse this there, as far as is known without asking it."""
        known = self._places.known(channel)
        if act is Act.READ or known is None:
            return timedelta(seconds=self._standing.left(channel))
        missing = self._connector.pace.missing(known.id, known.tenant)
        return timedelta(seconds=max(missing, self._standing.left(channel, known.id)))

    def fits(self, message: Message) -> bool:
        """Whether a card shows all of it."""
        return is_whole(message)

    def post(
        self, channel: str, message: Message, label: Label, *, thread: Posted | None = None, aloud: bool = False
    ) -> Posted:
        """Post to `channel`, or under `thread`.

        What is said `aloud` needs nothing more: an answer in a thread brings the thread to the end of its channel.
        """
        with self._told(channel):
            found = self._places.find(thread.channel if thread else channel)
        there = There(found.service_url, _under(found, thread), found.tenant)
        with self._told(channel, found.id):
            stands = _shorter_if_too_long(
                message, lambda said: self._connector.post(there, _reply(activity(said, label=label), found, thread))
            )
        return Posted(found.id, stands)

    def replace(self, posted: Posted, message: Message, label: Label) -> Posted:
        """Put `message` in the place of an earlier one."""
        with self._told(posted.channel):
            found = self._places.find(posted.channel)
        there = There(found.service_url, found.id, found.tenant)
        with self._told(posted.channel, found.id, of_message=True):
            _shorter_if_too_long(
                message, lambda said: self._connector.update(there, posted.message, activity(said, label=label))
            )
        return posted

    def delete(self, posted: Posted) -> None:
        """Take a message back; no error when it is gone already."""
        with self._told(posted.channel):
            found = self._places.find(posted.channel)
        with self._told(posted.channel, found.id):
            try:
                self._connector.delete(There(found.service_url, found.id, found.tenant), posted.message)
            except TeamsRefused as refused:
                if refused.status != 404:
                    raise

    def find(self, channel: str, label: Label, *, since: datetime, thread: Posted | None = None) -> Posted | None:
        """Teams lets no bot read a conversation back."""
        _not_readable()

    def copies(
        self, channel: str, labels: Collection[Label], *, since: datetime, thread: Posted | None = None
    ) -> Mapping[str, Sequence[Posted]]:
        """Teams lets no bot read a conversation back."""
        _not_readable()

    def standing_at(self, posted: Posted) -> str | None:
        """Teams lets no bot read a conversation back."""
        _not_readable()

    def check(self) -> Health:
        """Get a token, which shows whether Teams lets us in; never raises."""
        with suppress(DeliveryError, Unclear):  # it is among the problems then
            self.prove()
        return self._standing.health()

    def prove(self) -> None:
        """Get a token.

        Raises:
            DeliveryError: There is none; says why.
        """
        with self._told("tenant"):
            self._connector.prove()

    def look(self, channel: str) -> None:
        """See whether the bot could post to `channel`, without posting.

        Raises:
            DeliveryError: It could not; says why.
        """
        with self._told(channel):
            found = self._places.find(channel)
        with self._told(channel, found.id):
            self._connector.look(There(found.service_url, found.id, found.tenant))

    def health(self) -> Health:
        """What is known of the tenant and of each channel; the token is looked after when it is due."""
        # What was wrong with the whole tenant is looked at again, though nothing may be waiting to be sent.
        return self._standing.health() if self._standing.left() > 0 else self.check()

    @contextmanager
    def _told(self, channel: str, conversation: str = "", *, of_message: bool = False) -> Iterator[None]:
        """Turn Teams' answer into the outbox's words, and remember what is wrong with the channel."""
        try:
            yield
        except DeliveryError as error:
            self._standing.refused(channel, error)
            raise
        except TooFast as error:
            raise DeliveryError(error.why, retry_after=error.retry_after) from error
        except TeamsLimited as limited:
            raise DeliveryError(limited.why, retry_after=limited.retry_after) from limited
        except TeamsRefused as refused:
            if of_message and refused.status == 404 and meaning(refused) is not MEANINGS["ConversationNotFound"]:
                raise DeliveryError(refused.why, gone=True) from refused
            told = delivery_error(refused, channel)
            self._standing.refused(conversation or channel, told)
            raise told from refused
        except TeamsUnreachable as error:
            self._standing.failed(str(error))
            raise DeliveryError(error.why) from error
        except TeamsUnclear as error:
            self._standing.failed(str(error))
            raise Unclear(error.why) from error
        except TeamsError as error:
            raise DeliveryError(error.why) from error
        else:
            if conversation or channel == "tenant":
                self._standing.worked(channel, conversation)


def _under(found: Conversation, thread: Posted | None) -> str:
    """Threads are there in channels alone; elsewhere an answer names what it answers."""
    return f"{found.id};messageid={thread.message}" if thread and found.kind == CHANNEL else found.id


def _reply(said: dict[str, object], found: Conversation, thread: Posted | None) -> dict[str, object]:
    return said | {"replyToId": thread.message} if thread and found.kind != CHANNEL else said


def _shorter_if_too_long(message: Message, put: Callable[[Message], _T]) -> _T:
    """A card that is too long for Teams after all was not taken, so a brief one may follow at once."""
    try:
        return put(message)
    except TeamsRefused as refused:
        if refused.status != _TOO_LONG:
            raise
    return put(brief(message))


def _not_readable() -> NoReturn:
    raise NotImplementedError("Teams lets no bot read a conversation back")
