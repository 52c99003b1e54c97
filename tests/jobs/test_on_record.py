"""Is everything that people do on record: who, where, and what was before and after?"""

from datetime import timedelta

from sqlalchemy import Engine

from bot.core.access import Access
from bot.core.mine import AboutMine
from bot.core.planning_words import AboutDigests, AboutRules, planning
from bot.core.rules.model import SHIPPED
from bot.jobs import planning as digests
from bot.jobs import rules
from bot.jobs.acting import pressed
from bot.jobs.desk import Desk
from bot.jobs.home import my_pools
from bot.jobs.sharing import shared
from bot.jobs.telling import Moment
from bot.messages.log import _ACTIONS
from bot.messages.model import Message, Verb
from bot.store import audit, planned
from bot.store import rules as kept
from bot.store.engine import reading
from tests.building import POOL
from tests.jobs.test_silence import ROUTES, YOU, Ops

# Of these there is nothing before, nothing after, or neither.
BEGINS = frozenset(
    {
        "silence",
        "add rule",
        "restore rule",
        "add digest",
        "restore digest",
        "digest now",
        "drill",
        "share",
        "export log",
    }
)
ENDS = frozenset({"remove rule", "remove digest"})


def planned_by(ops: Ops, command: str, text: str) -> None:
    """Type something about rules or digests."""
    at = Moment(ops.now, ops.now)
    desk = Desk(ops.engine, Access(), SHIPPED, ROUTES, (POOL,), at, passed=timedelta, changed=lambda: None)
    match planning(command, text):
        case AboutRules() as about:
            answer = rules.answered(about, YOU, desk)
        case AboutDigests() as about:
            answer = digests.answered(about, YOU, desk, ())
        case _:
            raise AssertionError(f"{command} {text} is about something else")
    assert isinstance(answer, Message)
    ops.pass_on(timedelta(minutes=2))


def act_on_alerts(ops: Ops) -> None:
    ops.read(60)
    for verb in (Verb.ACKNOWLEDGE, Verb.UNACKNOWLEDGE):
        pressed(verb, ops.alert.id, YOU, ops.doing)
    pressed(Verb.SILENCE, f"{ops.alert.id} 2h", YOU, ops.doing)
    pressed(Verb.UNSILENCE, ops.alert.id, YOU, ops.doing)
    ops.type("silence train-* 2h")
    standing = ops.type("silences")
    extend, end = (next(b for b in standing.buttons if b.verb is v) for v in (Verb.EXTEND_SILENCE, Verb.END_SILENCE))
    pressed(extend.verb, extend.subject, YOU, ops.doing)
    ended = pressed(end.verb, end.subject, YOU, ops.doing)
    assert isinstance(ended, Message)
    pressed(Verb.UNDO, ended.buttons[0].subject, YOU, ops.doing)


def plan(ops: Ops) -> None:
    planned_by(ops, "/pool-alerts", "keep Queue above 50 called mine")
    with reading(ops.engine) as db:
        (rule,) = kept.all_of(db)
    planned_by(ops, "/pool-alerts", f"remove {rule.id}")
    planned_by(ops, "/pool-alerts", f"restore {rule.id}")
    planned_by(ops, "/pool-alerts", "drill")
    planned_by(ops, "/pool-digest", "add 09:00 * UTC")
    with reading(ops.engine) as db:
        (digest,) = planned.digests(db)
    for words in (f"remove {digest.id}", f"restore {digest.id}", "now"):
        planned_by(ops, "/pool-digest", words)


def test_everything_that_people_do_is_on_record_with_what_was_and_what_is(engine: Engine) -> None:
    ops = Ops(engine)
    act_on_alerts(ops)
    plan(ops)
    my_pools(AboutMine("train-*"), YOU, ops.doing)
    shared("train-a100", Message("train-a100", "3 queued."), YOU, ops.doing)
    ops.type("log export")

    with reading(engine) as db:
        found = audit.entries(db, limit=100)
    # Changing a rule takes a form: tests/jobs/test_rules.py
    assert {entry.action for entry in found} | {"change rule"} == set(_ACTIONS)
    for entry in found:
        assert (entry.actor, entry.place) == ("slack:U1 you", "slack:C1"), entry
        assert entry.before is not None or entry.action in BEGINS, entry
        assert entry.after is not None or entry.action in ENDS, entry
