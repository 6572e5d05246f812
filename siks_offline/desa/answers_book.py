"""A village's answers out to Excel, to look at or to fill there, and back in as drafts."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

from siks_offline.desa import visit
from siks_offline.desa.rights import action
from siks_offline.errors import SiksError, StoreError, WorkbookError
from siks_offline.instrument import promoted
from siks_offline.model import CellIssue, Changes
from siks_offline.progress import silent

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime
    from pathlib import Path

    from sqlalchemy.orm import Session

    from siks_offline.db.drafts import Draft
    from siks_offline.desa.village import Village
    from siks_offline.export.answers_reading import Book, BookHousehold
    from siks_offline.instrument.engine import FormState
    from siks_offline.progress import Progress

Layout = Literal["instrumen", "udrt"]


@dataclass(frozen=True, slots=True)
class Written:
    """What a workbook holds; of those, `unlisted` have no IDBDT (only counted for udrt)."""

    households: int
    unlisted: int = 0


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of the households of a workbook, and what is wrong with its cells."""

    saved: tuple[str, ...]
    unchanged: int
    refused: int
    issues: tuple[CellIssue, ...]


@action
def write(
    village: Village,
    path: Path,
    now: datetime,
    layout: Layout = "instrumen",
    progress: Progress = silent,
) -> Written:
    """Write answers as Excel: all households as the instrument has them, or UDRT and UDART.

    The ministry's layout takes completed visits of the present period only. The file is not
    encrypted, so the audit keeps that it was made. Raises FileError, WorkbookError E_BOOK_ROWS.
    """
    from siks_offline.db import audit
    from siks_offline.export import answers_book, udrt_book
    from siks_offline.export.canonical import stamp

    with village.store.read() as session:
        if layout == "udrt":
            found = udrt_book.write(
                path, village.instrument, _completed(village, session), progress
            )
            written = Written(found.households, found.unlisted)
        else:
            rows = (
                answers_book.Household(id_, answers) for id_, answers in _standing(village, session)
            )
            written = Written(answers_book.write(path, village.instrument, rows, progress))
    with village.store.write() as session:
        audit.append(
            session,
            account=village.account,
            action="jawaban.excel",
            at=stamp(now),
            subject=path.name,
            detail={"tata_letak": layout, "rumah_tangga": written.households},
        )
    return written


@action
def load(
    village: Village, path: Path, now: datetime, progress: Progress = silent
) -> tuple[Taken, Changes]:
    """Take changed households of a workbook in as drafts; what nobody changed stays as it is.

    A household is refused, with an issue, when its answers here have changed since the workbook was
    written, when a cell of it could not be taken, or when another account is writing it. Raises
    what answers_reading.read raises.
    """
    from siks_offline.desa import copies
    from siks_offline.export import answers_reading, answers_sheets

    book = answers_reading.read(path, village.instrument, progress)
    copies.keep(village, "impor", now)
    with village.store.read() as session:
        standing = {
            id_: answers_sheets.seal(answers) for id_, answers in _standing(village, session)
        }
    issues = list(book.issues)
    saved: list[str] = []
    unchanged = refused = 0
    changes = Changes()
    for done, one in enumerate(book.households, start=1):
        fault = _refusal(one, standing.get(one.id))
        if fault is None and (
            not one.touched or standing[one.id] == answers_sheets.seal(one.answers)
        ):
            unchanged += 1
            continue
        if fault is None:
            try:
                state, changed = _save(village, one, now)
            except StoreError as error:
                fault = error
            else:
                saved.append(one.id)
                changes |= changed
                issues += _issues(book, village, one.id, state)
        if fault is not None:
            refused += 1
            issues.append(
                CellIssue(
                    one.sheet, one.row, answers_sheets.KEY, fault.code, fault.message, fault.remedy
                )
            )
        progress(done, len(book.households))
    found = tuple(answers_reading.by_place(issues))
    return Taken(tuple(saved), unchanged, refused, found), changes


def _refusal(one: BookHousehold, standing: str | None) -> SiksError | None:
    if standing is None:
        return StoreError("E_HOUSEHOLD_UNKNOWN", id=one.id)
    if one.lost:
        return WorkbookError("E_BOOK_LOST")
    if one.touched and one.seal and one.seal != standing:
        return WorkbookError("E_BOOK_CHANGED")
    return None


def _save(village: Village, one: BookHousehold, now: datetime) -> tuple[FormState, Changes]:
    """Make a draft of a row, under the questionnaire that the visit has been answered with."""
    opened = visit.open_visit(village, one.id, now)
    before = opened.state
    columns = village.instrument.owner
    answers = _merged(before.answers(), _known(before.instrument.owner, one.answers), columns)
    state = type(before)(before.instrument, answers, now=now, confirmations=before.confirmations)
    state.lookup = before.lookup
    written = replace(opened, state=state).snapshot()
    return state, visit.save_draft(village, one.id, written, None, now)


def _merged(
    before: Mapping[str, Any], after: Mapping[str, Any], columns: Mapping[str, str]
) -> dict[str, Any]:
    """Return what the workbook says, and beside it the answers for which it has no column."""
    found = {name: value for name, value in before.items() if name not in columns} | dict(after)
    for name, members in after.items():
        old = before.get(name, ())
        if not isinstance(members, str) and len(old) == len(members):
            found[name] = [
                _merged(was, one, columns) for was, one in zip(old, members, strict=True)
            ]
    return found


def _issues(book: Book, village: Village, id_: str, state: FormState) -> Iterator[CellIssue]:
    """Yield the limits that answers of a household break, by cell; what is unanswered is no fault.

    Shapes and codes were judged when the cells were read.
    """
    from siks_offline.export import answers_reading
    from siks_offline.instrument.words import LIMIT

    for issue in state.issues():
        if issue.rule != LIMIT:
            continue
        place = answers_reading.place_of(book, village.instrument, id_, issue.path)
        if place is not None:
            error = WorkbookError("E_BOOK_LIMIT", pesan=issue.message)
            yield CellIssue(*place, error.code, error.message, error.remedy)


def _standing(village: Village, session: Session) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield each household with the answers that a visit would open with, in order of arrival."""
    from siks_offline.db import households, visits

    instrument = village.instrument
    mine = (instrument.id, instrument.version)
    repeats = tuple(instrument.repeats)
    completed = {one.household_id: one.answers for one in visits.completed(session, village.period)}
    begun = households.begun(session)
    for id_ in households.find(session, order="seq"):
        draft = _draft(session, id_, mine) if id_ in begun else None
        answers: Mapping[str, Any]
        if draft is not None:
            answers = visit.unflatten(draft.rows, repeats)
        else:
            answers = completed.get(id_) or households.prelist_answers(session, id_)
        yield id_, _known(instrument.owner, answers)


def _draft(session: Session, household_id: str, mine: tuple[str, str]) -> Draft | None:
    """Return the draft a visit goes on with: of the questionnaire in use, else the newest."""
    from siks_offline.db import drafts

    names = drafts.versions(session, household_id)
    if not names:
        return None
    return drafts.read(session, household_id, *(mine if mine in names else names[0]))


def _known(
    owner: Mapping[str, str], answers: Mapping[str, Any], repeat: str = ""
) -> dict[str, Any]:
    """Return the answers that the present instrument asks for; others have no column."""
    found: dict[str, Any] = {}
    for name, value in answers.items():
        if owner.get(name) != repeat or not value:
            continue
        found[name] = (
            value if isinstance(value, str) else [_known(owner, one, name) for one in value]
        )
    return found


def _completed(village: Village, session: Session) -> Iterator[Any]:
    from siks_offline.db import households, visits
    from siks_offline.export.udrt_book import Household

    listed = {id_: idbdt for idbdt, id_ in households.ids_by_idbdt(session).items()}
    for one in visits.completed(session, village.period):
        idbdt = listed.get(one.household_id) or one.answers.get(promoted.IDBDT, "")
        yield Household(one.household_id, idbdt, one.answers)
