"""Which revisions a second person let go, where the village asks for that."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import ColumnElement, exists, insert, or_, select

from siks_offline.db.tables import ExportVisit, Household, Meta, Revision, VisitRow
from siks_offline.db.tables_entry import Review

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

SETTING = "diperiksa_oleh"
"""Meta key; "1" where a revision leaves only after a second person looked through it."""


def may_leave() -> ColumnElement[bool]:
    """Return the condition under which a revision may leave: reviewed, or no review is asked.

    One that left before the village asked for reviews may leave again.
    """
    asked = exists(select(Meta.key).where(Meta.key == SETTING, Meta.value == "1"))
    seen = exists(select(Review.sha256).where(Review.sha256 == Revision.sha256))
    left = exists(select(ExportVisit.sha256).where(ExportVisit.sha256 == Revision.sha256))
    return or_(~asked, seen, left)


def waiting(session: Session, period: str) -> list[tuple[str, str, str]]:
    """Return (household id, hash, completed by) of newest revisions that nobody reviewed."""
    seen = select(Review.sha256)
    query = (
        select(VisitRow.household_id, VisitRow.sha256, VisitRow.completed_by)
        .join(Household, Household.id == VisitRow.household_id)
        .where(VisitRow.period == period, VisitRow.sha256 != "", VisitRow.sha256.not_in(seen))
        .where(Household.kerja == "selesai")
        .order_by(Household.seq)
    )
    return [(id_, sha256, by) for id_, sha256, by in session.execute(query)]


def approve(session: Session, sha256: str, *, by: str, at: str) -> None:
    """Note that somebody looked through a revision."""
    session.execute(insert(Review).values(sha256=sha256, by=by, at=at))


def by(session: Session, sha256: str) -> str:
    """Return who reviewed a revision; "" where nobody did."""
    return session.scalar(select(Review.by).where(Review.sha256 == sha256)) or ""
