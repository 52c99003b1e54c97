"""Which routes can never be reached, which alerts does no route tell, and what is told twice?"""

from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase

from bot.core.review.model import Finding, Plan
from bot.core.review.pools import nearest
from bot.core.routes import Route
from bot.core.rules.model import AlertRule, Severity


def about_routes(plan: Plan) -> Iterator[Finding]:
    """What is wrong with routes and digests, whatever pools there are."""
    names = [rule.name for rule in plan.rules]
    for number, route in enumerate(plan.routes):
        yield from _route(number, route, plan.routes[:number])
        for place, glob in enumerate(route.rules or ()):
            if not any(_matches(name, glob) for name in names):
                meant = nearest(glob, names)
                instead = f"; the nearest is {meant!r}" if meant else ""
                text = f"{glob!r} matches no rule of this configuration{instead}; rules made in chat may still match"
                yield Finding(("routes", number, "match", "rules", place), text)
    for number, rule in enumerate(plan.rules):
        if plan.routes and not any(_tells(route, rule) for route in plan.routes):
            text = f"no route tells anybody of rule {rule.name!r} ({rule.severity.value}): add one that matches it"
            yield Finding(("rules", number), text)
    for number, digest in enumerate(plan.digests):
        if digest in plan.digests[:number]:
            text = (
                f"says the same as digests[{plan.digests.index(digest)}], which is then posted twice: drop one of them"
            )
            yield Finding(("digests", number), text)


def _route(number: int, route: Route, before: Sequence[Route]) -> Iterator[Finding]:
    for key, chosen in (("severity", route.severity), ("pools", route.pools), ("rules", route.rules)):
        if chosen is not None and not chosen:
            text = f"an empty list matches nothing, so this route tells nobody: name some, or leave {key} out"
            yield Finding(("routes", number, "match", key), text, wrong=True)
            return
    earlier = _reached_before(route, before)
    if earlier:
        those = " and ".join(f"routes[{place}]" for place in earlier)
        verb = "matches" if len(earlier) == 1 else "match"
        text = f"can never be reached, for {those} {verb} all that it matches and the first that matches decides: "
        yield Finding(("routes", number), f"{text}move it up, or drop it", wrong=True)


def _reached_before(route: Route, before: Sequence[Route]) -> list[int]:
    """The earlier routes that together match all that `route` matches; none where there are no such."""
    needed: dict[int, None] = {}
    for severity in route.severity or tuple(Severity):
        taking = (place for place, each in enumerate(before) if _takes_all(each, route, severity))
        place = next(taking, None)
        if place is None:
            return []
        needed[place] = None
    return sorted(needed)


def _takes_all(earlier: Route, route: Route, severity: Severity) -> bool:
    """Whether `earlier` matches every alert of `severity` that `route` matches."""
    return (
        (earlier.severity is None or severity in earlier.severity)
        and _wider(earlier.pools, route.pools)
        and _wider(earlier.rules, route.rules)
    )


def _wider(globs: Sequence[str] | None, others: Sequence[str] | None) -> bool:
    """Whether `globs` for sure match all that `others` match."""
    if globs is None or "*" in globs:
        return True
    return others is not None and all(any(_includes(glob, other) for glob in globs) for other in others)


def _includes(glob: str, other: str) -> bool:
    """Whether every name that `other` matches is matched by `glob`, as far as that is simple to see.

    A glob with stars only, which matches the other one as if that were a name, matches all its names: a star takes
    whatever the other's wildcards take, and its letters stand where the other has the very same letters.
    """
    glob, other = glob.casefold(), other.casefold()
    return glob == other or (not set("?[") & set(glob) and "[" not in other and fnmatchcase(other, glob))


def _tells(route: Route, rule: AlertRule) -> bool:
    """Whether `route` matches alerts of `rule`, of some pool at least."""
    return (
        (route.severity is None or rule.severity in route.severity)
        and (route.rules is None or any(_matches(rule.name, glob) for glob in route.rules))
        and route.pools != ()
    )


def _matches(name: str, glob: str) -> bool:
    return fnmatchcase(name.casefold(), glob.casefold())
