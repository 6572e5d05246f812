"""Named facts about a village file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete, select
from sqlalchemy.dialects.sqlite import insert

from siks_offline.db.tables import Meta

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


def get(session: Session, key: str) -> str | None:
    """Return the fact under a key, or None."""
    return session.scalar(select(Meta.value).where(Meta.key == key))


def every(session: Session) -> dict[str, str]:
    """Return all facts."""
    return dict(session.execute(select(Meta.key, Meta.value)).all())


def put(session: Session, key: str, value: str | None) -> None:
    """Store a fact; None forgets it."""
    if value is None:
        session.execute(delete(Meta).where(Meta.key == key))
        return
    fact = insert(Meta).values(key=key, value=value)
    session.execute(fact.on_conflict_do_update(index_elements=["key"], set_={"value": value}))
