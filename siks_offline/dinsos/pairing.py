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
from siks_offline.db import office as store_office
from siks_offline.db import office_bundles, office_registry
from siks_offline.dinsos import prelist, receipts, renewal
from siks_offline.dinsos.gate import INSTRUMENTS
from siks_offline.errors import BundleError, SiksError
from siks_offline.export import canonical, enrolment, handover_paper, invitation

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from pathlib import Path

    from sqlalchemy.orm import Session

    from siks_offline.dinsos.office import Office

INVITED = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Invited:
    """An invitation that stands on its medium; `code` goes by letter, `digits` are the root's."""

    path: Path
    invite_id: str
    code: str
    digits: str
    expires_at: datetime


def invite(
    office: Office,
    kode_desa: str,
    target: Path,
    now: datetime,
    *,
    bps: str = "",
    letter: Path | None = None,
) -> Invited:
    """Write an invitation for a village; an earlier open one of it no longer serves.

    The code stands in no file: the store keeps only the key made of it that checks an enrolment.
    `bps` is the ten-digit BPS code of the village where the office knows it; `letter` is where the
    letter is written as PDF, before the file that it belongs to. Raises UsageError
    E_KODE_WILAYAH, SiksError E_WILAYAH_OTHER for a village of another kabupaten, FileError.
    """
    from siks_offline.instrument.load import load_shipped

    kode, shipped = check_village(office, kode_desa), load_shipped(INSTRUMENTS[0])
    invite_id, code = str(uuid.uuid4()), codes.letter_code()
    with office.store.write() as session:
        expires_at = _office_time(session, now) + INVITED
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
        if letter is not None:
            sheet = handover_paper.Letter(
                office=office.keyset.name,
                office_id=office.id,
                kode_desa=kode,
                nama_desa=wilayah.name(kode),
                invite_id=invite_id,
                code=code,
                digits=office.digits,
                expires=expires_at.strftime("%d-%m-%Y"),
                practice=office.practice,
            )
            handover_paper.write_letter(letter, sheet)
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


def approve(office: Office, kode_desa: str, by: str, now: datetime) -> Path | None:
    """Register the device whose enrolment waits, and write its first receipt; return that file.

    Where the office wants two persons the first one's word is kept and None returned; a renewal
    needs one, for the key that it follows vouches. The device it follows is only heard from then
    on. Raises SiksError E_NO_ENROLMENT when none waits, E_SECOND_PERSON when the same account
    approves twice, BundleError E_KEY_REGISTERED, E_KEY_WEAK.
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
        before = renewal.follows(row)
        if office.approvals == 2 and not before:
            if row["decided_by"] is None:
                manifest = row["manifest_sha256"]
                office_registry.decide_enrolment(session, manifest, "waiting", at, by)
                office.record(session, now, "desa.setujui-pertama", kode_desa, by=by)
                return None
            if row["decided_by"] == by:
                raise SiksError("E_SECOND_PERSON", akun=by)
            by = f"{row['decided_by']}+{by}"
        if before:
            renewal.hand_over(session, before)
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
                "valid_before": canonical.stamp(_office_time(session, now) + enrolment.VALID),
                "reason": "",
                "approved_at": at,
                "approved_by": by,
                "out_stream": str(uuid.uuid4()),
            },
        )
        office_registry.decide_enrolment(session, row["manifest_sha256"], "approved", at, by)
        office.record(session, now, "desa.setujui", kode_desa, device=row["device"])
    return receipts.issue(office, row["device"], now).path


def require_approvals(office: Office, count: int, by: str, now: datetime) -> bool:
    """Set how many persons approve a new device; return whether it holds from now on.

    Going from two back to one takes two persons itself: the first asks, another one confirms.
    Raises SiksError E_SECOND_PERSON when the same account asks again.
    """
    with office.store.write() as session:
        asked = store_office.fact(session, "approvals.asked")
        if office.approvals == 2 and count == 1:
            if asked == by:
                raise SiksError("E_SECOND_PERSON", akun=by)
            if not asked:
                store_office.set_fact(session, "approvals.asked", by)
                office.record(session, now, "dinsos.persetujuan-minta", office.id, by=by)
                return False
        store_office.set_fact(session, "approvals.asked", "")
        store_office.set_fact(session, "approvals", str(count))
        office.record(session, now, "dinsos.persetujuan", office.id, count=count)
    office.refresh()
    return True


def revoke(office: Office, kode_desa: str, reason: str, now: datetime) -> int:
    """Put out all devices of a village from this moment on; return how many.

    What comes of them later is held for a person, and their prelist is withdrawn: it is sealed to
    a key that may be stolen. Raises SiksError E_NO_DEVICE when none is
    active and nothing else could be stopped.
    """
    with office.store.write() as session:
        at = canonical.stamp(_office_time(session, now))
        active = [
            row
            for row in office_registry.devices(session, kode_desa)
            if row["status"] in {"active", "replaced"}
        ]
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
        prelist.withdraw(session, kode_desa)
    return len(active)


def _office_time(session: Session, now: datetime) -> datetime:
    """Return the moment by which keys and invitations are judged: the clock, or the last arrival.

    The gate judges by the later of the two, so what is dated by the clock alone could be over
    before it began.
    """
    last = office_bundles.last_arrival(session)
    return max(now, canonical.moment(last)) if last else now


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
