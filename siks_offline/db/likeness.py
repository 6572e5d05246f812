"""Everybody whom the village knows, as the search for the same person needs them."""

from __future__ import annotations

from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING

from sqlalchemy import select

from siks_offline.db.tables import PersonIndex
from siks_offline.model import Person

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

_PERSON = tuple(getattr(PersonIndex, name) for name in Person.__dataclass_fields__)


def everybody(session: Session) -> list[tuple[str, tuple[Person, ...]]]:
    """Return the members of every household that has any, by household id."""
    row = PersonIndex
    query = select(row.household_id, *_PERSON).order_by(row.household_id, row.position)
    return [
        (household_id, tuple(Person(*one[1:]) for one in members))
        for household_id, members in groupby(session.execute(query), itemgetter(0))
    ]
