"""`check`, `backtest`, `preview`, `manifest`, `db` and the stand-ins, from a terminal."""

import json
import re
import sqlite3
import zipfile
from contextlib import closing
from pathlib import Path

import pytest
import requests
import yaml

from bot.core.stats import JobStatus
from bot.emulator.server import Emulator
from bot.messages.examples import EXAMPLES
from bot.sandbox.server import Sandbox
from bot.store import audit, samples
from bot.store.engine import open_store, upgrade, writing
from tests.building import NOON, minutes, stats
from tests.running import environment, eventually, free_port, pool_stats, running

CSV = "timestamp,pool,type,Queue,Running,Failed\n"


def written(path: Path, text: str) -> str:
    """A file with this text."""
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_check_says_every_problem_with_its_place(env: dict[str, str], tmp_path: Path) -> None:
    config = written(
        tmp_path / "c.yaml", "poll: {evry: 1s}\nrules: [{name: x, metric: Queue, kind: threshold, above: -1}]\n"
    )

    done = pool_stats("check", "--config", config, env=env)

    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 2
    assert f"{config}:1 poll.evry: unknown key 'evry'; the nearest known key is 'every'" in done.stderr


def test_check_of_a_valid_configuration_says_what_it_means(env: dict[str, str]) -> None:
    done = pool_stats("check", env=env)

    assert (done.returncode, done.stderr) == (0, "")
    assert "queue spike, failures spike" in done.stdout


def test_check_online_proves_what_is_configured(env: dict[str, str]) -> None:
    with Sandbox() as sandbox:
        full = env | sandbox.environment() | {"POOL_STATS_ROUTES": '[{"to": ["slack:#ml-platform"]}]'}
        good = pool_stats("check", "--online", env=full)
        bad = pool_stats("check", "--online", env=full | {"POOL_STATS_ROUTES": '[{"to": ["slack:#nowhere"]}]'})
        sandbox.switches.scopes -= {"channels:history"}
        noted = pool_stats("check", "--online", env=full | {"POOL_STATS_DELIVERY__FALLBACK": "slack:#ml-oncall"})

    assert good.returncode == 0, good.stderr
    assert "ok: Socket Mode connects" in good.stdout
    assert bad.returncode == 1
    assert "#nowhere" in bad.stderr
    assert noted.returncode == 0, noted.stderr
    assert noted.stdout.count("note: Slack: without the right channels:history a message may be told twice") == 1
    assert "ok: Slack, #ml-oncall" in noted.stdout


def test_backtest_prints_what_would_have_been_told(tmp_path: Path) -> None:
    rows = "".join(f"{1772452800 + 60 * index},p,train,{queue},5,0\n" for index, queue in enumerate([1, 60, 70, 1]))
    recorded = written(tmp_path / "s.csv", CSV + rows)
    rules = written(
        tmp_path / "r.yaml", "- {name: long queue, metric: Queue, kind: threshold, above: 50, severity: critical}\n"
    )

    done = pool_stats(
        "backtest", "--samples", recorded, "--rules", rules, "--format", "jsonl", env=environment(tmp_path)
    )

    (alert,) = [json.loads(line) for line in done.stdout.splitlines()]
    assert alert == {
        "pool": "p", "metric": "Queue", "rule": "long queue", "severity": "critical", "type": None,
        "start": "2026-03-02T12:01:00Z", "end": "2026-03-02T12:03:00Z", "peak": 70, "why": "Queue 60, above 50",
    }  # fmt: skip
    assert (
        "1 alert" in pool_stats("backtest", "--samples", recorded, "--rules", rules, env=environment(tmp_path)).stdout
    )


def test_backtest_of_a_broken_file_is_one_line_with_its_place(tmp_path: Path) -> None:
    done = pool_stats(
        "backtest", "--samples", written(tmp_path / "s.csv", CSV + "1,p,train,-4,0,0\n"), env=environment(tmp_path)
    )

    assert done.returncode == 1
    assert done.stderr == f"pool-stats: {tmp_path}/s.csv:2: Queue is '-4': a whole number from 0 to 1000000000\n"


def test_preview_draws_every_message(tmp_path: Path) -> None:
    env = environment(tmp_path)
    all_of_them = json.loads(pool_stats("preview", env=env).stdout)
    name = next(iter(all_of_them))

    assert all({"text", "blocks"} <= set(drawn) for drawn in all_of_them.values())
    assert json.loads(pool_stats("preview", name, "--format", "teams", env=env).stdout)["type"] == "AdaptiveCard"
    assert pool_stats("preview", "nonsense", env=env).returncode == 2


def test_preview_is_a_page_for_somebody_without_an_account(tmp_path: Path) -> None:
    env = environment(tmp_path)
    page = pool_stats("preview", "--format", "html", env=env).stdout
    one = pool_stats("preview", "alert-hostile", "--format", "html", "--language", "zh-CN", env=env).stdout

    assert page.count("<section ") == len(EXAMPLES)
    assert all(f'<section id="{name}">' in page for name in EXAMPLES)
    assert (one.count("<section "), one.count('class="ac-card')) == (1, 1)
    assert '<html lang="zh-CN">' in one
    # Nothing is loaded, run or sent, and what a pool is called is text.
    assert not re.search("<script|<link|<form|<at>|src=|url\\(|@import", page + one)
    assert "[x](http://evil.example)" in one


def test_the_manifest_is_made_for_socket_mode_or_for_an_address(tmp_path: Path) -> None:
    env = environment(tmp_path)
    socket = yaml.safe_load(pool_stats("manifest", "slack", env=env).stdout)
    http = yaml.safe_load(pool_stats("manifest", "slack", "--url", "https://bot.example.com", env=env).stdout)

    assert socket["settings"]["socket_mode_enabled"] is True
    assert http["features"]["slash_commands"][0]["url"] == "https://bot.example.com/slack/events"
    assert pool_stats("manifest", "slack", env=env | {"POOL_STATS_SLACK__MODE": "http"}).returncode == 2
    plain = pool_stats("manifest", "slack", "--url", "http://bot.example.com", env=env)
    assert (plain.returncode, plain.stderr.count("\n")) == (2, 1)
    assert "https://" in plain.stderr
    assert "should not have happened" not in plain.stderr


def test_the_app_for_teams_is_made_for_the_registered_bot_at_its_address(tmp_path: Path) -> None:
    env = environment(tmp_path) | {"CLIENT_ID": "5a4db0c5-0000-4000-8000-00000000b075"}
    out = tmp_path / "app.zip"
    by_option = pool_stats("manifest", "teams", "--url", "https://bot.example.com", "--out", str(out), env=env)
    configured = env | {
        "POOL_STATS_TEAMS__PUBLIC_URL": "https://bot.example.com",
        "POOL_STATS_TEAMS__PUBLISHER__NAME": "ML Platform",
    }

    assert (by_option.returncode, by_option.stderr) == (0, "")
    with zipfile.ZipFile(out) as package:
        made = json.loads(package.read("manifest.json"))
    assert made["bots"][0]["botId"] == env["CLIENT_ID"]
    assert made["validDomains"] == ["bot.example.com"]
    done = pool_stats("manifest", "teams", "--older", "--out", str(out), env=configured)
    assert (done.returncode, done.stderr) == (0, "")
    with zipfile.ZipFile(out) as package:
        made = json.loads(package.read("manifest.json"))
    assert (made["developer"]["name"], made["manifestVersion"]) == ("ML Platform", "1.19")
    nowhere = pool_stats("manifest", "teams", env=env)
    assert (nowhere.returncode, nowhere.stdout) == (2, "")
    assert "--url" in nowhere.stderr
    assert "CLIENT_ID" in pool_stats("manifest", "teams", env=environment(tmp_path)).stderr
    assert pool_stats("manifest", "slack", "--older", env=env).returncode == 2


def test_samples_can_be_exported_and_replayed(tmp_path: Path) -> None:
    database = f"sqlite:///{tmp_path / 'p.db'}"
    engine = open_store(database)
    upgrade(engine)
    with writing(engine) as db:
        samples.save_many(db, [*minutes("Queue", [1, 60, 1]), stats(NOON.replace(hour=13))])
    engine.dispose()
    env = environment(tmp_path, DATABASE_URL=database)

    out = tmp_path / "out.csv"
    assert pool_stats("db", "export", "--out", str(out), env=env).returncode == 0

    assert out.read_text().startswith("timestamp,pool,type,Queue,Pending,Abnormal,Terminating,Creating,Running")
    assert pool_stats("backtest", "--samples", str(out), env=env).returncode == 0
    assert pool_stats("db", "upgrade", env=env).returncode == 0
    said = pool_stats("db", "prune", env=env).stdout
    assert said == "made the figures of 2 hours, deleted 4 rows of readings\n"
    assert pool_stats("db", "prune", env=env).stdout == "nothing was old enough to delete\n"


def test_what_people_did_can_be_exported(tmp_path: Path) -> None:
    database = f"sqlite:///{tmp_path / 'p.db'}"
    engine = open_store(database)
    upgrade(engine)
    with writing(engine) as db:
        audit.record(db, at=NOON, actor="slack:U1 wei", action="silence", subject="=1", place="slack:C1")
    engine.dispose()
    env = environment(tmp_path, DATABASE_URL=database)
    out = tmp_path / "log.jsonl"

    as_csv = pool_stats("db", "export", "--audit", env=env)
    as_json = pool_stats("db", "export", "--audit", "--format", "jsonl", "--out", str(out), env=env)

    assert as_csv.stdout.splitlines()[1].endswith(",slack:U1 wei,silence,'=1,slack:C1,,,,")
    assert as_json.returncode == 0
    assert json.loads(out.read_text())["subject"] == "=1"
    wrong = pool_stats("db", "export", "--format", "jsonl", env=env)
    assert (wrong.returncode, len(wrong.stderr.splitlines())) == (2, 1)


def test_a_database_that_is_locked_is_one_sentence(tmp_path: Path) -> None:
    path = tmp_path / "p.db"
    env = environment(tmp_path, DATABASE_URL=f"sqlite:///{path}?timeout=0.1")
    assert pool_stats("db", "upgrade", env=env).returncode == 0

    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        done = pool_stats("db", "prune", env=env)

    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    "url", ["nonsense", "mysql://u:geheim@h/d", "postgresql://u:geheim@127.0.0.1:1/d", "sqlite:////proc/none/x.db"]
)
def test_a_database_that_cannot_be_used_is_one_sentence_without_its_password(tmp_path: Path, url: str) -> None:
    done = pool_stats("db", "upgrade", env=environment(tmp_path, DATABASE_URL=url))

    assert done.returncode in {1, 2}
    assert len(done.stderr.splitlines()) == 1, done.stderr
    assert "geheim" not in done.stderr


def test_the_emulator_prints_the_environment_that_points_a_client_at_it(tmp_path: Path) -> None:
    with running("emulator", "--scenario", "queue-growth", env=environment(tmp_path)) as emulator:
        eventually(lambda: len(emulator.out) >= 4)
        printed = dict(line.strip().split("=", 1) for line in emulator.out)
        done = pool_stats("pools", "--format", "json", env=environment(tmp_path, **printed))
        assert emulator.stop() == 0

    assert set(printed) == {
        "POOL_STATS_MODELARTS__ENDPOINT", "HUAWEICLOUD_SDK_AK", "HUAWEICLOUD_SDK_SK", "HUAWEICLOUD_SDK_PROJECT_ID",
    }  # fmt: skip
    assert len(json.loads(done.stdout)) >= 1


def test_the_sandbox_prints_the_environment_that_points_a_bot_at_it(tmp_path: Path) -> None:
    with running("sandbox", "--app-url", "http://127.0.0.1:9", env=environment(tmp_path)) as sandbox:
        eventually(lambda: len(sandbox.out) >= 4)
        printed = dict(line.strip().split("=", 1) for line in sandbox.out)
        answer = requests.post(
            f"{printed['SLACK_API_URL']}auth.test",
            headers={"Authorization": f"Bearer {printed['SLACK_BOT_TOKEN']}"},
            timeout=5,
        )
        assert sandbox.stop() == 0

    assert set(printed) >= {"SLACK_API_URL", "SLACK_BOT_TOKEN", "SLACK_APP_TOKEN", "SLACK_SIGNING_SECRET"}
    assert set(printed) >= {"CLIENT_ID", "CLIENT_SECRET", "TENANT_ID", "POOL_STATS_TEAMS__TOKEN_ISSUER"}
    assert answer.json()["ok"] is True


@pytest.mark.parametrize(
    "command", [("emulator",), ("sandbox", "--app-url", "http://127.0.0.1:9"), ("demo", "--no-browser")]
)
def test_a_port_that_is_taken_is_one_sentence(tmp_path: Path, emulator: Emulator, command: tuple[str, ...]) -> None:
    done = pool_stats(*command, "--port", str(emulator.port), env=environment(tmp_path))

    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1, done.stderr
    assert str(emulator.port) in done.stderr


@pytest.mark.parametrize(
    "args", [("--trace", "/nowhere.csv"), ("--scenario", "nonsense"), ("--trace", "demo", "--scenario", "calm")]
)
def test_a_wrong_trace_or_scenario_is_one_sentence(tmp_path: Path, args: tuple[str, ...]) -> None:
    done = pool_stats("emulator", "--port", str(free_port()), *args, env=environment(tmp_path))

    assert done.returncode in {1, 2}
    assert len(done.stderr.splitlines()) == 1, done.stderr


def test_every_status_has_a_column_in_the_table(env: dict[str, str]) -> None:
    table = pool_stats("query", "train-a100", env=env).stdout

    assert all(status.value in table for status in JobStatus)
