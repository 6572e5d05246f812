"""Households and families through time: members move, households split and merge, some fall out.

The register's id stays with the person (IDARTBDT), not with the family card: who moves takes it
along. Everything is told in a list of changes that is never altered.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from siks_offline.desa.proposals import note
from siks_offline.desa.rights import action
from siks_offline.errors import StoreError
from siks_offline.instrument import promoted
from siks_offline.model import Changes, Person

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from siks_offline.db.moves import Move
    from siks_offline.desa.village import Village

UNFIT: Final = (
    "tidak_ditemukan",
    "meninggal",
    "sudah_mampu",
    "menolak",
    "kepesertaan_ganda",
    "menjadi_tki",
    "lainnya",
)
"""Reasons of ketidaklayakan (FIELD.md 3.6); texts `pindah.alasan.*`."""


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
    return Changes(households=frozenset({source, target}), prelist=True)


@action
def split(
    village: Village, source: str, persons: Collection[str], now: datetime
) -> tuple[str, Changes]:
    """Let members form a household of their own; return its id. Raises as move_members."""
    from siks_offline.db import households
    from siks_offline.export import identity

    fresh = identity.uuid7(now)
    with village.store.write() as session:
        line = households.line(session, source)
        if line is None:
            raise StoreError("E_HOUSEHOLD_UNKNOWN", id=source)
        facts = households.Facts(alamat=line.alamat, dusun=line.dusun, rt=line.rt, rw=line.rw)
        own = _of_place(households.prelist_answers(session, source))
        home = households.Listed(id=fresh, facts=facts, source="usulan", answers=own)
        households.upsert_many(session, [home])
        _move(session, village, source, persons, fresh, now, "pecah")
    return fresh, Changes(households=frozenset({source, fresh}), prelist=True)


@action
def merge(village: Village, source: str, target: str, now: datetime) -> Changes:
    """Let all members of a household live in another; the empty one stays on the agenda.

    The musyawarah says of it that it is double, so every household is still counted once.
    """
    from siks_offline.db import households

    with village.store.write() as session:
        everybody = [one.id for one in households.persons(session, source)]
        _move(session, village, source, everybody, target, now, "gabung")
    return Changes(households=frozenset({source, target}), prelist=True)


@action
def mark_unfit(
    village: Village, household_id: str, reason: str, words: str, now: datetime
) -> Changes:
    """Note that a household is no longer fit, and why. Raises StoreError E_UNFIT_REASON."""
    from siks_offline.db import households, moves
    from siks_offline.export import canonical

    said = " ".join(canonical.normalise_text(words)[0].split())[:500]
    if reason not in UNFIT or (reason == "lainnya" and not said):
        raise StoreError("E_UNFIT_REASON")
    with village.store.write() as session:
        if households.line(session, household_id) is None:
            raise StoreError("E_HOUSEHOLD_UNKNOWN", id=household_id)
        one = moves.Move(village.period, "tidak_layak", household_id, reason=reason, note=said)
        moves.add(session, replace(one, by=village.account, at=canonical.stamp(now)))
        note(session, village, now, "rumah_tangga.tidak_layak", household_id, {"alasan": reason})
    return Changes(households=frozenset({household_id}))


def _move(
    session: Session,
    village: Village,
    source: str,
    persons: Collection[str],
    target: str,
    now: datetime,
    kind: str,
) -> None:
    from siks_offline.db import households, moves
    from siks_offline.export.canonical import stamp

    homes = households.lines(session, [source, target])
    for id_ in (source, target):
        if id_ not in homes:
            raise StoreError("E_HOUSEHOLD_UNKNOWN", id=id_)
        if homes[id_].kerja != "belum":
            raise StoreError("E_MOVE_BEGUN", nama=homes[id_].nama_krt)
    there, here = households.persons(session, source), households.persons(session, target)
    going = [one for one in there if one.id in persons]
    if not going or source == target:
        raise StoreError("E_MOVE_NOBODY")
    told = {id_: households.prelist_answers(session, id_) for id_ in (source, target)}
    answers = _members_of(told[source], there)
    staying = [one for one in there if one.id not in persons]
    moved = [answers[one.id] for one in going]
    kept = [answers[one.id] for one in staying]
    joined = [*_members_of(told[target], here).values(), *moved]
    _keep(session, source, told[source], kept, staying)
    _keep(session, target, told[target], joined, [*here, *going])
    at = stamp(now)
    for one in going:
        change = moves.Move(village.period, kind, source, one.id, target, by=village.account, at=at)
        moves.add(session, change)
    detail = {"jenis": kind, "ke": target, "orang": [one.id for one in going]}
    note(session, village, now, "rumah_tangga.pindah_anggota", source, detail)


def _members_of(answers: dict[str, Any], known: Sequence[Person]) -> dict[str, dict[str, str]]:
    """Return what was known of each member, by person id; the list and the index go together."""
    told = [dict(one) for one in promoted.members(answers)]
    if len(told) != len(known):
        told = [
            {
                promoted.NAMA: one.nama,
                promoted.NIK: one.nik,
                promoted.BIRTH_DATE: one.tanggal_lahir,
                promoted.SEX: one.jenis_kelamin,
            }
            for one in known
        ]
    return {one.id: answer for one, answer in zip(known, told, strict=True)}


def _keep(
    session: Session,
    household_id: str,
    answers: dict[str, Any],
    members: Sequence[dict[str, str]],
    persons: Sequence[Person],
) -> None:
    """Store the members of a household: what its visit starts from, and how it is found."""
    from siks_offline.db import households, moves

    whole = {**answers, promoted.MEMBERS: [{n: v for n, v in m.items() if v} for m in members]}
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
