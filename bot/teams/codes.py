"""What does Teams' refusal mean for a message that must arrive?

A message is given up only when trying again can never help. What people can put right is not lost: it waits, with a
sentence that says what to do. Words that we do not know are taken to pass.
https://learn.microsoft.com/en-us/microsoftteams/platform/bots/build-conversational-capability#status-codes
"""

from dataclasses import dataclass
from datetime import timedelta

from bot.core.because import Because
from bot.core.language import N_
from bot.messages.sending import DeliveryError, Needs
from bot.teams.asking import TeamsRefused

# What only a person can put right is not worth asking for every few seconds.
PEOPLE_TAKE = timedelta(seconds=15)


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a refusal means: a sentence, with `{channel}` filled in, and what to do about the message."""

    sentence: str
    about: Needs | None = Needs.CHANNEL
    permanent: bool = False
    gone: bool = False


NOT_THERE = Meaning(N_("the message is not there any more"), None, gone=True)
_LOGIN = N_("Teams does not let the bot in ({code}): check CLIENT_ID, CLIENT_SECRET and TENANT_ID")

MEANINGS = {
    "BotNotInConversationRoster": Meaning(N_("the bot is not in {channel}: add the app to that team or chat")),
    "ForbiddenOperationException": Meaning(N_("the app is not installed for {channel}: add it there")),
    "NotEnoughPermissions": Meaning(N_("the bot may not write in {channel}")),
    "ConversationBlockedByUser": Meaning(N_("{channel} has blocked the bot; it is told again once they write to it")),
    "BotDisabledByAdmin": Meaning(N_("an administrator has switched the bot off in {channel}")),
    "ConversationNotFound": Meaning(N_("there is no conversation {channel} that the bot can see: correct the name")),
    "ActivityNotFoundInConversation": NOT_THERE,
    "MessageSizeTooBig": Meaning(N_("Teams finds even the brief form too long"), None, permanent=True),
    "BadArgument": Meaning(N_("Teams does not accept the message in any form ({code})"), None, permanent=True),
    "BadSyntax": Meaning(N_("Teams does not accept the message in any form ({code})"), None, permanent=True),
    "InvalidCredentials": Meaning(_LOGIN, Needs.WORKSPACE),
    "BotNotRegistered": Meaning(_LOGIN, Needs.WORKSPACE),
}
_BY_STATUS = {
    400: MEANINGS["BadSyntax"],
    401: MEANINGS["InvalidCredentials"],
    403: MEANINGS["NotEnoughPermissions"],
    404: MEANINGS["ConversationNotFound"],
    413: MEANINGS["MessageSizeTooBig"],
}
_UNKNOWN = Meaning(N_("Teams refused the message for {channel} ({code})"), None)


def meaning(refused: TeamsRefused) -> Meaning:
    """What the refusal means."""
    return MEANINGS.get(refused.code) or _BY_STATUS.get(refused.status, _UNKNOWN)


def delivery_error(refused: TeamsRefused, channel: str) -> DeliveryError:
    """The refusal, for the outbox."""
    found = meaning(refused)
    return DeliveryError(
        Because(found.sentence, channel=channel, code=refused.code or refused.status),
        permanent=found.permanent,
        retry_after=PEOPLE_TAKE if found.about else None,
        gone=found.gone,
        needs=found.about,
    )
