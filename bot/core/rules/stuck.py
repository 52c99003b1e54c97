"""Do jobs wait while none is started?

A start is seen by what it changes: more jobs run or have ended, or fewer wait. A queued job that a person cancels looks
just as one that took the place of another, so it counts as a start: rather tell late than in vain.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from bot.core.because import Because
from bot.core.language import N_
from bot.core.rules.doubt import DOUBTED, EmptyAnswers
from bot.core.rules.model import REMEMBERED, StuckRule
from bot.core.rules.reported import not_reported
from bot.core.rules.starts import Begun, starts
from bot.core.rules.verdict import Breach, Clear, Unknown, Verdict
from bot.core.stats import JobStatus, PoolStats, TypeCounts

# Jobs of one type: on their way from running to an end; running; completed, terminated, failed; queued, pending, being
# created.
_Jobs = tuple[int, int, int, int, int, int, int, int]
_NO_JOBS: _Jobs = (0, 0, 0, 0, 0, 0, 0, 0)
# After a silence longer than this share of `after`, nobody can say that no job has started in it.
SILENCE = 0.5
# So many starts within `clear_after` are the end of it; a single one in a flood of waiting jobs is not.
SEVERAL = 2


class StuckWatch:
    """Judges the readings of one pool, oldest first, by whether jobs start.

    Once breached it stays so until several jobs have started within `clear_after`, or none waits. From the first
    start on readings are well; a start that stays the only one for that long is taken back.

    The state is some ten numbers, eight more for each job type, and the last answer.
    """

    __slots__ = ("_answers", "_better_since", "_counted", "_job_type", "_rule", "_said", "_seen_at", "_seen_begin",
                 "_silence", "_since", "_single", "_started", "_stuck", "_types")  # fmt: skip

    def __init__(self, rule: StuckRule, job_type: str | None) -> None:
        self._rule = rule
        self._job_type = job_type
        self._answers = EmptyAnswers()
        self._silence = rule.after * SILENCE
        # The last answer that was judged, if it had jobs, and how many wait and run by it: the next nearly always says
        # the same.
        self._said: Mapping[str, TypeCounts] | None = None
        self._counted = 0, 0
        self._types: dict[str, _Jobs] = {}
        self._seen_at: datetime | None = None
        # Since when jobs wait and none has started, as far as that was seen; `None` while none waits.
        self._since: datetime | None = None
        # Whether it was seen how that began; else it may have gone on for longer.
        self._seen_begin = False
        self._stuck = False
        # While stuck: how many have started nevertheless; since when it is better, how many have started since then.
        self._single = 0
        self._better_since: datetime | None = None
        self._started = 0

    def see(self, stats: PoolStats) -> Verdict:
        """Judge the next reading."""
        at, last, types = stats.taken_at, self._seen_at, stats.types
        if types is self._said or types == self._said:
            (count, running), started = self._counted, 0
        else:
            self._said = None
            counted = self._count(stats)
            if isinstance(counted, Unknown):
                return counted
            count, running = self._counted = counted
            started = self._starts(stats)
            if not self._answers.empty:
                self._said = types
        self._seen_at = at
        unseen = timedelta()
        if last is not None and at - last > self._silence:
            unseen = at - last
        if self._stuck:
            return self._judge_stuck(count, running, started, unseen, at)
        return self._judge(count, running, started, at, known=last is not None and not unseen)

    def _count(self, stats: PoolStats) -> tuple[int, int] | Unknown:
        """How many wait and run."""
        if self._answers.doubtful(stats):
            return Unknown(DOUBTED)
        metric = self._rule.metric
        count = stats.count(metric, self._job_type)
        if count is None:
            return Unknown(not_reported(metric))
        running = stats.count(JobStatus.RUNNING, self._job_type)
        if running is None:
            return Unknown(Because("Running was not reported, so there is no telling whether jobs start"))
        return count, running

    def _judge(self, count: int, running: int, started: int, at: datetime, *, known: bool) -> Verdict:
        """While it is not stuck; `known` says whether the time since the last reading was seen."""
        after = self._rule.after
        if count < self._rule.at_least:
            self._since = None
            return Clear(count, self._seen(count))
        if started or self._since is None or not known:
            self._since, self._seen_begin = at, known or started > 0
        lasted = at - self._since
        if lasted >= after:
            self._stuck, self._single, self._better_since = True, 0, None
            return Breach(count, self._why(count, running, at))
        if not self._seen_begin:
            why = N_("{seen}; seen for {length}, which is too short to call it stuck")
            return Unknown(Because(why, seen=self._seen(count), length=lasted))
        why = N_("{seen}; nothing has started for {length}, shorter than {after}")
        return Clear(count, Because(why, seen=self._seen(count), length=lasted, after=after))

    def _judge_stuck(self, count: int, running: int, started: int, unseen: timedelta, at: datetime) -> Verdict:
        rule = self._rule
        waits = count >= rule.at_least
        if self._since is not None:
            # Time that nobody saw is no time without a start.
            self._since += unseen
        if self._better_since is None:
            if waits and not started:
                return Breach(count, self._why(count, running, at))
            self._better_since, self._started = at, 0
        self._started += started
        lasted = at - self._better_since
        if waits and rule.clear_after and self._started < SEVERAL and (not self._started or lasted >= rule.clear_after):
            self._single += self._started
            self._better_since = None
            return Breach(count, self._why(count, running, at))
        if lasted >= rule.clear_after:
            self._stuck, self._since, self._seen_begin = False, at if waits else None, True
        if not waits:
            return Clear(count, self._seen(count))
        if self._started == 1:
            return Clear(count, Because("{seen}; 1 job has started", seen=self._seen(count)))
        return Clear(count, Because("{seen}; {number} jobs have started", seen=self._seen(count), number=self._started))

    def _seen(self, count: int) -> Because:
        return Because("{status} {count}", status=self._rule.metric.value, count=count)

    def _starts(self, stats: PoolStats) -> int:
        """How many jobs have started since the last reading, at least."""
        before = self._types
        now = {name: _jobs(counts.status, before.get(name, _NO_JOBS)) for name, counts in self._of_interest(stats)}
        self._types = now
        if self._seen_at is None or now == before:
            return 0
        return sum(_started(before.get(name, _NO_JOBS), now.get(name, _NO_JOBS)) for name in {**before, **now})

    def _of_interest(self, stats: PoolStats) -> Iterable[tuple[str, TypeCounts]]:
        if self._job_type is None:
            return stats.types.items()
        counts = stats.types.get(self._job_type)
        return () if counts is None else ((self._job_type, counts),)

    def _why(self, count: int, running: int, at: datetime) -> Because:
        lasted = at - (self._since or at)
        if lasted > REMEMBERED:
            said = Because("next to nothing has started for more than {length}", length=REMEMBERED)
        elif self._single == 1:
            said = Because("a single job has started in {length}", length=lasted)
        elif self._single:
            said = Because("only {number} jobs have started in {length}", number=self._single, length=lasted)
        else:
            said = Because("nothing has started for {length}", length=lasted)
        return Because("{seen}; {said}; Running {running}", seen=self._seen(count), said=said, running=running)


def _jobs(status: Mapping[JobStatus, int], before: _Jobs) -> _Jobs:
    """What was reported; of what was not, what was known before, but that nobody lingers between running and an end."""
    get = status.get
    return (
        get(JobStatus.TERMINATING, 0) + get(JobStatus.ABNORMAL, 0),
        get(JobStatus.RUNNING, before[1]),
        get(JobStatus.COMPLETED, before[2]),
        get(JobStatus.TERMINATED, before[3]),
        get(JobStatus.FAILED, before[4]),
        get(JobStatus.QUEUE, before[5]),
        get(JobStatus.PENDING, before[6]),
        get(JobStatus.CREATING, before[7]),
    )


def _started(before: _Jobs, now: _Jobs) -> int:
    """How many jobs of one type have started: more have begun, or fewer wait where what has begun is soon forgotten."""
    left = before[5] + before[6] + before[7] - now[5] - now[6] - now[7]
    return max(starts(_begun(before), _begun(now)), left, 0)


def _begun(counts: _Jobs) -> Begun:
    """With those on their way from running to an end: that way is no start."""
    return (counts[0] + counts[1], counts[2], counts[3], counts[4])
