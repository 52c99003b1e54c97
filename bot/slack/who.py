"""What more is known of who asks, where nobody else hears the answer?"""

from collections.abc import Callable, Mapping
from dataclasses import replace

from bot.core.command import Asker
from bot.core.language import Language, Languages
from bot.slack.members import Members
from bot.slack.people import People


class Who:
    """Adds to an asker what Slack tells of the person.

    Args:
        people: Their time zones and languages.
        members: Their channels.
        languages: What is spoken where a person's own language is not known, or others read it too.
    """

    def __init__(self, people: People, members: Members, languages: Callable[[], Languages]) -> None:
        self._people = people
        self._members = members
        self._languages = languages

    def whole(self, asker: Asker) -> Asker:
        """With their language, and where the answer is for their eyes alone with the channels that they are in."""
        asker = replace(asker, language=self._people.language_of(asker.user))
        if not is_alone(asker.channel):
            return asker
        return replace(asker, also=tuple(self.channels(asker)))

    def at_home(self, asker: Asker) -> Asker:
        """As `whole`, with their time zone."""
        return replace(self.whole(asker), zone=self.zone(asker))

    def language(self, asker: Asker, *, for_all: bool = False) -> Language:
        """The language of the person; that of the place where everybody reads it, or where theirs is not known."""
        alone = not for_all or is_alone(asker.channel)
        known = self._people.language_of(asker.user) if alone else None
        return known or self._languages().of(asker.place)

    def known_language(self, asker: Asker) -> Language:
        """Likewise, without asking anybody."""
        return self._people.known_language_of(asker.user) or self._languages().of(asker.place)

    def zone(self, asker: Asker) -> str:
        """The time zone of the person; empty when it is not known."""
        return self._people.zone_of(asker.user)

    def channels(self, asker: Asker) -> Mapping[str, str]:
        """The names of the person's channels by their ids."""
        return self._members.channels_of(asker.user)


def is_alone(channel: str) -> bool:
    """Whether what is said there is heard by one person alone: in a direct message, or in no channel at all."""
    return not channel or channel.startswith("D")
