"""A copy of an office: registry, keys and originals in one file, and an office made of it again.

The registry lives in the store alone, so an office without a copy would have to pair every
village anew. Everything in the file is encrypted already; it opens with any account's passphrase
or the recovery code.
"""

from __future__ import annotations

import re
import uuid
import zipfile
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from siks_offline.db import engine, office_bundles, office_registry, office_visits
from siks_offline.db import office as store_office
from siks_offline.dinsos import instruments, rebuild
from siks_offline.dinsos import office as offices
from siks_offline.errors import FileError
from siks_offline.export import canonical, files
from siks_offline.period import hours

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from pathlib import Path

    from siks_offline.dinsos.office import Office

MOST_BYTES: Final = 1 << 40
_NAMES: Final = re.compile(
    r"siks\.json|app\.db|kunci-[1-9][0-9]{0,5}\.age|akun/[a-z0-9._-]{1,40}\.age"
    r"|kunci/[a-z]{1,20}-[1-9][0-9]{0,5}\.age|(arsip|keluar)/[0-9a-f]{64}\.siks"
    r"|instrumen/[0-9a-f]{64}\.xlsx"
)


@dataclass(frozen=True, slots=True)
class Copied:
    """What a copy holds: villages' devices, originals; `left_out` originals that it does not."""

    devices: int
    originals: int
    left_out: int


def write(office: Office, target: Path, now: datetime, *, archive: bool = True) -> Copied:
    """Write an encrypted copy of the office, whole or not at all.

    Without `archive` the originals are left out: photos lie in them alone. Data on a server are
    not in the copy, whoever keeps the server backs them up: it holds keys, originals and what was
    sent. Raises StoreError, FileError; SiksError E_REBUILDING for one without originals while the
    store is half built from them.
    """
    if not archive:
        rebuild.require_whole(office)
    fresh = office.folder / f"cadangan-{uuid.uuid4().hex}.db.baru"
    with files.errors(target):
        files.make_folder(target.parent)
    originals: list[Path] = []
    kept: list[Path] = []

    def put(out: files.Hashing) -> None:
        with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as packed:  # type: ignore[call-overload]
            packed.write(office.folder / offices.MARKER, offices.MARKER)
            if office.store.path is not None:
                packed.write(fresh, offices.DATABASE)
            for file in (*_secrets(office.folder), *kept):
                packed.write(file, file.relative_to(office.folder).as_posix())

    try:
        if office.store.path is not None:
            engine.backup(office.store, fresh)
        # After the store: an original lies in the archive before the store tells of it.
        originals += sorted((office.folder / offices.ARCHIVE).glob("*.siks"))
        kept += originals if archive else []
        with office.store.read() as session:
            devices = len(office_registry.devices(session))
        files.write_whole(target, put, private=True)
    finally:
        fresh.unlink(missing_ok=True)
    with office.store.write() as session:
        office.record(session, now, "dinsos.cadangkan", office.id, originals=len(kept))
    return Copied(devices, len(kept), len(originals) - len(kept))


def _secrets(folder: Path) -> Iterator[Path]:
    yield from sorted((folder / "akun").glob("*.age"))
    yield from sorted(folder.glob("kunci-*.age"))
    yield from sorted((folder / "kunci").glob("*.age"))
    yield from sorted((folder / offices.SENT).glob("*.siks"))
    yield from sorted((folder / instruments.FOLDER).glob("*.xlsx"))


def restore(
    source: Path,
    folder: Path,
    passphrase: str,
    now: datetime,
    *,
    account: str = "",
    url: str | None = None,
) -> Copied:
    """Make an office of a copy in an empty folder, prove that it opens.

    Every device gets a new stream of receipts and is told everything again. Photos whose original
    is not in the copy count as never received, so villages send them once more, as they do with
    files that were held or of which lines wait for a questionnaire. `url` is where the data are,
    for an office whose data a server keeps. Raises StoreError E_FOLDER_TAKEN, E_OFFICE_URL,
    FileError E_BACKUP_DAMAGED, SecretError E_PASSPHRASE; then the folder is as it was.
    """
    with files.new_folder(folder):
        with files.errors(source, reading=True):
            _unpack(source, folder)
        for inside in (offices.ARCHIVE, offices.SENT, offices.STAGING):
            (folder / inside).mkdir(mode=0o700, exist_ok=True)
        with offices.open_office(folder, passphrase, account=account, url=url) as office:
            return _begin_again(office, now)


def _begin_again(office: Office, now: datetime) -> Copied:
    here = {path.stem for path in (office.folder / offices.ARCHIVE).glob("*.siks")}
    with office.store.write() as session:
        known = set(office_bundles.arrivals(session))
        devices = office_registry.devices(session)
        for device in devices:
            office_registry.set_device(session, device["device"], out_stream=str(uuid.uuid4()))
        office_visits.forget_attachments(session, known - here)
        for row in (*office_bundles.held(session), *office_bundles.waiting(session)):
            if row["file_sha256"] not in here:  # nobody could judge it again: ask for it once more
                office_bundles.forget(session, row["manifest_sha256"])
        office_bundles.forget_reports(session)
        store_office.set_fact(session, "instance", str(uuid.uuid4()))
        store_office.set_fact(session, store_office.FLOOR, str(hours(now)))
        what: dict[str, Any] = {"originals": len(here), "left_out": len(known - here)}
        at = canonical.stamp(now)
        store_office.record(session, at, office.account, "dinsos.pulihkan", office.id, **what)
    return Copied(len(devices), len(here), len(known - here))


def _unpack(source: Path, folder: Path) -> None:
    try:
        with zipfile.ZipFile(source) as packed:
            entries = packed.infolist()
            names = [entry.filename for entry in entries]
            sound = all(_NAMES.fullmatch(name) for name in names)
            if len(set(names)) != len(names) or not sound or offices.MARKER not in names:
                raise FileError("E_BACKUP_DAMAGED")
            files.require_space(folder, min(sum(one.file_size for one in entries), MOST_BYTES))
            files.unpack(packed, folder, last=offices.MARKER)
        if not offices.read_folder(folder).on_server and offices.DATABASE not in names:
            raise FileError("E_BACKUP_DAMAGED")
    except (zipfile.BadZipFile, EOFError, NotImplementedError, RuntimeError):
        raise FileError("E_BACKUP_DAMAGED") from None
