"""Answers of any instrument as an Excel workbook that people may fill and give back."""

from __future__ import annotations

from contextlib import suppress
from datetime import date
from typing import TYPE_CHECKING, Any, NamedTuple

from siks_offline import texts
from siks_offline.errors import AnswersError, WorkbookError
from siks_offline.export import answers_sheets, sheet_writer
from siks_offline.export.answers_sheets import CODES, HEADS, KEY, MOST_ROWS, NUMBER, SEAL
from siks_offline.export.sheet_scan import MAX_ROWS
from siks_offline.export.sheet_writer import DAY, DECIMAL, INTEGER, LABEL, NAME, TEXT, day, letters
from siks_offline.instrument import fields
from siks_offline.instrument.lexer import REFERENCE
from siks_offline.progress import silent

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from pathlib import Path

    from siks_offline.export.answers_sheets import Sheet
    from siks_offline.export.sheet_writer import Cell, Page, Pages
    from siks_offline.instrument.schema import Instrument, Question
    from siks_offline.model import Answers
    from siks_offline.progress import Progress

_DIGITS = 15
"""Digits of a number that Excel keeps."""
_FIRST_DAY = date(1901, 1, 1)
"""Excel counts days from 1900 and holds a 29 February of that year."""
_WIDTH = 11
_WIDTHS = {"text": 22, "select_multiple": 14, "date": 12}


class Household(NamedTuple):
    """One household to write: its id and its answers in the shape of DATA.md."""

    id: str
    answers: Answers


def write(
    path: Path,
    instrument: Instrument,
    households: Iterable[Household],
    progress: Progress = silent,
) -> int:
    """Write households, whole or not at all, and return how many.

    A sheet for households and one for each repeat: names of questions in the first row, labels in
    the second, answers below as text, numbers and days only where they come back unchanged. Raises
    WorkbookError E_BOOK_ROWS, FileError.
    """
    done = 0
    progress(0, 0)
    with sheet_writer.Pages() as pages:
        pen = _Pen(instrument, pages)
        for one in households:
            pen.write(one)
            done += 1
            if not done % 100:
                progress(done, 0)
        pen.codes()
        pages.save(path)
    progress(done, done)
    return done


class _Pen:
    """Writes row after row to all sheets at once, so that no household is kept."""

    def __init__(self, instrument: Instrument, pages: Pages) -> None:
        self._instrument = instrument
        self._pages = pages
        self._code_rows, self._ranges = _code_rows(instrument)
        self._sheets: dict[str, list[tuple[Sheet, Page]]] = {}
        for sheet in answers_sheets.plan(instrument):
            self._sheets.setdefault(sheet.repeat, []).append((sheet, self._page(sheet)))
        self._rows = dict.fromkeys(self._sheets, 0)
        self._repeats_in: dict[str, list[str]] = {}
        for repeat in instrument.repeats:
            self._repeats_in.setdefault(instrument.owner[repeat], []).append(repeat)

    def _page(self, sheet: Sheet) -> Page:
        names = [*sheet.keys, *(one.name for one in sheet.columns)]
        labels = [texts.text(f"buku_jawaban.{_KEY_LABELS[key]}") for key in sheet.keys]
        labels += [_label(one) for one in sheet.columns]
        widths = [38 if key == KEY else 12 for key in sheet.keys]
        widths += [_WIDTHS.get(one.type, _WIDTH) for one in sheet.columns]
        hidden = [at for at, key in enumerate(sheet.keys, start=1) if key == SEAL]
        page = self._pages.add(
            sheet.title, widths, frozen=(2 if sheet.repeat else 1, HEADS), hidden=hidden
        )
        page.append((NAME, answers_sheets.inert(name)) for name in names)
        page.append((LABEL, answers_sheets.inert(label)) for label in labels)
        for number, question in enumerate(sheet.columns, start=len(sheet.keys) + 1):
            if question.list_name in self._ranges:
                letter = letters(number)
                self._validate(page, question, f"{letter}{HEADS + 1}:{letter}{MAX_ROWS}")
        return page

    def _validate(self, page: Page, question: Question, cells: str) -> None:
        if question.type == "select_one":
            refusal = texts.text("buku_jawaban.pilih")
            page.choose(cells, self._ranges[question.list_name], refusal)
        else:
            page.remark(cells, texts.text("buku_jawaban.banyak"))

    def write(self, one: Household) -> None:
        """Add one household with all its members."""
        self._append("", (one.id, answers_sheets.seal(one.answers)), one.answers)
        self._members("", one.id, "", one.answers)

    def _members(self, owner: str, id_: str, place: str, answers: Mapping[str, Any]) -> None:
        for repeat in self._repeats_in.get(owner, ()):
            for number, member in enumerate(answers.get(repeat, ()), start=1):
                here = f"{place}.{number}" if place else str(number)
                self._append(repeat, (id_, here), member)
                self._members(repeat, id_, here, member)

    def _append(self, repeat: str, keys: Sequence[str], answers: Mapping[str, Any]) -> None:
        self._rows[repeat] += 1
        if self._rows[repeat] > MOST_ROWS:
            raise WorkbookError("E_BOOK_ROWS", batas=MOST_ROWS)
        for sheet, page in self._sheets[repeat]:
            cells: list[Cell] = [
                (TEXT, answers_sheets.inert(key)) for key in keys[: len(sheet.keys)]
            ]
            cells += [_cell(one.type, answers.get(one.name)) for one in sheet.columns]
            page.append(cells)

    def codes(self) -> None:
        """Add the sheet of code lists, from which cells are chosen."""
        page = self._pages.add(CODES, (26, 10, 60))
        page.append((NAME, texts.text(f"buku_jawaban.{one}")) for one in ("daftar", "kode", "arti"))
        for row in self._code_rows:
            page.append((TEXT, answers_sheets.inert(text)) if text else None for text in row)


_KEY_LABELS = {KEY: "kunci", NUMBER: "nomor", SEAL: "cap"}


def _cell(kind: str, answer: str | None) -> Cell:
    if not answer:
        return None
    if kind in _VALUES and (value := _VALUES[kind](answer)) is not None:
        return value
    return TEXT, answers_sheets.inert(answers_sheets.guarded(answer))


def _integer(answer: str) -> Cell:
    """Return the number of an answer that Excel gives back digit by digit."""
    if fields.FIELDS["integer"].canonical(answer) and len(answer.lstrip("-")) < _DIGITS:
        return (INTEGER, answer) if answer != "-0" else None
    return None


def _decimal(answer: str) -> Cell:
    if fields.FIELDS["decimal"].canonical(answer) and len(answer) <= _DIGITS:
        with suppress(AnswersError):
            if fields.FIELDS["decimal"].from_cell(float(answer)) == answer:
                return DECIMAL, answer
    return None


def _day(answer: str) -> Cell:
    with suppress(ValueError):
        value = date.fromisoformat(answer)
        if value >= _FIRST_DAY and value.isoformat() == answer:
            return DAY, day(value)
    return None


_VALUES: dict[str, Callable[[str], Cell]] = {"integer": _integer, "decimal": _decimal, "date": _day}


def _label(question: Question) -> str:
    label = REFERENCE.sub("…", question.label or question.name)
    if question.type == "calculate":
        return texts.text("buku_jawaban.dihitung", label=label)
    return label


def _code_rows(instrument: Instrument) -> tuple[list[tuple[str, str, str]], dict[str, str]]:
    """Return the rows of the code sheet, and the range of each list's codes."""
    rows: list[tuple[str, str, str]] = []
    ranges = {}
    for name, choices in instrument.choices.items():
        first = len(rows) + 2
        rows += [(name, one.code, REFERENCE.sub("…", one.label)) for one in choices]
        ranges[name] = f"'{CODES}'!$B${first}:$B${len(rows) + 1}"
    return rows, ranges
