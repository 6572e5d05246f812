"""Questionnaires that this village was given beside those of the program, and the one in use."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import insert, select

from siks_offline.db import meta
from siks_offline.db.tables import InstrumentRow

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

_ACTIVE, _BEFORE = "instrumen", "instrumen.sebelum"


@dataclass(frozen=True, slots=True)
class Stored:
    """A workbook as it was given."""

    id: str
    version: str
    sha256: str
    content: bytes


def add(session: Session, stored: Stored, *, at: str, by: str) -> None:
    """Keep a workbook; one of these bytes that is here already stays as it is."""
    row = InstrumentRow
    if session.scalar(select(row.number).where(row.sha256 == stored.sha256)) is None:
        values = {"id": stored.id, "version": stored.version, "sha256": stored.sha256}
        session.execute(insert(row).values(**values, content=stored.content, at=at, by=by))


def read(session: Session, id_: str, version: str) -> Stored | None:
    """Return the workbook of an instrument and version, or None."""
    row = InstrumentRow
    columns = select(row.id, row.version, row.sha256, row.content)
    found = session.execute(columns.where(row.id == id_, row.version == version)).first()
    return Stored(*found) if found is not None else None


def active(session: Session) -> tuple[str, str] | None:
    """Return id and version of the instrument in use; None while it is the program's own."""
    return _named(meta.get(session, _ACTIVE))


def before(session: Session) -> tuple[str, str] | None:
    """Return id and version of the instrument that the one in use took the place of."""
    return _named(meta.get(session, _BEFORE))


def activate(session: Session, name: tuple[str, str], instead_of: tuple[str, str]) -> None:
    """Put an instrument to use, and remember which it took the place of."""
    meta.put(session, _ACTIVE, "/".join(name))
    meta.put(session, _BEFORE, "/".join(instead_of))


def _named(fact: str | None) -> tuple[str, str] | None:
    name, _, version = (fact or "").partition("/")
    return (name, version) if version else None
