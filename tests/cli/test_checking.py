"""What `pool-stats check` makes of configurations that work, though not as one may think."""

import sqlite3
import subprocess
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import make_url

from bot.core.stats import Pool
from bot.store.engine import open_store, upgrade, writing
from bot.store.samples import save_many
from tests.building import NOON, minutes
from tests.databases import sqlite_url
from tests.running import free_port, pool_stats


def checked(env: dict[str, str], tmp_path: Path, text: str) -> str:
    """What is said of a configuration that is valid."""
    path = tmp_path / "pool-stats.yaml"
    path.write_text(text, encoding="utf-8")
    done = pool_stats(
        "check", "--config", str(path), env=env | {"SLACK_BOT_TOKEN": "xoxb-1", "SLACK_APP_TOKEN": "xapp-1"}
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def test_a_route_to_teams_is_valid_and_said_to_wait_while_teams_is_off(env: dict[str, str], tmp_path: Path) -> None:
    said = checked(
        env, tmp_path, 'routes: [{to: ["slack:#ml-platform", "teams:ML Platform/Alerts"]}]\nteams: {mode: "off"}\n'
    )

    assert "note: Teams is off; what is for teams:ML Platform/Alerts waits" in said


def test_a_route_that_tells_more_than_access_shows_is_pointed_out(env: dict[str, str], tmp_path: Path) -> None:
    said = checked(
        env,
        tmp_path,
        'routes: [{to: ["slack:#ml-platform"]}]\naccess: {pools: [{pools: ["secret-*"], channels: ["slack:C1"]}]}\n',
    )

    assert "a route may tell slack:#ml-platform of alerts about secret-*" in said


def asked(env: dict[str, str], tmp_path: Path, text: str, *more: str) -> subprocess.CompletedProcess[str]:
    """The check of a configuration, whatever comes of it."""
    path = tmp_path / "pool-stats.yaml"
    path.write_text(text, encoding="utf-8")
    return pool_stats("check", "--config", str(path), *more, env=env)


@pytest.mark.parametrize("url", ["", "sqlite:///"])
def test_a_cluster_without_postgresql_is_refused(env: dict[str, str], tmp_path: Path, url: str) -> None:
    env = env | {
        "SLACK_BOT_TOKEN": "xoxb-1",
        "SLACK_APP_TOKEN": "xapp-1",
        "DATABASE_URL": url and f"{url}{tmp_path}/b.db",
    }
    done = asked(env, tmp_path, 'scale: {mode: cluster}\nroutes: [{to: ["slack:#ml-platform"]}]\n')

    assert done.returncode == 2
    assert "scale.mode: cluster needs PostgreSQL: set DATABASE_URL to postgresql://" in done.stderr


@pytest.fixture
def filled(tmp_path: Path) -> str:
    """A database with eight hours of two pools; the queue of one is long for an hour and then for a minute."""
    url = sqlite_url(tmp_path)
    engine = open_store(url)
    upgrade(engine)
    busy = [5] * 200 + [60] * 60 + [5] * 60 + [60] + [5] * 160
    with writing(engine) as db:
        save_many(db, minutes("Queue", busy))
        save_many(db, minutes("Queue", [5] * 481, pool=Pool("dev-1", "dev-1")))
    engine.dispose()
    return url


MISTAKES = """\
modelarts:
  pools: ["train-*", "dev-1", "reserch"]
rules:
  - {name: long queue, metric: Queue, kind: threshold, above: 50}
  - {name: longer queue, metric: Queue, kind: threshold, above: 500}
  - name: always
    metric: Running
    kind: threshold
    above: 0
    pools: ["trian-*", "train-*"]
    types: [train, trian]
  - {name: never heard of, metric: Creating, kind: threshold, above: 5}
  - {name: stalled, kind: stuck, after: 1m}
routes:
  - {match: {severity: [critical, warning]}, to: ["slack:#ml"]}
  - {match: {severity: critical, pools: ["train-*"]}, to: ["slack:#oncall"]}
  - {match: {rules: [long qeue], severity: info}, to: ["slack:#ml"]}
digests:
  - {to: ["slack:#ml"], cron: "0 9 * * *", pools: [dev-1]}
  - {to: ["slack:#ml"], cron: "0 9 * * *", pools: [dev-1]}
access:
  pools:
    - {pools: ["secret-*"], channels: ["slack:C1"]}
"""


def test_a_configuration_with_ten_mistakes_is_told_all_of_them(
    env: dict[str, str], tmp_path: Path, filled: str
) -> None:
    env |= {"SLACK_BOT_TOKEN": "xoxb-1", "SLACK_APP_TOKEN": "xapp-1", "DATABASE_URL": filled}

    done = asked(env, tmp_path, MISTAKES)

    file = tmp_path / "pool-stats.yaml"
    assert done.returncode == 2
    assert [line.removeprefix(f"pool-stats: {file}:")[:60] for line in done.stderr.splitlines()] == [
        "16 routes[1]: can never be reached, for routes[0] matches al",
        "13 rules[4].after: rule 'stalled' can never fire: to see tha",
    ]
    notes = [line.removeprefix(f"note: {file}:") for line in done.stdout.splitlines() if f"note: {file}" in line]
    assert [note.partition(" ")[2].partition(":")[0] for note in notes] == [
        "access.pools[0].pools[0]",
        "digests[1]",
        "modelarts.pools[2]",
        "routes[2].match.rules[0]",
        "rules[1]",
        "rules[2]",
        "rules[2].pools[0]",
        "rules[2].types[1]",
        "rules[3].metric",
    ]
    assert notes[2] == "2 modelarts.pools[2]: 'reserch' matches no known pool; known are dev-1 and train-a100"
    assert "the nearest is 'train-a100'" in notes[6]
    assert "  long queue: 2 times in 8 h on 1 of 2 pools, 1 of them shorter than 5 minutes" in done.stdout.splitlines()
    assert "  always: once in 8 h on 1 of 1 pool, open at the end on 1" in done.stdout.splitlines()


def test_what_is_only_worth_a_word_is_no_failure(env: dict[str, str], tmp_path: Path, filled: str) -> None:
    done = asked(env | {"DATABASE_URL": filled}, tmp_path, 'modelarts: {pools: ["trian-*"]}\n')

    assert (done.returncode, done.stderr) == (0, "")
    assert "modelarts.pools[0]: 'trian-*' matches no known pool; the nearest is 'train-a100'" in done.stdout
    assert done.stdout.splitlines()[-1] == "the configuration is valid"


def test_a_check_works_while_the_bot_writes(env: dict[str, str], tmp_path: Path, filled: str) -> None:
    engine = open_store(filled)
    with writing(engine) as db:
        save_many(db, minutes("Queue", [5], start=NOON + timedelta(days=3)))
        done = asked(env | {"DATABASE_URL": filled}, tmp_path, "poll: {every: 60s}\n")
    engine.dispose()

    assert (done.returncode, done.stderr) == (0, "")
    assert "  queue spike: " in done.stdout


@pytest.mark.parametrize("online", [(), ("--online",)], ids=["offline", "online"])
@pytest.mark.parametrize("url", [True, False], ids=["named", "in its usual place"])
def test_a_database_that_is_not_there_is_not_made(
    env: dict[str, str], tmp_path: Path, online: tuple[str, ...], url: bool
) -> None:
    env |= {"DATABASE_URL": f"sqlite:///{tmp_path}/new/bot.db"} if url else {}

    done = asked(env, tmp_path, 'modelarts: {pools: ["train-*"]}\n', *online)

    assert (done.returncode, done.stderr) == (0, "")
    assert [path.name for path in tmp_path.iterdir()] == ["pool-stats.yaml"]
    if not online:
        assert "note: whether globs match pools cannot be said, for no pool is known yet" in done.stdout


def test_a_database_of_another_version_is_read_by_nobody_and_left_as_it_is(
    env: dict[str, str], tmp_path: Path, filled: str
) -> None:
    with closing(sqlite3.connect(make_url(filled).database or "")) as db, db:
        db.execute("UPDATE schema_version SET version_num = '0000'")

    done = asked(env | {"DATABASE_URL": filled}, tmp_path, "poll: {every: 60s}\n")

    assert done.returncode == 0
    assert "note: what is stored could not be looked at: its tables are not those of this version" in done.stdout
    with closing(sqlite3.connect(make_url(filled).database or "")) as db:
        assert db.execute("SELECT version_num FROM schema_version").fetchone() == ("0000",)


def test_online_globs_are_held_against_what_modelarts_lists(env: dict[str, str], tmp_path: Path) -> None:
    done = asked(env, tmp_path, 'modelarts: {pools: ["train-*", "reserch*"]}\n', "--online")

    assert (done.returncode, done.stderr) == (0, "")
    assert "modelarts.pools[1]: 'reserch*' matches no known pool; the nearest is 'research'" in done.stdout


def test_a_bot_that_would_have_no_pool_to_read_does_not_work(env: dict[str, str], tmp_path: Path) -> None:
    done = asked(env, tmp_path, 'modelarts: {pools: ["trian-a100"]}\n', "--online")

    assert done.returncode == 1
    assert done.stderr.startswith("pool-stats: there is no pool to read: check modelarts.pools, and ")
    assert "'trian-a100' matches no known pool; the nearest is 'train-a100'" in done.stdout
    assert "everything works" not in done.stdout


def test_a_bot_without_routes_is_told_that_nobody_hears_of_alerts(env: dict[str, str], tmp_path: Path) -> None:
    without = asked(env, tmp_path, "poll: {every: 60s}\n")
    routed = asked(env, tmp_path, 'slack: {mode: "off"}\nteams: {mode: "off"}\nroutes: [{to: ["teams:A/B"]}]\n')

    assert (without.returncode, without.stderr) == (0, "")
    assert "note: routes: there is none, so nobody is told of alerts: add one, such as" in without.stdout
    assert "note: routes" not in routed.stdout


def test_a_finding_about_a_variable_says_which_part_of_it(env: dict[str, str], filled: str) -> None:
    rules = '[{name: a, metric: Queue, kind: threshold, above: 5, pools: ["*", "trian-*"]}]'

    done = pool_stats("check", env=env | {"DATABASE_URL": filled, "POOL_STATS_RULES": rules})

    assert done.returncode == 0
    assert "note: POOL_STATS_RULES rules[0].pools[1]: 'trian-*' matches no known pool" in done.stdout


def test_a_database_that_cannot_be_reached_is_no_mistake_of_the_configuration(
    env: dict[str, str], tmp_path: Path
) -> None:
    url = f"postgresql://someone:secret@127.0.0.1:{free_port()}/stats"

    offline = asked(env | {"DATABASE_URL": url}, tmp_path, "poll: {every: 60s}\n")
    online = asked(env | {"DATABASE_URL": url}, tmp_path, "poll: {every: 60s}\n", "--online")

    assert (offline.returncode, offline.stderr) == (0, "")
    assert "note: what is stored could not be looked at: the database stats at 127.0.0.1" in offline.stdout
    assert online.returncode == 1
    assert online.stderr.startswith("pool-stats: the database stats at 127.0.0.1")
    assert "could not be looked at" not in online.stdout
    assert "secret" not in offline.stdout + online.stdout + online.stderr
