"""Workspaces: those that have installed the app in Slack, and installations that were begun."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """From one workspace, whose token stands in the environment."""
    op.create_table(
        "slack_workspaces",
        sa.Column("key", sa.String(32), primary_key=True),
        sa.Column("enterprise", sa.String(32), nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("app", sa.String(32), nullable=False),
        sa.Column("bot_user", sa.String(32), nullable=False),
        sa.Column("scopes", sa.Text, nullable=False),
        sa.Column("sealed", sa.Text),
        sa.Column("expires_at", sa.BigInteger),
        sa.Column("installed_at", sa.BigInteger, nullable=False),
        sa.Column("installed_by", sa.String(32), nullable=False),
        sa.Column("ended_at", sa.BigInteger),
        sa.Column("ended_why", sa.Text, nullable=False),
    )
    op.create_table(
        "install_states",
        sa.Column("digest", sa.String(64), primary_key=True),
        sa.Column("until", sa.BigInteger, nullable=False),
    )
