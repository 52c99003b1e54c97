"""What do the messages about blindness look like? One example of each."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from bot.core.because import Because
from bot.core.blindness import Spell, SpellKind, Turn, Unseen
from bot.core.stats import Pool
from bot.messages.blindness import Scene, blindness_entry, blindness_message
from bot.messages.model import Message

_MINUTE = timedelta(minutes=1)
_REFUSED = Because(
    "{why}; to spare the key, ModelArts is not asked again for {time}",
    why=Because("ModelArts does not accept our credentials: {why}", why=Because("there is no such access key")),
    time=4 * _MINUTE,
)
_BEHIND = Because("the clock of this machine is {time} behind ModelArts'", time=60 * _MINUTE)


def blindness_examples(pools: tuple[Pool, Pool, Pool], hostile: Pool, now: datetime) -> Mapping[str, Message]:
    """An example of each, by name."""
    since = now - 25 * _MINUTE
    unseen = tuple(Unseen(pool, since, "NotAllowed", _not_allowed(pool)) for pool in pools)
    account = Spell("blind-1", SpellKind.ACCOUNT, since, now, unseen, "BadCredentials", _REFUSED)
    some = Spell("blind-2", SpellKind.POOLS, since, now, unseen[:2], "NotAllowed", unseen[0].why)
    gone = Spell("blind-3", SpellKind.GONE, since, now, unseen[:1], "UnknownPool", Because("there is no such pool"))
    returned = replace(gone, pools=(replace(unseen[0], back_at=now),), ended_at=now)
    strange = replace(
        some, pools=(replace(unseen[0], pool=hostile, why="<!channel> *may* not"),), why="<!channel> *no*"
    )
    seen_again = replace(account, ended_at=now)
    down = replace(
        account, cause="Unavailable", why=Because("ModelArts did not answer within {time}", time=timedelta(seconds=10))
    )
    late = replace(
        account,
        why=Because("ModelArts does not accept our signature: {clock}, set it right", clock=_BEHIND),
    )
    messages = {
        "blind-by-clock": (late, Scene(unseen, 20, 3)),
        "blind": (account, Scene(unseen, 20, 3)),
        "blind-unavailable": (down, Scene(unseen, 20, 0)),
        "blind-without-list": (replace(account, pools=()), Scene((), 0, 0)),
        "blind-over": (seen_again, Scene(unseen, 20, 3)),
        "blind-some": (some, Scene(unseen[:2], 20, 1)),
        "blind-some-over": (replace(some, ended_at=now), Scene(unseen[:2], 20, 1)),
        "blind-hostile": (strange, Scene(strange.pools, 20, 1)),
        "gone": (gone, Scene(gone.pools, 20, 0)),
        "gone-back": (returned, Scene(returned.pools, 20, 0)),
    }
    entries = {
        "entry-blind-over": Turn(seen_again, account),
        "entry-blind-joined": Turn(some, some, joined=unseen[1:2]),
        "entry-blind-back": Turn(some, some, back=unseen[1:2]),
        "entry-gone-back": Turn(returned, gone, back=returned.pools),
    }
    told = {name: blindness_message(spell, scene, now=now) for name, (spell, scene) in messages.items()}
    for name, turn in entries.items():
        entry = blindness_entry(turn, Scene(turn.spell.pools, 20, 0), now=now)
        if entry is not None:
            told[name] = entry
    return told


def _not_allowed(pool: Pool) -> Because:
    return Because("the account may not read pool {pool}", pool=repr(pool.name))
