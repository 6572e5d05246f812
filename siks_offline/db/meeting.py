"""What we ask and store about a period's musyawarah: sittings, verdicts, count, signed papers."""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.sqlite import insert

from siks_offline.db import households, tables
from siks_offline.db.tables import Household
from siks_offline.db.tables_meeting import (
    AssignmentRow,
    DocumentRow,
    MeetingRow,
    ProposalRow,
    SittingRow,
    VerdictRow,
)
from siks_offline.meeting import (
    COLUMNS,
    AgendaLine,
    Attendee,
    Column,
    Document,
    Sitting,
    Tally,
    Verdict,
    Way,
    column_of,
)
from siks_offline.period import begins

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Mapping, Sequence

    from sqlalchemy.orm import Session


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a period's musyawarah stands; see meeting.Meeting."""

    period: str
    way: Way = "musyawarah"
    closing: int = 0
    closed_at: str = ""
    closed_by: str = ""
    reopened: str = ""


_STANDING = tuple(getattr(MeetingRow, name) for name in Standing.__dataclass_fields__)
_VERDICT = tuple(getattr(VerdictRow, name) for name in Verdict.__dataclass_fields__)
_VERDICT_NAMES = tuple(Verdict.__dataclass_fields__)


def standing(session: Session, period: str) -> Standing:
    """Return where a period's musyawarah stands; open and never closed where nothing is known."""
    found = session.execute(select(*_STANDING).where(MeetingRow.period == period)).mappings()
    row = found.first()
    return Standing(period) if row is None else Standing(**row)


def put_standing(session: Session, one: Standing) -> None:
    """Store where a period's musyawarah stands."""
    row = insert(MeetingRow).values(**asdict(one))
    session.execute(row.on_conflict_do_update(index_elements=["period"], set_=asdict(one)))


def periods(session: Session) -> list[str]:
    """Return the periods of which a musyawarah is known, ascending."""
    return sorted(session.scalars(select(MeetingRow.period)), key=begins)


# --- sittings ---


def sittings(session: Session, period: str) -> tuple[Sitting, ...]:
    """Return the sittings of a period in their order."""
    columns = tuple(getattr(SittingRow, n) for n in Sitting.__dataclass_fields__ if n != "id")
    query = select(SittingRow.sitting_id.label("id"), *columns).where(SittingRow.period == period)
    return tuple(
        Sitting(**{**row, "attendees": tuple(Attendee(**one) for one in row["attendees"])})
        for row in session.execute(query.order_by(SittingRow.number)).mappings()
    )


def put_sitting(session: Session, one: Sitting) -> None:
    """Store a sitting; one of the same id is replaced."""
    values = {n: getattr(one, n) for n in Sitting.__dataclass_fields__ if n != "id"} | {
        "sitting_id": one.id,
        "audit": dict(one.audit),
        "attendees": [asdict(each) for each in one.attendees],
    }
    row = insert(SittingRow).values(**values)
    session.execute(row.on_conflict_do_update(index_elements=["sitting_id"], set_=values))


def drop_sitting(session: Session, sitting_id: str) -> bool:
    """Take a sitting out; verdicts said in it stay. False when it is unknown."""
    gone = delete(SittingRow).where(SittingRow.sitting_id == sitting_id)
    found = session.execute(gone.returning(SittingRow.sitting_id)).all()
    named = update(VerdictRow).where(VerdictRow.sitting_id == sitting_id)
    session.execute(named.values(sitting_id=""))
    return bool(found)


# --- verdicts ---


def verdict(session: Session, household_id: str, period: str) -> Verdict | None:
    """Return what was said of a household in a period, or None."""
    return verdicts(session, period, [household_id]).get(household_id)


def verdicts(session: Session, period: str, ids: Sequence[str] | None = None) -> dict[str, Verdict]:
    """Return what was said in a period by household, of these or of all."""
    query = select(*_VERDICT).where(VerdictRow.period == period)
    if ids is None:
        return {row[0]: Verdict(*row) for row in session.execute(query)}
    found: dict[str, Verdict] = {}
    for start in range(0, len(ids), households.CHUNK):
        chosen = VerdictRow.household_id.in_(ids[start : start + households.CHUNK])
        found |= {row[0]: Verdict(*row) for row in session.execute(query.where(chosen))}
    return found


def put_verdicts(session: Session, said: Iterable[Verdict]) -> None:
    """Store what was said of households; a later word replaces an earlier one."""
    rows = [tuple(getattr(one, name) for name in _VERDICT_NAMES) for one in said]
    tables.insert_many(session, VerdictRow, _VERDICT_NAMES, rows, replace=True)


def drop_verdict(session: Session, household_id: str, period: str) -> bool:
    """Take back what was said of a household; False when nothing was."""
    row = VerdictRow
    gone = delete(row).where(row.household_id == household_id, row.period == period)
    return bool(session.execute(gone.returning(row.household_id)).all())


# --- agenda and count ---


def columns(session: Session, period: str) -> dict[str, Column]:
    """Return the one column of every household of the village."""
    return {
        id_: _column(source, *said)
        for id_, source, *said in session.execute(_said(period, Household.id, Household.source))
    }


def tally(session: Session, period: str) -> Tally:
    """Return how many households stand in each column."""
    found: Counter[Column] = Counter()
    query = _said(period, Household.source)
    for source, status, reason, able, count in session.execute(
        query.add_columns(func.count()).group_by(
            Household.source, VerdictRow.status, VerdictRow.reason, VerdictRow.able
        )
    ):
        found[_column(source, status, reason, able)] += count
    return Tally({name: found[name] for name in COLUMNS})


def _said(period: str, *columns: Any) -> Any:
    said = (VerdictRow.household_id == Household.id) & (VerdictRow.period == period)
    return select(*columns, VerdictRow.status, VerdictRow.reason, VerdictRow.able).outerjoin_from(
        Household, VerdictRow, said
    )


def _column(source: str, status: str | None, reason: str | None, able: str | None) -> Column:
    if status is None:
        return column_of(source, None)
    said = Verdict("", "", status, reason or "", able=able or "")
    return column_of(source, said)


def agenda(
    session: Session,
    period: str,
    words: str = "",
    *,
    wanted: Container[Column] | None = None,
    order: str = "rw",
    descending: bool = False,
) -> list[str]:
    """Return the households on the agenda that hold every word and stand in these columns.

    Proposals that were begun and never registered come last: nothing can be said of them yet.
    """
    ids = households.find(session, words, order=order, descending=descending)
    row = ProposalRow
    begun = set(session.scalars(select(row.household_id).where(row.revision == 0)))
    if begun:
        ids.sort(key=begun.__contains__)
    if wanted is None:
        return ids
    stands = columns(session, period)
    return [id_ for id_ in ids if stands[id_] in wanted]


_AGENDA = (
    "id", "source", "idbdt", "no_kk", "nik_krt", "nama_krt", "alamat", "dusun", "rt", "rw",
    "anggota",
)  # fmt: skip


def agenda_lines(session: Session, period: str, ids: Sequence[str]) -> dict[str, AgendaLine]:
    """Return the lines of these households by id, in the order asked; unknown ids are absent."""
    asked = list(dict.fromkeys(ids))
    said = verdicts(session, period, asked)
    twins = _names(session, [one.twin for one in said.values() if one.twin])
    found: dict[str, AgendaLine] = {}
    query = select(*(getattr(Household, name) for name in _AGENDA))
    for start in range(0, len(asked), households.CHUNK):
        chosen = Household.id.in_(asked[start : start + households.CHUNK])
        for row in session.execute(query.where(chosen)):
            one = said.get(row.id)
            found[row.id] = AgendaLine(
                **{**row._mapping, "idbdt": row.idbdt or ""},
                verdict=one,
                twin_name=twins.get(one.twin, "") if one else "",
            )
    nameless = [id_ for id_, one in found.items() if not one.nama_krt]
    for id_, told in households.drafted(session, nameless).items():
        found[id_] = replace(found[id_], **told)  # type: ignore[arg-type]
    return {id_: found[id_] for id_ in asked if id_ in found}


def _names(session: Session, ids: list[str]) -> dict[str, str]:
    return {id_: one.nama_krt for id_, one in households.lines(session, ids).items()}


def begin_period(session: Session, before: str) -> int:
    """Let the work of a new period begin: no household is visited or sent yet.

    What was proposed before and belongs to its prelist akhir is now of the list itself. Returns
    how many households that are.
    """
    stands = columns(session, before)
    taken = [id_ for id_, column in stands.items() if column == "usulan"]
    fresh = {"kerja": "belum", "kirim": "belum", "revisi": 0, "komentar": "", "komentar_jalur": ""}
    session.execute(update(Household).values(**fresh))
    for start in range(0, len(taken), households.CHUNK):
        chosen = Household.id.in_(taken[start : start + households.CHUNK])
        session.execute(update(Household).where(chosen).values(source="prelist"))
    return len(taken)


# --- signed papers ---


def put_document(
    session: Session,
    *,
    period: str,
    kind: str,
    extension: str,
    closing: int,
    content: bytes,
    by: str,
    at: str,
) -> str:
    """Keep the scan of a signed paper and return its hash."""
    sha256 = hashlib.sha256(content).hexdigest()
    values = {
        "sha256": sha256,
        "period": period,
        "kind": kind,
        "extension": extension,
        "closing": closing,
        "by": by,
        "at": at,
        "received": False,
        "content": content,
    }
    row = insert(DocumentRow).values(**values)
    again = {"period": period, "kind": kind, "closing": closing, "by": by, "at": at}
    session.execute(row.on_conflict_do_update(index_elements=["sha256"], set_=again))
    return sha256


def documents(session: Session, period: str | None = None) -> tuple[Document, ...]:
    """Return the signed papers of a period, or of all, in order of arrival."""
    row = DocumentRow
    query = select(
        row.sha256, row.kind, row.extension, func.length(row.content), row.closing, row.by, row.at,
        row.received,
    ).order_by(row.at, row.sha256)  # fmt: skip
    if period is not None:
        query = query.where(row.period == period)
    return tuple(Document(*values) for values in session.execute(query))


def document(session: Session, sha256: str) -> bytes | None:
    """Return the bytes of a signed paper, or None when it is not here."""
    return session.scalar(select(DocumentRow.content).where(DocumentRow.sha256 == sha256))


def drop_document(session: Session, sha256: str) -> bool:
    """Take a scan out; False when it is unknown."""
    gone = delete(DocumentRow).where(DocumentRow.sha256 == sha256)
    return bool(session.execute(gone.returning(DocumentRow.sha256)).all())


def set_documents_received(session: Session, hashes: Iterable[str], *, received: bool) -> None:
    """Note that the office holds scans, or lacks them."""
    row = DocumentRow
    for sha256 in hashes:
        session.execute(update(row).where(row.sha256 == sha256).values(received=received))


# --- officers ---


def assign(session: Session, rw: str, rt: str, officer: str) -> None:
    """Give the households of an RT to an officer; an empty name takes them back."""
    row = AssignmentRow
    session.execute(delete(row).where(row.rw == rw, row.rt == rt))
    if officer:
        session.execute(insert(row).values(rw=rw, rt=rt, officer=officer))


def officers(session: Session) -> Mapping[tuple[str, str], str]:
    """Return the officer of each (RW, RT)."""
    row = AssignmentRow
    return {(rw, rt): who for rw, rt, who in session.execute(select(row.rw, row.rt, row.officer))}
