"""Prove that the key in the sealed envelope still opens what villages send.

It is sealed to the recovery code alone and serves no day's work, so nobody would notice its loss
until the day it is needed: each quarter it opens real bundles (BUNDLE.md section 2).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from siks_offline.crypto import age, keystore
from siks_offline.crypto.age import Identity
from siks_offline.dinsos import keys as office_keys
from siks_offline.dinsos.office import ARCHIVE
from siks_offline.errors import BundleError
from siks_offline.export import files

if TYPE_CHECKING:
    from datetime import datetime

    from siks_offline.dinsos.office import Office

MOST: Final = 50
"""Originals that are opened, the newest of the archive."""
_BLOCK: Final = 1 << 16


@dataclass(frozen=True, slots=True)
class Drilled:
    """How many originals were tried and which of them the escrow key does not open."""

    tried: int
    closed: tuple[str, ...]


def drill(office: Office, recovery_code: str, now: datetime) -> Drilled:
    """Open the newest originals of the archive with the escrow key, to their last byte.

    Nothing is taken in. Raises SecretError E_RECOVERY_CODE, E_KEYSTORE_DAMAGED; FileError.
    """
    unlocked = keystore.unlock_with_recovery(office.folder, recovery_code)
    sealed = office.folder / office_keys.FOLDER / f"{office_keys.ESCROW}-1.age"
    identity = Identity.parse(keystore.fetch(sealed, unlocked).decode())
    archive = office.folder / ARCHIVE
    with files.errors(archive, reading=True):
        found = sorted(archive.glob("*.siks"), key=lambda path: path.stat().st_mtime_ns)[-MOST:]
    closed = []
    for path in found:
        with files.errors(path, reading=True), path.open("rb") as file:
            try:
                opened = age.unseal(file, [identity])
                while opened.read(_BLOCK):
                    pass
            except BundleError:
                closed.append(path.name)
    with office.store.write() as session:
        office.record(session, now, "eskro.uji", office.id, tried=len(found), closed=len(closed))
    return Drilled(len(found), tuple(closed))
