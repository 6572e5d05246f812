"""Accounts, their rights and the bin."""

from __future__ import annotations

from alembic import op

revision = "0003"
down_revision = "0002"

STATEMENTS: tuple[str, ...] = (
    """CREATE TABLE account_state (
    name TEXT NOT NULL,
    first_code BOOLEAN NOT NULL,
    next_recipient TEXT NOT NULL,
    CONSTRAINT pk_account_state PRIMARY KEY (name)
)""",
)

BIN = (
    """CREATE TABLE bin (
    number INTEGER NOT NULL,
    kind TEXT NOT NULL,
    household_id TEXT NOT NULL,
    label TEXT NOT NULL,
    content TEXT NOT NULL,
    at TEXT NOT NULL,
    "by" TEXT NOT NULL,
    day INTEGER NOT NULL,
    CONSTRAINT pk_bin PRIMARY KEY (number)
)""",
    "CREATE INDEX ix_bin_household_id ON bin (household_id)",
    """CREATE TABLE bin_photo (
    number INTEGER NOT NULL,
    sha256 TEXT NOT NULL,
    extension TEXT NOT NULL,
    kind TEXT NOT NULL,
    household_id TEXT NOT NULL,
    content BLOB NOT NULL,
    CONSTRAINT pk_bin_photo PRIMARY KEY (number, sha256),
    CONSTRAINT fk_bin_photo_number FOREIGN KEY(number) REFERENCES bin (number)
)""",
    """CREATE TABLE copy (
    number INTEGER NOT NULL,
    name TEXT NOT NULL,
    own BOOLEAN NOT NULL,
    why TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    households INTEGER NOT NULL,
    day INTEGER NOT NULL,
    at TEXT NOT NULL,
    "by" TEXT NOT NULL,
    CONSTRAINT pk_copy PRIMARY KEY (number)
)""",
)


def upgrade() -> None:
    connection = op.get_bind()
    for statement in (*STATEMENTS, *BIN):
        connection.exec_driver_sql(statement)
