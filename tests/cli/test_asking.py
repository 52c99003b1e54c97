"""`pool-stats query` and `pool-stats pools`."""

import json
import tomllib
from pathlib import Path

import pytest

from bot.core.stats import JobStatus
from bot.emulator.server import Emulator
from tests.running import environment, pool_stats


def test_query_prints_a_table(env: dict[str, str]) -> None:
    done = pool_stats("query", "train-a100", env=env)

    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert lines[2].split() == ["type", "total", *(status.value for status in JobStatus)]
    assert lines[-1].split()[:3] == ["all", "15", "7"]


def test_query_prints_the_normalised_counts_as_json(env: dict[str, str], emulator: Emulator) -> None:
    answer = json.loads(pool_stats("query", "train-a", "--format", "json", env=env).stdout)

    assert answer["pool"] == {"id": emulator.engine.pools()[0].id, "name": "train-a100"}
    assert (answer["total"], answer["types"]["train"]["total"]) == (15, 12)
    assert answer["types"]["train"]["status"]["Queue"] == 7
    assert set(answer) == {"pool", "taken_at", "total", "types", "unknown_status", "not_reported"}


def test_what_was_not_reported_is_named_and_no_zero(env: dict[str, str], emulator: Emulator) -> None:
    emulator.misbehave(
        "status", status=200, route="statistics",
        body={"statistics": {"total": 234, "items": [
            {"type": "train", "total": 234, "status": {"Pending": 0, "Queue": 230, "Running": 0, "Weird": 4}},
        ]}},
    )  # fmt: skip
    answer = json.loads(pool_stats("query", "train-a100", "--format", "json", env=env).stdout)

    assert "Failed" in answer["not_reported"]
    assert "Failed" not in answer["types"]["train"]["status"]
    assert answer["unknown_status"] == {"Weird": 4}


def test_query_prints_what_slack_and_teams_get(env: dict[str, str]) -> None:
    slack = json.loads(pool_stats("query", "train-a100", "--format", "slack", env=env).stdout)
    teams = json.loads(pool_stats("query", "train-a100", "--format", "teams", env=env).stdout)

    assert {"text", "blocks"} <= set(slack)
    assert (teams["type"], teams["version"]) == ("AdaptiveCard", "1.5")


def test_an_unknown_pool_is_exit_1_naming_the_nearest(env: dict[str, str]) -> None:
    done = pool_stats("query", "trian-a100", env=env)

    assert (done.returncode, done.stdout) == (1, "")
    assert "train-a100" in done.stderr
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize("name", ["../../etc", "a/b", "<!channel>", "x" * 10_000, "池", "\u202e", "&amp;"])
def test_a_hostile_name_is_one_readable_line(env: dict[str, str], name: str) -> None:
    done = pool_stats("query", "--", name, env=env)

    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1
    assert "Traceback" not in done.stderr


def test_pools_lists_all_with_their_counts(env: dict[str, str]) -> None:
    answer = json.loads(pool_stats("pools", "--format", "json", env=env).stdout)

    assert [(each["pool"]["name"], each["total"]) for each in answer] == [("train-a100", 15), ("research", 1)]
    assert "train-a100" in pool_stats("pools", env=env).stdout


def test_pools_that_all_fail_alike_say_so_once_and_not_that_there_are_none(
    env: dict[str, str], emulator: Emulator
) -> None:
    emulator.misbehave("status", status=200, route="statistics", body={"statistics": {}})
    done = pool_stats("pools", env=env)
    answer = pool_stats("pools", "--format", "json", env=env)

    assert (done.returncode, done.stdout) == (1, "")
    said = "ModelArts' statistics have neither a total nor items"
    assert done.stderr.splitlines() == [f"pool-stats: none of the 2 pools can be read: {said}"]
    assert answer.returncode == 1
    assert [(each["pool"]["name"], each["error"]) for each in json.loads(answer.stdout)] == [
        ("train-a100", said),
        ("research", said),
    ]


def test_a_pool_that_fails_is_told_beside_those_that_do_not(env: dict[str, str], emulator: Emulator) -> None:
    emulator.misbehave("not-json", route="statistics", pool=emulator.engine.pools()[0].id)
    done = pool_stats("pools", env=env)

    assert done.returncode == 1
    assert "research" in done.stdout
    assert "train-a100" not in done.stdout
    assert [line.split(": ")[1] for line in done.stderr.splitlines()] == ["train-a100"]


def test_wrong_credentials_are_one_line_and_exit_1(env: dict[str, str]) -> None:
    done = pool_stats("query", "train-a100", env=env | {"HUAWEICLOUD_SDK_SK": "not-the-secret-key"})

    assert done.returncode == 1
    assert "not-the-secret-key" not in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_without_any_configuration_it_is_said_what_to_set(tmp_path: Path) -> None:
    done = pool_stats("query", "train-a100", env=environment(tmp_path))

    assert done.returncode == 2
    assert "POOL_STATS_MODELARTS__REGION" in done.stderr


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["query"], "missing argument 'pool'; see pool-stats query --help"),
        (
            ["pools", "--format", "xml"],
            "invalid value for '--format': 'xml' is not one of 'text', 'json'; see pool-stats pools --help",
        ),
        (["frobnicate"], "no such command 'frobnicate'; see pool-stats --help"),
        (["db", "frobnicate"], "no such command 'frobnicate'; see pool-stats db --help"),
        (["emulator", "--port", "x\ny"], None),
        (["query", "x", "y\nz"], None),
        (["--frobnicate"], None),
    ],
)
def test_wrong_usage_is_one_readable_line_and_exit_2(tmp_path: Path, args: list[str], said: str | None) -> None:
    done = pool_stats(*args, env=environment(tmp_path))

    assert (done.returncode, done.stdout) == (2, "")
    (line,) = done.stderr.splitlines()
    assert line.startswith("pool-stats: ")
    assert line.endswith("--help")
    assert "alue error" not in line
    assert said is None or line == f"pool-stats: {said}"


@pytest.mark.parametrize("args", [["--help"], ["query", "--help"], ["db", "--help"]])
def test_help_is_printed_with_status_0(tmp_path: Path, args: list[str]) -> None:
    done = pool_stats(*args, env=environment(tmp_path))

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("Usage: pool-stats ")


@pytest.mark.parametrize("args", [[], ["db"]])
def test_no_arguments_print_the_help(tmp_path: Path, args: list[str]) -> None:
    done = pool_stats(*args, env=environment(tmp_path))

    assert done.returncode == 2
    assert done.stderr == pool_stats(*args, "--help", env=environment(tmp_path)).stdout


def test_version_says_the_version_of_the_project(tmp_path: Path) -> None:
    done = pool_stats("--version", env=environment(tmp_path))
    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text(encoding="utf-8"))

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == f"pool-stats {project['project']['version']}\n"
