"""How does an alert live: which states are there, and what moves it from one to another?"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from bot.core.because import Why
from bot.core.rules.model import AlertRule, Severity
from bot.core.rules.verdict import Breach, Clear, Unknown, Verdict
from bot.core.stats import JobStatus, Pool


class State(StrEnum):
    """Where an alert stands."""

    PENDING = "pending"  # breached, not yet for as long as the rule wants; nobody is told
    FIRING = "firing"
    ACKNOWLEDGED = "acknowledged"  # a person has seen it
    SILENCED = "silenced"  # a person does not want to hear of it for a while
    RESOLVED = "resolved"


class Event(StrEnum):
    """What happens to an alert."""

    HELD = "held"  # breached for as long as the rule wants
    CLEARED = "cleared"  # well again for as long as the rule wants
    GONE = "gone"  # the pool or the rule does not exist any more
    ACKNOWLEDGE = "acknowledge"
    UNACKNOWLEDGE = "unacknowledge"
    SILENCE = "silence"
    SILENCE_OVER = "silence over"


# Every move there is; any other pair of state and event is refused.
NEXT: dict[tuple[State, Event], State] = {
    (State.PENDING, Event.HELD): State.FIRING,
    (State.PENDING, Event.SILENCE): State.SILENCED,  # before anybody was told
    (State.PENDING, Event.CLEARED): State.RESOLVED,
    (State.PENDING, Event.GONE): State.RESOLVED,
    (State.FIRING, Event.ACKNOWLEDGE): State.ACKNOWLEDGED,
    (State.FIRING, Event.SILENCE): State.SILENCED,
    (State.FIRING, Event.CLEARED): State.RESOLVED,
    (State.FIRING, Event.GONE): State.RESOLVED,
    (State.ACKNOWLEDGED, Event.UNACKNOWLEDGE): State.FIRING,
    (State.ACKNOWLEDGED, Event.SILENCE): State.SILENCED,
    (State.ACKNOWLEDGED, Event.CLEARED): State.RESOLVED,
    (State.ACKNOWLEDGED, Event.GONE): State.RESOLVED,
    (State.SILENCED, Event.SILENCE): State.SILENCED,  # for longer
    (State.SILENCED, Event.SILENCE_OVER): State.FIRING,
    (State.SILENCED, Event.CLEARED): State.RESOLVED,
    (State.SILENCED, Event.GONE): State.RESOLVED,
}

# The kind of the rules whose alerts are about what is not there: their values mean nothing.
ABSENT: Final = "absent"
# The product itself, where no person did it.
BOT = "pool-stats"


class NotAllowed(Exception):  # noqa: N818 - named for what it says to the person who pressed the button
    """The alert cannot be moved like that from where it stands."""

    def __init__(self, state: State, event: Event) -> None:
        super().__init__(f"an alert that is {state} cannot be moved by {event.value!r}")
        self.state = state
        self.event = event


@dataclass(frozen=True, slots=True)
class Alert:
    """One stretch of trouble of one pool under one rule.

    Attributes:
        id: Ours; also in the metadata of its messages.
        job_type: The type it is about; `None` for all together.
        began_at: The first breached reading. `fired_at`: when people were to be told; `None` while pending.
        value, why: Of the last breach seen. `peak`: the largest value so far.
        seen_at: The last successful reading of the pool.
        stale_since: Since when the pool cannot be seen; `None` while it can.
        clear_since: Since when the readings have been well without a break, while the alert is still open.
        held_by: Who acknowledged or silenced it. `silenced_until`: when the silence ends.
        metric: What is counted; `None` where it is about having no reading at all.
        kind: The kind of its rule, as far as that is known.
    """

    id: str
    rule: str
    metric: JobStatus | None
    severity: Severity
    pool: Pool
    job_type: str | None
    state: State
    began_at: datetime
    changed_at: datetime
    seen_at: datetime
    value: int
    peak: int
    why: Why
    fired_at: datetime | None = None
    resolved_at: datetime | None = None
    clear_since: datetime | None = None
    stale_since: datetime | None = None
    held_by: str | None = None
    silenced_until: datetime | None = None
    kind: str | None = None

    @property
    def open(self) -> bool:
        """Whether it is not over yet."""
        return self.state is not State.RESOLVED

    @property
    def told(self) -> bool:
        """Whether people were to be told of it at all."""
        return self.fired_at is not None


@dataclass(frozen=True, slots=True)
class Move:
    """One transition, as it is kept: what happened, when, why and who did it."""

    at: datetime
    event: Event
    before: State
    after: State
    why: Why
    actor: str = BOT


def move(
    alert: Alert,
    event: Event,
    *,
    at: datetime,
    why: Why,
    actor: str = BOT,
    until: datetime | None = None,
) -> tuple[Alert, Move]:
    """The alert after `event`, and the transition to keep.

    Args:
        alert: As it stands.
        event: What happens to it.
        at: When.
        why: The reason, for people.
        actor: Who did it.
        until: When a silence ends.

    Raises:
        NotAllowed: `NEXT` has no such move.
    """
    after = NEXT.get((alert.state, event))
    if after is None:
        raise NotAllowed(alert.state, event)
    held = after in (State.ACKNOWLEDGED, State.SILENCED)
    # Of what was silenced before anybody was told, people are told when the silence is over.
    is_news = after is State.FIRING and alert.fired_at is None
    changed = replace(
        alert,
        state=after,
        changed_at=at,
        fired_at=at if is_news else alert.fired_at,
        resolved_at=at if after is State.RESOLVED else None,
        held_by=actor if held else None,
        silenced_until=until if after is State.SILENCED else None,
    )
    return changed, Move(at, event, alert.state, after, why, actor)


def opened(rule: AlertRule, pool: Pool, job_type: str | None, breach: Breach, *, at: datetime, alert_id: str) -> Alert:
    """A new alert for the first breached reading; `step` decides at once whether it fires."""
    return Alert(
        id=alert_id,
        rule=rule.name,
        metric=rule.metric,
        severity=rule.severity,
        pool=pool,
        job_type=job_type,
        state=State.PENDING,
        began_at=at,
        changed_at=at,
        seen_at=at,
        value=breach.value,
        peak=breach.value,
        why=breach.why,
        kind=rule.kind,
    )


def step(alert: Alert, rule: AlertRule, verdict: Verdict, *, at: datetime) -> tuple[Alert, tuple[Move, ...]]:
    """The alert after a reading of `at` was judged, with the transitions it made.

    `Unknown` leaves it as it is: an API that is down must not resolve an alert.
    """
    match verdict:
        case Unknown():
            return alert, ()
        case Breach(value=value, why=why):
            seen = replace(
                alert,
                value=value,
                peak=max(alert.peak, value),
                why=why,
                seen_at=at,
                stale_since=None,
                clear_since=None,
            )
            if seen.state is State.PENDING and at - seen.began_at >= rule.hold_for:
                seen, held = move(seen, Event.HELD, at=at, why=why)
                return seen, (held,)
            return seen, ()
        case Clear(value=value, why=why):
            since = alert.clear_since or at
            seen = replace(alert, value=value, seen_at=at, stale_since=None, clear_since=since)
            if _over(seen, rule, since, at):
                seen, cleared = move(seen, Event.CLEARED, at=at, why=why)
                return seen, (cleared,)
            return seen, ()


def _over(alert: Alert, rule: AlertRule, clear_since: datetime, at: datetime) -> bool:
    """Whether a clear reading ends the alert: at once while nobody was told, else as patiently as the rule wants."""
    if alert.fired_at is None:
        return True
    return at - clear_since >= rule.clear_after and at - alert.fired_at >= rule.open_at_least


def unseen(alert: Alert, *, at: datetime, stale_after: timedelta) -> Alert:
    """The alert after a failed reading: it stays as it is, and is marked once nothing was seen for `stale_after`.

    One that says that nothing is heard is not marked: that is what it says.
    """
    if alert.kind != ABSENT and alert.stale_since is None and at - alert.seen_at >= stale_after:
        return replace(alert, stale_since=alert.seen_at, changed_at=at)
    return alert
