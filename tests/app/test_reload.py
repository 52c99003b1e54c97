"""Are pools judged by the rules made in chat at every moment, also while the configuration is read again?"""

import logging
import threading
from contextlib import ExitStack
from pathlib import Path

import pytest
from sqlalchemy import Engine, event, text

from bot.app.ground import Ground
from bot.app.worker import Worker
from bot.cli.signals import reload
from bot.clock import Clock
from bot.core.rule_text import parse_rule
from bot.core.rules.model import AlertRule
from bot.settings.reading import read
from bot.store import rules
from bot.store.engine import open_store, writing
from bot.store.queue_schema import prepare
from tests.databases import PostgreSQL, sqlite_store
from tests.running import environment

MODELARTS = {
    "HUAWEICLOUD_SDK_AK": "a",
    "HUAWEICLOUD_SDK_SK": "s",
    "POOL_STATS_MODELARTS__ENDPOINT": "http://127.0.0.1:1",
    "POOL_STATS_MODELARTS__PROJECT_ID": "p",
}


def made_in_chat(engine: Engine, name: str = "any queue") -> AlertRule:
    with writing(engine) as db:
        return rules.add(db, parse_rule(f"Queue above 20 called {name}"), by="slack:U1", at=Clock().wall()).rule


def test_what_is_read_while_the_database_is_away_is_not_used_without_the_rules_made_in_chat(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    env = environment(tmp_path, DATABASE_URL=sqlite_store(tmp_path), **MODELARTS)
    before = read(None, env)
    with ExitStack() as opened:
        ground = Ground(before, Clock(), opened)
        rule = made_in_chat(ground.engine)
        ground.take_over(read(None, env))
        assert rule in ground.plan.judges.rules
        with writing(ground.engine) as db:
            db.execute(text("ALTER TABLE chat_rules RENAME TO elsewhere"))

        # As at SIGHUP.
        with caplog.at_level(logging.ERROR):
            reload(ground.take_over, before)

        assert "the configuration is not taken over: " in caplog.text
        assert rule in ground.plan.judges.rules


def test_a_thread_that_was_slow_to_take_rules_over_does_not_put_back_those_that_were_there_before(
    tmp_path: Path,
) -> None:
    env = environment(tmp_path, DATABASE_URL=sqlite_store(tmp_path), **MODELARTS)
    looked, taken_over = threading.Event(), threading.Event()

    def is_slow(*_: object) -> None:
        if threading.current_thread().name == "slow":
            looked.set()
            taken_over.wait(1)

    with ExitStack() as opened:
        ground = Ground(read(None, env), Clock(), opened)
        made_in_chat(ground.engine, "any queue")
        event.listen(ground.engine, "checkin", is_slow)
        slow = threading.Thread(target=ground.reader.take_over_rules, name="slow")
        slow.start()
        assert looked.wait(30)
        rule = made_in_chat(ground.engine, "another queue")
        ground.reader.take_over_rules()
        taken_over.set()
        slow.join()
        assert rule in ground.plan.judges.rules


@pytest.mark.postgresql
def test_a_worker_that_is_to_judge_anew_does_so_by_the_rules_made_in_chat_from_the_first_reading_on(
    tmp_path: Path, postgresql: PostgreSQL
) -> None:
    url = postgresql.new_store()
    env = environment(tmp_path, DATABASE_URL=url, POOL_STATS_SCALE__MODE="cluster", **MODELARTS)
    engine = open_store(url)
    prepare(engine)
    rule = made_in_chat(engine)
    config = read(None, env)
    worker = Worker(config, Clock(), concurrency=1)
    try:
        # A shard that is under way goes on.
        worker.reload(config)
        assert rule in worker.plan.judges.rules
    finally:
        assert worker.stop()
        engine.dispose()
