"""How many jobs have started between two readings?"""

# Jobs under way, completed, terminated and failed: together they are the jobs that have started.
Begun = tuple[int, int, int, int]


def starts(before: Begun, now: Begun) -> int:
    """How many more jobs have begun, at least: more are under way or have ended; not positive where none is seen to.

    A job that ends has not started: one less is under way. Finished jobs that grew too old are no starts undone, so
    only a rise of those that ended counts, whether their counts are cumulative, kept for a while or a snapshot.
    """
    completed, terminated, failed = now[1] - before[1], now[2] - before[2], now[3] - before[3]
    return now[0] - before[0] + max(completed, 0) + max(terminated, 0) + max(failed, 0)
