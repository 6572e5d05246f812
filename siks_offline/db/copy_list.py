"""Which copies of the village were written, and whether anything changed since."""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from sqlalchemy import delete, insert, select

from siks_offline.db.tables import AuditLine, Draft
from siks_offline.db.tables_bin import CopyRow

if TYPE_CHECKING:
    from collections.abc import Collection

    from sqlalchemy.orm import Session


@dataclass(frozen=True, slots=True)
class Copy:
    """One copy; `day` is the counted day of work on which it was written, `own` as in the table."""

    number: int
    name: str
    own: bool
    why: str
    sha256: str
    households: int
    day: int
    at: str
    by: str


_COLUMNS = tuple(getattr(CopyRow, name) for name in Copy.__dataclass_fields__)


def record(session: Session, copy: Copy) -> None:
    """Note a copy that lies whole in its place."""
    session.execute(insert(CopyRow).values(**asdict(copy)))


def every(session: Session, *, own: bool | None = None) -> list[Copy]:
    """Return the copies written, newest first; only those of one kind when asked."""
    query = select(*_COLUMNS).order_by(CopyRow.number.desc())
    if own is not None:
        query = query.where(CopyRow.own.is_(own))
    return [Copy(**row) for row in session.execute(query).mappings()]


def forget(session: Session, names: Collection[str]) -> None:
    """Strike copies of the village's own folder that were thinned out."""
    if names:
        session.execute(delete(CopyRow).where(CopyRow.own.is_(True), CopyRow.name.in_(names)))


def mark(session: Session, but: Collection[str]) -> str:
    """Return a hash that differs after any action or kept draft, actions named in `but` left out.

    Drafts are kept without a line in the trail, so each one's moment counts beside its head.
    """
    last = select(AuditLine.seq).where(AuditLine.action.not_in(but))
    seq = session.scalar(last.order_by(AuditLine.seq.desc()).limit(1))
    drafts = session.execute(select(Draft.household_id, Draft.at).order_by(Draft.household_id))
    said = repr((seq, [tuple(row) for row in drafts]))
    return hashlib.sha256(said.encode()).hexdigest()
