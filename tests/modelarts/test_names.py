"""Is a pool found by what people call it, and never by something like it?"""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.stats import Pool
from bot.modelarts.client import ModelArts
from bot.modelarts.errors import AmbiguousPool, NotAllowed, Unavailable, UnknownPool
from bot.modelarts.names import chosen
from tests.modelarts.stub import NOON, POOLS, STATISTICS, Hands, Reply, Stub, client, failed, ok, pool_list


def pool(name: str) -> Pool:
    return Pool(f"{name}-{'0123456789abcdef' * 2}", name)


A10, A100, NOTEBOOKS, DEV = pool("train-a10x"), pool("train-a100"), pool("notebooks"), pool("dev-pool")
ALL = (A10, A100, NOTEBOOKS, DEV)
LISTED = pool_list(*((each.id, each.name) for each in ALL))
FORBIDDEN = failed(403, "ModelArts.0108", "Not authorized to perform (modelarts:pool:list).")
GONE = failed(404, "ModelArts.50015001", "pool not found")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        pytest.param(A100.id, A100, id="its id"),
        pytest.param("train-a100", A100, id="its display name"),
        pytest.param("note", NOTEBOOKS, id="the beginning of its name"),
        pytest.param(NOTEBOOKS.id[:20], NOTEBOOKS, id="the beginning of its id"),
        pytest.param("  TRAIN-A100\n", A100, id="in capitals and with blanks around"),
        pytest.param(A100.id.upper(), A100, id="its id in capitals"),
    ],
)
def test_a_pool_may_be_named_by_id_display_name_or_unique_prefix(
    text: str, found: Pool, stub: Stub, modelarts: ModelArts
) -> None:
    stub.on(POOLS, LISTED)

    assert modelarts.resolve(text, now=NOON) == found


def test_the_statistics_of_a_pool_can_be_asked_by_what_people_call_it(stub: Stub, modelarts: ModelArts) -> None:
    stub.on(POOLS, LISTED)
    stub.on(STATISTICS, ok())

    stats = modelarts.pool_stats("note", now=NOON)

    assert stats.pool == NOTEBOOKS
    assert stub.seen[-1].path == f"{STATISTICS}/{NOTEBOOKS.id}/workloads"


def test_several_matches_give_a_choice(stub: Stub, modelarts: ModelArts) -> None:
    stub.on(POOLS, LISTED)

    with pytest.raises(AmbiguousPool, match="'train-a10' may mean 2 pools: 'train-a100' or 'train-a10x'") as caught:
        modelarts.resolve("train-a10", now=NOON)

    assert (caught.value.pool, caught.value.choices) == ("train-a10", (A100, A10))


def test_two_pools_of_one_name_give_a_choice_that_tells_them_apart(stub: Stub, modelarts: ModelArts) -> None:
    twin = Pool("train-a100-ffffffffffffffffffffffffffffffff", "train-a100")
    stub.on(POOLS, pool_list((A100.id, A100.name), (twin.id, twin.name)))

    with pytest.raises(AmbiguousPool, match=f"{A100.id}.*{twin.id}"):
        modelarts.resolve("train-a100", now=NOON)


def test_an_exact_name_wins_over_a_longer_one_that_begins_with_it() -> None:
    assert chosen("dev", [pool("dev"), pool("dev-2")]) == pool("dev")


def test_none_gives_the_nearest_three_and_they_are_only_suggested(stub: Stub, modelarts: ModelArts) -> None:
    stub.on(POOLS, LISTED)

    with pytest.raises(UnknownPool, match="there is no pool 'trian-a100'; did you mean 'train-a100'") as caught:
        modelarts.resolve("trian-a100", now=NOON)

    assert caught.value.pool == "trian-a100"
    assert caught.value.nearest[0] == A100
    assert len(caught.value.nearest) == 3


def test_an_account_without_pools_suggests_nothing(stub: Stub, modelarts: ModelArts) -> None:
    stub.on(POOLS, pool_list())

    with pytest.raises(UnknownPool, match=r"^there is no pool 'train'$"):
        modelarts.resolve("train", now=NOON)


def test_the_list_of_pools_is_kept_for_five_minutes(stub: Stub, modelarts: ModelArts, hands: Hands) -> None:
    stub.on(POOLS, LISTED)

    for seconds in (0, 100, 299):
        modelarts.resolve("note", now=NOON + timedelta(seconds=seconds))
        assert modelarts.known_pools(now=NOON + timedelta(seconds=seconds)) == ALL
    assert len(stub.seen) == 1
    hands.turn(timedelta(seconds=301))
    modelarts.resolve("note", now=NOON + timedelta(seconds=301))

    assert len(stub.seen) == 2


def test_a_new_pool_is_found_by_listing_once_more(stub: Stub, modelarts: ModelArts, hands: Hands) -> None:
    stub.on(POOLS, pool_list(), LISTED)

    assert modelarts.known_pools(now=NOON) == ()
    hands.turn(timedelta(seconds=10))

    assert modelarts.resolve("note", now=NOON) == NOTEBOOKS


def test_a_name_that_is_asked_for_again_and_again_does_not_list_pools_each_time(
    stub: Stub, modelarts: ModelArts, hands: Hands
) -> None:
    stub.on(POOLS, LISTED)

    for _ in range(100):
        with pytest.raises(UnknownPool):
            modelarts.resolve("nonsense", now=NOON)
        hands.turn(timedelta(seconds=0.1))

    assert len(stub.seen) <= 3


def test_a_replay_that_runs_fast_does_not_list_pools_for_each_question(stub: Stub, modelarts: ModelArts) -> None:
    stub.on(POOLS, LISTED)

    for hour in range(24):
        modelarts.resolve("note", now=NOON + timedelta(hours=hour))

    assert len(stub.seen) == 1


def test_an_old_list_is_better_than_no_answer(stub: Stub, modelarts: ModelArts, hands: Hands) -> None:
    stub.on(POOLS, LISTED, Reply(503))

    modelarts.known_pools(now=NOON)
    hands.turn(timedelta(hours=1))

    assert modelarts.resolve("note", now=NOON + timedelta(hours=1)) == NOTEBOOKS


def test_without_any_list_the_trouble_is_told(stub: Stub, modelarts: ModelArts) -> None:
    stub.on(POOLS, Reply(503))

    with pytest.raises(Unavailable):
        modelarts.resolve("note", now=NOON)


def test_an_id_is_asked_directly_where_listing_pools_is_not_permitted(stub: Stub, modelarts: ModelArts) -> None:
    stub.on(POOLS, FORBIDDEN)
    stub.on(f"{POOLS}/{A100.id}", ok({"metadata": {"name": A100.id, "labels": {"os.modelarts/name": "train-a100"}}}))
    stub.on(STATISTICS, ok())

    for _ in range(3):
        assert modelarts.pool_stats(A100.id, now=NOON).pool == A100

    asked = [seen.path for seen in stub.seen]
    assert asked.count(POOLS) == 1
    assert asked.count(f"{POOLS}/{A100.id}") == 1


def test_an_id_is_asked_directly_where_listing_and_showing_pools_are_not_offered(
    stub: Stub, modelarts: ModelArts
) -> None:
    missing = Reply(404, body={"error_code": "APIG.0101", "error_msg": "The API does not exist"})
    stub.on(POOLS, missing)
    stub.on(f"{POOLS}/{A100.id}", missing)
    stub.on(STATISTICS, ok())

    assert modelarts.pool_stats(A100.id, now=NOON).pool == Pool(A100.id, A100.id)


def test_a_name_where_listing_pools_is_not_permitted_is_told_to_be_an_id(stub: Stub, modelarts: ModelArts) -> None:
    stub.on(POOLS, FORBIDDEN)

    with pytest.raises(NotAllowed, match="found by its full id only") as caught:
        modelarts.resolve("train-a100", now=NOON)
    with pytest.raises(NotAllowed):
        modelarts.known_pools(now=NOON)

    assert caught.value.error_code == "ModelArts.0108"


def test_an_id_that_is_not_listed_is_asked_directly_because_other_workspaces_are_not_listed(
    stub: Stub, modelarts: ModelArts
) -> None:
    other = pool("elsewhere")
    stub.on(POOLS, LISTED)
    stub.on(f"{POOLS}/{other.id}", ok({"metadata": {"name": other.id, "labels": {"os.modelarts/name": "elsewhere"}}}))

    assert modelarts.resolve(other.id, now=NOON) == other


def test_an_id_that_exists_nowhere_is_unknown_with_the_nearest(stub: Stub, modelarts: ModelArts) -> None:
    typo = A100.id.replace("f", "e")
    stub.on(POOLS, LISTED)
    stub.on(f"{POOLS}/{typo}", GONE)

    with pytest.raises(UnknownPool) as caught:
        modelarts.resolve(typo, now=NOON)

    assert caught.value.nearest[0] == A100


def test_a_pool_that_was_made_anew_under_its_name_is_found(stub: Stub, modelarts: ModelArts) -> None:
    anew = Pool("notebooks-ffffffffffffffffffffffffffffffff", "notebooks")
    stub.on(POOLS, LISTED, pool_list((anew.id, anew.name)))
    stub.on(f"{STATISTICS}/{NOTEBOOKS.id}", GONE)
    stub.on(f"{STATISTICS}/{anew.id}", ok())

    assert modelarts.pool_stats("notebooks", now=NOON).pool == anew


HOSTILE = [
    "",
    " \n",
    "..",
    ".",
    "../../v3/auth/tokens",
    "a/b",
    "%2e%2e%2f",
    "train?limit=1",
    "train#x",
    "a\r\nHost: evil",
    "\x00\x1b[31m",
    "\u202egnp.exe",
    "<!channel>",
    "&amp;",
    "`rm -rf`",
    "池子",
    "🚀",
    "x" * 10_000,
    "ﬀ" * 10_000,
]


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_name_is_an_unknown_pool_and_never_part_of_an_address(
    text: str, stub: Stub, modelarts: ModelArts
) -> None:
    stub.on(POOLS, LISTED)

    with pytest.raises(UnknownPool) as caught:
        modelarts.pool_stats(text, now=NOON)

    assert {seen.target for seen in stub.seen} <= {POOLS}
    assert len(str(caught.value)) < 400
    assert str(caught.value).isprintable()
    assert caught.value.pool == text


@pytest.mark.parametrize("pool_id", ["", "..", ".", "../x", "a/b", "a\nb", "x" * 10_000])
def test_an_id_that_could_lead_elsewhere_is_not_sent(pool_id: str, stub: Stub, modelarts: ModelArts) -> None:
    for ask in (
        lambda: modelarts.pool_stats(Pool(pool_id, "name"), now=NOON),
        lambda: modelarts.show_pool(pool_id),
        lambda: modelarts.workloads(pool_id),
    ):
        with pytest.raises(UnknownPool):
            ask()

    assert stub.seen == []


@pytest.mark.parametrize(
    ("pool_id", "sent"), [("a b", "a%20b"), ("a%2Fb", "a%252Fb"), ("a?b#c", "a%3Fb%23c"), ("池", "%E6%B1%A0")]
)
def test_an_id_is_quoted_as_a_whole(pool_id: str, sent: str, stub: Stub, modelarts: ModelArts) -> None:
    stub.on("/", ok())

    modelarts.pool_stats(Pool(pool_id, pool_id), now=NOON)

    assert stub.seen[0].target == f"{STATISTICS}/{sent}/workloads"


@given(st.text(max_size=300))
def test_whatever_is_typed_and_is_not_the_beginning_of_a_name_is_a_clear_error(text: str) -> None:
    typed = text.strip().casefold()
    if typed and any(each.id.startswith(typed) or each.name.startswith(typed) for each in ALL):
        return

    with pytest.raises(UnknownPool) as caught:
        chosen(text, ALL)

    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 600


def test_a_client_of_another_stub_shares_nothing(hands: Hands) -> None:
    with Stub() as one, Stub() as other, client(one, hands) as first, client(other, hands) as second:
        one.on(POOLS, LISTED)
        other.on(POOLS, pool_list())

        assert first.known_pools(now=NOON) == ALL
        assert second.known_pools(now=NOON) == ()
