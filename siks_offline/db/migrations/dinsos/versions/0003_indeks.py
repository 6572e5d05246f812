"""Two indexes that no question uses: their keys lie all over, and each bundle rewrote hundreds of
pages for them."""

from __future__ import annotations

from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    connection = op.get_bind()
    for name in ("ix_persons_nik", "ix_revisions_visit_id"):
        connection.exec_driver_sql(f"DROP INDEX {name}")
