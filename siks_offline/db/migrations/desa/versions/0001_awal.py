"""The first village file."""

from __future__ import annotations

from alembic import op

revision = "0001"
down_revision = None

STATEMENTS = (
    """CREATE TABLE account (
    name TEXT NOT NULL,
    role TEXT NOT NULL,
    recipient TEXT NOT NULL,
    active BOOLEAN NOT NULL,
    CONSTRAINT pk_account PRIMARY KEY (name)
)""",
    """CREATE TABLE arrival (
    number INTEGER NOT NULL,
    manifest_sha256 TEXT NOT NULL,
    bundle_id TEXT NOT NULL,
    type TEXT NOT NULL,
    stream TEXT NOT NULL,
    seq INTEGER NOT NULL,
    file_sha256 TEXT NOT NULL,
    at TEXT NOT NULL,
    CONSTRAINT pk_arrival PRIMARY KEY (number),
    CONSTRAINT uq_arrival_manifest_sha256 UNIQUE (manifest_sha256),
    CONSTRAINT uq_arrival_bundle_id UNIQUE (bundle_id)
)""",
    """CREATE TABLE audit (
    seq INTEGER NOT NULL,
    at TEXT NOT NULL,
    account TEXT NOT NULL,
    action TEXT NOT NULL,
    subject TEXT NOT NULL,
    detail TEXT NOT NULL,
    prev TEXT NOT NULL,
    hash TEXT NOT NULL,
    CONSTRAINT pk_audit PRIMARY KEY (seq)
)""",
    """CREATE TABLE household (
    seq INTEGER NOT NULL,
    id TEXT NOT NULL,
    idbdt TEXT,
    source TEXT NOT NULL,
    no_kk TEXT NOT NULL,
    nik_krt TEXT NOT NULL,
    nama_krt TEXT COLLATE "NOCASE" NOT NULL,
    alamat TEXT COLLATE "NOCASE" NOT NULL,
    dusun TEXT COLLATE "NOCASE" NOT NULL,
    rt TEXT NOT NULL,
    rw TEXT NOT NULL,
    anggota INTEGER NOT NULL,
    kerja TEXT NOT NULL,
    kirim TEXT NOT NULL,
    revisi INTEGER NOT NULL,
    komentar TEXT NOT NULL,
    komentar_jalur TEXT NOT NULL,
    CONSTRAINT pk_household PRIMARY KEY (seq),
    CONSTRAINT ck_household_source CHECK (source IN ('prelist', 'usulan')),
    CONSTRAINT ck_household_kerja CHECK (kerja IN ('belum', 'draf', 'selesai', 'dikembalikan')),
    CONSTRAINT ck_household_kirim CHECK (kirim IN ('belum', 'dikirim', 'diterima', 'diterima_lisan', 'ditahan', 'ditolak')),
    CONSTRAINT uq_household_id UNIQUE (id),
    CONSTRAINT uq_household_idbdt UNIQUE (idbdt)
)""",
    """CREATE INDEX ix_household_kerja ON household (kerja)""",
    """CREATE INDEX ix_household_kirim ON household (kirim)""",
    """CREATE INDEX ix_household_nama_krt ON household (nama_krt)""",
    """CREATE TABLE keyset (
    version INTEGER NOT NULL,
    raw BLOB NOT NULL,
    signature BLOB NOT NULL,
    sha256 TEXT NOT NULL,
    CONSTRAINT pk_keyset PRIMARY KEY (version)
)""",
    """CREATE TABLE meta (
    "key" TEXT NOT NULL,
    value TEXT NOT NULL,
    CONSTRAINT pk_meta PRIMARY KEY ("key")
)""",
    """CREATE TABLE stream (
    number INTEGER NOT NULL,
    stream TEXT NOT NULL,
    device TEXT NOT NULL,
    signing_seed BLOB NOT NULL,
    age_identity TEXT NOT NULL,
    voice_key BLOB NOT NULL,
    next_seq INTEGER NOT NULL,
    last_manifest TEXT,
    "after" TEXT,
    started_at TEXT NOT NULL,
    CONSTRAINT pk_stream PRIMARY KEY (number),
    CONSTRAINT uq_stream_stream UNIQUE (stream)
)""",
    """CREATE TABLE attachment (
    sha256 TEXT NOT NULL,
    extension TEXT NOT NULL,
    kind TEXT NOT NULL,
    household_id TEXT NOT NULL,
    received BOOLEAN NOT NULL,
    content BLOB NOT NULL,
    CONSTRAINT pk_attachment PRIMARY KEY (sha256),
    CONSTRAINT fk_attachment_household_id FOREIGN KEY(household_id) REFERENCES household (id)
)""",
    """CREATE INDEX ix_attachment_household_id ON attachment (household_id)""",
    """CREATE TABLE draft (
    household_id TEXT NOT NULL,
    instrument_id TEXT NOT NULL,
    instrument_version TEXT NOT NULL,
    author TEXT NOT NULL,
    at TEXT NOT NULL,
    typing_path TEXT,
    typing_text TEXT NOT NULL,
    confirmations TEXT NOT NULL,
    CONSTRAINT pk_draft PRIMARY KEY (household_id, instrument_id, instrument_version),
    CONSTRAINT fk_draft_household_id FOREIGN KEY(household_id) REFERENCES household (id)
)""",
    """CREATE TABLE draft_value (
    household_id TEXT NOT NULL,
    instrument_id TEXT NOT NULL,
    instrument_version TEXT NOT NULL,
    path TEXT NOT NULL,
    value TEXT NOT NULL,
    author TEXT NOT NULL,
    at TEXT NOT NULL,
    CONSTRAINT pk_draft_value PRIMARY KEY (household_id, instrument_id, instrument_version, path),
    CONSTRAINT fk_draft_value_household_id FOREIGN KEY(household_id) REFERENCES household (id)
)""",
    """CREATE TABLE export (
    number INTEGER NOT NULL,
    manifest_sha256 TEXT NOT NULL,
    bundle_id TEXT NOT NULL,
    type TEXT NOT NULL,
    stream TEXT NOT NULL,
    seq INTEGER NOT NULL,
    file_name TEXT NOT NULL,
    file_sha256 TEXT NOT NULL,
    size INTEGER NOT NULL,
    at TEXT NOT NULL,
    "by" TEXT NOT NULL,
    visits INTEGER NOT NULL,
    attachments INTEGER NOT NULL,
    audit_seq INTEGER,
    audit_head TEXT,
    status TEXT NOT NULL,
    code TEXT NOT NULL,
    received_at TEXT NOT NULL,
    CONSTRAINT pk_export PRIMARY KEY (number),
    CONSTRAINT ck_export_status CHECK (status IN ('sent', 'voice', 'accepted', 'partly', 'held', 'rejected')),
    CONSTRAINT uq_export_stream_seq UNIQUE (stream, seq),
    CONSTRAINT uq_export_manifest_sha256 UNIQUE (manifest_sha256),
    CONSTRAINT uq_export_bundle_id UNIQUE (bundle_id),
    CONSTRAINT fk_export_stream FOREIGN KEY(stream) REFERENCES stream (stream)
)""",
    """CREATE TABLE household_prelist (
    household_id TEXT NOT NULL,
    answers TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    CONSTRAINT pk_household_prelist PRIMARY KEY (household_id),
    CONSTRAINT fk_household_prelist_household_id FOREIGN KEY(household_id) REFERENCES household (id)
)""",
    """CREATE TABLE household_search (
    seq INTEGER NOT NULL,
    words TEXT NOT NULL,
    CONSTRAINT pk_household_search PRIMARY KEY (seq),
    CONSTRAINT fk_household_search_seq FOREIGN KEY(seq) REFERENCES household (seq)
)""",
    """CREATE TABLE person (
    household_id TEXT NOT NULL,
    position INTEGER NOT NULL,
    id TEXT NOT NULL,
    nik TEXT NOT NULL,
    no_kk TEXT NOT NULL,
    nama TEXT NOT NULL,
    tanggal_lahir TEXT NOT NULL,
    jenis_kelamin TEXT NOT NULL,
    CONSTRAINT pk_person PRIMARY KEY (household_id, position),
    CONSTRAINT fk_person_household_id FOREIGN KEY(household_id) REFERENCES household (id)
)""",
    """CREATE INDEX ix_person_nik ON person (nik)""",
    """CREATE INDEX ix_person_no_kk ON person (no_kk)""",
    """CREATE TABLE visit (
    visit_id TEXT NOT NULL,
    household_id TEXT NOT NULL,
    period TEXT NOT NULL,
    instrument_id TEXT NOT NULL,
    instrument_version TEXT NOT NULL,
    answers TEXT NOT NULL,
    confirmations TEXT NOT NULL,
    attachments TEXT NOT NULL,
    persons TEXT NOT NULL,
    revision INTEGER NOT NULL,
    sha256 TEXT NOT NULL,
    completed_at TEXT NOT NULL,
    completed_by TEXT NOT NULL,
    CONSTRAINT pk_visit PRIMARY KEY (visit_id),
    CONSTRAINT uq_visit_household_id_period UNIQUE (household_id, period),
    CONSTRAINT fk_visit_household_id FOREIGN KEY(household_id) REFERENCES household (id),
    CONSTRAINT uq_visit_sha256 UNIQUE (sha256)
)""",
    """CREATE TABLE export_attachment (
    manifest_sha256 TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    CONSTRAINT pk_export_attachment PRIMARY KEY (manifest_sha256, sha256),
    CONSTRAINT fk_export_attachment_manifest_sha256 FOREIGN KEY(manifest_sha256) REFERENCES export (manifest_sha256),
    CONSTRAINT fk_export_attachment_sha256 FOREIGN KEY(sha256) REFERENCES attachment (sha256)
)""",
    """CREATE INDEX ix_export_attachment_sha256 ON export_attachment (sha256)""",
    """CREATE TABLE revision (
    seq INTEGER NOT NULL,
    sha256 TEXT NOT NULL,
    visit_id TEXT NOT NULL,
    revision INTEGER NOT NULL,
    line TEXT NOT NULL,
    CONSTRAINT pk_revision PRIMARY KEY (seq),
    CONSTRAINT uq_revision_sha256 UNIQUE (sha256),
    CONSTRAINT fk_revision_visit_id FOREIGN KEY(visit_id) REFERENCES visit (visit_id)
)""",
    """CREATE INDEX ix_revision_visit_id ON revision (visit_id)""",
    """CREATE TABLE export_visit (
    manifest_sha256 TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    CONSTRAINT pk_export_visit PRIMARY KEY (manifest_sha256, sha256),
    CONSTRAINT fk_export_visit_manifest_sha256 FOREIGN KEY(manifest_sha256) REFERENCES export (manifest_sha256),
    CONSTRAINT fk_export_visit_sha256 FOREIGN KEY(sha256) REFERENCES revision (sha256)
)""",
    """CREATE INDEX ix_export_visit_sha256 ON export_visit (sha256)""",
    """CREATE TABLE revision_result (
    sha256 TEXT NOT NULL,
    result TEXT NOT NULL,
    code TEXT NOT NULL,
    path TEXT NOT NULL,
    comment TEXT NOT NULL,
    stream TEXT NOT NULL,
    seq INTEGER NOT NULL,
    CONSTRAINT pk_revision_result PRIMARY KEY (sha256),
    CONSTRAINT ck_revision_result_result CHECK (result IN ('accepted', 'held', 'rejected', 'voice')),
    CONSTRAINT fk_revision_result_sha256 FOREIGN KEY(sha256) REFERENCES revision (sha256)
)""",
    """CREATE INDEX ix_revision_result_result ON revision_result (result)""",
    """CREATE TRIGGER audit_no_update BEFORE update ON audit
BEGIN SELECT RAISE(ABORT, 'audit is never changed'); END""",
    """CREATE TRIGGER audit_no_delete BEFORE delete ON audit
BEGIN SELECT RAISE(ABORT, 'audit is never changed'); END""",
    """CREATE TRIGGER revision_no_update BEFORE update ON revision
BEGIN SELECT RAISE(ABORT, 'revision is never changed'); END""",
    """CREATE TRIGGER revision_no_delete BEFORE delete ON revision
BEGIN SELECT RAISE(ABORT, 'revision is never changed'); END""",
    """CREATE TRIGGER audit_in_order BEFORE INSERT ON audit
WHEN NEW.seq IS NOT (SELECT coalesce(max(seq), 0) + 1 FROM audit)
  OR NEW.prev IS NOT coalesce((SELECT hash FROM audit ORDER BY seq DESC LIMIT 1), '')
BEGIN SELECT RAISE(ABORT, 'audit is a chain'); END""",
)


def upgrade() -> None:
    connection = op.get_bind()
    for statement in STATEMENTS:
        connection.exec_driver_sql(statement)
