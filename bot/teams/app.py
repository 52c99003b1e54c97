"""What does the bot do when Teams calls: answer at once, and have the work done elsewhere?"""

import logging
from collections.abc import Callable
from dataclasses import replace
from typing import Any, assert_never

from bot.core.command import POOL_STATS, Asker
from bot.core.language import Language, Languages, speaking
from bot.later import Busy, Later
from bot.messages.form import Form, Misfilled
from bot.messages.form_trouble import not_taken, still_at_it, too_slow
from bot.messages.hearing import Asked, Pressed, Submitted
from bot.messages.help import help_message
from bot.messages.model import Message, Verb
from bot.messages.trouble import busy
from bot.teams.activities import PERSONAL, Activity, Filled, Moved, Press, Said, Spot, Unknown, read
from bot.teams.answering import Answers, toast
from bot.teams.forms import Returned, dialog, notice, returned
from bot.teams.places import Places
from bot.teams.pressing import How, Shown, done, how_to_show, offered, show
from bot.teams.standing import Standing
from bot.teams.turns import Reply, Turn, answered
from bot.teams.words import command_in
from bot.unanswered import excuse

log = logging.getLogger(__name__)

_TAKEN = Reply(200)
_NOT_DONE_HERE = Reply(501)
# Teams sends it again then.
_NOT_KEPT = Reply(503)
# Types that documents name; another one is counted as such, for a label must not come from outside.
_KINDS = frozenset(
    ("message", "invoke", "event", "typing", "messageReaction", "messageUpdate", "messageDelete", "endOfConversation")
)


class TeamsApp:
    """Does what activities ask for.

    Args:
        answers: Says what comes of it.
        places: Keeps where the bot is.
        standing: Is told where people speak to the bot, for there it is let in.
        later: Has something done on other threads; raises `Busy` when it cannot.
        asked: Answers commands.
        pressed: Does what the buttons of alerts ask for.
        submitted: Does what forms ask for that were filled in.
        shown: What a message that is changed by the outbox says now.
        unknown: Is told of each activity that is not known, by its type.
        sees_more: Whether somebody sees what others in the same place do not; they are answered alone there.
        languages: What is spoken to whom no language is known of, and to many at once.
        first: Whether nobody has answered yet what was said, by its id: Teams says again what may not have arrived.
    """

    def __init__(
        self,
        answers: Answers,
        places: Places,
        standing: Standing,
        later: Later,
        *,
        asked: Asked,
        pressed: Pressed,
        submitted: Submitted,
        shown: Shown,
        unknown: Callable[[str], None],
        sees_more: Callable[[Asker], bool] = lambda _: False,
        languages: Callable[[], Languages] = Languages,
        first: Callable[[str], bool] = lambda _: True,
    ) -> None:
        self._answers = answers
        self._places = places
        self._standing = standing
        self._later = later
        self._asked = asked
        self._pressed = pressed
        self._submitted = submitted
        self._shown = shown
        self._unknown = unknown
        self._sees_more = sees_more
        self._languages = languages
        self._first = first

    def take(self, body: dict[str, Any]) -> Turn:
        """Begin what an activity asks for; its answer comes as soon as there is one. Never waits, never raises."""
        return self._begin(read(body))

    def _begin(self, activity: Activity) -> Turn:
        match activity:
            case Said() as said:
                # A message needs no answer but that it has arrived; what is said to it comes as a message.
                turn = answered(_TAKEN)
                self._have_done(lambda: self._say(said), turn, said.spot, _TAKEN)
            case Press(opens=False) as pressing:
                turn = Turn(Reply(200, toast(still_at_it())))
                self._have_done(lambda: self._press(pressing, turn), turn, pressing.spot, Reply(200, toast(busy())))
            case Press() as opening:
                turn = Turn(Reply(200, notice(too_slow())))
                self._have_done(lambda: self._open(opening, turn), turn, None, Reply(200, notice(busy())))
            case Filled() as filled:
                turn = Turn(Reply(200, notice(still_at_it())))
                self._have_done(lambda: self._submit(filled, turn), turn, None, Reply(200, notice(busy())))
            case Moved() as moved:
                # Nobody says it twice, so it counts as taken once it is kept.
                turn = Turn(_NOT_KEPT)
                self._have_done(lambda: self._move(moved, turn), turn, None, _NOT_KEPT)
            case Unknown(what=what, wants_answer=wants_answer):
                log.info("Teams sent something that nothing here listens to")
                self._unknown(what if what in _KINDS else "other")
                turn = answered(_NOT_DONE_HERE if wants_answer else _TAKEN)
            case _:
                assert_never(activity)
        return turn

    def _have_done(self, work: Callable[[], None], turn: Turn, tell: Spot | None, full: Reply) -> None:
        """Have work done; where too much is waiting, the turn is answered so, or the person told."""
        try:
            self._later(work)
        except Busy as too_much:
            log.warning("something asked for in Teams is not done: too much is waiting")
            if not turn.answer(full) and tell is not None:
                spot = tell
                too_much.tell(lambda: self._answers.privately(spot, busy()))

    def _say(self, said: Said) -> None:
        """Answer what was written: for the asker alone where that was for the bot alone, else for all."""
        if said.spot.message and not self._first(f"teams {said.spot.conversation} {said.spot.message}"):
            return
        self._heard(said.spot, said.asker.user)
        # What the others there may not see is not shown to them because somebody asks aloud.
        alone = said.spot.is_private or self._sees_more(said.asker)
        asker = self._known(said.asker, everyone=not alone)
        command, text = command_in(said.text, said.mentions_of_bot)
        with speaking(asker.language or Language.ENGLISH):
            try:
                found = self._asked(command, text, asker)
            except Exception as error:  # noqa: BLE001 - whatever it was, a person waits for an answer
                found = excuse(error, log, "a question of %s could not be answered", asker)
            if isinstance(found, Form):
                found = offered(found, Verb.SAY, f"{command} {text}".strip())
            if alone:
                self._answers.privately(said.spot, found)
            else:
                self._answers.for_all(said.spot, found)

    def _press(self, pressing: Press, turn: Turn) -> None:
        self._heard(pressing.spot, pressing.asker.user)
        how = how_to_show(pressing)
        if how is How.IN_PLACE_FOR_ALL and self._sees_more(pressing.asker):
            how = How.PRIVATELY
        asker = self._known(pressing.asker, everyone=how.for_all)
        with speaking(asker.language or Language.ENGLISH):
            self._press_as(replace(pressing, asker=asker), how, turn)

    def _press_as(self, pressing: Press, how: How, turn: Turn) -> None:
        try:
            said = done(pressing, asked=self._asked, pressed=self._pressed)
        except Exception as error:  # noqa: BLE001 - whatever it was, a person waits for an answer
            said, how = excuse(error, log, "a press of %s could not be done", pressing.asker), How.PRIVATELY
        if isinstance(said, Form):
            said, how = offered(said, pressing.verb, pressing.subject), How.PRIVATELY
        show(pressing, said, how, turn, self._answers, self._shown)

    def _open(self, opening: Press, turn: Turn) -> None:
        """Open the dialog that a button asks for, or say in it why there is none."""
        self._heard(opening.spot, opening.asker.user)
        asker = self._known(opening.asker)
        with speaking(asker.language or Language.ENGLISH):
            try:
                said = done(replace(opening, asker=asker), asked=self._asked, pressed=self._pressed)
            except Exception as error:  # noqa: BLE001 - whatever it was, a person waits for an answer
                said = excuse(error, log, "a form could not be opened for %s", asker)
            if isinstance(said, Form):
                turn.answer(Reply(200, dialog(said, zone=asker.zone)))
            elif not turn.answer(Reply(200, notice(said or too_slow()))) and said is not None:
                self._answers.privately(opening.spot, said)

    def _submit(self, filled: Filled, turn: Turn) -> None:
        """Do what a form asks for: say in the dialog what is wrong, go on in it, or close it and say what was done."""
        asker = self._known(filled.asker)
        back = returned(filled.content, asker.zone)
        if back is None:
            log.info("a form came back that this version does not know")
            turn.answer(_TAKEN)
            return
        with speaking(asker.language or Language.ENGLISH):
            said = self._submit_as(asker, back, turn)
            if said is not None:
                self._answers.privately(filled.spot, said)

    def _submit_as(self, asker: Asker, back: Returned, turn: Turn) -> Message | None:
        """Do it and answer Teams; what is left to say in the conversation."""
        form, typed = back.form, dict(back.typed)
        said: Message | None = None
        try:
            outcome = self._submitted(form.purpose, form.subject, typed, asker)
        except Misfilled as wrong:
            reply = Reply(200, dialog(form, zone=asker.zone, typed=typed, problems=wrong.problems))
            said = None if turn.answer(reply) else not_taken(wrong.problems)
        except Exception as error:  # noqa: BLE001 - whatever it was, a person waits for an answer
            instead = excuse(error, log, "a form of %s could not be done", asker)
            said = None if turn.answer(Reply(200, notice(instead))) else instead
        else:
            if isinstance(outcome, Form):
                said = None if turn.answer(Reply(200, dialog(outcome, zone=asker.zone))) else too_slow()
            else:
                turn.answer(_TAKEN)
                said = outcome
        return said

    def _move(self, moved: Moved, turn: Turn) -> None:
        try:
            self._places.moved(moved, moved.asker.user)
        except Exception:
            log.exception("where the bot is in Teams could not be kept")
            turn.answer(_NOT_KEPT)
            return
        # What Teams does not wait for any more comes again.
        if turn.answer(_TAKEN) and moved.came:
            self._heard(moved.spot, moved.asker.user)
            if moved.event == "add" and moved.spot.kind == PERSONAL:
                with speaking(self._known(moved.asker).language or Language.ENGLISH):
                    self._answers.privately(moved.spot, help_message(POOL_STATS))

    def _heard(self, spot: Spot, user: str) -> None:
        """Keep how the conversation is reached; that nobody can keep it now does not stand in the way of an answer."""
        try:
            self._places.heard(spot, user)
        except Exception:
            log.exception("where the bot is in Teams could not be kept")
        known = self._places.known(spot.channel)
        self._standing.worked(spot.channel, *([known.called] if known is not None else []))

    def _known(self, asker: Asker, *, everyone: bool = False) -> Asker:
        """The asker with the language to speak, to `everyone` the one of the place, and what the place is called."""
        known = self._places.known(asker.channel)
        called = () if known is None or known.called == known.id else (known.called,)
        languages = self._languages()
        names = (asker.place, *(f"{asker.platform}:{name}" for name in called))
        of_place = next((languages.at[name] for name in names if name in languages.at), languages.usual)
        language = of_place if everyone else asker.language or of_place
        # What a route or an access rule calls Team/Channel is this very place.
        return replace(asker, language=language, also=called)
