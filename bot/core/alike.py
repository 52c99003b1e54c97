"""Which of some names most resembles what was written?"""

from collections.abc import Sequence


def alike(wanted: str, names: Sequence[str], *, most: int, at_least: float = 0.0) -> list[tuple[int, float]]:
    """The places in `names` of those that most resemble `wanted`, the most similar first, each with how much of 100."""
    # Asked only where a name is wrong; its machine code is megabytes of memory.
    from rapidfuzz import fuzz, process  # noqa: PLC0415 - see above

    found = process.extract(wanted, names, scorer=fuzz.WRatio, limit=most, score_cutoff=at_least)
    return [(place, score) for _, score, place in found]
