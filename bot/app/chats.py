"""In which chats is the bot, and who does there what is asked?"""

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from typing import TYPE_CHECKING

from starlette.routing import BaseRoute

from bot.app.ground import Ground
from bot.app.hearing import Heard
from bot.messages.sending import Sender

if TYPE_CHECKING:
    from bot.app.people import People
    from bot.app.slack import SlackParts
    from bot.app.teams import TeamsParts


class Chats:
    """The platforms that are configured.

    Args:
        ground: What there is.
        people: Who answers people; asked for when somebody wants something.
        opened: Where it is noted how to let go of them.

    Raises:
        ValueError: Something that is needed is not configured.
        StoreError: The workspaces that have installed the app cannot be read.
    """

    def __init__(self, ground: Ground, people: "Callable[[], People]", opened: ExitStack) -> None:
        self.slack = _slack(ground, people)
        if self.slack is not None:
            opened.callback(self.slack.close)
        self.teams = _teams(ground, people)
        if self.teams is not None:
            opened.callback(self.teams.close)

    @property
    def senders(self) -> Mapping[str, Sender]:
        """Who brings messages to which platform."""
        there: dict[str, Sender] = {}
        if self.slack is not None:
            there["slack"] = self.slack.sender
        if self.teams is not None:
            there["teams"] = self.teams.sender
        return there

    @property
    def hear(self) -> bool:
        """Whether people can ask for something there: into a webhook is only told."""
        return self.slack is not None or (self.teams is not None and self.teams.routes != ())

    @property
    def routes(self) -> tuple[BaseRoute, ...]:
        """Where the platforms reach the bot."""
        return (*(self.slack.routes if self.slack else ()), *(self.teams.routes if self.teams else ()))

    @property
    def in_several(self) -> bool:
        """Whether the bot is in several workspaces of Slack."""
        return self.slack is not None and self.slack.is_in_several

    def start(self) -> None:
        """Begin to hear, where that is not the web server's."""
        if self.slack is not None:
            self.slack.start()

    def stop(self) -> None:
        """Hear no more, and finish the answers under way."""
        try:
            if self.teams is not None:
                self.teams.stop()
        finally:
            if self.slack is not None:
                self.slack.stop()


def _slack(ground: Ground, people: "Callable[[], People]") -> "SlackParts | None":
    if ground.config.slack_mode == "off":
        return None
    # A platform is imported where it is configured: half of a start is importing.
    from bot.app.slack import connect_slack  # noqa: PLC0415 - see above

    return connect_slack(
        ground.config,
        asked=lambda command, text, asker: people().asked(command, text, asker),
        pressed=lambda verb, subject, asker: people().pressed(verb, subject, asker),
        submitted=lambda purpose, subject, typed, asker: people().submitted(purpose, subject, typed, asker),
        homed=lambda asker, called: people().homed(asker, called),
        offered=lambda asker, about: people().offered(asker, about),
        languages=lambda: ground.languages,
        first=lambda what: people().first(what),
        engine=ground.engine,
        access=ground.access,
    )


def _teams(ground: Ground, people: "Callable[[], People]") -> "TeamsParts | None":
    if ground.config.settings.teams.mode == "off":
        return None
    from bot.app.teams import connect_teams  # noqa: PLC0415 - as Slack

    heard = Heard(
        lambda command, text, asker: people().asked(command, text, asker),
        lambda verb, subject, asker: people().pressed(verb, subject, asker),
        lambda purpose, subject, typed, asker: people().submitted(purpose, subject, typed, asker),
        lambda posted: people().shown_in_teams(posted),
        lambda kind: ground.metrics.unknown_activities.labels(kind).inc(),
        languages=lambda: ground.languages,
        sees_more=lambda asker: people().sees_more(asker),
        first=lambda what: people().first(what),
    )
    return connect_teams(ground.config, ground.engine, ground.clock, heard)
