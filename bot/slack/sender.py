"""How does a message reach a Slack channel, exactly once as far as Slack lets us know?"""

import logging
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from bot.messages.model import Message
from bot.messages.sending import Act, DeliveryError, Health, Label, Posted, Unclear
from bot.slack.blocked import Blocked
from bot.slack.blocks import is_whole, payload
from bot.slack.channels import Channels
from bot.slack.codes import delivery_error, meaning, sentence
from bot.slack.drawing import Drawings
from bot.slack.pace import Pace
from bot.slack.standing import Standing
from bot.slack.web import SlackLimited, SlackRefused, SlackUnclear, SlackUnreachable, SlackWeb

log = logging.getLogger(__name__)

EVENT_TYPE = "pool_stats_delivery"

# https://docs.slack.dev/reference/methods/conversations.history: fewer a page for some apps, so several pages.
_PAGE = 100
_MOST_PAGES = 100
_METHODS = {
    Act.POST: ("chat.postMessage",),
    Act.EDIT: ("chat.update",),
    # Which of them is not known before.
    Act.READ: ("conversations.history", "conversations.replies"),
}
# Names are not made links of, and links are not unfolded.
_AS_WRITTEN = {"parse": "none", "link_names": False}
_NOT_UNFOLDED = {"unfurl_links": False, "unfurl_media": False}


class SlackSender:
    """Puts messages into the channels of one workspace; implements `bot.messages.sending.Sender`.

    Args:
        web: The workspace's Web API.
        drawings: What the workspace takes; shared with the answers to commands.
        pace: How fast it takes it.
        monotonic: Seconds that never go back.
    """

    def __init__(
        self,
        web: SlackWeb,
        drawings: Drawings | None = None,
        *,
        pace: Pace | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._web = web
        self._drawings = drawings or Drawings(monotonic=monotonic)
        self._channels = Channels(web, monotonic=monotonic)
        self._standing = Standing(web, monotonic=monotonic)
        self._pace = pace or Pace(monotonic=monotonic)
        self._blocked = Blocked(monotonic)

    def wait(self, channel: str, act: Act) -> timedelta:
        """For how long Slack would refuse this there, as far as is known without asking it."""
        place = self._channels.known(channel)
        waits = [self._pace.wait(method, place) for method in _METHODS[act]]
        return timedelta(seconds=max(*waits, self._blocked.left(place)))

    def fits(self, message: Message) -> bool:
        """Whether Slack shows all of it in one message."""
        return is_whole(payload(message, native=self._drawings.is_native))

    def post(
        self, channel: str, message: Message, label: Label, *, thread: Posted | None = None, aloud: bool = False
    ) -> Posted:
        """Post to `channel`, or into the thread under `thread`, `aloud` for the channel to see it too."""
        found = thread.channel if thread else self._id(channel)

        def put(drawn: dict[str, Any]) -> Posted:
            answer = self._web.call(
                "chat.postMessage",
                channel=found,
                metadata=_metadata(label),
                thread_ts=thread.message if thread else None,
                reply_broadcast=True if thread and aloud else None,
                mrkdwn=False,
                **drawn,
                **_AS_WRITTEN,
                **_NOT_UNFOLDED,
            )
            return _posted(answer, found)

        with self._told(channel, "chat.postMessage", place=found):
            return self._drawings.send(message, put)

    def replace(self, posted: Posted, message: Message, label: Label) -> Posted:
        """Put `message` in the place of an earlier one; its metadata becomes that of `label`."""

        def put(drawn: dict[str, Any]) -> Posted:
            answer = self._web.call(
                "chat.update",
                channel=posted.channel,
                ts=posted.message,
                metadata=_metadata(label),
                # What an update does not name stays as it was.
                **({"blocks": [], "attachments": []} | drawn),
                **_AS_WRITTEN,
            )
            return _posted(answer, posted.channel)

        with self._told(posted.channel, "chat.update"):
            return self._drawings.send(message, put)

    def delete(self, posted: Posted) -> None:
        """Take a message back; no error when it is gone already."""
        with self._told(posted.channel, "chat.delete"):
            try:
                self._web.call("chat.delete", channel=posted.channel, ts=posted.message)
            except SlackRefused as refused:
                if not meaning(refused).gone:
                    raise

    def find(self, channel: str, label: Label, *, since: datetime, thread: Posted | None = None) -> Posted | None:
        """Look for a delivery in its channel by its metadata, as far as it came since, newest first.

        Raises:
            NotImplementedError: The bot may not read the channel's history.
        """
        with self._read_back(channel, thread, since) as entries:
            newest: Posted | None = None
            for posted, delivery_id in entries:
                if delivery_id == label.delivery_id:
                    newest = posted
                    # Replies come oldest first, so there the last one found is the newest.
                    if thread is None:
                        break
            return newest

    def copies(
        self, channel: str, labels: Collection[Label], *, since: datetime, thread: Posted | None = None
    ) -> Mapping[str, Sequence[Posted]]:
        """Everywhere that these deliveries stand, as far as they came since, by their ids.

        Raises:
            NotImplementedError: The bot may not read the channel's history.
        """
        found: dict[str, list[Posted]] = {label.delivery_id: [] for label in labels}
        with self._read_back(channel, thread, since) as entries:
            for posted, delivery_id in entries:
                if delivery_id in found:
                    found[delivery_id].append(posted)
        return found

    def check(self) -> Health:
        """Ask Slack now who we are and what we may do; never raises."""
        self._standing.check()
        return self._standing.health()

    def look(self, channel: str) -> None:
        """See whether the bot could post to `channel`, without posting.

        Raises:
            DeliveryError: It could not; says why.
        """
        found = self._id(channel)
        if found[0] not in "CG":
            return
        with self._told(channel, "conversations.info", only_reads=True):
            known = self._web.call("conversations.info", channel=found).get("channel")
            facts = known if isinstance(known, dict) else {}
            if facts.get("is_archived"):
                raise SlackRefused("is_archived")
            if facts.get("is_member") is False:
                raise SlackRefused("not_in_channel")

    def health(self) -> Health:
        """What is known of the connection and of each channel, asked anew where the last answer is old."""
        self._standing.check_if_old()
        return self._standing.health()

    @contextmanager
    def _read_back(
        self, channel: str, thread: Posted | None, since: datetime
    ) -> Iterator[Iterator[tuple[Posted, str]]]:
        """Each of our deliveries that stands in the channel (newest first) or thread (oldest first), with its id."""
        found = thread.channel if thread else self._conversation(channel)
        method = "conversations.replies" if thread else "conversations.history"
        with self._told(channel, method, only_reads=True):
            try:
                yield self._deliveries(method, found, thread, since)
            except SlackRefused as refused:
                if refused.code in {"missing_scope", "not_allowed_token_type"}:
                    raise NotImplementedError(sentence(refused, channel)) from refused
                raise

    def _deliveries(
        self, method: str, channel: str, thread: Posted | None, since: datetime
    ) -> Iterator[tuple[Posted, str]]:
        cursor = ""
        for _ in range(_MOST_PAGES):
            page = self._web.call(
                method,
                channel=channel,
                ts=thread.message if thread else None,
                oldest=f"{since.timestamp():.6f}",
                limit=_PAGE,
                cursor=cursor or None,
                include_all_metadata=True,
            )
            for entry in page.get("messages") or ():
                delivery_id = self._delivery_of(entry)
                if delivery_id is not None:
                    yield Posted(channel, str(entry["ts"])), delivery_id
            cursor = str((page.get("response_metadata") or {}).get("next_cursor") or "")
            if not cursor:
                return
        # What was not seen may well be there: never a reason to post again.
        raise SlackUnclear(f"{channel} holds more messages than can be read back")

    def _delivery_of(self, entry: Any) -> str | None:
        """The id of the delivery that the message is, if it is one of ours."""
        match entry:
            case {
                "ts": str(),
                "metadata": {"event_type": kind, "event_payload": {"delivery_id": str(delivery_id)}},
            } if kind == EVENT_TYPE:
                ours = self._standing.bot_id
                return delivery_id if not ours or entry.get("bot_id") in {None, ours} else None
            case _:
                return None

    def _id(self, channel: str) -> str:
        """The channel's id, asked for before anything is posted: whatever goes wrong, nothing was."""
        remembered = self._channels.remembered(channel)
        if remembered is not None:
            # Slack is not asked, so this takes no part in the pace of asking.
            return remembered
        with self._told(channel, "conversations.list", only_reads=True):
            found = self._channels.id_of(channel)
            if found is None:
                raise SlackRefused("channel_not_found")
            return found

    def _conversation(self, channel: str) -> str:
        """The id by which it can be read: of a person, that of the direct messages with them."""
        found = self._id(channel)
        if found[0] not in "UW":
            return found
        with self._told(channel, "conversations.open", only_reads=True):
            try:
                opened = self._web.call("conversations.open", users=found).get("channel")
            except SlackRefused as refused:
                if refused.code != "missing_scope":
                    raise
                raise NotImplementedError(sentence(refused, channel)) from refused
            match opened:
                case {"id": str(conversation)}:
                    return conversation
                case _:
                    raise SlackUnclear("Slack did not say which conversation it is")

    @contextmanager
    def _told(self, channel: str, method: str, *, place: str | None = None, only_reads: bool = False) -> Iterator[None]:
        """Turn Slack's answer into the outbox's words, and remember what is wrong with the channel.

        Slack takes so many calls of a method (for posts: in a channel); what would be too many is not made.
        """
        place = place or ""
        if (left := self._pace.take(method, place)) > 0:
            raise DeliveryError("Slack takes no more for the moment", retry_after=timedelta(seconds=left))
        try:
            yield
        except SlackRefused as refused:
            if refused.code == "channel_not_found":
                self._channels.forget(channel)
            self._standing.refused(channel, refused)
            error = delivery_error(refused, channel)
            self._blocked.refused(self._channels.known(channel), error)
            raise error from refused
        except SlackLimited as limited:
            self._pace.limited(method, place, limited.retry_after.total_seconds())
            raise DeliveryError(f"{limited} ({method})", retry_after=limited.retry_after) from limited
        except SlackUnreachable as error:
            self._standing.unreachable(str(error))
            self._blocked.failed()
            raise DeliveryError(str(error)) from error
        except SlackUnclear as error:
            self._blocked.failed()
            if only_reads:
                raise DeliveryError(str(error)) from error
            raise Unclear(str(error)) from error
        else:
            self._blocked.worked(None if only_reads else self._channels.known(channel))
            if not only_reads:
                self._standing.worked(channel)
        finally:
            self._pace.answered(method, place)


def _metadata(label: Label) -> dict[str, Any]:
    return {"event_type": EVENT_TYPE, "event_payload": {"delivery_id": label.delivery_id, "alert_id": label.alert_id}}


def _posted(answer: dict[str, Any], channel: str) -> Posted:
    """Where Slack says the message stands now."""
    ts = answer.get("ts")
    if not isinstance(ts, str) or not ts:
        raise SlackUnclear("Slack did not say where the message stands")
    return Posted(str(answer.get("channel") or channel), ts)
