"""Note which questionnaires a bundle's lines wait for, and when files came while all is read anew.

A line answered under a questionnaire that the office lacks was judged once and never again; and a
rebuild that stopped half-way forgot when the files came that it had not reached.
"""

from __future__ import annotations

from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    connection = op.get_bind()
    connection.exec_driver_sql("ALTER TABLE bundles ADD COLUMN waits TEXT")
    connection.exec_driver_sql(
        """UPDATE bundles SET waits = '[]' WHERE manifest_sha256 IN
(SELECT manifest_sha256 FROM results WHERE code = 'E_RECORD_INSTRUMENT')"""
    )
    connection.exec_driver_sql(
        """CREATE TABLE arrivals (
    file_sha256 TEXT NOT NULL,
    received_at TEXT NOT NULL,
    let_in TEXT NOT NULL,
    CONSTRAINT pk_arrivals PRIMARY KEY (file_sha256)
)"""
    )
