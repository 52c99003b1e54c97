"""`pool-stats worker` says what it lacks, before it does anything."""

from pathlib import Path

import pytest

from bot.store.engine import open_store, upgrade
from bot.store.queue_schema import is_prepared, prepare
from tests.databases import PostgreSQL, sqlite_store
from tests.running import environment, pool_stats

CLUSTER = {"POOL_STATS_SCALE__MODE": "cluster", "POOL_STATS_MODELARTS__REGION": "cn-north-4"}
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
def test_the_queue_is_made_by_an_upgrade_of_a_cluster_and_no_worker_begins_before(
    tmp_path: Path, postgresql: PostgreSQL
) -> None:
    url = postgresql.new_store()
    env = environment(tmp_path, DATABASE_URL=url, **CLUSTER)
    ended = pool_stats("worker", env=env)

    assert ended.returncode == 1
    assert ended.stderr == (
        "pool-stats: the database is not at this version's schema: start the bot, or run pool-stats db upgrade\n"
    )
    engine = open_store(url)
    try:
        upgrade(engine)
        assert not is_prepared(engine)
        assert pool_stats("db", "upgrade", env=env).returncode == 0
        assert is_prepared(engine)
        prepare(engine)
    finally:
        engine.dispose()
