"""The audit log: who did what, and what it changed."""

import csv
import io
import json
from dataclasses import replace

from sqlalchemy import Engine

from bot.store import audit
from bot.store.audit import Entry
from bot.store.audit_export import HEADER, all_entries, write_csv, write_jsonl
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


def test_the_log_is_written_out_as_it_is_and_no_cell_is_a_formula(engine: Engine) -> None:
    with writing(engine) as db:
        words = '=HYPERLINK("http://evil.example","x"),\n+1'
        audit.record(db, at=NOON, actor="slack:U1 @wei", action="silence", subject=words, after={"a": "=1"})
        audit.record(db, at=NOON, actor="slack:U2", action="-drill", subject="  =1", pool=POOL, place="\t@x")
    as_csv, as_json = io.StringIO(newline=""), io.StringIO()
    with reading(engine) as db:
        assert write_csv(all_entries(db), as_csv) == 2
        assert write_jsonl(all_entries(db), as_json) == 2

    header, newest, oldest = list(csv.reader(io.StringIO(as_csv.getvalue(), newline="")))
    assert tuple(header) == HEADER
    assert newest[2:6] == ["slack:U2", "'-drill", "'  =1", "'\t@x"]
    assert oldest[4] == f"'{words}"
    assert oldest[8:] == ["", '{"a":"=1"}']
    read = [json.loads(line) for line in as_json.getvalue().splitlines()]
    assert read[1]["subject"] == words
    assert (read[1]["at"], read[1]["after"], read[0]["pool_id"]) == ("2026-03-02T12:00:00Z", {"a": "=1"}, POOL.id)
