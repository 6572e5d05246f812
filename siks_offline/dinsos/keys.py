"""The office's own keys: signing, operational and escrow, and the key set that tells of them.

Each is a file `kunci/<name>.age` of the store's folder. Until a root key of its own is kept away
from the office, the signing key is the root as well. The escrow identity is sealed to the recovery
code alone: no account opens it, so who steals a passphrase does not get it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from siks_offline.crypto import age, keystore
from siks_offline.crypto.age import Identity
from siks_offline.crypto.sshsig import SigningKey
from siks_offline.export import files, keyset
from siks_offline.export.keyset import KeySet, SignedKeySet, Signer

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from pathlib import Path

    from siks_offline.crypto.keystore import Unlocked

FOLDER = "kunci"
SIGNING = "penandatangan-1.age"
OPERATIONAL = "operasional-1.age"
ESCROW = "eskro-1.age"


@dataclass(frozen=True, slots=True)
class Keys:
    """The secrets that an open office works with; `identities` open what villages send."""

    signing: SigningKey = field(repr=False)
    identities: tuple[Identity, ...] = field(repr=False)


def create(folder: Path, unlocked: Unlocked, recipients: Mapping[str, str]) -> tuple[Keys, str]:
    """Make the keys of a new office; return them and the escrow recipient.

    `recipients` are those of the keystore. Raises FileError, SecretError E_KEYSTORE_DAMAGED.
    """
    signing, operational, escrow = SigningKey.generate(), Identity.generate(), Identity.generate()
    accounts = list(recipients.values())
    keystore.keep(folder / FOLDER / SIGNING, signing.seed.hex().encode(), unlocked, accounts)
    keystore.keep(folder / FOLDER / OPERATIONAL, str(operational).encode(), unlocked, accounts)
    recovery = [recipients[keystore.RECOVERY]]
    sealed = age.encrypt(str(escrow).encode(), recovery)
    files.write_whole(folder / FOLDER / ESCROW, sealed, private=True)
    return Keys(signing, (operational,)), escrow.recipient


def load(folder: Path, unlocked: Unlocked) -> Keys:
    """Open the keys of an office. Identities of earlier years stay: they read late files."""
    signing = SigningKey.from_seed(
        bytes.fromhex(keystore.fetch(folder / FOLDER / SIGNING, unlocked).decode())
    )
    found = sorted((folder / FOLDER).glob("operasional-*.age"))
    identities = (Identity.parse(keystore.fetch(path, unlocked).decode()) for path in found)
    return Keys(signing, tuple(identities))


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
