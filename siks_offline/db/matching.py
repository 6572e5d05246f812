"""What we ask and store about matching results: what a source said, what was decided."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, Any, Literal

from sqlalchemy import and_, func, insert, select, update
from sqlalchemy.dialects.sqlite import insert as upsert

from siks_offline.db.tables import Household, HouseholdPrelist, PersonIndex, VisitRow
from siks_offline.db.tables_matching import MatchDifference, MatchFile, MatchRow
from siks_offline.model import Person

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from sqlalchemy.orm import Session

Decision = Literal["belum", "diterima", "ditolak", "kunjungan", "diganti"]
CHUNK = 500


@dataclass(frozen=True, slots=True)
class Known:
    """A person of the village and the household; position 0 is a head without listed members."""

    household_id: str
    position: int
    person: Person
    head: bool
    alamat: str


@dataclass(frozen=True, slots=True)
class Point:
    """One thing in which a source and the village differ; `likeness` 0-100 for names."""

    field: str
    ours: str
    theirs: str
    likeness: int = 0
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Matched:
    """What a source says of one person, and where that differs."""

    household_id: str
    person_id: str
    nik: str
    result: str
    said: Mapping[str, str]
    fingerprint: str
    points: tuple[Point, ...] = ()
    spoken: frozenset[str] = frozenset()
    """Fields of which it says anything: what it said earlier of these is replaced."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A difference as lists show it; `ours` is what the village knows now."""

    number: int
    kind: str
    household_id: str
    person_id: str
    position: int
    nama: str
    nik: str
    field: str
    ours: str
    theirs: str
    likeness: int
    detail: str
    decision: Decision
    reason: str
    at: str
    by: str
    nama_krt: str
    dusun: str
    rt: str
    rw: str


@dataclass(frozen=True, slots=True)
class Stored:
    """What a load did: how many persons and differences are new."""

    persons: int = 0
    differences: int = 0
    households: frozenset[str] = field(default_factory=frozenset)


_PERSON = tuple(getattr(PersonIndex, name) for name in Person.__dataclass_fields__)
_LIVE = {
    "nik": (PersonIndex.nik, Household.nik_krt),
    "no_kk": (PersonIndex.no_kk, Household.no_kk),
    "nama": (PersonIndex.nama, Household.nama_krt),
    "tanggal_lahir": (PersonIndex.tanggal_lahir, None),
    "jenis_kelamin": (PersonIndex.jenis_kelamin, None),
    "alamat": (Household.alamat, Household.alamat),
}
"""Fields of which the lists keep what is known now: of a member, of a head alone."""


def people(session: Session) -> list[Known]:
    """Return everybody whom the village knows, household by household in order of arrival."""
    row = PersonIndex
    query = (
        select(row.household_id, row.position, Household.nik_krt, Household.alamat, *_PERSON)
        .join(Household, Household.id == row.household_id)
        .order_by(Household.seq, row.position)
    )
    found = [
        Known(
            household_id,
            position,
            person := Person(*rest),
            person.nik == nik_krt and bool(nik_krt),
            alamat,
        )
        for household_id, position, nik_krt, alamat, *rest in session.execute(query)
    ]
    listed = {one.household_id for one in found}
    home = Household
    columns = (home.id, home.nik_krt, home.no_kk, home.nama_krt, home.alamat)
    found += [
        Known(id_, 0, Person("", nik, no_kk, nama, "", ""), True, alamat)
        for id_, nik, no_kk, nama, alamat in session.execute(select(*columns).order_by(home.seq))
        if id_ not in listed
    ]
    return found


def person(session: Session, household_id: str, person_id: str) -> Person | None:
    """Return a person as last known; with an empty id the head alone. None when gone."""
    if not person_id:
        home = Household
        columns = (home.nik_krt, home.no_kk, home.nama_krt)
        found = session.execute(select(*columns).where(home.id == household_id)).first()
        return Person("", *found, "", "") if found else None
    row = PersonIndex
    query = select(*_PERSON).where(row.household_id == household_id, row.id == person_id)
    named = session.execute(query).first()
    return Person(*named) if named else None


def answers(
    session: Session, household_ids: Iterable[str], period: str
) -> dict[str, Mapping[str, Any]]:
    """Return what was last answered of these households, else what the prelist knew."""
    import json

    found: dict[str, Mapping[str, Any]] = {}
    for ids in _chunks(household_ids):
        prelist = select(HouseholdPrelist.household_id, HouseholdPrelist.answers)
        for id_, text in session.execute(prelist.where(HouseholdPrelist.household_id.in_(ids))):
            found[id_] = json.loads(text)
        visits = select(VisitRow.household_id, VisitRow.answers).where(VisitRow.period == period)
        found.update(session.execute(visits.where(VisitRow.household_id.in_(ids))).all())
    return found


def fingerprints(session: Session, kind: str) -> dict[tuple[str, str], str]:
    """Return under which hash each person's newest result of a source was stored."""
    row = MatchRow
    query = select(row.household_id, row.person_id, row.fingerprint).where(row.kind == kind)
    return {(household, one): mark for household, one, mark in session.execute(query)}


def store(
    session: Session, kind: str, name: str, at: str, by: str, rows: Sequence[Matched]
) -> Stored:
    """Store what a file says; the same again changes nothing, and decisions stay.

    Where a source now says something else of a field, what it said before is `diganti`; what it
    says again after that is open once more.
    """
    known = fingerprints(session, kind)
    fresh = [one for one in rows if known.get((one.household_id, one.person_id)) != one.fingerprint]
    if not fresh:
        return Stored()
    file = session.scalar(
        insert(MatchFile)
        .values(kind=kind, name=name, at=at, by=by, rows=len(fresh))
        .returning(MatchFile.number)
    )
    row = upsert(MatchRow)
    changed = ("file", "nik", "result", "said", "fingerprint")
    row = row.on_conflict_do_update(
        index_elements=["kind", "household_id", "person_id"],
        set_={name: getattr(row.excluded, name) for name in changed},
    )
    values = [
        {
            "kind": kind,
            "household_id": one.household_id,
            "person_id": one.person_id,
            "file": file,
            "nik": one.nik,
            "result": one.result,
            "said": dict(one.said),
            "fingerprint": one.fingerprint,
        }
        for one in fresh
    ]
    session.execute(row, values)
    added = _store_points(session, kind, fresh)
    return Stored(len(fresh), added, frozenset(one.household_id for one in fresh))


def _store_points(session: Session, kind: str, fresh: Sequence[Matched]) -> int:
    """Store where rows differ, in few statements for many; return how many are to be decided."""
    row = MatchDifference
    columns = (row.household_id, row.person_id, row.field, row.theirs, row.number, row.decision)
    before: dict[tuple[str, str], dict[tuple[str, str], tuple[int, str]]] = {}
    for household, person_, name, theirs, number, decision in session.execute(
        select(*columns).where(row.kind == kind)
    ):
        before.setdefault((household, person_), {})[name, theirs] = (number, decision)
    new, again, gone = [], [], []
    for one in fresh:
        mine = before.get((one.household_id, one.person_id), {})
        now = {(point.field, point.theirs) for point in one.points}
        gone += [
            number
            for what, (number, decision) in mine.items()
            if what not in now and decision == "belum" and what[0] in one.spoken
        ]
        for point in one.points:
            found = mine.get((point.field, point.theirs))
            if found is None:
                facts = {name: getattr(point, name) for name in Point.__dataclass_fields__}
                who = {"household_id": one.household_id, "person_id": one.person_id}
                rest = {"decision": "belum", "reason": "", "at": "", "by": ""}
                new.append({"kind": kind, **who, **facts, **rest})
            elif found[1] == "diganti":
                again.append(found[0])
    for numbers, decision in ((gone, "diganti"), (again, "belum")):
        for start in range(0, len(numbers), CHUNK):
            chosen = update(row).where(row.number.in_(numbers[start : start + CHUNK]))
            session.execute(chosen.values(decision=decision, reason=""))
    if new:
        session.execute(insert(row), new)
    return len(new) + len(again)


def differences(
    session: Session,
    *,
    decision: Decision | None = None,
    numbers: Sequence[int] = (),
) -> list[Difference]:
    """Return differences in order of RW, RT and household; those that were replaced are left out.

    One that a visit has settled meanwhile (both say the same now) is left out too while it is
    `belum`.
    """
    row, who = MatchDifference, PersonIndex
    home = Household
    query = (
        select(
            row.number, row.kind, row.household_id, row.person_id, who.position, row.field,
            row.ours, row.theirs, row.likeness, row.detail, row.decision, row.reason, row.at,
            row.by, home.nama_krt, home.dusun, home.rt, home.rw, home.nik_krt, home.no_kk,
            home.alamat, who.nama, who.nik, who.no_kk, who.tanggal_lahir, who.jenis_kelamin,
        )
        .join(home, home.id == row.household_id)
        .outerjoin(who, and_(who.household_id == row.household_id, who.id == row.person_id))
        .order_by(home.rw, home.rt, home.nama_krt, home.seq, who.position, row.number)
    )  # fmt: skip
    if decision is not None:
        query = query.where(row.decision == decision)
    else:
        query = query.where(row.decision != "diganti")
    if numbers:
        query = query.where(row.number.in_(numbers))
    found = []
    for one in session.execute(query).mappings():
        member = one[who.nama] is not None
        live = _live(one, member)
        ours = live if live is not None else one["ours"]
        if one["decision"] == "belum" and live is not None and live == one["theirs"]:
            continue
        found.append(
            Difference(
                number=one["number"],
                kind=one["kind"],
                household_id=one["household_id"],
                person_id=one["person_id"],
                position=one["position"] or 0,
                nama=one[who.nama] if member else one["nama_krt"],
                nik=one[who.nik] if member else one["nik_krt"],
                field=one["field"],
                ours=ours,
                theirs=one["theirs"],
                likeness=one["likeness"],
                detail=one["detail"],
                decision=one["decision"],
                reason=one["reason"],
                at=one["at"],
                by=one["by"],
                nama_krt=one["nama_krt"],
                dusun=one["dusun"],
                rt=one["rt"],
                rw=one["rw"],
            )
        )
    return found


def _live(one: Mapping[Any, Any], member: bool) -> str | None:
    """Return what the lists know of a difference's field now, None where they do not say."""
    columns = _LIVE.get(one["field"])
    if columns is None:
        return None
    column = columns[0] if member else columns[1]
    if column is None or (not member and one["person_id"]):
        return None
    found: str | None = one[column]
    return found


def decide(
    session: Session, numbers: Sequence[int], decision: Decision, reason: str, at: str, by: str
) -> None:
    """Note what a person decided about differences."""
    row = MatchDifference
    chosen = update(row).where(row.number.in_(numbers))
    session.execute(chosen.values(decision=decision, reason=reason, at=at, by=by))


def counts(session: Session) -> dict[str, int]:
    """Return how many differences stand in each state, settled ones still counted."""
    row = MatchDifference
    return dict(session.execute(select(row.decision, func.count()).group_by(row.decision)).all())


def results(session: Session, kind: str) -> list[tuple[str, str, str, str]]:
    """Return (household id, person id, NIK asked about, result) of everybody a source spoke of."""
    row = MatchRow
    query = select(row.household_id, row.person_id, row.nik, row.result).where(row.kind == kind)
    return [(a, b, c, d) for a, b, c, d in session.execute(query.order_by(row.number))]


def _chunks(ids: Iterable[str]) -> Iterator[list[str]]:
    rest = iter(ids)
    while chunk := list(islice(rest, CHUNK)):
        yield chunk
