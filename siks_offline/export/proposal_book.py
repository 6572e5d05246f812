"""Proposals of another door: an Excel or CSV list, one row a person, families by their card.

Headings and words are data (resources/kolom-usulan.toml). Cells keep their rules: a NIK that Excel
rounded is refused, a word that no list knows is told and left out.
"""

from __future__ import annotations

import csv
import io
import tomllib
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from siks_offline import paths
from siks_offline.errors import AnswersError, FileError, WorkbookError
from siks_offline.export import canonical, files, sheet_child, workbook
from siks_offline.instrument import fields, promoted
from siks_offline.instrument.schema import SELECTS
from siks_offline.model import CellIssue
from siks_offline.progress import silent

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from siks_offline.export.workbook import Row
    from siks_offline.instrument.schema import Instrument, Question
    from siks_offline.progress import Progress

LARGEST_CSV: Final = 16 << 20
MOST_FAMILIES: Final = 5_000
MOST_MEMBERS: Final = 40
MOST_ISSUES: Final = 5_000
_LEAST_HEADINGS: Final = 3


@dataclass(slots=True)
class BookFamily:
    """A family as a list of proposals tells it; `refused` is the code of why nothing is taken."""

    no_kk: str
    sheet: str
    row: int
    answers: dict[str, Any] = field(default_factory=dict)
    refused: str = ""

    @property
    def nama_krt(self) -> str:
        """Name of its head."""
        return str(self.answers.get(promoted.NAMA_KRT, ""))


@dataclass(slots=True)
class Book:
    """What a list holds: its families in order, and what is wrong with its cells."""

    families: list[BookFamily] = field(default_factory=list)
    issues: list[CellIssue] = field(default_factory=list)

    def issue(self, error: Any, row: Row, column: str = "") -> None:
        """Note something wrong with a cell or row."""
        if len(self.issues) < MOST_ISSUES:
            told = (error.code, error.message, error.remedy)
            self.issues.append(CellIssue(row.sheet, row.number, column, *told))


@cache
def _catalogue() -> Mapping[str, Any]:
    with (paths.resources() / "kolom-usulan.toml").open("rb") as file:
        return tomllib.load(file)


def _letters(words: str) -> str:
    kept = "".join(c if c.isalnum() else " " for c in words.casefold())
    return " ".join(kept.split())


def read(path: Path, form: Instrument, progress: Progress = silent) -> Book:
    """Read a list of proposals.

    Raises FileError, what workbook.read raises, and WorkbookError E_PROPOSAL_LIST when no sheet has
    the headings of one (No KK, NIK and nama at least).
    """
    book = Book()
    found: dict[str, BookFamily] = {}
    columns: list[tuple[int, str, str, Question]] = []
    sheet = None
    for row in _rows(path, progress):
        if row.sheet != sheet:
            sheet, columns = row.sheet, []
        if not columns:
            columns = _headings(row, form)
        else:
            _add(book, found, row, columns, form)
    if not found and not book.issues:
        raise WorkbookError("E_PROPOSAL_LIST", berkas=path.name)
    for one in found.values():
        _close(one)
    book.families = list(found.values())
    return book


def _rows(path: Path, progress: Progress) -> Iterator[Row]:
    with files.errors(path, reading=True), path.open("rb") as file:
        start = file.read(4)
    if start.startswith(b"PK"):
        yield from workbook.read(path, progress)
        return
    with files.errors(path, reading=True), path.open("rb") as file:
        content = file.read(LARGEST_CSV + 1)
    if len(content) > LARGEST_CSV:
        raise FileError("E_XLSX_BESAR", berkas=path.name, batas=LARGEST_CSV >> 20)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("cp1252", errors="replace")
    first = text.partition("\n")[0]
    mark = max(";,\t", key=first.count)
    try:
        for number, cells in enumerate(csv.reader(io.StringIO(text), delimiter=mark), 1):
            if any(cell.strip() for cell in cells):
                clean = [canonical.normalise_text(cell)[0].strip() for cell in cells]
                yield workbook.Row(path.stem, number, clean)
    except csv.Error:
        raise WorkbookError("E_PROPOSAL_LIST", berkas=path.name) from None


def _headings(row: Row, form: Instrument) -> list[tuple[int, str, str, Question]]:
    """Return (index, part, heading, question) of a heading row; none for any other row."""
    known = {
        _letters(words): (part, name)
        for part in ("keluarga", "orang")
        for name, listed in _catalogue()[part].items()
        for words in (*listed, name)
    }
    found = []
    for index, cell in enumerate(row.cells):
        title = workbook.plain(cell).strip()
        place = known.get(_letters(title))
        if place is not None and place[1] in form.questions:
            found.append((index, place[0], title, form.questions[place[1]]))
    names = {question.name for _, _, _, question in found}
    wanted = {"no_kk", promoted.NIK, promoted.NAMA}
    return found if wanted <= names and len(found) >= _LEAST_HEADINGS else []


def _add(
    book: Book,
    found: dict[str, BookFamily],
    row: Row,
    columns: Sequence[tuple[int, str, str, Question]],
    form: Instrument,
) -> None:
    values: dict[str, dict[str, str]] = {"keluarga": {}, "orang": {}}
    fatal = ""
    for index, part, title, question in columns:
        cell = row.cells[index] if index < len(row.cells) else ""
        if not workbook.plain(cell).strip():
            continue
        try:
            answer = _answer(cell, question, form)
        except AnswersError as error:
            book.issue(error, row, title)
            if question.name in ("no_kk", promoted.NIK):
                fatal = fatal or error.code
            continue
        if answer is None:
            known = "E_PROPOSAL_WORD"
            said = workbook.plain(cell)[:60]
            book.issue(WorkbookError(known, isi=said, kolom=title), row, title)
        else:
            values[part][question.name] = answer
    card = values["keluarga"].get("no_kk", "")
    if not card and not fatal:
        if not values["orang"]:
            return
        fatal = "E_PROPOSAL_NO_KK"
        book.issue(WorkbookError(fatal), row)
    key = card or f"?{row.sheet}/{row.number}"
    one = found.get(key)
    if one is None:
        if len(found) >= MOST_FAMILIES:
            raise WorkbookError("E_PROPOSAL_MANY", batas=MOST_FAMILIES)
        one = found[key] = BookFamily(card, row.sheet, row.number)
        one.answers[promoted.MEMBERS] = []
    one.refused = one.refused or fatal
    for name, answer in values["keluarga"].items():
        one.answers.setdefault(name, answer)
    members = one.answers[promoted.MEMBERS]
    if values["orang"] and len(members) < MOST_MEMBERS:
        members.append(values["orang"])


def _answer(cell: str, question: Question, form: Instrument) -> str | None:
    """Return the answer of a cell; None for a word that no list knows. Raises AnswersError."""
    mark, text = workbook.mark(cell), workbook.plain(cell).strip()
    choices = form.choices.get(question.list_name, ())
    if question.type in SELECTS:
        said = _letters(text.removesuffix(".0"))
        words: Mapping[str, Sequence[str]] = _catalogue()["kata"].get(question.list_name, {})
        for choice in choices:
            listed = {choice.code, _letters(choice.label), *words.get(choice.code, ())}
            if said in listed:
                return choice.code
        return None
    value: Any = text
    if mark == sheet_child.NUMBER:
        value = float(text)
    elif mark == sheet_child.DAY:
        value = text[:10]
    return fields.from_cell(question, value, choices)


def _close(one: BookFamily) -> None:
    """Name the head: who is said to be it, else the first person."""
    members = one.answers[promoted.MEMBERS]
    if not members:
        one.refused = one.refused or "E_PROPOSAL_NO_KK"
        return
    head = next((m for m in members if m.get("hubkel") == promoted.HEAD), members[0])
    head.setdefault("hubkel", promoted.HEAD)
    if head.get(promoted.NAMA):
        one.answers[promoted.NAMA_KRT] = head[promoted.NAMA]
