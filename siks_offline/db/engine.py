"""Open an encrypted village file or an office store, and give sessions on it.

Files are SQLCipher 4 under a random raw 32-byte key; an office may instead name a PostgreSQL
server by URL. A session of `read()` is one snapshot that cannot write; one of `write()` is one
transaction that holds the only write lock from its start (HOUSE.md section 7).
"""

from __future__ import annotations

import hashlib
import hmac
import os
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Self

from sqlalchemy import (
    Connection,
    Engine,
    Select,
    column,
    create_engine,
    event,
    inspect,
    select,
    table,
    text,
)
from sqlalchemy.orm import Session
from sqlalchemy.pool import NullPool, QueuePool

from siks_offline.db import faults
from siks_offline.errors import StoreError
from siks_offline.paths import sync_folder

if TYPE_CHECKING:
    from collections.abc import Iterator

KEY_BYTES: Final = 32
PAGE: Final = 4096
BUSY_MS: Final = 5000
PRAGMAS: Final = (
    "PRAGMA foreign_keys=ON",
    "PRAGMA journal_mode=WAL",
    # Not optional: WAL with NORMAL loses committed households at a power cut.
    "PRAGMA synchronous=FULL",
    "PRAGMA secure_delete=ON",
    "PRAGMA trusted_schema=OFF",
    "PRAGMA mmap_size=0",
    "PRAGMA temp_store=MEMORY",
    # Holds the search texts of 100,000 households; small villages never fill it.
    "PRAGMA cache_size=-48000",
)
_WRITER_LOCK = 0x53494B53  # the one writer of a PostgreSQL store, as BEGIN IMMEDIATE is of a file


@dataclass(frozen=True, slots=True)
class History:
    """A line of schema versions: its folder of steps, and the newest version this program knows."""

    name: str
    version: int
    application_id: int
    """Header field of the SQLite file; tells a village file from an office store."""

    @property
    def version_table(self) -> str:
        """Table that holds the version a store stands at."""
        return f"siks_{self.name}_skema"


DESA: Final = History("desa", 8, 0x53494B44)
DINSOS: Final = History("dinsos", 5, 0x53494B4B)


class Store:
    """An open store; sessions come from `read()` and `write()`."""

    def __init__(self, engine: Engine, history: History, path: Path | None, key: bytes) -> None:
        self.engine = engine
        self.history = history
        self.path = path
        self.key = key
        self._reader = engine
        self._writer = engine.execution_options(siks_write=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @contextmanager
    def read(self) -> Iterator[Session]:
        """Give a session on one snapshot; a write in it fails."""
        with Session(self._reader) as session:
            yield session

    @contextmanager
    def write(self, within: Session | None = None) -> Iterator[Session]:
        """Give a session that commits at the end, or leaves nothing when anything is raised.

        `within` is such a session of the caller's, whose end decides. Raises StoreError E_DB_BUSY
        when another writer does not end within five seconds.
        """
        if within is not None:
            yield within
            return
        with Session(self._writer, expire_on_commit=False) as session, session.begin():
            session.connection()  # takes the write lock now, not at the first statement
            yield session

    def fold(self) -> None:
        """Fold the -wal into the file, as far as nobody reads from it.

        The cipher's own check reads the file alone and takes pages that still stand in the -wal for
        damaged ones.
        """
        with self.engine.connect() as connection, faults.told():
            driver: Any = connection.connection.driver_connection
            driver.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

    def close(self) -> None:
        """Close all connections; the last one folds the -wal into the file."""
        self.engine.dispose()
        self.key = b""


def create_village(path: Path, key: bytes) -> Store:
    """Make a new village file. Raises StoreError E_DB_EXISTS, E_DISK_FULL, E_NO_RIGHTS."""
    return _create_file(path, key, DESA)


def open_village(path: Path, key: bytes) -> Store:
    """Open a village file, migrating an older one.

    Raises StoreError E_DB_MISSING, E_DB_KEY, E_DB_FOREIGN, E_DB_DAMAGED, E_DB_NEWER, E_DB_BUSY,
    E_NO_RIGHTS.
    """
    return _open_file(path, key, DESA)


def create_office(target: Path | str, key: bytes = b"") -> Store:
    """Make a new office store: a file, or empty tables in the database that a URL names."""
    if isinstance(target, Path):
        return _create_file(target, key, DINSOS)
    engine = _server_engine(target)
    try:
        with engine.execution_options(siks_write=True).begin() as connection:
            if inspect(connection).has_table(DINSOS.version_table):
                raise StoreError("E_DB_EXISTS", nama=engine.url.database or "")
            _migrate(connection, DINSOS)
    except BaseException:
        engine.dispose()
        raise
    return Store(engine, DINSOS, None, b"")


def open_office(target: Path | str, key: bytes = b"") -> Store:
    """Open an office store, migrating an older one; errors as `open_village`, and E_DB_SERVER."""
    if isinstance(target, Path):
        return _open_file(target, key, DINSOS)
    store = Store(_server_engine(target), DINSOS, None, b"")
    try:
        _bring_up(store)
    except BaseException:
        store.close()
        raise
    return store


def backup(store: Store, target: Path) -> dict[str, int]:
    """Write an encrypted copy under the same key, verified by reopening; rows by table.

    Raises StoreError E_DISK_FULL, E_NO_RIGHTS, E_DB_DAMAGED; then the target is as it was.
    """
    from siks_offline.db import copies

    return copies.write(store, target)


def file_engine(
    path: Path, key: bytes, *, keep: bool = True, pragmas: tuple[str, ...] = PRAGMAS
) -> Engine:
    """Return an engine on a SQLCipher file; `keep` holds connections open between sessions."""
    import sqlcipher3.dbapi2

    dbapi2: Any = sqlcipher3.dbapi2  # a compiled module without type stubs
    if len(key) != KEY_BYTES:
        raise StoreError("E_DB_KEY")
    pragma_key = f"PRAGMA key = \"x'{key.hex()}'\""

    def connect() -> Any:
        with faults.told(folder=path.parent, nama=path.name):
            connection = dbapi2.connect(str(path), isolation_level=None, check_same_thread=False)
        try:
            # SQLCipher would write each failing page to stderr beside the error it returns.
            connection.execute("PRAGMA cipher_log_level = NONE").close()
            connection.execute(pragma_key).close()
            connection.execute(f"PRAGMA busy_timeout={BUSY_MS}").close()
            with faults.told(folder=path.parent, nama=path.name):
                for pragma in pragmas:
                    connection.execute(pragma).close()
        except BaseException:
            connection.close()
            raise
        return connection

    pool: dict[str, Any] = (
        {"poolclass": QueuePool, "pool_size": 4, "max_overflow": 4, "pool_use_lifo": True}
        if keep
        else {"poolclass": NullPool}
    )
    engine = create_engine(
        "sqlite://", module=dbapi2, creator=connect, hide_parameters=True, echo=False, **pool
    )
    faults.listen(engine, path.name, path.parent)

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        write = connection.get_execution_options().get("siks_write", False)
        connection.exec_driver_sql(f"PRAGMA query_only={'OFF' if write else 'ON'}")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")

    return engine


def _server_engine(url: str) -> Engine:
    """Return an engine on a PostgreSQL database; the server, not this program, encrypts it."""
    from psycopg import IsolationLevel

    engine = create_engine(url, hide_parameters=True, echo=False, pool_pre_ping=True)
    faults.listen(engine, engine.url.database or "")

    @event.listens_for(engine, "connect")
    def _wait_no_longer(driver: Any, _: object) -> None:
        with faults.told(nama=engine.url.database or ""):
            driver.execute("SELECT set_config('lock_timeout', %s, false)", (str(BUSY_MS),))
            driver.commit()

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        write = connection.get_execution_options().get("siks_write", False)
        # Said with the BEGIN that the driver sends before the first statement, not after it.
        driver: Any = connection.connection.driver_connection
        driver.read_only = not write
        driver.isolation_level = None if write else IsolationLevel.REPEATABLE_READ
        if write:
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_WRITER_LOCK})")

    return engine


def _create_file(path: Path, key: bytes, history: History) -> Store:
    """Build the file under another name, so that a half-made one never bears the real one."""
    if path.exists():
        raise StoreError("E_DB_EXISTS", nama=path.name)
    fresh = path.with_name(path.name + ".baru")
    try:
        remove(fresh)
        reserve(fresh)
        engine = file_engine(fresh, key, keep=False)
        with engine.execution_options(siks_write=True).begin() as connection:
            connection.exec_driver_sql(f"PRAGMA application_id={history.application_id}")
            _migrate(connection, history)
        engine.dispose()
        with faults.told(nama=path.name):
            os.replace(fresh, path)  # noqa: PTH105 - the same call as everywhere files are renamed
            sync_folder(path.parent)
    except BaseException:
        remove(fresh)
        raise
    return _open_file(path, key, history)


def _open_file(path: Path, key: bytes, history: History) -> Store:
    if not path.is_file():
        raise StoreError("E_DB_MISSING", nama=path.name)
    if path.stat().st_size == 0:  # SQLite would take it for a new one and write to it
        raise StoreError("E_DB_DAMAGED", nama=path.name)
    try:
        store = Store(file_engine(path, key), history, path, key)
        try:
            _check_header(store)
            _bring_up(store)
        except BaseException:
            store.close()
            raise
    except StoreError as error:
        if error.code == "E_DB_DAMAGED":
            raise StoreError(diagnosis(path, key), nama=path.name) from error
        raise
    return store


def _check_header(store: Store) -> None:
    with store.read() as session:
        found = session.scalar(text("PRAGMA application_id"))
    if found != store.history.application_id:
        raise StoreError("E_DB_FOREIGN", nama=store.path.name if store.path else "")


def _bring_up(store: Store) -> None:
    """Migrate an older store; refuse a newer one, which this program would damage."""
    history = store.history
    with store.read() as session:
        version = stored_version(session.connection(), history)
    if version == history.version:
        return
    if version > history.version:
        raise StoreError("E_DB_NEWER", versi=version, dikenal=history.version)
    if store.path is not None:  # a server is backed up by whoever keeps it
        backup(store, store.path.with_name(f"{store.path.stem}-skema-{version}.db"))
    with store.write() as session:
        _migrate(session.connection(), history)


def stored_version(connection: Connection, history: History) -> int:
    """Return the schema version a store stands at. Raises StoreError E_DB_FOREIGN without one."""
    if not inspect(connection).has_table(history.version_table):
        raise StoreError("E_DB_FOREIGN", nama="")
    stored: Select[Any] = select(column("version_num")).select_from(table(history.version_table))
    found = connection.scalar(stored)
    return int(found or 0)


def _migrate(connection: Connection, history: History) -> None:
    from siks_offline.db import migrate

    migrate.upgrade(connection, history)


def reserve(path: Path) -> None:
    """Make an empty file that only its owner reads; SQLite gives its -wal and -shm the same mode.

    Raises StoreError E_DISK_FULL, E_NO_RIGHTS.
    """
    with faults.told(nama=path.name):
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))


def remove(path: Path) -> None:
    """Delete a database file with what SQLite keeps beside it. Raises StoreError E_NO_RIGHTS."""
    with faults.told(nama=path.name):
        for suffix in ("", "-wal", "-shm", "-journal"):
            path.with_name(path.name + suffix).unlink(missing_ok=True)


def diagnosis(path: Path, key: bytes) -> str:
    """Return why SQLCipher cannot read a file: E_DB_FOREIGN, E_DB_DAMAGED or E_DB_KEY.

    SQLCipher says the same of a wrong key and of a damaged first page. Each page carries an
    HMAC-SHA-512 under a key made from ours and the salt in the first 16 bytes
    (https://www.zetetic.net/sqlcipher/design/), so any page that holds proves the key.
    """
    size = path.stat().st_size
    with path.open("rb") as file:
        salt = file.read(16)
        if salt == b"SQLite format 3\0":
            return "E_DB_FOREIGN"
        pages = size // PAGE
        if pages == 0:
            return "E_DB_DAMAGED" if size == 0 else "E_DB_FOREIGN"
        page_key = hashlib.pbkdf2_hmac("sha512", key, bytes(b ^ 0x3A for b in salt), 2, KEY_BYTES)
        for number in {1, 2, 3, 4, pages // 2, pages - 1, pages}:
            if not 1 <= number <= pages:
                continue
            file.seek((number - 1) * PAGE)
            page = file.read(PAGE)[16 if number == 1 else 0 :]
            said = hmac.digest(page_key, page[:-64] + number.to_bytes(4, "little"), "sha512")
            if hmac.compare_digest(said, page[-64:]):
                return "E_DB_DAMAGED"
    return "E_DB_FOREIGN" if size % PAGE else "E_DB_KEY"
