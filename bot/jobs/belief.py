"""What does the message of an incident say now, in each place?"""

import re
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection

from bot.core.access import called, users_are_hidden
from bot.core.evidence import Evidence
from bot.core.incidents import Incident
from bot.core.language import Language, spoken_language
from bot.core.routes import Place, in_workspace
from bot.jobs.recent import recent_chart
from bot.messages.incident import incident_message
from bot.messages.model import Chart, Message
from bot.messages.trend import with_chart
from bot.store import evidence, outbox

_SLACK_ID = re.compile(r"[CGD][A-Z0-9]{7,}")


class Belief:
    """The message of one incident: the same everywhere, in the language of the place, save that users may be not named.

    Args:
        db: The transaction in which it is true.
        incident: What it is about.
        hide_users_in: Globs over channels, such as slack:C012ABC.
        now: When it is said.
    """

    def __init__(self, db: Connection, incident: Incident, hide_users_in: Sequence[str], *, now: datetime) -> None:
        self._db = db
        self._incident = incident
        self._hide_users_in = hide_users_in
        self._now = now
        self._evidence = _evidence(db, incident)
        self._drawn: dict[tuple[Language, bool], Message] = {}
        self._charts: dict[Language, Chart | None] = {}

    def at(self, place: Place) -> Message:
        """What it says in `place`, in the language that is spoken."""
        with_users = self._evidence is not None and self._names_users(place)
        drawn = spoken_language(), with_users
        if drawn not in self._drawn:
            said = incident_message(self._incident, now=self._now, evidence=self._evidence, with_users=with_users)
            self._drawn[drawn] = with_chart(said, self._chart())
        return self._drawn[drawn]

    def _chart(self) -> Chart | None:
        language = spoken_language()
        if language not in self._charts:
            self._charts[language] = recent_chart(self._db, self._incident.ranked()[0].alert, now=self._now)
        return self._charts[language]

    def _names_users(self, place: Place) -> bool:
        """Whether they may be. A channel that is known by its name alone, until something stands there, may be any."""
        if not self._hide_users_in:
            return True
        posted = outbox.posted_at(self._db, self._incident.id, place)
        if posted is None and not _SLACK_ID.fullmatch(in_workspace(place.channel)[1]):
            return False
        names = [str(place)]
        if posted is not None:
            names += [f"{place.platform}:{posted.channel}", f"{place.platform}:{place.workspace}/{posted.channel}"]
        return not users_are_hidden((name for each in names for name in called(each)), self._hide_users_in)


def _evidence(db: Connection, incident: Incident) -> Evidence | None:
    """What stood behind the alert that the message is first of all about; once all is over, behind the latest."""
    ranked = [member.alert.id for member in incident.ranked()]
    known = evidence.of_alerts(db, ranked[:1] if incident.open else ranked)
    return next((known[alert_id] for alert_id in ranked if alert_id in known), None)
