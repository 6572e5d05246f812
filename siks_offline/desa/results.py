"""What of proposals and the musyawarah goes into an export, and what receipts say of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from siks_offline.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy.orm import Session

    from siks_offline.db.attachments import Stored
    from siks_offline.db.records import Line
    from siks_offline.export.bundle import RecordFile
    from siks_offline.export.receipt import Receipt


@dataclass(frozen=True, slots=True)
class Carriage:
    """Records, scans of signed papers, and the papers that the manifest names."""

    lines: tuple[Line, ...] = ()
    scans: tuple[Stored, ...] = ()
    documents: tuple[tuple[str, str], ...] = ()

    @property
    def empty(self) -> bool:
        """Whether nothing of it is due."""
        return not self.lines and not self.scans

    @property
    def hashes(self) -> list[str]:
        """Hashes of records and scans."""
        return [*(one.sha256 for one in self.lines), *(one.sha256 for one in self.scans)]

    def files(self) -> list[RecordFile]:
        """Return the records files."""
        from siks_offline.export.bundle import RecordFile

        kinds = dict.fromkeys(one.kind for one in self.lines)
        return [RecordFile(kind, self._of(kind)) for kind in sorted(kinds)]

    def _of(self, kind: str) -> Iterator[bytes]:
        return (one.line.encode() for one in self.lines if one.kind == kind)


def carriage(session: Session, *, everything: bool, without: bool) -> Carriage:
    """Return what an export carries beside visits and photos.

    Results travel only as long as they stand, and with the scan of their signed paper. `without`
    leaves them for later. Raises StoreError E_SCAN_MISSING when results are due without it.
    """
    from siks_offline import texts
    from siks_offline.db import meeting, records
    from siks_offline.desa import closing

    found = [
        one
        for kind in ("proposals", "moves")
        for one in records.due(session, kind, everything=everything)
    ]
    if without:
        return Carriage(tuple(found))
    closed = {
        period: meeting.standing(session, period)
        for period in meeting.periods(session)
        if meeting.standing(session, period).closed_at
    }
    results = [
        one
        for kind in ("musdes", "verdicts")
        for one in records.due(session, kind, everything=everything)
        if kind == "musdes" or one.period in closed
    ]
    periods = {one.period for one in results}
    for period in closing.unsigned(session):
        if period in periods:
            paper = texts.text(f"musyawarah.surat.{closing.paper_of(closed[period].way)}")
            raise StoreError("E_SCAN_MISSING", periode=period, surat=paper)
    scans, documents = [], []
    for period, where in closed.items():
        for one in meeting.documents(session, period):
            if one.closing != where.closing:
                continue
            fresh = everything or not one.received
            if fresh:
                scans.append(_stored(one))
            if fresh or period in periods:
                documents.append((one.kind, one.sha256))
    return Carriage((*found, *results), tuple(scans), tuple(documents))


def due(session: Session) -> dict[str, int]:
    """Return how many records of each kind no receipt settled."""
    from siks_offline.db import records

    return records.due_counts(session)


def _stored(one: Any) -> Stored:
    from siks_offline.db.attachments import Stored

    return Stored(one.sha256, one.extension, one.kind, "", one.size, one.received)


def content(session: Session, one: Stored) -> bytes:
    """Return the bytes of an attachment: the photo of a household, or a scan of the meeting."""
    from siks_offline.db import attachments, meeting

    found = (
        attachments.content(session, one.sha256)
        if one.household_id
        else meeting.document(session, one.sha256)
    )
    return found or b""


def inventory(session: Session) -> Iterator[list[Any]]:
    """Yield what the office is believed to hold of records and scans; see desa.inventory."""
    from siks_offline.db import meeting
    from siks_offline.db import records as stored
    from siks_offline.export import records

    for head in stored.accepted(session):
        yield records.inventory_visit(*head)
    for one in meeting.documents(session):
        if one.received:
            yield records.inventory_attachment(one.sha256)


def told(session: Session, receipt: Receipt, *, anew: bool) -> None:
    """Note what a receipt says of records and scans; `anew` for the first of its stream."""
    from siks_offline.db import meeting, records
    from siks_offline.export.records import short_hash

    results: dict[str, records.Told] = {}
    for one in receipt.bundles:
        said = {row.hash: row for row in receipt.visits if row.bundle_id == one.bundle_id}
        carried = records.carried(session, one.manifest_sha256)
        for sha256 in carried:
            if sha256 in results and results[sha256].result == "accepted":
                continue  # and a repeat of it that is not says nothing
            row = said.get(sha256)
            if row is not None:
                results[sha256] = records.Told(row.result, row.code, row.comment, row.path)
            else:
                result = "accepted" if one.result == "partly" else one.result
                code = one.code if result != "accepted" else ""
                results[sha256] = records.Told(result, code)
        if one.result in {"accepted", "partly"}:
            meeting.set_documents_received(session, carried, received=True)
    records.told(session, results, anew=anew)
    asked = {one.short for one in receipt.lacked_visits}
    ours = records.hashes_of(session, [one.visit_id for one in receipt.lacked_visits])
    records.forget(session, [one for one in ours if short_hash(one) in asked])
    meeting.set_documents_received(session, receipt.lacked_attachments, received=False)
