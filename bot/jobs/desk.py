"""With what are rules looked after, and by which of them are pools judged?"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import Engine

from bot.core.access import Access
from bot.core.routes import Route
from bot.core.rules.model import AlertRule
from bot.core.stats import Pool
from bot.jobs.telling import Moment
from bot.store import rules

if TYPE_CHECKING:
    # Every bot judges; few look at what a rule would have told.
    from bot.jobs.trial import Others


@dataclass(frozen=True, slots=True)
class Desk:
    """What rules are looked after with.

    Attributes:
        engine: The store.
        access: Who may do what.
        in_file: The rules of the configuration file.
        routes: Where alerts go.
        pools: Every pool that is read.
        at: Now.
        passed: How much time has passed since the person began to wait.
        changed: Has rules that were changed taken over at once.
        others: Who can be asked to look at pools, too.
    """

    engine: Engine
    access: Access
    in_file: Sequence[AlertRule]
    routes: Sequence[Route]
    pools: Sequence[Pool]
    at: Moment
    passed: Callable[[], timedelta]
    changed: Callable[[], None]
    others: "Others | None" = None


def in_use(in_file: Sequence[AlertRule], kept: Sequence[rules.KeptRule]) -> tuple[AlertRule, ...]:
    """The rules that pools are judged by: of two with the same name the one of the configuration file."""
    names = {rule.name.casefold() for rule in in_file}
    return (*in_file, *(each.rule for each in kept if each.rule.name.casefold() not in names))
