"""Rules, digests and drills made in chat: kept, changed, removed and had back."""

import pytest
from sqlalchemy import Engine, text

from bot.core.routes import Place
from bot.core.rule_text import parse_rule
from bot.core.rules.model import Severity
from bot.store import planned, rules
from bot.store.engine import reading, writing
from tests.building import MINUTE, NOON

LONG = parse_rule("Queue above 50 for 10m in train-* called long queue")
HIGHER = parse_rule("Queue above 72 for 10m in train-* called long queue")


def test_a_rule_made_in_chat_is_kept_as_it_was_said(engine: Engine) -> None:
    with writing(engine) as db:
        made = rules.add(db, LONG, by="slack:U1", at=NOON)
    with reading(engine) as db:
        assert rules.all_of(db) == [made]
        assert (made.rule, made.changed_by, made.before) == (LONG, "slack:U1", None)


def test_a_name_is_taken_whatever_its_case_until_its_rule_is_removed(engine: Engine) -> None:
    with writing(engine) as db:
        made = rules.add(db, LONG, by="slack:U1", at=NOON)
    shouted = LONG.model_copy(update={"name": "LONG Queue"})
    with pytest.raises(rules.NameTaken, match="choose another name"), writing(engine) as db:
        rules.add(db, shouted, by="slack:U2", at=NOON)
    with writing(engine) as db:
        rules.change(db, made, made.rule, by="slack:U1", at=NOON, removed=True)
        rules.add(db, shouted, by="slack:U2", at=NOON)
    with pytest.raises(rules.NameTaken), writing(engine) as db:
        rules.change(db, made, made.rule, by="slack:U1", at=NOON)


def test_every_change_is_seen_by_who_knows_the_last_revision(engine: Engine) -> None:
    seen = []
    with writing(engine) as db:
        seen.append(rules.revision(db))
        made = rules.add(db, LONG, by="slack:U1", at=NOON)
        seen.append(rules.revision(db))
        made = rules.change(db, made, HIGHER, by="slack:U2", at=NOON)
        seen.append(rules.revision(db))
        rules.change(db, made, made.rule, by="slack:U2", at=NOON, removed=True)
        seen.append(rules.revision(db))
        assert rules.all_of(db) == []
    assert seen == sorted(set(seen))


def test_what_a_rule_said_before_can_be_had_back(engine: Engine) -> None:
    with writing(engine) as db:
        made = rules.add(db, LONG, by="slack:U1", at=NOON)
        rules.change(db, made, HIGHER, by="slack:U2", at=NOON)
    with reading(engine) as db:
        kept = rules.get(db, made.id)
    assert kept is not None
    assert (kept.rule, kept.before) == (HIGHER, LONG)


def test_a_rule_of_a_newer_version_is_left_out_and_stops_no_other(engine: Engine) -> None:
    with writing(engine) as db:
        rules.add(db, LONG, by="slack:U1", at=NOON)
        other = rules.add(db, parse_rule("Failed spike"), by="slack:U1", at=NOON)
        db.execute(text('UPDATE chat_rules SET rule = \'{"kind": "oracle"}\' WHERE id = :id'), {"id": other.id})
    with reading(engine) as db:
        assert [kept.rule for kept in rules.all_of(db)] == [LONG]


def test_digests_are_kept_for_their_channel_and_can_be_had_back(engine: Engine) -> None:
    place = Place("slack", "C1")
    with writing(engine) as db:
        made = planned.add_digest(db, place, "0 9 * * *", "Asia/Shanghai", ["train-*"], by="slack:U1", at=NOON)
        every = planned.add_digest(db, place, "0 9 * * *", "UTC", None, by="slack:U1", at=NOON + MINUTE)
        planned.remove_digest(db, made.id, removed=True, by="slack:U2", at=NOON + MINUTE)
        assert planned.digests(db) == [every]
        planned.remove_digest(db, made.id, removed=False, by="slack:U2", at=NOON)
        assert [each.pools for each in planned.digests(db)] == [("train-*",), None]


def test_a_drill_ends_once(engine: Engine) -> None:
    with writing(engine) as db:
        drill = planned.begin_drill(db, at=NOON, until=NOON + MINUTE, by="slack:U1", severity=Severity.WARNING)
        assert planned.drills_over(db, at=NOON) == []
        assert planned.drills_over(db, at=NOON + MINUTE) == [drill]
        planned.end_drill(db, drill)
        assert planned.drills_over(db, at=NOON + MINUTE) == []
        assert not planned.running_drills(db)
