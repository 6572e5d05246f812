"""What a matching file and the village say differently of a person: accepted, refused or visited.

An accepted value goes into the draft of the household's visit, never into a completed revision: a
completed household becomes a draft of its next revision (DATA.md, States).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from siks_offline.desa import visit
from siks_offline.desa.matching import NOT_THERE, YES
from siks_offline.desa.rights import action
from siks_offline.errors import StoreError, UsageError
from siks_offline.export import identity, outside_lists
from siks_offline.instrument import promoted
from siks_offline.model import Changes

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from siks_offline.db.matching import Decision, Difference
    from siks_offline.desa.village import Village
    from siks_offline.instrument.engine import FormState
    from siks_offline.model import Person

LEAST_REASON: Final = 3


@action
def listed(village: Village, decision: Decision | None = None) -> list[Difference]:
    """Return the differences, by RW, RT and household; those a visit settled are left out."""
    from siks_offline.db import matching

    with village.store.read() as session:
        return matching.differences(session, decision=decision)


@action
def accept(village: Village, numbers: Sequence[int], now: datetime) -> Changes:
    """Write what a source says into the drafts of the visits, exactly these fields.

    Drafts, decisions and audit lines are one transaction. Raises StoreError E_PADAN_UNKNOWN,
    E_PADAN_DECIDED, E_PADAN_NO_VALUE, E_PADAN_NO_QUESTION, E_PADAN_MEMBER (the person is not in
    the draft any more), E_DRAFT_OTHER; then nothing was written.
    """
    found = _open(village, numbers)
    touched = frozenset(one.household_id for one in found)
    opened = {id_: visit.open_visit(village, id_, now) for id_ in sorted(touched)}
    before = {id_: one.snapshot().rows for id_, one in opened.items()}
    with village.store.read() as session:
        people = {one.number: _person(session, one) for one in found}
    written: dict[int, tuple[str, ...]] = {}
    for one in found:
        state = opened[one.household_id].state
        written[one.number] = _write(state, one, people[one.number], village.kode_desa)
    with village.store.write() as session:
        for id_, desk in opened.items():
            after = desk.snapshot()
            if after.rows != before[id_]:
                visit.keep(session, village, id_, after, desk.typing, now)
        for one in found:
            detail = {"jalur": list(written[one.number]), "sumber": one.kind}
            _decide(session, village, one, "diterima", "", now, detail)
    return Changes(households=touched)


@action
def refuse(village: Village, numbers: Sequence[int], reason: str, now: datetime) -> Changes:
    """Let the village's own value stand, and say why.

    Raises UsageError E_PADAN_REASON without a reason, StoreError E_PADAN_UNKNOWN, E_PADAN_DECIDED.
    """
    why = " ".join(reason.split())
    if len(why) < LEAST_REASON:
        raise UsageError("E_PADAN_REASON")
    return _decided(village, numbers, "ditolak", why, now)


@action
def leave(village: Village, numbers: Sequence[int], now: datetime) -> Changes:
    """Leave differences for a visit to the household."""
    return _decided(village, numbers, "kunjungan", "", now)


@action
def take_back(village: Village, numbers: Sequence[int], now: datetime) -> Changes:
    """Open refused differences, or those left for a visit, once more.

    An accepted one is taken back in its visit. Raises StoreError E_PADAN_UNKNOWN, E_PADAN_DECIDED.
    """
    return _decided(village, numbers, "belum", "", now)


def _decided(
    village: Village, numbers: Sequence[int], decision: Decision, reason: str, now: datetime
) -> Changes:
    found = _open(village, numbers, again=decision == "belum")
    with village.store.write() as session:
        for one in found:
            _decide(session, village, one, decision, reason, now, {"sumber": one.kind})
    return Changes(households=frozenset(one.household_id for one in found))


def _open(village: Village, numbers: Sequence[int], *, again: bool = False) -> list[Difference]:
    """Return these differences, which must not be decided yet, or be taken back `again`."""
    from siks_offline.db import matching

    with village.store.read() as session:
        found = {one.number: one for one in matching.differences(session, numbers=tuple(numbers))}
    for number in numbers:
        if number not in found:
            raise StoreError("E_PADAN_UNKNOWN", nomor=number)
        open_ = ("ditolak", "kunjungan") if again else ("belum", "kunjungan")
        if found[number].decision not in open_:
            raise StoreError("E_PADAN_DECIDED", nomor=number)
    return [found[number] for number in dict.fromkeys(numbers)]


def _person(session: Session, one: Difference) -> Person:
    from siks_offline.db import matching

    found = matching.person(session, one.household_id, one.person_id)
    if found is None:
        raise StoreError("E_PADAN_MEMBER", nama=one.nama)
    return found


def _write(state: FormState, one: Difference, who: Person, kode_desa: str) -> tuple[str, ...]:
    """Set the answers of one difference and return their paths."""
    if one.field == NOT_THERE:
        raise StoreError("E_PADAN_NO_VALUE", nomor=one.number)
    rule: Mapping[str, str] = outside_lists.book()["bidang"][one.field]
    paths = []
    if "rumah_tangga" in rule:
        paths.append(rule["rumah_tangga"])
    elif one.person_id and "anggota" in rule:
        place = place_of(state, who, kode_desa)
        if not place:
            raise StoreError("E_PADAN_MEMBER", nama=one.nama)
        paths.append(f"{place}.{rule['anggota']}")
    head = rule.get("kepala", "")
    if head in state.instrument.questions and (
        not one.person_id or (paths and state.value(head) == state.value(paths[0]) != "")
    ):
        paths.append(head)
    known = state.instrument.questions
    paths = [path for path in paths if path.rpartition(".")[2] in known]
    if not paths:
        raise StoreError("E_PADAN_NO_QUESTION", nomor=one.number)
    for path in paths:
        state.set(path, _answer(state, path, rule, one.theirs))
    return tuple(paths)


def _answer(state: FormState, path: str, rule: Mapping[str, str], theirs: str) -> str:
    """Return the answer to write: the value itself, or the code that a field stands for."""
    code = rule.get("isi", "")
    if code == YES:
        return state.choices(path)[0].code
    return code or theirs


def place_of(state: FormState, who: Person, kode_desa: str) -> str:
    """Return the path of a person in a form, `anggota[2]`; empty when they are not in it.

    A draft may have moved members about, so the place in the list says nothing: the register's id
    does, then the NIK, then name with birth date.
    """
    if promoted.MEMBERS not in state.instrument.repeats:
        return ""
    places = [f"{promoted.MEMBERS}[{n}]" for n in range(1, state.count(promoted.MEMBERS) + 1)]
    asked = state.instrument.questions

    def said(place: str, name: str) -> str:
        return state.value(f"{place}.{name}") if name in asked else ""

    for place in places:
        register = said(place, promoted.PERSON_ID)
        if register and identity.person_id(kode_desa, register) == who.id:
            return place
    for place in places:
        if who.nik and said(place, promoted.NIK) == who.nik:
            return place
    for place in places:
        named = (said(place, promoted.NAMA), said(place, promoted.BIRTH_DATE))
        if who.nama and named == (who.nama, who.tanggal_lahir):
            return place
    return ""


def _decide(
    session: Session,
    village: Village,
    one: Difference,
    decision: Decision,
    reason: str,
    now: datetime,
    detail: Mapping[str, Any],
) -> None:
    from siks_offline.db import audit, matching
    from siks_offline.export.canonical import stamp

    at = stamp(now)
    matching.decide(session, [one.number], decision, reason, at, village.account)
    told = {"nomor": one.number, "bidang": one.field, "alasan": reason, **detail}
    audit.append(
        session,
        account=village.account,
        action=f"padan.{decision}",
        at=at,
        subject=one.household_id,
        detail=told,
    )
