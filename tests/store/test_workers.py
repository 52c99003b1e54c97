"""The outbox with many workers: nothing is sent twice, nothing is lost, and every alert keeps its order."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from sqlalchemy import Engine

from bot.core.routes import Place
from bot.messages.model import Message
from bot.messages.sending import Posted
from bot.store import outbox
from bot.store.engine import open_store, upgrade, writing
from bot.store.outbox import Delivery, DeliveryKind
from tests.building import NOON

LEASE = timedelta(seconds=30)
OPS = Place("slack", "#ml-ops")
THREAD = DeliveryKind.THREAD


def six_workers(url: str) -> list[Delivery]:
    """What six workers, each with its own connections, had between them, in the order in which they had it."""
    had: list[Delivery] = []
    together = threading.Barrier(6)

    def work() -> None:
        engine = open_store(url)
        together.wait(30)
        while due := outbox.claim_due(engine, now=NOON, lease=LEASE, limit=3):
            for delivery in due:
                had.append(delivery)
                posted = delivery.posted or Posted("C1", delivery.id)
                assert outbox.done(engine, delivery, posted, now=NOON).kept
        engine.dispose()

    with ThreadPoolExecutor(6) as threads:
        for worker in [threads.submit(work) for _ in range(6)]:
            worker.result(120)
    return had


def test_six_threads_never_share_one_of_sixty(database_url: str, engine: Engine) -> None:
    with writing(engine) as db:
        put_ids = [outbox.put(db, place=OPS, message=Message(str(n), ""), now=NOON) for n in range(60)]
    had = [delivery.id for delivery in six_workers(database_url)]
    assert sorted(had) == sorted(filter(None, put_ids))
    assert len(had) == 60


def test_six_threads_keep_the_order_of_each_alert(database_url: str, engine: Engine) -> None:
    with writing(engine) as db:
        for alert in "abcdefgh":
            outbox.put(db, place=OPS, message=Message("told", ""), now=NOON, alert_id=alert)
    # Somebody has begun to tell them, so that there is more to say than the message itself.
    for begun in outbox.claim_due(engine, now=NOON, lease=LEASE):
        outbox.try_again(engine, begun, at=NOON, why="timed out", unclear=True)
    with writing(engine) as db:
        for n in range(6):
            for alert in "abcdefgh":
                outbox.put(db, place=OPS, message=Message(f"{n}", ""), now=NOON, kind=THREAD, alert_id=alert)
    # A worker that finds nothing to do at a moment is gone: the second six have what is left.
    had = [*six_workers(database_url), *six_workers(database_url)]
    for alert in "abcdefgh":
        said = [delivery.message.title for delivery in had if delivery.alert_id == alert]
        assert said == ["told", "0", "1", "2", "3", "4", "5"]


def test_messages_that_are_put_while_others_are_claimed_are_all_sent(database_url: str) -> None:
    engine = open_store(database_url)
    upgrade(engine)
    finished = threading.Event()

    def produce() -> None:
        for n in range(60):
            with writing(engine) as db:
                outbox.put(db, place=OPS, message=Message(f"{n}", ""), now=NOON, alert_id="the same")
        finished.set()

    def consume() -> list[int]:
        had: list[int] = []
        while True:
            over = finished.is_set()
            due = outbox.claim_due(engine, now=NOON, lease=LEASE)
            if over and not due:
                return had
            for delivery in due:
                had.append(int(delivery.message.title))
                outbox.done(engine, delivery, Posted("C1", "1"), now=NOON)

    with ThreadPoolExecutor(2) as threads:
        consumed = threads.submit(consume)
        threads.submit(produce).result(120)
        had = consumed.result(120)
    engine.dispose()
    assert had == sorted(had)
    assert had[-1] == 59
