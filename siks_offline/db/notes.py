"""Remarks on questions: notes, flags, and what a supervisor wants put right."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import delete, func, insert, select, update

from siks_offline.db.tables_entry import Note

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

NOTE, FLAG, RETURN = "catatan", "bendera", "kembali"


@dataclass(frozen=True, slots=True)
class Remark:
    """One remark; open while `settled_at` is empty."""

    number: int
    household_id: str
    path: str
    kind: str
    words: str
    author: str
    at: str
    settled_by: str
    settled_at: str

    @property
    def open(self) -> bool:
        """Whether nobody has settled it yet."""
        return not self.settled_at


_REMARK = tuple(getattr(Note, name) for name in Remark.__dataclass_fields__)


def add(
    session: Session, household_id: str, path: str, kind: str, words: str, *, by: str, at: str
) -> int:
    """Add a remark and return its number."""
    row = insert(Note).values(
        household_id=household_id,
        path=path,
        kind=kind,
        words=words,
        author=by,
        at=at,
        settled_by="",
        settled_at="",
    )
    return int(session.execute(row.returning(Note.number)).scalar_one())


def settle(session: Session, numbers: Sequence[int], *, by: str, at: str) -> int:
    """Settle open remarks; return how many were."""
    chosen = update(Note).where(Note.number.in_(numbers), Note.settled_at == "")
    return len(
        session.scalars(chosen.values(settled_by=by, settled_at=at).returning(Note.number)).all()
    )


def settle_returns(session: Session, household_id: str, *, by: str, at: str) -> int:
    """Settle what a supervisor wanted put right: the household was completed anew."""
    chosen = select(Note.number).where(Note.household_id == household_id, Note.kind == RETURN)
    return settle(session, session.scalars(chosen).all(), by=by, at=at)


def of_household(session: Session, household_id: str) -> tuple[Remark, ...]:
    """Return the open remarks on a household, in the order they were made."""
    query = select(*_REMARK).where(Note.household_id == household_id, Note.settled_at == "")
    return tuple(Remark(*row) for row in session.execute(query.order_by(Note.number)))


def returned(session: Session, ids: Sequence[str]) -> dict[str, tuple[str, str]]:
    """Return (path, words) of the first thing a supervisor still wants put right, by household."""
    found: dict[str, tuple[str, str]] = {}
    query = select(Note.household_id, Note.path, Note.words).order_by(Note.number)
    query = query.where(Note.kind == RETURN, Note.settled_at == "")
    for start in range(0, len(ids), 500):
        chosen = Note.household_id.in_(ids[start : start + 500])
        for household_id, path, words in session.execute(query.where(chosen)):
            found.setdefault(household_id, (path, words))
    return found


def history(session: Session, household_id: str) -> tuple[Remark, ...]:
    """Return all remarks ever made on a household, in the order they were made."""
    query = select(*_REMARK).where(Note.household_id == household_id)
    return tuple(Remark(*row) for row in session.execute(query.order_by(Note.number)))


def flagged(session: Session) -> dict[str, int]:
    """Return how many open flags each flagged household has."""
    query = select(Note.household_id, func.count()).where(Note.kind == FLAG, Note.settled_at == "")
    return dict(session.execute(query.group_by(Note.household_id)).all())


def member_removed(session: Session, household_id: str, entry: str) -> int:
    """Follow a member ("anggota[2]") that went: its remarks go, those behind it move up a place.

    Returns how many remarks went.
    """
    repeat, _, rest = entry.partition("[")
    gone = int(rest.rstrip("]"))
    place = re.compile(rf"{re.escape(repeat)}\[(\d+)\](.*)")
    rows = select(Note.number, Note.path).where(Note.household_id == household_id)
    went = 0
    for number, path in session.execute(rows).all():
        found = place.fullmatch(path)
        if found is None or int(found[1]) < gone:
            continue
        if int(found[1]) == gone:
            session.execute(delete(Note).where(Note.number == number))
            went += 1
            continue
        moved = f"{repeat}[{int(found[1]) - 1}]{found[2]}"
        session.execute(update(Note).where(Note.number == number).values(path=moved))
    return went
