"""Lists that other offices make of our people, recognised by their headers.

Matching results of Dukcapil and Bapenda, lists of who collects help, determination lists. Their
layouts are resources/daftar-luar.toml; a column becomes a field of a row, read by the field's kind.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any, Final, Literal, cast

from siks_offline import nik, paths
from siks_offline.errors import AnswersError, WorkbookError
from siks_offline.export import delimited, sheet_child, workbook
from siks_offline.export.layouts import plain_header
from siks_offline.instrument import fields
from siks_offline.model import CellIssue
from siks_offline.progress import silent

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from pathlib import Path

    from siks_offline.export.workbook import Row
    from siks_offline.progress import Progress

Kind = Literal["dukcapil", "kendaraan", "pbb", "pengurus", "penetapan"]
MATCHING: Final[tuple[Kind, ...]] = ("dukcapil", "kendaraan", "pbb")
DETERMINING: Final[tuple[Kind, ...]] = ("pengurus", "penetapan")
MAX_ISSUES: Final = 2_000
PROGRAM: Final = "program:"
"""Before the code of a programme that has a column of its own."""

_HEADER_ROWS: Final = 15
_NIKS: Final = frozenset({"nik", "duk_nik"})
_CARDS: Final = frozenset({"no_kk", "duk_no_kk"})
_LONG: Final = frozenset({"rekening", "kartu", "pengurus", "idartbdt", "nop"})
_DAYS: Final = frozenset({"duk_tanggal_lahir", "tanggal_meninggal"})
_ROUNDED: Final = re.compile(r"\d[\d.,]*[eE]\+?\d+|\d+[.,]\d+[.,]?0{6,}")
_DIGITS: Final = re.compile(r"\D+")
_REGISTRY: Final = "duk_"
_SPELT: Final = ("keadaan", "kendaraan", "duk_jenis_kelamin")


@dataclass(frozen=True, slots=True)
class ListRow:
    """One row: where it stands, and its fields; what it does not say is absent."""

    sheet: str
    number: int
    values: Mapping[str, str]
    refused: str = ""
    """Code of the fault for which nothing of it may be used; empty for none."""


@dataclass(slots=True)
class OutsideList:
    """What a file holds."""

    kind: Kind
    rows: list[ListRow] = field(default_factory=list)
    issues: list[CellIssue] = field(default_factory=list)


@cache
def book() -> Mapping[str, Any]:
    """Return the layouts as they stand in the resources."""
    with (paths.resources() / "daftar-luar.toml").open("rb") as file:
        return tomllib.load(file)


def read(path: Path, kinds: Collection[Kind], progress: Progress = silent) -> OutsideList:
    """Read a list of one of these kinds from a workbook or CSV; faults of cells are issues.

    Raises what delimited.rows raises, and WorkbookError E_DAFTAR_KOSONG when no sheet has a header
    that is known, or none has rows under it.
    """
    found: OutsideList | None = None
    sheet = ""
    layout: _Layout | None = None
    for row in delimited.rows(path, progress):
        if row.sheet != sheet:
            sheet, layout = row.sheet, None
        if layout is None:
            layout = _recognised(row, kinds)
            if layout is not None and found is not None and found.kind != layout.kind:
                layout = None  # another list in the same file, such as a recap
        else:
            found = found or OutsideList(layout.kind)
            layout.take(row, found)
    if found is None:
        raise WorkbookError("E_DAFTAR_KOSONG", berkas=path.name)
    return found


@dataclass(slots=True)
class _Layout:
    """The columns of a sheet under its header: place, title, field."""

    kind: Kind
    columns: list[tuple[int, str, str]]

    def take(self, row: Row, found: OutsideList) -> None:
        """Read one row."""
        values: dict[str, str] = {}
        refused = ""
        for index, title, name in self.columns:
            cell = row.cells[index] if index < len(row.cells) else ""
            if not cell:
                continue
            try:
                value = _read(name, cell)
            except AnswersError as error:
                if len(found.issues) < MAX_ISSUES:
                    found.issues.append(
                        CellIssue(
                            row.sheet, row.number, title, error.code, error.message, error.remedy
                        )
                    )
                if error.code == "E_NIK_ROUNDED":
                    refused = refused or error.code
                continue
            if not value:
                continue
            if name == "rincian" and name in values:
                values[name] = f"{values[name]}, {value}"
            else:
                values.setdefault(name, value)
        if self.kind == "dukcapil" and values and self._is_unknown(values):
            values["keadaan"] = "tidak_ada"
        if values:
            found.rows.append(ListRow(row.sheet, row.number, values, refused))

    def _is_unknown(self, values: Mapping[str, str]) -> bool:
        """Whether a row leaves every column of the registry empty, although the list has some."""
        asked = {name for _, _, name in self.columns if name.startswith(_REGISTRY)}
        return bool(asked) and not (asked | {"keadaan", "tanggal_meninggal"}) & values.keys()


def _recognised(row: Row, kinds: Collection[Kind]) -> _Layout | None:
    if row.number > _HEADER_ROWS:
        return None
    titles = [workbook.plain(cell).strip() for cell in row.cells]
    headers = [plain_header(title) for title in titles]
    for kind in (*MATCHING, *DETERMINING):
        if kind not in kinds:
            continue
        columns = list(_columns(kind, titles, headers))
        fields_ = {"berprogram" if f.startswith(PROGRAM) else f for _, _, f in columns}
        if all(fields_ & set(group) for group in book()[kind]["wajib"]):
            return _Layout(kind, columns)
    return None


def _columns(
    kind: Kind, titles: Sequence[str], headers: Sequence[str]
) -> Sequence[tuple[int, str, str]]:
    names = book()[kind]["kolom"]
    programs = book()[kind].get("kolom_program", {})
    found = []
    for index, header in enumerate(headers):
        if header in names:
            found.append((index, titles[index], names[header]))
        elif header in programs:
            found.append((index, titles[index], f"{PROGRAM}{programs[header]}"))
    return found


def _read(name: str, cell: str) -> str:
    """Return the value of a cell. Raises AnswersError."""
    text = workbook.plain(cell).strip("' ")
    if name in _NIKS or name in _CARDS or name in _LONG:
        return _number(name, cell, text)
    if name in _DAYS:
        return _day(cell, text)
    if name == "desil":
        digits = _DIGITS.sub("", text)
        return str(int(digits)) if digits and 1 <= int(digits) <= 10 else ""
    if name == "njop":
        whole = text.split(",")[0] if re.search(r",\d{1,2}$", text) else text
        return _DIGITS.sub("", whole)
    if name in _SPELT:
        said = plain_header(text)
        return cast("str", book()["ejaan"][name].get(said, "")) or (
            _state(said) if name == "keadaan" else ""
        )
    if name == "program":
        return _programs(text)
    if name.startswith(PROGRAM):
        return "" if plain_header(text) in book()["ejaan"]["ya"]["tidak"] else "ya"
    return " ".join(text.split())


def _state(said: str) -> str:
    """Return what a longer remark says of a person, by words in it; empty when it says nothing."""
    for state, words in book()["ejaan"]["memuat"].items():
        if any(one in said for one in words):
            return str(state)
    return ""


def _programs(text: str) -> str:
    """Return the codes of the programmes that a cell names, apart by spaces."""
    spelt = book()["ejaan"]["program"]
    codes = [spelt.get(plain_header(part), "") for part in re.split(r"[,;+&/]", text)]
    whole = spelt.get(plain_header(text), "")
    named = [whole] if whole else [code for code in codes if code]
    return " ".join(dict.fromkeys(named)) or plain_header(text).upper().replace(" ", "-")[:20]


def _number(name: str, cell: str, text: str) -> str:
    """Return a long number; digits that a spreadsheet lost cannot be had back."""
    kind = "No. KK" if name in _CARDS else "NIK"
    lost = workbook.mark(cell) == sheet_child.NUMBER and len(text) > 15 and text.strip("0.")
    if lost or _ROUNDED.fullmatch(text):
        raise AnswersError("E_NIK_ROUNDED", nomor=kind)
    if name in _LONG:
        return text
    digits = nik.clean(text)
    return digits if digits.isdigit() and digits.strip("0") else ""


def _day(cell: str, text: str) -> str:
    if workbook.mark(cell) == sheet_child.DAY:
        text = text[:10]
    value: Any = float(text) if workbook.mark(cell) == sheet_child.NUMBER else text
    return fields.FIELDS["date"].from_cell(value)
