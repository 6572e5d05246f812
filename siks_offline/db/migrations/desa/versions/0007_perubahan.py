"""What became of households travels as records too, and a record keeps why it came back."""

from __future__ import annotations

from alembic import op

revision = "0007"
down_revision = "0006"

STATEMENTS = (
    "ALTER TABLE record RENAME TO record_lama",
    "DROP INDEX ix_record_kind_period",
    "DROP INDEX ix_record_result",
    """CREATE TABLE record (
    seq INTEGER NOT NULL,
    sha256 TEXT NOT NULL,
    kind TEXT NOT NULL,
    record_id TEXT NOT NULL,
    revision INTEGER NOT NULL,
    period TEXT NOT NULL,
    line TEXT NOT NULL,
    result TEXT NOT NULL,
    code TEXT NOT NULL,
    comment TEXT NOT NULL,
    path TEXT NOT NULL,
    CONSTRAINT pk_record PRIMARY KEY (seq),
    CONSTRAINT ck_record_kind CHECK (kind IN ('proposals', 'moves', 'musdes', 'verdicts')),
    CONSTRAINT ck_record_result CHECK (result IN ('', 'accepted', 'held', 'rejected')),
    CONSTRAINT uq_record_record_id_revision UNIQUE (record_id, revision),
    CONSTRAINT uq_record_sha256 UNIQUE (sha256)
)""",
    """INSERT INTO record
SELECT seq, sha256, kind, record_id, revision, period, line, result, code, '', '' FROM record_lama""",
    "DROP TABLE record_lama",
    "CREATE INDEX ix_record_kind_period ON record (kind, period)",
    "CREATE INDEX ix_record_result ON record (result)",
)


def upgrade() -> None:
    connection = op.get_bind()
    for statement in STATEMENTS:
        connection.exec_driver_sql(statement)
