"""How far has somebody read, and how much is new since then?"""

from __future__ import annotations

from threading import Lock

from bot.sandbox.page.messages import Reader, is_reply


class Reading:
    """The last moment each person saw each channel; what was there before the page was, counts as read."""

    def __init__(self, began: float) -> None:
        self._began = f"{began:.6f}"
        self._seen: dict[tuple[str, str], str] = {}
        self._lock = Lock()

    def seen(self, user: str, channel: str, upto: str) -> None:
        """This person has the channel before their eyes, up to the message at `upto`."""
        with self._lock:
            self._seen[(user, channel)] = max(upto, self._seen.get((user, channel), ""))

    def unread(self, reader: Reader) -> dict[str, int]:
        """How many new messages each channel has for this person."""
        counts = {}
        for channel in reader.workspace.channels():
            with self._lock:
                last = self._seen.get((reader.user, channel.id), self._began)
            new = [each for each in reader.workspace.messages(channel.id, seen_by=reader.user) if each.ts > last]
            counts[channel.id] = sum(1 for each in new if each.user != reader.user and not is_reply(each))
        return counts
