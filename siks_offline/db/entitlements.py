"""What we ask and store about determination lists: who was determined to receive what."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, func, insert, intersect, select, union

from siks_offline.db import tables
from siks_offline.db.tables_matching import Determination, Determined, DeterminedWord
from siks_offline.period import begins

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sqlalchemy import Select
    from sqlalchemy.orm import Session

CHUNK = 20_000


@dataclass(frozen=True, slots=True)
class Listing:
    """One list as it was sent."""

    number: int
    kind: str
    name: str
    period: str
    at: str
    by: str
    rows: int


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of a list; texts, empty where it says nothing. `programs` are codes by spaces."""

    nik: str = ""
    no_kk: str = ""
    nama: str = ""
    alamat: str = ""
    dusun: str = ""
    rt: str = ""
    rw: str = ""
    desa: str = ""
    kecamatan: str = ""
    desil: str = ""
    programs: str = ""
    status: str = ""
    rekening: str = ""
    pengurus: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """A region in which determined people live: desa, dusun or RT; empty parts say nothing."""

    kecamatan: str = ""
    desa: str = ""
    dusun: str = ""
    rw: str = ""
    rt: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """A row that was looked for, with its list's kind, period and name."""

    number: int
    entry: Entry
    kind: str
    period: str
    listing: str


_NAMES = tuple(Entry.__dataclass_fields__)
_ENTRY = tuple(getattr(Determined, name) for name in _NAMES)
_LIST = tuple(getattr(Determination, name) for name in Listing.__dataclass_fields__)
_PLACE = tuple(Place.__dataclass_fields__)
_ROWS = select(
    Determined.number, Determination.kind, Determination.period, Determination.name, *_ENTRY
).join(Determination, Determination.number == Determined.listing)


def known(session: Session, sha256: str) -> bool:
    """Whether a list of this content was loaded before."""
    found = select(Determination.number).where(Determination.sha256 == sha256)
    return session.scalar(found) is not None


def store(
    session: Session,
    *,
    kind: str,
    name: str,
    period: str,
    sha256: str,
    at: str,
    by: str,
    entries: Sequence[tuple[Entry, Iterable[str]]],
) -> int:
    """Store a list, each entry with the words it is found by; return its number."""
    facts = {"kind": kind, "name": name, "period": period, "sha256": sha256, "at": at, "by": by}
    made = insert(Determination).values(**facts, rows=len(entries))
    number = session.scalar(made.returning(Determination.number))
    first = (session.scalar(select(func.max(Determined.number))) or 0) + 1
    rest = iter(enumerate(entries, start=first))
    while chunk := list(islice(rest, CHUNK)):
        rows = [(at_, number, *(getattr(e, n) for n in _NAMES)) for at_, (e, _) in chunk]
        tables.insert_many(session, Determined, ("number", "listing", *_NAMES), rows)
        # The index is a tree of words: sorted, its pages fill one after another.
        words = sorted({(word, at_) for at_, (_, words) in chunk for word in words if word})
        tables.insert_many(session, DeterminedWord, ("word", "number"), words)
    return number or 0


def lists(session: Session) -> list[Listing]:
    """Return the lists, newest period first."""
    found = [Listing(*row) for row in session.execute(select(*_LIST))]
    return sorted(found, key=lambda one: (begins(one.period), one.number), reverse=True)


def forget(session: Session, number: int) -> int:
    """Delete a list; return how many rows it had, 0 when there is none."""
    rows = select(Determined.number).where(Determined.listing == number)
    session.execute(delete(DeterminedWord).where(DeterminedWord.number.in_(rows)))
    session.execute(delete(Determined).where(Determined.listing == number))
    gone = delete(Determination).where(Determination.number == number)
    return session.scalar(gone.returning(Determination.rows)) or 0


def places(session: Session) -> list[Place]:
    """Return the regions that the lists name, in their order; every desa, dusun and RT once."""
    columns = [getattr(Determined, name) for name in _PLACE]
    query = select(*columns).distinct().order_by(*columns)
    return [Place(*row) for row in session.execute(query)]


def find(
    session: Session,
    *,
    words: Sequence[str] = (),
    digits: str = "",
    place: Place | None = None,
    limit: int = 200,
) -> list[Found]:
    """Return rows that match everything asked, at most `limit`, in the order of their lists.

    Every one of `words` must begin a word of the name; `digits` is a whole NIK or No KK, or how one
    begins. Only narrow indexes are walked; rows are read at the end.
    """
    parts: list[Select[Any]] = []
    # The longest first: it is the rarest.
    for word in sorted(words, key=len, reverse=True):
        end = word[:-1] + chr(ord(word[-1]) + 1)
        row = DeterminedWord
        parts.append(select(row.number).where(row.word >= word, row.word < end))
    if digits:
        end = f"{digits}:"  # the sign after 9
        numbered = [
            select(Determined.number).where(column >= digits, column < end)
            for column in (Determined.nik, Determined.no_kk)
        ]
        parts.append(select(union(*numbered).subquery().c.number))
    if place is not None and parts:
        within = select(Determined.number)
        for name in _PLACE:
            if value := getattr(place, name):
                within = within.where(getattr(Determined, name) == value)
        parts.append(within)
    if not parts:
        return []
    chosen: Any = parts[0] if len(parts) == 1 else intersect(*parts)
    shown = list(session.scalars(chosen.limit(limit)))
    query = _ROWS.where(Determined.number.in_(shown)).order_by(Determined.number)
    return [_found(row) for row in session.execute(query)]


def of_person(session: Session, nik: str, no_kk: str) -> list[Found]:
    """Return every row that names a person by NIK, or their family by its card."""
    same = []
    if nik:
        same.append(Determined.nik == nik)
    if no_kk:
        same.append((Determined.no_kk == no_kk) & (Determined.nik == ""))
    found: dict[int, Found] = {}
    for condition in same:
        found.update((one[0], _found(one)) for one in session.execute(_ROWS.where(condition)))
    return sorted(found.values(), key=lambda one: (begins(one.period), one.number), reverse=True)


def row(session: Session, number: int) -> Found | None:
    """Return one row, or None."""
    found = session.execute(_ROWS.where(Determined.number == number)).first()
    return None if found is None else _found(found)


def everyone(session: Session) -> Iterator[Found]:
    """Yield every row of every list."""
    query = _ROWS.order_by(Determined.number).execution_options(yield_per=2_000)
    for one in session.execute(query):
        yield _found(one)


def _found(row: Sequence[Any]) -> Found:
    number, kind, period, name, *rest = row
    return Found(number, Entry(*rest), kind, period, name)
