"""Which digests are planned, and by whom?"""

from dataclasses import dataclass

from sqlalchemy import Connection

from bot.core.routes import Place
from bot.cron import Cron
from bot.store import planned


@dataclass(frozen=True, slots=True)
class Planned:
    """A digest: when it is due, where it goes, and which pools it is about (globs; `None` for all)."""

    cron: Cron
    to: tuple[Place, ...]
    pools: tuple[str, ...] | None


def made_in_chat(db: Connection) -> list[Planned]:
    """The digests that were made in chat, as they are looked after; one whose time zone is gone is left out."""
    found: list[Planned] = []
    for each in planned.digests(db):
        try:
            found.append(Planned(Cron(each.cron, each.timezone), (each.place,), each.pools))
        except ValueError:
            continue
    return found
