"""Two accounts: what is read, what is left alone and what is told when one of them cannot be listed."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine

from bot.clock import wait
from bot.core.access import Access, Grant
from bot.core.alerts import State
from bot.core.blindness import Patience
from bot.core.command import Asker, ShowAllPools
from bot.core.routes import Place, Route
from bot.core.stats import Pool, PoolStats
from bot.emulator import AccessKey, Emulator
from bot.emulator import Engine as Simulation
from bot.jobs.accounts import Listing
from bot.jobs.answers.all_pools import show_all_pools
from bot.jobs.answers.known import Answering
from bot.jobs.blindness import Lookout, Watch, watch
from bot.jobs.pools import leave
from bot.jobs.telling import Moment
from bot.modelarts.accounts import Accounts
from bot.modelarts.client import ModelArts
from bot.modelarts.credentials import Keys
from bot.modelarts.errors import BadCredentials
from bot.modelarts.limits import Limits
from bot.modelarts.lists import Member
from bot.store import alerts, audit, samples, spells
from bot.store.engine import reading, writing
from tests.building import MINUTE, NOON, an_alert

OPS = Route((Place("slack", "#ops"),))
PATIENCE = Patience(stale_after=2 * MINUTE, blind_after=10 * MINUTE, gone_after=15 * MINUTE)
# Another key than the other account's: those who share one share its refusal.
KEY = AccessKey("LABKEY00000000000001", "the-secret-key-of-the-lab", project_id="b" * 32)


class Hands:
    """Time that a test turns."""

    def __init__(self) -> None:
        self.now = NOON

    def monotonic(self) -> float:
        return self.now.timestamp()


class House:
    """Two accounts, of which the second one fails when it is told to."""

    def __init__(self, engine: Engine, prod: Emulator, lab: Emulator) -> None:
        self.engine, self.lab, self.hands = engine, lab, Hands()
        limits = Limits(monotonic=self.hands.monotonic, wall=lambda: self.hands.now, wait=wait)
        members = [
            Member(
                name,
                region,
                ModelArts(
                    Keys(emulator.access_key.access, emulator.access_key.secret),
                    endpoint=emulator.url, project_id=emulator.project_id, trust_env=False, max_rate=1e6,
                    wall=lambda: self.hands.now, monotonic=self.hands.monotonic, wait=wait, limits=limits,
                ),
            )
            for name, region, emulator in (("prod", "cn-north-4", prod), ("lab", "cn-east-3", lab))
        ]  # fmt: skip
        self.start(Accounts(members, monotonic=self.hands.monotonic))

    def start(self, accounts: Accounts) -> None:
        """As a process that has just begun."""
        self.accounts = accounts
        self.listing = Listing(accounts, self.engine, self.hands.monotonic)
        self.lookout = Lookout()

    def read(self) -> tuple[Pool, ...]:
        """List the pools, and read those that can be."""
        pools = self.listing.read(lambda _: True, now=self.hands.now)
        for pool in pools:
            try:
                stats = self.accounts.pool_stats(pool, now=self.hands.now)
            except BadCredentials as error:
                with writing(self.engine) as db:
                    samples.save_failure(db, pool, at=self.hands.now, kind="BadCredentials", why=error.why)
            else:
                with writing(self.engine) as db:
                    samples.save_reading(db, stats)
        return pools

    def left(self, pools: tuple[Pool, ...]) -> int:
        """Look after those that are not read."""
        return leave(
            pools, wanted=lambda pool: pool.account != "nobody", modelarts=self.accounts, engine=self.engine,
            routes=[OPS], stale_after=PATIENCE.stale_after, at=self.at, unlisted=self.listing.unlisted,
        )  # fmt: skip

    def watch(self, pools: tuple[Pool, ...]) -> int:
        """Look around."""
        what = Watch(
            pools, None, lambda _: True, PATIENCE, [OPS], unlisted_accounts=self.listing.unlisted,
            credentials_of={"lab": "the file of the lab"},
        )  # fmt: skip
        return watch(self.engine, what, self.lookout, at=self.at)

    @property
    def at(self) -> Moment:
        return Moment(self.hands.now, self.hands.now)

    def pass_by(self, length: timedelta, pools: tuple[Pool, ...] | None = None) -> None:
        """Read, and look around, every half minute."""
        until = self.hands.now + length
        while self.hands.now < until:
            self.hands.now += MINUTE / 2
            found = self.read() if pools is None else pools
            self.watch(found)


@pytest.fixture
def house(engine: Engine) -> Iterator[House]:
    hands: list[House] = []

    def now() -> datetime:
        return hands[0].hands.now if hands else NOON

    with (
        Emulator(Simulation(project_id="a" * 32), wall_clock=now) as prod,
        Emulator(Simulation(project_id="b" * 32), wall_clock=now, keys=[KEY]) as lab,
    ):
        for emulator in (prod, lab):
            emulator.set_counts("train-a100", {"train": {"Queue": 3, "Running": 5}})
        hands.append(House(engine, prod, lab))
        with hands[0].accounts:
            yield hands[0]


def names(pools: tuple[Pool, ...]) -> list[str]:
    return [pool.name for pool in pools]


BOTH = ["train-a100@cn-north-4", "train-a100@cn-east-3"]


def test_an_account_that_cannot_be_listed_keeps_the_pools_that_were_read_not_long_ago(house: House) -> None:
    assert names(house.read()) == BOTH
    house.lab.misbehave("status", status=401)
    house.hands.now += 6 * MINUTE

    # Also as a new process, which has listed nothing yet.
    house.start(Accounts(house.accounts.members, monotonic=house.hands.monotonic))
    found = house.listing.read(lambda _: True, now=house.hands.now)
    assert names(found) == BOTH
    assert names(house.accounts.known_pools(now=house.hands.now)) == BOTH, "they are called the same whoever asks"
    assert list(house.listing.unlisted) == ["lab"]
    house.hands.now += timedelta(days=2)
    house.start(Accounts(house.accounts.members, monotonic=house.hands.monotonic))
    assert names(house.listing.read(lambda _: True, now=house.hands.now)) == ["train-a100"]


def test_what_names_no_pool_of_its_account_is_said(house: House, caplog: pytest.LogCaptureFixture) -> None:
    house.listing.read(lambda _: True, now=NOON, named={"lab": ("train-*@lab", "infer-*"), "prod": ("train-a100",)})

    assert [record.getMessage() for record in caplog.records if "names" in record.getMessage()] == [
        "account lab has no pool that 'infer-*' of its pools names"
    ]


def test_who_sees_nothing_of_an_account_is_not_told_of_it(house: House) -> None:
    house.read()
    house.lab.misbehave("status", status=401)
    house.hands.now += 6 * MINUTE
    access = Access(grants=(Grant(("*@cn-east-3",), channels=("slack:C1",)),))
    known = Answering(house.accounts, house.engine, access, lambda _: True)

    def told(channel: str) -> str:
        asker = Asker("slack", "T1", channel, "U1")
        return str(show_all_pools(ShowAllPools(), asker, known, now=house.hands.now))

    assert "account lab" in told("C1")
    assert "account lab" not in told("C2")


def test_no_alert_of_an_account_that_cannot_be_listed_is_ended_or_marked(house: House) -> None:
    (_, lab) = house.read()
    stray = Pool("stray", "stray", "nobody", "cn-east-3")
    with writing(house.engine) as db:
        for number, pool in enumerate((lab, stray)):
            stats = PoolStats(pool, NOON, {})
            samples.save_reading(db, stats)
            alerts.save(db, an_alert(id=f"a{number}", pool=pool, state=State.FIRING))
    house.lab.misbehave("status", status=401)
    house.hands.now += 6 * MINUTE

    assert house.left(house.listing.read(lambda pool: pool.account == "prod", now=house.hands.now)) == 0
    with reading(house.engine) as db:
        found = alerts.open_alerts(db)
    assert [(alert.pool.account, alert.stale_since) for alert in found] == [("lab", None), ("nobody", None)]

    # Once all of them are listed, what nobody wants is over.
    house.lab.behave()
    house.hands.now += 6 * MINUTE
    house.left(house.read())
    with reading(house.engine) as db:
        assert [alert.pool.account for alert in alerts.open_alerts(db)] == ["lab"]


def test_blindness_is_told_of_the_account_alone_and_so_is_its_end(house: House) -> None:
    house.pass_by(3 * MINUTE)
    house.lab.misbehave("status", status=401)
    house.pass_by(14 * MINUTE)
    with reading(house.engine) as db:
        (spell,) = spells.open_spells(db)
    assert (spell.account, names(tuple(each.pool for each in spell.pools))) == ("lab", BOTH[1:])

    house.lab.behave()
    house.hands.now += 6 * MINUTE
    house.pass_by(12 * MINUTE)
    with reading(house.engine) as db:
        assert spells.open_spells(db) == []


def test_readings_of_the_time_with_one_account_belong_to_the_account_that_lists_the_pool(house: House) -> None:
    plain = [
        Pool(each.id, "train-a100") for member in house.accounts.members for each in member.client.known_pools(now=NOON)
    ]
    with writing(house.engine) as db:
        for pool in plain:
            samples.save_reading(db, PoolStats(pool, NOON - MINUTE, {}))
        alerts.save(db, an_alert(id="a1", pool=plain[1]))
        audit.record(db, at=NOON, actor="slack:U1", action="ack", subject="a1", pool=plain[1])

    house.listing.read(lambda _: True, now=NOON)
    with reading(house.engine) as db:
        kept = {pool.account: pool for pool in samples.pools_seen(db)}
        (alert,) = alerts.open_alerts(db)
        (entry,) = audit.entries(db, limit=5)
    assert {account: pool.name for account, pool in kept.items()} == {"prod": BOTH[0], "lab": BOTH[1]}
    assert alert.pool.named_by(("train-*@cn-east-3",))
    assert entry.pool is not None
    assert entry.pool.named_by(("*@lab",))
