"""Will the rules and routes do what they were written for, and what would the rules have told of what is stored?"""

import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Engine

from bot.cli.progress import Progress
from bot.core.durations import spoken
from bot.core.review.history import Past, about_history, previews
from bot.core.review.model import Finding, Plan, PlannedDigest
from bot.core.review.pools import about_pools
from bot.core.review.routes import about_routes
from bot.core.review.rules import about_rules
from bot.core.stats import Pool
from bot.jobs.past import Stored, in_fair_order, looked_back, stored
from bot.settings.model import Settings
from bot.settings.reading import Configured
from bot.store.engine import StoreError, StoreMissing, is_current, open_store

# How far a preview looks back, and how many seconds it may take.
LOOKED_BACK = timedelta(days=14)
TIME_LIMIT = 20.0
UNREAD = "what is stored could not be looked at"


@dataclass(frozen=True, slots=True)
class Reviewed:
    """Lines to print: what is wrong, what is worth a word, and what the rules would have told."""

    wrong: Sequence[str]
    notes: Sequence[str]
    previews: Sequence[str]


def review(config: Configured, listed: Sequence[Pool]) -> Reviewed:
    """Review the configuration by the pools that ModelArts has `listed`, where it was asked, else by those stored.

    Nothing is written: a database that is not there is not made.
    """
    plan = plan_of(config.settings)
    known, pasts, left_out, unread = Stored(), list[Past](), 0, ""
    try:
        engine = open_store(config.database_url.get_secret_value() if config.database_url else None, make=False)
        try:
            if is_current(engine):
                known = stored(engine)
                pasts, left_out = _looked_back(engine, known, plan)
            else:
                unread = "its tables are not those of this version; pool-stats db upgrade makes them so"
        finally:
            engine.dispose()
    except StoreMissing:
        pass
    except StoreError as error:
        unread = str(error)
    pools = listed or known.pools
    found = [
        *about_pools(plan, pools),
        *about_rules(plan, pools),
        *about_routes(plan),
        *about_history(plan, known.pools, pasts, known.types),
    ]
    found.sort(key=lambda finding: tuple((isinstance(part, int), part) for part in finding.loc))
    return Reviewed(
        wrong=[_line(config, each) for each in found if each.wrong],
        notes=[
            *(f"note: {_line(config, each)}" for each in found if not each.wrong),
            *(f"note: {line}" for line in _unjudged(plan, pools, unread)),
        ],
        previews=list(_previewed(plan, pasts, left_out)),
    )


def plan_of(settings: Settings) -> Plan:
    """What the settings say about pools, alerts and channels."""
    return Plan(
        pools=settings.modelarts.pools,
        every=settings.poll.every,
        rules=settings.rules,
        routes=settings.told_by(),
        digests=[PlannedDigest(each.to, each.cron, each.timezone, each.pools) for each in settings.digests],
        grants=[each.grant() for each in settings.access.pools],
        accounts=[(each.name, each.pools) for each in settings.accounts],
    )


def _line(config: Configured, finding: Finding) -> str:
    place = config.place(finding.loc)
    # A variable holds a whole list: which part of it is meant must be said.
    key = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in finding.loc).lstrip(".")
    return f"{place if key in place else f'{place} {key}'}: {finding.text}"


def _unjudged(plan: Plan, pools: Sequence[Pool], unread: str) -> Iterator[str]:
    """What could not be judged, and how it could."""
    if unread:
        yield f"{UNREAD}: {unread}"
    named = any("*" not in globs for _, globs in plan.globs() if globs)
    if not pools and named:
        yield "whether globs match pools cannot be said, for no pool is known yet: use --online, or run the bot"


def _looked_back(engine: Engine, known: Stored, plan: Plan) -> tuple[list[Past], int]:
    """What became of the pools there was time for, and how many were left out."""
    if known.until is None:
        return [], 0
    pools = in_fair_order([pool for pool in known.pools if plan.reads(pool)], plan.rules)
    until = time.monotonic() + TIME_LIMIT
    pasts, seen = list[Past](), 0
    with Progress(sys.stderr) as progress:
        found = looked_back(
            engine,
            pools,
            plan.rules,
            until=known.until,
            over=LOOKED_BACK,
            time_left=lambda: time.monotonic() < until,
        )
        for past in found:
            seen += 1
            progress.share("looking back", seen / len(pools))
            if past is not None:
                pasts.append(past)
    return pasts, len(pools) - seen


def _previewed(plan: Plan, pasts: Sequence[Past], left_out: int) -> Iterator[str]:
    if pasts:
        start, end = min(each.start for each in pasts), max(each.end for each in pasts)
        yield f"of what was read from {start:%Y-%m-%d %H:%M} to {end:%Y-%m-%d %H:%M} UTC the rules would have told:"
        yield from (f"  {line}" for line in previews(plan.rules, pasts))
    if left_out:
        pools = "1 pool was" if left_out == 1 else f"{left_out} pools were"
        yield f"note: {pools} left out of this, for it may take no longer than {spoken(timedelta(seconds=TIME_LIMIT))}"
