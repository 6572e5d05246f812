"""Proposals, moves, verdicts and musyawarahs as they travel, and what the office said of them."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, insert, select, update

from siks_offline.db import meta, tables
from siks_offline.db.tables import core
from siks_offline.db.tables_meeting import ExportRecord, RecordRow

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from sqlalchemy.orm import Session

KINDS = ("moves", "musdes", "proposals", "verdicts")
"""Records files in the order of their paths."""
SETTLED = ("accepted", "rejected")
FLOOR = "catatan.lantai"
"""Meta key of a number that no revision of before a restore can have reached."""


@dataclass(frozen=True, slots=True)
class Line:
    """A record as it travels; `line` is its canonical JSON without a line end."""

    sha256: str
    kind: str
    record_id: str
    revision: int
    period: str
    line: str


@dataclass(frozen=True, slots=True)
class Told:
    """What the office said of a record: `path` leads to the question, `comment` what to mend."""

    result: str = ""
    code: str = ""
    comment: str = ""
    path: str = ""


_LINE = tuple(getattr(RecordRow, name) for name in Line.__dataclass_fields__)
_TOLD = tuple(Told.__dataclass_fields__)
_UNTOLD = ("",) * len(_TOLD)


def add(session: Session, lines: Iterable[Line]) -> None:
    """Keep new revisions of records; none was told of yet."""
    top = session.scalar(select(func.max(RecordRow.seq))) or 0
    names = ("seq", *Line.__dataclass_fields__, *_TOLD)
    rows = [
        (top + number, *(getattr(one, name) for name in Line.__dataclass_fields__), *_UNTOLD)
        for number, one in enumerate(lines, 1)
    ]
    tables.insert_many(session, RecordRow, names, rows)


def next_revision(session: Session, last: int) -> int:
    """Return the number of a record's next revision; `last` is 0 where there is none.

    A village that was restored may have sent higher ones of it, and of those the office would go on
    believing the highest.
    """
    return max(last + 1, int(meta.get(session, FLOOR) or 0))


def head(session: Session, record_id: str) -> Line | None:
    """Return the newest revision of a record, or None."""
    newest = select(*_LINE).where(RecordRow.record_id == record_id)
    row = session.execute(newest.order_by(RecordRow.revision.desc()).limit(1)).first()
    return None if row is None else Line(*row)


def heads(session: Session, kind: str, period: str) -> dict[str, Line]:
    """Return the newest revision of every record of a kind and period, by record id."""
    query = select(*_LINE).where(RecordRow.kind == kind, RecordRow.period == period)
    return {row[2]: Line(*row) for row in session.execute(query.order_by(RecordRow.revision))}


def due(session: Session, kind: str, *, everything: bool = False) -> Iterator[Line]:
    """Yield the records of a kind that no receipt settled, or all, in order of making."""
    query = select(*_LINE).where(RecordRow.kind == kind)
    if not everything:
        query = query.where(RecordRow.result.not_in(SETTLED))
    for row in session.execute(query.order_by(RecordRow.seq).execution_options(yield_per=500)):
        yield Line(*row)


def due_counts(session: Session, *, everything: bool = False) -> dict[str, int]:
    """Return how many records of each kind `due` would yield."""
    query = select(RecordRow.kind, func.count()).group_by(RecordRow.kind)
    if not everything:
        query = query.where(RecordRow.result.not_in(SETTLED))
    found: dict[str, int] = dict(session.execute(query).all())
    return {kind: found.get(kind, 0) for kind in KINDS}


def accepted(session: Session) -> list[tuple[str, int, str]]:
    """Return (record id, revision, hash) of every newest revision the office took in, by id."""
    row = RecordRow
    newest = (
        select(row.record_id, func.max(row.revision).label("revision"))
        .group_by(row.record_id)
        .subquery()
    )
    query = (
        select(row.record_id, row.revision, row.sha256)
        .join(newest, (newest.c.record_id == row.record_id) & (newest.c.revision == row.revision))
        .where(row.result == "accepted")
    )
    return [(a, b, c) for a, b, c in session.execute(query.order_by(row.record_id))]


def sent(session: Session, manifest_sha256: str, hashes: Iterable[str]) -> None:
    """Note which records and scans a bundle carried."""
    rows = [{"manifest_sha256": manifest_sha256, "sha256": each} for each in hashes]
    if rows:
        session.execute(insert(core(ExportRecord)), rows)


def carried(session: Session, manifest_sha256: str) -> list[str]:
    """Return the hashes of the records and scans of a bundle."""
    row = ExportRecord
    return list(session.scalars(select(row.sha256).where(row.manifest_sha256 == manifest_sha256)))


def told(session: Session, results: Mapping[str, Told], *, anew: bool = False) -> None:
    """Note what a receipt said of records, by hash. Unknown hashes do nothing.

    What was accepted is held there, whatever is said of a repeat of it: only `forget` undoes it, or
    a restored office that tells all `anew`.
    """
    alike: dict[Told, list[str]] = {}
    for sha256, said in results.items():
        alike.setdefault(said, []).append(sha256)
    for said, hashes in alike.items():
        kept = not anew and said.result != "accepted"
        _set(session, _not_accepted(session, hashes) if kept else hashes, **asdict(said))


def forget(session: Session, hashes: Iterable[str]) -> None:
    """Make records due again that the office lacks."""
    _set(session, list(hashes), **asdict(Told()))


def hashes_of(session: Session, record_ids: Sequence[str]) -> list[str]:
    """Return the hashes of all revisions of some records."""
    found: list[str] = []
    for start in range(0, len(record_ids), 500):
        chosen = RecordRow.record_id.in_(record_ids[start : start + 500])
        found += session.scalars(select(RecordRow.sha256).where(chosen))
    return found


def said(session: Session, kind: str) -> dict[str, Told]:
    """Return what the office said of the newest revision of each record, by record id."""
    row = RecordRow
    columns = (getattr(row, name) for name in _TOLD)
    query = select(row.record_id, *columns).where(row.kind == kind)
    return {one[0]: Told(*one[1:]) for one in session.execute(query.order_by(row.revision))}


def _not_accepted(session: Session, hashes: list[str]) -> list[str]:
    found: list[str] = []
    for start in range(0, len(hashes), 500):
        chosen = RecordRow.sha256.in_(hashes[start : start + 500])
        query = select(RecordRow.sha256).where(chosen, RecordRow.result != "accepted")
        found += session.scalars(query)
    return found


def _set(session: Session, hashes: list[str], **values: Any) -> None:
    for start in range(0, len(hashes), 500):
        chosen = RecordRow.sha256.in_(hashes[start : start + 500])
        session.execute(update(RecordRow).where(chosen).values(**values))
