"""When is it time, by a cron expression? Reading and stepping are APScheduler's."""

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bot.core.language import _

# Cron counts the days of the week from Sunday = 0 (and 7); APScheduler counts from Monday = 0, so numbers become names.
_DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat", "sun")


class Cron:
    """Five fields of cron in a time zone.

    Raises:
        ValueError: The expression or the zone is wrong, or such a moment never comes.
    """

    def __init__(self, expression: str, timezone: str) -> None:
        self.expression, self.timezone = expression, timezone
        try:
            self._zone = ZoneInfo(timezone)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise ValueError(
                _("there is no time zone {zone}: write one such as Asia/Shanghai or UTC", zone=repr(timezone))
            ) from error
        fields = expression.split()
        if len(fields) != 5:
            raise ValueError(
                _("{cron} is not a cron expression: five fields, such as 0 9 * * mon-fri", cron=repr(expression))
            )
        # A configuration without digests is read without it.
        from apscheduler.triggers.cron import CronTrigger  # noqa: PLC0415 - see above

        minute, hour, day, month, weekday = fields
        _refuse_days_that_never_come(expression, day, month)
        try:
            self._trigger = CronTrigger(
                minute=minute,
                hour=hour,
                day=day,
                month=month,
                day_of_week=_named(weekday),
                # The clock on the wall as if it were UTC's: the trigger never leaves the hour that comes twice.
                timezone=UTC,
            )
        except ValueError as error:
            raise ValueError(_("{cron} is not a cron expression: {why}", cron=repr(expression), why=error)) from error

    def last_before(self, now: datetime, *, within: timedelta) -> datetime | None:
        """The newest moment at or before `now`, no older than `within`; `None` where there was none."""
        found: datetime | None = None
        moment = self.next_after(now - within)
        while moment is not None and moment <= now:
            found, moment = moment, self.next_after(moment)
        return found

    def next_after(self, moment: datetime) -> datetime | None:
        """The first moment after `moment`.

        What falls into the hour that the clocks leave out in spring comes an hour later by the clock on the wall, what
        falls into the one that comes twice in autumn comes the first time only.
        """
        wall = moment.astimezone(self._zone).replace(tzinfo=UTC, fold=0)
        while True:
            due: datetime | None = self._trigger.get_next_fire_time(None, wall + timedelta(seconds=1))
            if due is None:
                return None
            found = due.replace(tzinfo=self._zone, fold=0).astimezone(UTC)
            if found > moment:
                return found
            # The clocks were set back, and show a time again that was due before.
            wall = due


def _named(weekday: str) -> str:
    return re.sub(r"(?<![\w/])[0-7](?!\w)", lambda found: _DAYS[int(found[0])], weekday)


def _refuse_days_that_never_come(expression: str, day: str, month: str) -> None:
    longest = {2: 29, 4: 30, 6: 30, 9: 30, 11: 30}
    if day.isdecimal() and month.isdecimal() and int(day) > longest.get(int(month), 31):
        raise ValueError(
            _("{cron} never comes: month {month} has no day {day}", cron=repr(expression), month=month, day=day)
        )
