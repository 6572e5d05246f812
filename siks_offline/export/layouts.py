"""The workbook layouts in which prelists arrive, recognised by their headers.

The layouts themselves are resources/tata-letak.toml; here they meet the instrument: a column
becomes the question it answers, with that question's own code list.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any, Literal

from siks_offline import nik, paths
from siks_offline.errors import AnswersError, SiksError, WorkbookError
from siks_offline.export import sheet_child, workbook
from siks_offline.instrument import fields, promoted

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from siks_offline.instrument.schema import Choice, Instrument, Question

Jenis = Literal["bdt2015", "udrt", "sederhana"]
FACT = "fakta."
"""Before a target that is no question: fakta.nomor, fakta.umur, fakta.desa ..."""

_NUMBER_IN_HEADER = re.compile(r"\(\s*(?:\d+|tahun)\s*\)\s*$")
_NOISE = re.compile(r"[^a-z0-9]+")
_ROUNDED = re.compile(r"\d[\d.,]*[eE]\+?\d+|\d+[.,]\d+[.,]?0{6,}")
_HEADER_ROWS = 15
_REMEMBERED = 4_096
_IDENTITIES = frozenset({promoted.IDBDT, promoted.PERSON_ID, f"{FACT}idbdt"})
_NIKS = frozenset({promoted.NIK, promoted.NIK_PRELIST})
_NO_KKS = frozenset({promoted.NO_KK, promoted.FAMILY_NO_KK, f"{FACT}no_kk"})
_REMEMBERED_TYPES = frozenset({"select_one", "select_multiple", "integer", "decimal", "date"})


@cache
def _catalogue() -> dict[str, Any]:
    with (paths.resources() / "tata-letak.toml").open("rb") as file:
        return tomllib.load(file)


def written_columns() -> Mapping[str, Sequence[str]]:
    """Return the columns of the ministry's two tables in their order, by part of a household."""
    book = _catalogue()["udrt"]["keluar"]
    return {part: book[part] for part in ("rumah_tangga", "anggota")}


def lines_of_three() -> frozenset[str]:
    """Return the questions whose line of the form prints 3 for yes, 4 for no."""
    return frozenset(_catalogue()["udrt"]["keluar"]["tiga_empat"])


def plain_header(text: str) -> str:
    """Return a header for comparison: `Nama KRT (13)` and NAMA_KRT are both `nama krt`."""
    return _NOISE.sub(" ", _NUMBER_IN_HEADER.sub("", text.lower())).strip()


class CellFault(Exception):  # noqa: N818 - what is wrong with a cell, carried to its issue
    """A cell that cannot be an answer: refused with its household, or only left out."""

    def __init__(self, error: SiksError, fatal: bool, kept: str = "") -> None:
        super().__init__(error.code)
        self.error = error
        self.fatal = fatal
        self.kept = kept


@dataclass(slots=True)
class Column:
    """One column of a sheet and the question, or fact, that it fills."""

    index: int
    title: str
    target: str
    question: Question | None = None
    choices: tuple[Choice, ...] = ()
    spellings: Mapping[str, str] = field(default_factory=dict)
    known: dict[str, str] = field(default_factory=dict)
    """Answers of cells seen before, for columns of few different cells."""

    def read(self, cell: str) -> str:
        """Return the answer of a cell that is not empty. Raises CellFault."""
        if self.target in _IDENTITIES:
            return self._identity(cell)
        if self.target in _NIKS or self.target in _NO_KKS:
            return self._number(cell)
        question = self.question
        if question is None:
            return workbook.plain(cell)
        try:
            answer = self._code(cell) or fields.from_cell(question, _value(cell), self.choices)
        except AnswersError as error:
            raise CellFault(error, fatal=False) from None
        if self.choices:
            answer = self._checked(question, answer)
        if question.type in _REMEMBERED_TYPES and len(self.known) < _REMEMBERED:
            self.known[cell] = answer
        return answer

    def _identity(self, cell: str) -> str:
        text = workbook.plain(cell).strip("'")
        if workbook.mark(cell) == sheet_child.NUMBER or _ROUNDED.fullmatch(text):
            raise CellFault(WorkbookError("E_PRELIST_ID", kolom=self.title), fatal=True)
        return text

    def _number(self, cell: str) -> str:
        """Return a NIK or No KK; lost digits and zeros refuse the household."""
        kind = nik.Nik if self.target in _NIKS else nik.NoKk
        text = workbook.plain(cell).strip("'")
        rounded = workbook.mark(cell) == sheet_child.NUMBER and text.strip("0.")
        if rounded or _ROUNDED.fullmatch(text):
            raise CellFault(AnswersError("E_NIK_ROUNDED", nomor=kind.NAME), fatal=True)
        try:
            return kind.parse(text).digits
        except AnswersError as error:
            kept = nik.clean(text)
            raise CellFault(
                error,
                fatal=error.code == "E_NIK_TEMPORARY" and not kept.strip("0"),
                kept=kept if kept.isdigit() else "",
            ) from None

    def _code(self, cell: str) -> str:
        return self.spellings.get(plain_header(workbook.plain(cell)), "") if self.spellings else ""

    def _checked(self, question: Question, answer: str) -> str:
        """Return codes that the question's list has, a yes or no in the list's own pair."""
        codes = {choice.code for choice in self.choices}
        if question.type == "select_multiple":
            if not set(answer.split()) <= codes or answer.isdigit():
                answer = fields.codes_of_sum(answer, self.choices)
            if answer:
                return answer
        elif answer in codes:
            return answer
        elif answer in _PAIRS and is_yes_no(self.choices):
            return self.choices[_PAIRS[answer]].code
        raise CellFault(WorkbookError("E_PRELIST_KODE", kolom=self.title), fatal=False)


# INSTRUMENT.md section 2: 1 and 3 mean yes, 2 and 4 no, whatever pair a line of the form prints.
_PAIRS = {"1": 0, "3": 0, "2": 1, "4": 1}


def is_yes_no(choices: Sequence[Choice]) -> bool:
    """Whether a code list is one line's pair of yes and no."""
    return [choice.label.casefold() for choice in choices] == ["ya", "tidak"]


def _value(cell: str) -> Any:
    """Return the value of a marked cell as a Field takes it."""
    mark = workbook.mark(cell)
    text = workbook.plain(cell)
    if mark == sheet_child.NUMBER:
        return float(text)
    if mark == sheet_child.DAY:
        return text[:10]
    return text


@dataclass(frozen=True, slots=True)
class SheetLayout:
    """The columns of one sheet under its header."""

    jenis: Jenis
    household: tuple[Column, ...]
    member: tuple[Column, ...]


def recognise(cells: Sequence[str], number: int, instrument: Instrument) -> SheetLayout | None:
    """Return the layout whose header this row is, or None. Headers stand in the first 15 rows."""
    if number > _HEADER_ROWS or len(cells) < 2:
        return None
    titles = [workbook.plain(cell) for cell in cells]
    headers = [plain_header(title) for title in titles]
    return (
        _by_catalogue("bdt2015", titles, headers, instrument)
        or _udrt(titles, headers, instrument)
        or _by_catalogue("sederhana", titles, headers, instrument)
    )


def _by_catalogue(
    jenis: Jenis, titles: Sequence[str], headers: Sequence[str], instrument: Instrument
) -> SheetLayout | None:
    book = _catalogue()[jenis]
    household = _columns(titles, headers, book["rumah_tangga"], instrument, "")
    member = _columns(titles, headers, book["anggota"], instrument, promoted.MEMBERS)
    layout = SheetLayout(jenis, household, member)
    if jenis == "sederhana":
        targets = {column.target for column in member}
        return layout if set(book["tanda"]) <= targets else None
    return layout if set(book["tanda"]) <= set(headers) else None


def _udrt(
    titles: Sequence[str], headers: Sequence[str], instrument: Instrument
) -> SheetLayout | None:
    book = _catalogue()["udrt"]
    if not set(book["tanda"]) <= set(headers):
        return None
    skipped = set(book["lewati"])
    of_members = len(set(book["tanda_anggota"]) & set(headers)) >= 2
    repeat = promoted.MEMBERS if of_members else ""
    names = {
        question.name.replace("_", " "): question.name
        for question in instrument.questions_of(repeat)
        if question.answerable and question.name.replace("_", " ") not in skipped
    }
    own = book["anggota" if of_members else "rumah_tangga"]
    columns = _columns(titles, headers, names | own, instrument, repeat)
    if of_members:
        return SheetLayout("udrt", (), columns)
    if len(columns) < 3 or promoted.NIK in headers:
        return None
    return SheetLayout("udrt", columns, ())


def _columns(
    titles: Sequence[str],
    headers: Sequence[str],
    targets: Mapping[str, str],
    instrument: Instrument,
    repeat: str,
) -> tuple[Column, ...]:
    """Columns whose headers have a target, each target once: its own name before another's."""
    spellings = _catalogue()["ejaan"]
    chosen: dict[str, tuple[bool, Column]] = {}
    for index, header in enumerate(headers):
        target = targets.get(header)
        if target is None:
            continue
        question = None
        if not target.startswith(FACT):
            question = instrument.questions.get(target)
            if question is None or instrument.owner[target] != repeat:
                continue
        own = target.replace("_", " ") == header
        if target in chosen and (chosen[target][0] or not own):
            continue
        chosen[target] = (
            own,
            Column(
                index,
                titles[index].strip(),
                target,
                question,
                instrument.options(target) if question else (),
                spellings.get(target, {}),
            ),
        )
    return tuple(column for _, column in sorted(chosen.values(), key=lambda c: c[1].index))
