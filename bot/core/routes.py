"""Which channel hears of what?"""

from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from bot.core.alerts import Alert
from bot.core.rules.model import Severity


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A channel as the configuration names it: `slack` and `#ml-ops`, `teams` and `ML Platform/Alerts`."""

    platform: str
    channel: str

    def __str__(self) -> str:
        """As the configuration writes it."""
        return f"{self.platform}:{self.channel}"


@dataclass(frozen=True, slots=True)
class Route:
    """Where the alerts go that match everything given here.

    Attributes:
        to: The places, in order.
        severity: Only alerts of these severities; `None` for any.
        pools: Only alerts of pools whose id or name matches one of these globs; `None` for any.
        rules: Only alerts of the rules with these names (globs); `None` for any.
    """

    to: tuple[Place, ...]
    severity: tuple[Severity, ...] | None = None
    pools: tuple[str, ...] | None = None
    rules: tuple[str, ...] | None = None

    def matches(self, alert: Alert) -> bool:
        """Whether the route is about `alert`."""
        return (
            (self.severity is None or alert.severity in self.severity)
            and (self.pools is None or alert.pool.named_by(self.pools))
            and (self.rules is None or any(fnmatchcase(alert.rule.casefold(), glob.casefold()) for glob in self.rules))
        )


def places(routes: Sequence[Route], alert: Alert) -> tuple[Place, ...]:
    """Where `alert` is told: the places of the first route that matches it; none when no route does."""
    for route in routes:
        if route.matches(alert):
            return tuple(dict.fromkeys(route.to))
    return ()


def parse_place(text: str) -> Place:
    """The place that the configuration calls `text`.

    Raises:
        ValueError: It does not begin with slack: or teams:, or names no channel.
    """
    platform, _, channel = text.partition(":")
    if platform not in {"slack", "teams"} or not channel.strip():
        raise ValueError(f"{text!r} is not a channel: write slack:#channel, slack:C…, or teams:Team/Channel")
    return Place(platform, channel.strip())
