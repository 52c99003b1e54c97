"""Accounts: where each pool is, once there are several; spells of blindness are told for each account."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_OPEN = sa.text("ended_at IS NULL AND kind <> 'gone'")


def upgrade() -> None:
    """From one account, which has no name."""
    op.add_column("pools", sa.Column("account", sa.Text, nullable=False, server_default=""))
    op.add_column("pools", sa.Column("region", sa.Text, nullable=False, server_default=""))
    op.add_column("spells", sa.Column("account", sa.Text, nullable=False, server_default=""))
    op.drop_index("one_open_spell", table_name="spells")
    op.create_index(
        "one_open_spell", "spells", ["kind", "account"], unique=True, sqlite_where=_OPEN, postgresql_where=_OPEN
    )
