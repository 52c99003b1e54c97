"""Silences by pool, rule, severity and job type; the audit log knows where something was done, and about what."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """From silences of single alerts."""
    op.create_table(
        "silences",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("scope", sa.JSON, nullable=False),
        sa.Column("sight", sa.JSON, nullable=False),
        sa.Column("until", sa.BigInteger, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("by", sa.Text, nullable=False),
        sa.Column("place", sa.Text, nullable=False),
        sa.Column("made_at", sa.BigInteger, nullable=False),
        sa.Column("ended_at", sa.BigInteger),
    )
    op.create_index("silences_by_end", "silences", ["until"])
    op.add_column("audit", sa.Column("place", sa.Text))
    op.add_column("audit", sa.Column("pool_id", sa.Text))
    op.add_column("audit", sa.Column("pool_name", sa.Text))
