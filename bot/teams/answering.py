"""How does an answer get back to the one who asked in Teams?

What in Slack only one person sees is a targeted message in channels and group chats: it is theirs alone and gone after
a day. Where Teams does not take one (a tenant without them), it is an answer for all under what was pressed. In a
personal chat nobody else is there.
"""

import logging
from dataclasses import replace

from bot.messages.model import Message, Verb
from bot.teams.activities import PERSONAL, Spot
from bot.teams.activity import Json, activity, brief
from bot.teams.asking import TeamsError, TeamsRefused
from bot.teams.cards import card
from bot.teams.connector import Connector, There, insistently
from bot.teams.handing import without_file

log = logging.getLogger(__name__)

_LONGEST_TOAST = 300


class Answers:
    """Sends answers; a failure is logged once, for nobody can be told of it.

    Args:
        connector: Calls Teams.
    """

    def __init__(self, connector: Connector) -> None:
        self._connector = connector

    def privately(self, spot: Spot, message: Message) -> None:
        """For the one who asked alone, as far as Teams can."""
        message = without_file(message)
        if spot.kind == PERSONAL:
            self._post(spot, for_all(message), private=True)
            return
        person = {name: spot.person[name] for name in ("id", "name", "aadObjectId") if name in spot.person}
        said = activity(message, private=True)
        try:
            insistently(lambda patience: self._connector.post(_there(spot), said, to=person, patience=patience))
        except TeamsRefused as refused:
            log.info("Teams takes no targeted message there, so the answer is for all: %s", refused)
            self.for_all(spot, message)
        except TeamsError as error:
            log.warning("an answer did not reach %s: %s", spot.channel, error)

    def for_all(self, spot: Spot, message: Message) -> None:
        """For everybody there, in the thread where it was asked."""
        self._post(spot, for_all(without_file(message)), private=False)

    def in_place(self, spot: Spot, message: Message, *, private: bool) -> None:
        """In the place of the message that was pressed, for all who see it."""
        said = activity(without_file(message), private=private)
        alone = private and spot.kind != PERSONAL
        try:
            insistently(
                lambda patience: self._connector.update(
                    _there(spot), spot.message, said, patience=patience, alone=alone
                )
            )
        except TeamsError as error:
            log.info("what was pressed in %s could not be changed: %s", spot.channel, error)

    def _post(self, spot: Spot, message: Message, *, private: bool) -> None:
        try:
            self._put(spot, activity(message, private=private))
        except TeamsRefused as refused:
            if refused.status != 413:
                log.warning("an answer did not reach %s: %s", spot.channel, refused)
                return
            self._post_brief(spot, message, private=private)
        except TeamsError as error:
            log.warning("an answer did not reach %s: %s", spot.channel, error)

    def _post_brief(self, spot: Spot, message: Message, *, private: bool) -> None:
        try:
            self._put(spot, activity(brief(message), private=private))
        except TeamsError as error:
            log.warning("an answer did not reach %s: %s", spot.channel, error)

    def _put(self, spot: Spot, said: Json) -> None:
        insistently(lambda patience: self._connector.post(_there(spot), said, patience=patience))


def for_all(message: Message) -> Message:
    """The message as it stands before everybody: there is nobody left to share it with."""
    return replace(message, buttons=tuple(button for button in message.buttons if button.verb is not Verb.SHARE))


def redrawn(message: Message, *, private: bool) -> Json:
    """The answer to a press that puts another card into the place of the pressed one."""
    return {
        "statusCode": 200,
        "type": "application/vnd.microsoft.card.adaptive",
        "value": card(without_file(message), private=private),
    }


def toast(message: Message | None) -> Json:
    """The answer to a press that says a sentence and leaves the card as it is."""
    said = message.summary if message is not None else "OK"
    return {
        "statusCode": 200,
        "type": "application/vnd.microsoft.activity.message",
        "value": said if len(said) <= _LONGEST_TOAST else f"{said[: _LONGEST_TOAST - 1]}…",
    }


def _there(spot: Spot) -> There:
    return There(spot.service_url, spot.conversation, spot.tenant)
