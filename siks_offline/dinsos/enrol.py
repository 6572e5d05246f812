"""Judge the enrolment of a village device; it only ever enters the approval queue."""

from __future__ import annotations

from typing import TYPE_CHECKING

from siks_offline.db import office_registry
from siks_offline.dinsos import renewal
from siks_offline.errors import BundleError
from siks_offline.export import enrolment

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from siks_offline.dinsos.office import Office
    from siks_offline.export.bundle import Opened
    from siks_offline.export.enrolment import Enrolment

FAILURES = 5
"""Wrong macs that burn an invitation."""


def check(office: Office, opened: Opened, at: str) -> None:
    """Refuse an enrolment that does not answer an open invitation of ours.

    `at` is the office's time. One that was queued before passes. Raises BundleError
    E_INVITE_UNKNOWN, E_INVITE_EXPIRED, E_INVITE_BURNT, E_INVITE_USED (an alarm is kept),
    E_ENROLMENT_MAC (counted against the invitation), E_KEY_REGISTERED.
    """
    if renewal.asked(opened):
        renewal.check(office, opened, at)
        return
    said = statement(opened)
    with office.store.write() as session:
        if office_registry.enrolment(session, opened.manifest_sha256) is not None:
            return
        fault = _fault(session, office, said, at)
        if fault == "E_INVITE_USED":
            _add(session, opened, said, at, "alarm", fault)
        if fault == "E_ENROLMENT_MAC":
            _count_failure(session, said.invite_id)
    if fault:
        raise BundleError(fault)


def _fault(session: Session, office: Office, said: Enrolment, at: str) -> str:
    invite = office_registry.invite(session, said.invite_id)
    if invite is None or invite["kode_desa"] != said.kode_desa:
        return "E_INVITE_UNKNOWN"
    if invite["status"] == "burnt":
        return "E_INVITE_BURNT"
    if invite["status"] == "withdrawn":
        return "E_INVITE_UNKNOWN"
    if not enrolment.check_with(said, invite["enrolment_key"], office.root):
        return "E_ENROLMENT_MAC"
    if invite["status"] == "used":
        return "E_INVITE_USED"
    if at >= invite["expires_at"]:
        return "E_INVITE_EXPIRED"
    known = office_registry.device_of_key(session, said.signing.hex())
    if known is not None or office_registry.device(session, said.device) is not None:
        return "E_KEY_REGISTERED"
    return ""


def _count_failure(session: Session, invite_id: str) -> None:
    invite = office_registry.invite(session, invite_id)
    assert invite is not None
    failures = invite["failures"] + 1
    status = "burnt" if failures >= FAILURES and invite["status"] == "open" else invite["status"]
    office_registry.set_invite(session, invite_id, failures=failures, status=status)


def queue(session: Session, office: Office, opened: Opened, arrived: str) -> str:
    """Put a checked enrolment into the approval queue and close its invitation.

    Another one may have answered the invitation since it was checked; then this one is kept as an
    alarm, and why is returned.
    """
    if renewal.asked(opened):
        renewal.queue(session, opened, arrived)
        return ""
    if office_registry.enrolment(session, opened.manifest_sha256) is not None:
        return ""
    said = statement(opened)
    fault = _fault(session, office, said, arrived)
    _add(session, opened, said, arrived, "alarm" if fault else "waiting", fault)
    if not fault:
        office_registry.set_invite(session, said.invite_id, status="used")
    return fault


def statement(opened: Opened) -> Enrolment:
    """Return the statement of an enrolment bundle; opening it has checked that there is one."""
    return enrolment.parse(next(value for _, value, _ in opened.lines("enrolment")))


def _add(
    session: Session, opened: Opened, said: Enrolment, at: str, status: str, code: str
) -> None:
    office_registry.add_enrolment(
        session,
        {
            "manifest_sha256": opened.manifest_sha256,
            "kode_desa": said.kode_desa,
            "invite_id": said.invite_id,
            "device": said.device,
            "stream": said.stream,
            "public": said.signing.hex(),
            "recipient": said.encryption,
            "voice_key": said.voice_key.hex(),
            "received_at": at,
            "status": status,
            "code": code,
        },
    )
