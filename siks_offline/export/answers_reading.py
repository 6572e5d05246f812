"""A workbook of answers comes back: households, and what is wrong with which cell."""

from __future__ import annotations

import difflib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from siks_offline import texts
from siks_offline.errors import AnswersError, SiksError, WorkbookError
from siks_offline.export import answers_sheets, sheet_child, workbook
from siks_offline.export.answers_sheets import KEY, NUMBER, SEAL
from siks_offline.instrument import fields
from siks_offline.instrument.schema import SELECTS
from siks_offline.model import CellIssue
from siks_offline.progress import silent

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from siks_offline.export.answers_sheets import Sheet
    from siks_offline.export.workbook import Row
    from siks_offline.instrument.schema import Instrument, Question
    from siks_offline.progress import Progress

MAX_ISSUES = 10_000
_HEADER_ROWS = 15
_MOST_CODES = 12


@dataclass(slots=True)
class BookHousehold:
    """One household of a workbook: where it stands, its answers in the shape of DATA.md.

    Texts are as they stand in the cells: a form brings them into canonical form. `lost` says that
    a cell of it could not be taken at all, so its answers are not whole; `seal` is that of the
    answers once written, empty where the column went missing.
    """

    id: str
    sheet: str
    row: int
    answers: dict[str, Any] = field(default_factory=dict)
    seal: str = ""
    lost: bool = False

    @property
    def touched(self) -> bool:
        """Whether somebody changed anything since the program wrote it."""
        return self.seal != answers_sheets.seal(self.answers)


@dataclass(slots=True)
class Book:
    """What a workbook holds: households in its order, issues by cell, places of the columns."""

    households: list[BookHousehold]
    issues: list[CellIssue]
    more_issues: int
    """How many issues were left out because there are too many to read."""
    places: Mapping[tuple[str, str, str], tuple[str, int]]
    """Sheet and row of a household's row in each repeat: by id, repeat, number in it."""


@dataclass(slots=True)
class _Head:
    """The columns of a sheet under its header."""

    sheet: Sheet
    row: int
    columns: list[tuple[int, Question]]
    key: int
    number: int
    seal: int


@dataclass(slots=True)
class _Member:
    """A member while its household gathers."""

    sheet: str
    row: int
    answers: dict[str, Any]


def read(path: Path, instrument: Instrument, progress: Progress = silent) -> Book:
    """Read a workbook of answers; faults of cells are issues.

    Raises what workbook.read raises, and WorkbookError E_BOOK_EMPTY without a sheet of households.
    """
    reading = _Reading(instrument)
    for row in workbook.read(path, progress):
        reading.add(row)
    if not reading.found_households:
        raise WorkbookError("E_BOOK_EMPTY", berkas=path.name)
    return reading.book()


class _Reading:
    def __init__(self, instrument: Instrument) -> None:
        self._instrument = instrument
        self._plan = {one.title.casefold(): one for one in answers_sheets.plan(instrument)}
        self._sheet = ""
        self._head: _Head | None = None
        self.found_households = False
        self._households: dict[str, BookHousehold] = {}
        self._members: dict[str, dict[str, dict[tuple[int, ...], _Member]]] = {
            repeat: {} for repeat in instrument.repeats
        }
        self._loose: dict[tuple[str, str], int] = {}
        self._issues: list[CellIssue] = []
        self._more = 0

    def issue(self, error: SiksError, row: int, column: str = "", sheet: str = "") -> None:
        if len(self._issues) >= MAX_ISSUES:
            self._more += 1
            return
        self._issues.append(
            CellIssue(sheet or self._sheet, row, column, error.code, error.message, error.remedy)
        )

    # --- rows in ----------------------------------------------------------------------------------

    def add(self, row: Row) -> None:
        """Take in one row of any sheet."""
        if row.sheet != self._sheet:
            self._sheet, self._head = row.sheet, None
        sheet = self._plan.get(row.sheet.casefold())
        if sheet is None:
            return
        if self._head is None:
            if row.number <= _HEADER_ROWS:
                self._head = self._header(sheet, row)
            return
        cells = row.cells
        if self._head.row + 1 == row.number and self._is_label(cells):
            return
        if any(cells):
            self._answers(self._head, row)

    def _is_label(self, cells: Sequence[str]) -> bool:
        assert self._head is not None
        key = self._head.key
        return len(cells) > key and cells[key] == texts.text("buku_jawaban.kunci")

    def _header(self, sheet: Sheet, row: Row) -> _Head | None:
        names = [workbook.plain(cell).strip() for cell in row.cells]
        if KEY not in names:
            return None
        asked = {one.name: one for one in sheet.columns}
        columns: list[tuple[int, Question]] = []
        seen: set[str] = set()
        for index, name in enumerate(names):
            if name and name in seen:
                self.issue(WorkbookError("E_BOOK_COLUMN_TWICE", isi=name), row.number, name)
            elif name in asked:
                columns.append((index, asked[name]))
            elif name and name not in (KEY, NUMBER, SEAL):
                near = difflib.get_close_matches(name, asked, 1)
                saran = near[0] if near else KEY
                error = WorkbookError("E_BOOK_COLUMN", isi=name[:60], saran=saran)
                self.issue(error, row.number, name)
            seen.add(name)
        if not sheet.repeat and sheet.first:
            self.found_households = True
        where = {name: at for at, name in reversed(list(enumerate(names)))}
        return _Head(
            sheet, row.number, columns, where[KEY], where.get(NUMBER, -1), where.get(SEAL, -1)
        )

    def _answers(self, head: _Head, row: Row) -> None:
        id_ = workbook.plain(_at(row.cells, head.key)).strip()
        if not id_:
            self.issue(WorkbookError("E_BOOK_NO_ID"), row.number, KEY)
            return
        target, owner = self._row_of(head, row, id_)
        if target is None or owner is None:
            return
        for index, question in head.columns:
            cell = _at(row.cells, index)
            if cell:
                answer = self._read(question, cell, row.number, owner)
                if answer:
                    target[question.name] = answer

    def _row_of(
        self, head: _Head, row: Row, id_: str
    ) -> tuple[dict[str, Any] | None, BookHousehold | None]:
        """Where the answers of a row go, and the household they are of."""
        sheet = head.sheet
        found = self._households.get(id_)
        if sheet.repeat:
            if found is None:
                self.issue(WorkbookError("E_BOOK_ORPHAN", id=id_), row.number, KEY)
                return None, None
            member = self._member(head, row, found)
            return (member.answers if member else None), found
        if not sheet.first:
            if found is None:
                self.issue(WorkbookError("E_BOOK_ORPHAN", id=id_), row.number, KEY)
        elif found is not None:
            self.issue(WorkbookError("E_BOOK_TWICE", baris=found.row), row.number, KEY)
            found.lost = True
            return None, None
        else:
            seal = workbook.plain(_at(row.cells, head.seal))
            found = self._households[id_] = BookHousehold(id_, row.sheet, row.number, seal=seal)
        return (found.answers if found else None), found

    def _member(self, head: _Head, row: Row, found: BookHousehold) -> _Member | None:
        repeat = head.sheet.repeat
        group = self._members[repeat].setdefault(found.id, {})
        cell = _at(row.cells, head.number)
        text = workbook.plain(cell).strip()
        depth = self._depth(repeat)
        if not text and depth == 1 and head.sheet.first:
            # A person without a number stands behind the others, in order of the rows.
            self._loose[found.id, repeat] = at = self._loose.get((found.id, repeat), 10**6) + 1
            place: tuple[int, ...] = (at,)
        else:
            parts = text.split(".")
            good = len(parts) == depth and all(p.isdecimal() and len(p) < 7 for p in parts)
            rounded = depth > 1 and workbook.mark(cell) == sheet_child.NUMBER
            place = tuple(map(int, parts)) if good and not rounded else ()
        if not place or (head.sheet.first and place in group):
            error = WorkbookError("E_BOOK_NUMBER", isi=text[:20] or "-")
            self.issue(error, row.number, NUMBER)
            found.lost = True
            return None
        return group.setdefault(place, _Member(row.sheet, row.number, {}))

    def _depth(self, repeat: str) -> int:
        depth = 0
        while repeat:
            depth += 1
            repeat = self._instrument.owner[repeat]
        return depth

    def _read(self, question: Question, cell: str, row: int, owner: BookHousehold) -> str:
        """Return the answer of a cell that is not empty, and note what is wrong with it."""
        mark, text = workbook.mark(cell), workbook.plain(cell)
        choices = self._instrument.choices.get(question.list_name, ())
        name = question.name
        if mark in (sheet_child.CLEANED, sheet_child.CUT):
            code = "E_PRELIST_BERSIH" if mark == sheet_child.CLEANED else "E_PRELIST_PANJANG"
            self.issue(WorkbookError(code, kolom=name), row, name)
            owner.lost = owner.lost or mark == sheet_child.CUT
        if mark in (sheet_child.NUMBER, sheet_child.DAY, sheet_child.TRUTH):
            value: Any = text
            if mark == sheet_child.NUMBER:
                value = float(text)
            elif mark == sheet_child.DAY:
                value = text[:10]
            try:
                answer = fields.from_cell(question, value, choices)
            except AnswersError as error:
                self.issue(error, row, name)
                owner.lost = True
                return ""
        else:
            answer = answers_sheets.unguarded(text)
        try:
            read = fields.read(question, answer, choices)
        except AnswersError as error:
            self.issue(error, row, name)
            return answer
        if question.type in SELECTS and choices:
            self._check_codes(question, read, row)
        return answer

    def _check_codes(self, question: Question, answer: str, row: int) -> None:
        codes = {choice.code for choice in self._instrument.choices[question.list_name]}
        given = [answer] if question.type == "select_one" else answer.split()
        odd = [code for code in given if code not in codes]
        if odd:
            listed = sorted(codes, key=lambda code: (len(code), code))
            daftar = ", ".join(listed[:_MOST_CODES]) + ", …" * (len(listed) > _MOST_CODES)
            error = WorkbookError("E_BOOK_CODE", isi=odd[0][:60], daftar=daftar)
            self.issue(error, row, question.name)

    # --- households out ---------------------------------------------------------------------------

    def book(self) -> Book:
        """Put the members into their households and return all."""
        places: dict[tuple[str, str, str], tuple[str, int]] = {}
        paths: dict[tuple[str, str], dict[tuple[int, ...], tuple[dict[str, Any], str]]] = {}
        for one in self._households.values():
            paths["", one.id] = {(): (one.answers, "")}
            places[one.id, "", ""] = (one.sheet, one.row)
        for repeat in self._instrument.repeats:
            owner = self._instrument.owner[repeat]
            for id_, group in self._members[repeat].items():
                homes = paths.get((owner, id_), {})
                mine = paths.setdefault((repeat, id_), {})
                for place in sorted(group):
                    member = group[place]
                    home = homes.get(place[:-1])
                    if home is None:
                        error = WorkbookError("E_BOOK_ORPHAN", id=".".join(map(str, place[:-1])))
                        self.issue(error, member.row, NUMBER, member.sheet)
                        self._households[id_].lost = True
                        continue
                    listed = home[0].setdefault(repeat, [])
                    listed.append(member.answers)
                    path = f"{home[1]}{repeat}[{len(listed)}]"
                    mine[place] = (member.answers, f"{path}.")
                    places[id_, repeat, path] = (member.sheet, member.row)
        return Book(list(self._households.values()), self._issues, self._more, places)


def _at(cells: Sequence[str], index: int) -> str:
    return cells[index] if 0 <= index < len(cells) else ""


def place_of(
    book: Book, instrument: Instrument, id_: str, path: str
) -> tuple[str, int, str] | None:
    """Return sheet, row and column of a path of a household's answers; None for what has none."""
    member, _, name = path.rpartition(".")
    if instrument.owner.get(name) is None:
        return None
    found = book.places.get((id_, instrument.owner[name], member))
    return (*found, name) if found else None


def by_place(issues: Iterable[CellIssue]) -> list[CellIssue]:
    """Return issues in order of sheet, row and column."""
    return sorted(issues, key=lambda one: (one.sheet, one.row, one.column))
