"""A village meets its Dinsos without internet: invitation in, enrolment out."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from siks_offline.desa import accounts, device, place, renewal, sending
from siks_offline.desa.gate import ROOT
from siks_offline.desa.rights import action
from siks_offline.errors import BundleError
from siks_offline.export import bundle, enrolment, files, invitation
from siks_offline.export.canonical import stamp

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from siks_offline.db.ledger import Stream
    from siks_offline.desa.village import Village
    from siks_offline.export.bundle import Written

INVITES: Final = "undangan"
"""Meta key of the invitations this village has used, a JSON list of ids."""


@dataclass(frozen=True, slots=True)
class Paired:
    """An enrolment that stands on its medium; `recovery_code` only for a village just made."""

    path: Path
    stream: str
    key: str
    fingerprint: str
    recovery_code: str = ""


def pair(
    folder: Path,
    invitation_file: Path,
    *,
    letter_code: str,
    account: str,
    passphrase: str,
    target: Path,
    now: datetime,
    recovery_code: str = "",
) -> Paired:
    """Answer an invitation: make the village if it is not there, a device, and its enrolment.

    The letter's code establishes the root that the village trusts from then on. A village that is
    paired already keeps its root and refuses another. Raises BundleError E_INVITE_CODE,
    E_INVITE_EXPIRED, E_INVITE_USED, E_ROOT_OTHER, E_INVITE_VILLAGE; SecretError; FileError.
    """
    from siks_offline.crypto import codes
    from siks_offline.desa.village_folder import MARKER

    found = invitation.read(invitation_file)
    invitation.require_code(found, letter_code)
    invitation.require_time(found, now)
    invited = found.invitation
    made = ""
    with files.errors(folder):
        known = (folder / MARKER).exists()
    if known:
        village = accounts.open_village(folder, account, passphrase)
    else:
        made = recovery_code or codes.recovery_code()
        village = accounts.create_village(
            folder,
            kode_desa=invited.kode_desa,
            nama_desa=invited.nama_desa,
            account=account,
            passphrase=passphrase,
            recovery_code=made,
            now=now,
            practice=invited.practice,
            bps=invited.bps,
        )
    try:
        with village:
            done = answer(village, found, letter_code, target, now)
    except BaseException:
        if not known:  # its recovery code was never shown, so nobody could ever restore it
            shutil.rmtree(folder, ignore_errors=True)
        raise
    return replace(done, recovery_code=codes.grouped(made) if made else "")


@action
def read(village: Village, invitation_file: Path, now: datetime) -> invitation.Read:
    """Read an invitation that is for this open village and not used yet.

    Raises BundleError E_INVITE_EXPIRED, E_INVITE_USED, E_ROOT_OTHER, E_INVITE_VILLAGE and those
    of `invitation.read`.
    """
    found = invitation.read(invitation_file)
    invitation.require_time(found, now)
    _require_same(village, found)
    return found


@action
def answer(
    village: Village, found: invitation.Read, letter_code: str, target: Path, now: datetime
) -> Paired:
    """Make a device of an open village and write its enrolment. Raises as `pair`."""
    invitation.require_code(found, letter_code)
    invitation.require_time(found, now)
    _require_same(village, found)
    stream = device.make(stamp(now))
    written = _enrol(village, found, stream, letter_code, target, now)
    with sending.taken_back(written.path):
        _record(village, found, stream, written, now)
    place.remember(village)
    return _paired(written.path, stream)


def _paired(path: Path, stream: Stream) -> Paired:
    from siks_offline.crypto import codes, sshsig

    public = device.signing(stream).public
    return Paired(
        path=path,
        stream=stream.stream,
        key=sshsig.fingerprint(public),
        fingerprint=codes.thirty_digits(sshsig.openssh(public).encode()),
    )


def _require_same(village: Village, found: invitation.Read) -> None:
    """A paired village accepts no other root, no invitation twice, none of another village."""
    from siks_offline.db import meta

    invited = found.invitation
    if invited.kode_desa != village.kode_desa or invited.practice != village.practice:
        raise BundleError("E_INVITE_VILLAGE", kode=invited.kode_desa)
    with village.store.read() as session:
        root = meta.get(session, ROOT)
        used = json.loads(meta.get(session, INVITES) or "[]")
    if root is not None and root != found.keyset.root.hex():
        raise BundleError("E_ROOT_OTHER")
    if invited.invite_id in used:
        raise BundleError("E_INVITE_USED")


def _record(
    village: Village, found: invitation.Read, stream: Stream, written: Written, now: datetime
) -> None:
    """Store the trusted root with its key set, the device and its enrolment, in one transaction.

    The file stands by then: an enrolment that could not be written uses up no invitation.
    """
    from siks_offline.db import audit, keysets, ledger, meta

    with village.store.write() as session:
        used = json.loads(meta.get(session, INVITES) or "[]")
        meta.put(session, INVITES, json.dumps([*used, found.invitation.invite_id]))
        meta.put(session, ROOT, found.keyset.root.hex())
        if found.invitation.bps and not village.bps:
            meta.put(session, "bps", found.invitation.bps)
        keysets.put(
            session,
            keysets.KeySet(
                found.keyset.version, found.signed.raw, found.signed.signature, found.signed.sha256
            ),
        )
        meta.put(session, renewal.PENDING, None)  # of a device that is given up
        ledger.start_stream(session, stream)
        sending.record(session, village.account, written)
        audit.append(
            session,
            at=stamp(now),
            account=village.account,
            action="desa.pasangkan",
            subject=found.keyset.id,
            detail={"device": stream.device},
        )


def _enrol(
    village: Village,
    found: invitation.Read,
    stream: Stream,
    letter_code: str,
    target: Path,
    now: datetime,
) -> Written:
    invited = found.invitation
    said = device.statement(stream, village.kode_desa, found.keyset.root, invited.invite_id)
    return bundle.write(
        target.parent,
        sending.envelope(stream, village, found.keyset, "enrolment", now),
        device.signing(stream),
        [bundle.RecordFile("enrolment", [enrolment.make(said, letter_code)])],
        name=target.name,
    )
