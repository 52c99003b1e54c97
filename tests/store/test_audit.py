"""The audit log: who did what, and what it changed."""

from dataclasses import replace

from sqlalchemy import Engine

from bot.store import audit
from bot.store.audit import Entry
from bot.store.engine import reading, writing
from tests.building import MINUTE, NOON, POOL


def test_the_newest_entries_come_first(engine: Engine) -> None:
    made = [
        Entry(NOON, "slack:U1", "rule added", "long queue", None, {"above": 50, "pools": ["*"]}),
        Entry(NOON, "slack:U2", "rule changed", "long queue \0", {"above": 50}, {"above": 60}),
        Entry(
            NOON + MINUTE,
            "pool-stats",
            "rule removed",
            "long queue",
            {"why": "<!channel> \0 \N{SNOWMAN}"},
            None,
            "slack:C1",
            POOL,
        ),
    ]
    with writing(engine) as db:
        for entry in made:
            audit.record(
                db,
                at=entry.at,
                actor=entry.actor,
                action=entry.action,
                subject=entry.subject,
                before=entry.before,
                after=entry.after,
                place=entry.place,
                pool=entry.pool,
            )
    with reading(engine) as db:
        newest = audit.entries(db, limit=2)
        assert [entry.action for entry in audit.entries(db, limit=9)] == ["rule removed", "rule changed", "rule added"]
        assert audit.get(db, newest[0].seq) == newest[0]
        assert audit.get(db, 999) is None
        assert [entry.action for entry in audit.entries(db, limit=9, before=newest[1].seq)] == ["rule added"]
    assert replace(newest[0], seq=0) == made[2]
    assert (newest[1].before, newest[1].after) == ({"above": 50}, {"above": 60})
