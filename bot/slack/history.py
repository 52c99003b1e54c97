"""Where does a delivery stand? A channel or thread is read back, and each of our messages names its delivery."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from bot.core.because import Because
from bot.messages.sending import Label, Posted
from bot.slack.calls import Calls
from bot.slack.codes import sentence
from bot.slack.web import SlackRefused, SlackUnclear

EVENT_TYPE = "pool_stats_delivery"

# https://docs.slack.dev/reference/methods/conversations.history: fewer a page for some apps, so several pages.
_PAGE = 100
_MOST_PAGES = 100


class History:
    """What stands in the channels of one workspace, as far as the bot may read it."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

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

    def standing_at(self, posted: Posted) -> str | None:
        """The id of the delivery that stands there now; `None` when nothing of ours does.

        Raises:
            NotImplementedError: The bot may not read the channel's history.
        """
        with self._reading(posted.channel, "conversations.history"):
            page = self._calls.web.call(
                "conversations.history",
                channel=posted.channel,
                oldest=posted.message,
                latest=posted.message,
                inclusive=True,
                limit=1,
                include_all_metadata=True,
            )
        entries = (entry for entry in page.get("messages") or () if entry.get("ts") == posted.message)
        return next((self._delivery_of(entry) for entry in entries), None)

    @contextmanager
    def _read_back(
        self, channel: str, thread: Posted | None, since: datetime
    ) -> Iterator[Iterator[tuple[Posted, str]]]:
        """Each of our deliveries that stands in the channel (newest first) or thread (oldest first), with its id."""
        found = thread.channel if thread else self._conversation(channel)
        method = "conversations.replies" if thread else "conversations.history"
        with self._reading(channel, method):
            yield self._deliveries(method, found, thread, since)

    @contextmanager
    def _reading(self, channel: str, method: str) -> Iterator[None]:
        with self._calls.told(channel, method, only_reads=True):
            try:
                yield
            except SlackRefused as refused:
                if refused.code in {"missing_scope", "not_allowed_token_type"}:
                    raise NotImplementedError(sentence(refused, channel)) from refused
                raise

    def _deliveries(
        self, method: str, channel: str, thread: Posted | None, since: datetime
    ) -> Iterator[tuple[Posted, str]]:
        cursor = ""
        for _ in range(_MOST_PAGES):
            page = self._calls.web.call(
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
        raise SlackUnclear(Because("{channel} holds more messages than can be read back", channel=channel))

    def _delivery_of(self, entry: Any) -> str | None:
        """The id of the delivery that the message is, if it is one of ours."""
        match entry:
            case {
                "ts": str(),
                "metadata": {"event_type": kind, "event_payload": {"delivery_id": str(delivery_id)}},
            } if kind == EVENT_TYPE:
                ours = self._calls.standing.bot_id
                return delivery_id if not ours or entry.get("bot_id") in {None, ours} else None
            case _:
                return None

    def _conversation(self, channel: str) -> str:
        """The id by which it can be read: of a person, that of the direct messages with them."""
        found = self._calls.id_of(channel)
        if found[0] not in "UW":
            return found
        with self._calls.told(channel, "conversations.open", only_reads=True):
            try:
                opened = self._calls.web.call("conversations.open", users=found).get("channel")
            except SlackRefused as refused:
                if refused.code != "missing_scope":
                    raise
                raise NotImplementedError(sentence(refused, channel)) from refused
            match opened:
                case {"id": str(conversation)}:
                    return conversation
                case _:
                    raise SlackUnclear(Because("Slack did not say which conversation it is"))
