"""What we ask and store about proposals."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.sqlite import insert

from siks_offline.db.tables import (
    AttachmentRow,
    ExportAttachment,
    Household,
    HouseholdPrelist,
    HouseholdSearch,
    PersonIndex,
    VisitRow,
)
from siks_offline.db.tables_meeting import ProposalRow, RecordRow, VerdictRow
from siks_offline.meeting import ProposalLine

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy.orm import Session

_HOUSEHOLD = ("nama_krt", "nik_krt", "no_kk", "alamat", "rt", "rw", "anggota")


def next_number(session: Session, period: str) -> int:
    """Return the number of the next receipt of a period."""
    row = ProposalRow
    return (session.scalar(select(func.max(row.number)).where(row.period == period)) or 0) + 1


def put(session: Session, values: Mapping[str, Any]) -> None:
    """Store a proposal under its id, whole."""
    row = insert(ProposalRow).values(**values)
    session.execute(row.on_conflict_do_update(index_elements=["proposal_id"], set_=dict(values)))


def change(session: Session, proposal_id: str, **values: Any) -> None:
    """Change members of a proposal."""
    chosen = update(ProposalRow).where(ProposalRow.proposal_id == proposal_id)
    session.execute(chosen.values(**values))


def row(session: Session, proposal_id: str) -> dict[str, Any] | None:
    """Return a proposal's members, or None."""
    columns = ProposalRow.__table__.columns
    found = session.execute(select(*columns).where(ProposalRow.proposal_id == proposal_id))
    one = found.mappings().first()
    return None if one is None else dict(one)


def of_household(session: Session, household_id: str) -> str | None:
    """Return the id of the newest proposal of a household, or None."""
    known = select(ProposalRow.proposal_id).where(ProposalRow.household_id == household_id)
    return session.scalar(known.order_by(ProposalRow.period.desc()).limit(1))


def lines(session: Session, period: str) -> list[ProposalLine]:
    """Return the proposals of a period, newest first."""
    of, home = ProposalRow, Household
    query = (
        select(
            of.proposal_id, of.household_id, of.number, of.state, of.door, of.registrar,
            *(getattr(home, name) for name in _HOUSEHOLD), of.revision, of.by, of.at,
        )
        .join(home, home.id == of.household_id)
        .where(of.period == period)
        .order_by(of.number.desc())
    )  # fmt: skip
    return [ProposalLine(*values) for values in session.execute(query)]


def begun(session: Session, household_id: str) -> bool:
    """Whether more hangs on a household than its proposal: a visit, a verdict, what left."""
    home = household_id
    proposal = select(ProposalRow.proposal_id).where(ProposalRow.household_id == home)
    photos = select(AttachmentRow.sha256).where(AttachmentRow.household_id == home)
    queries = (
        select(ExportAttachment.sha256).where(ExportAttachment.sha256.in_(photos)),
        select(VisitRow.visit_id).where(VisitRow.household_id == home),
        select(VerdictRow.household_id).where(VerdictRow.household_id == home),
        select(RecordRow.sha256).where(RecordRow.record_id.in_(proposal)),
        select(Household.id).where(Household.id == home, Household.kerja != "belum"),
    )
    return any(session.scalar(query.limit(1)) is not None for query in queries)


def drop(session: Session, proposal_id: str, household_id: str) -> None:
    """Take a proposal out with its household and photos; see `begun`."""
    seq = select(Household.seq).where(Household.id == household_id).scalar_subquery()
    session.execute(delete(ProposalRow).where(ProposalRow.proposal_id == proposal_id))
    for model in (AttachmentRow, PersonIndex, HouseholdPrelist):
        session.execute(delete(model).where(model.household_id == household_id))
    session.execute(delete(HouseholdSearch).where(HouseholdSearch.seq == seq))
    session.execute(delete(Household).where(Household.id == household_id))
