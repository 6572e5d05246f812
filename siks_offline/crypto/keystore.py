"""The keys of a data folder, opened by an account's passphrase in two steps.

`akun/<account>.age` (scrypt) holds the account's age identity and nothing else; `kunci-<n>.age`
(X25519) holds the database keys for the identities of all accounts and the recovery identity. So a
passphrase change touches one file, and an account is added without anybody else's passphrase.
All of it opens with the `age` program. Source: docs/spec/siks-bundle.md, keys.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from siks_offline.crypto import _whole, age, codes
from siks_offline.crypto.age import Identity
from siks_offline.crypto.passphrase import check_passphrase, normal
from siks_offline.errors import BundleError, FileError, SecretError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

__all__ = [
    "RECOVERY",
    "Unlocked",
    "accounts",
    "add_account",
    "change_passphrase",
    "check_passphrase",
    "create",
    "damaged_keys",
    "discard_account",
    "discard_older_keys",
    "fetch",
    "fingerprint",
    "keep",
    "put_account",
    "seal_keys",
    "unlock",
    "unlock_with_recovery",
]

RECOVERY = "_pemulihan"
_KEY = 32
_FORMAT = "siks-kunci/1"
_ACCOUNT = re.compile(r"[a-z0-9](?:[a-z0-9._-]{0,30}[a-z0-9])?")
_KEY_FILE = re.compile(r"kunci-([1-9][0-9]{0,5})\.age")
_RESERVED = re.compile(r"(con|prn|aux|nul|com[0-9]|lpt[0-9])(\..*)?")  # file names of Windows


@dataclass(frozen=True, slots=True)
class Unlocked:
    """An open keystore: the identity that opened it and the database keys by version."""

    identity: Identity
    keys: Mapping[int, bytes] = field(repr=False)

    @property
    def version(self) -> int:
        """The highest version there is a key of."""
        return max(self.keys)

    @property
    def current(self) -> bytes:
        """The database key of the highest version, 32 bytes."""
        return self.keys[self.version]

    def with_next_key(self) -> Unlocked:
        """Return the same with a new database key of the next version."""
        return Unlocked(self.identity, {**self.keys, self.version + 1: os.urandom(_KEY)})

    def with_current_key_only(self) -> Unlocked:
        """Return the same without the database keys of earlier versions."""
        return Unlocked(self.identity, {self.version: self.current})


def accounts(folder: Path) -> list[str]:
    """Return the names of the accounts of a data folder, sorted."""
    names = (path.stem for path in (folder / "akun").glob("*.age"))
    return sorted(name for name in names if _ACCOUNT.fullmatch(name))


def account_name(text: str) -> str:
    """Return an account's name as it is kept. Raises SecretError E_ACCOUNT_NAME."""
    name = text.strip().lower()
    if not _ACCOUNT.fullmatch(name) or _RESERVED.fullmatch(name):
        raise SecretError("E_ACCOUNT_NAME", akun=text.strip()[:40])
    return name


def _account_file(folder: Path, name: str) -> Path:
    return folder / "akun" / f"{name}.age"


def _key_files(folder: Path) -> dict[int, Path]:
    """Return the files of database keys by version, the highest first."""
    found = ((_KEY_FILE.fullmatch(path.name), path) for path in folder.glob("kunci-*.age"))
    return dict(sorted(((int(name[1]), path) for name, path in found if name), reverse=True))


# --- writing -------------------------------------------------------------------------------------


def create(
    folder: Path,
    account: str,
    passphrase: str,
    recovery_code: str,
    *,
    work_factor: int = 17,
    practice: bool = False,
) -> tuple[Unlocked, dict[str, str]]:
    """Make the keystore of a new data folder; return it open, with each account's recipient.

    The recipients (the recovery identity is `_pemulihan`) belong into the database: they are
    needed when an account is added. The file of database keys is written last; until it stands,
    the folder has no keystore. Only practice folders may have a weak passphrase.

    Raises SecretError E_ACCOUNT_NAME, E_PASSPHRASE_WEAK, E_RECOVERY_CODE, E_KEYSTORE_EXISTS;
    FileError.
    """
    name = account_name(account)
    if not practice:
        check_passphrase(passphrase)
    code = codes.check_recovery_code(recovery_code)
    if _key_files(folder):
        raise SecretError("E_KEYSTORE_EXISTS")
    _whole.make_folder(folder / "akun")
    identity, recovery = Identity.generate(), Identity.generate()
    _write_account(folder, RECOVERY, recovery, codes.grouped(code), work_factor)
    _write_account(folder, name, identity, passphrase, work_factor)
    unlocked = Unlocked(identity, {1: os.urandom(_KEY)})
    recipients = {name: identity.recipient, RECOVERY: recovery.recipient}
    seal_keys(folder, unlocked, recipients.values())
    return unlocked, recipients


def add_account(
    folder: Path,
    unlocked: Unlocked,
    account: str,
    passphrase: str,
    recipients: Mapping[str, str],
    *,
    work_factor: int = 17,
    practice: bool = False,
) -> str:
    """Give one more account access; return its recipient.

    `recipients` are those of every account that keeps its access, and of `_pemulihan`. The file of
    database keys is written first: stopped in between, the account is not there and all others are.

    Raises SecretError E_ACCOUNT_NAME, E_ACCOUNT_EXISTS, E_PASSPHRASE_WEAK; FileError.
    """
    name = account_name(account)
    if not practice:
        check_passphrase(passphrase)
    if name in recipients or _account_file(folder, name).exists():
        raise SecretError("E_ACCOUNT_EXISTS", akun=name)
    if RECOVERY not in recipients or unlocked.identity.recipient not in recipients.values():
        raise ValueError("recipients without the recovery identity or the open one")
    identity = Identity.generate()
    seal_keys(folder, unlocked, [*recipients.values(), identity.recipient])
    _write_account(folder, name, identity, passphrase, work_factor)
    return identity.recipient


def change_passphrase(
    folder: Path,
    account: str,
    old: str,
    new: str,
    *,
    work_factor: int = 17,
    practice: bool = False,
) -> None:
    """Wrap an account's identity anew; the database keys stay.

    Raises what `unlock` raises for the old passphrase, E_PASSPHRASE_WEAK for the new; FileError.
    """
    name = account_name(account)
    if not practice:
        check_passphrase(new)
    identity = _open_account(folder, name, normal(old))
    _write_account(folder, name, identity, new, work_factor)


def put_account(
    folder: Path,
    account: str,
    identity: Identity,
    passphrase: str,
    *,
    work_factor: int = 17,
) -> None:
    """Wrap an identity by a passphrase or a drawn code in an account's file, or `_pemulihan`'s.

    Whether it opens any database key is seal_keys' affair, which comes first: stopped in between,
    the account's earlier file still opens what it opened. Raises SecretError E_ACCOUNT_NAME,
    FileError.
    """
    name = account if account == RECOVERY else account_name(account)
    _write_account(folder, name, identity, passphrase, work_factor)


def discard_account(folder: Path, account: str) -> None:
    """Delete an account's file; harmless when it is gone. Raises FileError."""
    _whole.remove(_account_file(folder, account))


def discard_older_keys(folder: Path, version: int) -> None:
    """Delete the files of database keys below a version. Raises FileError."""
    for older, path in _key_files(folder).items():
        if older < version:
            _whole.remove(path)


def _write_account(
    folder: Path, name: str, identity: Identity, passphrase: str, work_factor: int
) -> None:
    secret = normal(passphrase)
    content = f"{identity}\n".encode("ascii")

    def prove(written: bytes) -> bool:
        try:
            return age.decrypt_with_passphrase(written, secret) == content
        except (BundleError, SecretError):
            return False

    sealed = age.encrypt_with_passphrase(content, secret, work_factor)
    _whole.write(_account_file(folder, name), sealed, prove)


def seal_keys(folder: Path, unlocked: Unlocked, recipients: Iterable[str]) -> None:
    """Write the file of database keys for these recipients and nobody else.

    The open identity must be among them. Raises FileError, SecretError E_KEYSTORE_UNPROVEN.
    """
    keys = {str(version): key.hex() for version, key in sorted(unlocked.keys.items())}
    content = {"format": _FORMAT, "key_version": unlocked.version, "keys": keys}
    plain = json.dumps(content, sort_keys=True, separators=(",", ":")).encode("ascii")
    keep(folder / f"kunci-{unlocked.version}.age", plain, unlocked, list(recipients))


def keep(path: Path, secret: bytes, unlocked: Unlocked, recipients: Sequence[str]) -> None:
    """Write a further secret of the folder, such as an office's signing key, sealed to accounts.

    It is opened again with the open identity, which must be among the recipients, before it takes
    the place of an earlier file. At most 48 KiB. Raises FileError, SecretError E_KEYSTORE_UNPROVEN.
    """
    if len(secret) > 48 * 1024:
        raise ValueError("too long for a secret")

    def prove(written: bytes) -> bool:
        try:
            return age.decrypt(written, [unlocked.identity]) == secret
        except BundleError:
            return False

    _whole.make_folder(path.parent)
    _whole.write(path, age.encrypt(secret, recipients), prove)


# --- reading -------------------------------------------------------------------------------------


def unlock(folder: Path, account: str, passphrase: str) -> Unlocked:
    """Open a data folder's keystore with an account's passphrase.

    Raises SecretError E_ACCOUNT_UNKNOWN, E_PASSPHRASE, E_KEYSTORE_PARAM, E_KEYSTORE_DAMAGED,
    E_ACCOUNT_CLOSED (the account's own file opens but no database key is sealed to it); FileError.
    """
    try:
        name = account_name(account)
    except SecretError:
        _spend_as_much(passphrase)
        raise SecretError("E_ACCOUNT_UNKNOWN") from None
    return _opened(folder, _open_account(folder, name, normal(passphrase)))


def unlock_with_recovery(folder: Path, code: str) -> Unlocked:
    """Open a data folder's keystore with the recovery code, typed in any grouping.

    Raises SecretError E_RECOVERY_CODE when it is not the code of this folder, else as `unlock`.
    """
    secret = codes.grouped(codes.check_recovery_code(code))
    try:
        identity = _open_account(folder, RECOVERY, secret)
    except SecretError as fault:
        if fault.code == "E_PASSPHRASE":
            raise SecretError("E_RECOVERY_CODE") from None
        raise
    return _opened(folder, identity)


def fetch(path: Path, unlocked: Unlocked) -> bytes:
    """Return a secret that `keep` wrote.

    Raises SecretError E_KEYSTORE_DAMAGED (also when it is not there), E_ACCOUNT_CLOSED when it is
    not sealed to this account; FileError.
    """
    sealed = _whole.read(path)
    if sealed is None:
        raise SecretError("E_KEYSTORE_DAMAGED", berkas=path.name)
    return _unsealed(path, sealed, unlocked.identity)


def fingerprint(folder: Path, account: str) -> str:
    """Return the SHA-256 of an account's file, or `_pemulihan`'s; empty without one.

    Raises FileError.
    """
    sealed = _whole.read(_account_file(folder, account))
    return "" if sealed is None else hashlib.sha256(sealed).hexdigest()


def damaged_keys(folder: Path, unlocked: Unlocked) -> list[str]:
    """Return the names of files of database keys that do not say what the open keystore knows.

    The header is under a keyed hash and the rest is sealed, so no bit of it changes unseen.
    """
    found = _key_files(folder)
    wrong = [] if unlocked.version in found else [f"kunci-{unlocked.version}.age"]
    for version, path in found.items():
        try:
            whole = _parsed(path, fetch(path, unlocked)).get(version) == unlocked.keys.get(version)
        except (SecretError, FileError):
            whole = False
        if not whole:
            wrong.append(path.name)
    return wrong


def _open_account(folder: Path, name: str, secret: str) -> Identity:
    path = _account_file(folder, name)
    sealed = _whole.read(path)
    if sealed is None:
        _spend_as_much(secret)
        raise SecretError("E_ACCOUNT_UNKNOWN")
    try:
        content = age.decrypt_with_passphrase(sealed, secret)
        return Identity.parse(content.decode("ascii").rstrip("\n"))
    except (BundleError, UnicodeDecodeError):
        raise SecretError("E_KEYSTORE_DAMAGED", berkas=path.name) from None
    except SecretError as fault:
        if fault.code == "E_KEY_FORMAT":
            raise SecretError("E_KEYSTORE_DAMAGED", berkas=path.name) from None
        raise


def _spend_as_much(secret: str) -> None:
    """Take as long as for an account that is there, so that the time does not tell."""
    age.encrypt_with_passphrase(b"", normal(secret) or "-")


def _unsealed(path: Path, sealed: bytes, identity: Identity) -> bytes:
    try:
        return age.decrypt(sealed, [identity])
    except BundleError as fault:
        if fault.code == "E_NOT_FOR_US":
            raise SecretError("E_ACCOUNT_CLOSED") from None
        raise SecretError("E_KEYSTORE_DAMAGED", berkas=path.name) from None


def _opened(folder: Path, identity: Identity) -> Unlocked:
    """Read the database keys of every version that this identity opens.

    Stopped while the database is given a new key, a folder has two such files; either may hold the
    key that the database has, so a damaged one does not shut out the other.
    """
    keys: dict[int, bytes] = {}
    faults: list[SecretError] = []
    for path in _key_files(folder).values():
        sealed = _whole.read(path)
        if sealed is None:
            continue
        try:
            keys = _parsed(path, _unsealed(path, sealed, identity)) | keys
        except SecretError as fault:
            faults.append(fault)
    if keys:
        return Unlocked(identity, keys)
    raise faults[0] if faults else SecretError("E_KEYSTORE_DAMAGED", berkas="kunci-1.age")


def _parsed(path: Path, plain: bytes) -> dict[int, bytes]:
    try:
        content = json.loads(plain)
        keys = {int(version): bytes.fromhex(key) for version, key in content["keys"].items()}
        whole = content["format"] == _FORMAT and max(keys) == content["key_version"]
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        whole, keys = False, {}
    if not whole or any(len(key) != _KEY for key in keys.values()):
        raise SecretError("E_KEYSTORE_DAMAGED", berkas=path.name)
    return keys
