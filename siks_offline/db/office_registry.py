"""Who may send to the office: invitations, enrolments and the devices of villages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, func, select, update

from siks_offline.db import office_tables as t
from siks_offline.db.office import Row, add, one, rows

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy.orm import Session


def add_invite(session: Session, row: Mapping[str, Any]) -> None:
    """Record an invitation; earlier open ones of the village are withdrawn."""
    earlier = (t.invites.c.kode_desa == row["kode_desa"]) & (t.invites.c.status == "open")
    session.execute(update(t.invites).where(earlier).values(status="withdrawn"))
    add(session, t.invites, {"failures": 0, "status": "open", **row})


def invite(session: Session, invite_id: str) -> Row | None:
    """Return one invitation."""
    return one(session, select(t.invites).where(t.invites.c.invite_id == invite_id))


def set_invite(session: Session, invite_id: str, **values: Any) -> None:
    """Change the state of one invitation."""
    session.execute(update(t.invites).where(t.invites.c.invite_id == invite_id).values(**values))


def withdraw_invites(session: Session) -> None:
    """Let no open invitation serve any more."""
    open_ones = t.invites.c.status == "open"
    session.execute(update(t.invites).where(open_ones).values(status="withdrawn"))


def add_enrolment(session: Session, row: Mapping[str, Any]) -> None:
    """Record an enrolment; the same one again changes nothing."""
    e = t.enrolments.c
    same = e.manifest_sha256 == row["manifest_sha256"]
    if session.scalar(select(e.device).where(same)) is None:
        add(session, t.enrolments, {"decided_at": None, "decided_by": None, **row})


def enrolment(session: Session, manifest_sha256: str) -> Row | None:
    """Return one enrolment that was queued; one that only raised an alarm is none."""
    e = t.enrolments.c
    found = (e.manifest_sha256 == manifest_sha256) & (e.status != "alarm")
    return one(session, select(t.enrolments).where(found))


def enrolments(session: Session, kode_desa: str, status: str) -> list[Row]:
    """Return the enrolments of a village in one state, in order of arrival."""
    found = (t.enrolments.c.kode_desa == kode_desa) & (t.enrolments.c.status == status)
    order = (t.enrolments.c.received_at, t.enrolments.c.manifest_sha256)
    return rows(session, select(t.enrolments).where(found).order_by(*order))


def decide_enrolment(session: Session, manifest_sha256: str, status: str, at: str, by: str) -> None:
    """Record what a person decided of an enrolment."""
    session.execute(
        update(t.enrolments)
        .where(t.enrolments.c.manifest_sha256 == manifest_sha256)
        .values(status=status, decided_at=at, decided_by=by)
    )


def add_device(session: Session, row: Mapping[str, Any]) -> None:
    """Register a device of a village."""
    add(session, t.devices, row)


def device(session: Session, device_id: str) -> Row | None:
    """Return one device."""
    return one(session, select(t.devices).where(t.devices.c.device == device_id))


_OF_KEY = select(t.devices).where(t.devices.c.public == bindparam("public"))


def device_of_key(session: Session, public: str) -> Row | None:
    """Return the device that signs with this key (hex)."""
    return one(session, _OF_KEY, public=public)


def devices(session: Session, kode_desa: str | None = None, status: str | None = None) -> list[Row]:
    """Return devices, of one village or all, in one state or all."""
    query = select(t.devices).order_by(t.devices.c.kode_desa, t.devices.c.device)
    if kode_desa is not None:
        query = query.where(t.devices.c.kode_desa == kode_desa)
    if status is not None:
        query = query.where(t.devices.c.status == status)
    return rows(session, query)


def heard_since_replaced(session: Session) -> list[Row]:
    """Return devices that another one followed, of which files came after that was approved."""
    d, b = t.devices, t.bundles.c
    then = d.alias("then")
    followed = (
        select(func.max(then.c.approved_at))
        .where(then.c.kode_desa == d.c.kode_desa, then.c.status == "active")
        .scalar_subquery()
    )
    heard = select(b.device).where(b.device == d.c.device, b.received_at > followed).exists()
    query = select(d).where(d.c.status == "replaced", heard)
    return rows(session, query.order_by(d.c.kode_desa, d.c.device))


def set_device(session: Session, device_id: str, **values: Any) -> None:
    """Change one device."""
    session.execute(update(t.devices).where(t.devices.c.device == device_id).values(**values))


def village_states(session: Session) -> dict[str, str]:
    """Return every village ever invited and its state, by code.

    The nearest to working wins: aktif, menunggu, diundang, dicabut. A village whose invitation was
    burnt or withdrawn without another stays `diundang`: it still waits for one.
    """
    found: dict[str, set[str]] = {}
    queries = (
        select(t.invites.c.kode_desa, t.invites.c.status).distinct(),
        select(t.enrolments.c.kode_desa, t.enrolments.c.status).distinct(),
        select(t.devices.c.kode_desa, t.devices.c.status).distinct(),
    )
    for query in queries:
        for kode, status in session.execute(query):
            found.setdefault(kode, set()).add(status)
    order = (("active", "aktif"), ("waiting", "menunggu"), ("open", "diundang"))
    return {
        kode: next(
            (word for status, word in order if status in states),
            "dicabut" if "revoked" in states else "diundang",
        )
        for kode, states in sorted(found.items())
    }


def alarms(session: Session) -> int:
    """Return how many enrolments came for an invitation that had served already."""
    query = select(func.count()).select_from(t.enrolments).where(t.enrolments.c.status == "alarm")
    return session.scalar(query) or 0
