"""A damaged village's database and keys, moved aside for a copy; moved back when that is stopped.

They lie in `rusak-<n>/`. While the copy in their place is not finished a sign there lists what was
moved: whoever signs in next, also after a power cut, finds the damaged file where it was.
"""

from __future__ import annotations

import json
import os
import shutil
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from siks_offline.desa import village as places
from siks_offline.desa.village_folder import MARKER
from siks_offline.errors import SiksError
from siks_offline.export import files
from siks_offline.paths import UNFINISHED, sync_folder

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import BinaryIO

NAME: Final = "rusak-"
FRESH: Final = "pulih.baru"
_SUFFIXES: Final = ("", "-wal", "-shm", "-journal")


@dataclass(frozen=True, slots=True)
class Aside:
    """A folder of belongings that were moved, and the open sign that they may be moved back."""

    path: Path
    _sign: BinaryIO

    def finish(self) -> None:
        """Let what stands in their place be the village. Raises FileError."""
        with files.errors(self.path):
            self._sign.close()  # Windows deletes no open file
            (self.path / UNFINISHED).unlink()
            sync_folder(self.path)


@contextmanager
def instead(folder: Path) -> Iterator[Aside]:
    """Move a village's belongings aside for the block, which puts others there and finishes it.

    Whatever fails, they are moved back. Raises FileError.
    """
    taken = [int(path.name.removeprefix(NAME)) for path in folder.glob(f"{NAME}*")
             if path.name.removeprefix(NAME).isdigit()]  # fmt: skip
    aside = folder / f"{NAME}{max(taken, default=0) + 1}"
    try:
        with files.errors(folder):
            aside.mkdir(mode=0o700)
            sign = files.create(aside / UNFINISHED, private=True)
        with sign:  # held: opening the village in the block is no reason to move anything back
            with files.errors(folder):
                _move(folder, aside, sign)
            yield Aside(aside, sign)
    except BaseException:
        with suppress(SiksError):
            bring_back(folder)
        raise


def place(fresh: Path, folder: Path) -> None:
    """Put the belongings of a copy into a folder that has none, durably. Raises FileError."""
    with files.errors(folder):
        for source in belongings(fresh):
            target = folder / source.relative_to(fresh)
            files.make_folder(target.parent, 0o700)
            source.replace(target)
        if not (folder / MARKER).is_file():
            (fresh / MARKER).replace(folder / MARKER)
        _sync(folder)


def bring_back(folder: Path) -> None:
    """Undo what was stopped; called with the folder's lock held. Cheap when nothing was.

    Each step may be cut off and is done again by the next call. Raises FileError.
    """
    for sign in sorted(folder.glob(f"{NAME}*/{UNFINISHED}")):
        with files.errors(folder):
            if not _is_held(sign):
                _return(folder, sign.parent)
    shutil.rmtree(folder / FRESH, ignore_errors=True)


def belongings(folder: Path) -> Iterator[Path]:
    """What makes up a village but its copies and sent files: database, keystore."""
    for suffix in _SUFFIXES:
        path = folder / f"{places.DATABASE}{suffix}"
        if path.exists():
            yield path
    yield from sorted(folder.glob("kunci-*.age"))
    yield from sorted((folder / "akun").glob("*.age"))


def _moved(folder: Path) -> Iterator[Path]:
    """Belongings, and the mark of a village that was not closed: its file is to be checked."""
    yield from belongings(folder)
    if (folder / places.MARK).exists():
        yield folder / places.MARK


def _move(folder: Path, aside: Path, sign: BinaryIO) -> None:
    found = list(_moved(folder))
    sign.write(json.dumps([path.relative_to(folder).as_posix() for path in found]).encode())
    sign.flush()
    os.fsync(sign.fileno())
    files.hold(sign)
    sync_folder(aside)
    sync_folder(folder)
    for source in found:
        target = aside / source.relative_to(folder)
        files.make_folder(target.parent, 0o700)
        source.replace(target)
    _sync(aside)
    _sync(folder)


def _return(folder: Path, aside: Path) -> None:
    """Move back what the sign lists; anything else of the kind came from the copy."""
    there = {path.relative_to(aside).as_posix() for path in _moved(aside)}
    try:
        listed = set(json.loads((aside / UNFINISHED).read_bytes()))
    except ValueError:  # cut off while it was written: nothing had been moved yet
        listed = there | {path.relative_to(folder).as_posix() for path in _moved(folder)}
    for path in _moved(folder):
        name = path.relative_to(folder).as_posix()
        if name not in listed or name.endswith("-shm"):
            path.unlink()
    for name in sorted(there & listed):
        (aside / name).replace(folder / name)
    _sync(folder)
    (aside / UNFINISHED).unlink()
    sync_folder(aside)
    shutil.rmtree(aside, ignore_errors=True)
    sync_folder(folder)


def _is_held(sign: Path) -> bool:
    try:
        with sign.open("r+b") as file:
            files.hold(file)
    except OSError:
        return True
    return False


def _sync(folder: Path) -> None:
    if (folder / "akun").is_dir():
        sync_folder(folder / "akun")
    sync_folder(folder)
