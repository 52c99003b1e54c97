"""What are answers made from?"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlalchemy import Engine

from bot.core.access import Access
from bot.core.rules.model import AlertRule
from bot.core.stats import Pool
from bot.modelarts.source import Source


@dataclass(frozen=True, slots=True)
class PlannedDigest:
    """A digest as people are told of it: where it goes, when, about what."""

    channel: str
    cron: str
    timezone: str
    pools: str


@dataclass(frozen=True, slots=True)
class Answering:
    """What answers are made from."""

    modelarts: Source
    engine: Engine
    access: Access
    wanted: Callable[[Pool], bool]
    digests: Sequence[PlannedDigest] = ()
    rules: Sequence[AlertRule] = ()
