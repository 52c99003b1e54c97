"""What cannot be seen is remembered, and two processes never tell it twice."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import Engine

from bot.core.blindness import Sight, Spell, SpellKind, Unseen
from bot.core.stats import Pool
from bot.store import samples, spells
from bot.store.engine import reading, writing
from tests.building import MINUTE, NOON, POOL, stats

OTHER = Pool("pool-1", "研究")
UNSEEN = (Unseen(POOL, NOON, "NotAllowed", "may not"), Unseen(OTHER, NOON, "Unavailable", "\x00", NOON + MINUTE))
SPELL = Spell("blind-1", SpellKind.POOLS, NOON, NOON + MINUTE, UNSEEN, "NotAllowed", "may not", NOON + 2 * MINUTE)


def test_a_spell_comes_back_as_it_was_kept_until_it_is_over(engine: Engine) -> None:
    kept = replace(SPELL, pools=(UNSEEN[0], replace(UNSEEN[1], why="gone")))
    with writing(engine) as db:
        spells.save(db, kept)
    with reading(engine) as db:
        assert spells.open_spells(db) == [kept]
    with writing(engine) as db:
        spells.save(db, replace(kept, ended_at=NOON + 3 * MINUTE))
    with reading(engine) as db:
        assert spells.open_spells(db) == []


@pytest.mark.parametrize("kind", [SpellKind.ACCOUNT, SpellKind.POOLS])
def test_the_same_is_not_told_by_two_at_once(engine: Engine, kind: SpellKind) -> None:
    one = replace(SPELL, kind=kind, pools=())
    with writing(engine) as db:
        spells.save(db, one)
    with pytest.raises(spells.AlreadyTold), writing(engine) as db:
        spells.save(db, replace(one, id="blind-2"))


def test_pools_can_be_gone_at_different_times(engine: Engine) -> None:
    for number in range(2):
        with writing(engine) as db:
            spells.save(db, replace(SPELL, id=f"blind-{number}", kind=SpellKind.GONE, pools=()))
    with reading(engine) as db:
        assert len(spells.open_spells(db)) == 2


def test_a_sight_is_the_newest_reading_and_what_went_wrong_since(engine: Engine) -> None:
    with writing(engine) as db:
        samples.save_failure(db, POOL, at=NOON - MINUTE, kind="UnknownPool", why="old")
        samples.save_reading(db, stats(NOON, train={"Queue": 1}))
        for minute, kind in ((1, "UnknownPool"), (2, "Unavailable"), (3, "UnknownPool")):
            samples.save_failure(db, POOL, at=NOON + minute * MINUTE, kind=kind, why=kind)
        samples.save_failure(db, OTHER, at=NOON, kind="Unavailable", why="503")
    with reading(engine) as db:
        found = {sight.pool.id: sight for sight in spells.sights(db)}

    assert found[POOL.id] == Sight(
        POOL, NOON, NOON + 3 * MINUTE, "UnknownPool", "UnknownPool", missing_since=NOON + MINUTE
    )
    assert (found[OTHER.id].seen_at, found[OTHER.id].failed_at) == (None, NOON)
    with writing(engine) as db:
        samples.save_reading(db, stats(NOON + timedelta(minutes=4), train={"Queue": 1}))
    with reading(engine) as db:
        assert {sight.pool.id: sight for sight in spells.sights(db)}[POOL.id].failed_at is None
