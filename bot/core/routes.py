"""Which channel hears of what, when, and who else if nobody acts?"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from fnmatch import fnmatchcase

from bot.core.alerts import Alert
from bot.core.durations import duration_text
from bot.core.persons import Person
from bot.core.rests import Rest, RestKind, longest
from bot.core.rules.model import Severity
from bot.core.scope import Scope
from bot.core.silences import Silence

# The rest that keeps an alert quiet now, as a silence; `None` where none does.
Resting = Callable[[Alert], Silence | None]


# A channel of one of several Slack workspaces: T0123ABCD/#ml-ops; of a whole organisation: E0123ABCD/C0123ABCD.
_OF_WORKSPACE = re.compile(r"([TE][A-Z0-9]{4,30})/(.+)", re.DOTALL)


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A channel as the configuration names it: `slack` and `#ml-ops`, `teams` and `ML Platform/Alerts`."""

    platform: str
    channel: str

    @property
    def workspace(self) -> str:
        """The workspace that the channel is named with; empty where it is in the only one."""
        return in_workspace(self.channel)[0] if self.platform == "slack" else ""

    def __str__(self) -> str:
        """As the configuration writes it."""
        return f"{self.platform}:{self.channel}"


@dataclass(frozen=True, slots=True)
class Step:
    """After an alert has waited for so long, these places are told as well, and these people are called.

    Without places, people are called where the alert stands already.
    """

    after: timedelta
    to: tuple[Place, ...] = ()
    mention: tuple[Person, ...] = ()

    @property
    def key(self) -> str:
        """What tells one step from another, also after the configuration was read again."""
        return " ".join([duration_text(self.after), *map(str, self.to), *(f"@{each}" for each in self.mention)])


@dataclass(frozen=True, slots=True)
class Route:
    """Where the alerts go that match everything given here.

    Attributes:
        to: The places, in order.
        severity: Only alerts of these severities; `None` for any.
        pools: Only alerts of pools whose id or name matches one of these globs; `None` for any.
        rules: Only alerts of the rules with these names (globs); `None` for any.
        escalate: What is done while nobody acknowledges one of them, in any order.
        rests: When they are kept quiet.
    """

    to: tuple[Place, ...]
    severity: tuple[Severity, ...] | None = None
    pools: tuple[str, ...] | None = None
    rules: tuple[str, ...] | None = None
    escalate: tuple[Step, ...] = ()
    rests: tuple[Rest, ...] = ()

    def matches(self, alert: Alert) -> bool:
        """Whether the route is about `alert`."""
        return (
            (self.severity is None or alert.severity in self.severity)
            and (self.pools is None or alert.pool.named_by(self.pools))
            and (self.rules is None or any(fnmatchcase(alert.rule.casefold(), glob.casefold()) for glob in self.rules))
        )


def in_workspace(channel: str) -> tuple[str, str]:
    """The workspace that a channel of Slack's is named with, empty where it is not, and the channel in it."""
    found = _OF_WORKSPACE.fullmatch(channel)
    return (found[1], found[2]) if found is not None else ("", channel)


def route_of(routes: Sequence[Route], alert: Alert) -> Route | None:
    """The first route that matches `alert`; `None` when none does."""
    return next((route for route in routes if route.matches(alert)), None)


def places(routes: Sequence[Route], alert: Alert) -> tuple[Place, ...]:
    """Where `alert` is told: the places of the first route that matches it; none when no route does."""
    route = route_of(routes, alert)
    return () if route is None else tuple(dict.fromkeys(route.to))


def rests_in_force(routes: Sequence[Route], *, now: datetime) -> list[Silence]:
    """What the configuration keeps quiet `now`, each rest once, as the silence that it is to what its route matches."""
    found: dict[Silence, None] = {}
    for route in routes:
        for rest in route.rests:
            made = rest.silence(now)
            if made is not None:
                found[replace(made, scope=_scope(route, rest))] = None
    return sorted(found, key=lambda each: (each.until, each.id))


def _scope(route: Route, rest: Rest) -> Scope:
    """What a rest is about: maintenance is that of all routes alike."""
    if rest.kind is RestKind.MAINTENANCE:
        return Scope(rest.pools or ("*",))
    quiet = tuple(each for each in route.severity or tuple(Severity) if each not in rest.besides)
    return Scope(route.pools or ("*",), route.rules or (), quiet)


def resting(routes: Sequence[Route], *, now: datetime) -> Resting:
    """Which rest of its route keeps an alert quiet `now`, the one that ends last."""
    in_force = {
        number: [(rest, found) for rest in route.rests if (found := rest.silence(now)) is not None]
        for number, route in enumerate(routes)
    }
    if not any(in_force.values()):
        return lambda _: None

    def rest_of(alert: Alert) -> Silence | None:
        number = next((number for number, route in enumerate(routes) if route.matches(alert)), None)
        return None if number is None else longest(found for rest, found in in_force[number] if rest.covers(alert))

    return rest_of


def parse_place(text: str) -> Place:
    """The place that the configuration calls `text`.

    Raises:
        ValueError: It does not begin with slack: or teams:, or names no channel.
    """
    platform, _, channel = text.partition(":")
    if platform not in {"slack", "teams"} or not channel.strip():
        raise ValueError(f"{text!r} is not a channel: write slack:#channel, slack:C…, or teams:Team/Channel")
    return Place(platform, channel.strip())
