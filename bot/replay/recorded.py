"""What do files of recorded counts say? CSV, one row per pool, job type and reading."""

import csv
import gzip
import io
import zlib
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from heapq import merge
from pathlib import Path

from bot.core.stats import JobStatus, Pool, PoolStats, TypeCounts

_NEEDED = ("timestamp", "pool", "type")
_LARGEST = 10**9


class BadSamples(Exception):  # noqa: N818 - named for what it is about
    """The file cannot be read; the text names the file and the line."""


def readings(path: Path) -> Iterator[PoolStats]:
    """The readings of a file, in order of time for each pool.

    Rows of one reading may stand anywhere in the file; an empty cell was not reported.

    Raises:
        BadSamples: The file cannot be read, or a row makes no sense.
    """
    found: dict[tuple[str, float], dict[str, TypeCounts]] = {}
    for number, row in _rows(path):
        pool, job_type = (row["pool"] or "").strip(), (row["type"] or "").strip()
        if not pool:
            raise BadSamples(f"{path}:{number}: the pool must be named")
        at = _moment(row["timestamp"] or "", path, number)
        counts = {
            status: _count(row[status] or "", status, path, number)
            for status in JobStatus
            if (row.get(status) or "").strip()
        }
        types = found.setdefault((pool, at), {})
        if not job_type:
            # How an export writes a reading that found no jobs at all.
            if any(counts.values()):
                raise BadSamples(f"{path}:{number}: jobs without a type")
            continue
        if job_type in types:
            raise BadSamples(f"{path}:{number}: a second row for {pool}, {job_type} at this moment")
        types[job_type] = TypeCounts(counts)
    pools = {name: Pool(name, name) for name, _ in found}
    for (name, at), types in sorted(found.items()):
        yield PoolStats(pools[name], datetime.fromtimestamp(at, UTC), types)


def all_readings(paths: Sequence[Path]) -> Iterator[PoolStats]:
    """The readings of several files in order of time for each pool, in whatever order the files are named."""
    return merge(*map(readings, paths), key=lambda stats: (stats.pool.id, stats.taken_at))


def _rows(path: Path) -> Iterator[tuple[int, dict[str, str | None]]]:
    try:
        with path.open("rb") as raw:
            packed = raw.read(2) == b"\x1f\x8b"
            raw.seek(0)
            plain = gzip.GzipFile(fileobj=raw) if packed else raw
            with io.TextIOWrapper(plain, encoding="utf-8-sig", newline="") as text:
                rows = csv.DictReader(text)
                missing = [name for name in _NEEDED if name not in (rows.fieldnames or ())]
                if missing:
                    raise BadSamples(f"{path}:1: the header names no {' and no '.join(missing)}")
                if not any(status in (rows.fieldnames or ()) for status in JobStatus):
                    raise BadSamples(f"{path}:1: the header names none of the statuses, such as Queue")
                for row in rows:
                    yield rows.line_num, row
    except FileNotFoundError as error:
        raise BadSamples(f"{path}: there is no such file") from error
    except UnicodeDecodeError as error:
        raise BadSamples(f"{path}: cannot be read: it is not UTF-8 text") from error
    except (OSError, EOFError, zlib.error, csv.Error) as error:
        why = (error.strerror if isinstance(error, OSError) else None) or str(error)
        raise BadSamples(f"{path}: cannot be read: {why}") from error


def _moment(text: str, path: Path, number: int) -> float:
    """Unix seconds, or ISO 8601 taken as UTC where it names no zone."""
    text = text.strip()
    try:
        if text.replace(".", "", 1).isdecimal():
            return datetime.fromtimestamp(float(text), UTC).timestamp()
        moment = datetime.fromisoformat(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError, OSError) as error:
        raise BadSamples(f"{path}:{number}: {text!r} is not a moment: ISO 8601 or Unix seconds") from error


def _count(text: str, status: JobStatus, path: Path, number: int) -> int:
    text = text.strip()
    # Far longer than the largest number: Python itself refuses to read thousands of digits.
    if not text.isdecimal() or len(text) > 30 or int(text) > _LARGEST:
        raise BadSamples(f"{path}:{number}: {status} is {text[:40]!r}: a whole number from 0 to {_LARGEST}")
    return int(text)
