"""What reports count: one narrow row a household, and who was matched."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import Integer, cast, select

from siks_offline.db.tables import Household, VisitRow

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


@dataclass(frozen=True, slots=True)
class Fact:
    """A household as it is counted."""

    id: str
    source: str
    dusun: str
    rw: str
    rt: str
    anggota: int
    kerja: str
    kirim: str
    by: str
    """Who completed its visit of the period; empty without one."""


def facts(session: Session, period: str) -> list[Fact]:
    """Return every household, by RW, RT and arrival."""
    home = Household
    mine = (VisitRow.household_id == home.id) & (VisitRow.period == period)
    query = (
        select(
            home.id, home.source, home.dusun, home.rw, home.rt, home.anggota, home.kerja,
            home.kirim, VisitRow.completed_by,
        )
        .outerjoin(VisitRow, mine)
        .order_by(cast(home.rw, Integer), home.rw, cast(home.rt, Integer), home.rt, home.seq)
    )  # fmt: skip
    return [Fact(*row[:-1], row[-1] or "") for row in session.execute(query)]
