"""Bring a village's device into the registry without internet, and put it out again.

Invitation, letter, enrolment, approval: docs/spec/siks-bundle.md, pairing.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from siks_offline import wilayah
from siks_offline.crypto import codes, sshsig
from siks_offline.db import office_registry
from siks_offline.dinsos import receipts
from siks_offline.dinsos.gate import INSTRUMENTS
from siks_offline.errors import BundleError, SiksError
from siks_offline.export import canonical, invitation

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from pathlib import Path

    from siks_offline.dinsos.office import Office

INVITED = timedelta(days=30)
VALID = timedelta(days=730)


@dataclass(frozen=True, slots=True)
class Invited:
    """An invitation that stands on its medium; `code` goes by letter, `digits` are the root's."""

    path: Path
    invite_id: str
    code: str
    digits: str
    expires_at: datetime


def invite(
    office: Office, kode_desa: str, target: Path, now: datetime, *, bps: str = ""
) -> Invited:
    """Write an invitation for a village; an earlier open one of it no longer serves.

    The code stands in no file: the store keeps only the key made of it that checks an enrolment.
    `bps` is the ten-digit BPS code of the village where the office knows it. Raises UsageError
    E_KODE_WILAYAH, SiksError E_WILAYAH_OTHER for a village of another kabupaten, FileError.
    """
    from siks_offline.instrument.load import load_shipped

    kode, shipped = check_village(office, kode_desa), load_shipped(INSTRUMENTS[0])
    invite_id, code = str(uuid.uuid4()), codes.letter_code()
    expires_at = now + INVITED
    with office.store.write() as session:
        office_registry.add_invite(
            session,
            {
                "invite_id": invite_id,
                "kode_desa": kode,
                "enrolment_key": codes.enrolment_key(code, invite_id),
                "made_at": canonical.stamp(now),
                "expires_at": canonical.stamp(expires_at),
            },
        )
        office.record(session, now, "desa.undang", kode, invite=invite_id)
        invitation.write(
            target,
            invitation.Invitation(
                id=office.id,
                kode_desa=kode,
                nama_desa=wilayah.name(kode),
                bps=bps,
                invite_id=invite_id,
                instrument={"id": shipped.id, "sha256": shipped.sha256, "version": shipped.version},
                created_at=now,
                expires_at=expires_at,
                practice=office.practice,
            ),
            code,
            office.keys.signing,
            office.signed_keyset,
        )
    return Invited(target, invite_id, codes.grouped(code), office.digits, expires_at)


def check_village(office: Office, kode_desa: str) -> str:
    """Return a village's ten digits.

    Raises UsageError E_KODE_WILAYAH, SiksError E_WILAYAH_OTHER.
    """
    kode = wilayah.parse(kode_desa)
    if not kode.startswith(office.kode):
        raise SiksError("E_WILAYAH_OTHER", kode=wilayah.dotted(kode), dinsos=office.kode)
    return kode


def approve(office: Office, kode_desa: str, by: str, now: datetime) -> Path:
    """Register the device whose enrolment waits, and write its first receipt; return that file.

    Raises SiksError E_NO_ENROLMENT when none waits, BundleError E_KEY_REGISTERED, E_KEY_WEAK.
    """
    at = canonical.stamp(now)
    with office.store.write() as session:
        waiting = office_registry.enrolments(session, kode_desa, "waiting")
        if not waiting:
            raise SiksError("E_NO_ENROLMENT", kode=wilayah.dotted(kode_desa))
        row = waiting[0]
        sshsig.check_public(bytes.fromhex(row["public"]))
        if office_registry.device_of_key(session, row["public"]) is not None:
            raise BundleError("E_KEY_REGISTERED")
        office_registry.add_device(
            session,
            {
                "device": row["device"],
                "kode_desa": kode_desa,
                "public": row["public"],
                "recipient": row["recipient"],
                "voice_key": row["voice_key"],
                "status": "active",
                "valid_after": min(at, row["received_at"]),
                "valid_before": canonical.stamp(now + VALID),
                "reason": "",
                "approved_at": at,
                "approved_by": by,
                "out_stream": str(uuid.uuid4()),
            },
        )
        office_registry.decide_enrolment(session, row["manifest_sha256"], "approved", at, by)
        office.record(session, now, "desa.setujui", kode_desa, device=row["device"])
    return receipts.issue(office, row["device"], now).path


def revoke(office: Office, kode_desa: str, reason: str, now: datetime) -> int:
    """Put out all devices of a village from this moment on; return how many.

    What comes of them later is held for a person. Raises SiksError E_NO_DEVICE when none is
    active and nothing else could be stopped.
    """
    at = canonical.stamp(now)
    with office.store.write() as session:
        active = office_registry.devices(session, kode_desa, "active")
        waiting = office_registry.enrolments(session, kode_desa, "waiting")
        if not active and not waiting:
            raise SiksError("E_NO_DEVICE", kode=wilayah.dotted(kode_desa))
        for row in active:
            office_registry.set_device(
                session, row["device"], status="revoked", valid_before=at, reason=reason
            )
            office.record(session, now, "desa.cabut", kode_desa, device=row["device"])
        for row in waiting:
            manifest = row["manifest_sha256"]
            office_registry.decide_enrolment(session, manifest, "refused", at, office.account)
            office.record(session, now, "desa.tolak", kode_desa, device=row["device"])
    return len(active)


def allowed_signers(office: Office) -> Iterator[str]:
    """Yield the registry as lines of an OpenSSH allowed_signers file, revoked devices included."""
    with office.store.read() as session:
        rows = office_registry.devices(session)
    for row in rows:
        after, before = (_ssh_time(row[name]) for name in ("valid_after", "valid_before"))
        key = sshsig.openssh(bytes.fromhex(row["public"]))
        yield (
            f'desa:{row["kode_desa"]} namespaces="siks.visits.v1,siks.enrolment.v1",'
            f'valid-after="{after}",valid-before="{before}" {key}'
        )


def _ssh_time(at: str) -> str:
    """Return a moment as ssh-keygen reads it: 20261122010348Z."""
    return "".join(character for character in at if character.isdigit()) + "Z"
