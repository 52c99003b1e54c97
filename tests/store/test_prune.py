"""Retention: what is old is forgotten, what is still to be done is not."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, event

from bot.core.alerts import Event, move, opened
from bot.core.routes import Place
from bot.core.rule_text import parse_rule
from bot.core.rules.model import SHIPPED, Severity
from bot.core.rules.verdict import Breach
from bot.core.stats import Pool
from bot.messages.model import Message
from bot.messages.sending import Posted
from bot.store import alerts, audit, outbox, planned, rules, samples
from bot.store.engine import reading, writing
from bot.store.prune import prune
from tests.building import MINUTE, NOON, POOL, stats

DAY = timedelta(days=1)
OPS = Place("slack", "#ml-ops")
TABLES = (
    "samples",
    "failures",
    "hours",
    "deliveries",
    "alerts",
    "incidents",
    "spells",
    "gathered",
    "posts",
    "audit",
    "chat_rules",
    "chat_digests",
    "drills",
    "escalations",
    "silences",
)
NOTHING = dict.fromkeys(TABLES, 0)


def pruned(engine: Engine, batch: int = 5000) -> dict[str, int]:
    gone = prune(engine, now=NOON + 10 * DAY, keep_readings=10 * DAY - 65 * MINUTE, keep_rest=9 * DAY, batch=batch)
    return {what: number for what, number in gone.items() if number}


def save_alert(engine: Engine, alert_id: str, *, over: bool) -> None:
    alert = opened(SHIPPED[0], Pool(alert_id, ""), None, Breach(9, ""), at=NOON, alert_id=alert_id)
    firing, held = move(alert, Event.HELD, at=NOON, why="")
    with writing(engine) as db:
        alerts.save(db, firing, [held])
        if over:
            resolved, cleared = move(firing, Event.CLEARED, at=NOON, why="")
            alerts.save(db, resolved, [cleared])


@pytest.mark.parametrize("batch", [1, 7, 5000])
def test_old_readings_and_failures_go_whole_and_the_others_stay(engine: Engine, batch: int) -> None:
    pools = [Pool(f"pool-{n}", "") for n in range(3)]
    moments = [NOON + n * 12 * MINUTE for n in range(10)]
    with writing(engine) as db:
        samples.save_many(db, [stats(at, pool, train={"Queue": 1}, infer={}) for pool in pools for at in moments])
        for at in moments:
            samples.save_failure(db, POOL, at=at, kind="Unavailable", why="")
    assert pruned(engine, batch) == {"samples": 3 * 5 * 2, "failures": 5}
    with reading(engine) as db:
        kept = [each.taken_at for each in samples.readings(db, "pool-1", since=NOON)]
        assert [each.at for each in samples.failures(db, POOL.id, since=NOON)] == kept == moments[5:]
    assert pruned(engine, batch) == {}


def test_a_transaction_is_about_few_pools_and_only_about_those_with_something_to_delete(engine: Engine) -> None:
    old, young = [Pool(f"old-{n}", "") for n in range(250)], [Pool(f"young-{n}", "") for n in range(20)]
    with writing(engine) as db:
        samples.save_many(db, [stats(NOON, pool) for pool in old])
        samples.save_many(db, [stats(NOON + 9 * DAY, pool) for pool in young])
    deleted = [0]
    event.listen(engine, "begin", lambda _: deleted.append(0))

    def count_deletes(*executed: Any) -> None:
        deleted[-1] += executed[2].startswith("DELETE FROM samples")

    event.listen(engine, "before_cursor_execute", count_deletes)

    assert pruned(engine) == {"samples": 250}
    assert [number for number in deleted if number] == [100, 100, 50]


@pytest.mark.parametrize("batch", [1, 5000])
def test_an_open_alert_and_an_unsent_delivery_are_kept_however_old(engine: Engine, batch: int) -> None:
    for alert_id, over in (("open", False), ("over and unsent", True), ("over", True)):
        save_alert(engine, alert_id, over=over)
        with writing(engine) as db:
            outbox.put(db, place=OPS, message=Message(alert_id, ""), now=NOON, alert_id=alert_id)
    for delivery in outbox.claim_due(engine, now=NOON, lease=DAY):
        outbox.done(engine, delivery, Posted("C1", delivery.id), now=NOON)
    with writing(engine) as db:
        outbox.put(db, place=OPS, message=Message("resolved", ""), now=NOON, alert_id="over and unsent")
    assert pruned(engine, batch) == {"deliveries": 3, "alerts": 1, "posts": 1}
    with reading(engine) as db:
        assert alerts.get(db, "over") is None
        assert alerts.moves(db, "over") == []
        assert alerts.get(db, "open") is not None
        assert len(alerts.moves(db, "over and unsent")) == 2
        assert outbox.posted_at(db, "over and unsent", OPS) is not None
    (rest,) = outbox.claim_due(engine, now=NOON + DAY, lease=DAY)
    assert rest.message.title == "resolved"


def test_old_entries_of_the_audit_log_go(engine: Engine) -> None:
    with writing(engine) as db:
        for at in (NOON, NOON + 2 * DAY):
            audit.record(db, at=at, actor="slack:U1", action="silenced", subject="a1")
    assert pruned(engine) == {"audit": 1}
    with reading(engine) as db:
        assert [entry.at for entry in audit.entries(db, limit=9)] == [NOON + 2 * DAY]


def test_an_empty_store_has_nothing_to_forget(engine: Engine) -> None:
    assert prune(engine, now=NOON, keep_readings=DAY, keep_rest=DAY) == NOTHING


def test_what_was_removed_in_chat_goes_when_nobody_wants_it_back_any_more(engine: Engine) -> None:
    with writing(engine) as db:
        for at, removed in ((NOON, True), (NOON, False), (NOON + 9 * DAY, True)):
            rule = parse_rule(f"Queue above {at.day} called {at} {removed}")
            rules.change(db, rules.add(db, rule, by="", at=at), rule, by="", at=at, removed=removed)
            made = planned.add_digest(db, OPS, "0 9 * * *", "UTC", None, by="", at=at)
            planned.remove_digest(db, made.id, removed=removed, by="", at=at)
        planned.end_drill(db, planned.begin_drill(db, at=NOON, until=NOON, by="", severity=Severity.INFO))

    assert pruned(engine) == {"chat_rules": 1, "chat_digests": 1, "drills": 1}
    with reading(engine) as db:
        assert len(rules.all_of(db)) == 1
