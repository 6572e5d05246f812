"""Making a village's data folder, opening it as an account, and its accounts."""

from __future__ import annotations

import json
import uuid
from contextlib import ExitStack
from threading import Thread
from typing import TYPE_CHECKING, Final

from siks_offline.desa import place
from siks_offline.desa import village as places
from siks_offline.desa.village import FolderLock, Village, VillageFolder, read_folder
from siks_offline.errors import SecretError

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from siks_offline.crypto.keystore import Unlocked
    from siks_offline.db.engine import Store

OPERATOR: Final = "operator"
ADMIN: Final = "admin"
ROLES: Final = ("operator", "pemeriksa", "admin")


def period_of(now: datetime) -> str:
    """The quarter that a moment lies in, as periods are named: ``2026-Q4``."""
    return f"{now.year}-Q{(now.month - 1) // 3 + 1}"


def create_village(
    folder: Path,
    *,
    kode_desa: str,
    nama_desa: str,
    account: str,
    passphrase: str,
    recovery_code: str,
    now: datetime,
    practice: bool = False,
    bps: str = "",
) -> Village:
    """Make a village's data folder and return it open.

    `kode_desa` is ten Kemendagri digits, `bps` ten BPS digits or empty. A practice folder takes any
    passphrase. The marker is written last; whatever fails, nothing of the folder remains.

    Raises StoreError E_FOLDER_TAKEN when the folder holds anything, SecretError E_PASSPHRASE_WEAK,
    FileError.
    """
    from siks_offline.crypto import keystore
    from siks_offline.db import accounts, audit, engine, meta
    from siks_offline.export import files
    from siks_offline.export.canonical import stamp

    with files.new_folder(folder), ExitStack() as undo:
        lock = FolderLock(folder)
        undo.callback(lock.release)
        keys, recipients = keystore.create(
            folder, account, passphrase, recovery_code, practice=practice
        )
        store = engine.create_village(folder / places.DATABASE, keys.current)
        undo.callback(store.close)
        with store.write() as session:
            for key, value in {
                "kode_desa": kode_desa,
                "nama_desa": nama_desa,
                "bps": bps,
                "practice": "1" if practice else "0",
                "period": period_of(now),
                "instance": str(uuid.uuid4()),
            }.items():
                meta.put(session, key, value)
            accounts.put(session, accounts.Account(account, ADMIN, recipients.pop(account)))
            for recipient in recipients.values():
                meta.put(session, "recovery_recipient", recipient)
            audit.append(
                session, at=stamp(now), account=account, action="desa.buat", subject=kode_desa
            )
        marker = {
            "format": places.FORMAT,
            "kode_desa": kode_desa,
            "nama_desa": nama_desa,
            "latihan": practice,
        }
        text = json.dumps(marker, ensure_ascii=False, sort_keys=True) + "\n"
        files.write_whole(folder / places.MARKER, text.encode(), private=True)
        village = _opened(read_folder(folder), account, store, keys, lock)
        undo.pop_all()
    return village


def open_village(folder: Path, account: str, passphrase: str) -> Village:
    """Open a village as one of its accounts.

    An empty account name stands for the only account. Raises SecretError E_PASSPHRASE,
    E_ACCOUNT_WHICH, E_KEYSTORE_DAMAGED; StoreError E_NOT_VILLAGE, E_SECOND_COPY, E_DB_*.
    """
    known = read_folder(folder)
    if not account:
        if len(known.accounts) != 1:
            raise SecretError("E_ACCOUNT_WHICH", akun=", ".join(known.accounts))
        account = known.accounts[0]
    lock = FolderLock(folder)
    try:
        place.sweep_own(folder)
        # scrypt leaves the interpreter to others, so the store's library loads beside it.
        loading = Thread(target=_load_store_library, daemon=True)
        loading.start()
        from siks_offline.crypto import keystore

        keys = keystore.unlock(folder, account, passphrase)
        loading.join()
        from siks_offline.db import engine

        store = engine.open_village(folder / places.DATABASE, keys.current)
    except BaseException:
        lock.release()
        raise
    return _opened(known, account, store, keys, lock)


def _load_store_library() -> None:
    import siks_offline.db.engine  # noqa: F401 - loaded for those who use it next


def _opened(
    folder: VillageFolder, account: str, store: Store, keys: Unlocked, lock: FolderLock
) -> Village:
    from siks_offline.db import accounts, meta

    try:
        with store.read() as session:
            known = accounts.find(session, account)
            facts = meta.every(session)
        if known is None or not known.active:
            raise SecretError("E_PASSPHRASE")
    except BaseException:
        store.close()
        lock.release()
        raise
    return Village(folder, account, known.role, store, keys, lock, facts)
