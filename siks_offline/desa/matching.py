"""Results of Dukcapil and Bapenda matching: what a file says of our people, shown, then kept.

Nothing here changes an answer: a difference is written into a visit only when somebody accepts it
(desa/differences.py).
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

from siks_offline import texts
from siks_offline.desa import likeness
from siks_offline.desa.rights import action
from siks_offline.export import identity, outside_lists
from siks_offline.instrument import promoted
from siks_offline.model import Changes
from siks_offline.progress import silent

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import datetime
    from pathlib import Path

    from sqlalchemy.orm import Session

    from siks_offline.db.matching import Known, Matched, Point
    from siks_offline.desa.village import Village
    from siks_offline.export.outside_lists import Kind, ListRow, OutsideList
    from siks_offline.model import CellIssue
    from siks_offline.progress import Progress

Result = Literal["beda", "cocok", "dilewati", "ditolak"]

SIMILAR: Final = 85
"""Likeness of two names, of 100, from which they may be one name written in two ways."""
SAME_ADDRESS: Final = 90
YES: Final = "ya"
NOT_THERE: Final = "dukcapil"
"""Field of a person whom Dukcapil does not know; it brings no value."""
_PLAIN: Final = (
    ("duk_no_kk", "no_kk"),
    ("duk_tanggal_lahir", "tanggal_lahir"),
    ("duk_jenis_kelamin", "jenis_kelamin"),
)


@dataclass(frozen=True, slots=True)
class PreviewLine:
    """What would become of one row: whom it is about, what it says, why it is left out."""

    sheet: str
    row: int
    nama: str
    result: Result
    fields: tuple[str, ...] = ()
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Preview:
    """What loading a file would do; nothing has been written."""

    kind: Kind
    file_name: str
    lines: tuple[PreviewLine, ...]
    issues: tuple[CellIssue, ...]
    pending: tuple[Matched, ...]

    @property
    def counts(self) -> Mapping[Result, int]:
        """How many rows of each result."""
        return Counter(line.result for line in self.lines)


@action
def preview(village: Village, path: Path, progress: Progress = silent) -> Preview:
    """Read a file of results and say, row by row, where it differs from what the village knows.

    Raises what outside_lists.read raises; faults of rows are issues.
    """
    return judge(village, outside_lists.read(path, outside_lists.MATCHING, progress), path.name)


@action
def judge(village: Village, found: OutsideList, name: str) -> Preview:
    """Say of a list that was read where it differs from what the village knows."""
    from siks_offline.db import matching

    with village.store.read() as session:
        desk = _Desk(village, session, found.kind)
        known = matching.fingerprints(session, found.kind)
        places = [(desk.who(row.values), row) for row in found.rows]
        desk.learn(session, places)
    lines: list[PreviewLine] = []
    pending: dict[tuple[str, str], Matched] = {}
    for who, row in places:
        nama = row.values.get("nama", "") or row.values.get("duk_nama", "")
        line = PreviewLine(row.sheet, row.number, nama, "dilewati")
        if row.refused:
            lines.append(_told(line, "ditolak", row.refused))
        elif isinstance(who, str):
            lines.append(_told(line, "dilewati", who))
        else:
            earlier = pending.get((who.household_id, who.person.id))
            one = desk.matched(who, row.values, earlier)
            fields = tuple(point.field for point in one.points)
            same = known.get((who.household_id, who.person.id)) == one.fingerprint
            reason = "I_SAMA" if same else ""
            result: Result = "beda" if fields else "cocok"
            line = PreviewLine(row.sheet, row.number, nama or who.person.nama, result, fields)
            lines.append(_told(line, "dilewati" if same else result, reason))
            pending[who.household_id, who.person.id] = one
    return Preview(
        kind=found.kind,
        file_name=name,
        lines=tuple(lines),
        issues=tuple(found.issues),
        pending=tuple(pending.values()),
    )


@action
def load(
    village: Village, found: Preview, now: datetime, *, within: Session | None = None
) -> tuple[int, Changes]:
    """Keep what a preview found, in one transaction; return how many differences are new.

    A file that says nothing new writes nothing, not even a line of the audit.
    """
    from siks_offline.db import audit, matching
    from siks_offline.export.canonical import stamp

    at = stamp(now)
    with village.store.write(within) as session:
        stored = matching.store(
            session, found.kind, found.file_name, at, village.account, found.pending
        )
        if stored.persons:
            audit.append(
                session,
                account=village.account,
                action="padan.muat",
                at=at,
                subject=found.file_name,
                detail={
                    "jenis": found.kind,
                    "orang": stored.persons,
                    "perbedaan": stored.differences,
                },
            )
    return stored.differences, Changes(households=stored.households)


def _told(line: PreviewLine, result: Result, reason: str) -> PreviewLine:
    return PreviewLine(line.sheet, line.row, line.nama, result, line.fields, reason)


class _Desk:
    """Knows the people of the village by what a row may name them."""

    def __init__(self, village: Village, session: Session, kind: Kind) -> None:
        from siks_offline.db import matching

        self._db = matching
        self._kode = village.kode_desa
        self._kind = kind
        people = matching.people(session)
        self._by_id = {one.person.id: one for one in people if one.person.id}
        self._by_nik: dict[str, list[Known]] = {}
        self._by_card: dict[str, list[Known]] = {}
        for one in people:
            if one.person.nik:
                self._by_nik.setdefault(one.person.nik, []).append(one)
            if one.person.no_kk:
                self._by_card.setdefault(one.person.no_kk, []).append(one)
        self._period = village.period
        self._answers: Mapping[str, Mapping[str, Any]] = {}

    def learn(self, session: Session, places: Iterable[tuple[Known | str, ListRow]]) -> None:
        """Read the answers of those households of which a row says what only answers tell."""
        asked = dict.fromkeys(
            who.household_id
            for who, row in places
            if not isinstance(who, str) and (self._kind != "dukcapil" or _died(row.values))
        )
        self._answers = self._db.answers(session, asked, self._period)

    def who(self, said: Mapping[str, str]) -> Known | str:
        """Return the person a row is about, or the code of why there is none."""
        idartbdt = said.get("idartbdt", "")
        if idartbdt:
            found = self._by_id.get(identity.person_id(self._kode, idartbdt))
            if found is not None:
                return found
        same = self._by_nik.get(said.get("nik", ""), [])
        if len(same) > 1:
            nama = said.get("nama", "")
            same = [one for one in same if nama and alike(one.person.nama, nama) >= SIMILAR]
            if len(same) != 1:
                return "I_PADAN_GANDA"
        if same:
            return same[0]
        named = [
            one
            for one in self._by_card.get(said.get("no_kk", ""), [])
            if said.get("nama") and alike(one.person.nama, said["nama"]) >= SIMILAR
        ]
        return named[0] if len(named) == 1 else "I_PADAN_ASING"

    def matched(self, who: Known, said: Mapping[str, str], earlier: Matched | None) -> Matched:
        """Return what a row says of a person; several rows of one person are told together."""
        points = {point.field: point for point in earlier.points} if earlier else {}
        points |= {point.field: point for point in self._points(who, said)}
        told = {**(earlier.said if earlier else {}), **said}
        ordered = sorted(f"{p.field}={p.theirs}/{p.detail}" for p in points.values())
        text = json.dumps([sorted(said.items()), ordered], ensure_ascii=False)
        before = earlier.fingerprint if earlier else ""
        result = NOT_THERE if NOT_THERE in points else "beda" if points else "cocok"
        return self._db.Matched(
            household_id=who.household_id,
            person_id=who.person.id,
            nik=said.get("nik", "") or who.person.nik,
            result=result,
            said=told,
            fingerprint=hashlib.sha256(f"{before}\n{text}".encode()).hexdigest(),
            points=tuple(points.values()),
            spoken=frozenset(points) | _spoken(said) | (earlier.spoken if earlier else frozenset()),
        )

    def _points(self, who: Known, said: Mapping[str, str]) -> Sequence[Point]:
        if self._kind == "dukcapil":
            return list(self._of_dukcapil(who, said))
        if self._kind == "kendaraan":
            kinds = (said.get("kendaraan", ""),)
            detail = said.get("rincian", "")
        else:
            kinds, detail = ("properti",), _property_words(said)
        return [
            self._db.Point(name, self._has(who, name), YES, detail=detail)
            for name in kinds
            if name and self._has(who, name) != YES
        ]

    def _of_dukcapil(self, who: Known, said: Mapping[str, str]) -> Iterator[Point]:
        if said.get("keadaan") == "tidak_ada":
            yield self._db.Point(NOT_THERE, who.person.nik, "")
            return
        if _died(said) and self._has(who, "meninggal") != YES:
            died = said.get("tanggal_meninggal", "")
            yield self._db.Point("meninggal", self._has(who, "meninggal"), YES, detail=died)
        person = who.person
        number = said.get("duk_nik", "")
        if number and number != person.nik:
            yield self._db.Point("nik", person.nik, number)
        name = said.get("duk_nama", "")
        if name and _plain(name) != _plain(person.nama):
            yield self._db.Point("nama", person.nama, name, alike(person.nama, name))
        for theirs, ours in _PLAIN if who.position else ():
            value = said.get(theirs, "")
            if value and value != getattr(person, ours):
                yield self._db.Point(ours, getattr(person, ours), value)
        where = said.get("duk_alamat", "")
        if where and who.head:
            score = _address_likeness(who.alamat, where)
            if score < SAME_ADDRESS:
                yield self._db.Point("alamat", who.alamat, where, score)

    def _has(self, who: Known, name: str) -> str:
        """Return `ya`, `tidak` or empty: what the answers say of a field that brings one answer."""
        return said_yes(self._answers.get(who.household_id, {}), who.position, name)


def said_yes(answers: Mapping[str, Any], position: int, name: str) -> str:
    """Return `ya`, `tidak` or empty for a field whose answer is a code.

    A code of the list's yes is 1 or 3 (INSTRUMENT.md section 2).
    """
    rule = outside_lists.book()["bidang"][name]
    holder: Mapping[str, Any] = answers
    question = rule.get("rumah_tangga", "")
    if not question:
        people = promoted.members(answers)
        if not 1 <= position <= len(people):
            return ""
        holder, question = people[position - 1], rule["anggota"]
    found = str(holder.get(question, ""))
    if not found:
        return ""
    wanted = ("1", "3") if rule["isi"] == YES else (rule["isi"],)
    return YES if found in wanted else "tidak"


def alike(one: str, other: str) -> int:
    """How alike two names are, 0-100, in the form that knows old spellings and short forms."""
    from rapidfuzz import fuzz

    return round(fuzz.token_sort_ratio(likeness.normal(one), likeness.normal(other)))


def _died(said: Mapping[str, str]) -> bool:
    return said.get("keadaan") == "meninggal" or "tanggal_meninggal" in said


def _spoken(said: Mapping[str, str]) -> frozenset[str]:
    """Return the fields of which a row says anything, be it that they agree."""
    fields = {name.removeprefix("duk_") for name in said if name.startswith("duk_")}
    if fields or "keadaan" in said:
        fields.add(NOT_THERE)
    if "keadaan" in said:
        fields.add("meninggal")
    return frozenset(fields)


def _address_likeness(one: str, other: str) -> int:
    from rapidfuzz import fuzz

    return round(fuzz.token_set_ratio(_plain(one), _plain(other)))


def _plain(text: str) -> str:
    kept = "".join(letter if letter.isalnum() else " " for letter in text.casefold())
    return " ".join(kept.split())


def _property_words(said: Mapping[str, str]) -> str:
    worth = said.get("njop", "")
    parts = [texts.text("padan.njop", nilai=f"{int(worth):,}".replace(",", "."))] if worth else []
    parts += [text for name in ("nop", "rincian") if (text := said.get(name, ""))]
    return ", ".join(parts)
