"""How many people the village knows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import func, select

from siks_offline.db.tables import PersonIndex

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


def counts(session: Session, born_after: str) -> tuple[int, int]:
    """Return (people, of them born after an ISO date); an unknown birth counts as of no age."""
    row = PersonIndex
    everybody = session.scalar(select(func.count()).select_from(row)) or 0
    young = select(func.count()).where(row.tanggal_lahir > born_after)
    return everybody, session.scalar(young) or 0
