"""Which messages would people have seen of recorded counts, and what would have been in them?"""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import count

from bot.core.alerts import ABSENT, Alert
from bot.core.because import Why
from bot.core.durations import spoken
from bot.core.gathering import Update, follow
from bot.core.incidents import Incident
from bot.core.rules.model import AlertRule
from bot.core.stats import PoolStats
from bot.replay.timeline import Times, marks


class Incidents:
    """What was told of recorded counts to a channel that hears of everything."""

    def __init__(self) -> None:
        self._incidents: dict[str, Incident] = {}
        # The alerts of each incident as they stood last, by their ids, and why each was told.
        self._alerts: dict[str, dict[str, Alert]] = {}
        self._whys: dict[str, Why] = {}
        self._entries: dict[str, list[bool]] = {}

    def follow(self, rules: Sequence[AlertRule], readings: Iterable[PoolStats]) -> None:
        """Take in what these rules tell of these readings."""
        numbers = count(1)
        for _, updates in follow(rules, readings, new_id=lambda: str(next(numbers))):
            for update in updates:
                self._take(update)

    def objects(self) -> Iterator[str]:
        """A line of JSON for each incident, the first told first: what leads it, and all its alerts."""
        for incident in self._in_order():
            alerts = self._of(incident)
            first = next(alert for alert in alerts if alert.id == incident.ranked()[0].alert.id)
            said = as_object(first) | {
                "start": iso(incident.opened_at),
                "end": iso(incident.ended_at) if incident.ended_at else None,
                "incident": incident.id,
                "entries": len(self._entries[incident.id]),
                "loud": 1 + sum(self._entries[incident.id]),
                "alerts": [as_object(alert) for alert in alerts],
            }
            yield json.dumps(said, ensure_ascii=False)

    def lines(self, times: Times) -> Iterator[str]:
        """A line for each incident and one for each of its alerts, a line of marks for each pool, and the sums."""
        for incident in self._in_order():
            alerts = self._of(incident)
            ended_at = incident.ended_at
            lasted = f"for {spoken(ended_at - incident.opened_at)}" if ended_at else "still open"
            loud = sum(self._entries[incident.id])
            more = f", said aloud {loud} more time{'' if loud == 1 else 's'}" if loud else ""
            yield f"{incident.opened_at:%Y-%m-%d %H:%M}  {incident.severity.value:8}  {_pool(incident)}, {lasted}{more}"
            yield from (f"    {_line(alert)}" for alert in alerts)
        yield from self._sums(times)

    def _sums(self, times: Times) -> Iterator[str]:
        told = [alert for alerts in self._alerts.values() for alert in alerts.values()]
        if times.start is not None and times.end is not None:
            yield ""
            yield from marks(told, times, times.start, times.end)
            yield ""
        entries = sum(map(len, self._entries.values()))
        loud = len(self._incidents) + sum(map(sum, self._entries.values()))
        yield (
            f"{_counted(len(self._incidents), 'incident')} of {_counted(len(told), 'alert')}: "
            f"{_counted(len(self._incidents), 'message')}, {entries} in threads, {loud} of all aloud"
        )

    def _take(self, update: Update) -> None:
        incident = update.incident
        self._incidents[incident.id] = incident
        self._entries.setdefault(incident.id, []).extend(entry.aloud for entry in update.entries)
        alerts = self._alerts.setdefault(incident.id, {})
        for member in incident.members:
            self._whys.setdefault(member.alert.id, member.alert.why)
            alerts[member.alert.id] = replace(member.alert, why=self._whys[member.alert.id])

    def _in_order(self) -> Iterator[Incident]:
        yield from sorted(self._incidents.values(), key=lambda each: (each.opened_at, _pool(each), each.id))

    def _of(self, incident: Incident) -> list[Alert]:
        return sorted(self._alerts[incident.id].values(), key=lambda alert: (told_at(alert), alert.rule, alert.id))


def as_object(alert: Alert) -> dict[str, object]:
    """What a backtest says of an alert, as JSON has it."""
    return {
        "pool": alert.pool.id,
        "metric": alert.metric.value if alert.metric else None,
        "rule": alert.rule,
        "severity": alert.severity.value,
        "type": alert.job_type,
        "start": iso(told_at(alert)),
        "end": iso(alert.resolved_at) if alert.resolved_at else None,
        "peak": alert.peak,
        "why": str(alert.why),
    }


def told_at(alert: Alert) -> datetime:
    """When people were to be told of it."""
    return alert.fired_at or alert.began_at


def iso(moment: datetime) -> str:
    """The moment as ISO 8601 has it, in UTC."""
    return moment.isoformat().replace("+00:00", "Z")


def _pool(incident: Incident) -> str:
    return incident.members[0].alert.pool.name


def _line(alert: Alert) -> str:
    length: timedelta | None = alert.resolved_at - told_at(alert) if alert.resolved_at else None
    lasted = f"for {spoken(length)}" if length is not None else "still open"
    about = f" ({alert.job_type})" if alert.job_type else ""
    peak = "" if alert.kind == ABSENT else f", peak {alert.peak}"
    return f"{told_at(alert):%H:%M}  {alert.severity.value:8}  {alert.rule}{about}, {lasted}{peak}; {alert.why}"


def _counted(number: int, thing: str) -> str:
    return f"{number} {thing}{'' if number == 1 else 's'}"
