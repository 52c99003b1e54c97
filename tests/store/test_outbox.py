"""The outbox: what is put into it is said, in order, and said once."""

from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import ExitStack
from datetime import datetime, timedelta
from itertools import count

import pytest
from sqlalchemy import Engine, event, text

from bot.core.crowds import Gathering
from bot.core.routes import Place
from bot.messages.model import Bold, Message, Paragraph
from bot.messages.sending import Act, Posted
from bot.store import outbox
from bot.store.engine import open_store, reading, upgrade, writing
from bot.store.outbox import Delivery, DeliveryKind, Done, Rank, Waiting
from tests.building import NOON
from tests.databases import PostgreSQL

OPS = Place("slack", "#ml-ops")
TEAMS = Place("teams", "ML Platform/Alerts")
SECOND = timedelta(seconds=1)
LEASE = timedelta(seconds=30)
THREAD = DeliveryKind.THREAD
_posts = count(1)


def message(title: str) -> Message:
    return Message(title, f"{title}, in words", blocks=(Paragraph(("is ", Bold("long"))),))


def put(
    engine: Engine,
    title: str,
    place: Place = OPS,
    *,
    kind: DeliveryKind = DeliveryKind.MESSAGE,
    alert_id: str | None = None,
    key: str | None = None,
    due_at: datetime | None = None,
) -> str | None:
    with writing(engine) as db:
        said = message(title)
        return outbox.put(db, place=place, message=said, now=NOON, kind=kind, alert_id=alert_id, key=key, due_at=due_at)


def claim(engine: Engine, now: datetime = NOON, limit: int = 20) -> list[Delivery]:
    return outbox.claim_due(engine, now=now, lease=LEASE, limit=limit)


def titles(deliveries: list[Delivery]) -> list[str]:
    return [delivery.message.title for delivery in deliveries]


def done(engine: Engine, delivery: Delivery, posted: Posted | None = None) -> Posted:
    stands = posted or delivery.posted or Posted("C1", f"{next(_posts)}.0")
    assert outbox.done(engine, delivery, stands, now=NOON, content=delivery.message) == Done()
    return stands


def sent(engine: Engine, now: datetime = NOON) -> list[str]:
    """Send all that can be sent, with success."""
    said = []
    while due := claim(engine, now):
        for delivery in due:
            done(engine, delivery)
            said.append(delivery.message.title)
    return said


def test_a_delivery_is_handed_out_as_it_was_put(engine: Engine) -> None:
    later = NOON + timedelta(microseconds=1)
    delivery_id = put(engine, "queue is long", TEAMS, alert_id="a1", due_at=later)
    assert claim(engine, NOON) == []
    assert claim(engine, later) == [
        Delivery(
            id=delivery_id or "",
            platform="teams",
            channel="ML Platform/Alerts",
            kind=DeliveryKind.MESSAGE,
            alert_id="a1",
            about="a1",
            message=message("queue is long"),
            created_at=NOON,
            due_at=later,
            attempts=1,
            unclear=False,
            tried_at=later,
            posted=None,
            rank=Rank.FIRST,
        )
    ]


def test_what_was_rolled_back_says_nothing(engine: Engine) -> None:
    def fail_late() -> None:
        with writing(engine) as db:
            outbox.put(db, place=OPS, message=message("never"), now=NOON)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail_late()
    assert claim(engine) == []


def test_what_is_claimed_is_handed_out_to_nobody_else_during_the_lease(engine: Engine) -> None:
    put(engine, "once")
    assert titles(claim(engine)) == ["once"]
    assert claim(engine, NOON + LEASE - SECOND) == []


def test_what_a_dead_worker_had_is_handed_out_again_and_is_unclear(engine: Engine) -> None:
    put(engine, "once")
    (first,) = claim(engine)
    (again,) = claim(engine, NOON + LEASE)
    assert (first.unclear, first.attempts) == (False, 1)
    assert (again.id, again.unclear, again.attempts) == (first.id, True, 2)


def test_a_certain_refusal_leaves_no_doubt_and_an_unclear_outcome_does_for_good(engine: Engine) -> None:
    put(engine, "once")
    unclear = []
    for refusal in (False, True, False):
        (delivery,) = claim(engine)
        unclear.append(delivery.unclear)
        outbox.try_again(engine, delivery, at=NOON, why="429", unclear=refusal)
    (delivery,) = claim(engine)
    assert [*unclear, delivery.unclear] == [False, False, True, True]


def test_what_is_to_be_tried_again_waits_until_then(engine: Engine) -> None:
    put(engine, "once")
    (delivery,) = claim(engine)
    outbox.try_again(engine, delivery, at=NOON + SECOND, why="429", unclear=False)
    assert claim(engine, NOON) == []
    assert titles(claim(engine, NOON + SECOND)) == ["once"]


def test_what_is_done_or_given_up_is_never_handed_out_again(engine: Engine) -> None:
    put(engine, "done")
    put(engine, "given up")
    said, refused = claim(engine)
    done(engine, said)
    outbox.give_up(engine, refused, why="is_archived", now=NOON)
    outbox.try_again(engine, said, at=NOON, why="too late", unclear=True)
    outbox.try_again(engine, refused, at=NOON, why="too late", unclear=True)
    outbox.give_up(engine, said, why="too late", now=NOON)
    assert claim(engine, NOON + 2 * LEASE) == []
    with reading(engine) as db:
        assert outbox.waiting(db) == []


def test_one_alert_is_one_message_that_is_replaced(engine: Engine) -> None:
    put(engine, "firing", alert_id="a1")
    (first,) = claim(engine)
    stands = done(engine, first, Posted("C7", "1.2"))
    put(engine, "resolved", alert_id="a1")
    (second,) = claim(engine)
    assert second.posted == stands == Posted("C7", "1.2")
    with reading(engine) as db:
        assert outbox.posted_at(db, "a1", OPS) == stands
        assert outbox.posted_at(db, "a1", TEAMS) is None
        assert outbox.places_told(db, "a1") == [OPS]


def test_the_newest_message_about_an_alert_wins_while_nobody_has_tried(engine: Engine) -> None:
    first = put(engine, "firing", alert_id="a1", due_at=NOON + SECOND)
    assert put(engine, "acknowledged", alert_id="a1") == first
    assert put(engine, "elsewhere", TEAMS, alert_id="a1") != first
    assert put(engine, "another", alert_id="a2") != first
    assert sorted(sent(engine)) == ["acknowledged", "another", "elsewhere"]


def test_a_message_that_somebody_tried_to_send_is_not_changed_and_the_newer_one_waits(engine: Engine) -> None:
    put(engine, "firing", alert_id="a1")
    (firing,) = claim(engine)
    put(engine, "acknowledged", alert_id="a1")
    put(engine, "resolved", alert_id="a1")
    assert claim(engine) == []
    outbox.try_again(engine, firing, at=NOON + SECOND, why="timed out", unclear=True)
    assert claim(engine) == []
    assert sent(engine, NOON + SECOND) == ["firing", "resolved"]


def test_the_thread_waits_for_the_message_and_keeps_its_order(engine: Engine) -> None:
    put(engine, "queue is long", alert_id="a1")
    (parent,) = claim(engine)
    put(engine, "it was acknowledged", kind=THREAD, alert_id="a1")
    put(engine, "it was resolved", kind=THREAD, alert_id="a1")
    assert claim(engine) == []
    stands = done(engine, parent)
    (entry,) = claim(engine)
    assert (entry.message.title, entry.posted) == ("it was acknowledged", stands)
    done(engine, entry, Posted("C1", "in the thread"))
    (entry,) = claim(engine)
    assert (entry.message.title, entry.posted) == ("it was resolved", stands)


def test_what_happens_before_the_message_was_told_or_tried_is_said_by_the_message_alone(engine: Engine) -> None:
    assert put(engine, "to nobody", kind=THREAD, alert_id="a1") is None
    put(engine, "firing", alert_id="a1")
    assert put(engine, "it was acknowledged", kind=THREAD, alert_id="a1") is None
    (refused,) = claim(engine)
    outbox.try_again(engine, refused, at=NOON, why="429", unclear=False)
    assert put(engine, "it was resolved", kind=DeliveryKind.ALOUD, alert_id="a1") is None
    put(engine, "was above for 4 minutes, recovered", alert_id="a1")

    assert sent(engine) == ["was above for 4 minutes, recovered"]


def test_a_message_that_may_stand_already_has_a_thread(engine: Engine) -> None:
    put(engine, "firing", alert_id="a1")
    (unclear,) = claim(engine)
    outbox.try_again(engine, unclear, at=NOON, why="timed out", unclear=True)
    put(engine, "resolved", alert_id="a1")
    put(engine, "it was resolved", kind=THREAD, alert_id="a1")

    assert sent(engine) == ["firing", "resolved", "it was resolved"]


def test_a_thread_without_its_message_holds_up_no_newer_message(engine: Engine) -> None:
    put(engine, "firing", alert_id="a1")
    (firing,) = claim(engine)
    put(engine, "entry", kind=THREAD, alert_id="a1")
    put(engine, "silenced", alert_id="a1")
    assert outbox.give_up(engine, firing, why="msg_too_long", now=NOON)
    assert sent(engine) == ["silenced", "entry"]


def test_a_thread_whose_message_can_never_be_sent_is_given_up_with_it(engine: Engine) -> None:
    put(engine, "firing", alert_id="a1")
    put(engine, "another", alert_id="a2")
    firing, another = claim(engine)
    put(engine, "entry", kind=THREAD, alert_id="a1")
    outbox.give_up(engine, firing, why="is_archived", now=NOON)
    done(engine, another)
    with reading(engine) as db:
        assert outbox.waiting(db) == []


def test_a_thread_whose_message_stands_outlives_an_update_that_is_given_up(engine: Engine) -> None:
    put(engine, "firing", alert_id="a1")
    assert sent(engine) == ["firing"]
    put(engine, "an update", alert_id="a1")
    put(engine, "entry", kind=THREAD, alert_id="a1")
    (update,) = claim(engine)
    outbox.give_up(engine, update, why="msg_too_long", now=NOON)
    assert sent(engine) == ["entry"]


def test_a_message_for_a_thread_needs_an_alert(engine: Engine) -> None:
    with pytest.raises(ValueError, match="needs the alert whose thread it is"):
        put(engine, "nobody's", kind=THREAD)


def test_a_message_that_a_person_deleted_is_posted_anew(engine: Engine) -> None:
    put(engine, "firing", alert_id="a1")
    stands = done(engine, claim(engine)[0])
    outbox.forget_posted(engine, stands, OPS)
    put(engine, "resolved", alert_id="a1")
    (resolved,) = claim(engine)
    assert resolved.posted is None


def test_a_worker_that_finds_an_old_message_gone_forgets_none_that_was_posted_since(engine: Engine) -> None:
    put(engine, "firing", alert_id="a1")
    deleted = done(engine, claim(engine)[0])
    outbox.forget_posted(engine, deleted, OPS)
    put(engine, "resolved", alert_id="a1")
    stands = done(engine, claim(engine)[0])

    outbox.forget_posted(engine, deleted, OPS)
    with reading(engine) as db:
        assert outbox.posted_at(db, "a1", OPS) == stands


def test_what_was_given_up_and_is_posted_all_the_same_is_the_alerts_message(engine: Engine) -> None:
    put(engine, "firing", alert_id="a1")
    (slow,) = claim(engine)
    (fast,) = claim(engine, NOON + LEASE)
    assert outbox.give_up(engine, fast, why="no_text", now=NOON)

    stands = Posted("C1", "7.0")
    assert outbox.done(engine, slow, stands, now=NOON, content=slow.message) == Done()
    put(engine, "resolved", alert_id="a1")
    (resolved,) = claim(engine)
    assert resolved.posted == stands


def test_what_was_given_up_is_taken_back_where_a_newer_message_stands_since(engine: Engine) -> None:
    put(engine, "firing", alert_id="a1")
    (slow,) = claim(engine)
    (fast,) = claim(engine, NOON + LEASE)
    assert outbox.give_up(engine, fast, why="no_text", now=NOON)
    put(engine, "worse", alert_id="a1")
    stands = done(engine, claim(engine)[0])

    assert outbox.done(engine, slow, Posted("C1", "7.0"), now=NOON) == Done(kept=False, first=stands)


def test_what_has_waited_for_long_goes_before_what_is_more_urgent(engine: Engine) -> None:
    put(engine, "digest")
    soon, later = NOON + timedelta(minutes=9), NOON + timedelta(minutes=10)
    put(engine, "firing", alert_id="a1", due_at=soon)
    put(engine, "worse", alert_id="a2", due_at=later)
    assert titles(claim(engine, soon, limit=1)) == ["firing"]
    assert titles(claim(engine, later, limit=1)) == ["digest"]


def test_a_channel_with_many_messages_holds_up_no_other(engine: Engine) -> None:
    with writing(engine) as db:
        for number in range(50):
            outbox.put(db, place=OPS, message=message(f"{number}"), now=NOON, alert_id=f"a{number}")
        outbox.put(db, place=TEAMS, message=message("the only one"), now=NOON + SECOND, alert_id="a1")
    assert "the only one" in titles(claim(engine, NOON + SECOND, limit=2))


def test_a_digest_of_one_moment_is_put_once(engine: Engine) -> None:
    assert put(engine, "digest", key="digest 1 2026-03-02") is not None
    assert put(engine, "digest again", key="digest 1 2026-03-02") is None
    with reading(engine) as db:
        assert not outbox.delivered(db, "digest 1 2026-03-02")
    assert sent(engine) == ["digest"]
    assert put(engine, "digest again", key="digest 1 2026-03-02") is None
    with reading(engine) as db:
        assert outbox.delivered(db, "digest 1 2026-03-02")
        assert not outbox.delivered(db, "digest 1 2026-03-03")


def test_a_slower_worker_is_told_where_the_message_stands_already(engine: Engine) -> None:
    put(engine, "firing", alert_id="a1")
    (slow,) = claim(engine)
    (fast,) = claim(engine, NOON + LEASE)
    stands = done(engine, fast, Posted("C1", "1.0"))
    assert outbox.done(engine, slow, Posted("C1", "2.0"), now=NOON) == Done(kept=False, first=stands)
    assert outbox.done(engine, slow, stands, now=NOON) == Done(kept=False)
    with reading(engine) as db:
        assert outbox.posted_at(db, "a1", OPS) == stands


def test_a_worker_whose_lease_was_taken_over_moves_nothing(engine: Engine) -> None:
    put(engine, "firing", alert_id="a1")
    (slow,) = claim(engine)
    (fast,) = claim(engine, NOON + LEASE)

    outbox.try_again(engine, slow, at=NOON, why="429", unclear=False)
    assert not outbox.give_up(engine, slow, why="is_archived", now=NOON)
    assert outbox.done(engine, slow, Posted("C1", "2.0"), now=NOON) == Done(kept=False)
    assert claim(engine, NOON + LEASE + SECOND) == []
    with reading(engine) as db:
        assert outbox.posted_at(db, "a1", OPS) is None
        assert outbox.waiting(db)[0].why is None

    assert outbox.give_up(engine, fast, why="is_archived", now=NOON)


def test_a_worker_that_put_an_old_message_in_the_place_of_a_newer_one_has_the_newest_sent_again(engine: Engine) -> None:
    put(engine, "firing", alert_id="a1")
    (first,) = claim(engine)
    stands = done(engine, first)
    put(engine, "worse", alert_id="a1")
    (slow,) = claim(engine)
    (fast,) = claim(engine, NOON + LEASE)
    done(engine, fast)
    put(engine, "resolved", alert_id="a1")
    assert sent(engine) == ["resolved"]

    assert outbox.done(engine, slow, stands, now=NOON) == Done(kept=False)
    assert sent(engine) == ["resolved"]


def test_what_was_overwritten_while_it_was_under_way_is_sent_again(engine: Engine) -> None:
    put(engine, "firing", alert_id="a1")
    (first,) = claim(engine)
    stands = done(engine, first)
    put(engine, "worse", alert_id="a1")
    (slow,) = claim(engine)
    (fast,) = claim(engine, NOON + LEASE)
    done(engine, fast)
    put(engine, "resolved", alert_id="a1")
    (under_way,) = claim(engine)

    assert outbox.done(engine, slow, stands, now=NOON) == Done(kept=False)
    done(engine, under_way)
    assert sent(engine) == ["resolved"]
    assert sent(engine) == []


def test_what_the_place_knows_already_is_not_told_again(engine: Engine) -> None:
    put(engine, "firing", alert_id="a1")
    assert sent(engine) == ["firing"]
    assert put(engine, "firing", alert_id="a1") is None
    put(engine, "stale", alert_id="a1")
    assert put(engine, "firing", alert_id="a1") is None
    assert sent(engine) == []


def test_an_unsent_edit_is_taken_back_only_if_no_other_may_be_under_way(engine: Engine) -> None:
    put(engine, "firing", alert_id="a1")
    assert sent(engine) == ["firing"]
    put(engine, "stale", alert_id="a1")
    (stale,) = claim(engine)
    put(engine, "firing", alert_id="a1")
    done(engine, stale)
    assert sent(engine) == ["firing"]


def test_what_is_urgent_goes_first_and_takes_along_what_it_waits_for(engine: Engine) -> None:
    for alert in ("a1", "a2", "a3"):
        put(engine, f"{alert} fires", alert_id=alert)
    assert len(sent(engine)) == 3
    put(engine, "digest")
    put(engine, "a1 is acknowledged", alert_id="a1")
    with writing(engine) as db:
        outbox.put(db, place=OPS, message=message("a2 is over"), now=NOON, alert_id="a2", rank=Rank.ENDED)
    put(engine, "a3 is stale", alert_id="a3")
    put(engine, "a3 is worse", kind=DeliveryKind.ALOUD, alert_id="a3")
    put(engine, "a4 fires", TEAMS, alert_id="a4")

    said = []
    while due := claim(engine, limit=1):
        done(engine, due[0], Posted("C1", "x"))
        said.append(due[0].message.title)
    assert said == ["a4 fires", "a3 is stale", "a3 is worse", "a2 is over", "a1 is acknowledged", "digest"]


def test_only_what_its_place_takes_now_is_handed_out_and_the_rest_stays_as_it_was(engine: Engine) -> None:
    put(engine, "posted", alert_id="a1")
    assert sent(engine) == ["posted"]
    put(engine, "edited", alert_id="a1")
    put(engine, "new", alert_id="a2")
    put(engine, "elsewhere", TEAMS, alert_id="a2")

    def no_posts_in_ops(place: Place, acts: tuple[Act, ...]) -> bool:
        return place != OPS or acts == (Act.EDIT,)

    claimed = outbox.claim_due(engine, now=NOON, lease=LEASE, ready=no_posts_in_ops)
    assert titles(claimed) == ["elsewhere", "edited"]
    (new,) = claim(engine)
    assert (new.message.title, new.attempts) == ("new", 1)


def test_what_comes_due_later_is_known(engine: Engine) -> None:
    put(engine, "for later", due_at=NOON + 5 * SECOND)
    put(engine, "firing", alert_id="a1")
    heads, due = outbox.comes_due(engine, now=NOON, gathering=Gathering(7, SECOND))
    assert (heads, due) == ([], NOON + 0.5 * SECOND)
    heads, due = outbox.comes_due(engine, now=NOON + 0.5 * SECOND, gathering=Gathering(7, SECOND))
    assert ([head.acts for head in heads], due) == ([(Act.POST,)], NOON + 5 * SECOND)


def test_what_may_stand_twice_can_be_looked_up(engine: Engine) -> None:
    put(engine, "clear")
    put(engine, "doubtful", TEAMS)
    clear, unclear = claim(engine)
    done(engine, clear)
    outbox.try_again(engine, unclear, at=NOON, why="timed out", unclear=True)
    (again,) = claim(engine)
    stands = done(engine, again)
    with reading(engine) as db:
        assert [(each.message.title, each.posted) for each in outbox.doubtful(db, since=NOON)] == [("doubtful", stands)]
        assert outbox.doubtful(db, since=NOON + SECOND) == []


def test_what_waits_is_told_place_by_place_with_the_reason(engine: Engine) -> None:
    put(engine, "refused")
    put(engine, "for tomorrow", TEAMS, due_at=NOON + timedelta(days=1))
    (refused,) = claim(engine)
    put(engine, "behind it")
    outbox.try_again(engine, refused, at=NOON + SECOND, why="not_in_channel", unclear=False)
    with reading(engine) as db:
        assert outbox.waiting(db) == [
            Waiting(OPS, 2, NOON, "not_in_channel"),
            Waiting(TEAMS, 1, NOON + timedelta(days=1), None),
        ]


def test_a_message_that_this_version_cannot_read_is_given_up_and_holds_up_nobody(engine: Engine) -> None:
    put(engine, "from the future", alert_id="a1")
    with writing(engine) as db:
        db.execute(text("UPDATE deliveries SET message = '{}'"))
    put(engine, "readable", TEAMS)
    assert titles(claim(engine)) == ["readable"]
    with reading(engine) as db:
        assert [each.place for each in outbox.waiting(db)] == [TEAMS]
        why = db.scalar(text("SELECT why FROM deliveries WHERE state = 'given up'"))
    assert why == "this version cannot read the message"


@pytest.mark.postgresql
def test_what_is_put_is_told_at_whatever_moment_what_is_under_way_is_settled(postgresql: PostgreSQL) -> None:
    with ExitStack() as opened:
        engine = open_store(postgresql.new_database())
        opened.callback(engine.dispose)
        upgrade(engine)
        moment = 1
        while _is_settled_while_more_is_put(engine, moment, over=True):
            assert sent(engine) == ["it is over", "what happened"], f"settled after statement {moment}"
            moment += 1
        assert moment > 4
        moment = 1
        while _is_settled_while_more_is_put(engine, moment, over=False):
            assert sent(engine) == ["queue is long"], f"settled after statement {moment}"
            moment += 1
        assert moment > 2


def _is_settled_while_more_is_put(engine: Engine, moment: int, *, over: bool) -> bool:
    """Put what has become of an alert while a message about it is under way, which is settled after so many statements.

    What is under way is its first message, and then it is over; or else an update that is not true any more.
    """
    alert_id = f"a{moment}-{over}"
    put(engine, "queue is long", alert_id=alert_id)
    (under_way,) = claim(engine)
    news = [("it is over", DeliveryKind.MESSAGE), ("what happened", THREAD)]
    if not over:
        done(engine, under_way)
        put(engine, "queue is longer", alert_id=alert_id)
        (under_way,) = claim(engine)
        news = [("queue is long", DeliveryKind.MESSAGE)]
    statements = count(1)

    with ThreadPoolExecutor(1) as other:
        settled = []

        def settle(*_: object) -> None:
            if next(statements) == moment:
                settled.append(other.submit(done, engine, under_way))
                # It may have to wait for our transaction.
                wait(settled, timeout=0.2)

        with writing(engine) as db:
            event.listen(db, "after_cursor_execute", settle)
            for title, kind in news:
                outbox.put(db, place=OPS, message=message(title), now=NOON, kind=kind, alert_id=alert_id)
            event.remove(db, "after_cursor_execute", settle)
        for each in settled:
            each.result()
    return next(statements) > moment
