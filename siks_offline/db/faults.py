"""What a database driver reports, told as a StoreError that a person can act on.

Constraint failures and wrong SQL are not told: they are bugs and stay what they are.
"""

from __future__ import annotations

import errno
import shutil
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from sqlalchemy import event

from siks_offline.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sqlalchemy import Engine
    from sqlalchemy.engine import ExceptionContext

_ROOM = 1 << 16  # SQLite begins a -shm of 32 KiB when it opens a file, and a -wal

# https://www.sqlite.org/rescode.html; the low byte of an extended code is its primary code.
_SQLITE = {
    3: "E_NO_RIGHTS",  # PERM
    5: "E_DB_BUSY",
    6: "E_DB_BUSY",  # LOCKED
    8: "E_NO_RIGHTS",  # READONLY
    10: "E_DB_IO",
    11: "E_DB_DAMAGED",  # CORRUPT
    13: "E_DISK_FULL",
    14: "E_NO_RIGHTS",  # CANTOPEN
    15: "E_DB_BUSY",  # PROTOCOL: so many at work that no snapshot could be taken
    26: "E_DB_DAMAGED",  # NOTADB: a page, usually the first, whose HMAC does not hold
}
_MESSAGES = {
    "E_DB_DAMAGED": ("disk image is malformed", "file is not a database"),
    "E_DB_BUSY": ("database is locked", "database table is locked", "locking protocol"),
    "E_DISK_FULL": ("database or disk is full",),
    "E_NO_RIGHTS": ("attempt to write a readonly database", "unable to open database file"),
    "E_DB_IO": ("disk I/O error", "PRAGMA rekey can only be run on an existing encrypted database"),
}
_NO_CAUSE = 1  # ERROR: wrong SQL, and a change of the key, which keeps to itself what the disk said
# https://www.postgresql.org/docs/current/errcodes-appendix.html; two digits name a class.
_POSTGRESQL = {
    "08": "E_DB_SERVER",
    "28": "E_DB_SERVER",
    "3D": "E_DB_SERVER",
    "40": "E_DB_BUSY",
    "53100": "E_DISK_FULL",
    "53": "E_DB_SERVER",
    "55P03": "E_DB_BUSY",
    "57": "E_DB_SERVER",
    "42501": "E_NO_RIGHTS",
    "XX001": "E_DB_DAMAGED",
    "XX002": "E_DB_DAMAGED",
}


def code_of(
    error: BaseException | None, *, writing: bool = False, folder: Path | None = None
) -> str | None:
    """Return the code of the StoreError that tells this driver error, or None for a bug.

    A quota or file size limit reports IOERR_WRITE instead of FULL, and the driver gives only the
    primary code: so an input/output error while writing counts as a full disk. So does one where
    the folder has no room: opening a file already needs some for what SQLite keeps beside it.

    The cipher says that it has no memory where it could not read a page, or make one: pager.c takes
    a codec without an answer for that (CODEC1, CODEC2), and the driver raises MemoryError.
    """
    if isinstance(error, MemoryError):
        return "E_DB_IO"
    code = _code_of(error)
    full = code == "E_DB_IO" and (writing or (folder is not None and _has_no_room(folder)))
    return "E_DISK_FULL" if full else code


def _has_no_room(folder: Path) -> bool:
    try:
        return shutil.disk_usage(folder).free < _ROOM
    except OSError:
        return False


def _code_of(error: BaseException | None) -> str | None:
    if isinstance(error, OSError):
        full = error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
        return "E_DISK_FULL" if full else "E_NO_RIGHTS"
    number = getattr(error, "sqlite_errorcode", None)
    if isinstance(number, int) and number & 0xFF != _NO_CAUSE:
        return _SQLITE.get(number & 0xFF)
    module = type(error).__module__.split(".")[0]
    if module == "psycopg":
        return _postgresql(error)
    if module == "sqlcipher3":  # a few paths of the driver raise without a number
        said = str(error)
        for code, parts in _MESSAGES.items():
            if any(part in said for part in parts):
                return code
    return None


def _postgresql(error: Any) -> str | None:
    state = getattr(error, "sqlstate", None)
    if state:
        return _POSTGRESQL.get(state) or _POSTGRESQL.get(state[:2])
    # Without a state the server never answered: no connection, or a lost one.
    return "E_DB_SERVER" if type(error).__name__ == "OperationalError" else None


def listen(engine: Engine, name: str, folder: Path | None = None) -> None:
    """Tell every driver error of the engine of this file or server as a StoreError."""

    @event.listens_for(engine, "handle_error")
    def _tell(context: ExceptionContext) -> None:
        options = context.connection.get_execution_options() if context.connection else {}
        writing = options.get("siks_write", False)
        code = code_of(context.original_exception, writing=writing, folder=folder)
        if code is not None:
            raise StoreError(code, nama=name) from context.original_exception


@contextmanager
def told(*, writing: bool = False, folder: Path | None = None, **facts: Any) -> Iterator[None]:
    """Tell what the driver or the file system raises in this block as a StoreError."""
    try:
        yield
    except Exception as error:
        code = code_of(error, writing=writing, folder=folder)
        if code is None:
            raise
        raise StoreError(code, **facts) from error
