"""What stands in a person's Home tab, and in modals with answers, and what becomes of a press there?"""

import logging
import threading
from collections.abc import Callable

from bot.core.command import POOL_STATS, Asker
from bot.core.language import speaking
from bot.core.spoken import HOME
from bot.messages.form import Form
from bot.messages.hearing import Asked, Homed, Pressed
from bot.messages.model import Message, Verb
from bot.messages.page import Page
from bot.slack.answering import Answers
from bot.slack.asking import Press
from bot.slack.drawing import Drawings
from bot.slack.pages import home_answer, home_view, modal_answer
from bot.slack.text import Json
from bot.slack.web import SlackError, SlackRefused, SlackWeb
from bot.slack.who import Who
from bot.unanswered import excuse

log = logging.getLogger(__name__)

# Where a form was opened from, in the place of an address for the answer.
AT_HOME = "home"
_IN_HOME = "home"
_QUESTIONS = frozenset({Verb.SHOW, Verb.REFRESH, Verb.SHARE, Verb.SAY})
# What Slack says to a view with a block that it does not take there.
_REFUSED = frozenset({"invalid_arguments", "invalid_blocks", "invalid_blocks_format", "invalid_view"})
_LOCKS = 64


class Homes:
    """Publishes Home tabs, one at a time for each person, so that the newest stands.

    Args:
        web: The workspace's Web API.
        drawings: Whether native tables are taken.
        answers: Opens forms.
        who: Knows more of people.
        homed: Gathers what concerns a person.
        does: Does what a button asks for.
    """

    def __init__(
        self,
        web: SlackWeb,
        drawings: Drawings,
        answers: Answers,
        who: Who,
        *,
        homed: Homed,
        does: Callable[[Verb, str, Asker], Message | Form | None],
    ) -> None:
        self._web = web
        self._drawings = drawings
        self._answers = answers
        self._who = who
        self._homed = homed
        self._does = does
        self._locks = [threading.Lock() for _ in range(_LOCKS)]

    def page(self, asker: Asker) -> Page:
        """What concerns the person."""
        return self._homed(self._who.at_home(asker), self._who.channels(asker))

    def show(self, asker: Asker, said: Message | None = None) -> None:
        """Publish the person's Home as it is now, with what came of what they have just done above it."""
        with self._locks[hash(asker.user) % _LOCKS], speaking(self._who.language(asker)):
            try:
                page = self.page(asker)
            except Exception as error:  # noqa: BLE001 - whatever it was, a person waits for something to be seen
                instead = excuse(error, log, "the Home of %s could not be made", asker)
                self._publish(asker, lambda native: home_answer(instead, native=native, channel=asker.channel))
                return
            self._publish(asker, lambda native: home_view(page, said=said, native=native, channel=asker.channel))

    def press(self, pressing: Press) -> None:
        """Do what a button in Home or in a modal asks for, and show there what came of it."""
        with speaking(self._who.language(pressing.asker)):
            self._press(pressing)

    def _press(self, pressing: Press) -> None:
        asker, verb, subject = pressing.asker, pressing.verb, pressing.subject
        if verb is Verb.SAY and subject == HOME and pressing.view == _IN_HOME:
            self.show(asker)
            return
        try:
            said = self._does(verb, subject, self._who.at_home(asker))
        except Exception as error:  # noqa: BLE001 - whatever it was, a person waits for an answer
            said = excuse(error, log, "a press of %s could not be done", asker)
        if isinstance(said, Message):
            said = self._answers.handed(said, asker)
        if isinstance(said, Form):
            at_home = AT_HOME if pressing.view == _IN_HOME else ""
            said = self._answers.opened(said, at_home, asker, pressing.trigger_id)
            if said is None:
                return
        if pressing.view != _IN_HOME:
            shown = said or Message("", "")
            self._answers.show_late(pressing.view_id, modal_answer(shown, channel=asker.channel), asker=asker)
        elif verb in _QUESTIONS and said is not None:
            answer = said
            with self._locks[hash(asker.user) % _LOCKS]:
                self._publish(asker, lambda native: home_answer(answer, native=native, channel=asker.channel))
        else:
            self.show(asker, said)

    def _publish(self, asker: Asker, draw: Callable[[bool], Json]) -> None:
        native = self._drawings.is_native
        try:
            try:
                self._web.call("views.publish", user_id=asker.user, view=draw(native))
            except SlackRefused as refused:
                if not native or refused.code not in _REFUSED:
                    raise
                log.info("Slack refused a Home tab with a table: %s", refused)
                self._web.call("views.publish", user_id=asker.user, view=draw(False))
        except SlackError as error:
            log.warning("the Home of %s could not be shown: %s", asker, error)


def doing(asked: Asked, pressed: Pressed) -> Callable[[Verb, str, Asker], Message | Form | None]:
    """What a button asks for where there is neither a message to be replaced nor anybody to share it with."""

    def does(verb: Verb, subject: str, asker: Asker) -> Message | Form | None:
        match verb:
            case Verb.SHOW | Verb.REFRESH | Verb.SHARE:
                return asked(POOL_STATS, subject, asker)
            case Verb.SAY:
                command, _, words = subject.partition(" ")
                return asked(command, words, asker)
            case _:
                return pressed(verb, subject, asker)

    return does
