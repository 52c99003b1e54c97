"""What does a call of Slack mean for the message it was about, and for the next ones?"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

from bot.core.because import Because
from bot.messages.sending import Act, DeliveryError, Unclear
from bot.slack.blocked import Blocked
from bot.slack.channels import Channels
from bot.slack.codes import delivery_error
from bot.slack.pace import Pace
from bot.slack.standing import Standing
from bot.slack.web import SlackLimited, SlackRefused, SlackUnclear, SlackUnreachable, SlackWeb

_METHODS = {
    Act.POST: ("chat.postMessage",),
    Act.EDIT: ("chat.update",),
    # Which of them is not known before.
    Act.READ: ("conversations.history", "conversations.replies"),
}


class Calls:
    """What is learnt from every call: who may do what where, how fast, and what is better not tried now.

    Args:
        web: The workspace's Web API.
        pace: How fast it takes calls.
        monotonic: Seconds that never go back.
    """

    def __init__(self, web: SlackWeb, pace: Pace, *, monotonic: Callable[[], float]) -> None:
        self.web = web
        self.standing = Standing(web, monotonic=monotonic)
        self._channels = Channels(web, monotonic=monotonic)
        self._pace = pace
        self._blocked = Blocked(monotonic)

    def wait(self, channel: str, act: Act) -> timedelta:
        """For how long Slack would refuse this there, as far as is known without asking it."""
        place = self._channels.known(channel)
        waits = [self._pace.wait(method, place) for method in _METHODS[act]]
        return timedelta(seconds=max(*waits, self._blocked.left(place)))

    def id_of(self, channel: str) -> str:
        """The channel's id, asked for before anything is posted: whatever goes wrong, nothing was."""
        remembered = self._channels.remembered(channel)
        if remembered is not None:
            # Slack is not asked, so this takes no part in the pace of asking.
            return remembered
        with self.told(channel, "conversations.list", only_reads=True):
            found = self._channels.id_of(channel)
            if found is None:
                raise SlackRefused("channel_not_found")
            return found

    @contextmanager
    def told(self, channel: str, method: str, *, place: str | None = None, only_reads: bool = False) -> Iterator[None]:
        """Turn Slack's answer into the outbox's words, and remember what is wrong with the channel.

        Slack takes so many calls of a method (for posts: in a channel); what would be too many is not made.
        """
        place = place or ""
        if (left := self._pace.take(method, place)) > 0:
            raise DeliveryError(Because("Slack takes no more for the moment"), retry_after=timedelta(seconds=left))
        try:
            yield
        except SlackRefused as refused:
            if refused.code == "channel_not_found":
                self._channels.forget(channel)
            self.standing.refused(channel, refused)
            error = delivery_error(refused, channel)
            self._blocked.refused(self._channels.known(channel), error)
            raise error from refused
        except SlackLimited as limited:
            self._pace.limited(method, place, limited.retry_after.total_seconds())
            raise DeliveryError(limited.why, retry_after=limited.retry_after) from limited
        except SlackUnreachable as error:
            self.standing.unreachable(str(error))
            self._blocked.failed()
            raise DeliveryError(error.why) from error
        except SlackUnclear as error:
            self._blocked.failed()
            if only_reads:
                raise DeliveryError(error.why) from error
            raise Unclear(error.why) from error
        else:
            # That it can be read does not say that it takes what is posted.
            if not only_reads:
                self._blocked.worked(self._channels.known(channel))
                self.standing.worked(channel)
        finally:
            self._pace.answered(method, place)
