"""What more is known of who asks, where nobody else hears the answer?"""

from collections.abc import Mapping
from dataclasses import replace

from bot.core.command import Asker
from bot.slack.members import Members
from bot.slack.people import People


class Who:
    """Adds to an asker what Slack tells of the person.

    Args:
        people: Their time zones.
        members: Their channels.
    """

    def __init__(self, people: People, members: Members) -> None:
        self._people = people
        self._members = members

    def whole(self, asker: Asker) -> Asker:
        """With the channels that the person is in, where the answer is for their eyes alone; else as it is."""
        if not is_alone(asker.channel):
            return asker
        return replace(asker, also=tuple(self.channels(asker)))

    def at_home(self, asker: Asker) -> Asker:
        """As `whole`, with their time zone."""
        return replace(self.whole(asker), zone=self.zone(asker))

    def zone(self, asker: Asker) -> str:
        """The time zone of the person; empty when it is not known."""
        return self._people.zone_of(asker.user)

    def channels(self, asker: Asker) -> Mapping[str, str]:
        """The names of the person's channels by their ids."""
        return self._members.channels_of(asker.user)


def is_alone(channel: str) -> bool:
    """Whether what is said there is heard by one person alone: in a direct message, or in no channel at all."""
    return not channel or channel.startswith("D")
