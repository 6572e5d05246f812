"""Key sets of the office that a village has seen, as they were signed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import delete, select
from sqlalchemy.dialects.sqlite import insert as upsert

from siks_offline.db.tables import KeySetRow

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


@dataclass(frozen=True, slots=True)
class KeySet:
    """A key set of the office, as signed."""

    version: int
    raw: bytes
    signature: bytes
    sha256: str


def put(session: Session, keyset: KeySet) -> None:
    """Keep a key set; the same version again changes nothing."""
    row = upsert(KeySetRow).values(
        version=keyset.version,
        raw=keyset.raw,
        signature=keyset.signature,
        sha256=keyset.sha256,
    )
    session.execute(row.on_conflict_do_nothing(index_elements=["version"]))


def forget(session: Session) -> None:
    """Forget every key set, as when another root is trusted."""
    session.execute(delete(KeySetRow))


def newest(session: Session) -> KeySet | None:
    """Return the key set of the highest version, or None before pairing."""
    row = KeySetRow
    found = select(row.version, row.raw, row.signature, row.sha256)
    values = session.execute(found.order_by(row.version.desc()).limit(1)).first()
    return None if values is None else KeySet(*values)
