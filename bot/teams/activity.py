"""What is sent to Teams: a message as the activity that carries its card."""

from typing import Any

from bot.messages.model import Message
from bot.messages.sending import Label
from bot.teams.cards import card
from bot.teams.forms import CARD
from bot.teams.plain import clean

Json = dict[str, Any]

_LONGEST_SUMMARY = 500


def activity(message: Message, *, private: bool = False, label: Label | None = None) -> Json:
    """The message as an activity; `label` goes along unseen, and tells what is repeated by the alert's id."""
    said: Json = {
        "type": "message",
        # What a notification shows.
        "summary": clean(message.summary or message.title, _LONGEST_SUMMARY),
        "attachments": [{"contentType": CARD, "content": card(message, private=private)}],
    }
    if label is None:
        return said
    return said | {"channelData": {"poolStats": {"deliveryId": label.delivery_id, "alertId": label.alert_id}}}


def brief(message: Message) -> Message:
    """The message in a title and a sentence, for where more is too much."""
    return Message(message.title, message.summary, message.tone, buttons=message.buttons)
