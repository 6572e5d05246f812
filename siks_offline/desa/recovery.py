"""A damaged village: what is wrong, what a good copy would bring back, and putting it in place.

The damaged file is never changed: it moves aside together with its -wal, to `rusak-<n>/`. Whatever
fails after that brings it back, so that a stopped recovery leaves what was there before it.
"""

from __future__ import annotations

import shutil
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from siks_offline.desa import backup, copies, place, salvaging
from siks_offline.desa import village as places
from siks_offline.desa.village import FolderLock
from siks_offline.desa.village_folder import MARKER, read_folder
from siks_offline.errors import FileError, SecretError, SiksError, StoreError
from siks_offline.progress import silent

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from pathlib import Path

    from siks_offline.progress import Progress

CODES: Final = frozenset(
    {"E_DB_DAMAGED", "E_DB_MISSING", "E_DB_FOREIGN", "E_DB_KEY", "E_KEYSTORE_DAMAGED"}
)
"""Refusals of a sign-in after which the recovery screen is offered."""
_ASIDE: Final = "rusak-"
_FRESH: Final = "pulih.baru"
_SUFFIXES: Final = ("", "-wal", "-shm", "-journal")


@dataclass(frozen=True, slots=True)
class Choice:
    """A copy that can be put in place: where it lies and what it says of itself."""

    path: Path
    about: backup.About


@dataclass(frozen=True, slots=True)
class Recovered:
    """What was put in place, and what of the damaged file could be saved beside it."""

    households: int
    copy: backup.About
    visits: int
    drafts: int
    aside: str
    """Name of the folder in which the damaged file lies now."""


def choices(folder: Path, extra: Path | None = None) -> list[Choice]:
    """Return the copies that look whole without a passphrase, newest first.

    Of the village's own folder, and one that a person names. Damaged ones are left out.
    """
    found = []
    paths = [one.path for one in copies.kept(folder)]
    if extra is not None:
        paths.insert(0, extra)
    known = None
    with suppress(SiksError):
        known = read_folder(folder).kode_desa
    for path in paths:
        with suppress(SiksError):
            if known and backup.marker(path).get("kode_desa") != known:
                continue
            if backup.sound(path):
                found.append(Choice(path, backup.about(path)))
    return found


def put_back(
    folder: Path,
    choice: Path,
    account: str,
    passphrase: str,
    now: datetime,
    progress: Progress = silent,
) -> Recovered:
    """Put a copy in the damaged file's place and save what can be read of that file.

    The copy is unpacked and every page of it checked before anything is moved. Raises FileError
    E_BACKUP_DAMAGED, SecretError E_PASSPHRASE, StoreError; then the folder is as it was.
    """
    about = backup.about(choice)
    lock = FolderLock(folder)
    with ExitStack() as undo:
        undo.callback(lock.release)
        fresh = folder / _FRESH
        shutil.rmtree(fresh, ignore_errors=True)
        undo.callback(shutil.rmtree, fresh, ignore_errors=True)
        fresh.mkdir(mode=0o700)
        backup.unpack(choice, fresh)
        keys = _keys(folder, account, passphrase)
        backup.prove(fresh, account, passphrase)
        progress(1, 3)
        with ExitStack() as back:
            aside = _move_aside(folder, back)
            _place(fresh, folder, back)
            lock.release()
            recovered = _open_and_save(
                folder, aside, about, account, passphrase, keys, now, progress
            )
            back.pop_all()
    return recovered


def _open_and_save(
    folder: Path, aside: Path, about: backup.About, account: str, passphrase: str,
    keys: tuple[bytes, ...], now: datetime, progress: Progress,
) -> Recovered:  # fmt: skip
    from siks_offline.db import audit, households
    from siks_offline.desa import accounts
    from siks_offline.export.canonical import stamp

    with accounts.open_village(folder, account, passphrase) as village:
        saved = salvaging.save(village, aside / places.DATABASE, keys, now)
        progress(2, 3)
        with village.store.write() as session:
            # What the copy does not know may already have been sent (BUNDLE.md section 3).
            backup.new_stream(session, stamp(now))
            audit.append(
                session,
                at=stamp(now),
                account=village.account,
                action="desa.selamatkan",
                detail={
                    "cadangan": about.number,
                    "kunjungan": saved.visits,
                    "draf": saved.drafts,
                },
            )
            count = households.counts(session).total
        place.remember(village)
    return Recovered(count, about, saved.visits, saved.drafts, aside.name)


def _keys(folder: Path, account: str, passphrase: str) -> tuple[bytes, ...]:
    """Return the keys that the damaged file may be under; none when they cannot be had."""
    from siks_offline.crypto import keystore

    with suppress(SecretError, FileError, StoreError):
        known = read_folder(folder).accounts
        name = account or (known[0] if len(known) == 1 else "")
        return tuple(keystore.unlock(folder, name, passphrase).keys.values())
    return ()


def _move_aside(folder: Path, back: ExitStack) -> Path:
    """Move the database with what SQLite keeps beside it, and its keys, to `rusak-<n>/`."""
    from siks_offline.export import files
    from siks_offline.paths import sync_folder

    taken = [int(p.name.removeprefix(_ASIDE)) for p in folder.glob(f"{_ASIDE}*")
             if p.name.removeprefix(_ASIDE).isdigit()]  # fmt: skip
    aside = folder / f"{_ASIDE}{max(taken, default=0) + 1}"
    with files.errors(folder):
        aside.mkdir(mode=0o700)
        back.callback(_remove_empty, aside)
        for source in _belongings(folder):
            target = aside / source.relative_to(folder)
            target.parent.mkdir(mode=0o700, exist_ok=True)
            source.replace(target)
            back.callback(_return, target, source)
        sync_folder(aside)
        sync_folder(folder)
    return aside


def _belongings(folder: Path) -> Iterator[Path]:
    """What makes up a village but its copies and sent files: database, keystore."""
    for suffix in _SUFFIXES:
        path = folder / f"{places.DATABASE}{suffix}"
        if path.exists():
            yield path
    yield from sorted(folder.glob("kunci-*.age"))
    yield from sorted((folder / "akun").glob("*.age"))


def _place(fresh: Path, folder: Path, back: ExitStack) -> None:
    from siks_offline.export import files
    from siks_offline.paths import sync_folder

    with files.errors(folder):
        for source in _belongings(fresh):
            target = folder / source.relative_to(fresh)
            target.parent.mkdir(mode=0o700, exist_ok=True)
            source.replace(target)
            back.callback(target.unlink, missing_ok=True)
        (folder / places.MARK).unlink(missing_ok=True)
        marker = folder / MARKER
        if not marker.is_file():
            (fresh / MARKER).replace(marker)
        sync_folder(folder)
    # Opening makes these beside the file; were the file taken away again, they must go too.
    for suffix in _SUFFIXES[1:]:
        back.callback((folder / f"{places.DATABASE}{suffix}").unlink, missing_ok=True)


def _return(moved: Path, source: Path) -> None:
    with suppress(OSError):
        moved.replace(source)


def _remove_empty(folder: Path) -> None:
    shutil.rmtree(folder / "akun", ignore_errors=True)
    with suppress(OSError):
        folder.rmdir()
