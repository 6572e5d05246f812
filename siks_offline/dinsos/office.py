"""An office of a Dinsos: its folder, its store, its keys; made once, opened for every command.

The folder holds `siks.json` (nothing secret), the keystore, `kunci/`, `arsip/` (every original that
was taken in, sealed as it came), `keluar/` (what was sent back) and, unless a server keeps them,
the data in `app.db`.
"""

from __future__ import annotations

import json
import time
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

from siks_offline import wilayah
from siks_offline.crypto import attempts, codes, keystore
from siks_offline.crypto import passphrase as rules
from siks_offline.db import engine
from siks_offline.db import office as store_office
from siks_offline.dinsos import keyring
from siks_offline.dinsos import keys as office_keys
from siks_offline.errors import FileError, SecretError, StoreError
from siks_offline.export import canonical, files, keyset

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from siks_offline.crypto.keystore import Unlocked
    from siks_offline.db.engine import Store
    from siks_offline.dinsos.keys import Keys
    from siks_offline.export.keyset import KeySet, SignedKeySet

MARKER = "siks.json"
FORMAT = "siks-dinsos/1"
DATABASE = "app.db"
ARCHIVE = "arsip"
SENT = "keluar"
STAGING = "staging"
WITHDRAWN = "prelist.batal"
"""Fact: by village, the last prelist that a key signed which was revoked since."""
ACCOUNT = "dinsos"
_TRYING = "masuk.lock"
_PATIENCE = 60.0
"""Seconds that a command waits for others to be let in; each takes less than one."""
DEVICE_CODE = "0000000000"
"""What stands for the village in the name of a file that is for none alone."""


@dataclass(frozen=True, slots=True)
class OfficeFolder:
    """What can be known of an office's folder without a passphrase."""

    path: Path
    kode: str
    practice: bool
    on_server: bool
    accounts: tuple[str, ...]


class Office:
    """An office that an account has opened; every action takes one."""

    def __init__(
        self,
        folder: OfficeFolder,
        account: str,
        store: Store,
        keys: Keys,
        unlocked: Unlocked | None = None,
    ) -> None:
        self.folder = folder.path
        self.kode = folder.kode
        self.practice = folder.practice
        self.account = account
        self.store = store
        self.unlocked = unlocked
        self.keys = keys
        self.signed_keyset: SignedKeySet
        self.keyset: KeySet
        self.refresh(folder.kode)

    def refresh(self, kode: str = "") -> None:
        """Read facts and key set as the store has them now. Raises StoreError E_OFFICE_STORE."""
        with self.store.read() as session:
            self.facts = store_office.facts(session)
            newest = store_office.keyset(session)
        if newest is None or self.facts.get("kode") != (kode or self.kode):
            raise StoreError("E_OFFICE_STORE", folder=str(self.folder))
        self.signed_keyset = keyset.SignedKeySet.of_store(newest["raw"], newest["signature"])
        self.keyset = keyset.verify(self.signed_keyset, self.root)
        self.keys = self.keys.serving(self.keyset)

    @property
    def id(self) -> str:
        """The office as bundles name it: ``dinsos:3509``."""
        return f"dinsos:{self.kode}"

    @property
    def device(self) -> str:
        """Random id of this very store, named as the sending device."""
        return self.facts["instance"]

    @property
    def root(self) -> bytes:
        """The root key that villages pin, 32 bytes."""
        return bytes.fromhex(self.facts["root"])

    @property
    def former_roots(self) -> tuple[bytes, ...]:
        """Roots that villages pinned before, 32 bytes each."""
        return tuple(bytes.fromhex(one) for one in json.loads(self.facts.get("roots", "[]")))

    @property
    def recipients(self) -> dict[str, str]:
        """The age recipient of every account, and of the recovery code as `_pemulihan`."""
        found: dict[str, str] = json.loads(self.facts["recipients"])
        return found

    @property
    def approvals(self) -> int:
        """How many persons approve a new device: one or two."""
        return 2 if self.facts.get("approvals") == "2" else 1

    @property
    def digits(self) -> str:
        """The 30 digits by which people compare the root."""
        return keyset.root_digits(self.id, self.root)

    def archived(self, file_sha256: str) -> Path:
        """Place of an original in the archive."""
        return self.folder / ARCHIVE / f"{file_sha256}.siks"

    def holds_original(self, file_sha256: str) -> bool:
        """Whether an original lies whole in the archive."""
        path = self.archived(file_sha256)
        return path.exists() and files.sha256_of(path) == file_sha256

    def sent(self, file_sha256: str) -> Path:
        """Place of a file that was sent."""
        return self.folder / SENT / f"{file_sha256}.siks"

    def record(self, session: Any, now: datetime, action: str, subject: str, **what: Any) -> None:
        """Append to the audit chain of the office."""
        store_office.record(session, canonical.stamp(now), self.account, action, subject, **what)

    def close(self) -> None:
        """Close the store; harmless when repeated."""
        self.store.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def read_folder(folder: Path) -> OfficeFolder:
    """Read the marker of an office's folder.

    Raises StoreError E_NOT_OFFICE, E_FOLDER_UNFINISHED when a power cut left it half made;
    FileError E_NO_RIGHTS.
    """
    files.check_finished(folder)
    try:
        marker = json.loads((folder / MARKER).read_text(encoding="utf-8"))
        form, kode = marker["format"], str(marker["kode"])
    except PermissionError:
        raise FileError("E_NO_RIGHTS", nama=folder.name) from None
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        raise StoreError("E_NOT_OFFICE", folder=str(folder)) from None
    if form != FORMAT:
        raise StoreError("E_NOT_OFFICE", folder=str(folder))
    return OfficeFolder(
        path=folder,
        kode=kode,
        practice=bool(marker.get("latihan", False)),
        on_server=bool(marker.get("server", False)),
        accounts=tuple(keystore.accounts(folder)),
    )


def create(
    folder: Path,
    kode: str,
    passphrase: str,
    now: datetime,
    *,
    recovery_code: str | None = None,
    account: str = ACCOUNT,
    practice: bool = False,
    url: str | None = None,
    name: str = "",
) -> tuple[Office, str]:
    """Make an office and return it open, with the recovery code that must be kept on paper.

    `kode` are the four digits of its kabupaten or kota; `url` names a PostgreSQL database that
    keeps the data instead of the folder. The marker is written last; whatever fails,
    nothing of the folder remains (what a server got stays there).

    Raises StoreError E_FOLDER_TAKEN, E_DB_*; SecretError E_PASSPHRASE_WEAK; FileError.
    """
    if not practice:
        rules.check_passphrase(passphrase)
    code = recovery_code if recovery_code is not None else codes.recovery_code()
    with files.new_folder(folder):
        with files.errors(folder):
            for inside in (ARCHIVE, SENT, STAGING):
                (folder / inside).mkdir(mode=0o700)
        unlocked, recipients = keystore.create(folder, account, passphrase, code, practice=practice)
        keys, escrow = office_keys.create(folder, unlocked, recipients)
        office_id = f"dinsos:{kode}"
        signed = office_keys.first_keyset(
            office_id, name or _name(kode), keys, escrow, now, practice=practice
        )
        store = engine.create_office(url or folder / DATABASE, unlocked.current)
        try:
            with store.write() as session:
                for fact, value in {
                    "id": office_id,
                    "kode": kode,
                    "practice": "1" if practice else "0",
                    "instance": str(uuid.uuid4()),
                    "root": keys.signing.public.hex(),
                    "recipients": json.dumps(recipients, sort_keys=True),
                }.items():
                    store_office.set_fact(session, fact, value)
                at = canonical.stamp(now)
                store_office.add_keyset(
                    session,
                    {
                        "version": 1,
                        "sha256": signed.sha256,
                        "raw": signed.raw,
                        "signature": signed.signature,
                        "made_at": at,
                    },
                )
                store_office.record(session, at, account, "dinsos.buat", office_id)
        finally:
            store.close()
        marker = {"format": FORMAT, "kode": kode, "latihan": practice, "server": url is not None}
        files.write_whole(
            folder / MARKER, (json.dumps(marker, sort_keys=True) + "\n").encode(), private=True
        )
    return open_office(folder, passphrase, account=account, url=url), codes.grouped(code)


def open_office(
    folder: Path, passphrase: str, *, account: str = "", url: str | None = None
) -> Office:
    """Open an office as one of its accounts; no name stands for the only account.

    Raises StoreError E_NOT_OFFICE, E_OFFICE_URL (its data are on a server and no URL was given, or
    the other way round), E_DB_*; SecretError E_PASSPHRASE, E_SIGN_IN_WAIT (wrong tries cost time,
    crypto/attempts.py), E_ACCOUNT_WHICH, E_KEYSTORE_*.
    """
    known = read_folder(folder)
    if not account:
        if len(known.accounts) != 1:
            raise SecretError("E_ACCOUNT_WHICH", akun=", ".join(known.accounts))
        account = known.accounts[0]
    if known.on_server != (url is not None):
        raise StoreError("E_OFFICE_URL", folder=str(folder))
    unlocked = unlock_counted(known, account, passphrase)
    keys = office_keys.load(folder, unlocked)
    store = _store(known, unlocked, url)
    try:
        office = Office(known, account, store, keys, unlocked)
        if account not in office.recipients:
            raise SecretError("E_ACCOUNT_CLOSED", akun=account)
        keyring.settle(office)
    except BaseException:
        store.close()
        raise
    return office


def unlock_counted(known: OfficeFolder, account: str, passphrase: str) -> Unlocked:
    """Ask for an account's passphrase; wrong ones are counted, one command after the other.

    Raises as `open_office`, StoreError E_DB_BUSY when others have been trying all the while.
    """
    name = account if account in known.accounts else attempts.OTHERS
    with files.errors(known.path), files.create(known.path / _TRYING, private=True) as turn:
        until = time.monotonic() + _PATIENCE
        while True:
            try:
                files.hold(turn)
                break
            except OSError:
                if time.monotonic() > until:
                    raise StoreError("E_DB_BUSY") from None
                time.sleep(0.02)
        return attempts.counted(
            known.path, name, lambda: keystore.unlock(known.path, account, passphrase)
        )


def _store(known: OfficeFolder, unlocked: Unlocked, url: str | None) -> Store:
    return keyring.open_store(url or known.path / DATABASE, unlocked)


def _name(kode: str) -> str:
    """Name of the office as villages read it; a kabupaten the list does not know gives its code."""
    return f"Dinas Sosial {wilayah.name(kode) or wilayah.dotted(kode)}"
