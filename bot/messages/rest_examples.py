"""What do the messages about escalation, quiet hours and maintenance look like? Their part of the examples."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from bot.core.alerts import Alert, State
from bot.core.persons import Person
from bot.core.routes import Place
from bot.core.scope import Scope, Sight
from bot.core.silences import Silence
from bot.messages.alert import alert_message, open_alerts_message
from bot.messages.escalation import escalation_entry
from bot.messages.model import Message
from bot.messages.quiet import came_and_went
from bot.messages.silences import silences_message

_HOUR = timedelta(hours=1)


def rest_examples(firing: Alert, resolved: Alert, hostile: Alert, *, now: datetime) -> Mapping[str, Message]:
    """One example of each, of alerts as they stand as of `now`."""
    oncall, elsewhere = Place("slack", "#ml-oncall"), Place("teams", "ML Platform/Alerts")
    people = (Person("slack", "U0123ABCD", "Wei"), Person("slack", "S0123ABCD"), Person("slack", "@here"))
    teams = (Person("teams", "wei@example.com", "Wei Zhang"),)
    half = timedelta(minutes=30)
    upgrade = "maintenance network upgrade"
    silenced = replace(firing, state=State.SILENCED, held_by=upgrade, silenced_until=now + 6 * _HOUR)
    night = replace(
        silenced, id="n1", fired_at=None, held_by="quiet-hours 22:00–08:00 mon-fri, Asia/Shanghai", rule="long queue"
    )
    over = [replace(resolved, id=f"q{n}", fired_at=None, began_at=now - n * _HOUR) for n in range(1, 4)]
    bad = replace(resolved, pool=hostile.pool, rule=hostile.rule, job_type=hostile.job_type)
    maintenance = Silence("", Scope(("train-*",)), Sight(), now + 6 * _HOUR, "", upgrade, "", now)
    rests = [(maintenance, 1), (replace(maintenance, scope=Scope(), by=night.held_by or ""), 0)]
    return {
        "escalated": escalation_entry(firing, waited=half, calls=people, now=now),
        "escalated-in-teams": escalation_entry(firing, waited=half, calls=teams, now=now),
        "escalated-elsewhere": escalation_entry(firing, waited=2 * _HOUR, to=(oncall, elsewhere), now=now),
        "escalated-hostile": escalation_entry(
            hostile, waited=half, calls=(Person("slack", "U0123ABCD", "<!channel> *x*"),), now=now
        ),
        "alert-in-maintenance": alert_message(silenced, now=now),
        "alerts-kept-quiet": open_alerts_message([firing, night], now=now),
        "alerts-all-kept-quiet": open_alerts_message([night], now=now),
        "silences-by-itself": silences_message([], skip=0, rests=rests),
        "quiet-hours-over": came_and_went(over, since=now - 10 * _HOUR, until=now, now=now),
        "quiet-hours-over-hostile": came_and_went([bad] * 12, since=now - 10 * _HOUR, until=now, now=now),
    }
