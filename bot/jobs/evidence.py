"""Ask ModelArts what stands behind the alerts that were just told, and tell it in the messages that stand already.

The alert never waits for this, and nothing else does: it is told first, and what is found changes its message in place.
Each question takes a turn that nobody else wants, is asked once and given up soon. What is refused is not asked again
for a while. What comes in numbers is not asked at all: a storm of alerts is no time for a storm of questions.
"""

import logging
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from sqlalchemy import Engine

from bot.core.alerts import Alert
from bot.core.cause import Facts
from bot.core.durations import spoken
from bot.core.evidence import Evidence, evidence_of_failed, evidence_of_waiting
from bot.core.routes import Route
from bot.core.stats import JobStatus
from bot.jobs.telling import Moment, tell_anew
from bot.modelarts.errors import ModelArtsError, NotAllowed, NotServed, Refused, Throttled, Unavailable
from bot.modelarts.facts import PoolDetails, Workloads
from bot.modelarts.source import Source
from bot.store import alerts, evidence
from bot.store.engine import reading, writing
from bot.store.evidence import Wanted

log = logging.getLogger(__name__)

# For one question, its turn included; and for all about one alert.
PATIENCE, IN_ALL = timedelta(seconds=2), timedelta(seconds=5)
# What nobody got to ask within this time is not what it was when the alert was told.
TOO_LATE = timedelta(minutes=1)
# So many pools are asked about in a minute, where no other number is configured.
MOST_A_MINUTE = 8
# What the account may not ask, or the region does not serve, is asked again after this time.
REFUSED_FOR = timedelta(hours=1)
# After a throttle answer, or none, nothing is asked for so long.
THROTTLED_FOR, UNAVAILABLE_FOR = timedelta(minutes=10), timedelta(minutes=1)
_MOST_WAITING, _MOST_RUNNING, _MOST_FAILED = 100, 500, 50

_Answer = TypeVar("_Answer")


@dataclass(frozen=True, slots=True)
class Hearers:
    """Who hears of it: where alerts go, and in which channels (globs) the users of jobs are not named."""

    routes: Sequence[Route]
    hide_users_in: Sequence[str]


class Inquiry:
    """Asks for one bot, on one thread; remembers what is refused.

    Args:
        engine: The store.
        modelarts: Whom to ask.
        monotonic: Seconds that only grow.
    """

    def __init__(self, engine: Engine, modelarts: Source, monotonic: Callable[[], float]) -> None:
        self._engine = engine
        self._modelarts = modelarts
        self._monotonic = monotonic
        self._asked_at: deque[float] = deque()
        self._silent_until = monotonic()
        # By the question and the pool: until when it is not asked, and whether for want of a right.
        self._refused: dict[tuple[str, str], tuple[float, bool]] = {}

    def ask(self, hearers: Hearers, *, at: Callable[[], Moment], most: int = MOST_A_MINUTE) -> int:
        """Ask about every alert that wants it; how many messages that changes.

        Args:
            hearers: Who hears of it.
            at: The moment it is.
            most: More pools than this are not asked about at once, nor within a minute; none at all where it is 0.

        Raises:
            StoreError: The database cannot be used now.
        """
        told = 0
        with reading(self._engine) as db:
            found = evidence.wanted(db)
        by_pool: dict[str, list[Wanted]] = {}
        for wanted in found:
            by_pool.setdefault(wanted.pool_id, []).append(wanted)
        is_storm = len(by_pool) > most
        if is_storm and most:
            log.info("%d pools have alerts at once: their jobs are not asked for", len(by_pool))
        for pool_id, of_pool in by_pool.items():
            ours = self._claimed(of_pool, wall=at().wall)
            if ours and not is_storm and self._has_room(most):
                told += self._ask_about(pool_id, ours, hearers, at)
        return told

    def _claimed(self, found: Sequence[Wanted], *, wall: datetime) -> list[Alert]:
        """The alerts that nobody else asks about, as far as it is not too late."""
        with writing(self._engine) as db:
            ours = [each for each in found if evidence.claim(db, each) and wall - each.wanted_at <= TOO_LATE]
            told = [alerts.get(db, each.alert_id) for each in ours]
        return [alert for alert in told if alert is not None and alert.open]

    def _has_room(self, most: int) -> bool:
        now = self._monotonic()
        while self._asked_at and now - self._asked_at[0] >= 60:
            self._asked_at.popleft()
        if len(self._asked_at) >= most or now < self._silent_until:
            return False
        self._asked_at.append(now)
        return True

    def _ask_about(self, pool_id: str, about: Sequence[Alert], hearers: Hearers, at: Callable[[], Moment]) -> int:
        due = self._monotonic() + IN_ALL.total_seconds()
        taken_at = at().now
        found = {alert.id: self._found(pool_id, alert, taken_at=taken_at, due=due) for alert in about}
        known = {alert_id: each for alert_id, each in found.items() if each is not None}
        if not known:
            return 0
        with writing(self._engine) as db:
            alerts.open_alerts(db, pool_id, lock=True)
            before = evidence.of_alerts(db, known)
            # That nothing may be asked now does not undo what was told.
            news = {name: each for name, each in known.items() if not (each.refused and name in before)}
            for alert_id, each in news.items():
                evidence.save(db, alert_id, each)
            if not news:
                return 0
            return tell_anew(db, pool_id, news, hearers.routes, at=at(), hide_users_in=hearers.hide_users_in)

    def _found(self, pool_id: str, alert: Alert, *, taken_at: datetime, due: float) -> Evidence | None:
        status = alert.metric
        if status is None:
            return None
        failed = status is JobStatus.FAILED
        most = _MOST_FAILED if failed else _MOST_WAITING
        jobs = self._workloads(pool_id, status, due, most, oldest_first=not failed)
        if jobs is None:
            is_refused = self._refused.get(("workloads", pool_id), (0.0, False))[1]
            return Evidence(taken_at, status, refused=True) if is_refused else None
        if not jobs.items:
            return None
        running = details = None
        if status is JobStatus.QUEUE:
            running = self._workloads(pool_id, JobStatus.RUNNING, due, _MOST_RUNNING, oldest_first=True)
        if status in (JobStatus.QUEUE, JobStatus.FAILED):
            details = self._details(pool_id, due)
        nodes = details.nodes or None if details is not None else None
        if failed:
            return evidence_of_failed(jobs, nodes, taken_at=taken_at, more=alert.value, job_type=alert.job_type)
        facts = Facts(jobs, running, nodes, details.phase if details is not None else None)
        return evidence_of_waiting(status, facts, taken_at=taken_at, job_type=alert.job_type)

    def _workloads(
        self, pool_id: str, status: JobStatus, due: float, most: int, *, oldest_first: bool
    ) -> Workloads | None:
        return self._answer(
            ("workloads", pool_id),
            due,
            lambda within: self._modelarts.workloads(
                pool_id, status=status, oldest_first=oldest_first, limit=most, within=within, aside=True
            ),
        )

    def _details(self, pool_id: str, due: float) -> PoolDetails | None:
        return self._answer(
            ("pool", pool_id), due, lambda within: self._modelarts.show_pool(pool_id, within=within, aside=True)
        )

    def _answer(self, question: tuple[str, str], due: float, ask: Callable[[timedelta], _Answer]) -> _Answer | None:
        """The answer, if there is one in time; what stands against the next question is remembered."""
        now = self._monotonic()
        within = min(PATIENCE, timedelta(seconds=due - now))
        if now < self._silent_until or now < self._refused.get(question, (now, False))[0] or within <= timedelta():
            return None
        try:
            answer = ask(within)
        except (NotAllowed, NotServed) as error:
            if question not in self._refused:
                log.warning("alerts about pool %s are told without their %s: %s", question[1], question[0], error)
            until = self._monotonic() + REFUSED_FOR.total_seconds()
            self._refused[question] = until, isinstance(error, NotAllowed)
        except (Unavailable, Refused) as error:
            self._be_silent(error)
        except ModelArtsError as error:
            log.info("what stands behind an alert about pool %s is not known: %s", question[1], error)
        else:
            self._refused.pop(question, None)
            return answer
        return None

    def _be_silent(self, error: ModelArtsError) -> None:
        pause = (
            UNAVAILABLE_FOR if isinstance(error, Unavailable) and not isinstance(error, Throttled) else THROTTLED_FOR
        )
        if isinstance(error, Throttled) and error.error_code is None:
            # It is we who have no turn to spare.
            pause = timedelta()
        self._silent_until = self._monotonic() + pause.total_seconds()
        log.info("what stands behind alerts is not asked for %s: %s", spoken(pause), error)
