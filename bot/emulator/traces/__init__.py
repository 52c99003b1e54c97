"""What did a cluster look like, minute by minute? Reads traces: ours, and any CSV of the sample format."""

import csv
import gzip
import math
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import IO, NamedTuple

STATUSES = ("Queue", "Pending", "Abnormal", "Terminating", "Creating", "Running", "Completed", "Terminated", "Failed")
_COLUMNS = ("timestamp", "pool", "type", *STATUSES)
_MAX_COUNT = 10**9
_MAX_NAME = 200
_FOLDER = Path(__file__).parent


class Row(NamedTuple):
    """What a poll of one pool answered for one job type; a count is None where the file leaves it empty."""

    at: datetime
    pool: str
    type: str
    counts: tuple[int | None, ...]


def bundled_traces() -> tuple[str, ...]:
    """The names of the traces that come with the product."""
    return tuple(sorted(path.name.removesuffix(".csv.gz") for path in _FOLDER.glob("*.csv.gz")))


def trace_path(name: str | Path) -> Path:
    """The file of the bundled trace `name`, or `name` itself as a path."""
    return _FOLDER / f"{name}.csv.gz" if str(name) in bundled_traces() else Path(name)


def trace_rows(name: str | Path) -> Iterator[Row]:
    """The rows of the bundled trace or file `name`, in the order of the file.

    Raises:
        ValueError: The file cannot be read; the text names the file and the line.
    """
    path = trace_path(name)
    line = 1
    try:
        with _open(path) as file:
            reader = csv.reader(file, strict=True)
            order = _column_order(next(reader, []), path)
            for cells in reader:
                line = reader.line_num
                if cells:
                    yield _row(cells, order, path, line)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise ValueError(f"{path}: the compressed data breaks off or is damaged after line {line}") from error
    except UnicodeDecodeError as error:
        raise ValueError(f"{path}: not UTF-8 text after line {line}") from error
    except csv.Error as error:
        raise ValueError(f"{path}:{line + 1}: not CSV: {error}") from error
    except OSError as error:
        known = ", ".join(bundled_traces())
        reason = error.strerror or error
        raise ValueError(f"{path}: cannot be read: {reason} (traces that come with the product: {known})") from error


def _open(path: Path) -> IO[str]:
    with path.open("rb") as file:
        compressed = file.read(2) == b"\x1f\x8b"
    if compressed:
        return gzip.open(path, "rt", encoding="utf-8-sig", newline="")
    return path.open("r", encoding="utf-8-sig", newline="")


def _column_order(header: list[str], path: Path) -> tuple[int, ...]:
    names = [cell.strip() for cell in header]
    missing = [column for column in _COLUMNS if column not in names]
    if missing:
        raise ValueError(f"{path}:1: the first line must name the columns; missing: {', '.join(missing)}")
    twice = sorted({column for column in _COLUMNS if names.count(column) > 1})
    if twice:
        raise ValueError(f"{path}:1: columns named twice: {', '.join(twice)}")
    return tuple(names.index(column) for column in _COLUMNS)


def _row(cells: list[str], order: tuple[int, ...], path: Path, line: int) -> Row:
    try:
        values = [cells[index].strip() for index in order]
    except IndexError:
        raise ValueError(f"{path}:{line}: only {len(cells)} columns") from None
    at, pool, kind = values[:3]
    if not 0 < len(pool) <= _MAX_NAME or not 0 < len(kind) <= _MAX_NAME:
        raise ValueError(f"{path}:{line}: pool and type must be named, in up to {_MAX_NAME} characters")
    try:
        counts = tuple(_count(value, status) for value, status in zip(values[3:], STATUSES, strict=True))
        return Row(_moment(at), pool, kind, counts)
    except ValueError as error:
        raise ValueError(f"{path}:{line}: {error}") from None


# The rows of all pools and types at one moment stand together in most files.
@lru_cache(maxsize=64)
def _moment(text: str) -> datetime:
    try:
        seconds = float(text)
    except ValueError:
        pass
    else:
        if not math.isfinite(seconds):
            raise ValueError(f"timestamp {text!r} is not a time")
        try:
            return datetime.fromtimestamp(seconds, UTC)
        except (OverflowError, OSError, ValueError):
            raise ValueError(f"timestamp {text!r} is out of range (Unix seconds?)") from None
    try:
        moment = datetime.fromisoformat(text)
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        raise ValueError(f"timestamp {text[:40]!r} is neither ISO-8601 nor Unix seconds") from None


# Most counts have occurred before.
@lru_cache(maxsize=4096)
def _count(text: str, status: str) -> int | None:
    if not text:
        return None
    if not (text.isascii() and text.isdigit()) or len(text) > 10 or int(text) > _MAX_COUNT:
        raise ValueError(f"{status} {text[:40]!r} is not a count between 0 and {_MAX_COUNT}")
    return int(text)
