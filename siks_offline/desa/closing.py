"""Closing a musyawarah, opening it again, and the signed papers its results need."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from siks_offline.desa import meeting as meetings
from siks_offline.desa.proposals import note
from siks_offline.desa.rights import action
from siks_offline.errors import FileError, StoreError
from siks_offline.model import Changes
from siks_offline.period import begins

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from sqlalchemy.orm import Session

    from siks_offline.desa.village import Village
    from siks_offline.meeting import Document, Meeting, Sitting, Way

LARGEST_SCAN: Final = 32 << 20
PAPERS: Final = ("berita-acara", "sptjm", "daftar-hadir", "foto")
LEAST_REASON: Final = 5
_MAGIC: Final = {"pdf": b"%PDF-", "jpg": b"\xff\xd8\xff", "png": b"\x89PNG\r\n\x1a\n"}


def paper_of(way: str) -> str:
    """Return the kind of the signed paper that results need."""
    return "berita-acara" if way == "musyawarah" else "sptjm"


def meta_key(period: str) -> str:
    """Return the key of the fact that says since when a period's results stand."""
    return f"musyawarah.{period}"


@action
def close(village: Village, now: datetime, *, way: Way = "musyawarah") -> tuple[Meeting, Changes]:
    """Let the results stand: they fill the heads of visits and become records that travel.

    `way` sptjm stands for a statement of the village head where no musyawarah was held. Raises
    StoreError E_MEETING_CLOSED, E_MEETING_UNDECIDED with the number of households of which nothing
    was said, E_MEETING_NO_SITTING.
    """
    from siks_offline.db import meeting, meta
    from siks_offline.export import canonical

    period = village.period
    with village.store.write() as session:
        meetings.refuse_closed(session, village)
        stands = meeting.columns(session, period)
        count = meeting.tally(session, period)
        if count.open:
            raise StoreError("E_MEETING_UNDECIDED", jumlah=count.open)
        if way == "musyawarah" and not meeting.sittings(session, period):
            raise StoreError("E_MEETING_NO_SITTING")
        before = meeting.standing(session, period)
        at = canonical.stamp(now)
        meeting.put_standing(
            session,
            replace(
                before, way=way, closing=before.closing + 1, closed_at=at, closed_by=village.account
            ),
        )
        meta.put(session, meta_key(period), at)
        _freeze_verdicts(session, village)
        _freeze_meeting(session, village, period, now)
        detail = {"cara": way, "ke": before.closing + 1, "jumlah": len(stands)}
        note(session, village, now, "musyawarah.tutup", period, detail)
    changes = Changes(households=frozenset(stands), prelist=True, handover=True)
    return meetings.read(village), changes


@action
def reopen(village: Village, reason: str, now: datetime) -> tuple[Meeting, Changes]:
    """Open a closed musyawarah again, for a reason; what was sent stays sent until the next close.

    Raises StoreError E_MEETING_OPEN, E_MEETING_REASON.
    """
    from siks_offline.db import meeting, meta
    from siks_offline.export import canonical

    why = " ".join(canonical.normalise_text(reason)[0].split())[:500]
    period = village.period
    if len(why) < LEAST_REASON:
        raise StoreError("E_MEETING_REASON")
    with village.store.write() as session:
        before = meeting.standing(session, period)
        if not before.closed_at:
            raise StoreError("E_MEETING_OPEN", periode=period)
        meeting.put_standing(session, replace(before, closed_at="", closed_by="", reopened=why))
        meta.put(session, meta_key(period), None)
        _freeze_meeting(session, village, period, now)
        note(session, village, now, "musyawarah.buka", period, {"alasan": why})
    return meetings.read(village), Changes(prelist=True, handover=True)


def _freeze_verdicts(session: Session, village: Village) -> None:
    """Make a line that travels of every verdict that says something new."""
    from siks_offline.db import meeting, records
    from siks_offline.export import canonical, meeting_records

    period = village.period
    known = records.heads(session, "verdicts", period)
    fresh = []
    said = meeting.verdicts(session, period)
    for line in meeting.agenda_lines(session, period, list(said)).values():
        one = said[line.id]
        record_id = meeting_records.verdict_id(line.id, period)
        before = known.get(record_id)
        body: dict[str, Any] = {
            "able": one.able,
            "at": one.at,
            "by": one.by,
            "disabled": one.disabled,
            "household_id": line.id,
            "idbdt": line.idbdt,
            "kode_desa": village.kode_desa,
            "note": one.note,
            "period": period,
            "reason": one.reason,
            "record_id": record_id,
            "revision": 0 if before is None else before.revision,
            "sitting_id": one.sitting_id,
            "source": line.source,
            "standing": one.standing,
            "status": one.status,
            "twin": one.twin,
            "working": one.working,
        }
        stands = {} if before is None else canonical.loads(before.line.encode())
        if stands and stands | body == stands:
            continue
        body["revision"] = records.next_revision(session, body["revision"])
        sha256, raw = meeting_records.seal("verdicts", body)
        fresh.append(
            records.Line(sha256, "verdicts", record_id, body["revision"], period, raw.decode())
        )
    records.add(session, fresh)


def _freeze_meeting(session: Session, village: Village, period: str, now: datetime) -> None:
    from siks_offline.db import meeting, records
    from siks_offline.export import canonical, meeting_records

    record_id = meeting_records.musdes_id(village.kode_desa, period)
    before = records.head(session, record_id)
    made = records.next_revision(session, 0 if before is None else before.revision)
    where = meeting.standing(session, period)
    counts = dict(meeting.tally(session, period).columns)
    if before is not None and period != village.period:  # its proposals are of the list by now
        counts = canonical.loads(before.line.encode())["counts"]
    body = {
        "at": canonical.stamp(now),
        "by": village.account,
        "closed_at": where.closed_at,
        "counts": counts,
        "documents": [
            {"kind": one.kind, "sha256": one.sha256}
            for one in meeting.documents(session, period)
            if one.closing == where.closing
        ],
        "kode_desa": village.kode_desa,
        "period": period,
        "record_id": record_id,
        "reopened": where.reopened,
        "revision": made,
        "sittings": [_sitting_body(one) for one in meeting.sittings(session, period)],
        "way": where.way,
    }
    sha256, raw = meeting_records.seal("musdes", body)
    records.add(session, [records.Line(sha256, "musdes", record_id, made, period, raw.decode())])


def _sitting_body(one: Sitting) -> dict[str, Any]:
    return {
        "attendees": [
            {"group": each.group, "name": each.name, "post": each.post, "sex": each.sex}
            for each in one.attendees
        ],
        "audit": dict(one.audit),
        "date": one.date,
        "hour": one.hour,
        "id": one.id,
        "leader": one.leader,
        "leader_post": one.leader_post,
        "number": one.number,
        "place": one.place,
    }


# --- signed papers ---


@action
def attach(village: Village, path: Path, now: datetime, *, kind: str = "") -> Document:
    """Keep the scan or photo of a signed paper; by default of the one that the results need.

    While this period's musyawarah is not closed it is of the last one whose results wait for it.
    Raises StoreError E_MEETING_OPEN before the musyawarah was closed, FileError E_SCAN_KIND,
    E_PHOTO_LARGE.
    """
    from siks_offline.db import meeting
    from siks_offline.export import canonical, files

    with files.errors(path, reading=True), path.open("rb") as file:
        content = file.read(LARGEST_SCAN + 1)
    if len(content) > LARGEST_SCAN:
        raise FileError("E_PHOTO_LARGE", nama=path.name, mb=LARGEST_SCAN >> 20)
    extension = next((ext for ext, magic in _MAGIC.items() if content.startswith(magic)), "")
    if not extension or (kind and kind not in PAPERS):
        raise FileError("E_SCAN_KIND", nama=path.name)
    with village.store.write() as session:
        closed = meeting.standing(session, village.period).closed_at
        late = max(unsigned(session), key=begins, default=village.period)
        period = village.period if closed else late
        where = meeting.standing(session, period)
        if not where.closed_at:
            raise StoreError("E_MEETING_OPEN", periode=period)
        wanted = kind or paper_of(where.way)
        sha256 = meeting.put_document(
            session,
            period=period,
            kind=wanted,
            extension=extension,
            closing=where.closing,
            content=content,
            by=village.account,
            at=canonical.stamp(now),
        )
        _freeze_meeting(session, village, period, now)  # whose paper it is travels with the results
        note(session, village, now, "musyawarah.lampirkan", sha256, {"jenis": wanted})
        return next(one for one in meeting.documents(session, period) if one.sha256 == sha256)


@action
def scan(village: Village, sha256: str) -> bytes | None:
    """Return the bytes of a signed paper, or None when it is not here."""
    from siks_offline.db import meeting

    with village.store.read() as session:
        return meeting.document(session, sha256)


def unsigned(session: Session) -> list[str]:
    """Return the periods whose results stand without the scan of the signed paper they need."""
    from siks_offline.db import meeting

    found = []
    for period in meeting.periods(session):
        where = meeting.standing(session, period)
        paper = paper_of(where.way)
        if where.closed_at and not any(
            one.kind == paper and one.closing == where.closing
            for one in meeting.documents(session, period)
        ):
            found.append(period)
    return found
