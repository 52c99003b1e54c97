"""How is the difference between two readings of a pool put in words?"""

from bot.core.language import _
from bot.core.stats import ENDED, JobStatus, PoolStats
from bot.messages.phrases import listed, one_line, signed


def changes(earlier: PoolStats, later: PoolStats) -> str:
    """What changed: Queue +12, Failed +3; the empty text when nothing did.

    A status that one of the readings does not report is left out. Fewer ended jobs than before are a reset of the
    count, not negative jobs.
    """
    told: list[str] = []
    for status in JobStatus:
        told += _ended(status, earlier, later) if status in ENDED else _level(status, earlier, later)
    before, after = earlier.unknown_status, later.unknown_status
    for name in sorted(before.keys() & after.keys()):
        if before[name] != after[name]:
            told.append(f"{one_line(name, 40)} {signed(after[name] - before[name])}")
    return listed(told)


def _level(status: JobStatus, earlier: PoolStats, later: PoolStats) -> list[str]:
    before, after = earlier.count(status), later.count(status)
    if before is None or after is None or before == after:
        return []
    return [f"{status} {signed(after - before)}"]


def _ended(status: JobStatus, earlier: PoolStats, later: PoolStats) -> list[str]:
    """By job type, because a reset of one type must not hide what was added to another."""
    added, reset = 0, False
    for job_type in earlier.types.keys() | later.types.keys():
        before, after = earlier.count(status, job_type), later.count(status, job_type)
        if before is None or after is None:
            continue
        added += max(0, after - before)
        reset = reset or after < before
    if reset and added:
        return [_("{status} reset, then +{number}", status=status, number=added)]
    if reset:
        return [_("{status} reset", status=status)]
    return [f"{status} +{added}"] if added else []
