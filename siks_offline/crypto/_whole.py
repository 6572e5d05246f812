"""Small secret files, written whole or not at all.

The same promise as export.files, below it in the layers and for files of one kind: at most 64 KiB,
readable by their owner only.
"""

from __future__ import annotations

import contextlib
import errno
import os
import time
from typing import TYPE_CHECKING

from siks_offline.errors import FileError, SecretError
from siks_offline.paths import sync_folder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

LIMIT = 64 * 1024
_FULL = {errno.ENOSPC, errno.EFBIG, getattr(errno, "EDQUOT", errno.ENOSPC)}
_RIGHTS = {errno.EACCES, errno.EPERM, errno.EROFS}


@contextlib.contextmanager
def _named(path: Path) -> Iterator[None]:
    """Turn what the system says about a file into a FileError naming it."""
    try:
        yield
    except OSError as fault:
        code = "E_FILE"
        if fault.errno in _FULL:
            code = "E_DISK_FULL"
        elif fault.errno in _RIGHTS:
            code = "E_NO_RIGHTS"
        elif fault.errno == errno.EISDIR:
            code = "E_IS_FOLDER"
        cause = fault.strerror or str(fault)
        raise FileError(code, nama=path.name, berkas=path.name, sebab=cause) from fault


def read(path: Path) -> bytes | None:
    """Return a file's bytes, one more than the limit at most; None when there is no such file."""
    with _named(path):
        try:
            with path.open("rb") as file:
                return file.read(LIMIT + 1)
        except FileNotFoundError:
            return None


def make_folder(path: Path) -> None:
    """Make a folder that only its owner enters, durably; an existing one stays as it is."""
    with _named(path):
        if not path.is_dir():
            path.mkdir(mode=0o700, parents=True, exist_ok=True)
            sync_folder(path.parent)


def write(path: Path, content: bytes, prove: Callable[[bytes], bool]) -> None:
    """Put a file in place of what was there once it is on the disk and proven.

    `prove` gets the bytes read back and tells whether they do what they must. If not, and on any
    other failure, the earlier file is untouched and nothing new remains.

    Raises FileError E_DISK_FULL, E_NO_RIGHTS, E_FILE; SecretError E_KEYSTORE_UNPROVEN.
    """
    part = path.with_name(path.name + ".part")
    with _named(path):
        part.unlink(missing_ok=True)
        try:
            mode = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
            with open(os.open(part, mode, 0o600), "wb") as file:  # noqa: PTH123 - a descriptor
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            if not prove(part.read_bytes()):
                raise SecretError("E_KEYSTORE_UNPROVEN", berkas=path.name)
            _replace(part, path)
            sync_folder(path.parent)
        except BaseException:
            with contextlib.suppress(OSError):
                part.unlink(missing_ok=True)
            raise


def remove(path: Path) -> None:
    """Delete a file durably; harmless when it is gone. Raises FileError."""
    with _named(path):
        path.unlink(missing_ok=True)
        sync_folder(path.parent)


def _replace(part: Path, path: Path) -> None:
    """Rename, waiting out a virus scanner that holds the file for a moment (Windows)."""
    for pause in (0.05, 0.1, 0.2, 0.4, 0.8):
        try:
            part.replace(path)
        except PermissionError:
            if os.name != "nt":
                raise
            time.sleep(pause)
        else:
            return
    part.replace(path)
