"""Matching results and determination lists."""

from __future__ import annotations

from alembic import op

revision = "0006"
down_revision = "0005"

STATEMENTS = (
    """CREATE TABLE determination (
    number INTEGER NOT NULL,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    period TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    at TEXT NOT NULL,
    "by" TEXT NOT NULL,
    rows INTEGER NOT NULL,
    CONSTRAINT pk_determination PRIMARY KEY (number),
    CONSTRAINT uq_determination_sha256 UNIQUE (sha256)
)""",
    """CREATE TABLE match_file (
    number INTEGER NOT NULL,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    at TEXT NOT NULL,
    "by" TEXT NOT NULL,
    rows INTEGER NOT NULL,
    CONSTRAINT pk_match_file PRIMARY KEY (number)
)""",
    """CREATE TABLE determined (
    number INTEGER NOT NULL,
    listing INTEGER NOT NULL,
    nik TEXT NOT NULL,
    no_kk TEXT NOT NULL,
    nama TEXT COLLATE "NOCASE" NOT NULL,
    alamat TEXT NOT NULL,
    dusun TEXT NOT NULL,
    rt TEXT NOT NULL,
    rw TEXT NOT NULL,
    desa TEXT NOT NULL,
    kecamatan TEXT NOT NULL,
    desil TEXT NOT NULL,
    programs TEXT NOT NULL,
    status TEXT NOT NULL,
    rekening TEXT NOT NULL,
    pengurus TEXT NOT NULL,
    CONSTRAINT pk_determined PRIMARY KEY (number),
    CONSTRAINT fk_determined_listing FOREIGN KEY(listing) REFERENCES determination (number)
)""",
    "CREATE INDEX ix_determined_listing ON determined (listing)",
    "CREATE INDEX ix_determined_nik ON determined (nik)",
    "CREATE INDEX ix_determined_no_kk ON determined (no_kk)",
    "CREATE INDEX ix_determined_place ON determined (kecamatan, desa, dusun, rw, rt)",
    """CREATE TABLE match_difference (
    number INTEGER NOT NULL,
    kind TEXT NOT NULL,
    household_id TEXT NOT NULL,
    person_id TEXT NOT NULL,
    field TEXT NOT NULL,
    ours TEXT NOT NULL,
    theirs TEXT NOT NULL,
    likeness INTEGER NOT NULL,
    detail TEXT NOT NULL,
    decision TEXT NOT NULL,
    reason TEXT NOT NULL,
    at TEXT NOT NULL,
    "by" TEXT NOT NULL,
    CONSTRAINT pk_match_difference PRIMARY KEY (number),
    CONSTRAINT ck_match_difference_decision CHECK (\
decision IN ('belum', 'diterima', 'ditolak', 'kunjungan', 'diganti')),
    CONSTRAINT uq_match_difference_kind_household_id_person_id_field_theirs \
UNIQUE (kind, household_id, person_id, field, theirs),
    CONSTRAINT fk_match_difference_household_id FOREIGN KEY(household_id) REFERENCES household (id)
)""",
    "CREATE INDEX ix_match_difference_decision ON match_difference (decision)",
    """CREATE TABLE match_row (
    number INTEGER NOT NULL,
    file INTEGER NOT NULL,
    kind TEXT NOT NULL,
    household_id TEXT NOT NULL,
    person_id TEXT NOT NULL,
    nik TEXT NOT NULL,
    result TEXT NOT NULL,
    said TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    CONSTRAINT pk_match_row PRIMARY KEY (number),
    CONSTRAINT uq_match_row_kind_household_id_person_id UNIQUE (kind, household_id, person_id),
    CONSTRAINT fk_match_row_file FOREIGN KEY(file) REFERENCES match_file (number),
    CONSTRAINT fk_match_row_household_id FOREIGN KEY(household_id) REFERENCES household (id)
)""",
    """CREATE TABLE determined_word (
    word TEXT NOT NULL,
    number INTEGER NOT NULL,
    CONSTRAINT pk_determined_word PRIMARY KEY (word, number),
    CONSTRAINT fk_determined_word_number FOREIGN KEY(number) REFERENCES determined (number)
) WITHOUT ROWID""",
)


def upgrade() -> None:
    connection = op.get_bind()
    for statement in STATEMENTS:
        connection.exec_driver_sql(statement)
