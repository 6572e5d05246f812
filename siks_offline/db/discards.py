"""A household that only this village knew: taken out of the file whole, and put back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, func, insert, select
from sqlalchemy.exc import IntegrityError

from siks_offline.db import households, moves
from siks_offline.db.tables import (
    AttachmentRow,
    Household,
    HouseholdPrelist,
    HouseholdSearch,
    PersonIndex,
    core,
)
from siks_offline.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy.orm import Session


def picture(session: Session, household_id: str) -> dict[str, Any]:
    """Return all that the file holds of a household but its drafts and photos."""
    found = session.execute(select(core(Household)).where(Household.id == household_id)).mappings()
    row = dict(found.one())
    seq = row.pop("seq")
    return {
        "baris": row,
        "orang": [_values(one) for one in households.persons(session, household_id)],
        "kata": session.scalar(select(HouseholdSearch.words).where(HouseholdSearch.seq == seq)),
        "dikenal": households.prelist_answers(session, household_id),
    }


def take_out(session: Session, household_id: str) -> None:
    """Delete a household with its members and its place in the search.

    Its drafts and photos are the caller's to move first. Raises StoreError E_HOUSEHOLD_KEPT when
    something else still refers to it.
    """
    seq = select(Household.seq).where(Household.id == household_id).scalar_subquery()
    try:
        session.execute(delete(HouseholdSearch).where(HouseholdSearch.seq == seq))
        for table in (PersonIndex, HouseholdPrelist):
            session.execute(delete(table).where(table.household_id == household_id))
        session.execute(delete(Household).where(Household.id == household_id))
    except IntegrityError as error:
        raise StoreError("E_HOUSEHOLD_KEPT") from error


def put_back(session: Session, kept: Mapping[str, Any]) -> None:
    """Store a household again as `take_out` returned it, at the end of the list."""
    row = dict(kept["baris"])
    seq = (session.scalar(select(func.max(Household.seq))) or 0) + 1
    session.execute(insert(Household).values(seq=seq, **row))
    session.execute(insert(HouseholdSearch).values(seq=seq, words=kept["kata"] or ""))
    if kept.get("dikenal"):
        moves.put_answers(session, row["id"], kept["dikenal"])
    people = [
        {"household_id": row["id"], "position": position, **one}
        for position, one in enumerate(kept["orang"], start=1)
    ]
    if people:
        session.execute(insert(PersonIndex), people)


def photos(session: Session, household_id: str) -> list[str]:
    """Return the hashes of a household's photos."""
    row = AttachmentRow
    return list(session.scalars(select(row.sha256).where(row.household_id == household_id)))


def _values(person: Any) -> dict[str, str]:
    return {name: getattr(person, name) for name in person.__dataclass_fields__}
