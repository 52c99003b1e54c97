"""The audit log: who did what, and what it changed."""

from sqlalchemy import Engine

from bot.store import audit
from bot.store.audit import Entry
from bot.store.engine import reading, writing
from tests.building import MINUTE, NOON


def test_the_newest_entries_come_first(engine: Engine) -> None:
    made = [
        Entry(NOON, "slack:U1", "rule added", "long queue", None, {"above": 50, "pools": ["*"]}),
        Entry(NOON, "slack:U2", "rule changed", "long queue \0", {"above": 50}, {"above": 60}),
        Entry(NOON + MINUTE, "pool-stats", "rule removed", "long queue", {"why": "<!channel> \0 \N{SNOWMAN}"}),
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
            )
    with reading(engine) as db:
        newest = audit.entries(db, limit=2)
        assert [entry.action for entry in audit.entries(db, limit=9)] == ["rule removed", "rule changed", "rule added"]
    assert newest[0] == made[2]
    assert (newest[1].before, newest[1].after) == ({"above": 50}, {"above": 60})
