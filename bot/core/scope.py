"""What is something about, said by pool, rule, severity and job type, and how far does it reach?"""

from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase

from bot.core.alerts import Alert
from bot.core.rules.model import Severity
from bot.core.stats import Pool


@dataclass(frozen=True, slots=True)
class Scope:
    """What a silence is about: an alert that all of this fits. Nothing given under a heading fits any.

    Attributes:
        pools: Globs over a pool's id and display name.
        rules: Globs over the rule's name.
        severities, types: The alert's severity, and the job type it is about.
    """

    pools: tuple[str, ...] = ("*",)
    rules: tuple[str, ...] = ()
    severities: tuple[Severity, ...] = ()
    types: tuple[str, ...] = ()

    def fits(self, alert: Alert) -> bool:
        """Whether `alert` is among what this is about."""
        return (
            alert.pool.named_by(self.pools)
            and (not self.rules or _named(alert.rule, self.rules))
            and (not self.severities or alert.severity in self.severities)
            and (not self.types or (alert.job_type is not None and _named(alert.job_type, self.types)))
        )


@dataclass(frozen=True, slots=True)
class Sight:
    """Which pools a person could see where they were: a silence reaches no further.

    Attributes:
        granted: Globs of the pools that were shown there in particular.
        hidden: Globs of the pools that are shown elsewhere.
    """

    granted: tuple[str, ...] = ()
    hidden: tuple[str, ...] = ()

    def reaches(self, pool: Pool) -> bool:
        """Whether the person could see `pool`."""
        return pool.named_by(self.granted) or not pool.named_by(self.hidden)


def _named(name: str, globs: Iterable[str]) -> bool:
    return any(fnmatchcase(name.casefold(), glob.casefold()) for glob in globs)
