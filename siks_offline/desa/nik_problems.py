"""The fifteen kinds of trouble with NIK and help that operators are asked to clear (FIELD.md 5.6).

Worked out from what the village knows: its people, what Dukcapil said of them, and the lists of the
Dinsos. Each row leads to a household and the question to look at.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from siks_offline import nik, texts
from siks_offline.desa import likeness
from siks_offline.desa.matching import NOT_THERE, SIMILAR
from siks_offline.desa.rights import action
from siks_offline.errors import AnswersError
from siks_offline.instrument import promoted

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from sqlalchemy.orm import Session

    from siks_offline.db.entitlements import Found
    from siks_offline.db.matching import Difference, Known
    from siks_offline.desa.village import Village

PROGRAMS: Final = (("bpnt", "SEMBAKO"), ("bst", "BST"), ("pkh", "PKH"))
KINDS: Final = (
    "nik_ganda",
    "nik_struktur",
    "meninggal",
    "nama_beda",
    "nama_mirip",
    "tidak_di_dukcapil",
    *(f"{name}_{kind}" for name, _ in PROGRAMS for kind in ("struktur", "tidak_di_dukcapil")),
    "pengurus_rekening",
    "pengurus_nama",
    "rekening_bersama",
)
"""In the order in which they are told; 15 of them."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One row of a work list; without a household it is somebody of a list not known here."""

    kind: str
    nama: str
    nik: str
    words: str
    household_id: str = ""
    path: str = ""
    rt: str = ""
    rw: str = ""


@action
def found(village: Village) -> Mapping[str, tuple[Problem, ...]]:
    """Return the rows of every kind, in order of RW, RT and name."""
    from siks_offline.db import entitlements, matching

    with village.store.read() as session:
        desk = _Desk(session, matching.people(session))
        rows = [
            *desk.of_village(),
            *desk.of_dukcapil(matching.differences(session)),
            *desk.of_lists(entitlements.everyone(session)),
        ]
    made: dict[str, list[Problem]] = {kind: [] for kind in KINDS}
    for one in dict.fromkeys(rows):
        made[one.kind].append(one)
    return {
        kind: tuple(sorted(of, key=lambda one: (one.rw, one.rt, one.nama, one.nik)))
        for kind, of in made.items()
    }


def fault(number: str) -> str:
    """Return what is wrong with the form of a NIK, in words; empty for a good one."""
    try:
        nik.Nik.parse(number)
    except AnswersError as error:
        return error.message
    return ""


class _Desk:
    """The people of the village by what trouble is found with."""

    def __init__(self, session: Session, people: Iterable[Known]) -> None:
        from siks_offline.db import households

        self._people = list(people)
        ids = dict.fromkeys(one.household_id for one in self._people)
        self._lines = households.lines(session, ids)
        self._by_nik: dict[str, list[Known]] = {}
        self._by_card: dict[str, list[Known]] = {}
        for one in self._people:
            if one.person.nik:
                self._by_nik.setdefault(one.person.nik, []).append(one)
            if one.person.no_kk:
                self._by_card.setdefault(one.person.no_kk, []).append(one)

    def of_village(self) -> Iterator[Problem]:
        """Yield NIKs that several have, and those that cannot be one."""
        for one in self._people:
            number = one.person.nik
            same = self._by_nik.get(number, ())
            if len(same) > 1:
                others = ", ".join(self._called(other) for other in same if other is not one)
                yield self._of(one, "nik_ganda", texts.text("masalah_nik.juga", lain=others))
            if number and (wrong := fault(number)):
                yield self._of(one, "nik_struktur", wrong)

    def of_dukcapil(self, differences: Iterable[Difference]) -> Iterator[Problem]:
        """Yield what Dukcapil said of people, as long as nobody decided on it."""
        self._unknown = set()
        for one in differences:
            if one.kind != "dukcapil":
                continue
            if one.field == NOT_THERE:
                self._unknown.add(one.nik)
            if one.decision not in ("belum", "kunjungan"):
                continue
            kind = {NOT_THERE: "tidak_di_dukcapil", "meninggal": "meninggal"}.get(one.field, "")
            if one.field == "nama":
                kind = "nama_mirip" if one.likeness >= SIMILAR else "nama_beda"
            if kind:
                key = f"masalah_nik.kata.{kind}"
                words = texts.text(key, kami=one.ours, mereka=one.theirs, rinci=one.detail)
                place = f"{promoted.MEMBERS}[{one.position}]." if one.position else ""
                name = promoted.NAMA if kind.startswith("nama") else promoted.NIK
                head = promoted.NAMA_KRT if kind.startswith("nama") else promoted.NIK_PRELIST
                yield Problem(
                    kind, one.nama, one.nik, words, one.household_id,
                    f"{place}{name}" if place else head, one.rt, one.rw,
                )  # fmt: skip

    def of_lists(self, rows: Iterable[Found]) -> Iterator[Problem]:
        """Yield the trouble of those who are on lists of help."""
        collectors: dict[str, list[Found]] = {}
        accounts: dict[str, list[Found]] = {}
        for row in rows:
            entry = row.entry
            held = set(entry.programs.split())
            for name, code in PROGRAMS:
                if code not in held or not entry.nik:
                    continue
                if wrong := fault(entry.nik):
                    yield self._listed(row, f"{name}_struktur", wrong)
                elif entry.nik in self._unknown:
                    words = texts.text("masalah_nik.kata.tidak_di_dukcapil")
                    yield self._listed(row, f"{name}_tidak_di_dukcapil", words)
            if row.kind == "pengurus" and entry.rekening:
                collectors.setdefault(entry.nik, []).append(row)
                accounts.setdefault(entry.rekening, []).append(row)
        yield from self._of_collectors(collectors, accounts)

    def _of_collectors(
        self, collectors: Mapping[str, list[Found]], accounts: Mapping[str, list[Found]]
    ) -> Iterator[Problem]:
        for same in collectors.values():
            names = {likeness.normal(one.entry.nama): one.entry.nama for one in same}
            held = {one.entry.rekening for one in same}
            if len(names) > 1:
                words = texts.text("masalah_nik.nama_lain", nama=", ".join(sorted(names.values())))
                yield from (self._listed(one, "pengurus_nama", words) for one in same)
            elif len(held) > 1:
                told = ", ".join(sorted(nik.mask(one) for one in held))
                words = texts.text("masalah_nik.rekening", rekening=told)
                yield from (self._listed(one, "pengurus_rekening", words) for one in same)
        for number, same in accounts.items():
            who = {(one.entry.nik, likeness.normal(one.entry.nama)): one for one in same}
            if len(who) > 1:
                told = ", ".join(sorted(one.entry.nama for one in who.values()))
                words = texts.text("masalah_nik.bersama", rekening=nik.mask(number), nama=told)
                yield from (self._listed(one, "rekening_bersama", words) for one in who.values())

    def _of(self, one: Known, kind: str, words: str) -> Problem:
        line = self._lines[one.household_id]
        path = promoted.NIK_PRELIST
        if one.position:
            path = f"{promoted.MEMBERS}[{one.position}].{promoted.NIK}"
        return Problem(
            kind, one.person.nama, one.person.nik, words, one.household_id, path, line.rt, line.rw
        )

    def _listed(self, row: Found, kind: str, words: str) -> Problem:
        entry = row.entry
        here = self._by_nik.get(entry.nik, ()) or self._by_card.get(entry.no_kk, ())
        if not here or not entry.nik:
            return Problem(kind, entry.nama, entry.nik, words, rt=entry.rt, rw=entry.rw)
        known = self._of(here[0], kind, words)
        return Problem(
            kind, entry.nama, entry.nik, words, known.household_id, known.path, known.rt, known.rw
        )

    def _called(self, one: Known) -> str:
        line = self._lines[one.household_id]
        return texts.text(
            "rumah_tangga.sebutan",
            nama=one.person.nama or line.nama_krt,
            rt=line.rt or "-",
            rw=line.rw or "-",
        )
