"""The tables: how a database is opened, brought up to date and used."""

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine

from bot.store.engine import reading
from bot.store.tables import metadata


@pytest.mark.filterwarnings("ignore:.*expression-based index")
def test_the_migrations_lead_to_the_tables_that_the_code_speaks_of(engine: Engine) -> None:
    with reading(engine) as db:
        context = MigrationContext.configure(db, opts={"version_table": "schema_version", "compare_type": True})
        assert compare_metadata(context, metadata) == []
