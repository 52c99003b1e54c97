"""Escalation, quiet hours and maintenance in the configuration, and what is said about mistakes in them."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.core.persons import Person
from bot.core.rests import RestKind
from bot.core.routes import Place, Step
from bot.core.rules.model import Severity
from bot.core.windows import Interval, Once
from bot.settings.reading import read
from tests.settings.test_reading import problems, written

WHOLE = """
routes:
  - to: ["slack:#ops"]
    escalate:
      - {after: 30m, to: ["slack:#ml-oncall"], mention: ["slack:U0123ABCD", "slack:@here"]}
      - {after: 2h, mention: "slack:S0123ABCD"}
    quiet: {from: "22:00", to: 08:00, days: mon-fri, timezone: Asia/Shanghai}
maintenance:
  - {name: network upgrade, pools: ["train-*"], from: 2026-12-01 22:00, to: "2026-12-02 04:00", timezone: Asia/Shanghai}
  - {name: reboots, from: 22:00, to: 02:00, days: sun}
  - {name: backups, cron: "0 3 1 * *", duration: 4h, timezone: Europe/Berlin}
"""


def test_all_of_it_is_read(tmp_path: Path) -> None:
    settings = read(written(tmp_path, WHOLE), {}).settings
    (route,) = settings.told_by()

    assert route.escalate == (
        Step(
            timedelta(minutes=30),
            (Place("slack", "#ml-oncall"),),
            (Person("slack", "U0123ABCD"), Person("slack", "@here")),
        ),
        Step(timedelta(hours=2), (), (Person("slack", "S0123ABCD"),)),
    )
    upgrade, reboots, backups, quiet = route.rests
    assert (quiet.kind, quiet.name) == (RestKind.QUIET, "22:00–08:00 mon-fri, Asia/Shanghai")
    assert quiet.besides == (Severity.CRITICAL,)
    start, end = datetime(2026, 12, 1, 14, tzinfo=UTC), datetime(2026, 12, 1, 20, tzinfo=UTC)
    assert upgrade.windows == (Once(Interval(start, end)),)
    sunday = reboots.silence(datetime(2026, 3, 9, 1, tzinfo=UTC))
    assert sunday is not None
    assert sunday.until == datetime(2026, 3, 9, 2, tzinfo=UTC)
    first_of_april = backups.silence(datetime(2026, 4, 1, 2, tzinfo=UTC))
    assert first_of_april is not None
    assert first_of_april.until == datetime(2026, 4, 1, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param(
            "quiet: {from: '22:00', to: '08:00', timezone: Asia/Shangai}",
            "pool-stats.yaml:3 routes[0].quiet[0].timezone: there is no time zone 'Asia/Shangai': "
            "write one such as Asia/Shanghai or UTC",
            id="an unknown zone",
        ),
        pytest.param("quiet: {from: '8:00', to: '08:00'}", "so it is empty", id="empty hours"),
        pytest.param("quiet: {from: '25:00', to: '08:00'}", "is no time of day", id="no such time"),
        pytest.param(
            "quiet: {from: '22:00', to: '08:00', days: 'mon-sat,so'}", "no days of the week", id="no such day"
        ),
        pytest.param("quiet: {form: '22:00', to: '08:00'}", "the nearest known key is 'from'", id="a typo"),
        pytest.param(
            "quiet: [{from: '08:00', to: '20:00'}, {from: '20:00', to: '08:00'}]", "never end", id="hours without end"
        ),
        pytest.param("escalate: {after: 30m}", "needs to (channels), mention (people), or both", id="nothing to do"),
        pytest.param("escalate: {after: 30m, to: ['#ops']}", "is not a channel", id="no channel"),
        pytest.param("escalate: {after: 30m, mention: ['slack:wei']}", "nobody who can be called", id="a name"),
        pytest.param("escalate: {after: 30m, mention: ['@here']}", "nobody who can be called", id="no platform"),
        pytest.param(
            "escalate: {after: 30m, to: ['slack:#a'], mention: ['teams:wei@example.com Wei']}",
            "cannot be called in slack:#a",
            id="somebody of another platform",
        ),
    ],
)
def test_what_is_wrong_with_a_route_is_said_with_its_place(tmp_path: Path, text: str, said: str) -> None:
    found = problems(written(tmp_path, f"routes:\n  - to: ['slack:#ops']\n    {text}\n"))

    (problem,) = [each for each in found if said in each]
    assert problem.startswith(("pool-stats.yaml:2 routes[0]", "pool-stats.yaml:3 routes[0]."))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param("from: '2026-12-01 22:00', to: '2026-12-01 04:00'", "ends before it begins", id="backwards"),
        pytest.param("from: '2026-12-01 22:00', to: '04:00'", "either both moments", id="one of each"),
        pytest.param("from: '2026-12-01 22:00'", "write from and to, or cron and duration", id="without an end"),
        pytest.param("cron: '0 3 * * *', duration: 25h", "begins again before it is over", id="without a break"),
        pytest.param("cron: '0 3 * *', duration: 2h", "is not a cron expression", id="no cron expression"),
        pytest.param("from: '2026-12-01 22:00', to: '2027-12-01 22:00'", "31 days at most", id="a year"),
    ],
)
def test_what_is_wrong_with_maintenance_is_said_with_its_place(tmp_path: Path, text: str, said: str) -> None:
    (problem,) = problems(written(tmp_path, f"maintenance:\n  - {{name: upgrade, {text}}}\n"))

    assert said in problem
    assert problem.startswith("pool-stats.yaml:2 maintenance[0]")
