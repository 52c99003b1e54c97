"""Delivery: what is urgent comes first, what a channel was last told is known, and many alerts can share a summary."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """From one rank for all, and no memory of what was told."""
    op.add_column("deliveries", sa.Column("about", sa.String(64)))
    op.add_column("deliveries", sa.Column("rank", sa.SmallInteger, nullable=False, server_default="3"))
    op.add_column("deliveries", sa.Column("tried_at", sa.BigInteger))
    op.execute("UPDATE deliveries SET about = alert_id")
    # What was handed out before may stand in its channel since then.
    op.execute("UPDATE deliveries SET tried_at = created_at WHERE attempts > 0")
    op.add_column("posts", sa.Column("content", sa.String(64)))
    op.create_table(
        "gathered",
        sa.Column("alert_id", sa.String(64), primary_key=True),
        sa.Column("platform", sa.String(16), primary_key=True),
        sa.Column("channel", sa.Text, primary_key=True),
        sa.Column("summary_id", sa.String(64), nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("message", sa.Text, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
    )
    op.create_index("gathered_in_a_summary", "gathered", ["summary_id"])
