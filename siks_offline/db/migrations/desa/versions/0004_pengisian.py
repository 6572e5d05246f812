"""Notes, second keying and the pace of entry."""

from __future__ import annotations

from alembic import op

revision = "0004"
down_revision = "0003"

STATEMENTS = (
    """CREATE TABLE note (
    number INTEGER NOT NULL,
    household_id TEXT NOT NULL,
    path TEXT NOT NULL,
    kind TEXT NOT NULL,
    words TEXT NOT NULL,
    author TEXT NOT NULL,
    at TEXT NOT NULL,
    settled_by TEXT NOT NULL,
    settled_at TEXT NOT NULL,
    CONSTRAINT pk_note PRIMARY KEY (number),
    CONSTRAINT ck_note_kind CHECK (kind IN ('catatan', 'bendera', 'kembali')),
    CONSTRAINT fk_note_household_id FOREIGN KEY(household_id) REFERENCES household (id)
)""",
    """CREATE INDEX ix_note_household_id ON note (household_id)""",
    """CREATE INDEX ix_visit_counted ON visit
(period, household_id, sha256, completed_by, completed_at, confirmations)""",
    """CREATE TABLE effort (
    household_id TEXT NOT NULL,
    account TEXT NOT NULL,
    day TEXT NOT NULL,
    seconds INTEGER NOT NULL,
    keys INTEGER NOT NULL,
    CONSTRAINT pk_effort PRIMARY KEY (household_id, account, day),
    CONSTRAINT fk_effort_household_id FOREIGN KEY(household_id) REFERENCES household (id)
)""",
    """CREATE INDEX ix_effort_day ON effort (day)""",
    """CREATE TABLE keying (
    sha256 TEXT NOT NULL,
    household_id TEXT NOT NULL,
    reason TEXT NOT NULL,
    first_by TEXT NOT NULL,
    second_by TEXT NOT NULL,
    at TEXT NOT NULL,
    fields INTEGER NOT NULL,
    wrong INTEGER NOT NULL,
    differing INTEGER NOT NULL,
    CONSTRAINT pk_keying PRIMARY KEY (sha256),
    CONSTRAINT ck_keying_reason CHECK (reason IN ('acak', 'cepat', 'risiko')),
    CONSTRAINT fk_keying_sha256 FOREIGN KEY(sha256) REFERENCES revision (sha256),
    CONSTRAINT fk_keying_household_id FOREIGN KEY(household_id) REFERENCES household (id)
)""",
    """CREATE INDEX ix_keying_household_id ON keying (household_id)""",
    """CREATE TABLE keying_difference (
    sha256 TEXT NOT NULL,
    path TEXT NOT NULL,
    first TEXT NOT NULL,
    second TEXT NOT NULL,
    "right" TEXT,
    CONSTRAINT pk_keying_difference PRIMARY KEY (sha256, path),
    CONSTRAINT fk_keying_difference_sha256 FOREIGN KEY(sha256) REFERENCES keying (sha256)
)""",
    """CREATE TABLE review (
    sha256 TEXT NOT NULL,
    "by" TEXT NOT NULL,
    at TEXT NOT NULL,
    CONSTRAINT pk_review PRIMARY KEY (sha256),
    CONSTRAINT fk_review_sha256 FOREIGN KEY(sha256) REFERENCES revision (sha256)
)""",
)


def upgrade() -> None:
    connection = op.get_bind()
    for statement in STATEMENTS:
        connection.exec_driver_sql(statement)
