"""Does a worker speak only of the pools that are its own?"""

from datetime import timedelta
from pathlib import Path

import pytest

from bot.app.sharing_out import SHARDS
from bot.app.worker import Worker
from bot.clock import Clock
from bot.core.stats import Pool
from bot.jobs.shard import Shard
from bot.settings.reading import read
from bot.store import queue
from bot.store.engine import open_store, writing
from bot.store.queue_schema import prepare
from tests.databases import PostgreSQL
from tests.running import environment, eventually, free_port

pytestmark = pytest.mark.postgresql


class Later(Clock):
    """A clock that can be put forward."""

    by = 0.0

    def monotonic(self) -> float:
        return super().monotonic() + self.by


def test_a_pool_that_others_read_by_now_is_no_trouble_of_this_worker(tmp_path: Path, postgresql: PostgreSQL) -> None:
    url = postgresql.new_store()
    env = environment(
        tmp_path,
        DATABASE_URL=url,
        HUAWEICLOUD_SDK_AK="a",
        HUAWEICLOUD_SDK_SK="s",
        POOL_STATS_SCALE__MODE="cluster",
        POOL_STATS_MODELARTS__ENDPOINT=f"http://127.0.0.1:{free_port()}",
        POOL_STATS_MODELARTS__PROJECT_ID="p",
        POOL_STATS_MODELARTS__DEADLINE="1s",
    )
    engine = open_store(url)
    prepare(engine)
    clock = Later()
    worker = Worker(read(None, env), clock, concurrency=1)

    def give(name: str, *pools: Pool) -> None:
        shard = Shard(name, pools, clock.wall(), timedelta(), clock.wall())
        with writing(engine) as db:
            (number,) = queue.workers(db, within=timedelta(minutes=1))
            queue.put(db, name, SHARDS.dump_python(shard, mode="json"), number)

    def troubles() -> list[str]:
        return [about for about, why in worker.checks().items() if why]

    worker.start()
    try:
        eventually(lambda: not troubles(), what="the worker")
        give("0/2", Pool("train-a100", "train-a100"))
        eventually(lambda: troubles() == ["pools Unavailable"], what="that ModelArts cannot be reached")
        clock.by = 3600
        give("1/2")
        eventually(lambda: not troubles(), what="what others see to")
    finally:
        assert worker.stop()
        engine.dispose()
