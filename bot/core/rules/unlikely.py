"""How unlikely is a number, in words that a person can check against the history?"""

from bisect import bisect_left
from collections.abc import Sequence

from bot.core.because import Because


def unlikely(value: float, hours: Sequence[float]) -> Because:
    """How often the hours of the last week went as far as `value`.

    Args:
        value: What was seen.
        hours: The furthest that each hour went which was read, sorted.
    """
    if not hours:
        return Because("there is no history yet")
    as_far, read = len(hours) - bisect_left(hours, value), len(hours)
    if read == 1 and not as_far:
        return Because("more than in any of the 1 hour read in the last week")
    if not as_far:
        return Because("more than in any of the {read} hours read in the last week", read=read)
    if read == 1:
        return Because("as much in {number} of the 1 hour read in the last week", number=as_far)
    return Because("as much in {number} of the {read} hours read in the last week", number=as_far, read=read)
