"""What does the bot say about itself, on `/readyz` and `/metrics`?"""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from bot.app import health
from bot.app.chats import Chats
from bot.app.ground import Ground
from bot.app.leading import Leading
from bot.modelarts.accounts import Accounts
from bot.schedule import Schedule
from bot.web import Checks

if TYPE_CHECKING:
    from bot.app.sharing_out import SharingOut

# The bot is not ready when no reading has succeeded for this many intervals.
LATE_AFTER = 3


class Condition:
    """Gathers what each part says of itself."""

    def __init__(
        self, ground: Ground, schedule: Schedule, leading: Leading, sharing: "SharingOut | None", chats: Chats
    ) -> None:
        self._ground = ground
        self._schedule = schedule
        self._leading = leading
        self._sharing = sharing
        self._chats = chats

    def checks(self) -> Checks:
        """Each thing that the bot needs, with what is wrong with it, if anything is."""
        ground, sharing, chats = self._ground, self._sharing, self._chats
        late_after = ground.plan.settings.poll.every * LATE_AFTER
        at = ground.moment()
        found = health.own(ground.engine, self._schedule, now=at.now, wall=at.wall, late_after=late_after)
        found["leader"] = self._leading.problem
        if sharing is not None and self._schedule.leads:
            found["workers"] = sharing.problem
        found |= health.of_slack(chats.slack.health()) if chats.slack else {}
        return found | (health.of_teams(chats.teams.health()) if chats.teams else {})

    def notes(self) -> Mapping[str, str]:
        """What the bot does without, and is ready all the same."""
        ground, sharing, chats = self._ground, self._sharing, self._chats
        found = health.notes_of_slack(chats.slack.health()) if chats.slack else {}
        if (note := self._leading.note) is not None:
            found = {"leader": note, **found}
        if sharing is not None and sharing.note is not None:
            found = {"workers": sharing.note, **found}
        unlisted = ground.unlisted.items()
        found |= {f"account {name}": f"its pools cannot be listed: {why}" for name, why in unlisted}
        refused = ground.modelarts.refused if isinstance(ground.modelarts, Accounts) else {}
        found |= {f"account {name}": str(error) for name, error in refused.items()}
        return found | (health.notes_of_teams(chats.teams.health()) if chats.teams else {})

    def refresh_gauges(self) -> None:
        """Bring the gauges up to date with the store."""
        health.refresh(self._ground.metrics, self._ground.engine, self._schedule, now=self._ground.clock.now())
