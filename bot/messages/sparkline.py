"""How is a count over time drawn in a few letters?"""

from collections.abc import Sequence

BARS = "▁▂▃▄▅▆▇█"
# Where nothing was read; a blank would be lost at an end.
GAP = "·"
# A full bar stands for so many at least, or a queue of two jobs would look like trouble.
LEAST_TOP = len(BARS)


def sparkline(values: Sequence[int | None]) -> str:
    """A bar for each value, from nothing to the highest of them or `LEAST_TOP`; empty when none of them is known."""
    known = [value for value in values if value is not None]
    if not known:
        return ""
    top = max(*known, LEAST_TOP)
    return "".join(GAP if value is None else BARS[-(-max(value, 0) * (len(BARS) - 1) // top)] for value in values)
