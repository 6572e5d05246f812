"""Judge a request for a device's next key, which the present key has signed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from siks_offline.crypto import sshsig
from siks_offline.db import office_registry
from siks_offline.errors import BundleError
from siks_offline.export import enrolment

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy.orm import Session

    from siks_offline.dinsos.office import Office
    from siks_offline.export.bundle import Opened

_FOLLOWS = "perbarui:"
"""Before the id of the device that vouches, where other enrolments name their invitation."""


def asked(opened: Opened) -> bool:
    """Whether an opened enrolment is a renewal."""
    return enrolment.is_renewal(next(value for _, value, _ in opened.lines("enrolment")))


def follows(row: Mapping[str, Any]) -> str:
    """Return the device that an enrolment in the queue is to follow; empty for a new one."""
    invite_id = str(row["invite_id"])
    return invite_id.removeprefix(_FOLLOWS) if invite_id.startswith(_FOLLOWS) else ""


def check(office: Office, opened: Opened, at: str) -> None:
    """Refuse a renewal whose present key no longer serves or whose next one is known.

    Raises BundleError E_RENEWAL_KEY, E_KEY_REGISTERED, E_ENROLMENT_MAC (another root).
    """
    said = statement(opened)
    roots = {sshsig.fingerprint(one) for one in (office.root, *office.former_roots)}
    if said.root not in roots:
        raise BundleError("E_ENROLMENT_MAC")
    with office.store.read() as session:
        if office_registry.enrolment(session, opened.manifest_sha256) is not None:
            return
        present = office_registry.device_of_key(session, opened.public.hex())
        known = office_registry.device_of_key(session, said.signing.hex())
        taken = office_registry.device(session, said.device)
    if present is None or present["status"] != "active" or at >= present["valid_before"]:
        raise BundleError("E_RENEWAL_KEY")
    if known is not None or taken is not None:
        raise BundleError("E_KEY_REGISTERED")


def queue(session: Session, opened: Opened, arrived: str) -> None:
    """Put a checked renewal into the approval queue, in place of an earlier one that waits."""
    if office_registry.enrolment(session, opened.manifest_sha256) is not None:
        return
    said, before = statement(opened), opened.manifest["sender"]["device"]
    for row in office_registry.enrolments(session, said.kode_desa, "waiting"):
        if follows(row) == before:
            manifest = row["manifest_sha256"]
            office_registry.decide_enrolment(session, manifest, "refused", arrived, "")
    office_registry.add_enrolment(
        session,
        {
            "manifest_sha256": opened.manifest_sha256,
            "kode_desa": said.kode_desa,
            "invite_id": _FOLLOWS + before,
            "device": said.device,
            "stream": said.stream,
            "public": said.signing.hex(),
            "recipient": said.encryption,
            "voice_key": said.voice_key.hex(),
            "received_at": arrived,
            "status": "waiting",
            "code": "",
        },
    )


def hand_over(session: Session, device: str) -> None:
    """Let a device that was renewed send its late files only; answers go to the next one.

    Raises BundleError E_RENEWAL_KEY when it was put out while its renewal waited.
    """
    before = office_registry.device(session, device)
    if before is None or before["status"] != "active":
        raise BundleError("E_RENEWAL_KEY")
    office_registry.set_device(session, device, status="replaced")


def statement(opened: Opened) -> enrolment.Enrolment:
    """Return the statement of a renewal; opening it has checked that there is one."""
    return enrolment.parse_renewal(next(value for _, value, _ in opened.lines("enrolment")))
