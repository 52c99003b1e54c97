"""Incidents: what belongs together in a pool is told in one message; every alert that was told becomes its own."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """From one message an alert."""
    op.create_table(
        "incidents",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("pool_id", sa.Text, nullable=False),
        sa.Column("opened_at", sa.BigInteger, nullable=False),
        sa.Column("aloud_at", sa.BigInteger, nullable=False),
        sa.Column("repeated", sa.Integer, nullable=False),
        sa.Column("severity", sa.String(16), nullable=False),
        sa.Column("ended_at", sa.BigInteger),
    )
    op.create_index("incidents_of_a_pool", "incidents", ["pool_id", "ended_at"])
    op.create_index("incidents_by_end", "incidents", ["ended_at"])
    op.add_column("alerts", sa.Column("kind", sa.String(16)))
    op.add_column("alerts", sa.Column("incident_id", sa.String(64)))
    op.create_index("alerts_of_an_incident", "alerts", ["incident_id"])
    # What has been open for long is known by now: it is told again after a day, not all of it at once.
    op.execute(
        "INSERT INTO incidents (id, pool_id, opened_at, aloud_at, repeated, severity, ended_at) "
        "SELECT id, pool_id, fired_at, changed_at, 5, severity, resolved_at FROM alerts WHERE fired_at IS NOT NULL"
    )
    op.execute("UPDATE alerts SET incident_id = id WHERE fired_at IS NOT NULL")
