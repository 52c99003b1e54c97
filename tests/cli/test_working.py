"""`pool-stats worker` says what it lacks, before it does anything."""

from contextlib import suppress
from pathlib import Path

import pytest
import requests

from bot.store.engine import open_store, upgrade
from bot.store.queue_schema import is_prepared, prepare
from tests.databases import PostgreSQL, sqlite_store
from tests.running import environment, eventually, free_port, pool_stats, running

CLUSTER = {"POOL_STATS_SCALE__MODE": "cluster", "POOL_STATS_MODELARTS__REGION": "cn-north-4"}
KEYS = {"HUAWEICLOUD_SDK_AK": "a", "HUAWEICLOUD_SDK_SK": "s"}
NOWHERE = "postgresql://somebody:not-for-logs@127.0.0.1:9/none"


@pytest.mark.parametrize(
    ("more", "status", "said"),
    [
        ({}, 2, "set scale.mode: cluster, for the bot as well"),
        (CLUSTER, 2, "scale.mode: cluster needs PostgreSQL: set DATABASE_URL to postgresql://"),
        (CLUSTER | {"DATABASE_URL": NOWHERE}, 1, "the database none at 127.0.0.1:9 cannot be reached"),
    ],
    ids=["not a cluster", "SQLite", "no database"],
)
def test_a_worker_that_cannot_work_says_why(tmp_path: Path, more: dict[str, str], status: int, said: str) -> None:
    more = {"DATABASE_URL": sqlite_store(tmp_path)} | more
    ended = pool_stats("worker", env=environment(tmp_path, **more))

    assert (ended.returncode, ended.stdout) == (status, "")
    assert said in ended.stderr
    assert len(ended.stderr.splitlines()) == 1
    assert "not-for-logs" not in ended.stderr


@pytest.mark.postgresql
def test_a_worker_that_is_there_before_the_tables_waits_until_an_upgrade_of_a_cluster_has_made_them(
    tmp_path: Path, postgresql: PostgreSQL
) -> None:
    url, port = postgresql.new_store(), free_port()
    env = environment(tmp_path, DATABASE_URL=url, **CLUSTER, **KEYS)
    why = "the database is not at this version's schema: start the bot, or run pool-stats db upgrade"

    def ready() -> tuple[int, str]:
        answer = requests.get(f"http://127.0.0.1:{port}/readyz", timeout=5)
        return answer.status_code, answer.text

    def is_ready_because(status: int, said: str) -> bool:
        with suppress(requests.ConnectionError):
            return ready()[0] == status and said in ready()[1]
        return False

    engine = open_store(url)
    try:
        with running("worker", "--port", str(port), env=env) as worker:
            eventually(lambda: is_ready_because(503, why), what="what it waits for")
            upgrade(engine)
            assert not is_prepared(engine)
            assert ready()[0] == 503
            assert pool_stats("db", "upgrade", env=env).returncode == 0
            assert is_prepared(engine)
            prepare(engine)
            eventually(lambda: is_ready_because(200, ""), what="the worker")
            assert worker.stop() == 0
            assert worker.said.count(f"{why}; this will be tried again") == 1
    finally:
        engine.dispose()


@pytest.mark.postgresql
def test_a_worker_that_waits_for_the_tables_stops_when_it_is_told(tmp_path: Path, postgresql: PostgreSQL) -> None:
    env = environment(tmp_path, DATABASE_URL=postgresql.new_store(), **CLUSTER, **KEYS)
    with running("worker", env=env) as worker:
        eventually(lambda: "this will be tried again" in worker.said, what="what it waits for")
        assert worker.stop(within=10) == 0
