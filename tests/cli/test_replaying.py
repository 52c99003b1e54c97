"""`pool-stats backtest`: what a person sees of it."""

import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from tests.running import environment, pool_stats

RULES = """
- {name: long queue, metric: Queue, kind: threshold, above: 50}
- {name: failures, metric: Failed, kind: threshold, above: 5}
"""


def recorded(tmp_path: Path, name: str = "s.csv", start: int = 0) -> str:
    """A file with ten minutes of two pools; the queue of one of them is long for two."""
    rows = [
        f"{1772452800 + 60 * minute},{pool},train,{60 if pool == 'p' and minute in (3, 4) else 1},0"
        for minute in range(start, start + 10)
        for pool in ("p", "q")
    ]
    (tmp_path / name).write_text("timestamp,pool,type,Queue,Failed\n" + "\n".join(rows) + "\n")
    return str(tmp_path / name)


def rules(tmp_path: Path) -> str:
    """A file of rules."""
    (tmp_path / "r.yaml").write_text(RULES)
    return str(tmp_path / "r.yaml")


def test_a_backtest_ends_with_a_line_per_pool_and_counts(tmp_path: Path) -> None:
    done = pool_stats(
        "backtest", "--samples", recorded(tmp_path), "--rules", rules(tmp_path), env=environment(tmp_path)
    )

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == [
        "2026-03-02 12:03  warning   long queue: p, for 2 min, peak 60; Queue 60, above 50",
        "",
        "2026-03-02 12:00 to 2026-03-02 12:09 UTC; a mark is 1 min:",
        "· read and well, ▁ to █ how much of it in alert, blank not read",
        "  p  ···██·····",
        "  q  ··········",
        "",
        "  alerts  long queue  failures",
        "  p                1         0",
        "  q                0         0",
        "  all              1         0",
        "",
        "1 alert, 1 shorter than 5 min",
    ]


def test_files_may_be_named_in_any_order(tmp_path: Path) -> None:
    early, late = recorded(tmp_path, "early.csv"), recorded(tmp_path, "late.csv", start=10)
    shared = ("--rules", rules(tmp_path), "--format", "jsonl")

    one = pool_stats("backtest", "--samples", early, "--samples", late, *shared, env=environment(tmp_path))
    other = pool_stats("backtest", "--samples", late, "--samples", early, *shared, env=environment(tmp_path))

    assert one.stdout == other.stdout
    assert [json.loads(line)["pool"] for line in one.stdout.splitlines()] == ["p"]


def test_what_is_written_to_a_file_is_all_that_would_have_been_printed(tmp_path: Path) -> None:
    shared = ("backtest", "--samples", recorded(tmp_path), "--rules", rules(tmp_path))

    printed = pool_stats(*shared, env=environment(tmp_path)).stdout
    written = pool_stats(*shared, "--out", str(tmp_path / "out.txt"), env=environment(tmp_path))

    assert (written.returncode, written.stdout) == (0, "")
    assert (tmp_path / "out.txt").read_text(encoding="utf-8") == printed


def test_a_picture_is_written_to_a_file_or_to_standard_output(tmp_path: Path) -> None:
    shared = ("backtest", "--samples", recorded(tmp_path), "--rules", rules(tmp_path), "--format", "png")

    written = pool_stats(*shared, "--out", str(tmp_path / "a.png"), env=environment(tmp_path))
    with (tmp_path / "b.png").open("wb") as file:
        command = [sys.executable, "-m", "bot", *shared]
        subprocess.run(command, env=environment(tmp_path), stdout=file, check=True, timeout=60)

    assert (written.returncode, written.stdout, written.stderr) == (0, "", "")
    assert (tmp_path / "a.png").read_bytes().startswith(b"\x89PNG")
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()


def test_a_picture_is_drawn_where_there_is_no_home_to_write_to(tmp_path: Path) -> None:
    nowhere = environment(Path("/dev/null")) | {"TMPDIR": str(tmp_path)}

    done = pool_stats(
        "backtest", "--samples", recorded(tmp_path), "--format", "png", "--out", str(tmp_path / "a.png"), env=nowhere
    )

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert (tmp_path / "a.png").read_bytes().startswith(b"\x89PNG")
    assert [path.name for path in tmp_path.iterdir() if path.is_dir()] == []


def test_of_no_readings_there_is_no_picture(tmp_path: Path) -> None:
    (tmp_path / "none.csv").write_text("timestamp,pool,type,Queue\n")

    done = pool_stats(
        "backtest", "--samples", str(tmp_path / "none.csv"), "--format", "png", "--out", str(tmp_path / "a.png"),
        env=environment(tmp_path),
    )  # fmt: skip

    assert (done.returncode, done.stderr) == (
        1,
        "pool-stats: there is no reading in these files, so there is nothing to draw\n",
    )
    assert not (tmp_path / "a.png").exists()


def test_a_matplotlib_that_cannot_start_is_told_in_one_line(tmp_path: Path) -> None:
    done = pool_stats(
        "backtest", "--samples", recorded(tmp_path), "--format", "png", "--out", str(tmp_path / "a.png"),
        env=environment(tmp_path, MPLBACKEND="nonsense"),
    )  # fmt: skip

    assert done.returncode == 1
    assert done.stderr.startswith("pool-stats: matplotlib, which draws, cannot start; MPLCONFIGDIR and MPLBACKEND are")
    assert done.stderr.count("\n") == 1


def test_a_terminal_gets_no_picture(tmp_path: Path) -> None:
    ours, theirs = pty.openpty()
    try:
        command = [sys.executable, "-m", "bot", "backtest", "--samples", recorded(tmp_path), "--format", "png"]
        done = subprocess.run(
            command, env=environment(tmp_path), stdout=theirs, stderr=subprocess.PIPE, text=True, timeout=60
        )
    finally:
        os.close(ours)
        os.close(theirs)

    assert (done.returncode, done.stderr) == (
        2,
        "pool-stats: a terminal cannot show a picture: write it to a file with --out FILE\n",
    )


def test_a_silence_is_told_without_a_metric_and_without_a_peak(tmp_path: Path) -> None:
    rows = "".join(f"{1772452800 + 60 * minute},p,train,1\n" for minute in (0, 1, 2, 20))
    (tmp_path / "gap.csv").write_text(f"timestamp,pool,type,Queue\n{rows}", encoding="utf-8")
    (tmp_path / "absent.yaml").write_text("[{name: no data, kind: absent, after: 10m}]\n", encoding="utf-8")
    asked = ("backtest", "--samples", str(tmp_path / "gap.csv"), "--rules", str(tmp_path / "absent.yaml"))

    lines = pool_stats(*asked, "--format", "jsonl", env=environment(tmp_path)).stdout.splitlines()
    text = pool_stats(*asked, env=environment(tmp_path)).stdout

    (line,) = map(json.loads, lines)
    assert (line["metric"], line["peak"], line["start"]) == (None, 0, "2026-03-02T12:12:00Z")
    assert "no data: p, for 8 min; No reading since 2026-03-02 12:02 UTC; longer than 10 min" in text


BOTH = """
- {name: long queue, metric: Queue, kind: threshold, above: 50}
- {name: longer queue, metric: Queue, kind: threshold, above: 55, severity: critical}
"""


def test_incidents_are_what_stands_in_one_message(tmp_path: Path) -> None:
    (tmp_path / "r.yaml").write_text(BOTH)
    shared = ("backtest", "--samples", recorded(tmp_path), "--rules", str(tmp_path / "r.yaml"), "--incidents")

    done = pool_stats(*shared, env=environment(tmp_path))

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == [
        "2026-03-02 12:03  critical  p, for 2 min",
        "    12:03  warning   long queue, for 2 min, peak 60; Queue 60, above 50",
        "    12:03  critical  longer queue, for 2 min, peak 60; Queue 60, above 55",
        "",
        "2026-03-02 12:00 to 2026-03-02 12:09 UTC; a mark is 1 min:",
        "· read and well, ▁ to █ how much of it in alert, blank not read",
        "  p  ···██·····",
        "  q  ··········",
        "",
        "1 incident of 2 alerts: 1 message, 2 in threads, 1 of all aloud",
    ]


def test_an_incident_as_json_has_what_an_alert_has_and_all_its_alerts(tmp_path: Path) -> None:
    (tmp_path / "r.yaml").write_text(BOTH)
    shared = ("backtest", "--samples", recorded(tmp_path), "--rules", str(tmp_path / "r.yaml"), "--format", "jsonl")

    alone = [json.loads(line) for line in pool_stats(*shared, env=environment(tmp_path)).stdout.splitlines()]
    (incident,) = pool_stats(*shared, "--incidents", env=environment(tmp_path)).stdout.splitlines()
    said = json.loads(incident)

    assert alone[0].keys() <= said.keys()
    assert said["alerts"] == alone
    assert (said["start"], said["end"]) == ("2026-03-02T12:03:00Z", "2026-03-02T12:05:00Z")


def test_a_picture_of_incidents_is_refused(tmp_path: Path) -> None:
    shared = ("backtest", "--samples", recorded(tmp_path), "--incidents", "--format", "png")

    done = pool_stats(*shared, env=environment(tmp_path))

    assert done.returncode == 2
    assert "leave --incidents out" in done.stderr


def test_nobody_is_told_of_a_reader_that_has_had_enough(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "bot", "backtest", "--samples", recorded(tmp_path), "--rules", rules(tmp_path)]
    read, write = os.pipe()
    os.close(read)

    # Unbuffered, so that the first line finds that nobody reads.
    env = environment(tmp_path, PYTHONUNBUFFERED="1")
    done = subprocess.run(command, env=env, stdout=write, stderr=subprocess.PIPE, text=True, timeout=60)
    os.close(write)

    assert done.stderr == ""


def test_a_pool_whose_name_steers_a_terminal_does_not(tmp_path: Path) -> None:
    samples = Path(recorded(tmp_path))
    samples.write_text(samples.read_text().replace(",p,", ",\x1b[31mred\x07,"))
    for more in ((), ("--incidents",)):
        done = pool_stats(
            "backtest", "--samples", str(samples), "--rules", rules(tmp_path), *more, env=environment(tmp_path)
        )

        assert done.returncode == 0
        assert "\\x1b[31mred\\x07" in done.stdout
        assert "\x1b" not in done.stdout


@pytest.mark.parametrize(
    "args",
    [
        pytest.param(["--help"], id="what is held back to the end"),
        pytest.param(["preview", "--format", "slack"], id="what fills the pipe"),
    ],
)
def test_who_has_read_enough_ends_the_command_in_silence(tmp_path: Path, args: list[str]) -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "bot", *args], env=environment(tmp_path), stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as command:
        assert command.stdout is not None
        assert command.stderr is not None
        command.stdout.close()
        said = command.stderr.read()

    assert (command.returncode, said) == (0, b"")
