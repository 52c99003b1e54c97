"""Renewals of Slack's tokens: who asks Slack for a new one has claimed it, and holds no transaction meanwhile."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """From a row that is locked while Slack answers."""
    op.add_column("slack_workspaces", sa.Column("renewing_until", sa.BigInteger))
