"""New keys of the office, planned or after a theft, told to villages by the next key set.

Keys are written before the key set that names them: stopped in between, the office goes on with
the old ones. Old encryption keys stay to read late files. docs/spec/siks-bundle.md, key set.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from siks_offline.crypto import sshsig
from siks_offline.db import office as store_office
from siks_offline.db import office_registry
from siks_offline.dinsos import keyring, prelist
from siks_offline.dinsos import keys as office_keys
from siks_offline.errors import SecretError
from siks_offline.export import canonical, keyset
from siks_offline.export.keyset import Signer

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from siks_offline.crypto.sshsig import SigningKey
    from siks_offline.dinsos.office import Office
    from siks_offline.export.keyset import KeySet


@dataclass(frozen=True, slots=True)
class Rotated:
    """The key set that is in force now; `digits` are those of its root."""

    version: int
    signing: str
    root: str
    digits: str


def rotate(
    office: Office, now: datetime, *, revoke: bool = False, root_at: Path | None = None
) -> Rotated:
    """Make new signing and operational keys and the next key set.

    A planned change keeps the old signing key good for files under way. With `revoke` it is put
    out, as after a theft: what it signed is made anew, and prelists sent under it must be made
    again. `root_at` is the folder where a root that was taken away lies. Raises SecretError
    E_ROOT_AWAY when the root key is not at hand; FileError.
    """
    unlocked = keyring.opened_by(office)
    before = office.keyset
    root, vouching = _roots(office, before, root_at)
    signing = office_keys.new_signing(office.folder, unlocked, office.recipients)
    operational = office_keys.new_operational(office.folder, unlocked, office.recipients)
    old = tuple(
        Signer(one.public, "revoked") if revoke else one
        for one in before.signers
        if one.public != signing.public
    )
    fresh = replace(
        before,
        version=_next_version(office),
        created_at=now,
        signers=(Signer(signing.public), *old),
        operational=(operational.recipient,),
    )
    _install(office, fresh, root, vouching, now, "kunci.ganti", revoke=revoke)
    return _told(office)


def change_root(office: Office, now: datetime, *, root_at: Path | None = None) -> Rotated:
    """Make a new root; the next key set carries its signature and that of the root before.

    Villages that know the old root follow by themselves; open invitations are withdrawn, for
    their letters print the old digits, and so are prelists. Raises SecretError E_ROOT_AWAY,
    FileError.
    """
    unlocked = keyring.opened_by(office)
    before = office.keyset
    vouching, _ = _roots(office, before, root_at)
    root = office_keys.new_signing(office.folder, unlocked, office.recipients, office_keys.ROOT)
    fresh = replace(before, version=_next_version(office), created_at=now, root=root.public)
    _install(office, fresh, root, vouching, now, "akar.ganti", revoke=False)
    return _told(office)


def take_root_away(office: Office, place: Path, now: datetime) -> Path:
    """Move the root key out of the office's folder, to a stick that is locked up.

    Only a root of its own can go: the first one signs every day as well, so it is changed first.
    From then on new keys need the stick. Raises SecretError E_ROOT_SIGNS, E_ROOT_AWAY; FileError.
    """
    if any(one.public == office.root and one.status == "active" for one in office.keyset.signers):
        raise SecretError("E_ROOT_SIGNS")
    taken = office_keys.take_away(office.folder, keyring.opened_by(office), office.root, place)
    with office.store.write() as session:
        office.record(session, now, "akar.simpan", office.id, file=taken.name)
    office.keys = accounts_keys(office).serving(office.keyset)
    return taken


def _roots(
    office: Office, of: KeySet, root_at: Path | None
) -> tuple[SigningKey, SigningKey | None]:
    """Return the root's key, and the one before it that must go on vouching for it."""
    keys = accounts_keys(office)
    if root_at is not None:
        away = office_keys.roots_at(root_at, keyring.opened_by(office), office.recipients)
        keys = replace(keys, others=(*keys.others, *away))
    root = keys.of(of.root)
    if root is None:
        raise SecretError("E_ROOT_AWAY")
    former = office.former_roots
    return root, keys.of(former[-1]) if former else None


def accounts_keys(office: Office) -> office_keys.Keys:
    """Return the keys as the folder has them now: a root kept on a stick may be back."""
    return office_keys.load(office.folder, keyring.opened_by(office))


def _install(
    office: Office,
    fresh: KeySet,
    root: SigningKey,
    vouching: SigningKey | None,
    now: datetime,
    action: str,
    *,
    revoke: bool,
) -> None:
    signed = keyset.sign(fresh, root, vouching)
    former = [one.hex() for one in office.former_roots]
    with office.store.write() as session:
        store_office.add_keyset(
            session,
            {
                "version": fresh.version,
                "sha256": signed.sha256,
                "raw": signed.raw,
                "signature": signed.signatures,
                "made_at": canonical.stamp(now),
            },
        )
        if fresh.root != office.root:
            former.append(office.root.hex())
            store_office.set_fact(session, "roots", json.dumps(former))
            store_office.set_fact(session, "root", fresh.root.hex())
            office_registry.withdraw_invites(session)
        if revoke or fresh.root != office.root:  # those who type the new digits forget the old root
            prelist.withdraw(session)
        office.record(session, now, action, office.id, version=fresh.version, revoke=revoke)
    office.keys = accounts_keys(office)
    office.refresh()


def _next_version(office: Office) -> int:
    with office.store.read() as session:
        return store_office.next_version(session, office.keyset.version)


def _told(office: Office) -> Rotated:
    return Rotated(
        version=office.keyset.version,
        signing=sshsig.fingerprint(office.keys.signing.public),
        root=sshsig.fingerprint(office.root),
        digits=office.digits,
    )
