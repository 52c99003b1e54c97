"""Heard: what people said and some replica has answered, so that no other one answers it again."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """From each process knowing only what it has answered itself."""
    op.create_table(
        "heard",
        sa.Column("key", sa.String(64), primary_key=True),
        sa.Column("at", sa.BigInteger, nullable=False),
    )
