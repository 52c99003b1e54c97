"""What does Slack hear when a form comes back: beside the fields what is wrong, another form, or that it is done?

Slack waits three seconds for it. What takes longer goes on, and changes the modal when it is done.
"""

import logging
import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from bot.core.language import _, speaking
from bot.later import Busy
from bot.messages.form import Form, Misfilled, Purpose
from bot.messages.form_trouble import not_taken, still_at_it
from bot.messages.hearing import Submitted
from bot.messages.model import Message
from bot.messages.trouble import busy
from bot.slack.answering import Answers, How
from bot.slack.forms import Filled, errors, notice, view
from bot.slack.homes import AT_HOME, Homes
from bot.slack.pages import modal_answer
from bot.slack.who import Who
from bot.unanswered import excuse

log = logging.getLogger(__name__)

# Of Slack's three seconds; the rest is for the way there and back.
PATIENCE_SECONDS = 2.0

Json = dict[str, Any]


class Submissions:
    """Has forms done that come back.

    Args:
        answers: Says what came of it.
        submitted: Does it.
        later: Has something done on other threads; raises `Busy` when it cannot.
        who: Knows in which language to speak to whom.
        homes: Shows what came of it where it was asked for in Home.
        patience: For how many seconds Slack is kept waiting.
    """

    def __init__(
        self,
        answers: Answers,
        submitted: Submitted,
        later: Callable[[Callable[[], None]], None],
        *,
        who: Who,
        homes: Homes | None = None,
        patience: float = PATIENCE_SECONDS,
    ) -> None:
        self._answers = answers
        self._submitted = submitted
        self._later = later
        self._who = who
        self._homes = homes
        self._patience = patience

    def take(self, filled: Filled) -> Json:
        """Have it done; the arguments of the acknowledgement."""
        doing = _Doing()
        with speaking(self._who.known_language(filled.asker)):
            try:
                self._later(lambda: self._do(filled, doing))
            except Busy:
                return {"response_action": "update", "view": notice(busy())}
            return doing.wait(self._patience)

    def _do(self, filled: Filled, doing: "_Doing") -> None:
        with speaking(self._who.language(filled.asker)):
            self._do_it(filled, doing)

    def _do_it(self, filled: Filled, doing: "_Doing") -> None:
        said: Message | None = None
        try:
            outcome = self._submitted(filled.purpose, filled.subject, dict(filled.typed), filled.asker)
        except Misfilled as wrong:
            is_late = not doing.done({"response_action": "errors", "errors": errors(wrong.problems)})
            late = notice(not_taken(wrong.problems))
        except Exception as error:  # noqa: BLE001 - whatever it was, a person waits for an answer
            late = notice(excuse(error, log, "a form of %s could not be done", filled.asker))
            is_late = not doing.done({"response_action": "update", "view": late})
        else:
            if isinstance(outcome, Form):
                late = view(outcome, channel=filled.asker.channel, response_url=filled.response_url)
                is_late = not doing.done({"response_action": "update", "view": late})
            elif outcome is not None and filled.purpose is Purpose.ASK:
                late = modal_answer(outcome, channel=filled.asker.channel)
                is_late = not doing.done({"response_action": "update", "view": late})
            else:
                said, late = outcome, notice(outcome or Message(_("Done"), _("That is done.")))
                is_late = not doing.done({})
        if is_late:
            self._answers.show_late(filled.view_id, late, asker=filled.asker)
        if said is not None:
            self._say(said, filled)

    def _say(self, said: Message, filled: Filled) -> None:
        """Where the form was opened; to the person alone, where that was in no channel."""
        asker = filled.asker
        if filled.response_url == AT_HOME and self._homes is not None:
            self._homes.show(asker, said)
        elif asker.channel:
            self._answers.answer(lambda: said, url=filled.response_url, asker=asker, how=How.PRIVATELY)
        else:
            to_them = replace(asker, channel=asker.user)
            self._answers.answer(lambda: said, url="", asker=to_them, how=How.FOR_ALL)


class _Doing:
    """One form under way: whichever comes first, the end of it or the end of patience."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._ended = threading.Event()
        self._given_up = False
        self._arguments: Json = {}

    def done(self, arguments: Json) -> bool:
        """It is done, and these are the arguments of the acknowledgement; whether somebody still waits for them."""
        with self._lock:
            self._arguments = arguments
            self._ended.set()
            return not self._given_up

    def wait(self, seconds: float) -> Json:
        """The arguments of the acknowledgement: what came of it, or that it takes longer."""
        self._ended.wait(seconds)
        with self._lock:
            if self._ended.is_set():
                return self._arguments
            self._given_up = True
            return {"response_action": "update", "view": notice(still_at_it())}
