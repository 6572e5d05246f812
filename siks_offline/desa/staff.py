"""The people of a village who sign in: who they are, letting one in, out, and in again.

Each change is written so that a power cut between any two steps leaves a village that opens:
first what is wanted into the database, then the keystore's files, then that it is done.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from siks_offline.desa import copies, keyring
from siks_offline.desa.rights import action
from siks_offline.errors import SecretError

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from siks_offline.crypto.age import Identity
    from siks_offline.db.accounts import Account
    from siks_offline.desa.village import Village

ROLES: Final = ("operator", "pemeriksa", "admin")
ADMIN: Final = "admin"


@dataclass(frozen=True, slots=True)
class Person:
    """One account as a list shows it; `first_code`: its printed code has not been used yet."""

    name: str
    role: str
    first_code: bool


@dataclass(frozen=True, slots=True)
class FirstCode:
    """A code that lets an account in once, in groups as it is printed."""

    name: str
    role: str
    code: str


@action
def every(village: Village) -> list[Person]:
    """Return the accounts that may sign in, in order of name."""
    from siks_offline.db import accounts

    with village.store.read() as session:
        under_way = accounts.states(session)
        found = [one for one in accounts.every(session) if one.active]
    none = accounts.State()
    return [Person(o.name, o.role, under_way.get(o.name, none).first_code) for o in found]


@action
def add(village: Village, name: str, role: str, now: datetime) -> FirstCode:
    """Let one more person in; return the code to be printed for their first sign-in.

    Raises SecretError E_ACCOUNT_NAME, E_ACCOUNT_EXISTS, E_ROLE_UNKNOWN; FileError, StoreError.
    """
    from siks_offline.crypto import codes, keystore
    from siks_offline.crypto.age import Identity
    from siks_offline.db import accounts

    wanted = keystore.account_name(name)
    if role not in ROLES:
        raise SecretError("E_ROLE_UNKNOWN", peran=role)
    code = codes.grouped(codes.letter_code())
    identity = Identity.generate()
    with village.store.write() as session:
        known = accounts.find(session, wanted)
        if known is not None and known.active:
            raise SecretError("E_ACCOUNT_EXISTS", akun=wanted)
        accounts.put(session, accounts.Account(wanted, role, identity.recipient))
        accounts.put_state(session, wanted, accounts.State(first_code=True))
        _note(session, village, now, "akun.tambah", wanted, peran=role)
    try:
        keyring.seal(village)
        keystore.put_account(village.folder, wanted, identity, code)
        with village.store.write() as session:
            keyring.note_file(session, village.folder, wanted)
    except BaseException:
        with village.store.write() as session:  # without its file the account would be nobody's
            accounts.put(session, accounts.Account(wanted, role, identity.recipient, active=False))
            accounts.put_state(session, wanted, accounts.State())
            _note(session, village, now, "akun.batal", wanted)
        raise
    return FirstCode(wanted, role, code)


@action
def reset(village: Village, name: str, now: datetime) -> FirstCode:
    """Give somebody who forgot the passphrase a new first code; nobody chooses it for them.

    Raises SecretError E_ACCOUNT_NONE, E_ACCOUNT_SELF; FileError, StoreError.
    """
    from siks_offline.crypto import codes
    from siks_offline.db import accounts

    known = _other(village, name)
    code = codes.grouped(codes.letter_code())
    with village.store.write() as session:
        # Before its file changes: the code must never open the village as a passphrase would.
        accounts.put_state(session, known.name, accounts.State(first_code=True))
        _note(session, village, now, "akun.atur-ulang", known.name)
    replace_keys(village, known.name, code)
    return FirstCode(known.name, known.role, code)


@action
def remove(village: Village, name: str, now: datetime) -> None:
    """Let somebody in no more: the database gets another key, sealed to those who stay.

    A copy of the folder made before still opens with what it was made with. Stopped in between,
    the next sign-in of anybody finishes it. Raises SecretError E_ACCOUNT_NONE,
    E_ACCOUNT_SELF, E_LAST_ADMIN; FileError, StoreError.
    """
    from siks_offline.db import accounts

    known = _other(village, name, last=True)
    copies.keep_quietly(village, "kunci", now)
    with village.store.write() as session:
        accounts.put(
            session, accounts.Account(known.name, known.role, known.recipient, active=False)
        )
        accounts.put_state(session, known.name, accounts.State())
        keyring.want_new_key(session, village)
        _note(session, village, now, "akun.hapus", known.name)
    keyring.settle(village)


@action
def change_passphrase(village: Village, old: str, new: str, now: datetime) -> None:
    """Wrap the own account anew; nothing else changes. Wrong old ones cost time as at sign-in.

    Raises SecretError E_PASSPHRASE, E_SIGN_IN_WAIT, E_PASSPHRASE_WEAK; FileError, StoreError.
    """
    from siks_offline.crypto import keystore
    from siks_offline.desa import accounts
    from siks_offline.desa.village_folder import read_folder

    accounts.check_passphrase(new, read_folder(village.folder), village.account)
    accounts.unlock_counted(village.folder, village.account, old)
    with village.store.write() as session:
        _note(session, village, now, "akun.kata-sandi", village.account)
        keystore.put_account(village.folder, village.account, village.keys.identity, new)
        keyring.note_file(session, village.folder, village.account)


@action
def renew_recovery(village: Village, code: str, now: datetime) -> None:
    """Replace the recovery code by one that was shown, printed and typed back.

    Raises SecretError E_RECOVERY_CODE; FileError, StoreError.
    """
    from siks_offline.crypto import codes

    codes.check_recovery_code(code)
    with village.store.write() as session:
        _note(session, village, now, "akun.kode-pemulihan", "")
    replace_recovery(village, code)


@action
def replace_keys(village: Village, name: str, secret: str) -> Identity:
    """Give an account another identity that a secret opens; what opened it before opens nothing.

    Returns the identity.
    """
    from siks_offline.crypto import keystore
    from siks_offline.crypto.age import Identity
    from siks_offline.db import accounts

    identity = Identity.generate()
    with village.store.write() as session:
        state = accounts.states(session).get(name, accounts.State())
        accounts.put_state(session, name, accounts.State(state.first_code, identity.recipient))
    keyring.seal(village)
    keystore.put_account(village.folder, name, identity, secret)
    with village.store.write() as session:
        keyring.take_recipient(session, name, identity.recipient)
        keyring.note_file(session, village.folder, name)
    keyring.seal(village)
    return identity


@action
def replace_recovery(village: Village, code: str) -> None:
    """Give the recovery identity's place to a new one that this code opens."""
    from siks_offline.crypto import codes, keystore
    from siks_offline.crypto.age import Identity
    from siks_offline.db import accounts, meta

    identity = Identity.generate()
    with village.store.write() as session:
        state = accounts.State(next_recipient=identity.recipient)
        accounts.put_state(session, keystore.RECOVERY, state)
    keyring.seal(village)
    secret = codes.grouped(codes.check_recovery_code(code))
    keystore.put_account(village.folder, keystore.RECOVERY, identity, secret)
    with village.store.write() as session:
        meta.put(session, accounts.RECOVERY, identity.recipient)
        accounts.put_state(session, keystore.RECOVERY, accounts.State())
        keyring.note_file(session, village.folder, keystore.RECOVERY)
    keyring.seal(village)


def _other(village: Village, name: str, *, last: bool = False) -> Account:
    """Return an active account that is not the one signed in."""
    from siks_offline.db import accounts

    with village.store.read() as session:
        active = [one for one in accounts.every(session) if one.active]
    wanted = name.strip().lower()
    known = next((one for one in active if one.name == wanted), None)
    if known is None:
        raise SecretError("E_ACCOUNT_NONE", akun=name.strip()[:40])
    if last and known.role == ADMIN and sum(one.role == ADMIN for one in active) == 1:
        raise SecretError("E_LAST_ADMIN", akun=known.name)
    if known.name == village.account:
        raise SecretError("E_ACCOUNT_SELF", akun=known.name)
    return known


def _note(
    session: Session, village: Village, now: datetime, done: str, subject: str, **detail: str
) -> None:
    from siks_offline.db import audit
    from siks_offline.export.canonical import stamp

    audit.append(
        session,
        at=stamp(now),
        account=village.account,
        action=done,
        subject=subject,
        detail=detail,
    )
