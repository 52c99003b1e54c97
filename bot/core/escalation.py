"""What is to be done because of an alert that nobody has acknowledged, and when?"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.core.alerts import Alert
from bot.core.routes import Step


@dataclass(frozen=True, slots=True)
class Made:
    """A step that was made of an incident, and when."""

    step: str
    at: datetime


def due(
    steps: Sequence[Step],
    alert: Alert,
    *,
    waits_since: datetime,
    made: Sequence[Made],
    answered: Sequence[datetime],
    now: datetime,
) -> list[Step]:
    """The steps that are to be made because of an alert that nobody has acknowledged.

    A step is made once of an incident. It is made again only for an alert that was told after somebody had answered
    the earlier one: that is trouble which nobody knows of yet, while an acknowledgement that is taken back is not.

    Args:
        steps: Those of the alert's route.
        alert: An alert that fires.
        waits_since: Since when it has, without a break.
        made: The steps that were made of its incident.
        answered: When alerts of its incident were acknowledged or silenced.
        now: Now.
    """
    waited = now - waits_since
    return [step for step in steps if waited >= step.after and not _is_made(step, alert, made, answered)]


def _is_made(step: Step, alert: Alert, made: Sequence[Made], answered: Sequence[datetime]) -> bool:
    last = max((each.at for each in made if each.step == step.key), default=None)
    if last is None:
        return False
    told_at = alert.fired_at or alert.began_at
    return told_at <= last or not any(last < moment <= told_at for moment in answered)
