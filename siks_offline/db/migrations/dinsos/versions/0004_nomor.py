"""Number the revisions, hang their members on that number, note what a visit came to beside them.

Members and outcomes were found by hash, which lies all over: each bundle rewrote hundreds of pages
for them, and more the more there were.
"""

from __future__ import annotations

from alembic import op

revision = "0004"
down_revision = "0003"

_AS_BEFORE = (
    "sha256", "visit_id", "household_id", "kode_desa", "period", "revision", "instrument_id",
    "instrument_version", "completed_at", "completed_by", "idbdt", "no_kk", "nik_krt", "nama_krt",
    "alamat", "dusun", "rt", "rw", "anggota", "status_rumahtangga",
)  # fmt: skip
_MOVED = ("revisions", "parents", "persons", "photos")
_COUNTS = {"revision", "anggota"}


def _tables(number: str, without_rowid: str) -> tuple[str, ...]:
    columns = "".join(
        f"    {name} {'INTEGER' if name in _COUNTS else 'TEXT'} NOT NULL,\n" for name in _AS_BEFORE
    )
    return (
        f"""CREATE TABLE revisions (
    number {number} NOT NULL,
{columns}    outcome TEXT,
    body TEXT NOT NULL,
    CONSTRAINT pk_revisions PRIMARY KEY (number),
    CONSTRAINT uq_revisions_sha256 UNIQUE (sha256)
)""",
        "CREATE INDEX ix_revisions_kode_desa_household_id ON revisions (kode_desa, household_id)",
        """CREATE TABLE parents (
    sha256 TEXT NOT NULL,
    parent TEXT NOT NULL,
    CONSTRAINT pk_parents PRIMARY KEY (sha256, parent),
    CONSTRAINT fk_parents_sha256 FOREIGN KEY(sha256) REFERENCES revisions (sha256)
)""",
        "CREATE INDEX ix_parents_parent ON parents (parent)",
        f"""CREATE TABLE persons (
    revision BIGINT NOT NULL,
    nth INTEGER NOT NULL,
    person_id TEXT NOT NULL,
    nik TEXT NOT NULL,
    no_kk TEXT NOT NULL,
    nama TEXT NOT NULL,
    tanggal_lahir TEXT NOT NULL,
    jenis_kelamin TEXT NOT NULL,
    CONSTRAINT pk_persons PRIMARY KEY (revision, nth),
    CONSTRAINT fk_persons_revision FOREIGN KEY(revision) REFERENCES revisions (number)
){without_rowid}""",
        """CREATE TABLE photos (
    sha256 TEXT NOT NULL,
    nth INTEGER NOT NULL,
    attachment TEXT NOT NULL,
    kind TEXT NOT NULL,
    path TEXT NOT NULL,
    CONSTRAINT pk_photos PRIMARY KEY (sha256, nth),
    CONSTRAINT fk_photos_sha256 FOREIGN KEY(sha256) REFERENCES revisions (sha256)
)""",
        "CREATE INDEX ix_photos_attachment ON photos (attachment)",
    )


_REFILL = (
    "INSERT INTO revisions SELECT nomor.number, "
    + ", ".join(f"lama.{name}" for name in _AS_BEFORE)
    + """, outcomes.outcome, lama.body
FROM nomor
JOIN lama_revisions AS lama ON lama.sha256 = nomor.sha256
LEFT JOIN outcomes ON outcomes.sha256 = nomor.sha256
ORDER BY nomor.number""",
    "INSERT INTO parents SELECT sha256, parent FROM lama_parents",
    """INSERT INTO persons
SELECT nomor.number, nth, person_id, nik, no_kk, nama, tanggal_lahir, jenis_kelamin
FROM lama_persons JOIN nomor ON nomor.sha256 = lama_persons.sha256
ORDER BY nomor.number, nth""",
    "INSERT INTO photos SELECT sha256, nth, attachment, kind, path FROM lama_photos",
)


def upgrade() -> None:
    connection = op.get_bind()
    server = connection.dialect.name == "postgresql"
    statements = [
        """CREATE TABLE nomor AS
SELECT row_number() OVER (ORDER BY kode_desa, household_id, sha256) AS number, sha256
FROM revisions""",
        "DROP INDEX ix_revisions_kode_desa_household_id",
        "DROP INDEX ix_parents_parent",
        "DROP INDEX ix_photos_attachment",
    ]
    for table in _MOVED:
        statements.append(f"ALTER TABLE {table} RENAME TO lama_{table}")
        if server:  # there the names of keys are shared by all tables
            statements.append(f"ALTER TABLE lama_{table} DROP CONSTRAINT pk_{table} CASCADE")
    statements += _tables(*(("BIGINT", "") if server else ("INTEGER", " WITHOUT ROWID")))
    statements += _REFILL
    statements += [
        f"DROP TABLE {table}"
        for table in ("outcomes", "lama_photos", "lama_persons", "lama_parents", "lama_revisions")
    ]
    statements.append("DROP TABLE nomor")
    for statement in statements:
        connection.exec_driver_sql(statement)
