"""Copies of a store's file: written whole, encrypted under the same key, verified by reopening."""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import func, inspect, select, table, text

from siks_offline.db import engine as engines
from siks_offline.db import faults
from siks_offline.errors import Cancelled, StoreError
from siks_offline.paths import sync_folder
from siks_offline.progress import silent

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sqlalchemy import Connection

    from siks_offline.db.engine import History, Store
    from siks_offline.progress import Progress

_GROWING: Final = frozenset({"audit", "export", "revision"})
_STEPS_A_TURN: Final = 200_000
"""Instructions of SQLite's machine between two looks whether to stop: some milliseconds."""


def write(store: Store, target: Path, progress: Progress = silent) -> dict[str, int]:
    """Write a copy of an open file store to `target`; return its rows by table.

    A plain file copy would lose what is in the -wal, so SQLite itself writes the copy from one
    snapshot (VACUUM INTO, under the key of the file). While it runs other writers go on: where
    they did, rows of tables that only grow are counted, else all must be there. Reports (0, 0)
    now and then, so that it can be cancelled.
    """
    if store.path is None:
        raise StoreError("E_DB_SERVER")
    part = target.with_name(target.name + ".part")
    with faults.told(writing=True, folder=target.parent, nama=target.name):
        try:
            engines.remove(part)
            engines.reserve(part)
            before, after, undisturbed = _vacuum_into(store, part, progress)
            progress(0, 0)
            counts = verify(part, store.key, store.history, progress)
            for name in _GROWING & counts.keys() if not undisturbed else counts:
                if not before[name] <= counts[name] <= after[name]:
                    raise StoreError("E_DB_DAMAGED", nama=target.name)
            with part.open("r+b") as file:
                os.fsync(file.fileno())
            os.replace(part, target)  # noqa: PTH105 - the same call as everywhere files are renamed
            sync_folder(target.parent)
        finally:
            engines.remove(part)
    return counts


def rekey(store: Store, key: bytes) -> Store:
    """Put a file under another key and return it open; the old store is closed.

    A copy is given the key, checked page by page and put in the file's place in one rename, so
    that at every moment the file is wholly under the one key or the other. Nobody else may have
    the file open. Raises StoreError E_DISK_FULL, E_NO_RIGHTS, E_DB_DAMAGED, E_DB_BUSY; then the old
    file stands, and the store is open unless only the last step failed.
    """
    if store.path is None:
        raise StoreError("E_DB_SERVER")
    path = store.path
    fresh = path.with_name(path.name + ".kunci.part")
    with faults.told(writing=True, folder=path.parent, nama=path.name):
        try:
            rows = write(store, fresh)
            _give_key(fresh, store.key, key)
            if verify(fresh, key, store.history) != rows:
                raise StoreError("E_DB_DAMAGED", nama=path.name)
            with fresh.open("r+b") as file:
                os.fsync(file.fileno())
            store.close()
            if path.with_name(path.name + "-wal").exists():
                raise StoreError("E_DB_BUSY")  # somebody else has it open: their pages are there
            os.replace(fresh, path)  # noqa: PTH105 - the same call as everywhere files are renamed
            sync_folder(path.parent)
        finally:
            engines.remove(fresh)
    return engines.Store(engines.file_engine(path, key), store.history, path, key)


def verify(path: Path, key: bytes, history: History, progress: Progress = silent) -> dict[str, int]:
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
            if findings(connection, progress=progress):
                raise StoreError("E_DB_DAMAGED", nama=path.name)
            return counts(connection)
    except StoreError as error:
        if error.code == "E_DB_DAMAGED":
            raise StoreError(engines.diagnosis(path, key), nama=path.name) from error
        raise
    finally:
        engine.dispose()


def findings(
    connection: Connection, *, quick: bool = False, progress: Progress = silent
) -> list[str]:
    """Return what SQLite and SQLCipher find wrong with a file; empty when it is whole.

    `quick` leaves out the HMAC of unused pages and the comparison of indexes with their tables.
    """
    with _stoppable(connection.connection, progress):
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


def _give_key(path: Path, old: bytes, new: bytes) -> None:
    engine = engines.file_engine(path, old, keep=False, pragmas=())
    pragma = f"PRAGMA rekey = \"x'{new.hex()}'\""  # a pragma takes no parameters
    raw = engine.raw_connection()
    try:
        raw.cursor().execute(pragma)
    finally:
        raw.close()
        engine.dispose()


def _vacuum_into(
    store: Store, part: Path, progress: Progress
) -> tuple[dict[str, int], dict[str, int], bool]:
    """Let SQLite write the copy; rows before and after, and whether nobody wrote in between.

    In between is from the first count to the last: a draft that goes away after it was counted
    and before the copy begins is no damage.
    """
    # Not through a session: VACUUM refuses to run inside a transaction.
    raw: Any = store.engine.raw_connection()
    try:
        with _stoppable(raw, progress):
            cursor = raw.cursor()
            cursor.execute("PRAGMA query_only=OFF")
            version = cursor.execute("PRAGMA data_version").fetchone()
            before = _counts_of(store)
            cursor.execute("VACUUM INTO ?", (str(part),))
            after = _counts_of(store)
            same: bool = cursor.execute("PRAGMA data_version").fetchone() == version
            cursor.close()
    finally:
        raw.close()
    return before, after, same


@contextmanager
def _stoppable(raw: Any, progress: Progress) -> Iterator[None]:
    """Let long statements of a connection end, with Cancelled, when a person wishes."""
    stopped: list[Cancelled] = []

    def turn() -> int:
        try:
            progress(0, 0)
        except Cancelled as wish:
            stopped.append(wish)
        return len(stopped)

    raw.driver_connection.set_progress_handler(turn, _STEPS_A_TURN)
    try:
        yield
    except Exception as error:
        if stopped:
            raise stopped[0] from error
        raise
    finally:
        raw.driver_connection.set_progress_handler(None, 0)
