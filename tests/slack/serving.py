"""The bot's Slack side as it runs: the endpoint on a port, or a WebSocket to the stand-in; answers made by the test."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from slack_bolt import App
from starlette.routing import Route

from bot.core.command import Asker
from bot.messages.form import Form, Purpose
from bot.messages.model import Message, Verb
from bot.messages.page import Page
from bot.slack.app import is_acknowledged_at_once
from bot.slack.http import slack_endpoint
from tests import serving


@dataclass
class Bot:
    """Stands in for the jobs: remembers what it was asked, and answers what the test wants."""

    answer: Callable[[str], Message | Form] = lambda asked: Message("Answer", asked)
    said: Message | Form | None = None
    taken: Callable[[dict[str, str]], Message | Form | None] = lambda _: None
    submitted: list[tuple[Purpose, str, dict[str, str], Asker]] = field(default_factory=list)
    asked: list[tuple[str, str, Asker]] = field(default_factory=list)
    pressed: list[tuple[Verb, str, Asker]] = field(default_factory=list)
    page: Page = field(default_factory=lambda: Page("Home", "Nothing.", ()))
    form: Form | Message = field(default_factory=lambda: Message("", ""))
    homes: list[tuple[Asker, dict[str, str]]] = field(default_factory=list)
    abouts: list[tuple[Asker, str]] = field(default_factory=list)

    def on_asked(self, command: str, text: str, asker: Asker) -> Message | Form:
        self.asked.append((command, text, asker))
        return self.answer(f"{command} {text}".strip())

    def on_pressed(self, verb: Verb, subject: str, asker: Asker) -> Message | Form | None:
        self.pressed.append((verb, subject, asker))
        return self.answer(f"/pool-stats {subject}".strip()) if verb is Verb.SHARE else self.said

    def on_submitted(
        self, purpose: Purpose, subject: str, typed: dict[str, str], asker: Asker
    ) -> Message | Form | None:
        self.submitted.append((purpose, subject, typed, asker))
        return self.taken(typed)

    def on_homed(self, asker: Asker, called: Mapping[str, str]) -> Page:
        self.homes.append((asker, dict(called)))
        return self.page

    def on_offered(self, asker: Asker, about: str) -> Form | Message:
        self.abouts.append((asker, about))
        return self.form


def always(message: Message) -> Callable[[str], Message]:
    """The same answer to everything."""
    return lambda _: message


@contextmanager
def served(app: App) -> Iterator[str]:
    """The endpoint on a free port of this machine: its address without the path."""
    route = Route("/slack/events", slack_endpoint(app, is_acknowledged_at_once), methods=["POST"])
    with serving.served(route) as address:
        yield address
