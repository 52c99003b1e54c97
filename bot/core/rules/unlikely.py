"""How unlikely is a number, in words that a person can check against the history?"""

from collections.abc import Sequence


def unlikely(value: float, hours: Sequence[float]) -> str:
    """How often the hours of the last week went as far as `value`.

    Args:
        value: What was seen.
        hours: The furthest that each hour went which was read.
    """
    if not hours:
        return "there is no history yet"
    as_far = sum(1 for each in hours if each >= value)
    read = f"{len(hours)} hours read" if len(hours) > 1 else "1 hour read"
    if not as_far:
        return f"more than in any of the {read} in the last week"
    return f"as much in {as_far} of the {read} in the last week"
