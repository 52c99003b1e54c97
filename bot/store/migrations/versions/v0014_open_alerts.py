"""Open alerts: found by their pool, which is asked with every reading; the index there is begins with the rule."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

_OPEN = sa.text("state <> 'resolved'")


def upgrade() -> None:
    """From a look at every open alert."""
    op.create_index("open_alerts_of_a_pool", "alerts", ["pool_id"], sqlite_where=_OPEN, postgresql_where=_OPEN)
