"""What cannot be seen is never a recovery, and is told once: by a message that is kept up to date."""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from bot.clock import Clock, wait
from bot.core.alerts import Alert, State
from bot.core.blindness import Patience
from bot.core.routes import Place, Route
from bot.core.stats import Pool
from bot.emulator.server import Emulator
from bot.jobs.blindness import Lookout, Watch, watch
from bot.jobs.deliver import deliver
from bot.jobs.poll import Judges, poll
from bot.jobs.pools import leave
from bot.jobs.telling import Moment
from bot.messages.model import to_json
from bot.modelarts.client import ModelArts
from bot.modelarts.credentials import Keys
from bot.store import alerts
from bot.store.engine import open_store, reading
from tests.building import MINUTE, NOON, long_queue
from tests.databases import sqlite_store
from tests.jobs.chat import Chat

OPS = Place("slack", "#ops")
STEP = timedelta(seconds=30)
PATIENCE = Patience(stale_after=2 * MINUTE, blind_after=10 * MINUTE, gone_after=15 * MINUTE)
NAMES = ("train-a100", "train-v100", "research")


class House:
    """A bot that reads three pools every minute and looks around every half."""

    def __init__(self, emulator: Emulator, modelarts: ModelArts, engine: Engine) -> None:
        self.emulator, self.modelarts, self.engine = emulator, modelarts, engine
        made = [emulator.set_counts(name, {"train": {"Queue": 0, "Running": 5}}) for name in NAMES]
        self.pools = [Pool(each.id, each.name) for each in made]
        self.routes = [Route((OPS,))]
        self.chat = Chat()
        self.now = NOON
        self.unlisted: str | None = None
        self.chat_is_down = False
        self.start()

    def start(self) -> None:
        """Forget everything that is not in the store."""
        self.judges, self.lookout = Judges(self.engine, [long_queue(50)]), Lookout()

    def queue(self, jobs: int, name: str = "train-a100") -> None:
        """So many training jobs wait."""
        self.emulator.set_counts(name, {"train": {"Queue": jobs, "Running": 5}})

    def wait(self, minutes: float) -> None:
        """Go on for so long."""
        for _ in range(int(minutes * 2)):
            self.now += STEP
            if (self.now - NOON) % MINUTE == timedelta():
                for pool in self.pools:
                    self.read(pool)
            if (self.now - NOON) % (5 * MINUTE) == timedelta():
                self.look_after()
            self.look()

    def sleep(self, length: timedelta) -> None:
        """The machine sleeps."""
        self.now += length

    def read(self, pool: Pool) -> None:
        """Read one pool."""
        poll(
            pool, modelarts=self.modelarts, engine=self.engine, judges=self.judges, routes=self.routes,
            stale_after=PATIENCE.stale_after, at=Moment(self.now, self.now),
        )  # fmt: skip

    def look_after(self) -> None:
        """Look after the pools that are not listed any more."""
        leave(
            self.pools, wanted=lambda _: True, modelarts=self.modelarts, engine=self.engine, routes=self.routes,
            stale_after=PATIENCE.stale_after, at=Moment(self.now, self.now),
        )  # fmt: skip

    def look(self) -> int:
        """Look around, and tell, unless the chat cannot be reached."""
        what = Watch(self.pools, self.unlisted, lambda _: True, PATIENCE, self.routes)
        told = watch(self.engine, what, self.lookout, at=Moment(self.now, self.now))
        if self.chat_is_down:
            return told
        while deliver(self.engine, {"slack": self.chat}, now=self.now, lease=timedelta(seconds=30)).more:
            pass
        return told

    def alerts(self) -> Sequence[Alert]:
        """What is open."""
        with reading(self.engine) as db:
            return alerts.open_alerts(db)

    def said(self, words: str) -> list[str]:
        """The summaries of the messages whose title says so."""
        return [message.summary for message in self.chat.standing.values() if words in message.title]

    def entries(self, words: str) -> list[str]:
        """What stands in the threads under such messages."""
        standing = self.chat.standing.items()
        under = [self.chat.threads.get(posted, []) for posted, message in standing if words in message.title]
        return [entry.summary for entries in under for entry in entries]


@pytest.fixture
def database_url(tmp_path: Path) -> str:
    """Only SQLite: what is kept of blindness is tried on both databases by the tests of the store."""
    return sqlite_store(tmp_path)


@pytest.fixture
def modelarts(emulator: Emulator) -> Iterator[ModelArts]:
    """A client that gives up soon."""
    clock, key = Clock(), emulator.access_key
    with ModelArts(
        Keys(key.access, key.secret), endpoint=emulator.url, project_id=emulator.project_id, wall=clock.wall,
        monotonic=clock.monotonic, wait=wait, max_rate=1000, deadline=timedelta(milliseconds=150),
    ) as client:  # fmt: skip
        yield client


@pytest.fixture
def house(emulator: Emulator, modelarts: ModelArts, engine: Engine) -> House:
    """A bot that has seen every pool, one of which has an open alert."""
    made = House(emulator, modelarts, engine)
    made.queue(60)
    made.wait(1)
    return made


FAULTS = [
    pytest.param({"kind": "status", "status": 503}, id="the API is down"),
    pytest.param({"kind": "status", "status": 401}, id="the key is refused"),
    pytest.param({"kind": "status", "status": 403}, id="a right is missing"),
    pytest.param({"kind": "throttle", "retry_after": 600}, id="it is throttled"),
    pytest.param({"kind": "truncated"}, id="the answer is partial"),
    pytest.param({"kind": "html"}, id="the answer is a web page"),
    pytest.param({"kind": "not-json"}, id="the answer is garbled"),
    pytest.param({"kind": "wrong-types", "wrong": "words"}, id="the counts are words"),
    pytest.param({"kind": "reset"}, id="the connection breaks"),
]


@pytest.mark.parametrize("fault", FAULTS)
def test_blindness_is_never_a_recovery_whatever_it_comes_from(house: House, fault: dict[str, Any]) -> None:
    house.emulator.misbehave(**fault)
    house.wait(3)

    (alert,) = house.alerts()
    assert (alert.state, alert.stale_since) == (State.FIRING, NOON + MINUTE)
    assert "not seen now" in house.chat.titles()[0]
    assert "this is not a recovery" in next(iter(house.chat.standing.values())).summary

    house.wait(12)
    (said,) = house.said("I am blind: none of 3 pools can be read")
    assert "Nothing has been seen since 12:01 UTC" in said
    assert "1 open alert cannot be seen: it stays open, this is not a recovery" in said


def test_an_answer_that_counts_nothing_marks_the_alert_too(house: House) -> None:
    house.emulator.misbehave("wrong-types", wrong="null")
    house.wait(3)

    (alert,) = house.alerts()
    assert (alert.state, alert.stale_since) == (State.FIRING, NOON + MINUTE)


def test_an_account_that_is_blind_is_told_once_and_so_is_that_it_sees_again(house: House) -> None:
    house.emulator.misbehave("html")
    house.wait(60)
    assert len(house.said("I am blind")) == 1
    assert len(house.chat.standing) == 2

    house.emulator.behave()
    house.wait(20)
    (said,) = house.said("I can see again")
    assert "Not seen from 12:01 UTC to 13:02 UTC (1 h 1 min)" in said
    assert house.entries("I can see again") == ["I can see again since 13:02 UTC, after 1 h 1 min."]
    assert len(house.chat.standing) == 2
    assert house.alerts()[0].stale_since is None


def test_a_short_failure_is_nobodys_business(house: House) -> None:
    house.emulator.misbehave("html")
    house.wait(8)
    house.emulator.behave()
    house.wait(30)

    assert len(house.chat.standing) == 1


def test_a_sight_that_flaps_is_told_once(house: House) -> None:
    for _ in range(5):
        house.emulator.misbehave("html")
        house.wait(12)
        house.emulator.behave()
        house.wait(3)

    assert len(house.said("I am blind")) == 1
    assert len(house.chat.standing) == 2


def test_a_restart_neither_repeats_nor_forgets_what_was_told(house: House) -> None:
    house.emulator.misbehave("html")
    house.wait(13)
    house.start()
    house.wait(13)
    assert len(house.said("I am blind")) == 1

    house.emulator.behave()
    house.start()
    house.wait(10)
    assert len(house.said("I can see again")) == 1
    assert len(house.chat.standing) == 2


def test_blindness_that_is_over_before_it_could_be_told_is_told_once_as_what_it_was(house: House) -> None:
    house.chat_is_down = True
    house.emulator.misbehave("html")
    house.wait(20)
    house.emulator.behave()
    house.wait(10)
    house.chat_is_down = False
    house.wait(1)

    assert len(house.said("I can see again")) == 1
    assert house.said("I am blind") == []
    assert len(house.chat.standing) == 2


def test_refused_credentials_are_named_with_what_stops(house: House) -> None:
    house.emulator.misbehave("status", status=401)
    house.wait(13)

    (message,) = [each for each in house.chat.standing.values() if "I am blind" in each.title]
    said = to_json(message)
    assert "ModelArts does not accept our credentials" in message.summary
    assert "renew its access key (HUAWEICLOUD_SDK_AK and HUAWEICLOUD_SDK_SK" in said
    assert "Until then nothing is read: no alert fires or ends" in said
    assert house.emulator.access_key.access not in said
    assert house.emulator.access_key.secret not in said


def test_pools_that_alone_cannot_be_read_for_long_are_named_in_one_notice(house: House) -> None:
    for pool in house.pools[:2]:
        house.emulator.misbehave("status", status=403, pool=pool.id)
    house.wait(13)

    (said,) = house.said("2 of 3 pools cannot be read")
    assert "1 open alert cannot be seen" in said
    shown = to_json(next(each for each in house.chat.standing.values() if "cannot be read" in each.title))
    assert "train-a100" in shown
    assert "train-v100" in shown
    assert "research" not in shown
    assert "modelarts:pool:get" in shown


def test_a_pool_that_joins_or_leaves_such_a_notice_is_told_in_its_thread(house: House) -> None:
    house.emulator.misbehave("status", status=403, pool=house.pools[0].id)
    house.wait(13)
    house.emulator.misbehave("status", status=403, pool=house.pools[1].id)
    house.wait(13)
    assert [entry.partition(" since")[0] for entry in house.entries("2 of 3 pools")] == ["train-v100 not seen either"]

    house.emulator.behave()
    house.wait(10)
    assert len(house.said("train-a100 and train-v100 can be read again")) == 1


def test_a_channel_hears_only_of_the_pools_that_are_routed_to_it(house: House) -> None:
    lab = Place("slack", "#lab")
    house.routes = [Route((lab,), pools=("research",)), Route((OPS,), pools=("train-*",))]
    house.emulator.misbehave("html")
    house.wait(13)

    by_channel = {
        posted.channel: message for posted, message in house.chat.standing.items() if "blind" in message.title
    }
    assert by_channel["#lab"].title == "I am blind: research cannot be read"
    assert by_channel["#ops"].title == "I am blind: none of 2 pools can be read"


def test_a_bot_without_a_list_of_pools_says_so(house: House) -> None:
    house.pools = []
    house.unlisted = "ModelArts does not accept our credentials: there is no such access key"
    house.wait(12)

    (said,) = house.said("I am blind: there is no list of pools")
    assert "there is no such access key" in said


def test_a_machine_that_slept_is_not_blind_when_it_wakes(house: House) -> None:
    house.emulator.misbehave("html")
    house.wait(3)
    house.sleep(timedelta(hours=8))
    # The network takes a while to come back.
    house.look()
    house.wait(1)
    house.emulator.behave()
    house.wait(20)

    assert len(house.chat.standing) == 1
    (alert,) = house.alerts()
    assert (alert.state, alert.stale_since) == (State.FIRING, None)


def test_a_pool_that_does_not_exist_for_a_short_time_only_marks_its_alerts(house: House) -> None:
    house.emulator.misbehave("status", status=404, pool=house.pools[0].id, body=NO_POOL)
    house.wait(13)

    (alert,) = house.alerts()
    assert alert.stale_since is not None
    assert len(house.chat.standing) == 1


def test_a_pool_that_does_not_exist_for_long_is_reported_once_and_its_alerts_are_closed(house: House) -> None:
    house.emulator.misbehave("status", status=404, pool=house.pools[0].id, body=NO_POOL)
    house.wait(60)

    assert house.alerts() == []
    (said,) = house.said("train-a100 does not exist any more")
    assert "ModelArts has known no such pool since 12:02 UTC" in said
    (closed,) = house.said("Closed")
    assert len(house.chat.standing) == 2
    assert "ModelArts has known no such pool since 12:02 UTC" in " ".join(house.entries("Closed")) + closed


def test_a_pool_that_comes_back_is_watched_again(house: House) -> None:
    house.emulator.misbehave("status", status=404, pool=house.pools[0].id, body=NO_POOL)
    house.wait(30)
    house.emulator.behave()
    house.queue(70)
    house.wait(3)

    assert house.said("train-a100 is back")
    assert house.entries("train-a100 is back") == ["train-a100 back, and watched again."]
    (alert,) = house.alerts()
    assert alert.value == 70


def test_a_pool_that_was_deleted_and_is_listed_no_more_is_reported_once(house: House) -> None:
    house.emulator.engine.remove_pool(house.pools[0].id)
    house.pools = house.pools[1:]
    house.wait(4)
    assert len(house.alerts()) == 1
    house.wait(60)

    assert house.alerts() == []
    assert len(house.said("train-a100 does not exist any more")) == 1
    assert len(house.chat.standing) == 2


def test_that_no_pool_at_all_exists_is_no_news_about_any_of_them(house: House) -> None:
    house.emulator.misbehave("status", status=404, route="statistics", body=NO_POOL)
    house.wait(60)

    assert len(house.alerts()) == 1
    assert len(house.said("I am blind")) == 1
    assert house.said("exist any more") == []


def test_what_is_told_is_told_in_one_transaction_even_if_the_database_is_locked_meanwhile(house: House) -> None:
    url = str(house.engine.url)
    house.emulator.misbehave("html")
    house.wait(10)
    quick = open_store(f"{url}?timeout=0.05")
    house.engine, usual = quick, house.engine
    with closing(sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(Exception, match="locked"):
            house.wait(3)
    quick.dispose()
    house.engine = usual
    house.start()
    house.wait(13)
    assert len(house.said("I am blind")) == 1


NO_POOL = {"error_code": "ModelArts.50015001", "error_msg": "The pool does not exist."}
