"""Sight: what cannot be seen is told once, and hourly figures outlive the readings that they are made of."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_LEVELS = ("queue", "pending", "abnormal", "terminating", "creating", "running")
_ENDED = ("completed", "terminated", "failed")


def upgrade() -> None:
    """From silence about blindness, and readings alone."""
    op.create_table(
        "hours",
        sa.Column("pool", sa.Integer, sa.ForeignKey("pools.key"), primary_key=True, autoincrement=False),
        sa.Column("at", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("type", sa.SmallInteger, primary_key=True, autoincrement=False),
        sa.Column("readings", sa.Integer, nullable=False),
        *(
            sa.Column(f"{status}_{figure}", sa.REAL if figure == "mean" else sa.Integer)
            for status in _LEVELS
            for figure in ("least", "mean", "most", "last")
        ),
        *(sa.Column(f"{status}_{figure}", sa.Integer) for status in _ENDED for figure in ("last", "added")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "spells",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("since", sa.BigInteger, nullable=False),
        sa.Column("told_at", sa.BigInteger, nullable=False),
        sa.Column("pools", sa.JSON, nullable=False),
        sa.Column("cause", sa.Text, nullable=False),
        sa.Column("why", sa.Text, nullable=False),
        sa.Column("back_since", sa.BigInteger),
        sa.Column("ended_at", sa.BigInteger),
    )
    one_at_a_time = sa.text("ended_at IS NULL AND kind <> 'gone'")
    op.create_index(
        "one_open_spell",
        "spells",
        ["kind"],
        unique=True,
        sqlite_where=one_at_a_time,
        postgresql_where=one_at_a_time,
    )
    op.create_index("spells_by_end", "spells", ["ended_at"])
