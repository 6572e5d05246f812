"""What was thrown away: kept in the file until enough days of work have passed."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from sqlalchemy import Text, cast, delete, func, insert, select, update

from siks_offline.db import tables
from siks_offline.db.tables_bin import BinPhoto, BinRow
from siks_offline.db.tables_meeting import ProposalRow, RecordRow

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sqlalchemy import Select
    from sqlalchemy.orm import Session


@dataclass(frozen=True, slots=True)
class Thrown:
    """One thing in the bin; `day` is the counted day of work on which it came there."""

    kind: str
    household_id: str
    label: str
    content: Mapping[str, Any] = field(repr=False)
    at: str
    by: str
    day: int
    number: int = 0


_COLUMNS = tuple(getattr(BinRow, name) for name in Thrown.__dataclass_fields__)


def throw(session: Session, thrown: Thrown) -> int:
    """Put something into the bin and return its number."""
    number = (session.scalar(select(func.max(BinRow.number))) or 0) + 1
    session.execute(insert(BinRow).values({**asdict(thrown), "number": number}))
    return number


def everything(session: Session, household_id: str | None = None) -> list[Thrown]:
    """Return what lies in the bin, newest first, of one household or of all."""
    query = select(*_COLUMNS).order_by(BinRow.number.desc())
    if household_id is not None:
        query = query.where(BinRow.household_id == household_id)
    return [Thrown(**row) for row in session.execute(query).mappings()]


def find(session: Session, number: int) -> Thrown | None:
    """Return one thing of the bin, or None."""
    row = session.execute(select(*_COLUMNS).where(BinRow.number == number)).mappings().first()
    return None if row is None else Thrown(**row)


def forget(session: Session, numbers: Iterable[int]) -> int:
    """Take things out of the bin for good, their photos too; return how many."""
    asked = list(numbers)
    for start in range(0, len(asked), 500):
        chosen = asked[start : start + 500]
        session.execute(delete(BinPhoto).where(BinPhoto.number.in_(chosen)))
        session.execute(delete(BinRow).where(BinRow.number.in_(chosen)))
    return len(asked)


def before_day(session: Session, day: int) -> list[int]:
    """Return the numbers of what was thrown away on this counted day or earlier."""
    return list(session.scalars(select(BinRow.number).where(BinRow.day <= day)))


def move_photos(session: Session, number: int, hashes: Iterable[str]) -> list[str]:
    """Move photos that nothing else names beside a thing in the bin; return which were moved."""
    moved = []
    photo = tables.AttachmentRow
    for sha256 in dict.fromkeys(hashes):
        row = session.get(photo, sha256)
        if row is None or _named(session, sha256):
            continue
        session.execute(
            insert(BinPhoto).values(
                number=number,
                sha256=sha256,
                extension=row.extension,
                kind=row.kind,
                household_id=row.household_id,
                content=row.content,
            )
        )
        session.delete(row)
        session.flush()
        moved.append(sha256)
    return moved


def photos_back(session: Session, number: int) -> list[str]:
    """Move the photos of a thing in the bin back among the others; return their hashes."""
    rows = session.scalars(select(BinPhoto).where(BinPhoto.number == number)).all()
    for row in rows:
        _bring_back(session, row)
        session.delete(row)
    session.flush()
    return [row.sha256 for row in rows]


def _bring_back(session: Session, row: BinPhoto) -> None:
    if session.get(tables.AttachmentRow, row.sha256) is None:
        session.add(
            tables.AttachmentRow(
                sha256=row.sha256,
                extension=row.extension,
                kind=row.kind,
                household_id=row.household_id,
                received=False,
                content=row.content,
            )
        )


def with_photo(session: Session, sha256: str, household_id: str) -> int | None:
    """Return the number under which this photo itself of a household lies in the bin, or None.

    A draft or a household that was thrown away with it is another thing.
    """
    found = (
        select(BinPhoto.number)
        .join(BinRow, BinRow.number == BinPhoto.number)
        .where(BinPhoto.sha256 == sha256, BinRow.kind == "foto")
        .where(BinRow.household_id == household_id)
    )
    return session.scalar(found.limit(1))


def photo_back(session: Session, sha256: str) -> None:
    """Bring a photo back that lies in the bin only; the thing that it lies with stays there."""
    row = session.scalar(select(BinPhoto).where(BinPhoto.sha256 == sha256).limit(1))
    if row is not None:
        _bring_back(session, row)
        session.flush()


def give_on(session: Session, household_id: str) -> None:
    """Leave the photos of a household that goes to others that name them: each is here once."""
    photo = tables.AttachmentRow
    for sha256 in session.scalars(select(photo.sha256).where(photo.household_id == household_id)):
        asked = _naming(sha256)
        homes = {one for query in asked for one in session.scalars(query)} - {household_id}
        if homes:
            heir = update(photo).where(photo.sha256 == sha256)
            session.execute(heir.values(household_id=min(homes)))


def _naming(sha256: str) -> tuple[Select[Any], ...]:
    """Return queries for the households whose draft, visit or proposal names a photo."""
    value, line = tables.DraftValue, tables.Revision
    return (
        select(value.household_id).where(value.value.startswith(sha256)),
        select(tables.VisitRow.household_id)
        .join(line, line.visit_id == tables.VisitRow.visit_id)
        .where(line.line.contains(f'"{sha256}')),
        select(ProposalRow.household_id).where(
            cast(ProposalRow.answers, Text).contains(f'"{sha256}')
        ),
    )


def _named(session: Session, sha256: str) -> bool:
    """Whether a bundle carried a photo, or a visit, a draft or a proposal names it."""
    sent = select(tables.ExportAttachment.sha256).where(tables.ExportAttachment.sha256 == sha256)
    frozen = select(RecordRow.seq).where(RecordRow.line.contains(f'"{sha256}'))
    asked = (sent, frozen, *_naming(sha256))
    return any(session.scalar(one.limit(1)) is not None for one in asked)
