"""What becomes of one rule's alerts over a long past, without making every alert anew for every reading?"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from bot.core.alerts import Alert, Event, State, opened, step
from bot.core.because import Why
from bot.core.pace import resumed
from bot.core.rules.model import AlertRule
from bot.core.rules.verdict import Breach, Clear, Unknown, Verdict
from bot.core.stats import Pool, PoolStats


class Followed:
    """One rule and one subject of a pool. Every reading is judged as it is judged live, by the same code.

    Only what the alert is for is left out: a breach that moves an open alert nowhere changes its value, its reason and
    its peak. Live that is told; here such a run of breaches is put down at once, when it is over.
    """

    __slots__ = ("_alert", "_job_type", "_judge", "_last", "_last_at", "_peak", "_reason", "_rule", "_seen_at")

    def __init__(self, rule: AlertRule, job_type: str | None, judge: Callable[[PoolStats], Verdict]) -> None:
        self._rule = rule
        self._job_type = job_type
        self._judge = judge
        self._seen_at: datetime | None = None
        self._alert: Alert | None = None
        # Why people were told.
        self._reason: Why = ""
        # The last breach that is not yet put down, when it was, and the largest value of its run.
        self._last: Breach | None = None
        self._last_at: datetime | None = None
        self._peak = 0

    def see(self, stats: PoolStats, new_id: Callable[[], str]) -> Alert | None:
        """Judge the next reading; the alert that it ended, if people had been told of it."""
        at = stats.taken_at
        if self._seen_at is not None and at <= self._seen_at:
            return None
        self._seen_at = at
        verdict = self._judge(stats)
        if self._alert is None and isinstance(verdict, Clear):
            return None
        return self.take(verdict, stats.pool, at, new_id)

    def take(self, verdict: Verdict, pool: Pool, at: datetime, new_id: Callable[[], str]) -> Alert | None:
        """What comes of a verdict on a reading of `at`; a clear one changes nothing while all is `calm`."""
        alert = self._alert
        if isinstance(verdict, Unknown):
            return None
        if isinstance(verdict, Breach):
            if alert is None:
                alert = opened(self._rule, pool, self._job_type, verdict, at=at, alert_id=new_id())
            elif alert.state is not State.PENDING or at - alert.began_at < self._rule.hold_for:
                if self._last is None or verdict.value > self._peak:
                    self._peak = verdict.value
                self._last, self._last_at = verdict, at
                return None
        elif alert is None:
            return None
        return self._step(self._up_to_date(alert), verdict, at)

    @property
    def calm(self) -> bool:
        """Whether no alert is open nor about to be: a reading that is clear changes nothing."""
        return self._alert is None

    def resume(self, at: datetime) -> None:
        """Nobody looked for long before `at`."""
        if self._alert is not None:
            self._alert, self._last = resumed(self._up_to_date(self._alert), at=at), None

    @property
    def standing(self) -> Alert | None:
        """The alert that is open, if people were told of it."""
        if self._alert is None or not self._alert.told:
            return None
        return replace(self._up_to_date(self._alert), why=self._reason)

    def _step(self, alert: Alert, verdict: Verdict, at: datetime) -> Alert | None:
        alert, moves = step(alert, self._rule, verdict, at=at)
        for made in moves:
            if made.event is Event.HELD:
                self._reason = made.why
        self._alert, self._last = alert if alert.open else None, None
        return replace(alert, why=self._reason) if alert.told and not alert.open else None

    def _up_to_date(self, alert: Alert) -> Alert:
        """The alert with the breaches that were seen since it was made."""
        if self._last is None or self._last_at is None:
            return alert
        highest = replace(alert, peak=max(alert.peak, self._peak))
        return step(highest, self._rule, self._last, at=self._last_at)[0]
