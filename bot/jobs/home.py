"""What concerns one person, wherever they are: gathered from the store alone, so that it is there at once."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from sqlalchemy import Connection

from bot.core.alerts import State
from bot.core.because import said
from bot.core.command import Asker
from bot.core.mine import AboutMine, chosen
from bot.core.routes import Place, in_workspace
from bot.core.stats import JobStatus, Pool
from bot.cron import Cron
from bot.jobs.doing import Doing, record
from bot.jobs.planned_digests import Planned
from bot.messages import trouble
from bot.messages.all_pools import TREND, worst_first
from bot.messages.digests import ListedDigest
from bot.messages.form import Form, Misfilled, read
from bot.messages.home import MOST_POOLS, Seen, home_page, mine_chosen, mine_form, too_many_mine
from bot.messages.model import Message
from bot.messages.page import Page
from bot.store import alerts, planned, preferences, samples, silences, trends
from bot.store.engine import StoreError, reading, writing

# A bar for each half hour.
_BARS = 12


def home(asker: Asker, doing: Doing, in_file: Sequence[Planned], called: Mapping[str, str] | None) -> Page:
    """The page of one person.

    Args:
        asker: Whose it is.
        doing: What people act on alerts with.
        in_file: The digests of the configuration file.
        called: The names of the channels that the person is in, by their ids; `None` where they are not known.
    """
    visible = doing.access.visible(asker, doing.pools)
    seen = Seen(doing.at.now, pools=len(visible), zone=asker.zone)
    try:
        with reading(doing.engine) as db:
            seen = replace(seen, mine=preferences.pools(db, asker))
            mine = [pool for pool in visible if not seen.mine or pool.named_by(seen.mine)]
            seen = _with_pools(db, seen, mine)
            seen = _with_alerts(db, seen, mine, asker, doing)
            seen = replace(seen, digests=_digests(db, asker, doing, in_file, called))
            seen = replace(seen, trends=_trends(db, seen))
    except StoreError as error:
        seen = replace(seen, trouble=said(error.why))
    return home_page(seen)


def my_pools(about: AboutMine, asker: Asker, doing: Doing) -> Message | Form:
    """Keep which pools are theirs, or ask for them."""
    try:
        if about.words:
            return _chosen(about.words.replace(",", " ").split(), asker, doing)
        with reading(doing.engine) as db:
            return mine_form(preferences.pools(db, asker))
    except ValueError:
        return trouble.cannot_do(too_many_mine())
    except StoreError as error:
        return trouble.own_failure(error.why)


def mine_as_filled_in(typed: Mapping[str, str], asker: Asker, doing: Doing) -> Message:
    """Keep what was filled in.

    Raises:
        Misfilled: Something in it is not as it must be.
    """
    ((name, globs),) = read(mine_form(()), typed).items()
    try:
        return _chosen(globs if isinstance(globs, tuple) else (), asker, doing)
    except ValueError as error:
        raise Misfilled({name: too_many_mine()}) from error
    except StoreError as error:
        return trouble.own_failure(error.why)


def _chosen(names: Sequence[str], asker: Asker, doing: Doing) -> Message:
    globs = chosen(names)
    with writing(doing.engine) as db:
        before = preferences.pools(db, asker)
        preferences.choose_pools(db, asker, globs, at=doing.at.wall)
        record(
            db,
            asker,
            "choose pools",
            f"pools of {asker}",
            at=doing.at.wall,
            before={"pools": list(before) or ["*"]},
            after={"pools": list(globs) or ["*"]},
        )
    return mine_chosen(globs)


def _with_pools(db: Connection, seen: Seen, mine: Sequence[Pool]) -> Seen:
    ids = {pool.id for pool in mine}
    return replace(seen, readings=[stats for stats in samples.latest_all(db) if stats.pool.id in ids])


def _with_alerts(db: Connection, seen: Seen, mine: Sequence[Pool], asker: Asker, doing: Doing) -> Seen:
    ids = {pool.id for pool in mine}
    is_open = [each for each in alerts.open_alerts(db) if doing.access.may_see(asker, each.pool)]
    told = [each for each in is_open if each.told]
    # Of a pool that is not read any more there may be an alert, too.
    own = [each for each in told if not seen.mine or each.pool.id in ids]
    quiet = [each for each in is_open if each.state is State.SILENCED]
    in_force = [
        each for each in silences.in_force(db, now=seen.now) if each.visible_to(asker, doing.access, doing.pools)
    ]
    return replace(
        seen,
        alerts=own,
        elsewhere=len(told) - len(own),
        silences=[(each, sum(each.covers(alert) for alert in quiet)) for each in in_force],
    )


def _trends(db: Connection, seen: Seen) -> dict[str, list[int | None]]:
    ids = [stats.pool.id for stats in worst_first(seen.readings, seen.alerts)[:MOST_POOLS]]
    return trends.highest(db, ids, JobStatus.QUEUE, since=seen.now - TREND, until=seen.now, parts=_BARS)


def _digests(
    db: Connection, asker: Asker, doing: Doing, in_file: Sequence[Planned], called: Mapping[str, str] | None
) -> list[tuple[str, ListedDigest]] | None:
    """The digests of the channels that the person is in, each with the channel's name."""
    if called is None:
        return None
    names = {f"#{name}": f"#{name}" for name in called.values()} | {each: f"#{name}" for each, name in called.items()}

    def name_of(place: Place, pools: Sequence[str] | None) -> str | None:
        """What the person calls the channel, if they are in it and may know what is told there."""
        if place.platform != asker.platform or place.workspace not in {"", asker.installed}:
            return None
        may_know = not doing.access.is_shut_out(asker) and (
            pools is None or doing.access.knows_of(asker, pools, doing.pools)
        )
        return names.get(in_workspace(place.channel)[1] if place.workspace else place.channel) if may_know else None

    found: list[tuple[str, ListedDigest]] = []
    for kept in planned.digests(db):
        if (name := name_of(kept.place, kept.pools)) is not None:
            try:
                next_at = Cron(kept.cron, kept.timezone).next_after(doing.at.now)
            except ValueError:
                next_at = None
            listed = ListedDigest(kept.cron, kept.timezone, kept.pools, next_at, kept.id)
            found.append((name, listed))
    for each in in_file:
        for place in each.to:
            if (name := name_of(place, each.pools)) is not None:
                cron = each.cron
                next_at = cron.next_after(doing.at.now)
                listed = ListedDigest(cron.expression, cron.timezone, each.pools, next_at, channel=place.channel)
                found.append((name, listed))
    return found
