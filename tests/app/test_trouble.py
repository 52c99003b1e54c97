"""`pool-stats run` when the ground gives way: the database, the pools, the platform, the configuration."""

import signal
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
import requests

from tests.app.conftest import House
from tests.running import eventually, pool_stats

pytestmark = pytest.mark.parametrize("house", ["socket"], indirect=True)


def queue(house: House, jobs: int) -> None:
    """Let so many training jobs wait."""
    house.emulator.set_counts("train-a100", {"train": {"Queue": jobs, "Running": 5}})


def unready(house: House, why: str) -> None:
    """Wait until `/readyz` says so."""
    eventually(lambda: not house.is_ready() and why in house.reasons(), within=60, what=f"“{why}” in /readyz")


def lines(house: House, text: str) -> list[str]:
    """The log lines that say `text`."""
    assert house.bot is not None
    return [line for line in house.bot.err if text in line]


@contextmanager
def locked(file: Path) -> Iterator[None]:
    """Somebody else writes, and does not come to an end."""
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")


def test_a_database_that_is_locked_for_a_while_loses_nothing_and_is_told_in_one_line(
    house: House, tmp_path: Path
) -> None:
    house.start(DATABASE_URL=f"sqlite:///{tmp_path / 'bot.db'}?timeout=0.2")
    with locked(tmp_path / "bot.db"):
        queue(house, 60)
        unready(house, "is locked by another process")
        unready(house, "no pool has been read for")
        assert house.messages() == []

    eventually(house.messages, what="the alert")
    eventually(house.is_ready, what="readiness")
    eventually(lambda: lines(house, "INFO bot.schedule: no longer so: the database"), what="the end in the log")
    assert len(lines(house, "WARNING bot.schedule: the database")) == 1
    assert len(lines(house, "INFO bot.schedule: no longer so: the database")) == 1


def test_a_disk_that_is_full_for_a_while_loses_nothing_and_is_told_in_one_line(house: House, tmp_path: Path) -> None:
    # The limit on a database's pages is kept in no file, so the disk of the test is a limit on the files' sizes.
    file = tmp_path / "bot.db"
    house.start()
    assert house.bot is not None
    wal = file.with_name("bot.db-wal")
    size = max(file.stat().st_size, wal.stat().st_size)
    limit(house, size)
    queue(house, 60)
    unready(house, "database: the database")
    assert house.messages() == []

    limit(house, -1)
    eventually(house.messages, what="the alert")
    eventually(house.is_ready, what="readiness")
    eventually(lambda: lines(house, "WARNING bot.schedule: the database"), what="the warning in the log")
    assert len(lines(house, "WARNING bot.schedule: the database")) == 1


def told(house: House) -> str:
    """The texts of all messages."""
    return "\n".join(message["text"] for message in house.messages())


def test_a_refused_key_is_told_in_one_notice_one_log_line_and_readyz_until_it_is_accepted(house: House) -> None:
    for index in range(20):
        house.emulator.set_counts(f"pool-{index:02}", {"train": {"Running": 1}})
    house.start(POOL_STATS_POLL__BLIND_AFTER="3s")
    queue(house, 60)
    eventually(house.messages, what="the alert")
    house.emulator.misbehave("status", status=401)

    eventually(lambda: "I am blind: none of 21 pools can be read" in told(house), within=60, what="the notice")
    eventually(lambda: "not seen now" in told(house), what="the mark on the alert")
    unready(house, "credentials: ModelArts does not accept our credentials")
    assert len(house.messages()) == 2
    eventually(lambda: lines(house, "ERROR bot.modelarts.circuit:"), what="the refusal in the log")
    refused = [line for line in lines(house, "does not accept our credentials") if "bot.jobs.blindness" not in line]
    assert [line.split()[2:4] for line in refused] == [["ERROR", "bot.modelarts.circuit:"]], refused

    # Whoever renews the key starts the bot again.
    house.emulator.behave()
    assert house.bot is not None
    house.bot.stop()
    house.start(POOL_STATS_POLL__BLIND_AFTER="3s")
    eventually(lambda: "I can see again" in told(house), within=60, what="the end of the notice")
    eventually(lambda: "not seen now" not in told(house), what="the alert as it is")
    assert len(house.messages()) == 2


def limit(house: House, size: int) -> None:
    """Let the bot write no file beyond this size; -1 for any."""
    import resource  # noqa: PLC0415 - there is none on Windows

    assert house.bot is not None
    hard = resource.prlimit(house.bot.process.pid, resource.RLIMIT_FSIZE)[1]
    resource.prlimit(house.bot.process.pid, resource.RLIMIT_FSIZE, (size, hard))


def test_a_pool_that_is_deleted_takes_its_alert_and_its_numbers_along(house: House) -> None:
    house.start()
    queue(house, 60)
    eventually(house.messages, what="the alert")
    house.emulator.set_counts("research", {"train": {"Running": 1}})
    house.emulator.engine.remove_pool(house.emulator.engine.pools()[0].id)

    # A new start lists the pools at once; else it takes some minutes.
    assert house.bot is not None
    assert house.bot.stop() == 0
    house.start(POOL_STATS_POLL__GONE_AFTER="2s")

    eventually(lambda: house.messages()[0]["text"].startswith("Closed"), what="the end of the alert")
    eventually(lambda: "train-a100 does not exist any more" in told(house), what="the notice")
    page = requests.get(f"{house.url}/metrics", timeout=5).text
    assert 'name="research"' in page
    assert 'name="train-a100"' not in page


def test_a_bot_that_starts_while_pools_cannot_be_listed_reads_those_it_knows(house: House) -> None:
    house.start()
    assert house.bot is not None
    house.bot.stop()
    house.emulator.misbehave("status", status=503, route="pools")
    queue(house, 60)

    house.start_unready()
    eventually(house.messages, what="the alert")
    unready(house, "modelarts: ")


def test_a_post_that_slack_takes_long_after_we_gave_up_is_deleted_and_counted(house: House) -> None:
    house.start()
    house.sandbox.misbehave("slow", "chat.postMessage", count=1, seconds=13.5)
    queue(house, 60)

    eventually(lambda: len(house.messages()) == 2, within=60, what="the repeat")
    eventually(lambda: len(house.messages()) == 1, within=60, what="its end")
    page = requests.get(f"{house.url}/metrics", timeout=5).text
    assert 'pool_stats_deliveries_total{outcome="repeated",platform="slack"} 1.0' in page
    queue(house, 0)
    eventually(lambda: house.messages()[0]["text"].startswith("Resolved"), what="the resolution")


def test_a_stop_finishes_the_delivery_under_way(house: House) -> None:
    bot = house.start()
    house.sandbox.misbehave("slow", "chat.postMessage", count=1, seconds=3)
    queue(house, 60)
    eventually(lambda: lines(house, "is firing"), what="the alert")
    under_way = eventually(lambda: delivering(house), what="the delivery")

    assert bot.stop() == 0
    assert len(house.messages()) == 1
    # What stands behind the alert may be told after it, and may wait for the next start.
    assert ("sent", *under_way[0]) in asked_of(house, "SELECT state, id FROM deliveries")


def delivering(house: House) -> list[tuple[object, ...]]:
    """The deliveries that are leased now."""
    return asked_of(house, "SELECT id FROM deliveries WHERE leased_until IS NOT NULL")


def asked_of(house: House, statement: str) -> list[tuple[object, ...]]:
    """What is in the bot's database."""
    with closing(sqlite3.connect(house.env["DATABASE_URL"].removeprefix("sqlite:///"))) as db:
        return db.execute(statement).fetchall()


def test_a_stop_finishes_the_answer_under_way(house: House) -> None:
    bot = house.start()
    house.emulator.misbehave("delay", delay=3.0, route="statistics")
    asked = requests.post(
        f"{house.sandbox.url}_sandbox/command",
        json={"user": "U0000000YOU", "channel": "ml-platform", "command": "/pool-stats", "text": "train-a100"},
        timeout=10,
    )
    assert asked.ok, asked.text

    assert bot.stop() == 0
    assert "Queue 3" in str(house.state())


def test_a_stop_does_not_wait_for_a_modelarts_that_does_not_answer(house: House) -> None:
    bot = house.start()
    house.emulator.misbehave("hang", route="statistics")
    eventually(lambda: any(seen for seen in house.emulator.requests), what="a request")
    unready(house, "no pool has been read for")

    began = time.monotonic()
    assert bot.stop() == 0
    assert time.monotonic() - began < 10.5
    assert "Traceback" not in bot.said


def test_a_stop_ends_within_ten_seconds_though_everything_hangs_and_nothing_is_lost_or_doubled(house: House) -> None:
    bot = house.start()
    house.sandbox.misbehave("hang", "chat.postMessage", seconds=60)
    queue(house, 60)
    eventually(lambda: delivering(house), what="the delivery")
    seen = len(house.emulator.requests)
    house.emulator.misbehave("hang", route="statistics")
    asked = {"user": "U0000000YOU", "channel": "ml-platform", "command": "/pool-stats", "text": "train-a100"}
    assert requests.post(f"{house.sandbox.url}_sandbox/command", json=asked, timeout=10).ok
    eventually(lambda: len(house.emulator.requests) > seen + 1, what="a reading and a question under way")

    began = time.monotonic()
    assert bot.stop() == 0
    assert time.monotonic() - began < 10
    assert house.messages() == []
    house.sandbox.behave()
    house.emulator.behave()
    house.start()
    eventually(house.messages, within=60, what="the alert, after the next start")
    queue(house, 0)
    eventually(lambda: house.messages()[0]["text"].startswith("Resolved"), what="the resolution")
    assert len(house.messages()) == 1


def test_what_a_new_configuration_cannot_change_without_a_new_start_is_said(house: House, tmp_path: Path) -> None:
    config = tmp_path / "pool-stats.yaml"
    config.write_text("poll: {workers: 2}\n")
    bot = house.start(POOL_STATS_CONFIG=str(config))

    config.write_text("poll: {workers: 3}\nlog: {level: debug}\nretention: {readings: 3d}\n")
    bot.process.send_signal(signal.SIGHUP)
    eventually(lambda: "the configuration was read again" in bot.said, what="the new configuration")
    eventually(lambda: len(lines(house, "has changed")) >= 2, what="what takes effect later")

    told = [line.partition("bot.app.bot: ")[2].strip() for line in lines(house, "has changed")]
    assert told == [
        f"{key} has changed, which takes effect when the bot is started again" for key in ("poll.workers", "log.level")
    ]


def test_a_new_interval_takes_effect_at_once(house: House, tmp_path: Path) -> None:
    config = tmp_path / "pool-stats.yaml"
    config.write_text("poll: {every: 1h}\n")
    del house.env["POOL_STATS_POLL__EVERY"]
    bot = house.start(POOL_STATS_CONFIG=str(config))
    queue(house, 60)

    config.write_text("poll: {every: 1s}\n")
    bot.process.send_signal(signal.SIGHUP)
    eventually(house.messages, what="the alert")


def test_pools_that_the_configuration_no_longer_names_are_left_with_their_alerts(house: House, tmp_path: Path) -> None:
    config = tmp_path / "pool-stats.yaml"
    config.write_text("modelarts: {pools: all}\n")
    bot = house.start(POOL_STATS_CONFIG=str(config))
    queue(house, 60)
    eventually(house.messages, what="the alert")

    config.write_text("modelarts: {pools: ['research-*']}\n")
    bot.process.send_signal(signal.SIGHUP)
    eventually(lambda: house.messages()[0]["text"].startswith("Closed"), what="the end of the alert")
    unready(house, "there is no pool to read")


@pytest.mark.parametrize(
    ("variable", "value", "status", "said"),
    [
        pytest.param("DATABASE_URL", "mysql://u:geheim@db/x", 2, "only sqlite and postgresql", id="another database"),
        pytest.param("DATABASE_URL", "sqlite:////dev/null/x.db", 1, "cannot be made", id="no folder"),
        pytest.param("POOL_STATS_WEB__HOST", "203.0.113.1", 1, "cannot listen on 203.0.113.1", id="not this machine"),
        pytest.param("SLACK_APP_TOKEN", "", 2, "needs SLACK_APP_TOKEN", id="no app token"),
        pytest.param("HUAWEICLOUD_SDK_SK", "", 2, "HUAWEICLOUD_SDK_SK", id="no secret key"),
        pytest.param("POOL_STATS_POL__EVERY", "5s", 2, "the nearest known key is 'poll'", id="a wrong key"),
    ],
)
def test_a_start_that_fails_is_one_sentence_and_lets_go_of_everything(
    house: House, variable: str, value: str, status: int, said: str
) -> None:
    done = pool_stats("run", env=house.env | {variable: value})

    assert (done.returncode, done.stdout) == (status, "")
    assert said in done.stderr
    assert len(done.stderr.splitlines()) == 1, done.stderr
    assert "geheim" not in done.stderr


def test_a_database_that_may_only_be_read_is_one_sentence_and_makes_the_bot_unready(
    house: House, tmp_path: Path
) -> None:
    assert pool_stats("db", "upgrade", env=house.env).returncode == 0
    house.env["DATABASE_URL"] = f"sqlite:///file:{tmp_path / 'bot.db'}?mode=ro&uri=true"

    house.start_unready()
    unready(house, "is read-only: let this user write it")
    eventually(lambda: lines(house, "is read-only"), what="the line in the log")
    assert len(lines(house, "is read-only")) == 1
    done = pool_stats("db", "prune", env=house.env)
    assert (done.returncode, len(done.stderr.splitlines())) == (1, 1)
    assert "is read-only" in done.stderr
