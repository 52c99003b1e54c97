"""Preferences: what a person chose for themselves, such as which pools are theirs."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """From the same lists for everybody."""
    op.create_table(
        "preferences",
        sa.Column("platform", sa.String(16), primary_key=True),
        sa.Column("workspace", sa.Text, primary_key=True),
        sa.Column("person", sa.Text, primary_key=True),
        sa.Column("pools", sa.JSON, nullable=False),
        sa.Column("changed_at", sa.BigInteger, nullable=False),
    )
