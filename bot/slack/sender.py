"""How does a message reach a Slack channel, exactly once as far as Slack lets us know?"""

import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from bot.messages.model import Message
from bot.messages.sending import Act, Health, Label, Posted
from bot.slack.blocks import is_whole, payload
from bot.slack.calls import Calls
from bot.slack.codes import meaning
from bot.slack.drawing import Drawings
from bot.slack.history import EVENT_TYPE, History
from bot.slack.knowing import Knowing
from bot.slack.pace import Pace
from bot.slack.web import SlackRefused, SlackUnclear, SlackWeb

# Names are not made links of, and links are not unfolded.
_AS_WRITTEN = {"parse": "none", "link_names": False}
_NOT_UNFOLDED = {"unfurl_links": False, "unfurl_media": False}


class SlackSender:
    """Puts messages into the channels of one workspace; implements `bot.messages.sending.Sender`.

    Args:
        web: The workspace's Web API.
        drawings: What the workspace takes; shared with the answers to commands.
        knowing: Knows where another organisation listens; nothing is told there.
        pace: How fast it takes it.
        monotonic: Seconds that never go back.
    """

    def __init__(
        self,
        web: SlackWeb,
        drawings: Drawings | None = None,
        *,
        knowing: Knowing | None = None,
        pace: Pace | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._web = web
        self._knowing = knowing
        self._drawings = drawings or Drawings(monotonic=monotonic)
        self._calls = Calls(web, pace or Pace(monotonic=monotonic), monotonic=monotonic)
        self._history = History(self._calls)

    def wait(self, channel: str, act: Act) -> timedelta:
        """For how long Slack would refuse this there, as far as is known without asking it."""
        return self._calls.wait(channel, act)

    def fits(self, message: Message) -> bool:
        """Whether Slack shows all of it in one message."""
        return is_whole(payload(message, native=self._drawings.is_native))

    def post(
        self, channel: str, message: Message, label: Label, *, thread: Posted | None = None, aloud: bool = False
    ) -> Posted:
        """Post to `channel`, or into the thread under `thread`, `aloud` for the channel to see it too."""
        found = thread.channel if thread else self._calls.id_of(channel)

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

        with self._calls.told(channel, "chat.postMessage", place=found):
            self._keep_inside(found)
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

        with self._calls.told(posted.channel, "chat.update"):
            self._keep_inside(posted.channel)
            return self._drawings.send(message, put)

    def delete(self, posted: Posted) -> None:
        """Take a message back; no error when it is gone already."""
        with self._calls.told(posted.channel, "chat.delete"):
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
        return self._history.find(channel, label, since=since, thread=thread)

    def copies(
        self, channel: str, labels: Collection[Label], *, since: datetime, thread: Posted | None = None
    ) -> Mapping[str, Sequence[Posted]]:
        """Everywhere that these deliveries stand, as far as they came since, by their ids.

        Raises:
            NotImplementedError: The bot may not read the channel's history.
        """
        return self._history.copies(channel, labels, since=since, thread=thread)

    def standing_at(self, posted: Posted) -> str | None:
        """The id of the delivery that stands there now; `None` when nothing of ours does.

        Raises:
            NotImplementedError: The bot may not read the channel's history.
        """
        return self._history.standing_at(posted)

    def check(self) -> Health:
        """Ask Slack now who we are and what we may do; never raises."""
        self._calls.standing.check()
        return self._calls.standing.health()

    def look(self, channel: str) -> None:
        """See whether the bot could post to `channel`, without posting.

        Raises:
            DeliveryError: It could not; says why.
        """
        found = self._calls.id_of(channel)
        if found[0] not in "CG":
            return
        with self._calls.told(channel, "conversations.info", only_reads=True):
            known = self._web.call("conversations.info", channel=found).get("channel")
            facts = known if isinstance(known, dict) else {}
            if facts.get("is_archived"):
                raise SlackRefused("is_archived")
            if facts.get("is_member") is False:
                raise SlackRefused("not_in_channel")
            self._keep_inside(found)

    def health(self) -> Health:
        """What is known of the connection and of each channel, asked anew where the last answer is old."""
        self._calls.standing.check_if_old()
        found = self._calls.standing.health()
        return replace(found, notes={**found.notes, **self._knowing.notes()}) if self._knowing is not None else found

    def _keep_inside(self, channel: str) -> None:
        if self._knowing is not None and self._knowing.shuts_out(channel):
            raise SlackRefused("shared_with_others")


def _metadata(label: Label) -> dict[str, Any]:
    return {"event_type": EVENT_TYPE, "event_payload": {"delivery_id": label.delivery_id, "alert_id": label.alert_id}}


def _posted(answer: dict[str, Any], channel: str) -> Posted:
    """Where Slack says the message stands now."""
    ts = answer.get("ts")
    if not isinstance(ts, str) or not ts:
        raise SlackUnclear("Slack did not say where the message stands")
    return Posted(str(answer.get("channel") or channel), ts)
