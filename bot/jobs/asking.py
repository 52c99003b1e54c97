"""Which pools may somebody be asked to choose from, and which one is meant by what was said?"""

import re
from collections.abc import Mapping, Sequence

from bot.core.access import Access
from bot.core.command import Asker
from bot.core.stats import Pool
from bot.messages.asking import question_form, question_in
from bot.messages.form import Form

_LONGEST = 4000


def offered(asker: Asker, about: str, pools: Sequence[Pool], access: Access) -> Form:
    """The form with which a pool is asked about; `about` is a text that may name it."""
    visible = _visible(asker, pools, access)
    return question_form(visible, chosen=_meant(about[:_LONGEST], visible))


def question(typed: Mapping[str, str], asker: Asker, pools: Sequence[Pool], access: Access) -> str:
    """What the filled-in form asks for, as it would be typed after /pool-stats.

    Raises:
        Misfilled: Something in it is not as it must be.
    """
    return question_in(typed, _visible(asker, pools, access))


def _visible(asker: Asker, pools: Sequence[Pool], access: Access) -> list[Pool]:
    return sorted(access.visible(asker, pools), key=lambda pool: (pool.name.casefold(), pool.id))


def _meant(text: str, pools: Sequence[Pool]) -> Pool | None:
    """The pool whose name or id stands in `text`; of several the one with the longest."""
    folded = text.casefold()
    found = [
        (len(name), pool)
        for pool in pools
        for name in {pool.name.casefold(), pool.id.casefold()}
        if name in folded and re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", folded)
    ]
    return max(found, key=lambda each: each[0])[1] if found else None
