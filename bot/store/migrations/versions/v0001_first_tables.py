"""The first tables: pools and their readings, alerts and their moves, the outbox, the audit log."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_STATUSES = (
    "queue",
    "pending",
    "abnormal",
    "terminating",
    "creating",
    "running",
    "completed",
    "terminated",
    "failed",
)


def upgrade() -> None:
    """From nothing."""
    _readings()
    _alerts()
    _outbox()
    op.create_table(
        "audit",
        sa.Column("seq", _SERIAL, primary_key=True),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("actor", sa.Text, nullable=False),
        sa.Column("action", sa.Text, nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("before", sa.JSON),
        sa.Column("after", sa.JSON),
    )
    op.create_index("audit_by_time", "audit", ["at"])


def _readings() -> None:
    op.create_table(
        "pools",
        sa.Column("key", sa.Integer, primary_key=True),
        sa.Column("id", sa.Text, nullable=False, unique=True),
        sa.Column("name", sa.Text, nullable=False),
    )
    op.create_table(
        "job_types",
        sa.Column("key", sa.SmallInteger().with_variant(sa.Integer(), "sqlite"), primary_key=True),
        sa.Column("name", sa.Text, nullable=False, unique=True),
    )
    op.create_table(
        "samples",
        sa.Column("pool", sa.Integer, sa.ForeignKey("pools.key"), primary_key=True, autoincrement=False),
        sa.Column("at", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("type", sa.SmallInteger, primary_key=True, autoincrement=False),
        *(sa.Column(status, sa.Integer) for status in _STATUSES),
        sa.Column("total", sa.Integer),
        sa.Column("unknown", sa.Text),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "failures",
        sa.Column("pool", sa.Integer, sa.ForeignKey("pools.key"), primary_key=True, autoincrement=False),
        sa.Column("at", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("why", sa.Text, nullable=False),
        sqlite_with_rowid=False,
    )


def _alerts() -> None:
    op.create_table(
        "alerts",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("rule", sa.Text, nullable=False),
        sa.Column("metric", sa.String(16), nullable=False),
        sa.Column("severity", sa.String(16), nullable=False),
        sa.Column("pool_id", sa.Text, nullable=False),
        sa.Column("pool_name", sa.Text, nullable=False),
        sa.Column("job_type", sa.Text),
        sa.Column("state", sa.String(16), nullable=False),
        *(sa.Column(name, sa.BigInteger, nullable=False) for name in ("began_at", "changed_at", "seen_at")),
        sa.Column("value", sa.BigInteger, nullable=False),
        sa.Column("peak", sa.BigInteger, nullable=False),
        sa.Column("why", sa.Text, nullable=False),
        *(sa.Column(name, sa.BigInteger) for name in ("fired_at", "resolved_at", "clear_since", "stale_since")),
        sa.Column("held_by", sa.Text),
        sa.Column("silenced_until", sa.BigInteger),
    )
    still_open = sa.text("state <> 'resolved'")
    op.create_index(
        "one_open_alert",
        "alerts",
        ["rule", "pool_id", sa.text("coalesce(job_type, '')")],
        unique=True,
        sqlite_where=still_open,
        postgresql_where=still_open,
    )
    op.create_index("alerts_by_beginning", "alerts", ["began_at"])
    op.create_index("alerts_by_end", "alerts", ["resolved_at"])
    op.create_table(
        "moves",
        sa.Column("seq", _SERIAL, primary_key=True),
        sa.Column("alert_id", sa.String(64), sa.ForeignKey("alerts.id", ondelete="CASCADE"), nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        *(sa.Column(name, sa.String(16), nullable=False) for name in ("event", "before", "after")),
        sa.Column("why", sa.Text, nullable=False),
        sa.Column("actor", sa.Text, nullable=False),
    )
    op.create_index("moves_of_an_alert", "moves", ["alert_id"])


def _outbox() -> None:
    op.create_table(
        "deliveries",
        sa.Column("seq", _SERIAL, primary_key=True),
        sa.Column("id", sa.String(32), nullable=False, unique=True),
        sa.Column("key", sa.Text, unique=True),
        sa.Column("platform", sa.String(16), nullable=False),
        sa.Column("channel", sa.Text, nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("alert_id", sa.String(64)),
        sa.Column("message", sa.Text, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        *(sa.Column(name, sa.BigInteger, nullable=False) for name in ("created_at", "wanted_at", "due_at")),
        sa.Column("leased_until", sa.BigInteger),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("unclear", sa.Boolean, nullable=False),
        sa.Column("why", sa.Text),
        sa.Column("settled_at", sa.BigInteger),
        sa.Column("posted_channel", sa.Text),
        sa.Column("posted_message", sa.Text),
        sqlite_autoincrement=True,
    )
    waiting = sa.text("state = 'waiting'")
    op.create_index(
        "waiting_deliveries",
        "deliveries",
        ["alert_id", "platform", "channel", "seq"],
        sqlite_where=waiting,
        postgresql_where=waiting,
    )
    op.create_index("deliveries_of_an_alert", "deliveries", ["alert_id"])
    op.create_index("settled_deliveries", "deliveries", ["settled_at"])
    op.create_table(
        "posts",
        sa.Column("alert_id", sa.String(64), primary_key=True),
        sa.Column("platform", sa.String(16), primary_key=True),
        sa.Column("channel", sa.Text, primary_key=True),
        sa.Column("posted_channel", sa.Text, nullable=False),
        sa.Column("posted_message", sa.Text, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
    )
