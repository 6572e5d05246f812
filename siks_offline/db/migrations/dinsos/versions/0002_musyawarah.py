"""What a musyawarah decided, as villages sent it."""

from __future__ import annotations

from alembic import op

revision = "0002"
down_revision = "0001"

STATEMENTS = (
    """CREATE TABLE records (
    sha256 TEXT NOT NULL,
    kind TEXT NOT NULL,
    record_id TEXT NOT NULL,
    household_id TEXT NOT NULL,
    kode_desa TEXT NOT NULL,
    period TEXT NOT NULL,
    revision INTEGER NOT NULL,
    source TEXT NOT NULL,
    status TEXT NOT NULL,
    reason TEXT NOT NULL,
    able TEXT NOT NULL,
    body TEXT NOT NULL,
    CONSTRAINT pk_records PRIMARY KEY (sha256)
)""",
    """CREATE INDEX ix_records_kode_desa_kind_period ON records (kode_desa, kind, period)""",
    """CREATE INDEX ix_records_record_id ON records (record_id)""",
    """CREATE TABLE documents (
    manifest_sha256 TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    kind TEXT NOT NULL,
    kode_desa TEXT NOT NULL,
    period TEXT NOT NULL,
    CONSTRAINT pk_documents PRIMARY KEY (manifest_sha256, sha256),
    CONSTRAINT fk_documents_manifest_sha256 FOREIGN KEY(manifest_sha256) REFERENCES bundles (manifest_sha256)
)""",
    """CREATE INDEX ix_documents_kode_desa_period ON documents (kode_desa, period)""",
    """CREATE TABLE outcomes (
    sha256 TEXT NOT NULL,
    outcome TEXT NOT NULL,
    CONSTRAINT pk_outcomes PRIMARY KEY (sha256),
    CONSTRAINT fk_outcomes_sha256 FOREIGN KEY(sha256) REFERENCES revisions (sha256)
)""",
)


def upgrade() -> None:
    connection = op.get_bind()
    for statement in STATEMENTS:
        connection.exec_driver_sql(statement)
