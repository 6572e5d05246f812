"""A village's copy: written whole, and restored into an empty folder."""

from __future__ import annotations

import io
import shutil
import uuid
import zipfile
from typing import TYPE_CHECKING, Final

from siks_offline.desa import place
from siks_offline.desa import village as places
from siks_offline.desa.rights import action
from siks_offline.desa.village import read_folder
from siks_offline.errors import FileError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from pathlib import Path

    from sqlalchemy.orm import Session

    from siks_offline.desa.village import Village

_ACTION: Final = "desa.cadangkan"
_MOST_ENTRIES: Final = 200
_MOST_BYTES: Final = 4 << 30


@action
def write(village: Village, target: Path, now: datetime) -> int:
    """Write an encrypted copy of the store with its keystore; return its number of households.

    The file is a plain zip of files that are each encrypted already; it opens with any account's
    passphrase or the recovery code. Raises FileError, StoreError; then no file is left.
    """
    from siks_offline.db import audit, engine, households
    from siks_offline.export import files
    from siks_offline.export.canonical import stamp

    copy = village.folder / "cadangan.db.baru"

    def put(out: files.Hashing) -> None:
        with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as packed:  # type: ignore[call-overload]
            packed.write(village.folder / places.MARKER, places.MARKER)
            packed.write(copy, places.DATABASE)
            for file in _keystore(village.folder):
                packed.write(file, file.relative_to(village.folder).as_posix())

    with files.errors(target):
        target.parent.mkdir(parents=True, exist_ok=True)
    # The trail tells of copies that were made: its line goes when the copy fails.
    with village.store.write() as session:
        audit.append(session, at=stamp(now), account=village.account, action=_ACTION)
        try:
            with files.errors(copy):
                copy.unlink(missing_ok=True)
            engine.backup(village.store, copy)
            count = households.counts(session).total
            files.write_whole(target, put)
        finally:
            copy.unlink(missing_ok=True)
    return count


@action
def last(village: Village) -> str:
    """Return the UTC moment of the last copy; empty when none was made."""
    from siks_offline.db import audit

    with village.store.read() as session:
        return audit.latest(session, _ACTION)


def _keystore(folder: Path) -> Iterator[Path]:
    yield from sorted((folder / "akun").glob("*.age"))
    yield from sorted(folder.glob("kunci-*.age"))


def restore(source: Path, folder: Path, account: str, passphrase: str, now: datetime) -> int:
    """Restore a copy into an empty folder, prove it opens, and begin a new stream.

    Returns its number of households. Raises StoreError E_FOLDER_TAKEN, E_BACKUP_DAMAGED,
    SecretError E_PASSPHRASE; then the folder is as it was.
    """
    from siks_offline.db import audit, households
    from siks_offline.desa import accounts
    from siks_offline.export import files
    from siks_offline.export.canonical import stamp

    with files.errors(source, reading=True):
        packed = source.read_bytes() if source.stat().st_size < 64 << 20 else None
    with files.new_folder(folder):
        with files.errors(folder):
            _unpack(source if packed is None else io.BytesIO(packed), folder)
        read_folder(folder)
        with accounts.open_village(folder, account, passphrase) as village:
            with village.store.read() as session:
                count = households.counts(session).total
            with village.store.write() as session:
                # What the copy does not know may already have been sent (BUNDLE.md section 3).
                _new_stream(session, stamp(now))
                audit.append(
                    session, at=stamp(now), account=village.account, action="desa.pulihkan"
                )
            place.remember(village)
    return count


def _new_stream(session: Session, at: str) -> None:
    """Begin a stream with the same keys after the last manifest that the copy knew."""
    from siks_offline.db import ledger, meta

    meta.put(session, "instance", str(uuid.uuid4()))
    ledger.begin_stream(session, at=at)


def _unpack(source: Path | io.BytesIO, folder: Path) -> None:
    from siks_offline.export import files

    try:
        with zipfile.ZipFile(source) as packed:
            entries = packed.infolist()
            if len(entries) > _MOST_ENTRIES or sum(e.file_size for e in entries) > _MOST_BYTES:
                raise FileError("E_BACKUP_DAMAGED")
            names = [entry.filename for entry in entries]
            if len(set(names)) != len(names) or places.DATABASE not in names:
                raise FileError("E_BACKUP_DAMAGED")
            for name in names:
                if not _expected(name):
                    raise FileError("E_BACKUP_DAMAGED")
                target = folder / name
                target.parent.mkdir(mode=0o700, exist_ok=True)
                with packed.open(name) as inside, files.create(target, private=True) as out:
                    shutil.copyfileobj(inside, out)
    except (zipfile.BadZipFile, EOFError, NotImplementedError, RuntimeError):
        raise FileError("E_BACKUP_DAMAGED") from None


def _expected(name: str) -> bool:
    """Whether a name is one that `write` gives; nothing else is unpacked."""
    if name in {places.MARKER, places.DATABASE}:
        return True
    folder, _, file = name.rpartition("/")
    plain = file.removesuffix(".age")
    if not file.endswith(".age") or not plain or not all(c.isalnum() or c in "._-" for c in plain):
        return False
    return folder == "akun" or (folder == "" and plain.startswith("kunci-"))
