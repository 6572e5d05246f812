"""A draft says what it holds, so that an answer missing from it is found."""

from __future__ import annotations

from alembic import op

revision = "0008"
down_revision = "0007"

STATEMENTS = (
    "ALTER TABLE draft RENAME TO draft_lama",
    """CREATE TABLE draft (
    household_id TEXT NOT NULL,
    instrument_id TEXT NOT NULL,
    instrument_version TEXT NOT NULL,
    author TEXT NOT NULL,
    at TEXT NOT NULL,
    typing_path TEXT,
    typing_text TEXT NOT NULL,
    confirmations TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    CONSTRAINT pk_draft PRIMARY KEY (household_id, instrument_id, instrument_version),
    CONSTRAINT fk_draft_household_id FOREIGN KEY(household_id) REFERENCES household (id)
)""",
    """INSERT INTO draft
SELECT household_id, instrument_id, instrument_version, author, at, typing_path, typing_text,
    confirmations, '' FROM draft_lama""",
    "DROP TABLE draft_lama",
)


def upgrade() -> None:
    connection = op.get_bind()
    for statement in STATEMENTS:
        connection.exec_driver_sql(statement)
