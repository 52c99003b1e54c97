"""What does Slack's word for a refusal mean for a message that must arrive?

A message is given up only when trying again can never help. What people can put right (an invitation, a right, a token)
is not lost: it waits, with a sentence that says what to do. Words that we do not know are taken to pass.
"""

from dataclasses import dataclass
from datetime import timedelta

from bot.core.because import Because
from bot.core.language import N_
from bot.messages.sending import DeliveryError, Needs
from bot.slack.web import SlackRefused


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a refusal means: a sentence, with `{channel}` and `{needed}` filled in, and what to do about the message."""

    sentence: str
    about: str = "channel"  # or "workspace": the same for every channel
    permanent: bool = False
    gone: bool = False
    elsewhere: bool = False  # permanent, and worth telling where it can be told


_NO_LONGER_LETS_US_IN = N_("Slack no longer lets the bot in ({code}): install the app again and set the new bot token")
_NOT_THERE = N_("the message is not there any more")

MEANINGS = {
    "not_in_channel": Meaning(N_("the bot is not in {channel}: invite it there with /invite")),
    "channel_not_found": Meaning(
        N_("there is no channel {channel} that the bot can see: correct the name or invite the bot")
    ),
    "is_archived": Meaning(N_("{channel} is archived: unarchive it, or route its messages elsewhere")),
    "is_inactive": Meaning(N_("{channel} is archived: unarchive it, or route its messages elsewhere")),
    "restricted_action": Meaning(N_("the workspace does not let the bot post in {channel}")),
    "restricted_action_read_only_channel": Meaning(
        N_("only some people may post in {channel}; the bot is not among them")
    ),
    "restricted_action_thread_locked": Meaning(N_("the thread in {channel} is locked")),
    "posting_to_general_channel_denied": Meaning(N_("the workspace does not let the bot post in {channel}")),
    "messages_tab_disabled": Meaning(N_("{channel} cannot write with the bot: switch on the app's Messages tab")),
    "cannot_dm_bot": Meaning(N_("{channel} is a bot; bots cannot be written to")),
    "user_not_found": Meaning(N_("there is no person {channel} in this workspace")),
    "missing_scope": Meaning(
        N_("the bot lacks the right {needed}: add it to the app and install it again"), "workspace"
    ),
    "not_allowed_token_type": Meaning(N_("this is not a bot token: it must begin with xoxb-"), "workspace"),
    "access_denied": Meaning(N_("Slack denies the bot access ({code})"), "workspace"),
    "team_access_not_granted": Meaning(N_("the app is not approved for this workspace"), "workspace"),
    "team_added_to_org": Meaning(
        N_("the workspace is being moved into an organisation; Slack will be back"), "workspace"
    ),
    **{
        code: Meaning(_NO_LONGER_LETS_US_IN, "workspace")
        for code in (
            "token_revoked",
            "invalid_auth",
            "not_authed",
            "account_inactive",
            "token_expired",
            "org_login_required",
        )
    },
    "shared_with_others": Meaning(
        N_(
            "{channel} is shared with another organisation, or it is not known whether it is: nothing is told there "
            "unless access.external names it"
        )
    ),
    "app_not_installed": Meaning(
        N_("the app is not installed in the workspace of {channel}: install it there (/slack/install)"),
        "workspace",
        permanent=True,
        elsewhere=True,
    ),
    "workspace_not_named": Meaning(
        N_(
            "{channel} may be in any of several workspaces: name the one that is meant, such as "
            "slack:T0123ABCD/{channel}"
        ),
        permanent=True,
        elsewhere=True,
    ),
    "token_unreadable": Meaning(
        N_(
            "the token of the workspace of {channel} was kept with another POOL_STATS_SLACK__TOKEN_KEY: put that key "
            "back beside the new one, or install the app again"
        ),
        "workspace",
    ),
    "message_not_found": Meaning(_NOT_THERE, gone=True),
    "thread_not_found": Meaning(_NOT_THERE, gone=True),
    "cant_update_message": Meaning(N_("the message was not written by the bot"), gone=True),
    "edit_window_closed": Meaning(N_("the workspace no longer lets the bot edit the message"), gone=True),
    "cant_delete_message": Meaning(N_("the bot may not delete the message"), permanent=True),
    "compliance_exports_prevent_deletion": Meaning(N_("the workspace keeps every message"), permanent=True),
    "no_text": Meaning(N_("Slack found nothing in the message"), permanent=True),
    "invalid_blocks": Meaning(N_("Slack does not accept the message in any form ({code})"), permanent=True),
    "invalid_blocks_format": Meaning(N_("Slack does not accept the message in any form ({code})"), permanent=True),
    "invalid_attachments": Meaning(N_("Slack does not accept the message in any form ({code})"), permanent=True),
    "msg_too_long": Meaning(N_("Slack finds even the brief form too long"), permanent=True),
    "msg_blocks_too_long": Meaning(N_("Slack finds even the brief form too long"), permanent=True),
    "metadata_too_large": Meaning(N_("Slack does not accept the label of the message ({code})"), permanent=True),
    "invalid_metadata_format": Meaning(N_("Slack does not accept the label of the message ({code})"), permanent=True),
    "invalid_metadata_schema": Meaning(N_("Slack does not accept the label of the message ({code})"), permanent=True),
}

_UNKNOWN = Meaning(N_("Slack refused the message for {channel} ({code})"))

# What only a person can put right is not worth asking for every few seconds.
PEOPLE_TAKE = timedelta(seconds=15)


def meaning(refused: SlackRefused) -> Meaning:
    """What the refusal means."""
    return MEANINGS.get(refused.code, _UNKNOWN)


def sentence(refused: SlackRefused, channel: str) -> Because:
    """The refusal, for people."""
    needed = refused.needed or Because("it needs")
    return Because(meaning(refused).sentence, channel=channel, needed=needed, code=refused.code)


def delivery_error(refused: SlackRefused, channel: str) -> DeliveryError:
    """The refusal, for the outbox."""
    found = meaning(refused)
    can_wait = refused.code in MEANINGS and not (found.permanent or found.gone)
    return DeliveryError(
        sentence(refused, channel),
        permanent=found.permanent,
        retry_after=PEOPLE_TAKE if can_wait else None,
        gone=found.gone,
        needs=Needs(found.about) if can_wait or found.elsewhere else None,
    )
