"""Is no pool read twice at once, and known who waits for how long?"""

from datetime import timedelta

from bot.core.stats import Pool
from bot.jobs.followed import Followed

ONE, TWO = Pool("one", "one"), Pool("two", "two")
MINUTE = timedelta(minutes=1)


def followed() -> Followed:
    """Two pools, known since 100 s."""
    made = Followed()
    assert made.follow([ONE, TWO], MINUTE, at=100.0) == []
    return made


def test_a_pool_has_its_turn_once_until_it_is_done_and_none_when_it_is_gone() -> None:
    pools = followed()

    assert pools.take("one", at=101.0) == ONE
    assert pools.take("one", at=102.0) is None
    pools.done(ONE)
    assert pools.take("one", at=103.0) == ONE
    assert pools.follow([ONE], MINUTE, at=104.0) == ["two"]
    assert pools.take("two", at=105.0) is None
    assert pools.is_read("two", since=105.0)


def test_who_has_waited_for_too_long_gets_the_turn_of_another_but_not_of_who_was_never_read() -> None:
    pools = followed()
    for pool, at in (ONE, 130.0), (TWO, 101.0), (ONE, 170.0):
        assert pools.take(pool.id, at=at) == pool
        pools.done(pool)

    assert pools.take("one", at=101.0 + 75) == ONE
    pools.done(ONE)
    assert pools.take("one", at=101.0 + 76) == TWO
    # Who hangs takes no turn of another.
    assert pools.take("one", at=101.0 + 400) == ONE
    pools.done(ONE)
    pools.done(TWO)
    three = Pool("three", "three")
    pools.follow([ONE, TWO, three], MINUTE, at=502.0)
    assert pools.take("three", at=503.0) == three


def test_a_reading_counts_from_its_beginning_until_all_is_read_anew() -> None:
    pools = followed()
    assert not pools.is_read("one", since=0.0)
    pools.take("one", at=101.0)
    pools.done(ONE)

    assert pools.is_read("one", since=101.0)
    assert not pools.is_read("one", since=101.5)
    pools.read_anew()
    assert not pools.is_read("one", since=0.0)
    assert pools.take("one", at=102.0) == ONE
    assert pools.is_read("one", since=0.0)


def test_who_waits_does_so_since_its_reading_began_or_it_is_known_and_not_while_it_is_read() -> None:
    pools = followed()
    pools.take("one", at=130.0)
    pools.done(ONE)

    assert pools.waiting(MINUTE, at=160.0) == 0
    assert pools.waiting(MINUTE, at=161.0) == 1
    assert pools.waiting(MINUTE, at=191.0) == 2
    pools.take("two", at=191.0)
    assert pools.waiting(MINUTE, at=300.0) == 1
    pools.read_anew()
    assert pools.waiting(MINUTE, at=300.0) == 1
    pools.begin_anew(at=300.0)
    assert pools.waiting(MINUTE, at=301.0) == 0
