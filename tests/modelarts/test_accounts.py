"""Several accounts behind one: which pool is meant, whose limit is whose, and who is left alone when one fails."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from typing import Any

import pytest
from huaweicloudsdkcore.auth.credentials import BasicCredentials
from huaweicloudsdkcore.http.http_config import HttpConfig
from huaweicloudsdkmodelarts.v1 import ModelArtsClient, ShowWorkloadStatisticsRequest

from bot.clock import Clock, wait
from bot.core.stats import JobStatus, Pool
from bot.emulator import AccessKey, Emulator, Engine
from bot.modelarts.accounts import Accounts
from bot.modelarts.client import ModelArts
from bot.modelarts.credentials import Keys
from bot.modelarts.errors import AmbiguousPool, BadCredentials, UnknownPool
from bot.modelarts.limits import Limits
from bot.modelarts.lists import Member
from bot.modelarts.portions import Portions
from tests.modelarts.stub import NOON, Hands
from tests.modelarts.test_against_the_stand_in import client

NORTH, EAST = "a" * 32, "b" * 32


def stand_in(hands: Hands, project: str, *keys: AccessKey) -> Emulator:
    """ModelArts in one region, with one project."""
    access = keys or (AccessKey(f"KEY{project[:17].upper()}", f"{project}secret", project_id=project),)
    return Emulator(Engine(clock=hands.wall, project_id=project), wall_clock=hands.wall, keys=access)


@pytest.fixture
def north(hands: Hands) -> Iterator[Emulator]:
    with stand_in(hands, NORTH) as running:
        running.set_counts("train-a100", {"train": {"Queue": 3}})
        yield running


@pytest.fixture
def east(hands: Hands) -> Iterator[Emulator]:
    with stand_in(hands, EAST) as running:
        running.set_counts("train-a100", {"train": {"Queue": 7}})
        running.set_counts("infer-910b", {"infer": {"Running": 2}})
        yield running


def together(hands: Hands, *of: tuple[str, str, Emulator], **settings: Any) -> Accounts:
    """The accounts, each by its name, region and stand-in."""
    limits = Limits(monotonic=hands.monotonic, wall=hands.wall, wait=hands.wait)
    members = [
        Member(name, region, client(emulator, hands, limits=limits, **settings)) for name, region, emulator in of
    ]
    return Accounts(members, monotonic=hands.monotonic)


@pytest.fixture
def accounts(north: Emulator, east: Emulator, hands: Hands) -> Iterator[Accounts]:
    with together(hands, ("prod", "cn-north-4", north), ("lab", "cn-east-3", east)) as both:
        yield both


def called(pools: tuple[Pool, ...]) -> list[str]:
    return [pool.name for pool in pools]


def test_pools_of_one_name_are_told_by_their_region_and_no_others(accounts: Accounts) -> None:
    assert called(accounts.known_pools(now=NOON)) == ["train-a100@cn-north-4", "train-a100@cn-east-3", "infer-910b"]


@pytest.mark.parametrize(
    ("typed", "jobs"),
    [
        ("train-a100@cn-north-4", 3),
        ("TRAIN-A100@CN-EAST-3", 7),
        ("train-a100@lab", 7),
        ("train@prod", 3),
        ("tra@cn-east-3", 7),
        ("infer", 2),
        ("infer-910b@lab", 2),
    ],
)
def test_a_pool_is_asked_about_in_its_own_account(accounts: Accounts, typed: str, jobs: int) -> None:
    assert accounts.pool_stats(accounts.resolve(typed, now=NOON), now=NOON).jobs == jobs


def test_a_name_that_several_have_is_asked_back_with_their_regions(accounts: Accounts) -> None:
    for typed in ("train-a100", "tra"):
        with pytest.raises(AmbiguousPool, match="'train-a100@cn-east-3' or 'train-a100@cn-north-4'"):
            accounts.resolve(typed, now=NOON)
    with pytest.raises(UnknownPool, match="did you mean 'train-a100@cn"):
        accounts.resolve("trian-a100@cn-north-4", now=NOON)


@contextmanager
def in_real_time() -> Iterator[tuple[Emulator, Emulator, Accounts]]:
    """Two regions, and who asks them, by the clock of this machine: the SDK knows no other."""
    clock = Clock()
    limits = Limits(monotonic=clock.monotonic, wall=clock.wall, wait=wait)
    with Emulator(Engine(project_id=NORTH)) as north, Emulator(Engine(project_id=EAST)) as east:
        north.set_counts("train-a100", {"train": {"Queue": 3}})
        east.set_counts("train-a100", {"train": {"Queue": 7}})
        east.set_counts("infer-910b", {"infer": {"Queue": 1, "Running": 2}})
        times: dict[str, Any] = {"wall": clock.wall, "monotonic": clock.monotonic, "wait": wait, "limits": limits}
        members = [
            Member(name, "", client(emulator, Hands(), **times)) for name, emulator in (("prod", north), ("lab", east))
        ]
        with Accounts(members, monotonic=clock.monotonic) as accounts:
            yield north, east, accounts


def test_each_account_says_what_the_official_sdk_says_of_it() -> None:
    with in_real_time() as (north, east, accounts):
        for emulator in (north, east):
            compare(emulator, accounts, "lab" if emulator is east else "prod")


def compare(emulator: Emulator, accounts: Accounts, account: str) -> None:
    """Ask the SDK and the bot about every pool."""
    key = emulator.access_key
    http = HttpConfig.get_default_config()
    http.timeout = (3, 5)
    credentials = BasicCredentials(key.access, key.secret).with_project_id(emulator.project_id)
    sdk = (
        ModelArtsClient.new_builder().with_http_config(http).with_credentials(credentials)
        .with_endpoints([emulator.url]).build()
    )  # fmt: skip
    for pool in emulator.engine.pools():
        theirs = sdk.show_workload_statistics(ShowWorkloadStatisticsRequest(pool_name=pool.id)).statistics
        ours = accounts.pool_stats(accounts.resolve(pool.id, now=NOON), now=NOON)
        assert ours.pool.account == account
        assert ours.jobs == theirs.total
        assert ours.count(JobStatus.QUEUE) == theirs.items[0].status.queue


def test_questions_about_a_pool_by_its_id_go_to_its_account(accounts: Accounts, north: Emulator) -> None:
    pool = accounts.resolve("infer-910b", now=NOON)
    north.forget_requests()

    assert accounts.show_pool(pool.id).pool.id == pool.id
    accounts.workloads(pool.id, limit=5)
    assert north.requests == []


def test_who_is_asked_first_finds_out_whose_a_pool_is(accounts: Accounts, east: Emulator) -> None:
    (known,) = [each for each in east.engine.pools() if each.name == "infer-910b"]

    # Nothing has been listed yet: as after a start, about a pool that was read by an earlier version.
    assert accounts.pool_stats(Pool(known.id, "infer-910b"), now=NOON).jobs == 2
    with pytest.raises(UnknownPool):
        accounts.show_pool("pool-0000-86c13962597848eeb29c5861153a391f")


def test_an_account_that_is_refused_hides_no_pool_of_another(accounts: Accounts, east: Emulator, hands: Hands) -> None:
    east.misbehave("status", status=401)

    assert called(accounts.known_pools(now=NOON)) == ["train-a100"]
    assert list(accounts.unlisted) == ["lab"]
    assert accounts.pool_stats("train-a100", now=NOON).jobs == 3
    with pytest.raises(BadCredentials, match="account lab"):
        accounts.resolve("infer-910b", now=NOON)

    east.behave()
    hands.elapsed += 301
    assert called(accounts.known_pools(now=NOON)) == ["train-a100@cn-north-4", "train-a100@cn-east-3", "infer-910b"]
    assert accounts.unlisted == {}


def test_an_account_that_stops_answering_keeps_the_pools_it_listed_last(
    accounts: Accounts, east: Emulator, hands: Hands
) -> None:
    before = accounts.known_pools(now=NOON)
    east.misbehave("status", status=401)
    hands.elapsed += 600

    later = accounts.listed(now=hands.wall())
    assert later.pools == before
    assert list(later.unlisted) == ["lab"]
    asked = len(east.requests)
    for _ in range(20):
        accounts.listed(now=hands.wall())
    assert len(east.requests) == asked, "who asks about another account does not wait for this one"


def test_where_no_account_answers_it_is_told_which(accounts: Accounts, north: Emulator, east: Emulator) -> None:
    for emulator in (north, east):
        emulator.misbehave("status", status=401)

    with pytest.raises(BadCredentials, match="account prod: ModelArts does not accept"):
        accounts.known_pools(now=NOON)


def test_two_projects_under_one_key_share_its_limit_and_its_circuit(hands: Hands) -> None:
    key = AccessKey("SHAREDKEY00000000001", "shared-secret", project_id=NORTH)
    with stand_in(hands, NORTH, key) as emulator:
        emulator.set_counts("train-a100", {"train": {"Queue": 3}})
        limits = Limits(monotonic=hands.monotonic, wall=hands.wall, wait=hands.wait)
        keys = Keys(key.access, key.secret)
        first = client(emulator, hands, keys, limits=limits, max_rate=10)
        second = client(emulator, hands, keys, limits=limits, max_rate=4, project_id=EAST)
        with first, second:
            assert (first.rate, second.rate) == (4, 4), "the lower limit holds for both"
            emulator.misbehave("status", status=429, times=1, route="statistics")
            assert first.pool_stats("train-a100", now=NOON).jobs == 3
            assert second.rate < 4

            emulator.misbehave("status", status=401)
            with pytest.raises(BadCredentials):
                first.pool_stats(Pool("train-a100", "train-a100"), now=NOON)
            asked = len(emulator.requests)
            with pytest.raises(BadCredentials, match="not asked again"):
                second.pool_stats(Pool("train-a100", "train-a100"), now=NOON)
            assert len(emulator.requests) == asked


def test_a_worker_takes_its_part_of_what_each_access_key_allows(accounts: Accounts, hands: Hands) -> None:
    prod, lab = Pool("p", "p", account="prod"), Pool("l", "l", account="lab")
    assert accounts.spaced_by(prod).ceiling == 1e6
    accounts.spaced_by(prod).lower(10)
    accounts.spaced_by(lab).lower(4)
    portions = Portions(accounts, monotonic=hands.monotonic, wait=hands.wait)
    portions.use(0.5)

    def seconds(*pools: Pool) -> float:
        began = hands.monotonic()
        for pool in pools:
            portions.turn(pool)
        return hands.monotonic() - began

    assert seconds(prod, lab) == 0, "nobody waits for another account"
    assert seconds(*[prod] * 5) == pytest.approx(1)
    assert seconds(*[lab] * 4) == pytest.approx(1.5)
    portions.use(0.25)
    assert seconds(*[lab] * 5) == pytest.approx(4)


NONE = "pool-0000-86c13962597848eeb29c5861153a391f"


def let_in(modelarts: ModelArts) -> bool:
    """Whether it is told that there is no such pool, rather than that its key is refused."""
    try:
        modelarts.show_pool(NONE)
    except UnknownPool:
        return True
    except BadCredentials:
        return False
    raise AssertionError("there is such a pool")


def test_a_key_that_one_address_refuses_goes_on_where_it_is_accepted(hands: Hands) -> None:
    limits = Limits(monotonic=hands.monotonic, wall=hands.wall, wait=hands.wait)
    with ExitStack() as stack:
        keys = Keys("SHAREDKEY00000000001", "shared-secret")
        known = [AccessKey(keys.access_key, keys.secret_key, project_id=each * 32) for each in "abc"]
        places = [stack.enter_context(stand_in(hands, each.project_id, each)) for each in known]
        clients = [stack.enter_context(client(each, hands, keys, limits=limits)) for each in places]

        def asked() -> int:
            return sum(len(each.requests) for each in places)

        places[1].misbehave("status", status=401)
        for _ in range(6):
            assert list(map(let_in, clients)) == [True, False, True]
            hands.elapsed += 301
        assert len(places[1].requests) == 6

        # Where nobody accepts it any more it is the key that is at fault: it is spared everywhere.
        for each in places:
            each.misbehave("status", status=401)
        for tries in (3, 1, 1):
            before = asked()
            assert not any(map(let_in, clients * 5))
            assert asked() == before + tries
            hands.elapsed += 301

        for each in places:
            each.behave()
        assert let_in(clients[0])
        hands.elapsed += 301
        assert all(map(let_in, clients))


def test_a_new_key_is_tried_at_one_address_at_a_time(hands: Hands) -> None:
    limits = Limits(monotonic=hands.monotonic, wall=hands.wall, wait=hands.wait)
    with ExitStack() as stack:
        places = [stack.enter_context(stand_in(hands, each * 32)) for each in "abcdefgh"]
        keys = Keys("NOBODYSKEY0000000001", "wrong")
        clients = [stack.enter_context(client(each, hands, keys, limits=limits)) for each in places]

        with ThreadPoolExecutor(16) as threads:
            assert not any(threads.map(let_in, clients * 2))
        assert sum(len(each.requests) for each in places) == 3


def test_a_key_that_is_refused_leaves_another_key_alone(accounts: Accounts, east: Emulator) -> None:
    pools = accounts.known_pools(now=NOON)
    east.misbehave("status", status=401)

    def ask(pool: Pool) -> object:
        try:
            return accounts.pool_stats(pool, now=NOON).jobs
        except BadCredentials:
            return None

    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(ask, [*pools] * 8))
    assert found == [3, None, None] * 8
    assert list(accounts.refused) == ["lab"]
    assert sum(seen.status == 401 for seen in east.requests) <= 8


def test_a_pool_that_two_accounts_list_is_read_once_and_that_is_told(
    north: Emulator, hands: Hands, caplog: pytest.LogCaptureFixture
) -> None:
    with together(hands, ("prod", "cn-north-4", north), ("again", "cn-north-4", north)) as both:
        pools = both.known_pools(now=NOON)
        both.known_pools(now=NOON)

    assert [(pool.account, pool.name) for pool in pools] == [("prod", "train-a100")]
    told = [record.getMessage() for record in caplog.records if "both list pool" in record.getMessage()]
    assert len(told) == 1


def test_an_account_that_may_list_no_pools_has_those_that_are_named_by_their_ids(
    accounts: Accounts, east: Emulator, hands: Hands
) -> None:
    named = {"lab": [pool.id for pool in accounts.known_pools(now=NOON) if pool.account == "lab"]}
    east.misbehave("status", status=403, route="pools")
    hands.elapsed += 600

    with Accounts(accounts.members, monotonic=hands.monotonic) as later:
        assert list(later.listed(now=hands.wall()).unlisted) == ["lab"]
        hands.elapsed += 20
        listed = later.listed(now=hands.wall(), named=named)
        asked = len(east.requests)
        assert (called(listed.pools), listed.unlisted) == (called(later.known_pools(now=hands.wall())), {})
        assert [pool.account for pool in listed.pools].count("lab") == len(named["lab"]) == 2
        assert len(east.requests) == asked
