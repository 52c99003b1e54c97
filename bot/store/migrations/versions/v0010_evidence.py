"""Evidence: what stood behind an alert when it was told, and the likely cause."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """From alerts that are counts alone."""
    alert = sa.ForeignKey("alerts.id", ondelete="CASCADE")
    op.create_table(
        "evidence",
        sa.Column("alert_id", sa.String(64), alert, primary_key=True),
        sa.Column("pool_id", sa.Text, nullable=False),
        sa.Column("metric", sa.String(16), nullable=False),
        sa.Column("wanted_at", sa.BigInteger),
        sa.Column("taken_at", sa.BigInteger),
        sa.Column("content", sa.JSON),
    )
    wanted = sa.text("wanted_at IS NOT NULL")
    op.create_index("wanted_evidence", "evidence", ["wanted_at"], sqlite_where=wanted, postgresql_where=wanted)
    op.create_index("evidence_of_a_pool", "evidence", ["pool_id", "taken_at"])
