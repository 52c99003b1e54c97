"""Is a count far above what is usual for this pool?

A level (Queue) is judged by how high it stands, a status in which jobs end (Failed) by what was added. Both learn what
is usual from whole hours of the last week and from nothing older, so a bot that was restarted and has read that week
again judges exactly as one that never stopped.
"""

from collections.abc import Mapping

from bot.core.rules.doubt import DOUBTED, EmptyAnswers
from bot.core.rules.model import Sensitivity, SpikeRule
from bot.core.rules.reported import Reported, not_reported
from bot.core.rules.spike_added import AddedWatch
from bot.core.rules.spike_level import LevelWatch
from bot.core.rules.starts import Begun
from bot.core.rules.verdict import Unknown, Verdict
from bot.core.stats import ENDED, JobStatus, PoolStats, TypeCounts

# What counts as far is stretched by this. On the recorded clusters `high` finds 97 % of the incidents and tells three
# times as much in vain, `low` finds 82 % (`normal`: 95 %) and tells two thirds as much in vain.
STRETCH = {Sensitivity.HIGH: 0.67, Sensitivity.NORMAL: 1.0, Sensitivity.LOW: 1.5}
# The smallest change worth a message, in jobs, where the rule does not say: in the smallest recorded pools the rarest
# hours are 4 to 6 jobs above the usual, so less than 6 is an ordinary hour somewhere.
AT_LEAST = 6
# Where what starts is evidence.
STARTS_MATTER = frozenset({JobStatus.QUEUE, JobStatus.PENDING})
_RUNNING, _COMPLETED, _TERMINATED, _FAILED = (
    JobStatus.RUNNING,
    JobStatus.COMPLETED,
    JobStatus.TERMINATED,
    JobStatus.FAILED,
)


class SpikeWatch:
    """Judges the readings of one pool, oldest first, by what is usual for it."""

    __slots__ = ("_answers", "_begun", "_job_type", "_reported", "_rule", "_said", "_starts", "_watch")

    def __init__(self, rule: SpikeRule, job_type: str | None, watch: LevelWatch | AddedWatch | None = None) -> None:
        """A judge that has seen nothing.

        Args:
            rule: What to watch.
            job_type: The type of jobs; all together where there is none.
            watch: What judges the counts, in place of the shipped one.
        """
        self._rule = rule
        self._job_type = job_type
        self._answers = EmptyAnswers()
        self._reported = Reported(rule.metric, job_type)
        judge = AddedWatch if rule.metric in ENDED else LevelWatch
        self._watch = watch or judge(rule.metric, STRETCH[rule.sensitivity], rule.at_least or AT_LEAST)
        self._starts = rule.metric in STARTS_MATTER
        # What was made of the last answer, if it had jobs: the next one nearly always says the same.
        self._said: Mapping[str, TypeCounts] | None = None
        self._begun: Begun | None = None

    def see(self, stats: PoolStats) -> Verdict:
        """Judge the next reading."""
        types = stats.types
        if types is self._said or types == self._said:
            count = self._reported.again(stats.taken_at)
        else:
            self._said = None
            if self._answers.doubtful(stats):
                return Unknown(DOUBTED)
            of_all = self._reported.anew(stats, empty=self._answers.empty)
            if of_all is None:
                return Unknown(not_reported(self._rule.metric))
            count = of_all
            if self._starts:
                begun = self._running_and_ended(stats)
                self._begun = self._begun if begun == self._begun else begun
            if not self._answers.empty:
                self._said = types
        return self.judge(count, self._begun, int(stats.taken_at.timestamp()) // 60)

    def judge(self, count: int, begun: Begun | None, minute: int) -> Verdict:
        """Judge what was made of a reading, for who makes it otherwise.

        Args:
            count: The jobs in the status that the rule is about.
            begun: The jobs that have started, where that matters: the same object where they are the same.
            minute: When, in minutes since 1970.
        """
        watch = self._watch
        return watch.see(count, minute) if isinstance(watch, AddedWatch) else watch.see(count, begun, minute)

    def _running_and_ended(self, stats: PoolStats) -> Begun | None:
        """The jobs that have started, by how far they came; `None` where running jobs are not reported."""
        types = stats.types
        if self._job_type is None:
            every = tuple(types.values())
        else:
            every = (types[self._job_type],) if self._job_type in types else ()
        running = completed = terminated = failed = 0
        told = not every
        for counts in every:
            get = counts.status.get
            now = get(_RUNNING)
            if now is not None:
                told = True
                running += now
            completed += get(_COMPLETED, 0)
            terminated += get(_TERMINATED, 0)
            failed += get(_FAILED, 0)
        return (running, completed, terminated, failed) if told else None
