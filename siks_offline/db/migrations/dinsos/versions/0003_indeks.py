"""Two indexes less that no question used.

Their keys lie all over: each bundle rewrote hundreds of pages for them.
"""

from __future__ import annotations

from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    connection = op.get_bind()
    connection.exec_driver_sql("DROP INDEX ix_persons_nik")
    connection.exec_driver_sql("DROP INDEX ix_revisions_visit_id")
