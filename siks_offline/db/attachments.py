"""Photos and scans of a village, each once, by the hash of its content."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import func, select
from sqlalchemy.dialects.sqlite import insert

from siks_offline.db.tables import AttachmentRow

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


@dataclass(frozen=True, slots=True)
class Stored:
    """An attachment without its content; `size` in bytes."""

    sha256: str
    extension: str
    kind: str
    household_id: str
    size: int
    received: bool


def put(session: Session, household_id: str, kind: str, extension: str, content: bytes) -> str:
    """Keep an attachment and return its hash; the same content again changes nothing."""
    sha256 = hashlib.sha256(content).hexdigest()
    row = insert(AttachmentRow).values(
        sha256=sha256,
        extension=extension,
        kind=kind,
        household_id=household_id,
        received=False,
        content=content,
    )
    session.execute(row.on_conflict_do_nothing(index_elements=["sha256"]))
    return sha256


def content(session: Session, sha256: str) -> bytes | None:
    """Return the bytes of an attachment, or None when it is not here."""
    return session.scalar(select(AttachmentRow.content).where(AttachmentRow.sha256 == sha256))


def known(session: Session, sha256: str) -> bool:
    """Whether an attachment is here."""
    return (
        session.scalar(select(AttachmentRow.sha256).where(AttachmentRow.sha256 == sha256))
        is not None
    )


def every(session: Session, household_id: str | None = None) -> list[Stored]:
    """Return the attachments of a household, or all of them, ascending by hash."""
    row = AttachmentRow
    query = select(
        row.sha256,
        row.extension,
        row.kind,
        row.household_id,
        func.length(row.content),
        row.received,
    ).order_by(row.sha256)
    if household_id is not None:
        query = query.where(row.household_id == household_id)
    return [Stored(*values) for values in session.execute(query)]
