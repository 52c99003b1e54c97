"""What must be known of who asks, before it can be said what they may see?"""

from collections.abc import Callable, Mapping
from dataclasses import replace

from bot.core import access as rules
from bot.core.access import Access
from bot.core.command import Asker
from bot.messages.form import Form, Purpose
from bot.messages.hearing import Asked, Homed, Offered, Pressed, Submitted
from bot.messages.model import Message, Verb
from bot.messages.page import Page
from bot.slack.groups import Groups
from bot.slack.outsiders import Outsiders
from bot.slack.web import SlackWeb


class Knowing:
    """Adds to an asker what the access rules of this workspace ask for.

    Args:
        web: The workspace's Web API.
        access: The rules, as they are now.
        key: The workspace's id, where there are several.
    """

    def __init__(self, web: SlackWeb, access: Callable[[], Access], *, key: str = "") -> None:
        self._access = access
        self._key = key
        self._groups = Groups(web)
        self.outsiders = Outsiders(web)

    def notes(self) -> Mapping[str, str]:
        """What Slack does not tell."""
        return {**self._groups.notes(), **self.outsiders.notes()}

    def shuts_out(self, channel: str) -> bool:
        """Whether nothing may be told in a channel (by its id) because another organisation listens there."""
        return not self._access().allows_outside(self._named(channel)) and self.outsiders.listen_in(channel)

    def whole(self, asker: Asker) -> Asker:
        """The asker with it; asks Slack for what is not remembered, so not to be called while Slack waits."""
        access = self._access()
        known = replace(asker, installed=self._key, groups=self._groups_of(asker.user, access))
        if not access.allows_outside(known.place):
            is_stranger = bool(asker.home) and asker.home != asker.workspace and self.outsiders.is_one(asker.user)
            known = replace(known, is_outside=is_stranger or self.outsiders.listen_in(asker.channel))
        return replace(known, also=tuple(each for each in asker.also if self._is_own(each, access)))

    def _groups_of(self, user: str, access: Access) -> tuple[str, ...]:
        ids = {each: each.removeprefix("slack:").rpartition("/") for each in access.groups if each.startswith("slack:")}
        mine = {each: parts[2] for each, parts in ids.items() if parts[0] in {"", self._key}}
        found = self._groups.of(user, sorted(set(mine.values())))
        return tuple(each for each, group in mine.items() if group in found)

    def _is_own(self, channel: str, access: Access) -> bool:
        """Whether what is seen in another channel of the person may be seen here: none where others listen."""
        place = self._named(channel)
        matters = any(name in grant.channels for grant in access.grants for name in rules.called(place))
        return not matters or access.allows_outside(place) or not self.outsiders.listen_in(channel)

    def _named(self, channel: str) -> str:
        return f"slack:{self._key}/{channel}" if self._key else f"slack:{channel}"

    # -- what people do, with what is known of them

    def asked(self, asked: Asked) -> Asked:
        """Commands."""

        def done(command: str, text: str, asker: Asker) -> Message | Form:
            return asked(command, text, self.whole(asker))

        return done

    def pressed(self, pressed: Pressed) -> Pressed:
        """Buttons."""

        def done(verb: Verb, subject: str, asker: Asker) -> Message | Form | None:
            return pressed(verb, subject, self.whole(asker))

        return done

    def submitted(self, submitted: Submitted | None) -> Submitted | None:
        """Forms."""
        if submitted is None:
            return None
        given = submitted

        def done(purpose: Purpose, subject: str, typed: dict[str, str], asker: Asker) -> Message | Form | None:
            return given(purpose, subject, typed, self.whole(asker))

        return done

    def homed(self, homed: Homed | None) -> Homed | None:
        """The Home tab."""
        if homed is None:
            return None
        given = homed

        def done(asker: Asker, called: Mapping[str, str]) -> Page:
            return given(self.whole(asker), called)

        return done

    def offered(self, offered: Offered | None) -> Offered | None:
        """Shortcuts."""
        if offered is None:
            return None
        given = offered

        def done(asker: Asker, about: str) -> Form | Message:
            return given(self.whole(asker), about)

        return done
