"""The root that a village trusts, and how it follows a new one."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from siks_offline.desa.rights import action

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from sqlalchemy.orm import Session

    from siks_offline.desa.gate import VillageGate
    from siks_offline.desa.village import Village
    from siks_offline.export.keyset import KeySet


def follow(session: Session, gate: VillageGate, root: bytes) -> None:
    """Trust the root of a key set that the root before it has signed too."""
    if root != gate.pinned_root:
        _pin(session, gate.former_roots, gate.pinned_root, root)


@action
def accept(village: Village, invitation_file: Path, digits: str, now: datetime) -> KeySet:
    """Trust the root of an invitation by its 30 typed digits, as after the theft of the old one.

    The old root and every key set under it no longer count. Raises StoreError E_NOT_PAIRED,
    BundleError E_INVITE_CODE for other digits, E_INVITE_VILLAGE for another village or Dinsos and
    those of `invitation.read`.
    """
    from siks_offline.db import audit, keysets
    from siks_offline.desa.gate import VillageGate
    from siks_offline.errors import BundleError
    from siks_offline.export import invitation
    from siks_offline.export.canonical import stamp

    gate = VillageGate(village)
    found = invitation.read(invitation_file)
    invited = found.invitation
    if invited.kode_desa != village.kode_desa or invited.practice != village.practice:
        raise BundleError("E_INVITE_VILLAGE", kode=invited.kode_desa)
    if found.keyset.id != gate.keyset.id:
        raise BundleError("E_ROOT_OTHER")
    invitation.require_digits(found, digits)
    with village.store.write() as session:
        if found.keyset.root != gate.pinned_root:
            keysets.forget(session)
            _pin(session, (), None, found.keyset.root)
        if found.keyset.root != gate.pinned_root or found.keyset.version > gate.keyset_version:
            keysets.put(
                session,
                keysets.KeySet(
                    found.keyset.version,
                    found.signed.raw,
                    found.signed.signatures,
                    found.signed.sha256,
                ),
            )
        audit.append(
            session,
            at=stamp(now),
            account=village.account,
            action="desa.akar",
            subject=found.keyset.id,
        )
    return found.keyset


def _pin(
    session: Session, former: tuple[bytes, ...], present: bytes | None, following: bytes
) -> None:
    from siks_offline.db import meta
    from siks_offline.desa.gate import FORMER_ROOTS, ROOT

    kept = [*former, *([] if present is None else [present])]
    meta.put(session, FORMER_ROOTS, json.dumps([one.hex() for one in kept]))
    meta.put(session, ROOT, following.hex())
