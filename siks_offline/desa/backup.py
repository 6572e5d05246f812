"""A village's copy: written whole, and restored into an empty folder."""

from __future__ import annotations

import io
import json
import uuid
import zipfile
from contextlib import suppress
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Final

from siks_offline.desa import days, place
from siks_offline.desa import village as places
from siks_offline.desa.rights import action
from siks_offline.desa.village_folder import MARKER, read_folder
from siks_offline.errors import FileError
from siks_offline.progress import silent

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from pathlib import Path

    from sqlalchemy.orm import Session

    from siks_offline.desa.village import Village
    from siks_offline.progress import Progress

ACTION: Final = "desa.cadangkan"
OWN_ACTION: Final = "desa.cadangkan_sendiri"
_ABOUT: Final = "cadangan.json"
_FORMAT: Final = "siks-cadangan/1"
_COPY: Final = "cadangan.db.baru"
_MOST_ENTRIES: Final = 200
_MOST_BYTES: Final = 4 << 30
_ROOM: Final = 1 << 20
_BLOCK: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class About:
    """What a copy says of itself without a passphrase: numbers only; zeros for one of old."""

    number: int = 0
    day: int = 0
    at: str = ""
    why: str = ""
    households: int = 0
    completed: int = 0
    drafts: int = 0
    audit_seq: int = 0


@action
def write(village: Village, target: Path, now: datetime, progress: Progress = silent) -> int:
    """Write an encrypted copy of the store with its keystore; return its number of households.

    The file is a plain zip of files that are each encrypted already; it opens with any account's
    passphrase or the recovery code. Raises FileError, StoreError; then no file is left.
    """
    with village.quiet:
        return keep_at(village, target, now, why="tangan", progress=progress).households


@action
def keep_at(
    village: Village, target: Path, now: datetime, *, why: str, own: bool = False,
    number: int = 0, progress: Progress = silent,
) -> About:  # fmt: skip
    """Write a copy and note it; the store goes on being written to meanwhile.

    The caller holds `village.quiet`: two copies at a time would write through each other.
    The trail tells of copies that were made: the file takes its name only once its line can be
    written. Raises FileError, StoreError, Cancelled; then no file is left.
    """
    from siks_offline.db import audit, copies, copy_list, households
    from siks_offline.export import files
    from siks_offline.export.canonical import stamp

    copy = village.folder / _COPY
    fresh = target.with_name(target.name + ".baru")
    with files.errors(target):
        files.make_folder(target.parent, 0o700 if own else 0o777)
        copy.unlink(missing_ok=True)
    size = sum(file.stat().st_size for file in village.folder.glob(f"{places.DATABASE}*"))
    files.require_space(target.parent, (2 if own else 1) * size + _ROOM)
    try:
        copies.write(village.store, copy, progress)
        with village.store.read() as session:
            counts = households.counts(session)
            seq, _ = audit.head(session)
            day = max(days.counted(session), 1)
        about = About(
            number=number,
            day=day,
            at=stamp(now),
            why=why,
            households=counts.total,
            completed=counts.kerja["selesai"],
            drafts=counts.kerja["draf"],
            audit_seq=seq,
        )
        pack = _packer(village.folder, copy, about, progress)
        sha256 = files.write_whole(fresh, pack, private=own)
        with village.store.write() as session:
            note = {"alasan": why, "rumah_tangga": about.households}
            audit.append(
                session,
                at=about.at,
                account=village.account,
                action=OWN_ACTION if own else ACTION,
                detail=note,
            )
            listed = copy_list.every(session)
            copy_list.record(
                session,
                copy_list.Copy(
                    number=number or max((one.number for one in listed), default=0) + 1,
                    name=target.name,
                    own=own,
                    why=why,
                    sha256=sha256,
                    households=about.households,
                    day=day,
                    at=about.at,
                    by=village.account,
                ),
            )
            with files.errors(target):
                files.put_in_place(fresh, target, sha256)
    finally:
        for left in (copy, fresh):
            with suppress(OSError):
                left.unlink(missing_ok=True)
    return about


@action
def last(village: Village) -> str:
    """Return the UTC moment of the last copy a person made; empty when none was."""
    from siks_offline.db import audit

    with village.store.read() as session:
        return audit.latest(session, ACTION)


def about(source: Path) -> About:
    """Return what a copy says of itself. Raises FileError E_BACKUP_DAMAGED."""
    from siks_offline.export import files

    with files.errors(source, reading=True), _opened(source) as packed:
        if _ABOUT not in packed.namelist():
            return About()
        try:
            with packed.open(_ABOUT) as inside:
                found = json.loads(inside.read(1 << 16))
            known = {n: found[n] for n in About.__dataclass_fields__ if n in found}
            return About(**{n: type(getattr(About(), n))(v) for n, v in known.items()})
        except (ValueError, TypeError, KeyError, AttributeError, zipfile.BadZipFile):
            raise FileError("E_BACKUP_DAMAGED") from None


def sound(source: Path) -> bool:
    """Whether all entries of a copy have the bytes they were packed with."""
    from siks_offline.export import files

    with files.errors(source, reading=True), _opened(source) as packed:
        try:
            return packed.testzip() is None
        except (zipfile.BadZipFile, EOFError, NotImplementedError, RuntimeError):
            return False


def marker(source: Path) -> dict[str, Any]:
    """Return the marker of the village that a copy holds: code, name, practice or not."""
    from siks_offline.export import files

    with files.errors(source, reading=True), _opened(source) as packed:
        try:
            with packed.open(MARKER) as inside:
                found = json.loads(inside.read(1 << 16))
        except (ValueError, KeyError, zipfile.BadZipFile):
            raise FileError("E_BACKUP_DAMAGED") from None
        if not isinstance(found, dict):
            raise FileError("E_BACKUP_DAMAGED")
        names = sorted(n.removeprefix("akun/").removesuffix(".age") for n in packed.namelist()
                       if n.startswith("akun/") and not n.startswith("akun/_"))  # fmt: skip
        return {**found, "akun": names}


def _packer(folder: Path, copy: Path, about: About, progress: Progress) -> Any:
    def put(out: Any) -> None:
        with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as packed:
            packed.write(folder / MARKER, MARKER)
            packed.writestr(_ABOUT, json.dumps({"format": _FORMAT, **asdict(about)}))
            inside = zipfile.ZipInfo.from_file(copy, places.DATABASE)
            with copy.open("rb") as source, packed.open(inside, "w") as entry:
                while block := source.read(_BLOCK):
                    progress(0, 0)
                    entry.write(block)
            for file in _keystore(folder):
                packed.write(file, file.relative_to(folder).as_posix())

    return put


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

    with files.new_folder(folder):
        unpack(source, folder)
        prove(folder, account, passphrase)
        with accounts.open_village(folder, account, passphrase) as village:
            with village.store.read() as session:
                count = households.counts(session).total
            with village.store.write() as session:
                # What the copy does not know may already have been sent (BUNDLE.md section 3).
                new_stream(session, stamp(now))
                audit.append(
                    session, at=stamp(now), account=village.account, action="desa.pulihkan"
                )
            place.remember(village)
    return count


def prove(folder: Path, account: str, passphrase: str) -> dict[str, int]:
    """Check every page of an unpacked copy before anything opens it; return its rows by table."""
    from siks_offline.crypto import keystore
    from siks_offline.db import copies, engine
    from siks_offline.errors import SecretError, StoreError

    known = read_folder(folder)
    if not account:
        if len(known.accounts) != 1:
            raise SecretError("E_ACCOUNT_WHICH", akun=", ".join(known.accounts))
        account = known.accounts[0]
    keys = keystore.unlock(folder, account, passphrase).keys
    refused: StoreError | None = None
    for version in sorted(keys, reverse=True):
        try:
            return copies.verify(folder / places.DATABASE, keys[version], engine.DESA)
        except StoreError as fault:
            refused = fault
            if fault.code != "E_DB_KEY":
                break
    assert refused is not None
    if refused.code in {"E_DB_DAMAGED", "E_DB_FOREIGN", "E_DB_KEY"}:
        raise FileError("E_BACKUP_DAMAGED") from refused
    raise refused


def new_stream(session: Session, at: str) -> None:
    """Begin a stream with the same keys after the last manifest that the copy knew."""
    from siks_offline.db import ledger, meta

    meta.put(session, "instance", str(uuid.uuid4()))
    ledger.begin_stream(session, at=at)


def unpack(source: Path, folder: Path) -> None:
    """Unpack a copy into a folder. Raises FileError E_BACKUP_DAMAGED for any other content."""
    from siks_offline.export import files

    with files.errors(source, reading=True):
        packed = source.read_bytes() if source.stat().st_size < 64 << 20 else None
    with files.errors(folder), _opened(source if packed is None else io.BytesIO(packed)) as inside:
        try:
            files.unpack(inside, folder, last=MARKER)
        except (zipfile.BadZipFile, EOFError, NotImplementedError, RuntimeError):
            raise FileError("E_BACKUP_DAMAGED") from None


def _opened(source: Path | io.BytesIO) -> zipfile.ZipFile:
    """Open a copy whose entries are those that `keep_at` gives, each once."""
    try:
        packed = zipfile.ZipFile(source)
        entries = packed.infolist()
        names = [entry.filename for entry in entries]
        if (
            len(entries) > _MOST_ENTRIES
            or sum(entry.file_size for entry in entries) > _MOST_BYTES
            or len(set(names)) != len(names)
            or not {places.DATABASE, MARKER} <= set(names)
            or not all(map(_expected, names))
        ):
            packed.close()
            raise FileError("E_BACKUP_DAMAGED")
    except (zipfile.BadZipFile, EOFError, NotImplementedError, RuntimeError, ValueError):
        raise FileError("E_BACKUP_DAMAGED") from None
    return packed


def _expected(name: str) -> bool:
    """Whether a name is one that `keep_at` gives; nothing else is unpacked."""
    if name in {MARKER, places.DATABASE, _ABOUT}:
        return True
    folder, _, file = name.rpartition("/")
    plain = file.removesuffix(".age")
    if not file.endswith(".age") or not plain or not all(c.isalnum() or c in "._-" for c in plain):
        return False
    return folder == "akun" or (folder == "" and plain.startswith("kunci-"))
