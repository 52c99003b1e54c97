"""Incidents: as they stand, with the latest alert of each kind of trouble, and those that older versions left."""

from dataclasses import asdict
from datetime import timedelta
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine, insert

import bot.store.engine
from bot.core.alerts import Event, move
from bot.core.gathering import REOPEN_WITHIN, Standing
from bot.core.incidents import Incident, Member
from bot.core.rules.model import Severity
from bot.store import alerts, incidents
from bot.store.engine import open_store, reading, upgrade, writing
from bot.store.tables import alerts as table
from tests.building import MINUTE, NOON, POOL, an_alert

# What later versions added to the alerts.
NEW = {"kind", "incident_id"}


def save(engine: Engine, *members: Member, incident_id: str = "1") -> Incident:
    """An incident of these, kept."""
    made = Incident(incident_id, NOON, NOON + MINUTE, 2, Severity.CRITICAL, members)
    with writing(engine) as db:
        for member in members:
            alerts.save(db, member.alert)
        incidents.save(db, made)
    return made


def standing(engine: Engine, after: timedelta = MINUTE) -> Standing:
    """What there is of the pool some time after noon."""
    with reading(engine) as db:
        return incidents.standing(db, POOL.id, at=NOON + after)


def test_an_incident_comes_back_exactly(engine: Engine) -> None:
    made = save(engine, Member(an_alert(id="1")), Member(an_alert(id="2", rule="other", fired_at=NOON + MINUTE)))

    assert standing(engine) == Standing((made,))
    with reading(engine) as db:
        assert incidents.pool_of(db, "1") == POOL.id
        assert incidents.pool_of(db, "2") is None


def test_of_what_came_back_the_latest_alert_is_known_and_how_often_it_came(engine: Engine) -> None:
    over, _ = move(an_alert(id="1"), Event.CLEARED, at=NOON + MINUTE, why="")
    save(engine, Member(over))
    again = an_alert(id="2", fired_at=NOON + 5 * MINUTE)
    made = save(engine, Member(again, 2))

    assert standing(engine) == Standing((made,))


def test_what_fires_outside_an_incident_is_held_back(engine: Engine) -> None:
    spike = an_alert(id="2", rule="spike", kind="spike")
    with writing(engine) as db:
        alerts.save(db, spike)

    assert standing(engine) == Standing((), (spike,))


def test_an_incident_that_has_been_over_for_long_is_not_joined_again(engine: Engine) -> None:
    over, _ = move(an_alert(id="1"), Event.CLEARED, at=NOON, why="")
    made = save(engine, Member(over))

    assert standing(engine, REOPEN_WITHIN - MINUTE) == Standing((made,))
    assert standing(engine, REOPEN_WITHIN) == Standing()


def test_every_alert_that_an_older_version_told_becomes_its_own_incident(empty_url: str) -> None:
    engine = open_store(empty_url)
    over, _ = move(an_alert(id="over", rule="other"), Event.CLEARED, at=NOON, why="")
    told = (an_alert(id="open"), over, an_alert(id="pending", rule="another", fired_at=None))
    with writing(engine) as db:
        first_tables(db)
        for alert in told:
            row = {**asdict(alert), "pool_id": POOL.id, "pool_name": POOL.name}
            kept = {column.name: row[column.name] for column in table.columns if column.name not in NEW}
            db.execute(insert(table).values(kept).inline())
    upgrade(engine)

    found = standing(engine).incidents
    assert {each.id: each.open for each in found} == {"open": True, "over": False}
    assert standing(engine).held_back == ()
    # What has been open for long is not said again all at once.
    assert all(each.remind_at > NOON + timedelta(hours=23) for each in found)
    engine.dispose()


def first_tables(db: Connection) -> None:
    """The tables as the first version had them."""
    config = Config(attributes={"connection": db, "version_table": "schema_version"})
    config.set_main_option("script_location", str(Path(bot.store.engine.__file__).parent / "migrations"))
    command.upgrade(config, "0001")
