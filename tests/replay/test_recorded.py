"""Files of recorded counts."""

import gzip
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.core.stats import JobStatus, Pool, PoolStats, TypeCounts
from bot.replay.recorded import BadSamples, all_readings, readings

HEADER = "timestamp,pool,type,Queue,Pending,Abnormal,Terminating,Creating,Running,Completed,Terminated,Failed"
AT = datetime(2026, 3, 2, 12, tzinfo=UTC)


def written(tmp_path: Path, *lines: str) -> Path:
    """A file with these lines."""
    path = tmp_path / "samples.csv"
    path.write_text("\n".join(lines) + "\n")
    return path


def test_rows_of_one_moment_are_one_reading(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        HEADER,
        "2026-03-02T12:00:00Z,p,train,1,0,0,0,0,2,0,0,3",
        "2026-03-02T12:00:00Z,p,infer,4,0,0,0,0,0,0,0,0",
    )

    (reading,) = readings(path)

    assert (reading.taken_at, reading.pool, sorted(reading.types)) == (AT, Pool("p", "p"), ["infer", "train"])
    assert reading.count(JobStatus.QUEUE) == 5


@pytest.mark.parametrize(
    "moment", ["1772452800", "1772452800.0", "2026-03-02T12:00:00Z", "2026-03-02 12:00", "2026-03-02T20:00:00+08:00"]
)
def test_a_moment_is_iso_or_unix_seconds(tmp_path: Path, moment: str) -> None:
    (reading,) = readings(written(tmp_path, "timestamp,pool,type,Queue", f"{moment},p,train,1"))

    assert reading.taken_at == AT


def test_columns_may_stand_in_any_order_and_an_empty_cell_was_not_reported(tmp_path: Path) -> None:
    (reading,) = readings(written(tmp_path, "Failed,type,Queue,pool,timestamp", ",train,7,p,1772452800"))

    assert reading == PoolStats(Pool("p", "p"), AT, {"train": TypeCounts({JobStatus.QUEUE: 7})})


def test_a_row_without_a_type_is_a_reading_that_found_no_jobs(tmp_path: Path) -> None:
    (reading,) = readings(written(tmp_path, "timestamp,pool,type,Queue", "1772452800,p,,0"))

    assert reading == PoolStats(Pool("p", "p"), AT, {})


def test_a_packed_file_is_read_whatever_its_name(tmp_path: Path) -> None:
    path = tmp_path / "samples"
    path.write_bytes(gzip.compress(b"timestamp,pool,type,Queue\n1772452800,p,train,7\n"))

    assert len(list(readings(path))) == 1


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        pytest.param(["pool,type,Queue"], ":1: the header names no timestamp", id="a missing column"),
        pytest.param(["timestamp,pool,type"], "none of the statuses", id="no status"),
        pytest.param(["timestamp,pool,type,Queue,Queue"], ":1: the header names Queue twice", id="a column twice"),
        pytest.param(["timestamp,pool,type,Queue", "1,p"], ":2: the row has 2 cells", id="a row that breaks off"),
        pytest.param(["timestamp,pool,type,Queue", "1,p,train,-3"], ":2: Queue is '-3'", id="a negative count"),
        pytest.param(["timestamp,pool,type,Queue", f"1,p,train,{'9' * 5000}"], ":2: Queue is '9999", id="5000 digits"),
        pytest.param(["timestamp,pool,type,Queue", "1,p,train,many"], ":2: Queue is 'many'", id="a word"),
        pytest.param(["timestamp,pool,type,Queue", "soon,p,train,3"], ":2: 'soon' is not a moment", id="no moment"),
        pytest.param(["timestamp,pool,type,Queue", "0001-01-01T00:00:00+14:00,p,train,3"], "1970 to 2999", id="year 1"),
        pytest.param(["timestamp,pool,type,Queue", "9999-12-31T23:00:00-14:00,p,train,3"], "1970 to 2999", id="late"),
        pytest.param(["timestamp,pool,type,Queue", "1772409600000,p,train,3"], "1970 to 2999", id="milliseconds"),
        pytest.param(["timestamp,pool,type,Queue", "1,p,,3"], ":2: jobs without a type", id="jobs without a type"),
        pytest.param(["timestamp,pool,type,Queue", "1,,train,3"], ":2: the pool must be named", id="no pool"),
        pytest.param(["timestamp,pool,type,Queue", "1,p,train,3", "1,p,train,3"], ":3: a second row", id="a row twice"),
    ],
)
def test_a_broken_file_is_named_with_its_line(tmp_path: Path, lines: list[str], said: str) -> None:
    with pytest.raises(BadSamples, match=said):
        list(readings(written(tmp_path, *lines)))


def test_files_of_one_pool_may_be_named_in_any_order(tmp_path: Path) -> None:
    early, late = tmp_path / "early.csv", tmp_path / "late.csv"
    early.write_text("timestamp,pool,type,Queue\n100,p,train,1\n160,q,train,2\n")
    late.write_text("timestamp,pool,type,Queue\n200,p,train,3\n100,q,train,4\n")

    def queues(*files: Path) -> list[tuple[str, int | None]]:
        return [(stats.pool.id, stats.count(JobStatus.QUEUE)) for stats in all_readings(files)]

    assert queues(early, late) == queues(late, early) == [("p", 1), ("p", 3), ("q", 4), ("q", 2)]


def test_a_folder_or_a_file_in_another_encoding_is_said_without_the_machines_words(tmp_path: Path) -> None:
    (tmp_path / "latin.csv").write_bytes("timestamp,pool,type,Queue\n1,\xe9,train,1\n".encode("latin-1"))

    with pytest.raises(BadSamples, match="it is not UTF-8 text"):
        list(readings(tmp_path / "latin.csv"))
    with pytest.raises(BadSamples, match=r"cannot be read: Is a directory$"):
        list(readings(tmp_path))


def test_a_file_that_is_not_there_or_broken_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(BadSamples, match="there is no such file"):
        list(readings(tmp_path / "none.csv"))
    (tmp_path / "cut.gz").write_bytes(gzip.compress(b"timestamp,pool,type,Queue\n1,p,train,1\n")[:-9])
    with pytest.raises(BadSamples, match="cannot be read"):
        list(readings(tmp_path / "cut.gz"))
