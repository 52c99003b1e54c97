"""What time is it for the stand-in? The only module of this folder that reads the clock."""

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]


def wall() -> datetime:
    """The time of this machine, aware, UTC."""
    return datetime.now(UTC)  # noqa: TID251 - a stand-in is a server of its own and needs a clock of its own
