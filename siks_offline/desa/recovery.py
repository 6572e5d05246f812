"""A damaged village: what is wrong, what a good copy would bring back, and putting it in place.

The damaged file is never changed: it moves aside together with its -wal (desa/aside.py). Whatever
fails after that brings it back, so that a stopped recovery leaves what was there before it.
"""

from __future__ import annotations

import shutil
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from siks_offline.desa import aside, backup, copies, place, salvaging
from siks_offline.desa import village as places
from siks_offline.desa.village import FolderLock
from siks_offline.desa.village_folder import read_folder
from siks_offline.errors import FileError, SecretError, SiksError, StoreError
from siks_offline.progress import silent

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from siks_offline.progress import Progress

CODES: Final = frozenset(
    {"E_DB_DAMAGED", "E_DB_MISSING", "E_DB_FOREIGN", "E_DB_KEY", "E_KEYSTORE_DAMAGED"}
)
"""Refusals of a sign-in after which the recovery screen is offered."""


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
    saved: salvaging.Saved
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
        aside.bring_back(folder)
        fresh = folder / aside.FRESH
        shutil.rmtree(fresh, ignore_errors=True)
        undo.callback(shutil.rmtree, fresh, ignore_errors=True)
        fresh.mkdir(mode=0o700)
        backup.unpack(choice, fresh)
        keys = _keys(folder, account, passphrase)
        backup.prove(fresh, account, passphrase)
        progress(1, 3)
        with aside.instead(folder) as damaged:
            aside.place(fresh, folder)
            lock.release()
            recovered = _open_and_save(
                folder, damaged, about, account, passphrase, keys, now, progress
            )
    return recovered


def _open_and_save(
    folder: Path, damaged: aside.Aside, about: backup.About, account: str, passphrase: str,
    keys: tuple[bytes, ...], now: datetime, progress: Progress,
) -> Recovered:  # fmt: skip
    from siks_offline.db import audit, households
    from siks_offline.desa import accounts
    from siks_offline.export.canonical import stamp

    with accounts.open_village(folder, account, passphrase) as village:
        saved = salvaging.save(village, damaged.path / places.DATABASE, keys, now)
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
                    "usulan": saved.proposals,
                    "musyawarah": saved.words,
                    "foto": saved.photos,
                },
            )
            count = households.counts(session).total
        damaged.finish()
        place.remember(village)
    return Recovered(count, about, saved, damaged.path.name)


def _keys(folder: Path, account: str, passphrase: str) -> tuple[bytes, ...]:
    """Return the keys that the damaged file may be under; none when they cannot be had."""
    from siks_offline.crypto import keystore

    with suppress(SecretError, FileError, StoreError):
        known = read_folder(folder).accounts
        name = account or (known[0] if len(known) == 1 else "")
        return tuple(keystore.unlock(folder, name, passphrase).keys.values())
    return ()
