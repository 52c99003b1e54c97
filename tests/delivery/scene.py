"""A bot between the two stand-ins that is killed and started again, and a channel that must come right."""

import json
import signal
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, TypeVar

import requests
from sqlalchemy import Engine

from bot.core.alerts import State
from bot.emulator.server import Emulator
from bot.emulator.throttle import Limits
from bot.sandbox.model import YOU, Message
from bot.sandbox.server import Sandbox
from bot.store import alerts, outbox
from bot.store.engine import StoreError, open_store, reading
from tests.delivery.collector import Collector, Tally, Told
from tests.delivery.processes import Nursery, Process
from tests.running import HeldPort, environment

_T = TypeVar("_T")
RULES = [{"name": "long queue", "metric": "Queue", "kind": "threshold", "above": 50}]
# A repeat that nothing could fence is taken back within a minute.
SETTLES_WITHIN = 90.0
# Many scenes are played at once, perhaps on a busy machine.
PATIENCE = 60.0
QUIET = 1.2
# Whoever pressed a button and saw nothing happen presses again after this long.
PRESSES_AGAIN = 2.0


class Scene:
    """One workspace, one account, one database, and the bots that use them.

    Attributes:
        faults: What the scene has been put through, counted by whoever does it.
        writes: The calls that change what people see.
        channel: Where alerts are told.
    """

    channel = "ml-platform"
    writes: tuple[str, ...] = ("chat.postMessage", "chat.update", "chat.delete")

    def __init__(
        self, home: Path, nursery: Nursery, emulator: Emulator, sandbox: Sandbox, *, database: str = "", **env: str
    ) -> None:
        home.mkdir(parents=True, exist_ok=True)
        self.emulator, self.sandbox = emulator, sandbox
        self.collector = Collector(sandbox.workspace)
        self.faults = 0
        self.bots: list[Process] = []
        self._slacks = [sandbox]
        self.database = database or f"sqlite:///{home / 'bot.db'}"
        self._nursery = nursery
        self._ports: list[HeldPort] = []
        port = self.held_port()
        self.url = sandbox.app_url = f"http://127.0.0.1:{port}"
        self._engine: Engine = open_store(self.database)
        self.env = environment(
            home,
            **emulator.environment,
            **sandbox.environment(),
            DATABASE_URL=self.database,
            POOL_STATS_POLL__EVERY="1s",
            POOL_STATS_MODELARTS__MAX_RATE="500",
            POOL_STATS_SLACK__MODE="http",
            POOL_STATS_WEB__PORT=str(port),
            POOL_STATS_DELIVERY__LEASE="1s",
            # No summaries: what a scene is about is told alert by alert unless it says otherwise.
            POOL_STATS_DELIVERY__SUMMARY_ABOVE="0",
            # The jobs behind an alert change its message when they come; tests/jobs/test_evidence.py tries that.
            POOL_STATS_DELIVERY__ASK_FOR_JOBS="false",
            POOL_STATS_ROUTES=json.dumps([{"to": ["slack:#ml-platform"]}]),
            POOL_STATS_RULES=json.dumps(RULES),
        ) | env  # fmt: skip

    # The bots

    def start(self, *, last: str | None = None, how: signal.Signals = signal.SIGKILL, **env: str) -> Process:
        """Start a bot, which dies (or stops) at the boundary `last`."""
        bot = self._nursery.start(self.env | env, last=last, how=how)
        self.bots.append(bot)
        return bot

    def kill(self) -> None:
        """Kill the bot at once."""
        self.faults += 1
        self.bots[-1].stop(signal.SIGKILL)

    def start_another(self, *, last: str | None = None, how: signal.Signals = signal.SIGKILL) -> Process:
        """Start a bot beside the one that runs, on a port of its own; returns when it can do its work."""
        port = self.held_port()
        bot = self.start(last=last, how=how, POOL_STATS_WEB__PORT=str(port))
        self.eventually(lambda: self.is_ready(str(port)), what="readiness of the other one", revive=False)
        return bot

    def held_port(self) -> int:
        """A port for a bot, which stays its own while the bot is down."""
        self._ports.append(HeldPort())
        return self._ports[-1].number

    @property
    def _file(self) -> str:
        return self.database.removeprefix("sqlite:///")

    def start_ready(self) -> Process:
        """Start a bot; returns when it can do its work."""
        bot = self.start()
        self.eventually(self.is_ready, what="readiness", revive=False)
        return bot

    def is_ready(self, port: str | None = None) -> bool:
        """Whether the bot says that it can do its work."""
        try:
            url = self.url if port is None else f"http://127.0.0.1:{port}"
            return requests.get(f"{url}/readyz", timeout=5).status_code == 200
        except (requests.ConnectionError, requests.Timeout):
            return False

    def close(self) -> None:
        """Let go of everything."""
        for bot in self.bots:
            bot.stop(signal.SIGKILL)
        for slack in self._slacks[1:]:
            slack.close()
        for port in self._ports:
            port.close()
        self._engine.dispose()

    # The world

    def restart_slack(self, *, away_for: float) -> None:
        """Slack's side goes away and comes again, with everything that stands in the workspace."""
        self.faults += 1
        old = self.sandbox
        port = int(old.url.rstrip("/").rpartition(":")[2])
        old.close()
        time_passes(away_for)
        self.sandbox = Sandbox(old.app_url, port=port, workspace=old.workspace, switches=old.switches).start()
        self._slacks.append(self.sandbox)

    def misbehave(self, kind: str, methods: Sequence[str] | str = (), **more: Any) -> None:
        """Let Slack misbehave; counted as one fault."""
        self.faults += 1
        self.sandbox.misbehave(kind, methods, **more)

    @contextmanager
    def database_locked(self) -> Iterator[None]:
        """Somebody else writes into the SQLite file, and does not come to an end."""
        self.faults += 1
        with closing(sqlite3.connect(self._file, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            yield
            other.execute("ROLLBACK")

    def queue(self, jobs: int, *pools: str) -> None:
        """Let so many training jobs wait in each of these pools."""
        for pool in pools:
            self.emulator.set_counts(pool, {"train": {"Queue": jobs, "Running": 5}})

    def press(self, action: str, pool: str, seen: str) -> None:
        """Somebody presses the button of the alert's message, again if need be, until the message says `seen`."""
        pressed_at = 0.0

        def shows() -> bool:
            nonlocal pressed_at
            if self.shows(pool, seen):
                return True
            if time.monotonic() - pressed_at > PRESSES_AGAIN:
                pressed_at = time.monotonic()
                self._press(action, pool)
            return False

        self.eventually(shows, what=f"{seen!r} after {action!r}")

    def _press(self, action: str, pool: str) -> None:
        for message in self.collector.about(pool)[:1]:
            inside = (block for attachment in message.attachments for block in attachment.get("blocks", ()))
            for block in (*message.blocks, *inside):
                for element in block.get("elements", ()):
                    if element["type"] == "button" and element["text"]["text"] == action:
                        self.sandbox.workspace.press(
                            YOU, message.channel, message.ts, action_id=element["action_id"], block_id=block["block_id"]
                        )

    # What is seen

    def shows(self, pool: str, text: str, channel: str = "") -> bool:
        """Whether a message about the pool begins with the text or says it."""
        return any(text in message.text for message in self.collector.about(pool, channel or self.channel))

    def told_of(self, pool: str) -> list[str]:
        """What the message about each alert of the pool says."""
        return [message.text for message in self.collector.about(pool, self.channel)]

    def fires(self, pool: str) -> bool:
        """Whether the channel is told that there is trouble in the pool now."""
        return any(
            "Queue 60" in m.text for m in self.collector.about(pool, self.channel) if not m.text.startswith("Resolved")
        )

    def is_open(self, pool: str) -> bool:
        """Whether the bot knows of trouble in the pool now, told or not."""
        try:
            with reading(self._engine) as db:
                return any(alert.pool.name == pool and alert.told for alert in alerts.open_alerts(db))
        except StoreError:
            return False

    def is_silenced(self, pool: str) -> bool:
        """Whether the bot knows of trouble in the pool of which nobody was told."""
        try:
            with reading(self._engine) as db:
                found = [alert for alert in alerts.open_alerts(db) if alert.pool.name == pool]
        except StoreError:
            return False
        return any(alert.state is State.SILENCED and not alert.told for alert in found)

    def message(self, pool: str) -> Message:
        """The message about a pool, which must be one."""
        (found,) = self.collector.about(pool)
        return found

    def calls(self, *methods: str) -> int:
        """How often the bot has called these methods."""
        return len(self.sandbox.calls.of(*methods))

    def waits(self) -> bool:
        """Whether something has not reached its channel yet."""
        try:
            with reading(self._engine) as db:
                return bool(outbox.waiting(db))
        except StoreError:
            return True

    def complaints(self) -> list[str]:
        """What else is not as it must be once nothing moves any more."""
        return []

    def eventually(
        self, look: Callable[[], _T], *, within: float = PATIENCE, what: str = "it", revive: bool = True
    ) -> _T:
        """What `look` gives, once it gives something; a bot that died meanwhile is started again."""
        deadline = time.monotonic() + within
        while True:
            if revive and self.bots and not self.bots[-1].alive:
                self.start()
            if found := look():
                return found
            if time.monotonic() > deadline:
                seen = "\n".join(f"- {m.text}" for m in self.collector.standing())
                said = self.bots[-1].said if self.bots else ""
                raise AssertionError(f"{what} did not come about within {within:g} s; seen:\n{seen}\nthe bot:\n{said}")
            time_passes()

    def settles(
        self, expected: Sequence[Told], *, within: float = SETTLES_WITHIN, some_wait: bool = False, blind: bool = False
    ) -> Tally:
        """Wait until the workspace shows exactly this, and nothing moves or waits; the figures.

        Args:
            expected: All that the bot shall have told in the workspace.
            within: For how long at most.
            some_wait: What cannot be told may wait.
            blind: The bot may not read channels, so a delivery may stand twice.
        """
        deadline = time.monotonic() + within
        seen, still_since = -1, time.monotonic()
        while True:
            if self.bots and not self.bots[-1].alive:
                self.start()
            if seen != (now := self.calls(*self.writes)):
                seen, still_since = now, time.monotonic()
            verdict = self.collector.judge(expected, blind=blind)
            verdict.complaints += self.complaints()
            still = time.monotonic() - still_since > QUIET and (some_wait or not self.waits())
            verdict.tally.faults = self.faults
            if still and not verdict.complaints:
                return verdict.tally
            if time.monotonic() > deadline:
                # Figures of what went wrong are kept too.
                raise NotSettled(verdict.complaints, verdict.tally, self.bots[-1].said if self.bots else "")
            time_passes()


class NotSettled(AssertionError):  # noqa: N818 - named for what is known of the workspace
    """The workspace does not show what is true."""

    def __init__(self, complaints: Sequence[str], tally: Tally, said: str) -> None:
        super().__init__("\n".join([*(complaints or ["something still moves"]), "the bot:", said]))
        self.tally = tally


def time_passes(seconds: float = 0.05) -> None:
    """Look again a little later."""
    threading.Event().wait(seconds)


@contextmanager
def scene(home: Path, nursery: Nursery, *pools: str, database: str = "", **env: str) -> Iterator[Scene]:
    """A scene with these pools, all quiet."""
    with (
        HeldPort() as slack,
        Emulator(limits=Limits(user=10_000)) as emulator,
        Sandbox(port=slack.number) as sandbox,
    ):
        made = Scene(home, nursery, emulator, sandbox, database=database, **env)
        made.queue(3, *pools)
        try:
            yield made
        finally:
            made.close()
