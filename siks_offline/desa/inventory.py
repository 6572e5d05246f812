"""What this device holds, told in each export, and when the Dinsos must be told it unasked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy.orm import Session

    from siks_offline.export.receipt import Receipt

HEARD: Final = "serah.aliran"
"""Meta key of the stream that the receipt met last came in."""
ASKED: Final = "serah.inventaris"
"""Meta key that is there while an export is due only to tell the inventory."""
TOLD: Final = "serah.inventaris_berkas"
"""Meta key of the files that told it since: once one of them has come, nothing more is owed."""
_MOST: Final = 50


def lines(session: Session) -> Iterator[list[Any]]:
    """Yield every head and every attachment, so that what never arrived is noticed."""
    from siks_offline.db import attachments, visits
    from siks_offline.desa import results
    from siks_offline.export import records

    for head in visits.heads(session):
        yield records.inventory_visit(*head)
    for one in attachments.every(session):
        yield records.inventory_attachment(one.sha256)
    yield from results.inventory(session)


def note_receipt(session: Session, stream: str, seq: int) -> None:
    """Ask for an inventory when receipts come in a new stream.

    The Dinsos was restored from its copy or built anew, and may lack what it took in since: only
    an inventory shows it, and a village with nothing to send would send none.
    """
    from siks_offline.db import ledger, meta

    before = meta.get(session, HEARD)
    if before == stream or ledger.highest_arrival(session, "receipt", stream) > seq:
        return
    meta.put(session, HEARD, stream)
    if before is not None and any(one.type == "visits" for one in ledger.exports(session)):
        meta.put(session, ASKED, "1")
        meta.put(session, TOLD, None)


def asked(session: Session) -> bool:
    """Whether an inventory is to go out even when nothing else is due."""
    from siks_offline.db import meta

    return meta.get(session, ASKED) is not None


def sent(session: Session, manifest_sha256: str) -> None:
    """Note the file that an inventory goes out in; the stick may be lost, so it is still owed."""
    from siks_offline.db import meta

    if asked(session):
        told = (meta.get(session, TOLD) or "").split()
        meta.put(session, TOLD, " ".join([*told, manifest_sha256][-_MOST:]))


def answered(session: Session, receipt: Receipt, stream: str) -> None:
    """Owe no inventory any more when the office heard last says that its file has come."""
    from siks_offline.db import meta

    come = {one.manifest_sha256 for one in receipt.bundles if one.result in {"accepted", "partly"}}
    told = (meta.get(session, TOLD) or "").split()
    if meta.get(session, HEARD) == stream and not come.isdisjoint(told):
        meta.put(session, ASKED, None)
        meta.put(session, TOLD, None)
