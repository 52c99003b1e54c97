"""Is a pool that one may not see answered exactly as one that does not exist, wherever and however one asks?

A bot process before both stand-ins, in one workspace whose people may all make rules; what is hidden is asked for by
everything that a person can type, press, choose or fill in.
"""

import json
import re
import signal
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from bot.emulator.server import Emulator
from bot.messages.model import Button, Message, Verb
from bot.sandbox.model import BOT, BOT_ID, COLLEAGUE, YOU, Channel, Group, default_channels
from bot.sandbox.model import Message as Said
from bot.sandbox.server import Sandbox
from bot.sandbox.workspace import Workspace
from bot.slack.blocks import payload
from tests.app.conftest import House
from tests.running import eventually

HERE, THERE, SHARED, DIRECT = "C0PLATFORM1", "C0RESEARCH1", "C0PARTNER01", "D0000000YOU"
HIDDEN, MISSING = "research-h100", "research-h199"
# What an answer holds that is never the same twice.
_PASSING = re.compile(r'"block_id": "[^"]*"|/commands/[-\w/]+|<!date[^>]*>|\b[0-9a-f]{12,32}\b')


@dataclass
class Scene:
    """Somebody who may not see the hidden pool, in a channel that may not either."""

    house: House
    workspace: Workspace
    hidden_id: str
    alert_id: str

    def asked(self, command: str, text: str, *, channel: str = HERE, user: str = YOU) -> str:
        """All that is shown to the person because of a command."""
        return self._shown(lambda: self.workspace.run_command(user, channel, command, text), channel, user)

    def pressed(self, verb: Verb, subject: str, *, channel: str = HERE) -> str:
        """Likewise because of a button that the bot left there long ago, whatever it says."""
        drawn = payload(Message("Old", "old", buttons=(Button("Press", verb, subject),)))["blocks"]
        drawn = tuple(block | {"block_id": f"old-{number}"} for number, block in enumerate(drawn))
        old = self.workspace.post(Said(channel, self.workspace.next_ts(), BOT, "old", drawn, bot_id=BOT_ID))
        action = next(e["action_id"] for b in old.blocks if b["type"] == "actions" for e in b["elements"])
        return self._shown(lambda: self.workspace.press(YOU, channel, old.ts, action_id=action), channel, YOU)

    def silence(self) -> str:
        """The id of the only silence there is."""
        with closing(sqlite3.connect(self.house.env["DATABASE_URL"].removeprefix("sqlite:///"))) as db:
            ((found,),) = db.execute("SELECT id FROM silences").fetchall()
        return str(found)

    def _shown(self, act: Callable[[], object], channel: str, user: str) -> str:
        before = len(self.workspace.messages(channel, seen_by=user))
        views = len(self.workspace.modals(user))
        act()

        def shown() -> list[object]:
            said = self.workspace.messages(channel, seen_by=user)[before:]
            modals = self.workspace.modals(user)[views:]
            return [[m.text, m.blocks] for m in said if m.bot_id] + [m.body for m in modals]

        eventually(shown, what="an answer")
        told = json.dumps(shown())
        for view in self.workspace.modals(user):
            self.workspace.close_view(user, view.id, all_of_them=True)
        return _PASSING.sub("", told)


TYPED = [
    ("/pool-stats", "{}"),
    ("/pool-stats", "{} chart 24h"),
    ("/pool-stats", "{} why"),
    ("/pool-stats", "{} jobs"),
    ("/pool-stats", "compare train-a100 {}"),
    ("/pool-alerts", "silence {} 2h"),
    ("/pool-alerts", "test Queue above 50 in {}"),
    ("/pool-alerts", "add Queue above 50 in {}"),
    ("/pool-alerts", "drill critical in {}"),
]
LISTS = [
    ("/pool-stats", ""),
    ("/pool-stats", "research*"),
    ("/pool-stats", "resaerch"),
    ("/pool-alerts", ""),
    ("/pool-alerts", "rules"),
    ("/pool-alerts", "silences"),
    ("/pool-alerts", "log"),
    ("/pool-digest", ""),
]
BUTTONS = [
    (Verb.ACKNOWLEDGE, "{alert}"),
    (Verb.UNSILENCE, "{alert}"),
    (Verb.SILENCE, "{alert} 2h"),
    (Verb.SILENCE, "{alert} custom"),
    (Verb.SHOW, "{pool}"),
    (Verb.SHARE, "{pool}"),
    (Verb.SAY, "/pool-stats {pool} why"),
    (Verb.SAY, "/pool-alerts keep Queue above 9 in {pool}"),
    (Verb.UNDO, "{seq}"),
    (Verb.END_SILENCE, "{silence}"),
    (Verb.EXTEND_SILENCE, "{silence} 2h"),
]


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    channels = [replace(c, members=c.members - {YOU}) if c.id == THERE else c for c in default_channels()]
    shared = Channel(SHARED, "partner", frozenset({YOU, COLLEAGUE, BOT}), shared_with=("T0PARTNER01",))
    workspace = Workspace(channels=(*channels, shared), groups=[Group("S0LEADS0001", "leads", (COLLEAGUE,))])
    with Emulator() as emulator, Sandbox(workspace=workspace) as sandbox:
        sandbox.switches.posts_per_second = 0
        emulator.set_counts("train-a100", {"train": {"Queue": 3, "Running": 5}})
        made = emulator.set_counts(HIDDEN, {"train": {"Queue": 60, "Running": 5}})
        house = House(tmp_path, emulator, sandbox, "http")
        seen = {"pools": ["research-*"], "channels": [f"slack:{THERE}"], "groups": ["slack:S0LEADS0001"]}
        house.env["POOL_STATS_ACCESS"] = json.dumps({"pools": [seen]})
        house.env["POOL_STATS_ROUTES"] = json.dumps(
            [{"match": {"pools": ["research-*"]}, "to": ["slack:#research"]}, {"to": ["slack:#ml-oncall"]}]
        )
        try:
            house.start()
            (alert,) = eventually(lambda: house.messages("#research"), what="the alert of the hidden pool")
            yield Scene(house, workspace, made.id, alert["metadata"]["event_payload"]["alert_id"])
        finally:
            if house.bot is not None:
                house.bot.stop(signal.SIGKILL)


def test_nothing_tells_a_hidden_pool_from_one_that_is_not_there(scene: Scene) -> None:
    # Somebody of the group, who sees it everywhere, has been at work where the others read along.
    assert HIDDEN in scene.asked("/pool-stats", HIDDEN, user=COLLEAGUE)
    assert "Queue" in scene.asked("/pool-alerts", f"keep Queue above 7 in {HIDDEN} called secret", user=COLLEAGUE)
    assert HIDDEN in scene.asked("/pool-alerts", f"silence {HIDDEN} 2h reason secret", user=COLLEAGUE)
    assert HIDDEN in scene.asked("/pool-alerts", "silences", user=COLLEAGUE)

    leaks = [*_told_by_words(scene), *_told_by_lists(scene), *_told_by_buttons(scene)]

    assert leaks == []
    scene.workspace.open_home(YOU)
    view = eventually(lambda: scene.workspace.home(YOU), what="the Home tab")
    assert view is not None
    assert "h100" not in json.dumps(view.body)


def _told_by_words(scene: Scene) -> Iterator[object]:
    names = [(HIDDEN, MISSING), ("resear", "nosuch"), (scene.hidden_id, scene.hidden_id[:-4] + "0000")]
    for command, text in TYPED:
        for hidden, missing in names if text == "{}" else names[:1]:
            told = scene.asked(command, text.replace("{}", hidden)).replace(hidden, missing)
            nothing = scene.asked(command, text.replace("{}", missing))
            if told != nothing:
                yield command, text, hidden, told, nothing


def _told_by_lists(scene: Scene) -> Iterator[object]:
    for command, text in LISTS:
        for channel in (HERE, SHARED, DIRECT):
            told = scene.asked(command, text, channel=channel)
            words = ("h100", "secret", "research-", *(("a100",) if channel == SHARED else ()))
            if any(word in told.replace("research*", "") for word in words):
                yield command, text, channel, told


def _told_by_buttons(scene: Scene) -> Iterator[object]:
    real = {"alert": scene.alert_id, "pool": HIDDEN, "seq": "2", "silence": scene.silence()}
    none = {"alert": "0" * 12, "pool": MISSING, "seq": "999999", "silence": "0" * 12}
    for verb, subject in BUTTONS:
        told = scene.pressed(verb, subject.format(**real))
        nothing = scene.pressed(verb, subject.format(**none))
        if told.replace(HIDDEN, MISSING) != nothing:
            yield verb, subject, told, nothing
