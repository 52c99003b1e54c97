"""Examples of what is said when many alerts come at once, and of what cannot be told as it should be."""

from collections.abc import Mapping, Sequence

from bot.core.because import Because
from bot.messages.delivery import lost, possible_repeat, told_instead, undelivered
from bot.messages.model import Message
from bot.messages.summary import entries_together, rest_of_summary, summary_message

_WHY = Because("the bot is not in {channel}: invite it there with /invite", channel="#ml-oncall")
_NEVER = Because("Slack does not accept the message in any form")


def delivery_examples(
    told: Sequence[Message], over: Message, entry: Message, hostile: Message
) -> Mapping[str, Message]:
    """One of each, made of alerts' own messages."""
    many = [told[number % len(told)] for number in range(32)]
    (rest,) = rest_of_summary(many)
    return {
        "summary": summary_message([*told, over, *told, *told]),
        "summary-many": summary_message(many),
        "summary-resolved": summary_message([over] * 9),
        "summary-hostile": summary_message([hostile] * 9),
        "entry-summary-rest": rest,
        "entry-summary-several": entries_together(entry, entry) or entry,
        "delivery-possible-repeat": possible_repeat(told[0]),
        "delivery-told-instead": told_instead(told[0], "slack:#ml-oncall", _WHY),
        "delivery-undelivered": undelivered("slack:#ml-oncall", _WHY),
        "delivery-lost": lost("slack:#ml-oncall", told[0].title, _NEVER),
        "delivery-hostile": undelivered("slack:#<!channel>\u202e*x*", "<!here> `no`"),
    }
