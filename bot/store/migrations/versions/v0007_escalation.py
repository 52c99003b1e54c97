"""Escalation: what was done while nobody acknowledged an incident; and silences that begin later than they are made."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """From incidents that only the channels of their route hear of."""
    op.create_table(
        "escalations",
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), primary_key=True),
        sa.Column("incident_id", sa.String(64), nullable=False),
        sa.Column("step", sa.Text, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
    )
    op.create_index("escalations_of_an_incident", "escalations", ["incident_id"])
    op.add_column("silences", sa.Column("starts_at", sa.BigInteger))
