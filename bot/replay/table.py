"""What do the rows of a file of recorded counts say, one by one?"""

import csv
import gzip
import io
import zlib
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from operator import itemgetter
from pathlib import Path

from bot.core.stats import JobStatus, TypeCounts

_NEEDED = ("timestamp", "pool", "type")
_LARGEST = 10**9
# Unix seconds of the year 3000: what is later, or before 1970, is a mistake.
_LATEST = 32_503_680_000.0
# So many different texts of counts and moments are remembered, which saves reading them again and again.
_REMEMBERED = 100_000


class BadSamples(Exception):  # noqa: N818 - named for what it is about
    """The file cannot be read; the text names the file and the line."""


class Table:
    """The rows of a file, and what the cells of each mean before the next one is read."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._line = 1
        self._width = 0
        self._pool = self._timestamp = self._type = 0
        self._statuses: tuple[JobStatus, ...] = ()
        self._cells: Callable[[Sequence[str]], Sequence[str]] = tuple
        self._moments: dict[str, float] = {}
        # What was not reported is `None`.
        self._counts: dict[str, int | None] = {}
        # What stood there last.
        self._before: dict[tuple[str, str], tuple[Sequence[str], TypeCounts]] = {}

    def __iter__(self) -> Iterator[Sequence[str]]:
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
                            self._line = rows.line_num
                            yield row
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
        self._statuses = tuple(status for status in JobStatus if status in names)
        if not self._statuses:
            raise BadSamples(f"{self._path}:1: the header names none of the statuses, such as Queue")
        self._width = len(names)
        self._timestamp, self._pool, self._type = map(names.index, _NEEDED)
        places = [names.index(status) for status in self._statuses]
        # With a single place an itemgetter gives the cell and not a tuple of it.
        self._cells = itemgetter(*places) if len(places) > 1 else itemgetter(slice(places[0], places[0] + 1))

    def key(self, row: Sequence[str]) -> tuple[str, float]:
        """Whose row it is, and when it was read, in Unix seconds."""
        if len(row) < self._width:
            raise self._bad(f"the row has {len(row)} cells, the header {self._width}")
        name, text = row[self._pool].strip(), row[self._timestamp]
        if not name:
            raise self._bad("the pool must be named")
        at = self._moments.get(text)
        if at is None:
            at = self._moment(text.strip())
            if len(self._moments) < _REMEMBERED:
                self._moments[text] = at
        return name, at

    def _moment(self, text: str) -> float:
        """Unix seconds, or ISO 8601 taken as UTC where it names no zone."""
        try:
            if text.replace(".", "", 1).isdecimal():
                at = float(text)
            else:
                moment = datetime.fromisoformat(text)
                at = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
        except (ValueError, OverflowError) as error:
            raise self._bad(f"{text[:40]!r} is not a moment: ISO 8601 or Unix seconds") from error
        if not 0 <= at < _LATEST:
            raise self._bad(f"{text[:40]!r} is not a moment from 1970 to 2999: ISO 8601 or Unix seconds")
        return at

    def add(self, types: dict[str, TypeCounts], row: Sequence[str], *, pool: str) -> None:
        """Put the counts of a row to the others of its reading."""
        job_type = row[self._type].strip()
        cells = self._cells(row)
        # Most rows say what the one before them said.
        before = self._before.get((pool, job_type))
        if before is not None and before[0] == cells:
            counts = before[1]
        else:
            counts = self._counted(cells)
            self._before[pool, job_type] = cells, counts
        if not job_type:
            # How an export writes a reading that found no jobs at all.
            if any(counts.status.values()):
                raise self._bad("jobs without a type")
        elif job_type in types:
            raise self._bad(f"a second row for {pool}, {job_type} at this moment")
        else:
            types[job_type] = counts

    def _counted(self, cells: Sequence[str]) -> TypeCounts:
        known = self._counts
        try:
            counts = [known[text] for text in cells]
        except KeyError:
            counts = [
                known[text] if text in known else self._count(text, status)
                for status, text in zip(self._statuses, cells, strict=True)
            ]
            if len(known) < _REMEMBERED:
                known.update(zip(cells, counts, strict=True))
        return TypeCounts(
            {status: count for status, count in zip(self._statuses, counts, strict=True) if count is not None}
        )

    def _count(self, text: str, status: JobStatus) -> int | None:
        text = text.strip()
        if not text:
            return None
        # Far longer than the largest number: Python itself refuses to read thousands of digits.
        if not text.isdecimal() or len(text) > 30 or int(text) > _LARGEST:
            raise self._bad(f"{status} is {text[:40]!r}: a whole number from 0 to {_LARGEST}")
        return int(text)

    def _bad(self, why: str) -> BadSamples:
        return BadSamples(f"{self._path}:{self._line}: {why}")
