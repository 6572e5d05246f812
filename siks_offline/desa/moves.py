"""Households and families through time: members move, households split and merge, some fall out.

The register's id stays with the person (IDARTBDT), not with the family card: who moves takes it
along. Everything is told in a list of changes that is never altered, and travels as records.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from siks_offline.desa.proposals import note
from siks_offline.desa.rights import action
from siks_offline.errors import StoreError
from siks_offline.instrument import promoted
from siks_offline.meeting import UNFIT
from siks_offline.model import Changes

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from siks_offline.db.moves import Move
    from siks_offline.desa.village import Village
    from siks_offline.model import HouseholdLine, Person

NEW: Final = ""
"""Instead of a target: a household that is yet to be made."""


@dataclass(frozen=True, slots=True)
class Home:
    """A household as the dialog of changes shows it."""

    line: HouseholdLine
    persons: tuple[Person, ...]
    told: tuple[Move, ...]
    """What became of it and its members, oldest first."""


@dataclass(frozen=True, slots=True)
class Preview:
    """What a move would do; nothing was written.

    `source` and `target` are (name of the head, members before, members after); the target of a
    split has no name yet. `families` counts those that go whole.
    """

    names: tuple[str, ...]
    source: tuple[str, int, int]
    target: tuple[str, int, int]
    families: int


@action
def read(village: Village, household_id: str) -> Home:
    """Return a household with its members and what became of them."""
    from siks_offline.db import households, moves

    with village.store.read() as session:
        line = households.line(session, household_id)
        if line is None:
            raise StoreError("E_HOUSEHOLD_UNKNOWN", id=household_id)
        persons = tuple(households.persons(session, household_id))
        return Home(line, persons, tuple(moves.of_household(session, household_id)))


@action
def preview(village: Village, source: str, persons: Collection[str], target: str) -> Preview:
    """Return what moving members would do; `target` NEW stands for a household of their own.

    Raises what doing it would raise.
    """
    with village.store.read() as session:
        plan = _plan(session, source, persons, target)
    of, to = plan.homes[source], plan.homes.get(target)
    before, stay, go = len(plan.there), len(plan.staying), len(plan.going)
    cards = {one.no_kk for one in plan.going if one.no_kk}
    return Preview(
        names=tuple(one.nama for one in plan.going),
        source=(of.nama_krt, before, stay),
        target=(to.nama_krt if to else "", len(plan.here), len(plan.here) + go),
        families=len(cards - {one.no_kk for one in plan.staying}),
    )


@action
def history(village: Village, household_id: str) -> list[Move]:
    """Return what became of a household and its members, oldest first."""
    from siks_offline.db import moves

    with village.store.read() as session:
        return moves.of_household(session, household_id)


@action
def move_members(
    village: Village,
    source: str,
    persons: Collection[str],
    target: str,
    now: datetime,
    *,
    kind: str = "pindah_anggota",
) -> Changes:
    """Move members, by their person ids, from one household to another.

    Raises StoreError E_HOUSEHOLD_UNKNOWN, E_MOVE_BEGUN once a visit of either has begun (its own
    questions tell of members then), E_MOVE_NOBODY.
    """
    with village.store.write() as session:
        _move(session, village, source, persons, target, now, kind)
    return Changes(households=frozenset({source, target}), prelist=True, handover=True)


@action
def split(
    village: Village, source: str, persons: Collection[str], now: datetime
) -> tuple[str, Changes]:
    """Let members form a household of their own; return its id. Raises as move_members."""
    from siks_offline.db import households
    from siks_offline.export import identity

    fresh = identity.uuid7(now)
    with village.store.write() as session:
        line = _plan(session, source, persons, NEW).homes[source]
        facts = households.Facts(alamat=line.alamat, dusun=line.dusun, rt=line.rt, rw=line.rw)
        own = _of_place(households.prelist_answers(session, source))
        home = households.Listed(id=fresh, facts=facts, source="usulan", answers=own)
        households.upsert_many(session, [home])
        _move(session, village, source, persons, fresh, now, "pecah")
    return fresh, Changes(households=frozenset({source, fresh}), prelist=True, handover=True)


@action
def merge(village: Village, source: str, target: str, now: datetime) -> Changes:
    """Let all members of a household live in another; the empty one stays on the agenda.

    The musyawarah says of it that it is double, so every household is still counted once.
    """
    from siks_offline.db import households

    with village.store.write() as session:
        everybody = [one.id for one in households.persons(session, source)]
        _move(session, village, source, everybody, target, now, "gabung")
    return Changes(households=frozenset({source, target}), prelist=True, handover=True)


@action
def mark_unfit(
    village: Village, household_id: str, reason: str, words: str, now: datetime
) -> Changes:
    """Note that a household is no longer fit, and why. Raises StoreError E_UNFIT_REASON."""
    from siks_offline.db import households
    from siks_offline.db.moves import Move
    from siks_offline.export import canonical

    said = " ".join(canonical.normalise_text(words)[0].split())[:500]
    if reason not in UNFIT or (reason == "lainnya" and not said):
        raise StoreError("E_UNFIT_REASON")
    with village.store.write() as session:
        if households.line(session, household_id) is None:
            raise StoreError("E_HOUSEHOLD_UNKNOWN", id=household_id)
        one = Move(village.period, "tidak_layak", household_id, reason=reason, note=said)
        _tell(session, village, one, now)
        note(session, village, now, "rumah_tangga.tidak_layak", household_id, {"alasan": reason})
    return Changes(households=frozenset({household_id}), handover=True)


@dataclass(frozen=True, slots=True)
class _Plan:
    """Who goes, who stays, and who is there already."""

    homes: dict[str, HouseholdLine]
    there: Sequence[Person]
    here: Sequence[Person]
    going: list[Person]
    staying: list[Person]


def _plan(session: Session, source: str, persons: Collection[str], target: str) -> _Plan:
    from siks_offline.db import households

    asked = [id_ for id_ in (source, target) if id_ != NEW]
    homes = dict(households.lines(session, asked))
    for id_ in asked:
        if id_ not in homes:
            raise StoreError("E_HOUSEHOLD_UNKNOWN", id=id_)
        if homes[id_].kerja != "belum":
            raise StoreError("E_MOVE_BEGUN", nama=homes[id_].nama_krt)
    there = households.persons(session, source)
    here = households.persons(session, target) if target != NEW else ()
    going = [one for one in there if one.id in persons]
    staying = [one for one in there if one.id not in persons]
    if not going or source == target or (target == NEW and not staying):
        raise StoreError("E_MOVE_NOBODY")
    return _Plan(homes, there, here, going, staying)


def _move(
    session: Session,
    village: Village,
    source: str,
    persons: Collection[str],
    target: str,
    now: datetime,
    kind: str,
) -> None:
    from siks_offline.db import households
    from siks_offline.db.moves import Move

    plan = _plan(session, source, persons, target)
    told = {id_: households.prelist_answers(session, id_) for id_ in (source, target)}
    answers = _members_of(session, village, source, told[source], plan.there)
    here = _members_of(session, village, target, told[target], plan.here)
    moved = [answers[one.id] for one in plan.going]
    kept = [answers[one.id] for one in plan.staying]
    old, new = _families(told[source], kept, moved), _arriving(told[target], moved)
    joined = [*(here[one.id] for one in plan.here), *moved]
    _keep(session, source, told[source] | old, kept, plan.staying)
    _keep(session, target, told[target] | new, joined, [*plan.here, *plan.going])
    for one in plan.going:
        _tell(session, village, Move(village.period, kind, source, one.id, target), now)
    detail = {"jenis": kind, "ke": target, "orang": [one.id for one in plan.going]}
    note(session, village, now, "rumah_tangga.pindah_anggota", source, detail)


def counted(session: Session, period: str) -> Counter[str]:
    """Count what became of households in a period, in words; a split or merge is one."""
    from siks_offline import texts
    from siks_offline.db import moves

    whole = {
        (one.kind, one.subject, one.reason, one.other if one.kind in ("pecah", "gabung") else n)
        for n, one in enumerate(moves.of_period(session, period))
    }
    found: Counter[str] = Counter()
    for kind, _, reason, _ in whole:
        words = texts.text(f"perubahan.jenis.{kind}")
        found[f"{words}: {texts.text(f'perubahan.alasan.{reason}')}" if reason else words] += 1
    return found


def _tell(session: Session, village: Village, one: Move, now: datetime) -> None:
    """Add a change to the list, and the record of it that travels."""
    from siks_offline.db import moves, records
    from siks_offline.export import canonical, identity, meeting_records

    whole = replace(one, by=village.account, at=canonical.stamp(now))
    moves.add(session, whole)
    record_id = identity.uuid7(now)
    body = {
        "at": whole.at,
        "by": whole.by,
        "household_id": whole.subject,
        "kind": whole.kind,
        "kode_desa": village.kode_desa,
        "note": whole.note,
        "other": whole.other,
        "period": whole.period,
        "person_id": whole.person_id,
        "reason": whole.reason,
        "record_id": record_id,
        "revision": 1,
    }
    sha256, raw = meeting_records.seal("moves", body)
    records.add(session, [records.Line(sha256, "moves", record_id, 1, whole.period, raw.decode())])


def _families(
    answers: dict[str, Any], kept: Sequence[dict[str, str]], moved: Sequence[dict[str, str]]
) -> dict[str, Any]:
    """Return the families that a household still has: one that left whole is gone."""
    number = promoted.FAMILY_OF_MEMBER
    gone = {one.get(number) for one in moved} - {one.get(number) for one in kept}
    listed = answers.get(promoted.FAMILIES) or []
    return {
        promoted.FAMILIES: [
            one for one in listed if one.get(promoted.FAMILY_NUMBER) not in gone - {None}
        ]
    }


def _arriving(answers: dict[str, Any], moved: Sequence[dict[str, str]]) -> dict[str, Any]:
    """Number the families of those who arrive; a family card that is here already is joined.

    The members in `moved` are given their new family number.
    """
    listed = [dict(one) for one in answers.get(promoted.FAMILIES) or []]
    numbers = {
        one[promoted.FAMILY_NO_KK]: one[promoted.FAMILY_NUMBER]
        for one in listed
        if one.get(promoted.FAMILY_NO_KK) and one.get(promoted.FAMILY_NUMBER)
    }
    taken = [int(n) for one in listed if (n := one.get(promoted.FAMILY_NUMBER, "")).isdecimal()]
    top = max(taken, default=0)
    for one in moved:
        card = one.get(promoted.NO_KK, "")
        family = card or f"#{one.get(promoted.FAMILY_OF_MEMBER, '')}"
        if family == "#":
            continue
        if family not in numbers:
            top += 1
            numbers[family] = str(top)
            listed.append({promoted.FAMILY_NUMBER: str(top)} | (
                {promoted.FAMILY_NO_KK: card} if card else {}
            ))  # fmt: skip
        one[promoted.FAMILY_OF_MEMBER] = numbers[family]
    return {promoted.FAMILIES: listed}


def _members_of(
    session: Session,
    village: Village,
    household_id: str,
    told: dict[str, Any],
    known: Sequence[Person],
) -> dict[str, dict[str, str]]:
    """Return what was known of each member, by person id.

    An earlier period's visit may have found others than the list tells of, so a place in it says
    nothing of who somebody is. Whom it lacks that visit knew; `told` is given their families.
    """
    from siks_offline.db import moves

    found = _paired(village, promoted.members(told), known)
    rest = [one for one in known if one.id not in found]
    last = moves.last_visit(session, household_id, village.period) if rest else None
    seen = _paired(village, promoted.members(last[3]), rest) if last else {}
    for one in seen.values():
        one.pop(promoted.PRESENCE, None)  # of that visit, and asked anew in the next
    if seen:
        told |= _arriving(told, list(seen.values()))
    return {one.id: found.get(one.id) or seen.get(one.id) or _indexed(one) for one in known}


def _paired(
    village: Village, listed: Sequence[Mapping[str, str]], known: Sequence[Person]
) -> dict[str, dict[str, str]]:
    """Return the answers of those persons who are surely in a list, each told of once."""
    free = [dict(one) for one in listed]
    found: dict[str, dict[str, str]] = {}
    marks: tuple[Callable[[Mapping[str, str], Person], bool], ...] = (
        lambda one, person: _register_id(village, one) == person.id,
        lambda one, person: person.nik == one.get(promoted.NIK) != "",
        lambda one, person: _named(one) == _named(_indexed(person)) != _named({}),
    )
    for same in marks:
        for person in known:
            at = next((n for n, one in enumerate(free) if same(one, person)), None)
            if at is not None and person.id not in found:
                found[person.id] = free.pop(at)
    return found


def _register_id(village: Village, one: Mapping[str, str]) -> str:
    from siks_offline.export import identity

    number = one.get(promoted.PERSON_ID, "")
    return identity.person_id(village.kode_desa, number) if number else ""


def _named(one: Mapping[str, str]) -> tuple[str, str]:
    name = one.get(promoted.NAMA, "")
    return (name, one.get(promoted.BIRTH_DATE, "")) if name else ("", "")


def _indexed(one: Person) -> dict[str, str]:
    return {
        promoted.NAMA: one.nama,
        promoted.NIK: one.nik,
        promoted.BIRTH_DATE: one.tanggal_lahir,
        promoted.SEX: one.jenis_kelamin,
    }


def _keep(
    session: Session,
    household_id: str,
    answers: dict[str, Any],
    members: Sequence[dict[str, str]],
    persons: Sequence[Person],
) -> None:
    """Store the members of a household: what its visit starts from, and how it is found."""
    from siks_offline.db import households, moves

    listed = [{n: v for n, v in m.items() if v} for m in members]
    whole = {n: v for n, v in answers.items() if v} | {promoted.MEMBERS: listed}
    if not promoted.said(whole, promoted.NAMA_KRT) and members:
        whole[promoted.NAMA_KRT] = members[0].get(promoted.NAMA, "")
    moves.put_answers(session, household_id, whole)
    line = households.line(session, household_id)
    assert line is not None
    found = {n: v for n, v in promoted.columns(whole).items() if n != "idbdt" and v}
    names = ("no_kk", "nik_krt", "nama_krt", "alamat", "dusun", "rt", "rw")
    facts = {name: getattr(line, name) for name in names} | found | {"anggota": len(members)}
    households.refresh(session, household_id, households.Facts(**facts), persons)


_PLACE: Final = (promoted.ALAMAT, promoted.DUSUN, promoted.RT, promoted.RW, promoted.VILLAGE_CODE)


def _of_place(answers: dict[str, Any]) -> dict[str, Any]:
    names = {*_PLACE, *(name for name, _ in promoted.BPS_PARTS)}
    return {name: value for name, value in answers.items() if name in names}
