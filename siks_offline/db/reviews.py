"""Which revisions a second person let go, where the village asks for that."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import ColumnElement, and_, exists, func, insert, or_, select

from siks_offline.db.tables import (
    ExportVisit,
    Household,
    Meta,
    Revision,
    RevisionResult,
    VisitRow,
)
from siks_offline.db.tables_entry import Review

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

SETTING = "diperiksa_oleh"
"""Meta key; "1" where a revision leaves only after a second person looked through it."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """The newest revision of a visit that nobody reviewed."""

    household_id: str
    sha256: str
    revision: int
    completed_by: str


def may_leave() -> ColumnElement[bool]:
    """Return the condition under which a revision may leave: reviewed, or no review is asked.

    One that left before the village asked for reviews may leave again.
    """
    asked = exists(select(Meta.key).where(Meta.key == SETTING, Meta.value == "1"))
    seen = exists(select(Review.sha256).where(Review.sha256 == Revision.sha256))
    left = exists(select(ExportVisit.sha256).where(ExportVisit.sha256 == Revision.sha256))
    return or_(~asked, seen, left)


def waiting(session: Session, period: str, household_id: str = "") -> list[Waiting]:
    """Return the newest revisions that nobody reviewed, of one household or of all in their order.

    Those of other periods than this are among them as long as they may not leave: a new period
    changes what is to be visited, not what was never looked through. This period's comes first.
    """
    seen = VisitRow.sha256.in_(select(Review.sha256))
    present = and_(VisitRow.period == period, Household.kerja == "selesai", ~seen)
    query = (
        select(VisitRow.household_id, VisitRow.sha256, VisitRow.revision, VisitRow.completed_by)
        .join(Revision, Revision.sha256 == VisitRow.sha256)
        .join(Household, Household.id == VisitRow.household_id)
        .where(or_(present, and_(VisitRow.period != period, _held())))
        .order_by(Household.seq, VisitRow.period != period, Revision.seq)
    )
    if household_id:
        query = query.where(VisitRow.household_id == household_id)
    return [Waiting(*row) for row in session.execute(query)]


def held_count(session: Session) -> int:
    """Return how many newest revisions, of whatever period, may not leave yet."""
    query = select(func.count()).select_from(VisitRow)
    query = query.join(Revision, Revision.sha256 == VisitRow.sha256).where(_held())
    return session.scalar(query) or 0


def _held() -> ColumnElement[bool]:
    # What the office answered has left, though a village that was put back may not remember how.
    answered = exists(select(RevisionResult.sha256).where(RevisionResult.sha256 == Revision.sha256))
    return and_(~may_leave(), ~answered)


def approve(session: Session, sha256: str, *, by: str, at: str) -> None:
    """Note that somebody looked through a revision."""
    session.execute(insert(Review).values(sha256=sha256, by=by, at=at))


def by(session: Session, sha256: str) -> str:
    """Return who reviewed a revision; "" where nobody did."""
    return session.scalar(select(Review.by).where(Review.sha256 == sha256)) or ""
