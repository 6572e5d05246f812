"""Copies of a store's file: written whole, encrypted under the same key, verified by reopening."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from sqlalchemy import func, inspect, select, table, text

from siks_offline.db import engine as engines
from siks_offline.db import faults
from siks_offline.errors import StoreError

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import Connection

    from siks_offline.db.engine import History, Store


def write(store: Store, target: Path) -> dict[str, int]:
    """Write a copy of an open file store to `target`; return its rows by table.

    A plain file copy would lose what is in the -wal, so SQLite itself writes the copy from one
    snapshot (VACUUM INTO, under the key of the file). While it runs other writers go on, so the
    counts of the copy must lie between those before and after.
    """
    if store.path is None:
        raise StoreError("E_DB_SERVER")
    part = target.with_name(target.name + ".part")
    with faults.told(writing=True, folder=target.parent, nama=target.name):
        try:
            engines.remove(part)
            engines.reserve(part)
            before = _counts_of(store)
            _vacuum_into(store, part)
            after = _counts_of(store)
            counts = verify(part, store.key, store.history)
            for name, rows in counts.items():
                low, high = sorted((before.get(name, rows), after.get(name, rows)))
                if not low <= rows <= high:
                    raise StoreError("E_DB_DAMAGED", nama=target.name)
            with part.open("r+b") as file:
                os.fsync(file.fileno())
            os.replace(part, target)  # noqa: PTH105 - the same call as everywhere files are renamed
        finally:
            engines.remove(part)
    return counts


def verify(path: Path, key: bytes, history: History) -> dict[str, int]:
    """Check every page of a file and return its rows by table, without changing or migrating it.

    For a copy, and for a backup before it is put in place. Raises StoreError E_DB_MISSING,
    E_DB_KEY, E_DB_FOREIGN, E_DB_DAMAGED, E_DB_NEWER.
    """
    if not path.is_file():
        raise StoreError("E_DB_MISSING", nama=path.name)
    if path.stat().st_size == 0:
        raise StoreError("E_DB_DAMAGED", nama=path.name)
    engine = engines.file_engine(path, key, keep=False, pragmas=())
    try:
        with engine.connect() as connection:
            if connection.scalar(text("PRAGMA application_id")) != history.application_id:
                raise StoreError("E_DB_FOREIGN", nama=path.name)
            version = engines.stored_version(connection, history)
            if version > history.version:
                raise StoreError("E_DB_NEWER", versi=version, dikenal=history.version)
            if findings(connection):
                raise StoreError("E_DB_DAMAGED", nama=path.name)
            return counts(connection)
    except StoreError as error:
        if error.code == "E_DB_DAMAGED":
            raise StoreError(engines.diagnosis(path, key), nama=path.name) from error
        raise
    finally:
        engine.dispose()


def findings(connection: Connection, *, quick: bool = False) -> list[str]:
    """Return what SQLite and SQLCipher find wrong with a file; empty when it is whole.

    `quick` leaves out the HMAC of unused pages and the comparison of indexes with their tables.
    """
    found = connection.scalars(
        text("PRAGMA quick_check" if quick else "PRAGMA integrity_check")
    ).all()
    if not quick:
        found = [*found, *connection.scalars(text("PRAGMA cipher_integrity_check")).all()]
    return [line for line in found if line != "ok"]


def counts(connection: Connection) -> dict[str, int]:
    """Return the number of rows of every table."""
    return {
        name: connection.scalar(select(func.count()).select_from(table(name))) or 0
        for name in sorted(inspect(connection).get_table_names())
        if "_fts" not in name  # the index's own tables grow and merge on their own
    }


def _counts_of(store: Store) -> dict[str, int]:
    with store.read() as session:
        return counts(session.connection())


def _vacuum_into(store: Store, part: Path) -> None:
    # Not through a session: VACUUM refuses to run inside a transaction.
    raw = store.engine.raw_connection()
    try:
        cursor = raw.cursor()
        cursor.execute("PRAGMA query_only=OFF")
        cursor.execute("VACUUM INTO ?", (str(part),))
        cursor.close()
    finally:
        raw.close()
