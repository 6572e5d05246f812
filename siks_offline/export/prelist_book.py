"""A prelist workbook becomes households, each with its answers or the reason it is refused."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from siks_offline import wilayah
from siks_offline.errors import SiksError, WorkbookError
from siks_offline.export import identity, workbook
from siks_offline.export.layouts import FACT, CellFault, Column, Jenis, SheetLayout, recognise
from siks_offline.export.sheet_child import CLEANED, CUT
from siks_offline.instrument import promoted
from siks_offline.model import CellIssue
from siks_offline.progress import silent

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from siks_offline.export.workbook import Row
    from siks_offline.instrument.schema import Instrument
    from siks_offline.progress import Progress

MAX_MEMBERS = 60
MAX_ISSUES = 10_000
_RT = re.compile(r"\bRT\W{0,2}(\d{1,3})\b", re.IGNORECASE)
_RW = re.compile(r"\bRW\W{0,2}(\d{1,3})\b", re.IGNORECASE)
_COLUMN_ROW = "KOLOM"


@dataclass(frozen=True, slots=True)
class Place:
    """The region that a row says it belongs to; what it does not say is empty."""

    kode: str = ""
    desa: str = ""
    kecamatan: str = ""


@dataclass(frozen=True, slots=True)
class BookHousehold:
    """A household as a prelist workbook lists it.

    `answers` in the shape of DATA.md; the age of a member without a birth date stands under the
    name of the calculated age, which a form works out anew. `refused` is empty or the code of the
    first reason for which nothing of it may be loaded.
    """

    id: str
    idbdt: str
    nama_krt: str
    sheet: str
    row: int
    place: Place
    answers: dict[str, Any]
    persons: tuple[str, ...]
    """Id of each member, in the order of the answers."""
    refused: str = ""


@dataclass(slots=True)
class _Raw:
    """A household while its rows gather."""

    row: int
    sheet: str
    key: str
    idbdt: str = ""
    place: Place = field(default_factory=Place)
    answers: dict[str, str] = field(default_factory=dict)
    no_kk: str = ""
    members: list[tuple[dict[str, str], str]] = field(default_factory=list)
    """Answers of a member and the number its row gives it."""
    refused: str = ""
    listed: bool = False
    """Whether a row of its own (not only a member's) describes it."""


class Reading:
    """What one workbook holds; read once, then its households are taken one after another."""

    def __init__(self, instrument: Instrument, kode_desa: str) -> None:
        self.instrument = instrument
        self.kode_desa = kode_desa
        self.jenis: Jenis | None = None
        self.issues: list[CellIssue] = []
        self.more_issues = 0
        """How many issues were left out because there are too many to read."""
        self._raw: dict[str, _Raw] = {}
        self._two_sheets = False

    def __len__(self) -> int:
        return len(self._raw)

    @property
    def places(self) -> set[Place]:
        """All regions that rows name."""
        return {raw.place for raw in self._raw.values()}

    def issue(self, error: SiksError, sheet: str, row: int, column: str = "") -> None:
        """Note something wrong with a cell or row."""
        if len(self.issues) >= MAX_ISSUES:
            self.more_issues += 1
            return
        self.issues.append(CellIssue(sheet, row, column, error.code, error.message, error.remedy))

    def take(self) -> Iterator[BookHousehold]:
        """Yield the households in order of the workbook and let each go."""
        while self._raw:
            raw = self._raw.pop(next(iter(self._raw)))
            yield self._composed(raw)

    # --- rows in ---------------------------------------------------------------------------------

    def add(self, row: Row, layout: SheetLayout) -> None:
        """Take in one row under a recognised header."""
        if row.cells[0] == _COLUMN_ROW:
            return
        self.jenis = self.jenis or layout.jenis
        if layout.jenis == "udrt":
            self._two_sheets = self._two_sheets or bool(layout.household)
            if layout.household:
                self._add_household(row, layout)
            else:
                self._add_member_of_sheet(row, layout)
        else:
            self._add_both(row, layout)

    def _values(self, row: Row, columns: tuple[Column, ...]) -> tuple[dict[str, str], str]:
        """Answers and facts of a row's cells, and the code of the first fatal fault."""
        cells = row.cells
        width = len(cells)
        values: dict[str, str] = {}
        refused = ""
        for column in columns:
            if column.index >= width or not (cell := cells[column.index]):
                continue
            answer = column.known.get(cell)
            if answer is None:
                try:
                    answer = column.read(cell)
                except CellFault as fault:
                    self.issue(fault.error, row.sheet, row.number, column.title)
                    answer = fault.kept
                    if fault.fatal:
                        refused = refused or fault.error.code
                if cell[0] in (CLEANED, CUT):
                    code = "E_PRELIST_BERSIH" if cell[0] == CLEANED else "E_PRELIST_PANJANG"
                    cleaned = WorkbookError(code, kolom=column.title)
                    self.issue(cleaned, row.sheet, row.number, column.title)
            if answer:
                values[column.target] = answer
        return values, refused

    def _raw_for(self, key: str, row: Row) -> _Raw:
        raw = self._raw.get(key)
        if raw is None:
            raw = self._raw[key] = _Raw(row.number, row.sheet, key)
        return raw

    def _add_household(self, row: Row, layout: SheetLayout) -> None:
        values, refused = self._values(row, layout.household)
        idbdt = values.get(promoted.IDBDT, "")
        if not idbdt:
            refused = refused or self._no_id(row)
        raw = self._raw_for(idbdt or f"?{row.sheet}/{row.number}", row)
        if raw.listed:
            self.issue(WorkbookError("E_PRELIST_GANDA", baris=raw.row), row.sheet, row.number)
            raw.refused = raw.refused or "E_PRELIST_GANDA"
            return
        raw.listed, raw.row, raw.sheet = True, row.number, row.sheet
        raw.refused = raw.refused or refused
        raw.idbdt = idbdt
        self._describe(raw, values)

    def _add_member_of_sheet(self, row: Row, layout: SheetLayout) -> None:
        values, refused = self._values(row, layout.member)
        idbdt = values.pop(f"{FACT}idbdt", "")
        if not idbdt:
            refused = refused or self._no_id(row)
        raw = self._raw_for(idbdt or f"?{row.sheet}/{row.number}", row)
        raw.idbdt = idbdt
        raw.refused = raw.refused or refused
        place = _place({name: values.pop(f"{FACT}{name}", "") for name, _ in promoted.BPS_PARTS})
        if place != raw.place and not raw.listed and raw.place == Place():
            raw.place = place
        self._add_member(raw, row, values)

    def _add_both(self, row: Row, layout: SheetLayout) -> None:
        values, refused = self._values(row, layout.household)
        own, refused_too = self._values(row, layout.member)
        refused = refused or refused_too
        idbdt = values.get(promoted.IDBDT, "")
        key = idbdt
        if not key and layout.jenis == "sederhana":
            # A plain list knows a household by its family card, failing that by the person.
            no_kk = own.get(promoted.NO_KK, "") or own.get(promoted.NIK, "")
            key = f"kk:{no_kk}" if no_kk else ""
        if not key:
            refused = refused or self._no_id(row)
            key = f"?{row.sheet}/{row.number}"
        raw = self._raw_for(key, row)
        raw.refused = raw.refused or refused
        if not raw.listed:
            raw.listed, raw.idbdt = True, idbdt
            self._describe(raw, values)
        self._add_member(raw, row, own)

    def _no_id(self, row: Row) -> str:
        self.issue(WorkbookError("E_PRELIST_TANPA_ID"), row.sheet, row.number)
        return "E_PRELIST_TANPA_ID"

    def _describe(self, raw: _Raw, values: dict[str, str]) -> None:
        facts = {name[len(FACT) :]: values.pop(name) for name in list(values) if FACT in name}
        parts = {name: values.get(name, "") for name, _ in promoted.BPS_PARTS}
        place = _place(parts, facts)
        if place.kode:
            values |= {name: part for name, part in _parts(place.kode).items() if name in values}
        raw.place = place
        raw.no_kk = facts.get("no_kk", "")
        where = f"{values.get(promoted.DUSUN, '')} {values.get(promoted.ALAMAT, '')}"
        for name, pattern in ((promoted.RT, _RT), (promoted.RW, _RW)):
            if name not in values and (found := pattern.search(where)):
                values[name] = found[1]
        raw.answers = values

    def _add_member(self, raw: _Raw, row: Row, values: dict[str, str]) -> None:
        number = values.pop(f"{FACT}nomor", "")
        age = values.pop(f"{FACT}umur", "")
        if age and promoted.BIRTH_DATE not in values:
            values[promoted.AGE] = age
        if not values:
            return
        raw.members.append((values, number))
        if len(raw.members) == MAX_MEMBERS + 1:
            error = WorkbookError("E_PRELIST_ANGGOTA", batas=MAX_MEMBERS)
            self.issue(error, row.sheet, row.number)
            raw.refused = raw.refused or error.code

    # --- households out --------------------------------------------------------------------------

    def _composed(self, raw: _Raw) -> BookHousehold:
        if self._two_sheets and not raw.listed and not raw.refused:
            error = WorkbookError("E_PRELIST_YATIM", id=raw.idbdt)
            self.issue(error, raw.sheet, raw.row)
            raw.refused = error.code
        members = raw.members
        if all(number.isdigit() for _, number in members):
            members.sort(key=lambda member: int(member[1]))
        answers: dict[str, Any] = dict(raw.answers)
        people = [values for values, _ in members]
        if families := _families(people, raw.no_kk):
            answers[promoted.FAMILIES] = families
        if people:
            answers[promoted.MEMBERS] = people
        if people and self.jenis == "sederhana":
            # A plain list that names no head means the first person of each family.
            self._name_head(answers, promoted.head(answers) or people[0])
        elif people and promoted.NAMA_KRT not in answers:
            self._name_head(answers, promoted.head(answers))
        return BookHousehold(
            id=self._id(raw),
            idbdt=raw.idbdt,
            nama_krt=answers.get(promoted.NAMA_KRT, ""),
            sheet=raw.sheet,
            row=raw.row,
            place=raw.place,
            answers=answers,
            persons=tuple(
                identity.person_id(
                    self.kode_desa,
                    values.get(promoted.PERSON_ID) or f"{raw.key}/{number or position}",
                )
                for position, (values, number) in enumerate(members, start=1)
            ),
            refused=raw.refused,
        )

    def _name_head(self, answers: dict[str, Any], krt: Mapping[str, str]) -> None:
        for name, of_head in (
            (promoted.NAMA_KRT, promoted.NAMA),
            (promoted.NIK_PRELIST, promoted.NIK),
        ):
            if name in self.instrument.questions and krt.get(of_head):
                answers.setdefault(name, krt[of_head])

    def _id(self, raw: _Raw) -> str:
        if raw.key.startswith("kk:"):
            return identity.household_id_of_kk(self.kode_desa, raw.key[3:])
        return identity.household_id(self.kode_desa, raw.key)


def read(
    path: Path, instrument: Instrument, kode_desa: str, progress: Progress = silent
) -> Reading:
    """Read a prelist workbook of any known layout.

    Raises what workbook.read raises, and WorkbookError E_PRELIST_KOSONG when no sheet has a header
    that is known, or none has rows under it.
    """
    reading = Reading(instrument, kode_desa)
    sheet, layout = "", None
    for row in workbook.read(path, progress):
        if row.sheet != sheet:
            sheet, layout = row.sheet, None
        if layout is None:
            layout = recognise(row.cells, row.number, instrument)
            if layout is not None and reading.jenis not in {None, layout.jenis}:
                layout = None  # another list in the same file, such as a recap
        else:
            reading.add(row, layout)
    if not len(reading):
        raise WorkbookError("E_PRELIST_KOSONG", berkas=path.name)
    return reading


def _place(parts: dict[str, str], facts: dict[str, str] | None = None) -> Place:
    """Return the region of a row from its code parts, one whole code, or names."""
    facts = facts or {}
    code = ""
    if all(parts.values()):
        province, regency, district, village = parts.values()
        # A part may carry the parts above it: 5206 for the kabupaten 06.
        regency = regency.removeprefix(province) if len(regency) > 2 else regency
        head = province.zfill(2) + regency.zfill(2)
        district = district.removeprefix(head) if len(district) > 3 else district
        village = village.removeprefix(head + district) if len(village) > 4 else village
        kemendagri = len(village) == 4
        code = head + district.zfill(2 if kemendagri else 3) + village.zfill(3)
    elif facts.get("kode"):
        code = facts["kode"].replace(".", "")
    return Place(code, facts.get("desa", ""), facts.get("kecamatan", ""))


def _parts(code: str) -> dict[str, str]:
    """Split a ten-digit BPS code into the answers that ask for it."""
    parts = {}
    for name, width in promoted.BPS_PARTS:
        parts[name], code = code[:width], code[width:]
    return parts


def _families(people: list[dict[str, str]], no_kk: str) -> list[dict[str, str]]:
    """Family cards of a household by their number in it, from its members."""
    cards: dict[str, str] = {}
    for values in people:
        number = values.get(promoted.FAMILY_OF_MEMBER, "")
        if card := values.get(promoted.NO_KK, ""):
            cards.setdefault(number or "1", card)
    if no_kk:
        cards.setdefault("1", no_kk)
    ordered = sorted(cards, key=lambda number: (len(number), number))
    return [
        {promoted.FAMILY_NUMBER: number, promoted.FAMILY_NO_KK: cards[number]} for number in ordered
    ]


def bound_code(reading: Reading, bound: str, *, bind: bool) -> str:
    """Return the BPS code under which rows belong to the village; empty when none is needed.

    A code that was bound before counts. Without one, the names of desa and kecamatan bind the
    file's code, or the operator does (`bind`), if the file holds only one.
    """
    kode_desa = reading.kode_desa
    codes = {place.kode for place in reading.places if place.kode not in {"", kode_desa}}
    if not codes or bound in codes:
        return bound
    if bind and len(codes) == 1:
        return codes.pop()
    if bound:
        return bound
    named = {
        place.kode
        for place in reading.places
        if place.kode in codes and wilayah.is_village(kode_desa, place.desa, place.kecamatan)
    }
    return named.pop() if len(named) == 1 else ""


def belongs(place: Place, kode_desa: str, bound: str, *, bind: bool) -> bool:
    """Whether a row of this region is the village's."""
    if place.kode:
        return place.kode in {kode_desa, bound}
    if bind or not (place.desa and place.kecamatan):
        return True
    return wilayah.is_village(kode_desa, place.desa, place.kecamatan)
