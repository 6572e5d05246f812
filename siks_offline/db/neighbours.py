"""Who else in the village has a person's NIK."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import select

from siks_offline.db.tables import Household, PersonIndex

if TYPE_CHECKING:
    from collections.abc import Collection

    from sqlalchemy.orm import Session

CHUNK = 500


class Neighbour(NamedTuple):
    """A household that has a NIK: its id, and what it is called in a list."""

    household_id: str
    nama_krt: str
    rt: str
    rw: str


def holders(session: Session, niks: Collection[str]) -> dict[str, list[Neighbour]]:
    """Return, by NIK, the households that have it, in the order in which they arrived.

    Known is who a prelist or a completed visit names; drafts are nobody's word yet.
    """
    found: dict[str, list[Neighbour]] = {}
    columns = (PersonIndex.nik, Household.id, Household.nama_krt, Household.rt, Household.rw)
    query = select(*columns).join(Household, Household.id == PersonIndex.household_id)
    asked = sorted(set(niks))
    for start in range(0, len(asked), CHUNK):
        chosen = query.where(PersonIndex.nik.in_(asked[start : start + CHUNK]))
        for nik, *household in session.execute(chosen.order_by(Household.seq)):
            found.setdefault(nik, []).append(Neighbour(*household))
    return found
