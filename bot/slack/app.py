"""What does the bot do when Slack calls: acknowledge at once, and have the work done elsewhere."""

import logging
import os
import re
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any, assert_never

from slack_bolt import Ack, App, BoltRequest, BoltResponse
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.error import BoltUnhandledRequestError
from slack_sdk import WebClient

from bot.clock import Clock
from bot.core.command import POOL_ALERTS, POOL_DIGEST, POOL_STATS, Asker
from bot.core.language import Languages, speaking
from bot.core.silence_words import FROM, TOMORROW
from bot.core.spoken import HOME
from bot.later import Busy
from bot.messages.form import Form, Purpose
from bot.messages.hearing import Asked, Homed, Offered, Pressed, Submitted
from bot.messages.model import Message, Verb
from bot.messages.page import page_message
from bot.messages.trouble import busy
from bot.slack.answering import Answers, How
from bot.slack.asking import Press, press, submission, typed
from bot.slack.drawing import Drawings
from bot.slack.forms import CALLBACK
from bot.slack.homes import Homes, doing
from bot.slack.listening import Listening
from bot.slack.members import Members
from bot.slack.people import People
from bot.slack.submitting import Submissions
from bot.slack.web import SlackWeb
from bot.slack.who import Who, is_alone

if TYPE_CHECKING:
    from bot.slack.gone import Gone

log = logging.getLogger(__name__)

_ANY = re.compile(r"[\s\S]*")
_APP_NAME = "bot.slack.bolt"
_ACKNOWLEDGED_AT_ONCE = frozenset({"block_actions", "event_callback"})


def build_app(
    web: SlackWeb,
    *,
    signing_secret: str | None,
    asked: Asked,
    pressed: Pressed,
    later: Callable[[Callable[[], None]], None],
    drawings: Drawings | None = None,
    submitted: Submitted | None = None,
    gone: "Gone | None" = None,
    homed: Homed | None = None,
    offered: Offered | None = None,
    languages: Callable[[], Languages] = Languages,
    first: Callable[[str], bool] = lambda _: True,
) -> App:
    """The Bolt app of one workspace.

    Args:
        web: The workspace's Web API; answers go out through it.
        signing_secret: For HTTP mode; without it no request over HTTP is taken. Socket Mode needs none.
        asked: Answers commands.
        pressed: Does what the buttons of alerts ask for.
        later: Has something done on other threads than ours; raises `Busy` when it cannot.
        drawings: What the workspace takes; shared with the sender.
        submitted: Does what forms ask for that were filled in; without it none is opened.
        gone: Hears when the workspace no longer has the app; needed where there are several.
        homed: Gathers what stands in the Home tab; without it there is none, and nobody is listened to who speaks.
        offered: Makes the form of the shortcuts; needed with `homed`.
        languages: What is spoken to whom no language is known of.
        first: Whether no other replica has answered an event, by its id.
    """
    # Bolt logs whole requests at INFO and below, and people's words do not belong into a log.
    quiet = logging.getLogger(_APP_NAME)
    quiet.setLevel(max(quiet.getEffectiveLevel(), logging.WARNING))
    with _environment_unread():
        app = App(
            name=_APP_NAME,
            logger=quiet,
            # Used by Bolt and by Socket Mode; it opens no connection per request, and has no token to give away.
            client=WebClient(base_url=web.base_url, timeout=10),
            authorize=_authorize,
            # Without a secret nobody can sign, so nothing is taken over HTTP.
            signing_secret=signing_secret or secrets.token_hex(32),
            # The listeners only acknowledge, so they run on the thread that answers Slack: no waiting in steps of
            # 10 ms for another one.
            process_before_response=True,
            token_verification_enabled=False,
            raise_error_for_unhandled_request=True,
        )
    if gone is not None:
        _listen_for_the_end(app, gone)
    drawings = drawings or Drawings()
    who = Who(People(web, Clock()), Members(web, Clock()), languages)
    answers = Answers(web, drawings, language=lambda asker, for_all: who.language(asker, for_all=for_all))
    asked = _where_they_live(who, asked)
    # Bolt looks through its listeners in their order, so what comes most often is heard first.
    _listen_to_commands(app, answers, who, asked, later)
    homes = None
    if homed is not None and offered is not None:
        homes = Homes(web, drawings, answers, who, homed=homed, does=doing(asked, pressed))
        Listening(answers, homes, who, asked=asked, offered=offered, later=later, first=first).listen(app)
    if submitted is not None:
        _listen_to_forms(app, Submissions(answers, _by_all_of(who, submitted), later, who=who, homes=homes))
    _listen_to_presses(app, answers, who, homes, asked=asked, pressed=pressed, later=later)
    _acknowledge_everything_else(app)
    return app


def is_acknowledged_at_once(request: BoltRequest) -> bool:
    """Whether the app of the one workspace that there is takes the request without waiting for anything.

    A form that comes back is not: what is wrong with it belongs into the acknowledgement.
    """
    return "command" in request.body or request.body.get("type") in _ACKNOWLEDGED_AT_ONCE


def _where_they_live(who: Who, asked: Asked) -> Asked:
    """A digest comes at a time of day, and a silence may: that of whoever plans it."""

    def done(command: str, text: str, asker: Asker) -> Message | Form:
        words = text.casefold().split()
        is_silence = command == POOL_ALERTS and words[:1] == ["silence"] and not {TOMORROW, FROM}.isdisjoint(words)
        if (is_silence or (command == POOL_DIGEST and words[:1] == ["add"])) and not asker.zone:
            asker = replace(asker, zone=who.zone(asker))
        return asked(command, text, asker)

    return done


def _by_all_of(who: Who, submitted: Submitted) -> Submitted:
    """Forms are done with all that is known of who filled them in."""

    def done(purpose: Purpose, subject: str, typed: dict[str, str], asker: Asker) -> Message | Form | None:
        return submitted(purpose, subject, typed, who.whole(asker))

    return done


def _listen_to_commands(
    app: App, answers: Answers, who: Who, asked: Asked, later: Callable[[Callable[[], None]], None]
) -> None:
    @app.command(_ANY)
    def on_command(ack: Ack, body: dict[str, Any]) -> BoltResponse:
        said = typed(body)
        acknowledged = ack()
        try:
            later(
                lambda: answers.answer(
                    lambda: asked(said.command, said.text, who.whole(said.asker)),
                    url=said.response_url,
                    asker=said.asker,
                    how=How.PRIVATELY,
                    trigger=said.trigger_id,
                )
            )
        except Busy:
            with speaking(who.known_language(said.asker)):
                return ack(text=busy().summary, response_type="ephemeral")
        return acknowledged


def _listen_to_presses(
    app: App,
    answers: Answers,
    who: Who,
    homes: Homes | None,
    *,
    asked: Asked,
    pressed: Pressed,
    later: Callable[[Callable[[], None]], None],
) -> None:
    @app.action(_ANY)
    def on_press(ack: Ack, body: dict[str, Any]) -> None:
        ack()
        pressing = press(body)
        if pressing is None:
            log.info("a button was pressed that this version does not know")
            return
        url = pressing.response_url
        try:
            if pressing.view and homes is not None:
                later(lambda: homes.press(pressing))
            else:
                later(lambda: _press(pressing, answers, who, homes, asked=asked, pressed=pressed))
        except Busy as full:
            log.warning("%s of %s is not done: too much is waiting", pressing.verb.value, pressing.asker)
            # The acknowledgement of a press cannot carry words.
            full.tell(lambda: answers.answer(busy, url=url, asker=pressing.asker, how=How.PRIVATELY))


def _listen_for_the_end(app: App, gone: "Gone") -> None:
    def on_end(ack: Ack, body: dict[str, Any]) -> None:
        gone.told(body)
        ack()

    for event in gone.events:
        app.event(event)(on_end)


def _listen_to_forms(app: App, submissions: Submissions) -> None:
    @app.view(CALLBACK)
    def on_submission(ack: Ack, body: dict[str, Any]) -> BoltResponse:
        filled = submission(body)
        if filled is None:
            log.info("a form came back that this version does not know")
            return ack()
        return ack(**submissions.take(filled))


def _press(pressing: Press, answers: Answers, who: Who, homes: Homes | None, *, asked: Asked, pressed: Pressed) -> None:
    """Do what a button asks for, on a thread of our own."""
    subject = pressing.subject
    asker = who.whole(pressing.asker)
    if _how(pressing).for_all and not is_alone(asker.channel):
        # Everybody there reads it.
        asker = replace(asker, language=None)

    def make() -> Message | Form | None:
        match pressing.verb:
            case Verb.REFRESH if not pressing.is_private:
                return _for_all(asked(POOL_STATS, subject, asker))
            case Verb.SHOW | Verb.REFRESH:
                return asked(POOL_STATS, subject, asker)
            case Verb.SHARE:
                shared = pressed(Verb.SHARE, subject, asker)
                return None if shared is None else _for_all(shared)
            case Verb.SILENCE if subject.endswith(TOMORROW):
                return pressed(Verb.SILENCE, subject, replace(asker, zone=who.zone(asker)))
            case (
                Verb.ACKNOWLEDGE
                | Verb.UNACKNOWLEDGE
                | Verb.SILENCE
                | Verb.UNSILENCE
                | Verb.UNDO
                | Verb.END_SILENCE
                | Verb.EXTEND_SILENCE
            ) as verb:
                return pressed(verb, subject, asker)
            case Verb.SAY if subject == HOME and homes is not None:
                return page_message(homes.page(asker))
            case Verb.SAY:
                command, _, words = subject.partition(" ")
                return asked(command, words, asker)
            case verb:
                assert_never(verb)

    def make_for_one() -> Message | Form | None:
        made = make()
        return made if made is None else _for_all(made)

    alone, in_thread = is_alone(asker.channel), pressing.thread if pressing.is_private else ""
    answers.answer(
        make_for_one if alone else make,
        url=pressing.response_url,
        asker=asker,
        how=_how_alone(pressing) if alone else _how(pressing),
        trigger=pressing.trigger_id,
        thread=in_thread,
    )


def _for_all(message: Message | Form) -> Message | Form:
    """The message as it stands before everybody: there is nobody left to share it with."""
    if isinstance(message, Form):
        return message
    return replace(message, buttons=tuple(button for button in message.buttons if button.verb is not Verb.SHARE))


def _how(pressing: Press) -> How:
    match pressing.verb:
        case Verb.REFRESH:
            return How.IN_PLACE if pressing.is_private else How.IN_PLACE_FOR_ALL
        case Verb.SHOW | Verb.SAY:
            # What stands for everybody to see, such as an alert, is not replaced because one person looks closer.
            return How.IN_PLACE if pressing.is_private else How.PRIVATELY
        case Verb.SHARE:
            return How.FOR_ALL
        case Verb.ACKNOWLEDGE | Verb.UNACKNOWLEDGE | Verb.SILENCE | Verb.UNSILENCE:
            return How.PRIVATELY
        case Verb.UNDO | Verb.END_SILENCE | Verb.EXTEND_SILENCE:
            # What it stands under is not true any more.
            return How.IN_PLACE if pressing.is_private else How.PRIVATELY
        case verb:
            assert_never(verb)


def _how_alone(pressing: Press) -> How:
    """In a direct message all are private and what is said stays, so what was asked stays above its answer."""
    how = _how(pressing)
    if how is not How.PRIVATELY:
        return how
    is_outdated = pressing.verb in (Verb.UNDO, Verb.END_SILENCE, Verb.EXTEND_SILENCE)
    return How.IN_PLACE_FOR_ALL if is_outdated else How.FOR_ALL


def _acknowledge_everything_else(app: App) -> None:
    """Listeners for all that Slack may send and we do not use: unacknowledged, it would be an error to people."""

    def only_acknowledge(ack: Ack) -> None:
        ack()

    app.event(_ANY)(only_acknowledge)
    app.shortcut(_ANY)(only_acknowledge)
    app.view(_ANY)(only_acknowledge)
    app.view_closed(_ANY)(only_acknowledge)

    @app.options(_ANY)
    def no_options(ack: Ack) -> BoltResponse:
        return ack(options=[])

    @app.error
    def on_error(error: Exception) -> BoltResponse:
        if isinstance(error, BoltUnhandledRequestError):
            log.info("Slack sent something that nothing here listens to")
        else:
            log.error("a request of Slack's could not be handled", exc_info=error)
        return BoltResponse(status=200, body="")


def _authorize(enterprise_id: str | None, team_id: str | None) -> AuthorizeResult:
    """One workspace, one token, which our own caller holds: there is nobody to ask for each request."""
    return AuthorizeResult(enterprise_id=enterprise_id, team_id=team_id)


@contextmanager
def _environment_unread() -> Iterator[None]:
    """Hide `SLACK_*` while Bolt looks: it would read tokens by itself, or switch to OAuth with files in the home."""
    hidden = {name: os.environ.pop(name) for name in list(os.environ) if name.startswith("SLACK_")}
    try:
        yield
    finally:
        os.environ.update(hidden)
