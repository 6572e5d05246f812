"""Everybody whom the village knows, as the search for the same person needs them."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING

from sqlalchemy import select

from siks_offline.db.tables import Household, PersonIndex
from siks_offline.model import Person

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

_PERSON = tuple(getattr(PersonIndex, name) for name in Person.__dataclass_fields__)


@dataclass(frozen=True, slots=True)
class Home:
    """A household's members, and by what its neighbours would name it."""

    household_id: str
    nama_krt: str
    rt: str
    rw: str
    persons: tuple[Person, ...]


def some(session: Session, after: str, most: int) -> list[Home]:
    """Return the next so many households that have members, behind an id in the order of ids."""
    row = PersonIndex.household_id
    query = select(row).where(row > after).distinct().order_by(row).limit(most)
    return homes(session, list(session.scalars(query)))


def homes(session: Session, ids: Sequence[str] | None = None) -> list[Home]:
    """Return the households that have members, by id; of these ids, or all where none are given.

    A household of the ids that has no members comes with none.
    """
    row = PersonIndex
    names = (Household.nama_krt, Household.rt, Household.rw)
    query = select(row.household_id, *names, *_PERSON).join(
        Household, Household.id == row.household_id
    )
    if ids is not None:
        query = query.where(row.household_id.in_(ids))
    rows = session.execute(query.order_by(row.household_id, row.position))
    found = [
        Home(id_, nama_krt, rt, rw, tuple(Person(*one[4:]) for one in members))
        for (id_, nama_krt, rt, rw), members in groupby(rows, itemgetter(0, 1, 2, 3))
    ]
    known = {home.household_id for home in found}
    return found + [Home(id_, "", "", "", ()) for id_ in ids or () if id_ not in known]
