"""Completed visits: the newest revision to work with, and every revision as it travels."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, TypeVarTuple

from sqlalchemy import func, insert, select, update
from sqlalchemy.dialects.sqlite import insert as upsert

from siks_offline.db import reviews
from siks_offline.db.tables import ExportVisit, Household, Meta, Revision, RevisionResult, VisitRow
from siks_offline.model import Attachment, Confirmation
from siks_offline.period import begins

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from sqlalchemy import Select
    from sqlalchemy.orm import Session

_Columns = TypeVarTuple("_Columns")

SETTLED = ("accepted", "rejected")
"""Results after which a revision need not travel again; held ones do until a person decides."""


@dataclass(frozen=True, slots=True)
class Visit:
    """One revision of a visit as DATA.md describes it, as values."""

    visit_id: str
    household_id: str
    period: str
    instrument_id: str
    instrument_version: str
    answers: Mapping[str, Any]
    confirmations: tuple[Confirmation, ...]
    attachments: tuple[Attachment, ...]
    persons: tuple[str, ...]
    revision: int
    sha256: str
    completed_at: str
    completed_by: str


@dataclass(frozen=True, slots=True)
class RevisionLine:
    """A revision as it travels; `line` is its canonical JSON without a line end."""

    sha256: str
    visit_id: str
    household_id: str
    revision: int
    line: str


_VISIT = tuple(getattr(VisitRow, name) for name in Visit.__dataclass_fields__)


def current(session: Session, household_id: str, period: str) -> Visit | None:
    """Return the newest completed revision of a household's visit in a period, or None."""
    found = select(*_VISIT).where(VisitRow.household_id == household_id, VisitRow.period == period)
    return next(_visits(session, found), None)


def of_household(session: Session, household_id: str) -> list[Visit]:
    """Return the newest revision of every period's visit of a household, oldest period first."""
    found = select(*_VISIT).where(VisitRow.household_id == household_id)
    return sorted(_visits(session, found), key=lambda one: begins(one.period))


def of_households(session: Session, period: str, ids: Sequence[str]) -> dict[str, Visit]:
    """Return the newest revision of some households' visits of a period, by household."""
    found = select(*_VISIT).where(VisitRow.period == period, VisitRow.household_id.in_(ids))
    return {one.household_id: one for one in _visits(session, found)}


def completed(session: Session, period: str) -> Iterator[Visit]:
    """Yield the newest revision of every visit of a period, in order of the households' arrival."""
    found = select(*_VISIT).join(Household, Household.id == VisitRow.household_id)
    yield from _visits(session, found.where(VisitRow.period == period).order_by(Household.seq))


def save_completed(session: Session, visit: Visit, line: str, *, stands: bool = True) -> None:
    """Store a completed revision: as the newest one, frozen as it travels, and in the lists.

    The household becomes `selesai`, `belum` sent, without comment, unless the visit is not of the
    period at hand and so does not say how it `stands`. Its draft stays: see drafts.
    """
    # Not asdict() of the whole: it copies the answers deeply, longer than storing takes.
    values = {name: getattr(visit, name) for name in Visit.__dataclass_fields__} | {
        "confirmations": [asdict(each) for each in visit.confirmations],
        "attachments": [asdict(each) for each in visit.attachments],
        "persons": list(visit.persons),
    }
    row = upsert(VisitRow).values(**values)
    session.execute(row.on_conflict_do_update(index_elements=["visit_id"], set_=values))
    session.execute(
        insert(Revision).values(
            sha256=visit.sha256, visit_id=visit.visit_id, revision=visit.revision, line=line
        )
    )
    if not stands:
        return
    states = {"kerja": "selesai", "kirim": "belum", "komentar": "", "komentar_jalur": ""}
    session.execute(
        update(Household)
        .where(Household.id == visit.household_id)
        .values(revisi=visit.revision, **states)
    )


def unreceived(session: Session) -> Iterator[RevisionLine]:
    """Yield every revision that no signed receipt accepted or rejected, in order of completion.

    One told by voice only is still among them (BUNDLE.md section 4); one that waits for a second
    person is not.
    """
    yield from _revisions(session, _open(_REVISIONS))


def unreceived_count(session: Session) -> int:
    """Return how many revisions `unreceived` would yield."""
    return session.scalar(_open(select(func.count()).select_from(Revision))) or 0


def waiting_count(session: Session) -> int:
    """Return how many of those a bundle has carried already: they wait for an answer."""
    carried = Revision.sha256.in_(select(ExportVisit.sha256))
    return session.scalar(_open(select(func.count()).select_from(Revision)).where(carried)) or 0


def weight(session: Session, *, everything: bool) -> tuple[int, int]:
    """Return how many revisions an export would carry and their bytes, line feeds included."""
    query = select(func.count(), func.sum(func.octet_length(Revision.line) + 1)).select_from(
        Revision
    )
    query = query.where(reviews.may_leave())
    count, size = session.execute(query if everything else _open(query)).one()
    return count or 0, size or 0


def sendable(session: Session) -> Iterator[RevisionLine]:
    """Yield every revision that may leave, received or not, in order of completion."""
    yield from _revisions(session, _REVISIONS.where(reviews.may_leave()))


def every_revision(session: Session) -> Iterator[RevisionLine]:
    """Yield every revision ever completed, in order of completion."""
    yield from _revisions(session, _REVISIONS)


def revision(session: Session, sha256: str) -> RevisionLine | None:
    """Return one revision by its hash, or None."""
    return next(_revisions(session, _REVISIONS.where(Revision.sha256 == sha256)), None)


def revisions(session: Session, visit_id: str) -> list[RevisionLine]:
    """Return every revision of a visit, in order of completion."""
    return list(_revisions(session, _REVISIONS.where(Revision.visit_id == visit_id)))


def hashes_of(session: Session, visit_ids: Sequence[str]) -> dict[str, list[str]]:
    """Return the hashes of all revisions of some visits, by visit id; unknown ones are absent."""
    found: dict[str, list[str]] = {}
    columns = select(Revision.visit_id, Revision.sha256).order_by(Revision.seq)
    for start in range(0, len(visit_ids), 500):
        chosen = Revision.visit_id.in_(visit_ids[start : start + 500])
        for visit_id, sha256 in session.execute(columns.where(chosen)):
            found.setdefault(visit_id, []).append(sha256)
    return found


def revision_of(session: Session, visit_id: str, number: int) -> RevisionLine | None:
    """Return one revision of a visit by its number, or None."""
    chosen = _REVISIONS.where(Revision.visit_id == visit_id, Revision.revision == number)
    return next(_revisions(session, chosen), None)


def heads(session: Session) -> list[tuple[str, int, str]]:
    """Return (visit id, revision, hash) of the newest revision of every visit, by visit id."""
    columns = select(VisitRow.visit_id, VisitRow.revision, VisitRow.sha256)
    return list(session.execute(columns.order_by(VisitRow.visit_id)))


def households_of(session: Session, hashes: Iterable[str]) -> dict[str, tuple[str, bool]]:
    """Return, for revisions by hash, (household id, whether it is what stands now).

    What stands is the newest revision of the present period's visit: a late word on an earlier
    period changes no state of this one.
    """
    asked = list(hashes)
    found: dict[str, tuple[str, bool]] = {}
    present = select(Meta.value).where(Meta.key == "period").scalar_subquery()
    stands = (VisitRow.sha256 == Revision.sha256) & (
        VisitRow.period == func.coalesce(present, VisitRow.period)
    )
    query = select(Revision.sha256, VisitRow.household_id, stands).join(
        VisitRow, VisitRow.visit_id == Revision.visit_id
    )
    for start in range(0, len(asked), 500):
        chosen = query.where(Revision.sha256.in_(asked[start : start + 500]))
        for sha256, household_id, newest in session.execute(chosen):
            found[sha256] = (household_id, bool(newest))
    return found


_REVISIONS = (
    select(
        Revision.sha256,
        Revision.visit_id,
        VisitRow.household_id,
        Revision.revision,
        Revision.line,
    )
    .join(VisitRow, VisitRow.visit_id == Revision.visit_id)
    .order_by(Revision.seq)
)


def _open(query: Select[*_Columns]) -> Select[*_Columns]:
    result = RevisionResult
    settled = (result.sha256 == Revision.sha256) & result.result.in_(SETTLED)
    left = query.outerjoin(result, settled).where(result.sha256.is_(None))
    return left.where(reviews.may_leave())


def _revisions(session: Session, query: Select[*tuple[Any, ...]]) -> Iterator[RevisionLine]:
    for row in session.execute(query.execution_options(yield_per=200)):
        yield RevisionLine(*row)


def _visits(session: Session, query: Select[*tuple[Any, ...]]) -> Iterator[Visit]:
    for row in session.execute(query.execution_options(yield_per=200)).mappings():
        yield Visit(
            **{
                **row,
                "confirmations": tuple(Confirmation(**each) for each in row["confirmations"]),
                "attachments": tuple(Attachment(**each) for each in row["attachments"]),
                "persons": tuple(row["persons"]),
            }
        )
