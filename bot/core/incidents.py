"""What is an incident: which alerts of a pool stand in one message, and which of them says what the others would?"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType

from bot.core.alerts import Alert, State
from bot.core.judge import Subject
from bot.core.rules.model import Severity

# What goes on, or comes back, is told again after this time, then after twice as long each time.
FIRST_REMINDER, LONGEST_REMINDER = timedelta(hours=1), timedelta(hours=24)

# While an alert of the first kind about all types of a pool is open, alerts of the others about the same status say
# nothing new.
INHIBITS: Mapping[str, frozenset[str]] = MappingProxyType({"stuck": frozenset({"spike"})})

_STATES = (State.FIRING, State.ACKNOWLEDGED, State.SILENCED, State.RESOLVED)


@dataclass(frozen=True, slots=True)
class Member:
    """One kind of trouble in an incident: the latest alert of a rule and job type, and how many there were of them."""

    alert: Alert
    times: int = 1

    @property
    def subject(self) -> Subject:
        """What it is about."""
        return self.alert.rule, self.alert.job_type


@dataclass(frozen=True, slots=True)
class Incident:
    """What belongs together in one pool.

    Attributes:
        id: That of the alert which opened it.
        opened_at: When people were first told.
        aloud_at: When they were last notified.
        repeated: How often they have been notified of what they knew already, since the last real news.
        severity: The most severe they have been told of.
        members: In the order in which their alerts fired.
    """

    id: str
    opened_at: datetime
    aloud_at: datetime
    repeated: int
    severity: Severity
    members: tuple[Member, ...]

    @property
    def state(self) -> State:
        """How it stands: firing while anything in it is, resolved only when all of it is."""
        return min((member.alert.state for member in self.members), key=_STATES.index)

    @property
    def open(self) -> bool:
        """Whether anything in it is not over yet."""
        return any(member.alert.open for member in self.members)

    @property
    def ended_at(self) -> datetime | None:
        """When the last of it was over; `None` while it is open."""
        ends = [member.alert.resolved_at for member in self.members if member.alert.resolved_at is not None]
        return None if self.open else max(ends, default=None)

    @property
    def remind_at(self) -> datetime:
        """From when on people are notified again of what they know already."""
        return self.aloud_at + min(LONGEST_REMINDER, FIRST_REMINDER * (1 << min(self.repeated, 10)))

    def ranked(self) -> tuple[Member, ...]:
        """Its members, what a person should look at first: firing before held, causes before effects, then severity."""
        alerts = [member.alert for member in self.members]
        # What is over: the latest first.
        by_end = sorted(self.members, key=lambda member: member.alert.resolved_at or self.opened_at, reverse=True)
        return tuple(sorted(by_end, key=lambda member: _rank(member.alert, alerts)))


def in_order(members: Iterable[Member]) -> tuple[Member, ...]:
    """The members of an incident, the alert that fired first before the others."""
    return tuple(sorted(members, key=lambda member: (member.alert.fired_at or member.alert.began_at, member.alert.id)))


def urgency(alert: Alert) -> tuple[int, datetime, str]:
    """The sort key that puts the most severe first, of equals the oldest."""
    return (rank_of(alert.severity), alert.began_at, alert.id)


def inhibited(alert: Alert, others: Iterable[Alert]) -> bool:
    """Whether an open alert about the whole pool among `others` says all that `alert` would."""
    return any(
        other.open and other.told and other.job_type is None and other.metric == alert.metric
        for other in others
        if alert.kind in INHIBITS.get(other.kind or "", ())
    )


def rank_of(severity: Severity) -> int:
    """How far a severity stands behind the most severe."""
    return list(Severity).index(severity)


def _rank(alert: Alert, others: Sequence[Alert]) -> tuple[object, ...]:
    state = _STATES.index(alert.state)
    return (state, inhibited(alert, others), *urgency(alert)) if alert.open else (state,)
