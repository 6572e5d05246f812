"""Questionnaires that a village was given."""

from __future__ import annotations

from alembic import op

revision = "0002"
down_revision = "0001"

STATEMENTS = (
    """CREATE TABLE instrument (
    number INTEGER NOT NULL,
    id TEXT NOT NULL,
    version TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    content BLOB NOT NULL,
    at TEXT NOT NULL,
    "by" TEXT NOT NULL,
    CONSTRAINT pk_instrument PRIMARY KEY (number),
    CONSTRAINT uq_instrument_id_version UNIQUE (id, version),
    CONSTRAINT uq_instrument_sha256 UNIQUE (sha256)
)""",
)


def upgrade() -> None:
    connection = op.get_bind()
    for statement in STATEMENTS:
        connection.exec_driver_sql(statement)
