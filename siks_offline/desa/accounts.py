"""Making a village's data folder, and opening it: with a passphrase, a first or a recovery code."""

from __future__ import annotations

import json
import uuid
from contextlib import ExitStack
from threading import Thread
from typing import TYPE_CHECKING, Final

from siks_offline.crypto import attempts
from siks_offline.desa import aside, keyring, place
from siks_offline.desa import village as places
from siks_offline.desa.village import FolderLock, Village
from siks_offline.desa.village_folder import FORMAT, MARKER, VillageFolder, read_folder
from siks_offline.errors import SecretError
from siks_offline.period import quarter

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from siks_offline.crypto.keystore import Unlocked
    from siks_offline.db.engine import Store

OPERATOR: Final = "operator"
ADMIN: Final = "admin"
ROLES: Final = ("operator", "pemeriksa", "admin")


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
    first_run: str = "",
) -> Village:
    """Make a village's data folder and return it open.

    `kode_desa` is ten Kemendagri digits, `bps` ten BPS digits or empty; `first_run` names the step
    that is left to make it ready (desa/first_run.py). A practice folder takes any passphrase. The
    marker is written last; whatever fails, nothing of the folder remains.

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
        account = keystore.account_name(account)
        store = engine.create_village(folder / places.DATABASE, keys.current)
        undo.callback(store.close)
        with store.write() as session:
            for key, value in {
                "kode_desa": kode_desa,
                "nama_desa": nama_desa,
                "bps": bps,
                "practice": "1" if practice else "0",
                "period": quarter(now),
                "instance": str(uuid.uuid4()),
            }.items():
                meta.put(session, key, value)
            meta.put(session, "mulai", first_run or None)
            keyring.note_file(session, folder, *recipients)
            accounts.put(session, accounts.Account(account, ADMIN, recipients.pop(account)))
            for recipient in recipients.values():
                meta.put(session, "recovery_recipient", recipient)
            audit.append(
                session, at=stamp(now), account=account, action="desa.buat", subject=kode_desa
            )
        marker = {
            "format": FORMAT,
            "kode_desa": kode_desa,
            "nama_desa": nama_desa,
            "latihan": practice,
        }
        text = json.dumps(marker, ensure_ascii=False, sort_keys=True) + "\n"
        files.write_whole(folder / MARKER, text.encode(), private=True)
        village = _opened(read_folder(folder), account, store, keys, lock)
        undo.pop_all()
    return village


def open_village(folder: Path, account: str, passphrase: str) -> Village:
    """Open a village as one of its accounts.

    An empty account name stands for the only account. Wrong tries cost time (crypto/attempts.py),
    and an account that is not there is refused as a wrong passphrase is.

    Raises SecretError E_PASSPHRASE, E_SIGN_IN_WAIT, E_FIRST_CODE (the printed code opened it: a
    passphrase is to be chosen, see `first_sign_in`), E_ACCOUNT_WHICH, E_KEYSTORE_DAMAGED;
    StoreError E_NOT_VILLAGE, E_SECOND_COPY, E_DB_*.
    """
    return _open(folder, account, passphrase, first=False)


def first_sign_in(folder: Path, account: str, code: str, passphrase: str, now: datetime) -> Village:
    """Open a village with an account's printed first code, which a passphrase then replaces.

    Raises as `open_village`, and SecretError E_PASSPHRASE_WEAK before anything is tried.
    """
    from siks_offline.crypto import keystore
    from siks_offline.db import accounts, audit
    from siks_offline.export.canonical import stamp

    known = read_folder(folder)
    check_passphrase(passphrase, known, account)
    village = _open(folder, account, code, first=True)
    try:
        with village.store.write() as session:
            audit.append(
                session, at=stamp(now), account=village.account, action="akun.masuk-pertama"
            )
            # Within the transaction: were the file not written, the code would go on being one.
            keystore.put_account(folder, village.account, village.keys.identity, passphrase)
            accounts.put_state(session, village.account, accounts.State())
            keyring.note_file(session, folder, village.account)
    except BaseException:
        village.close()
        raise
    return village


def recover(
    folder: Path,
    code: str,
    account: str,
    passphrase: str,
    new_code: str,
    now: datetime,
) -> Village:
    """Open a village with the recovery code: an admin gets a passphrase, the code is replaced.

    `new_code` was shown, printed and typed back before; the one typed here opens nothing any more.
    Raises SecretError E_RECOVERY_CODE, E_RECOVERY_ADMIN, E_PASSPHRASE_WEAK, E_SIGN_IN_WAIT;
    StoreError; FileError.
    """
    from siks_offline.crypto import codes, keystore
    from siks_offline.db import accounts, audit
    from siks_offline.desa import staff
    from siks_offline.export.canonical import stamp

    known = read_folder(folder)
    check_passphrase(passphrase, known, account)
    codes.check_recovery_code(new_code)
    lock = FolderLock(folder)
    try:
        aside.bring_back(folder)
        place.sweep_own(folder)
        keys = attempts.counted(
            folder, keystore.RECOVERY, lambda: keystore.unlock_with_recovery(folder, code)
        )
        store = keyring.open_store(folder / places.DATABASE, keys)
    except BaseException:
        lock.release()
        raise
    village = _opened(known, account, store, keys, lock, recovering=True)
    try:
        identity = staff.replace_keys(village, account, passphrase)
        village.keys = keystore.Unlocked(identity, village.keys.keys)
        staff.replace_recovery(village, new_code)
        with village.store.write() as session:
            accounts.put_state(session, account, accounts.State())
            audit.append(session, at=stamp(now), account=account, action="akun.pulihkan")
        keyring.settle(village)
    except BaseException:
        village.close()
        raise
    return village


def unlock_counted(folder: Path, account: str, passphrase: str) -> None:
    """Ask for an account's passphrase once more; wrong ones are counted as at sign-in.

    Raises SecretError E_PASSPHRASE, E_SIGN_IN_WAIT.
    """
    _unlocked(folder, read_folder(folder), account, passphrase)


def check_passphrase(passphrase: str, folder: VillageFolder, account: str) -> None:
    """Refuse a passphrase that anybody here would try; practice takes any.

    Raises SecretError E_PASSPHRASE_WEAK.
    """
    from siks_offline.crypto import passphrase as rules

    if not folder.practice:
        rules.check_passphrase(passphrase, (folder.nama_desa, account))


def _open(folder: Path, account: str, secret: str, *, first: bool) -> Village:
    known = read_folder(folder)
    if not account:
        if len(known.accounts) != 1:
            raise SecretError("E_ACCOUNT_WHICH", akun=", ".join(known.accounts))
        account = known.accounts[0]
    lock = FolderLock(folder)
    try:
        aside.bring_back(folder)
        place.sweep_own(folder)
        # scrypt leaves the interpreter to others, so the store's library loads beside it.
        loading = Thread(target=_load_store_library, daemon=True)
        loading.start()
        keys = _unlocked(folder, known, account, secret)
        loading.join()
        store = keyring.open_store(folder / places.DATABASE, keys)
    except BaseException:
        lock.release()
        raise
    village = _opened(known, account, store, keys, lock)
    try:
        from siks_offline.db import accounts

        with village.store.read() as session:
            state = accounts.states(session).get(account, accounts.State())
        if state.first_code and not first:
            raise SecretError("E_FIRST_CODE", akun=account)
        keyring.settle(village)
    except BaseException:
        village.close()
        raise
    return village


def _unlocked(folder: Path, known: VillageFolder, account: str, secret: str) -> Unlocked:
    """Open the keystore with a passphrase, or a first code in whatever grouping it was typed."""
    from siks_offline.crypto import keystore

    def unlock() -> Unlocked:
        typed = _as_printed(secret)
        try:
            return keystore.unlock(folder, account, secret)
        except SecretError as fault:
            if fault.code not in {"E_PASSPHRASE", "E_ACCOUNT_UNKNOWN"} or typed in {"", secret}:
                raise
        return keystore.unlock(folder, account, typed)

    name = account if account in known.accounts else attempts.OTHERS
    return attempts.counted(folder, name, unlock)


def _as_printed(typed: str) -> str:
    """Return a first code as it was printed, whatever case and grouping; empty for other words."""
    from siks_offline.crypto import codes

    try:
        return codes.grouped(codes.normalise_code(typed, 16))
    except SecretError:
        return ""


def _load_store_library() -> None:
    import siks_offline.db.engine  # noqa: F401 - loaded for those who use it next


def _opened(
    folder: VillageFolder,
    account: str,
    store: Store,
    keys: Unlocked,
    lock: FolderLock,
    *,
    recovering: bool = False,
) -> Village:
    from siks_offline.db import accounts, meta

    try:
        place.begin(folder.path, store)
        with store.read() as session:
            known = accounts.find(session, account)
            facts = meta.every(session)
        if recovering and (known is None or not known.active or known.role != ADMIN):
            raise SecretError("E_RECOVERY_ADMIN", akun=account)
        if known is None or not known.active:
            raise SecretError("E_PASSPHRASE")
    except BaseException:
        store.close()
        lock.release()
        raise
    return Village(folder, account, known.role, store, keys, lock, facts)
