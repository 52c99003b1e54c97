"""What is done about the digests of a channel: listed, added, removed, and posted at once."""

from collections.abc import Sequence
from typing import assert_never

from sqlalchemy import Connection

from bot.core.command import POOL_DIGEST, Asker
from bot.core.digest_words import Wanted, parse_digest
from bot.core.language import _, _n
from bot.core.planning_words import AboutDigests, DigestWord
from bot.core.routes import Place
from bot.cron import Cron
from bot.jobs.changing_rules import NOT_ADMIN
from bot.jobs.desk import Desk
from bot.jobs.digest import FIRST_LOOKS_BACK, worded
from bot.jobs.planned_digests import Planned
from bot.messages import trouble
from bot.messages.digests import (
    ListedDigest,
    channel_digests_message,
    digest_added,
    digest_form,
    digest_in,
    digest_put,
    digest_removed,
)
from bot.messages.form import Form, Misfilled
from bot.messages.help import help_message
from bot.messages.model import Message
from bot.store import audit, outbox, planned
from bot.store.engine import StoreError, reading, writing

# More than that would be noise.
MOST_DIGESTS = 10


def answered(about: AboutDigests, asker: Asker, desk: Desk, in_file: Sequence[Planned]) -> Message | Form:
    """What to say, or the form to fill in. Nothing that can go wrong goes unanswered."""
    try:
        match about.word:
            case DigestWord.SHOW:
                return _listed(asker, desk, in_file)
            case DigestWord.NOW:
                return _now(asker, desk, in_file)
            case _ if not desk.access.may_change(asker):
                return trouble.cannot_do(_(NOT_ADMIN))
            case DigestWord.ADD:
                if not about.words:
                    return digest_form(zone=asker.zone)
                return _added(parse_digest(about.words, zone=asker.zone), asker, desk)
            case DigestWord.REMOVE | DigestWord.RESTORE:
                return _removed(about, asker, desk)
            case word:
                assert_never(word)
    except ValueError as error:
        return help_message(POOL_DIGEST, str(error))
    except StoreError as error:
        return trouble.own_failure(error.why)


def submitted(typed: dict[str, str], asker: Asker, desk: Desk) -> Message:
    """Plan what was filled in.

    Raises:
        Misfilled: Something in it is not as it must be.
    """
    if not desk.access.may_change(asker):
        return trouble.cannot_do(_(NOT_ADMIN))
    wanted = digest_in(typed)
    try:
        return _added(wanted, asker, desk)
    except ValueError as error:
        raise Misfilled({"zone": str(error)}) from error
    except StoreError as error:
        return trouble.own_failure(error.why)


def _here(asker: Asker) -> Place:
    return Place(asker.platform, asker.place.partition(":")[2])


def _listed(asker: Asker, desk: Desk, in_file: Sequence[Planned]) -> Message:
    with reading(desk.engine) as db:
        made = _made_here(db, asker, desk)
        called = _called(db, asker)
    listed = [_as_listed(each, desk) for each in made]
    for each in in_file if not desk.access.is_shut_out(asker) else ():
        if not _may_know(each.pools, asker, desk):
            continue
        listed += [
            ListedDigest(
                each.cron.expression,
                each.cron.timezone,
                each.pools,
                each.cron.next_after(desk.at.now),
                channel=place.channel,
            )
            for place in each.to
            if _is_here(place, asker, called)
        ]
    return channel_digests_message(listed, may_change=desk.access.may_change(asker))


def _made_here(db: Connection, asker: Asker, desk: Desk) -> list[planned.KeptDigest]:
    """The digests of this channel that were made in chat, and that the asker may know of."""
    made = (each for each in planned.digests(db) if each.place == _here(asker))
    return [each for each in made if _may_know(each.pools, asker, desk)]


def _may_know(pools: Sequence[str] | None, asker: Asker, desk: Desk) -> bool:
    return desk.access.knows_of(asker, pools or ("*",), desk.pools)


def _called(db: Connection, asker: Asker) -> set[str]:
    """What the channel is called: the configuration may call it by its name."""
    return {asker.channel, asker.room, *outbox.names_of(db, asker.platform, asker.channel)}


def _is_here(place: Place, asker: Asker, called: set[str]) -> bool:
    is_there = place.platform == asker.platform and place.workspace in {"", asker.installed}
    return is_there and place.channel in called


def _as_listed(kept: planned.KeptDigest, desk: Desk) -> ListedDigest:
    try:
        next_at = Cron(kept.cron, kept.timezone).next_after(desk.at.now)
    except ValueError:
        next_at = None
    return ListedDigest(kept.cron, kept.timezone, kept.pools, next_at, kept.id)


def _added(wanted: Wanted, asker: Asker, desk: Desk) -> Message:
    """Plan a digest.

    Raises:
        ValueError: Such a moment never comes, or there is no such time zone.
    """
    cron = Cron(wanted.cron, wanted.timezone)
    if cron.next_after(desk.at.now) is None:
        raise ValueError(_("{cron} never comes", cron=repr(wanted.cron)))
    place = _here(asker)
    with writing(desk.engine) as db:
        there = [each for each in planned.digests(db) if each.place == place]
        if len(there) >= MOST_DIGESTS:
            too_many = _n(
                "this channel gets {number} digest already: remove one first",
                "this channel gets {number} digests already: remove one first",
                MOST_DIGESTS,
            )
            return trouble.cannot_do(too_many)
        same = [e for e in there if (e.cron, e.timezone, e.pools) == (wanted.cron, wanted.timezone, wanted.pools)]
        if same:
            return digest_added(_as_listed(same[0], desk))
        made = planned.add_digest(db, place, wanted.cron, wanted.timezone, wanted.pools, by=str(asker), at=desk.at.wall)
        _record(db, "add digest", made, asker, desk)
    return digest_added(_as_listed(made, desk))


def _removed(about: AboutDigests, asker: Asker, desk: Desk) -> Message:
    """Take a digest of this channel out, or back: by its id, or the only one there is."""
    is_over = about.word is DigestWord.REMOVE
    with writing(desk.engine) as db:
        there = _made_here(db, asker, desk)
        kept = planned.get_digest(db, about.words) if about.words else there[0] if len(there) == 1 else None
        if kept is None or kept.place != _here(asker) or not _may_know(kept.pools, asker, desk):
            return _listed(asker, desk, ())
        if kept.removed != is_over:
            planned.remove_digest(db, kept.id, removed=is_over, by=str(asker), at=desk.at.wall)
            _record(db, f"{about.word.value} digest", kept, asker, desk)
    return digest_removed(_as_listed(kept, desk)) if is_over else digest_added(_as_listed(kept, desk))


def _now(asker: Asker, desk: Desk, in_file: Sequence[Planned]) -> Message:
    """Post the digests of this channel at once; one of all pools where it gets none."""
    place, now = _here(asker), desk.at.now
    with reading(desk.engine) as db:
        globs = [each.pools for each in planned.digests(db) if each.place == place]
        called = _called(db, asker)
    globs += [each.pools for each in in_file if any(_is_here(to, asker, called) for to in each.to)]
    put = 0
    with writing(desk.engine) as db:
        for pools in dict.fromkeys(globs or [None]):
            wanted = [pool for pool in desk.pools if pools is None or pool.named_by(pools)]
            heard = [pool for pool in wanted if desk.access.may_hear(str(place), pool)]
            message = worded(db, heard, since=now - FIRST_LOOKS_BACK, until=now, place=place, at=desk.at)
            # Who presses twice wants one.
            key = f"digest now {place} {now:%Y-%m-%dT%H:%M} {','.join(pools or ('all',))}"
            put += outbox.put(db, place=place, message=message, now=desk.at.wall, key=key) is not None
        audit.record(
            db,
            at=desk.at.wall,
            actor=asker.signature,
            place=str(place),
            action="digest now",
            subject=f"digest in {place}",
            after={"posted": put},
        )
    return digest_put(put)


def _record(db: Connection, action: str, kept: planned.KeptDigest, asker: Asker, desk: Desk) -> None:
    facts = {"cron": kept.cron, "timezone": kept.timezone, "pools": list(kept.pools or ("*",))}
    is_gone = action.startswith("remove")
    audit.record(
        db,
        at=desk.at.wall,
        actor=asker.signature,
        place=asker.place,
        action=action,
        subject=f"digest in {kept.place}",
        before=facts if is_gone else None,
        after=None if is_gone else facts,
    )
