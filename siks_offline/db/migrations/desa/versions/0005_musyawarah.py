"""Proposals, the musyawarah and its documents."""

from __future__ import annotations

from alembic import op

revision = "0005"
down_revision = "0004"

STATEMENTS = (
    """CREATE TABLE proposal (
    proposal_id TEXT NOT NULL,
    household_id TEXT NOT NULL,
    period TEXT NOT NULL,
    number INTEGER NOT NULL,
    state TEXT NOT NULL,
    door TEXT NOT NULL,
    registrar TEXT NOT NULL,
    instrument_id TEXT NOT NULL,
    instrument_version TEXT NOT NULL,
    answers TEXT NOT NULL,
    confirmations TEXT NOT NULL,
    attachments TEXT NOT NULL,
    criteria TEXT NOT NULL,
    typing TEXT NOT NULL,
    revision INTEGER NOT NULL,
    "by" TEXT NOT NULL,
    at TEXT NOT NULL,
    CONSTRAINT pk_proposal PRIMARY KEY (proposal_id),
    CONSTRAINT ck_proposal_state CHECK (state IN ('draf', 'terdaftar')),
    CONSTRAINT uq_proposal_period_number UNIQUE (period, number),
    CONSTRAINT fk_proposal_household_id FOREIGN KEY(household_id) REFERENCES household (id)
)""",
    """CREATE INDEX ix_proposal_household_id ON proposal (household_id)""",
    """CREATE TABLE sitting (
    sitting_id TEXT NOT NULL,
    period TEXT NOT NULL,
    number INTEGER NOT NULL,
    place TEXT NOT NULL,
    date TEXT NOT NULL,
    hour TEXT NOT NULL,
    leader TEXT NOT NULL,
    leader_post TEXT NOT NULL,
    audit TEXT NOT NULL,
    attendees TEXT NOT NULL,
    "by" TEXT NOT NULL,
    at TEXT NOT NULL,
    CONSTRAINT pk_sitting PRIMARY KEY (sitting_id),
    CONSTRAINT uq_sitting_period_number UNIQUE (period, number)
)""",
    """CREATE TABLE verdict (
    household_id TEXT NOT NULL,
    period TEXT NOT NULL,
    status TEXT NOT NULL,
    reason TEXT NOT NULL,
    twin TEXT NOT NULL,
    able TEXT NOT NULL,
    working TEXT NOT NULL,
    standing TEXT NOT NULL,
    disabled TEXT NOT NULL,
    note TEXT NOT NULL,
    sitting_id TEXT NOT NULL,
    "by" TEXT NOT NULL,
    at TEXT NOT NULL,
    CONSTRAINT pk_verdict PRIMARY KEY (household_id, period),
    CONSTRAINT ck_verdict_status CHECK (status IN ('1', '2', '3', '4')),
    CONSTRAINT fk_verdict_household_id FOREIGN KEY(household_id) REFERENCES household (id)
)""",
    """CREATE INDEX ix_verdict_period_status ON verdict (period, status)""",
    """CREATE TABLE meeting (
    period TEXT NOT NULL,
    way TEXT NOT NULL,
    closing INTEGER NOT NULL,
    closed_at TEXT NOT NULL,
    closed_by TEXT NOT NULL,
    reopened TEXT NOT NULL,
    CONSTRAINT pk_meeting PRIMARY KEY (period),
    CONSTRAINT ck_meeting_way CHECK (way IN ('musyawarah', 'sptjm'))
)""",
    """CREATE TABLE document (
    sha256 TEXT NOT NULL,
    period TEXT NOT NULL,
    kind TEXT NOT NULL,
    extension TEXT NOT NULL,
    closing INTEGER NOT NULL,
    "by" TEXT NOT NULL,
    at TEXT NOT NULL,
    received BOOLEAN NOT NULL,
    content BLOB NOT NULL,
    CONSTRAINT pk_document PRIMARY KEY (sha256)
)""",
    """CREATE INDEX ix_document_period ON document (period)""",
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
    CONSTRAINT pk_record PRIMARY KEY (seq),
    CONSTRAINT ck_record_kind CHECK (kind IN ('proposals', 'musdes', 'verdicts')),
    CONSTRAINT ck_record_result CHECK (result IN ('', 'accepted', 'held', 'rejected')),
    CONSTRAINT uq_record_record_id_revision UNIQUE (record_id, revision),
    CONSTRAINT uq_record_sha256 UNIQUE (sha256)
)""",
    """CREATE INDEX ix_record_kind_period ON record (kind, period)""",
    """CREATE INDEX ix_record_result ON record (result)""",
    """CREATE TABLE export_record (
    manifest_sha256 TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    CONSTRAINT pk_export_record PRIMARY KEY (manifest_sha256, sha256),
    CONSTRAINT fk_export_record_manifest_sha256 FOREIGN KEY(manifest_sha256) REFERENCES export (manifest_sha256)
)""",
    """CREATE INDEX ix_export_record_sha256 ON export_record (sha256)""",
    """CREATE TABLE assignment (
    rw TEXT NOT NULL,
    rt TEXT NOT NULL,
    officer TEXT NOT NULL,
    CONSTRAINT pk_assignment PRIMARY KEY (rw, rt)
)""",
    """CREATE TABLE move (
    number INTEGER NOT NULL,
    period TEXT NOT NULL,
    kind TEXT NOT NULL,
    subject TEXT NOT NULL,
    person_id TEXT NOT NULL,
    other TEXT NOT NULL,
    reason TEXT NOT NULL,
    note TEXT NOT NULL,
    "by" TEXT NOT NULL,
    at TEXT NOT NULL,
    CONSTRAINT pk_move PRIMARY KEY (number)
)""",
    """CREATE INDEX ix_move_period ON move (period)""",
    """CREATE INDEX ix_move_subject ON move (subject)""",
)


def upgrade() -> None:
    connection = op.get_bind()
    for statement in STATEMENTS:
        connection.exec_driver_sql(statement)
