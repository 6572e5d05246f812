"""The office's own keys: root, signing, operational and escrow, and the key set that tells of them.

Each is a file `kunci/<name>-<n>.age` of the store's folder. Until a root key of its own is made,
the first signing key is the root as well. The escrow identity is sealed to the recovery code
alone: no account opens it, so who steals a passphrase does not get it.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from siks_offline.crypto import age, keystore
from siks_offline.crypto.age import Identity
from siks_offline.crypto.sshsig import SigningKey
from siks_offline.errors import FileError, SecretError
from siks_offline.export import files, keyset
from siks_offline.export.keyset import KeySet, SignedKeySet, Signer

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from pathlib import Path

    from siks_offline.crypto.keystore import Unlocked

FOLDER = "kunci"
SIGNING, OPERATIONAL, ESCROW, ROOT = "penandatangan", "operasional", "eskro", "akar"
_FILE = re.compile(r"(penandatangan|operasional|akar)-([1-9][0-9]{0,5})\.age")


@dataclass(frozen=True, slots=True)
class Keys:
    """The secrets that an open office works with; `identities` open what villages send."""

    signing: SigningKey = field(repr=False)
    identities: tuple[Identity, ...] = field(repr=False)
    others: tuple[SigningKey, ...] = field(default=(), repr=False)
    """Signing and root keys beside the first: of earlier years, or made and not yet in use."""

    def serving(self, of: KeySet) -> Keys:
        """Return these keys with the one in front that a key set has sign now.

        Raises SecretError E_KEYSTORE_DAMAGED when its file is not there.
        """
        for signer in of.signers:
            found = self.of(signer.public) if signer.status == "active" else None
            if found is not None:
                others = [one for one in (self.signing, *self.others) if one is not found]
                return replace(self, signing=found, others=tuple(others))
        raise SecretError("E_KEYSTORE_DAMAGED", berkas=f"{SIGNING}-*.age")

    def of(self, public: bytes) -> SigningKey | None:
        """Return the signing or root key with this public half."""
        return next((one for one in (self.signing, *self.others) if one.public == public), None)


def create(folder: Path, unlocked: Unlocked, recipients: Mapping[str, str]) -> tuple[Keys, str]:
    """Make the keys of a new office; return them and the escrow recipient.

    `recipients` are those of the keystore. Raises FileError, SecretError E_KEYSTORE_DAMAGED.
    """
    escrow = Identity.generate()
    signing = new_signing(folder, unlocked, recipients)
    operational = new_operational(folder, unlocked, recipients)
    recovery = [recipients[keystore.RECOVERY]]
    sealed = age.encrypt(str(escrow).encode(), recovery)
    files.write_whole(folder / FOLDER / f"{ESCROW}-1.age", sealed, private=True)
    return Keys(signing, (operational,)), escrow.recipient


def new_signing(
    folder: Path, unlocked: Unlocked, recipients: Mapping[str, str], kind: str = SIGNING
) -> SigningKey:
    """Make one more signing key (or root, by `kind`) in the next file of its kind."""
    made = SigningKey.generate()
    _keep(folder, kind, made.seed.hex(), unlocked, recipients)
    return made


def new_operational(folder: Path, unlocked: Unlocked, recipients: Mapping[str, str]) -> Identity:
    """Make one more operational identity; the earlier ones stay to read late files."""
    made = Identity.generate()
    _keep(folder, OPERATIONAL, str(made), unlocked, recipients)
    return made


def _keep(
    folder: Path, kind: str, secret: str, unlocked: Unlocked, recipients: Mapping[str, str]
) -> None:
    number = max((number for of, number, _ in _files(folder) if of == kind), default=0) + 1
    path = folder / FOLDER / f"{kind}-{number}.age"
    keystore.keep(path, secret.encode(), unlocked, list(recipients.values()))


def _files(folder: Path) -> list[tuple[str, int, Path]]:
    """Key files by kind and number, ascending."""
    found = ((_FILE.fullmatch(path.name), path) for path in (folder / FOLDER).glob("*.age"))
    return sorted((name[1], int(name[2]), path) for name, path in found if name)


def load(folder: Path, unlocked: Unlocked) -> Keys:
    """Open the keys of an office. Identities of earlier years stay: they read late files.

    Raises SecretError E_KEYSTORE_DAMAGED, E_ACCOUNT_CLOSED; FileError.
    """
    signing, identities = [], []
    for kind, _, path in _files(folder):
        secret = keystore.fetch(path, unlocked).decode()
        if kind == OPERATIONAL:
            identities.append(Identity.parse(secret))
        else:
            signing.append(SigningKey.from_seed(bytes.fromhex(secret)))
    if not signing or not identities:
        with files.errors(folder / FOLDER):  # a folder without rights looks like an empty one
            list(os.scandir(folder / FOLDER))
        raise SecretError("E_KEYSTORE_DAMAGED", berkas=f"{SIGNING}-1.age")
    return Keys(signing[0], tuple(identities), tuple(signing[1:]))


def roots_at(place: Path, unlocked: Unlocked, recipients: Mapping[str, str]) -> list[SigningKey]:
    """Open the root keys that are kept in another folder, a stick mostly.

    They are sealed to today's accounts on the way where the medium can be written to. Raises
    SecretError E_ROOT_AWAY when there is none, E_ACCOUNT_CLOSED when an account is newer than the
    file, E_KEYSTORE_DAMAGED; FileError.
    """
    with files.errors(place, reading=True):
        found = sorted(path for path in place.iterdir() if path.name.startswith(f"{ROOT}-"))
    roots = []
    for path in found:
        if _FILE.fullmatch(path.name):
            secret = keystore.fetch(path, unlocked)
            roots.append(SigningKey.from_seed(bytes.fromhex(secret.decode())))
            with contextlib.suppress(FileError):
                keystore.keep(path, secret, unlocked, list(recipients.values()))
    if not roots:
        raise SecretError("E_ROOT_AWAY")
    return roots


def take_away(folder: Path, unlocked: Unlocked, root: bytes, place: Path) -> Path:
    """Move the file of a root key out of the office to another folder; return where it is now.

    It is written there, read back and opened before the office's own file goes. Raises SecretError
    E_ROOT_AWAY when the office does not hold it as a key of its own; FileError.
    """
    for kind, _, path in _files(folder):
        if kind != ROOT:
            continue
        secret = keystore.fetch(path, unlocked)
        if SigningKey.from_seed(bytes.fromhex(secret.decode())).public != root:
            continue
        with files.errors(place):
            place.mkdir(parents=True, exist_ok=True)
            taken = {one.name for one in place.iterdir()}
            if place.resolve() == path.parent.resolve():
                raise SecretError("E_ROOT_AWAY")
            content = path.read_bytes()
        target = next(
            place / f"{ROOT}-{number}.age"
            for number in itertools.count(1)
            if f"{ROOT}-{number}.age" not in taken
        )
        files.write_whole(target, content, private=True)
        if keystore.fetch(target, unlocked) != secret:
            raise FileError("E_MEDIA_BAD", berkas=target.name)
        with files.errors(path):
            path.unlink()
        return target
    raise SecretError("E_ROOT_AWAY")


def seal_again(folder: Path, unlocked: Unlocked, recipients: Mapping[str, str]) -> None:
    """Seal every key file to these accounts; the escrow identity stays with the recovery code."""
    for _, _, path in _files(folder):
        keystore.keep(path, keystore.fetch(path, unlocked), unlocked, list(recipients.values()))


def first_keyset(
    office_id: str, name: str, keys: Keys, escrow: str, now: datetime, *, practice: bool
) -> SignedKeySet:
    """Return the first key set of an office, signed by its root."""
    return keyset.sign(
        KeySet(
            id=office_id,
            name=name,
            version=1,
            created_at=now,
            root=keys.signing.public,
            signers=(Signer(keys.signing.public),),
            operational=tuple(sorted(one.recipient for one in keys.identities)),
            escrow=(escrow,),
            practice=practice,
        ),
        keys.signing,
    )
