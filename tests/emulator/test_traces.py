"""Can any trace of the sample format be played, and is a broken one told clearly?"""

import gzip
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.emulator import HIGHLIGHTS, Replay, bundled_traces, trace_rows
from bot.emulator.pools import POOL_ID, display_name, is_pool_id, pool_named
from bot.emulator.traces import trace_path

HEADER = "timestamp,pool,type,Queue,Pending,Abnormal,Terminating,Creating,Running,Completed,Terminated,Failed\n"


def trace(tmp_path: Path, text: str | bytes, name: str = "trace.csv") -> Path:
    path = tmp_path / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def test_iso_and_unix_timestamps_mean_the_same(tmp_path: Path) -> None:
    rows = "2026-03-02T12:00Z,a,train,1,0,0,0,0,0,0,0,0\n1772452800,a,infer,2,0,0,0,0,0,0,0,0\n"
    path = trace(tmp_path, HEADER + rows + "2026-03-02T13:00+01:00,a,x,3,0,0,0,0,0,0,0,0\n")

    assert {row.at for row in trace_rows(path)} == {datetime(2026, 3, 2, 12, tzinfo=UTC)}


def test_columns_may_come_in_any_order_and_with_others(tmp_path: Path) -> None:
    names = HEADER.strip().split(",")[::-1]
    path = trace(tmp_path, ",".join([*names, "note"]) + "\n9,8,7,6,5,4,3,2,1,train,a,0,hello\n")

    [row] = trace_rows(path)

    assert (row.pool, row.type, row.counts) == ("a", "train", (1, 2, 3, 4, 5, 6, 7, 8, 9))


def test_a_trace_may_be_compressed_and_begin_with_a_mark(tmp_path: Path) -> None:
    text = ("\ufeff" + HEADER + "0,a,train,1,0,0,0,0,0,0,0,0\n").encode()

    assert len(list(trace_rows(trace(tmp_path, gzip.compress(text), "x.dat")))) == 1


def test_a_count_may_be_left_empty(tmp_path: Path) -> None:
    path = trace(tmp_path, HEADER + "0,a,train,1,,,,,2,,,\n")
    engine = Replay(path).engine()

    assert engine.counts(engine.pools()[0].id) == {"train": {"Queue": 1, "Running": 2}}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        pytest.param("", ":1: the first line must name the columns", id="empty"),
        pytest.param("timestamp,pool\n", "missing: type, Queue", id="columns missing"),
        pytest.param(HEADER.replace("pool", "pool,pool"), "named twice: pool", id="a column twice"),
        pytest.param(HEADER, "there is no reading in it", id="no rows"),
        pytest.param(HEADER + "0,a,train,1,0\n", ":2: only 5 columns", id="a short row"),
        pytest.param(HEADER + "0,a,train,-1,0,0,0,0,0,0,0,0\n", ":2: Queue '-1' is not a count", id="negative"),
        pytest.param(HEADER + "0,a,train,1.5,0,0,0,0,0,0,0,0\n", ":2: Queue '1.5' is not a count", id="a fraction"),
        pytest.param(HEADER + "0,a,train,1,0,0,0,0,0,0,0,9999999999\n", "Failed '9999999999'", id="absurd"),
        pytest.param(HEADER + "noon,a,train,1,0,0,0,0,0,0,0,0\n", "'noon' is neither ISO-8601", id="no time"),
        pytest.param(HEADER + "nan,a,train,1,0,0,0,0,0,0,0,0\n", "'nan' is not a time", id="not a number"),
        pytest.param(HEADER + "1e300,a,train,1,0,0,0,0,0,0,0,0\n", "out of range", id="far away"),
        pytest.param(HEADER + "0,,train,1,0,0,0,0,0,0,0,0\n", ":2: pool and type must be named", id="nameless"),
        pytest.param(HEADER + '0,"a,train,1\n', "not CSV", id="an open quote"),
        pytest.param(HEADER.encode() + b"0,\xff\xfe,train,1,0,0,0,0,0,0,0,0\n", "not UTF-8", id="not text"),
        pytest.param(gzip.compress(HEADER.encode())[:20], "breaks off or is damaged", id="cut off"),
        pytest.param(b"\x1f\x8bnot gzip at all", "breaks off or is damaged", id="damaged"),
    ],
)
def test_a_broken_trace_is_told_with_file_and_line(tmp_path: Path, text: str | bytes, told: str) -> None:
    path = trace(tmp_path, text)

    with pytest.raises(ValueError, match="trace") as caught:
        Replay(path)

    assert str(path) in str(caught.value)
    assert told in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_trace_that_is_not_there_is_told_with_those_that_are(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"No such file.*demo, earth, theta"):
        Replay(tmp_path / "nothing.csv")
    with pytest.raises(ValueError, match="cannot be read"):
        Replay(tmp_path)


def test_the_traces_of_the_product_are_small_attributed_and_whole() -> None:
    folder = trace_path("demo").parent
    attribution = (folder / "ATTRIBUTION.md").read_text(encoding="utf-8")

    assert bundled_traces() == ("demo", "earth", "theta")
    assert sum(path.stat().st_size for path in folder.glob("*.gz")) < 1_000_000
    for name in bundled_traces():
        assert f"{name}.csv.gz" in attribution
        rows = list(trace_rows(name))
        assert rows[0].at <= HIGHLIGHTS[name] - timedelta(days=7)
        assert rows[-1].at >= HIGHLIGHTS[name] + timedelta(hours=6)


def test_the_demo_has_a_spike_twenty_minutes_in_that_is_over_four_hours_later() -> None:
    start = HIGHLIGHTS["demo"]
    queue = {
        row.at: row.counts[0] or 0 for row in trace_rows("demo") if row.pool == "earth-vc6YE" and row.type == "train"
    }

    before = [count for at, count in queue.items() if start - timedelta(days=7) <= at < start + timedelta(minutes=20)]
    assert max(before) < 20
    assert queue[start + timedelta(minutes=20)] == 28
    assert queue[start + timedelta(minutes=30)] == 88
    assert queue[start + timedelta(hours=4)] <= 5


@pytest.mark.parametrize(
    ("key", "name"),
    [
        ("earth-vc6YE", "earth-vc6ye"),
        ("a", "a-pool"),
        ("7 days", "pool-7-days"),
        ("GPU Pool (北京)", "gpu-pool"),
        ("x" * 99, "x" * 30),
        ("a" * 29 + "-b", "a" * 29),
    ],
)
def test_a_pool_of_a_trace_gets_a_display_name_as_modelarts_has_them(key: str, name: str) -> None:
    assert display_name(key) == name


@pytest.mark.parametrize("key", ["earth-vc6YE", "a", "池", "x" * 99, "<!channel>", "a" * 29 + "-b"])
def test_a_pool_of_a_trace_gets_an_id_as_modelarts_has_them(key: str) -> None:
    pool = pool_named(key, project_id="0123456789abcdef0123456789abcdef")

    assert POOL_ID.fullmatch(pool.id)
    assert 4 <= len(pool.name) <= 32
    assert POOL_ID.fullmatch(pool_named(key, project_id="any project").id)


def test_an_id_in_a_trace_stays_as_it_is() -> None:
    key = "auto-pool-os-86c13962597848eeb29c5861153a391f"

    pool = pool_named(key, project_id="0123456789abcdef0123456789abcdef")

    assert (pool.id, pool.name) == (key, "auto-pool-os")


def test_pools_whose_names_look_alike_get_different_ids(tmp_path: Path) -> None:
    rows = "".join(f"0,{pool},train,1,0,0,0,0,0,0,0,0\n" for pool in ("Pool A", "pool-a", "pool_a"))

    pools = Replay(trace(tmp_path, HEADER + rows)).engine().pools()

    assert len({pool.id for pool in pools}) == len({pool.name for pool in pools}) == 3
    assert all(is_pool_id(pool.id) for pool in pools)
