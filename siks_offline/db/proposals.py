"""What we ask and store about proposals."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.sqlite import insert

from siks_offline.db import discards, records, wastebin
from siks_offline.db.tables import (
    AttachmentRow,
    ExportAttachment,
    Household,
    HouseholdPrelist,
    HouseholdSearch,
    PersonIndex,
    VisitRow,
)
from siks_offline.db.tables_meeting import MoveRow, ProposalRow, RecordRow, VerdictRow
from siks_offline.meeting import ProposalLine
from siks_offline.period import begins

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy.orm import Session

_MOST_BACK = 5_000
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
    of = ProposalRow
    query = select(of.period, of.proposal_id).where(of.household_id == household_id)
    known = session.execute(query).all()
    return max(known, key=lambda one: begins(one[0]))[1] if known else None


def lines(session: Session, period: str) -> list[ProposalLine]:
    """Return the proposals of a period, newest first; before them all that were sent back.

    One that was sent back is shown until it is sent anew, whatever its period.
    """
    of, home = ProposalRow, Household
    said = records.said(session, "proposals")
    back = [one for one, told in said.items() if told.result == "rejected"]
    query = (
        select(
            of.proposal_id, of.household_id, of.number, of.state, of.door, of.registrar,
            *(getattr(home, name) for name in _HOUSEHOLD), of.revision, of.by, of.at,
        )
        .join(home, home.id == of.household_id)
        .where((of.period == period) | of.proposal_id.in_(back[:_MOST_BACK]))
        .order_by(of.period.desc(), of.number.desc())
    )  # fmt: skip
    untold = records.Told()
    found = []
    for values in session.execute(query):
        told = said.get(values[0], untold)
        line = ProposalLine(*values)
        line = replace(line, answer=told.result, code=told.code, comment=told.comment)
        found.append(replace(line, path=told.path))
    return sorted(found, key=lambda line: not line.sent_back)


def told(session: Session, proposal_id: str) -> records.Told:
    """Return what the office said of the newest revision of a proposal."""
    of = RecordRow
    newest = select(of.result, of.code, of.comment, of.path).where(of.record_id == proposal_id)
    found = session.execute(newest.order_by(of.revision.desc()).limit(1)).first()
    return records.Told() if found is None else records.Told(*found)


def picture(session: Session, proposal_id: str) -> dict[str, Any]:
    """Return all that the file holds of a proposal and its household but its photos."""
    found = row(session, proposal_id) or {}
    return {"usulan": found, "rumah": discards.picture(session, found["household_id"])}


def put_back(session: Session, kept: Mapping[str, Any], period: str) -> int:
    """Store a proposal and its household as `picture` returned them; return its number.

    It comes into this period; its old number where that is free, else the next.
    """
    discards.put_back(session, kept["rumah"])
    values = dict(kept["usulan"])
    of = ProposalRow
    same = select(of.number).where(of.period == period, of.number == values["number"])
    if values["period"] != period or session.scalar(same) is not None:
        values["number"] = next_number(session, period)
    put(session, values | {"period": period})
    return int(values["number"])


def bring_along(session: Session, period: str) -> int:
    """Let proposals that were never registered go on in a period now opened; return how many."""
    row = ProposalRow
    query = select(row.proposal_id).where(row.period != period, row.revision == 0)
    found = session.scalars(query.order_by(row.period, row.number)).all()
    for proposal_id in found:
        change(session, proposal_id, period=period, number=next_number(session, period))
    return len(found)


def begun(session: Session, household_id: str) -> bool:
    """Whether more hangs on a household: a visit, a verdict, who moved, what left."""
    home = household_id
    proposal = select(ProposalRow.proposal_id).where(ProposalRow.household_id == home)
    photos = select(AttachmentRow.sha256).where(AttachmentRow.household_id == home)
    queries = (
        select(ExportAttachment.sha256).where(ExportAttachment.sha256.in_(photos)),
        select(VisitRow.visit_id).where(VisitRow.household_id == home),
        select(VerdictRow.household_id).where(VerdictRow.household_id == home),
        select(MoveRow.number).where((MoveRow.subject == home) | (MoveRow.other == home)),
        select(RecordRow.sha256).where(RecordRow.record_id.in_(proposal)),
        select(Household.id).where(Household.id == home, Household.kerja != "belum"),
    )
    return any(session.scalar(query.limit(1)) is not None for query in queries)


def drop(session: Session, proposal_id: str, household_id: str) -> None:
    """Take a proposal out with its household and photos; see `begun`."""
    seq = select(Household.seq).where(Household.id == household_id).scalar_subquery()
    session.execute(delete(ProposalRow).where(ProposalRow.proposal_id == proposal_id))
    wastebin.give_on(session, household_id)
    for model in (AttachmentRow, PersonIndex, HouseholdPrelist):
        session.execute(delete(model).where(model.household_id == household_id))
    session.execute(delete(HouseholdSearch).where(HouseholdSearch.seq == seq))
    session.execute(delete(Household).where(Household.id == household_id))
