"""Write a file whole or not at all."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import shutil
import sys
import time
from typing import IO, TYPE_CHECKING, BinaryIO

from siks_offline.errors import FileError, StoreError
from siks_offline.paths import UNFINISHED, sync_folder

if TYPE_CHECKING:
    import zipfile
    from collections.abc import Callable, Iterator
    from pathlib import Path

BLOCK = 1 << 18
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_RIGHTS = {errno.EACCES, errno.EPERM, errno.EROFS}
_GONE = {errno.EIO, errno.ENODEV, errno.ENXIO, errno.ESTALE, getattr(errno, "ENOMEDIUM", -1)}
_WINDOWS_FULL = {39, 112}
_WINDOWS_RIGHTS = {5, 19, 32, 33}
_WINDOWS_GONE = {3, 21, 433, 1006, 1117, 1167}
_WINDOWS_BUSY = {5, 32, 33}


def error_for(error: OSError, path: Path, *, reading: bool = False) -> FileError:
    """Return what a person is told about an OSError: a code for what can be done about it."""
    windows = getattr(error, "winerror", None)
    if error.errno in _FULL or windows in _WINDOWS_FULL:
        code = "E_DISK_FULL"
    elif error.errno in _RIGHTS or windows in _WINDOWS_RIGHTS:
        code = "E_NO_RIGHTS"
    elif error.errno == errno.EISDIR:
        code = "E_IS_FOLDER"
    elif error.errno == errno.EEXIST or (error.errno == errno.ENOTDIR and not reading):
        code = "E_NOT_FOLDER"
    elif reading and error.errno in {errno.ENOENT, errno.ENOTDIR}:
        code = "E_FILE_MISSING"
    elif error.errno in _GONE | {errno.ENOENT} or windows in _WINDOWS_GONE:
        code = "E_MEDIA_GONE"
    else:
        code = "E_FILE"
    name = path.name or str(path)
    return FileError(code, berkas=name, nama=name, sebab=error.strerror or str(error))


@contextlib.contextmanager
def errors(path: Path, *, reading: bool = False) -> Iterator[None]:
    """Turn every OSError of the block into a FileError about this path."""
    try:
        yield
    except OSError as error:
        raise error_for(error, path, reading=reading) from error


def require_space(folder: Path, needed: int) -> None:
    """Refuse with E_DISK_FULL when the medium of a folder has fewer free bytes than needed."""
    with errors(folder):
        free = shutil.disk_usage(folder).free
    if free < needed:
        raise FileError(
            "E_DISK_FULL", berkas=folder.name or str(folder), sebab=f"{free} < {needed}"
        )


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file's bytes, lower-case hex."""
    with errors(path, reading=True), path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


class Hashing:
    """A binary stream to write to that keeps the SHA-256 and size of what passed."""

    def __init__(self, out: BinaryIO) -> None:
        self._out = out
        self._hash = hashlib.sha256()
        self.size = 0

    def write(self, data: bytes) -> int:
        """Write all of data, whatever the medium takes at once."""
        view = memoryview(data)
        while view:
            taken = self._out.write(view)
            if not taken:
                raise OSError(errno.EIO, "short write")
            view = view[taken:]
        self._hash.update(data)
        self.size += len(data)
        return len(data)

    def flush(self) -> None:
        """Hand what is buffered to the medium, as writers of archives ask."""
        self._out.flush()

    def hexdigest(self) -> str:
        """SHA-256 so far."""
        return self._hash.hexdigest()


def hold(file: IO[bytes]) -> None:
    """Lock an open file for this program alone; the lock ends with the program.

    Raises OSError at once while another program has it.
    """
    if sys.platform == "win32":
        import msvcrt

        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
    else:
        import fcntl

        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


def check_finished(folder: Path) -> None:
    """Refuse a folder that was being made when the power went; one being made just now passes.

    Raises StoreError E_FOLDER_UNFINISHED.
    """
    with contextlib.suppress(OSError), (folder / UNFINISHED).open("r+b") as file:
        hold(file)  # nobody makes it any more
        raise StoreError("E_FOLDER_UNFINISHED", folder=str(folder))


@contextlib.contextmanager
def new_folder(folder: Path) -> Iterator[None]:
    """Make a folder that only its owner enters, to be filled by the block.

    When the block fails nothing of it remains, so that the same can be tried again: a folder that
    was there before is left empty. What a power cut left half made is told by UNFINISHED, and is
    cleared when the same folder is made again. Raises StoreError E_FOLDER_TAKEN when it holds
    anything else, E_SECOND_COPY while another program makes it, FileError.
    """
    sign = folder / UNFINISHED
    with errors(folder):
        existed = folder.exists()
        if existed and any(folder.iterdir()) and not sign.exists():
            raise StoreError("E_FOLDER_TAKEN", folder=str(folder))
        make_folder(folder, 0o700)
        held = create(sign, private=True)
    with held:
        try:
            hold(held)
        except OSError:
            raise StoreError("E_SECOND_COPY", folder=str(folder)) from None
        try:
            with errors(folder):
                _empty(folder, but=sign)
                folder.chmod(0o700)
                os.fsync(held.fileno())
                sync_folder(folder)
            yield
        except BaseException:
            held.close()  # Windows deletes no open file
            _discard(folder, sign, existed=existed)
            raise
    try:
        with errors(folder):
            sign.unlink()
            sync_folder(folder)
    except BaseException:
        _discard(folder, sign, existed=existed)
        raise


def make_folder(folder: Path, mode: int = 0o777) -> None:
    """Make a folder and those above it, durably; one that is there stays as it is."""
    missing = [path for path in (folder, *folder.parents) if not path.exists()]
    folder.mkdir(mode=mode, parents=True, exist_ok=True)
    for path in missing:
        sync_folder(path.parent)


def _discard(folder: Path, sign: Path, *, existed: bool) -> None:
    """Leave nothing of a folder that could not be finished; the sign of that goes last."""
    with contextlib.suppress(OSError):
        _empty(folder, but=sign)
        sign.unlink(missing_ok=True)
        if not existed:
            folder.rmdir()


def _empty(folder: Path, but: Path) -> None:
    for inside in folder.iterdir():
        if inside.is_dir() and not inside.is_symlink():
            shutil.rmtree(inside, ignore_errors=True)
        elif inside != but:
            with contextlib.suppress(OSError):
                inside.unlink()


def create(path: Path, *, private: bool) -> BinaryIO:
    """Open a file for writing, empty; a private one is for its owner only, on POSIX."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_BINARY", 0)
    return open(os.open(path, flags, 0o600 if private else 0o666), "wb")  # noqa: PTH123 - a descriptor


def write_whole(
    path: Path,
    content: bytes | Callable[[Hashing], object],
    *,
    private: bool = False,
    naming: Callable[[], contextlib.AbstractContextManager[object]] = contextlib.nullcontext,
) -> str:
    """Write a file under a temporary name, make it durable, put it in place; return its SHA-256.

    `content` is the bytes, or a function that writes them. Whatever fails, an earlier file of that
    name stays as it was and no part remains. The file gets its name within a `naming`, and nothing
    else happens there. Raises FileError.
    """
    part = path.with_name(path.name + ".part")
    try:
        with errors(path):
            with create(part, private=private) as file:
                out = Hashing(file)
                if isinstance(content, bytes):
                    out.write(content)
                else:
                    content(out)
                file.flush()
                os.fsync(file.fileno())
            put_in_place(part, path, out.hexdigest(), naming)
    except BaseException:
        with contextlib.suppress(OSError):
            part.unlink()
        raise
    return out.hexdigest()


def unpack(packed: zipfile.ZipFile, folder: Path, *, last: str) -> None:
    """Write the entries of a judged zip below a folder, each whole and durable, one of them last.

    Raises FileError, and what the zip raises when it is damaged.
    """
    for name in sorted(packed.namelist(), key=lambda name: (name == last, name)):
        target = folder / name
        with errors(target.parent):
            make_folder(target.parent, 0o700)

        def put(out: Hashing, name: str = name) -> None:
            with packed.open(name) as inside:
                shutil.copyfileobj(inside, out, BLOCK)

        write_whole(target, put, private=True)


def put_in_place(
    part: Path,
    path: Path,
    sha256: str,
    naming: Callable[[], contextlib.AbstractContextManager[object]] = contextlib.nullcontext,
) -> None:
    """Rename a finished, fsynced part over its target and read it back from there.

    An existing target is replaced only after the part itself was read back. Raises FileError
    E_MEDIA_BAD when the medium returns other bytes than were written, and OSError.
    """
    if path.exists() and sha256_of(part) != sha256:
        raise FileError("E_MEDIA_BAD", berkas=path.name)
    with naming():
        _replace(part, path)
    sync_folder(path.parent)
    if sha256_of(path) != sha256:
        with contextlib.suppress(OSError):
            path.unlink()
        raise FileError("E_MEDIA_BAD", berkas=path.name)


def _replace(part: Path, path: Path) -> None:
    """Rename, waiting out what an antivirus on Windows holds for a moment (3 s in all)."""
    pause = 0.05
    waited = 0.0
    while True:
        try:
            part.replace(path)
        except OSError as error:
            if getattr(error, "winerror", None) not in _WINDOWS_BUSY or waited >= 3:
                raise
            time.sleep(pause)
            waited += pause
            pause = min(pause * 2, 1.0)
        else:
            return
