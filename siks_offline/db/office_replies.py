"""What the office sent back: receipts by device and prelists by village."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, insert, select

from siks_offline.db import office_tables as t
from siks_offline.db.office import Row, add, one, rows

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy.orm import Session

CHUNK = 1000


def add_receipt(session: Session, row: Mapping[str, Any]) -> None:
    """Record a receipt whose file is already in the archive."""
    add(session, t.receipts, row)


def newest_receipt(session: Session, stream: str) -> Row | None:
    """Return the newest receipt of a stream."""
    query = select(t.receipts).where(t.receipts.c.stream == stream)
    return one(session, query.order_by(t.receipts.c.seq.desc()).limit(1))


def receipt(session: Session, stream: str, seq: int) -> Row | None:
    """Return one receipt."""
    same = (t.receipts.c.stream == stream) & (t.receipts.c.seq == seq)
    return one(session, select(t.receipts).where(same))


def last_of_device(session: Session, device: str) -> Row | None:
    """Return the receipt made last for a device, in whatever stream."""
    query = select(t.receipts).where(t.receipts.c.device == device)
    order = (t.receipts.c.made_at.desc(), t.receipts.c.seq.desc())
    return one(session, query.order_by(*order).limit(1))


def receipt_numbers(session: Session, stream: str) -> dict[str, int]:
    """Return the receipts of a stream: manifest hash to number."""
    r = t.receipts.c
    found = session.execute(select(r.manifest_sha256, r.seq).where(r.stream == stream))
    return {row.manifest_sha256: row.seq for row in found}


def newest_prelist(session: Session, kode_desa: str) -> Row | None:
    """Return the newest prelist of a village."""
    query = select(t.prelists).where(t.prelists.c.kode_desa == kode_desa)
    return one(session, query.order_by(t.prelists.c.version.desc()).limit(1))


def add_prelist(session: Session, row: Mapping[str, Any], households: Sequence[str]) -> None:
    """Record a prelist whose file is already in the archive, and the households it awaits."""
    add(session, t.prelists, row)
    kode, version = row["kode_desa"], row["version"]
    p = t.prelist_households
    session.execute(delete(p).where(p.c.kode_desa == kode))
    for at in range(0, len(households), CHUNK):
        part = [
            {"kode_desa": kode, "household_id": household, "version": version}
            for household in households[at : at + CHUNK]
        ]
        session.connection().execute(insert(p), part)


def newest_prelists(session: Session) -> list[Row]:
    """Return the newest prelist of every village, by code."""
    p = t.prelists
    newest = p.alias("newer")
    older = (
        select(newest.c.version)
        .where(newest.c.kode_desa == p.c.kode_desa, newest.c.version > p.c.version)
        .exists()
    )
    return rows(session, select(p).where(~older).order_by(p.c.kode_desa))
