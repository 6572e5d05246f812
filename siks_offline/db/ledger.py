"""What left for the office, what came from it, and what its receipts said."""

from __future__ import annotations

import json
import uuid
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal, cast

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.orm import aliased

from siks_offline.db import meta, records
from siks_offline.db.tables import (
    ArrivalRow,
    AttachmentRow,
    ExportAttachment,
    ExportRow,
    ExportVisit,
    Revision,
    RevisionResult,
    StreamRow,
    VisitRow,
    insert_many,
)
from siks_offline.period import hours

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy.orm import Session

Status = Literal["sent", "voice", "accepted", "partly", "held", "rejected"]
Outcome = Literal["accepted", "held", "rejected", "voice"]
_BEGUN = "ekspor.mulai"


@dataclass(frozen=True, slots=True)
class Stream:
    """The keys of one device, and the chain of what it sent."""

    stream: str
    device: str
    signing_seed: bytes = field(repr=False)
    age_identity: str = field(repr=False)
    voice_key: bytes = field(repr=False)
    started_at: str
    next_seq: int = 1
    last_manifest: str | None = None
    after: str | None = None
    """Last manifest that a restored backup knew, None otherwise."""


@dataclass(frozen=True, slots=True)
class Export:
    """A bundle that this village wrote; `status` is what the office said of it so far."""

    manifest_sha256: str
    bundle_id: str
    type: str
    stream: str
    seq: int
    file_name: str
    file_sha256: str
    size: int
    at: str
    by: str
    visits: int = 0
    attachments: int = 0
    audit_seq: int | None = None
    audit_head: str | None = None
    status: Status = "sent"
    code: str = ""
    received_at: str = ""


@dataclass(frozen=True, slots=True)
class Arrival:
    """A bundle of the office that this village took in; `stream` as desa.receipts names it."""

    manifest_sha256: str
    bundle_id: str
    type: str
    stream: str
    seq: int
    file_sha256: str
    at: str


@dataclass(frozen=True, slots=True)
class Result:
    """What a receipt said of one revision."""

    sha256: str
    result: Outcome
    code: str = ""
    path: str = ""
    comment: str = ""


# --- streams ---

_STREAM = tuple(getattr(StreamRow, name) for name in Stream.__dataclass_fields__)


def current_stream(session: Session) -> Stream | None:
    """Return the stream that exports go to, or None before pairing."""
    found = select(*_STREAM).order_by(StreamRow.number.desc()).limit(1)
    row = session.execute(found).mappings().first()
    return None if row is None else Stream(**row)


def identities(session: Session) -> list[str]:
    """Return the age identities of all streams, each once, newest first."""
    found = select(StreamRow.age_identity).order_by(StreamRow.number.desc())
    return list(dict.fromkeys(session.scalars(found)))


def stream(session: Session, name: str) -> Stream | None:
    """Return one stream, or None."""
    row = session.execute(select(*_STREAM).where(StreamRow.stream == name)).mappings().first()
    return None if row is None else Stream(**row)


def start_stream(session: Session, stream: Stream) -> None:
    """Begin a stream; exports go to it from now on."""
    session.execute(
        insert(StreamRow).values({n: getattr(stream, n) for n in Stream.__dataclass_fields__})
    )


def begin_stream(session: Session, *, at: str) -> Stream | None:
    """Begin a new stream with the keys of the present one, as after every restore.

    Its `after` names the last manifest known here (BUNDLE.md section 3). Records are numbered on
    from above what may have been sent since the copy was made. None before pairing.
    """
    before = current_stream(session)
    if before is None:
        return None
    meta.put(session, records.FLOOR, str(hours(datetime.fromisoformat(at))))
    fresh = replace(
        before,
        stream=str(uuid.uuid4()),
        started_at=at,
        next_seq=1,
        last_manifest=None,
        after=before.last_manifest or before.after,
    )
    start_stream(session, fresh)
    return fresh


# --- what left ---

_EXPORT = tuple(getattr(ExportRow, name) for name in Export.__dataclass_fields__)


def record_export(
    session: Session,
    export: Export,
    revisions: Iterable[str] = (),
    attachments: Iterable[str] = (),
) -> None:
    """Note a bundle that lies whole in its place, and advance its stream past it."""
    session.execute(insert(ExportRow).values(**asdict(export)))
    for table, hashes in ((ExportVisit, revisions), (ExportAttachment, attachments)):
        rows = [{"manifest_sha256": export.manifest_sha256, "sha256": each} for each in hashes]
        if rows:
            session.execute(insert(table), rows)
    session.execute(
        update(StreamRow)
        .where(StreamRow.stream == export.stream, StreamRow.next_seq <= export.seq)
        .values(next_seq=export.seq + 1, last_manifest=export.manifest_sha256)
    )
    if (export.stream, export.seq) in (known := reserved(session)):
        _put_reserved(session, known - {(export.stream, export.seq)})


def reserve(session: Session, stream: str, seq: int, manifest_sha256: str) -> None:
    """Take a stream's next number for a bundle before anybody can see its file.

    Whatever happens then, no other bundle bears the number, and the next one names this as the one
    before it: a file that a power cut left on a stick stays a link of the chain.
    """
    _advance(session, stream, seq, seq + 1, manifest_sha256)
    _put_reserved(session, reserved(session) | {(stream, seq)})


def give_back(session: Session, stream: str, seq: int, before: str | None) -> None:
    """Free a number whose bundle nobody can have seen; `before` is the manifest before it."""
    _advance(session, stream, seq + 1, seq, before)
    _put_reserved(session, reserved(session) - {(stream, seq)})


def reserved(session: Session) -> frozenset[tuple[str, int]]:
    """Return (stream, number) of bundles begun and not recorded: a power cut left them so."""
    return frozenset((stream, seq) for stream, seq in json.loads(meta.get(session, _BEGUN) or "[]"))


def _advance(session: Session, stream: str, seq: int, to: int, manifest: str | None) -> None:
    session.execute(
        update(StreamRow)
        .where(StreamRow.stream == stream, StreamRow.next_seq == seq)
        .values(next_seq=to, last_manifest=manifest)
    )


def _put_reserved(session: Session, numbers: frozenset[tuple[str, int]]) -> None:
    meta.put(session, _BEGUN, json.dumps(sorted(numbers)))


def exports(session: Session) -> list[Export]:
    """Return every bundle written, newest first."""
    found = session.execute(select(*_EXPORT).order_by(ExportRow.number.desc())).mappings()
    return [Export(**row) for row in found]


def export(session: Session, manifest_sha256: str) -> Export | None:
    """Return one bundle written, or None."""
    found = select(*_EXPORT).where(ExportRow.manifest_sha256 == manifest_sha256)
    row = session.execute(found).mappings().first()
    return None if row is None else Export(**row)


def carried(session: Session, manifest_sha256: str) -> dict[str, str]:
    """Return the revisions of a bundle: hash -> visit id, in order of completion."""
    found = (
        select(Revision.sha256, Revision.visit_id)
        .join(ExportVisit, ExportVisit.sha256 == Revision.sha256)
        .where(ExportVisit.manifest_sha256 == manifest_sha256)
        .order_by(Revision.seq)
    )
    return dict(session.execute(found).all())


def carried_attachments(session: Session, manifest_sha256: str) -> list[str]:
    """Return the hashes of the attachments of a bundle, ascending."""
    row = ExportAttachment
    found = select(row.sha256).where(row.manifest_sha256 == manifest_sha256)
    return list(session.scalars(found.order_by(row.sha256)))


def exported(session: Session, hashes: Iterable[str]) -> frozenset[str]:
    """Return those of these revisions that left in some bundle."""
    asked = list(hashes)
    found: set[str] = set()
    for start in range(0, len(asked), 500):
        chosen = ExportVisit.sha256.in_(asked[start : start + 500])
        found.update(session.scalars(select(ExportVisit.sha256).where(chosen)))
    return frozenset(found)


def unanswered(session: Session) -> list[Export]:
    """Return the bundles of visits that no signed receipt named, oldest first."""
    found = select(*_EXPORT).where(
        ExportRow.type == "visits", ExportRow.status.in_(("sent", "voice"))
    )
    ordered = session.execute(found.order_by(ExportRow.number)).mappings()
    return [Export(**row) for row in ordered]


def audit_heads(session: Session) -> dict[int, str]:
    """Return the audit heads that left in signed exports: number -> hash, for audit.verify."""
    row = ExportRow
    found = select(row.audit_seq, row.audit_head).where(row.audit_seq.is_not(None))
    return {seq or 0: head or "" for seq, head in session.execute(found)}


# --- what receipts said ---


def answer_export(
    session: Session, manifest_sha256: str, status: Status, *, code: str = "", received_at: str = ""
) -> bool:
    """Note what the office said of a bundle; False when this village does not know the bundle."""
    change = (
        update(ExportRow)
        .where(ExportRow.manifest_sha256 == manifest_sha256)
        .values(status=status, code=code, received_at=received_at)
    )
    return bool(session.execute(change.returning(ExportRow.number)).all())


def record_results(
    session: Session, results: Iterable[Result], *, stream: str = "", seq: int = 0
) -> frozenset[str]:
    """Note what a receipt said of revisions; return the hashes whose result is new or changed.

    `stream` and `seq` are the receipt's: an older receipt of the same stream changes nothing that
    a newer one said. Without them it is a receipt by voice, which changes no signed result. What
    was accepted is held there, whatever is said of a repeat of it: only `forget_results` undoes
    it, or the first receipt of a restored office's new stream, which tells all anew.
    Revisions that this village does not know are left out.
    """
    told = {each.sha256: each for each in results}
    anew = not highest_arrival(session, "receipt", stream)
    row = RevisionResult
    columns = (row.result, row.code, row.path, row.comment, row.stream, row.seq)
    query = select(Revision.sha256, *columns).outerjoin(row, row.sha256 == Revision.sha256)
    known: dict[str, tuple[Any, ...]] = {}
    asked = list(told)
    for start in range(0, len(asked), 500):
        chosen = query.where(Revision.sha256.in_(asked[start : start + 500]))
        known |= {sha256: tuple(before) for sha256, *before in session.execute(chosen)}
    changed: set[str] = set()
    rows = []
    for sha256, before in known.items():
        each = told[sha256]
        said = (each.result, each.code, each.path, each.comment)
        if before[0] is not None:
            held_there = before[0] == "accepted" and each.result != "accepted"
            stale = before[4] == stream and (before[5] > seq or held_there)
            if before[4] and (stale or not stream or (held_there and not anew)):
                continue
        rows.append((sha256, *said, stream, seq))
        if before[:4] != said:
            changed.add(sha256)
    names = ("sha256", "result", "code", "path", "comment", "stream", "seq")
    insert_many(session, row, names, rows, replace=True)
    return frozenset(changed)


def results(session: Session, hashes: Iterable[str]) -> dict[str, Result]:
    """Return what was said of revisions, by hash; those without a result are absent."""
    row = RevisionResult
    columns = select(row.sha256, row.result, row.code, row.path, row.comment)
    found: dict[str, Result] = {}
    asked = list(hashes)
    for start in range(0, len(asked), 500):
        chosen = columns.where(row.sha256.in_(asked[start : start + 500]))
        for sha256, result, code, path, comment in session.execute(chosen):
            found[sha256] = Result(sha256, cast("Outcome", result), code, path, comment)
    return found


def forget_results(session: Session, visits: Iterable[tuple[str, str | None]]) -> frozenset[str]:
    """Make revisions due again that the office lacks; return the ids of their households.

    `visits` are pairs of visit id and hash of a revision, or None for all revisions of the visit.
    """
    households: set[str] = set()
    for visit_id, sha256 in visits:
        hashes = select(Revision.sha256).where(Revision.visit_id == visit_id)
        if sha256 is not None:
            hashes = hashes.where(Revision.sha256 == sha256)
        session.execute(delete(RevisionResult).where(RevisionResult.sha256.in_(hashes)))
        chosen = select(VisitRow.household_id).where(VisitRow.visit_id == visit_id)
        households.update(session.scalars(chosen))
    return frozenset(households)


def household_receipts(session: Session, household_id: str) -> list[tuple[int, str, Result | None]]:
    """Return a household's revisions, newest first: (revision, hash, what was said of it)."""
    found = (
        select(Revision.revision, Revision.sha256)
        .join(VisitRow, VisitRow.visit_id == Revision.visit_id)
        .where(VisitRow.household_id == household_id)
        .order_by(Revision.seq.desc())
    )
    revisions = session.execute(found).all()
    said = results(session, (sha256 for _, sha256 in revisions))
    return [(number, sha256, said.get(sha256)) for number, sha256 in revisions]


# --- what came ---

_ARRIVAL = tuple(getattr(ArrivalRow, name) for name in Arrival.__dataclass_fields__)


def record_arrival(session: Session, arrival: Arrival) -> None:
    """Note a bundle of the office that was taken in."""
    session.execute(insert(ArrivalRow).values(**asdict(arrival)))


def arrived(session: Session, manifest_sha256: str) -> bool:
    """Whether a bundle was taken in before."""
    row = ArrivalRow
    found = select(row.number).where(row.manifest_sha256 == manifest_sha256)
    return session.scalar(found) is not None


def bundle_hash(session: Session, bundle_id: str) -> str | None:
    """Return the manifest hash under which a bundle id was taken in, or None."""
    row = ArrivalRow
    return session.scalar(select(row.manifest_sha256).where(row.bundle_id == bundle_id))


def highest_arrival(session: Session, type_: str, stream: str) -> int:
    """Return the highest number of a type's bundles of a stream that were taken in, 0 for none."""
    row = ArrivalRow
    highest = select(func.max(row.seq)).where(row.type == type_, row.stream == stream)
    return session.scalar(highest) or 0


def latest_arrival(session: Session, type_: str) -> Arrival | None:
    """Return the bundle of a type that came last and was no late one, behind a newer of its stream.

    A receipt's is what the next export acknowledges.
    """
    row, other = ArrivalRow, aliased(ArrivalRow)
    before = (
        select(other.number)
        .where(other.type == row.type, other.stream == row.stream)
        .where(other.number < row.number, other.seq > row.seq)
        .exists()
    )
    found = select(*_ARRIVAL).where(row.type == type_, ~before).order_by(row.number.desc()).limit(1)
    newest = session.execute(found).mappings().first()
    return None if newest is None else Arrival(**newest)


def arrivals(session: Session, type_: str, stream: str) -> list[Arrival]:
    """Return the bundles of a type whose stream's name begins so, in the order they came in."""
    row = ArrivalRow
    found = select(*_ARRIVAL).where(row.type == type_, row.stream.startswith(stream))
    ordered = session.execute(found.order_by(row.number)).mappings()
    return [Arrival(**one) for one in ordered]


# --- attachments of the inventory ---


def attachments_due(session: Session) -> list[str]:
    """Return the hashes of attachments that no receipt confirmed, ascending."""
    row = AttachmentRow
    found = select(row.sha256).where(row.received.is_(False))
    return list(session.scalars(found.order_by(row.sha256)))


def set_attachments_received(
    session: Session, hashes: Iterable[str], *, received: bool = True
) -> int:
    """Note that the office holds attachments, or lacks them; return how many are known here."""
    row = AttachmentRow
    asked = list(hashes)
    for start in range(0, len(asked), 500):
        chosen = row.sha256.in_(asked[start : start + 500])
        session.execute(update(row).where(chosen).values(received=received))
    known = select(func.count()).select_from(row).where(row.sha256.in_(asked))
    return session.scalar(known) or 0
