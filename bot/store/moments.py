"""How is a moment written in the database: whole seconds for readings, microseconds for everything else."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import BigInteger, Dialect, Text
from sqlalchemy.types import TypeDecorator

from bot.core.because import Why, from_kept, kept

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def to_seconds(at: datetime) -> int:
    """Unix seconds, rounded down."""
    return (at - _EPOCH) // timedelta(seconds=1)


def to_next_second(at: datetime) -> int:
    """Unix seconds, rounded up."""
    return -((_EPOCH - at) // timedelta(seconds=1))


def from_seconds(seconds: int) -> datetime:
    """The moment that `to_seconds` wrote."""
    return datetime.fromtimestamp(seconds, UTC)


class Moment(TypeDecorator[datetime]):
    """An aware datetime, kept as Unix microseconds."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:  # noqa: ARG002 - SQLAlchemy's
        """To the database."""
        return None if value is None else (value - _EPOCH) // _MICROSECOND

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - SQLAlchemy's
        """From the database."""
        return None if value is None else _EPOCH + timedelta(microseconds=value)


class Words(TypeDecorator[str]):
    """A text from outside: what no database can keep (NUL, half a surrogate pair) is replaced, the rest is exact."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:  # noqa: ARG002 - SQLAlchemy's
        """To the database."""
        return None if value is None else storable(value)


class Reason(TypeDecorator[Why]):
    """A reason that can be said in any language; what was kept as plain text is given back as such."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Why | None, dialect: Dialect) -> str | None:  # noqa: ARG002 - SQLAlchemy's
        """To the database."""
        return None if value is None else storable(kept(value))

    def process_result_value(self, value: str | None, dialect: Dialect) -> Why | None:  # noqa: ARG002 - SQLAlchemy's
        """From the database."""
        return None if value is None else from_kept(value)


def storable(text: str) -> str:
    """`text` as both databases can keep it."""
    if text.isascii() and "\0" not in text:
        return text
    return text.replace("\0", "\N{REPLACEMENT CHARACTER}").encode("utf-8", "replace").decode("utf-8")
