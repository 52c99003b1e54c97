"""What do the rows of a file of recorded counts say, one by one?"""

import csv
import gzip
import io
import zlib
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from bot.core.stats import JobStatus, TypeCounts

_NEEDED = ("timestamp", "pool", "type")
_LARGEST = 10**9
# So many different texts of counts and moments are remembered, which saves reading them again and again.
_REMEMBERED = 100_000


class BadSamples(Exception):  # noqa: N818 - named for what it is about
    """The file cannot be read; the text names the file and the line."""


class Table:
    """The rows of a file with their line numbers, and what their cells mean."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._columns: dict[str, int] = {}
        self._width = 0
        self._statuses: list[tuple[JobStatus, int]] = []
        self._moments: dict[str, float] = {}
        self._counts: dict[str, int] = {}
        # From the first to the last column with counts, and what stood there last.
        self._first = self._end = 0
        self._before: dict[tuple[str, str], tuple[Sequence[str], TypeCounts]] = {}

    def __iter__(self) -> Iterator[tuple[int, Sequence[str]]]:
        path = self._path
        try:
            with path.open("rb") as raw:
                packed = raw.read(2) == b"\x1f\x8b"
                raw.seek(0)
                plain = gzip.GzipFile(fileobj=raw) if packed else raw
                with io.TextIOWrapper(plain, encoding="utf-8-sig", newline="") as text:
                    rows = csv.reader(text)
                    self._head(next(rows, []))
                    for row in rows:
                        if row:
                            yield rows.line_num, row
        except FileNotFoundError as error:
            raise BadSamples(f"{path}: there is no such file") from error
        except UnicodeDecodeError as error:
            raise BadSamples(f"{path}: cannot be read: it is not UTF-8 text") from error
        except (OSError, EOFError, zlib.error, csv.Error) as error:
            why = (error.strerror if isinstance(error, OSError) else None) or str(error)
            raise BadSamples(f"{path}: cannot be read: {why}") from error

    def _head(self, names: Sequence[str]) -> None:
        missing = [name for name in _NEEDED if name not in names]
        if missing:
            raise BadSamples(f"{self._path}:1: the header names no {' and no '.join(missing)}")
        twice = next((name for name in names if name and names.count(name) > 1), None)
        if twice is not None:
            raise BadSamples(f"{self._path}:1: the header names {twice} twice")
        self._width = len(names)
        self._columns = {name: index for index, name in enumerate(names)}
        self._statuses = [(status, self._columns[status]) for status in JobStatus if status in self._columns]
        if not self._statuses:
            raise BadSamples(f"{self._path}:1: the header names none of the statuses, such as Queue")
        places = [index for _, index in self._statuses]
        self._first, self._end = min(places), max(places) + 1

    def key(self, row: Sequence[str], number: int) -> tuple[str, float]:
        """Whose row it is, and when it was read, in Unix seconds."""
        if len(row) < self._width:
            raise BadSamples(f"{self._path}:{number}: the row has {len(row)} cells, the header {self._width}")
        name, text = self._cell(row, "pool"), self._cell(row, "timestamp")
        if not name:
            raise BadSamples(f"{self._path}:{number}: the pool must be named")
        at = self._moments.get(text)
        if at is None:
            at = self._moment(text, number)
            if len(self._moments) < _REMEMBERED:
                self._moments[text] = at
        return name, at

    def _cell(self, row: Sequence[str], name: str) -> str:
        try:
            return row[self._columns[name]].strip()
        except IndexError:
            return ""

    def _moment(self, text: str, number: int) -> float:
        """Unix seconds, or ISO 8601 taken as UTC where it names no zone."""
        try:
            if text.replace(".", "", 1).isdecimal():
                return datetime.fromtimestamp(float(text), UTC).timestamp()
            moment = datetime.fromisoformat(text)
            return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
        except (ValueError, OverflowError, OSError) as error:
            raise BadSamples(f"{self._path}:{number}: {text!r} is not a moment: ISO 8601 or Unix seconds") from error

    def add(self, types: dict[str, TypeCounts], row: Sequence[str], number: int, *, pool: str) -> None:
        """Put the counts of a row to the others of its reading."""
        job_type = self._cell(row, "type")
        counts = self._counted(row, number, (pool, job_type))
        if not job_type:
            # How an export writes a reading that found no jobs at all.
            if any(counts.status.values()):
                raise BadSamples(f"{self._path}:{number}: jobs without a type")
        elif job_type in types:
            raise BadSamples(f"{self._path}:{number}: a second row for {pool}, {job_type} at this moment")
        else:
            types[job_type] = counts

    def _counted(self, row: Sequence[str], number: int, whose: tuple[str, str]) -> TypeCounts:
        """The counts of a row; most rows say what the one before them said."""
        cells = row[self._first : self._end]
        before = self._before.get(whose)
        if before is not None and before[0] == cells:
            return before[1]
        counts: dict[JobStatus, int] = {}
        for status, index in self._statuses:
            text = row[index] if index < len(row) else ""
            count = self._counts.get(text)
            if count is None:
                if not text.strip():
                    continue
                count = self._count(text, status, number)
                if len(self._counts) < _REMEMBERED:
                    self._counts[text] = count
            counts[status] = count
        found = TypeCounts(counts)
        self._before[whose] = (cells, found)
        return found

    def _count(self, text: str, status: JobStatus, number: int) -> int:
        text = text.strip()
        # Far longer than the largest number: Python itself refuses to read thousands of digits.
        if not text.isdecimal() or len(text) > 30 or int(text) > _LARGEST:
            raise BadSamples(f"{self._path}:{number}: {status} is {text[:40]!r}: a whole number from 0 to {_LARGEST}")
        return int(text)
