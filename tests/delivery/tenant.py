"""The same scenes before a tenant of Teams: what its people see, and whether the bot believes what they see."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import select

from bot.emulator.server import Emulator
from bot.emulator.throttle import Limits
from bot.messages.delivery import REPEATED
from bot.messages.sending import Posted
from bot.sandbox.model import BOT_ID, Change, Channel, Message
from bot.sandbox.server import Sandbox
from bot.sandbox.teams.model import ALERTS, COLLEAGUE, YOU, Place, Post
from bot.sandbox.teams.stand_in import TeamsStandIn
from bot.sandbox.teams.tenant import Tenant
from bot.store import summaries
from bot.store.engine import reading
from bot.store.shown import shown
from bot.store.tables import posts
from bot.teams.activity import activity, brief
from tests.delivery.collector import EVENT_TYPE, Collector, label_of
from tests.delivery.processes import Nursery
from tests.delivery.scene import Scene
from tests.running import HeldPort

ROUTES = json.dumps([{"to": ["teams:ML Platform/Alerts"]}])
_KINDS: Mapping[str, Any] = {"post": "message", "changed": "changed", "deleted": "deleted"}


class Shown:
    """What stands in a tenant, in the terms of the collector."""

    def __init__(self, tenant: Tenant) -> None:
        self._tenant = tenant

    def listen(self, told: Callable[[Change], None]) -> Callable[[], None]:
        """Tell of every change of a message."""
        return self._tenant.listen(
            lambda change: told(Change(_KINDS.get(change.kind, "view"), channel=change.place, ts=change.id))
        )

    def channels(self) -> list[Channel]:
        """All conversations but the chats with the bot, where it only answers."""
        return [_channel(place) for place in self._tenant.places() if place.kind != "personal"]

    def channel(self, wanted: str) -> Channel | None:
        """One conversation."""
        found = self._tenant.place(wanted)
        return None if found is None else _channel(found)

    def messages(self, channel: str) -> list[Message]:
        """Its messages, oldest first."""
        return [self._seen(post) for post in self._tenant.posts(channel)]

    def message(self, channel: str, ts: str) -> Message | None:
        """One message."""
        found = self._tenant.message(channel, ts)
        return None if found is None else self._seen(found)

    def _seen(self, post: Post) -> Message:
        data = post.body.get("channelData")
        label = data.get("poolStats", {}) if isinstance(data, dict) else {}
        ids = {"delivery_id": label.get("deliveryId"), "alert_id": label.get("alertId")}
        return Message(
            post.place,
            post.id,
            post.sender,
            str(post.body.get("summary", "")),
            blocks=tuple(each["content"] for each in post.body.get("attachments", ())),
            metadata={"event_type": EVENT_TYPE, "event_payload": ids} if label else None,
            thread_ts=post.root,
            bot_id=BOT_ID if post.sender == self._tenant.bot else "",
            ephemeral_to=post.targeted_to,
        )


def _channel(place: Place) -> Channel:
    return Channel(place.id, place.name, place.members)


class TeamsScene(Scene):
    """A scene in which the bot speaks to Teams alone."""

    channel = "Alerts"
    writes = ("activities.create", "activities.reply", "activities.update", "activities.delete")

    def __init__(
        self,
        home: Path,
        nursery: Nursery,
        emulator: Emulator,
        sandbox: Sandbox,
        teams: TeamsStandIn,
        *,
        database: str = "",
        **more: str,
    ) -> None:
        env = {"POOL_STATS_SLACK__MODE": "off", "POOL_STATS_TEAMS__MODE": "bot", "POOL_STATS_ROUTES": ROUTES} | more
        super().__init__(home, nursery, emulator, sandbox, database=database, **env)
        self.teams = teams
        self.collector = Collector(Shown(teams.tenant))
        teams.app_url = self.url

    def introduce(self) -> None:
        """The app is added to the team, for which Teams tells it again until it has taken it."""
        self.eventually(lambda: self.teams.happening.install(YOU, ALERTS).ok, what="the installation")

    def misbehave(self, kind: str, methods: Sequence[str] | str = (), **more: Any) -> None:
        """Let Teams misbehave; counted as one fault."""
        self.faults += 1
        self.teams.misbehave(kind, methods, **more)

    def behave(self) -> None:
        """Teams is well again."""
        self.teams.behave()

    def calls(self, *methods: str) -> int:
        """How often the bot has called these."""
        return len(self.teams.calls.of(*methods))

    def told_of(self, pool: str) -> list[str]:
        """What the last message about each alert of the pool says, which is the one that is kept up to date."""
        about = self.collector.about(pool, self.channel)
        return list({label_of(message, "alert_id"): message.text for message in about}.values())

    def _press(self, action: str, pool: str) -> None:
        for message in self.collector.about(pool, self.channel)[-1:]:
            self.teams.people.press(COLLEAGUE, message.channel, message.ts, action)

    def complaints(self) -> list[str]:
        """What the bot believes to stand somewhere, and does not, and bad cards."""
        wrong = [f"{each.where}: {each.what}" for each in self.teams.tenant.complaints()]
        with reading(self._engine) as db:
            rows = db.execute(select(posts).where(posts.c.platform == "teams")).all()
            believed = {row: shown(db, "teams", Posted(row.posted_channel, row.posted_message)) for row in rows}
        for row, content in believed.items():
            stands = self.teams.tenant.message(row.posted_channel, row.posted_message)
            if stands is None:
                wrong.append(f"the bot believes that {row.alert_id} stands where nothing does")
            elif content is None or summaries.is_summary(row.alert_id) or REPEATED in str(stands.body):
                continue
            elif stands.body["attachments"] not in [activity(c)["attachments"] for c in (content, brief(content))]:
                wrong.append(f"the bot believes that {content.summary!r} stands where {stands.body['summary']!r} does")
        return wrong


@contextmanager
def tenant(home: Path, nursery: Nursery, *pools: str, database: str = "", **env: str) -> Iterator[TeamsScene]:
    """A scene with these pools, all quiet."""
    teams = TeamsStandIn()
    with (
        HeldPort() as port,
        Emulator(limits=Limits(user=10_000)) as emulator,
        Sandbox(port=port.number, teams=teams) as sandbox,
    ):
        made = TeamsScene(home, nursery, emulator, sandbox, teams, database=database, **env)
        made.queue(3, *pools)
        try:
            yield made
        finally:
            made.close()
