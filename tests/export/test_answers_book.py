"""Answers go to Excel and come back the same, whatever the questionnaire; faults name their cell."""

from __future__ import annotations

import zipfile
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from siks_offline.errors import WorkbookError
from siks_offline.export import answers_book, answers_reading, answers_sheets
from siks_offline.export.answers_book import Household
from siks_offline.instrument import load
from siks_offline.instrument.schema import Choice, Group, Instrument, Question, Repeat
from siks_offline.latihan import people

if TYPE_CHECKING:
    from collections.abc import Mapping

    from siks_offline.instrument.schema import Element

VILLAGE, TODAY = "3509122003", date(2026, 10, 1)
TYPES = (
    *("text", "integer", "decimal", "date", "select_one", "select_multiple", "calculate"),
    *("geopoint", "image"),
)
HOME = answers_sheets.HOUSEHOLDS


@pytest.fixture(scope="module")
def dtks() -> Instrument:
    return load.load_shipped("dtks")


def back(instrument: Instrument, *households: Household) -> answers_reading.Book:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "jawaban.xlsx"
        answers_book.write(path, instrument, households)
        return answers_reading.read(path, instrument)


def changed(path: Path, cells: Mapping[tuple[str, str], Any]) -> Path:
    """The same workbook after a person changed cells and saved it."""
    book = openpyxl.load_workbook(path)
    for (sheet, cell), value in cells.items():
        book[sheet][cell] = value
    book.save(path)
    return path


# --- any questionnaire, any answer ---------------------------------------------------------------

names = st.text("abcdefgh_", min_size=1, max_size=40).map("q".__add__)
words = st.text(
    st.one_of(
        st.characters(exclude_categories=["Cs"]),
        st.sampled_from("_x041 \n\t\r'=+-@\x00\x1f\ufffe\u0301\u200f\U0001f600<&>\"0123456789"),
    ),
    min_size=1,
    max_size=40,
)
numbers = st.one_of(
    st.integers(-(10**18) + 1, 10**18 - 1).map(str),
    st.decimals(allow_nan=False, allow_infinity=False, places=6).map(str),
    st.dates(date(1850, 1, 1), date(2100, 12, 31)).map(str),
)
answer = st.one_of(words, numbers)


@st.composite
def instruments(draw: st.DrawFn) -> Instrument:
    """A questionnaire of up to three levels of repeats, with code lists and odd labels."""
    taken: set[str] = set()

    def name() -> str:
        found = draw(names.filter(lambda one: one not in taken))
        taken.add(found)
        return found

    def children(depth: int) -> tuple[Element, ...]:
        found: list[Element] = []
        for _ in range(draw(st.integers(1, 4))):
            kind = draw(st.sampled_from((*TYPES, "repeat", "group")))
            if kind == "repeat" and depth < 3:
                found.append(Repeat(name(), draw(words), 2, children=children(depth + 1)))
            elif kind == "group" and depth < 3:
                found.append(Group(name(), draw(words), 2, children=children(depth + 1)))
            elif kind in TYPES:
                lists = {"list_name": "kode"} if kind.startswith("select") else {}
                found.append(Question(name(), kind, draw(words), 2, **lists))
        return tuple(found)

    codes = tuple(Choice(code, label) for code, label in (("1", "=Ya"), ("02", "Tidak"), ("a", "")))
    return Instrument("uji", "1", "Uji", "0" * 64, children(0), {"kode": codes})


@st.composite
def filled(draw: st.DrawFn, instrument: Instrument, repeat: str = "") -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, element in instrument.elements.items():
        if instrument.owner[name] != repeat or isinstance(element, Group) or draw(st.booleans()):
            continue
        if isinstance(element, Repeat):
            members = draw(st.lists(filled(instrument, name), max_size=12 if not repeat else 2))
            if members:
                found[name] = members
        else:
            found[name] = draw(answer)
    return found


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_out_and_in_again_is_identity(data: st.DataObject) -> None:
    """Every answer of every questionnaire comes back to the letter, and nobody seems to touch it."""
    instrument = data.draw(instruments())
    answers = data.draw(st.lists(filled(instrument), min_size=1, max_size=3))
    sent = [Household(f"id-{number}", one) for number, one in enumerate(answers)]
    book = back(instrument, *sent)
    assert [(one.id, one.answers) for one in book.households] == sent
    assert not any(one.lost or one.touched for one in book.households)


@pytest.mark.parametrize("name", sorted(load.SHIPPED))
def test_practice_households_survive_every_shipped_questionnaire(name: str) -> None:
    """What a village has of a shipped questionnaire comes back whole and without an issue."""
    instrument = load.load_shipped(name)
    sent = []
    for index in range(40):
        answers = people.household(index, 7, VILLAGE, TODAY).answers
        known = {
            key: value
            if isinstance(value, str)
            else [{k: v for k, v in one.items() if instrument.owner.get(k) == key} for one in value]
            for key, value in answers.items()
            if instrument.owner.get(key) == ""
        }
        sent.append(Household(str(index), known))
    book = back(instrument, *sent)
    assert [(one.id, one.answers) for one in book.households] == sent
    if name == "dtks":
        assert book.issues == []


def test_a_questionnaire_wider_than_a_sheet_goes_on_the_next() -> None:
    """Six hundred questions and a repeat named like a sheet of ours are no reason to refuse."""
    many = tuple(Question(f"q{n}", "text", "", 2) for n in range(600))
    repeats = tuple(
        Repeat(name, "", 2, children=(Question(f"{name}_x", "text", "", 2),))
        for name in ("history", "a" * 40, "a" * 41, "A" * 40)
    )
    instrument = Instrument("uji", "1", "Uji", "0" * 64, (*many, *repeats), {})
    titles = [sheet.title for sheet in answers_sheets.plan(instrument)]
    assert len({title.casefold() for title in titles}) == len(titles) == 7
    assert max(map(len, titles)) <= 31
    answers = {f"q{n}": str(n) for n in range(600)}
    answers |= {one.name: [{f"{one.name}_x": "y"}, {}] for one in repeats}
    assert back(instrument, Household("1", answers)).households[0].answers == answers


# --- what stands in the cells --------------------------------------------------------------------


def test_nothing_is_a_formula_and_a_nik_is_text(tmp_path: Path, dtks: Instrument) -> None:
    """Excel computes nothing and shortens no number, even where a person types over it."""
    path = tmp_path / "jawaban.xlsx"
    member = {"nama": "=HYPERLINK(1)", "nik": "3509121205800001"}
    answers_book.write(path, dtks, [Household("=1+1", {"alamat": "@x\x07", "anggota": [member]})])
    with zipfile.ZipFile(path) as archive:
        parts = [archive.read(name) for name in archive.namelist() if "sheet" in name]
    assert not any(b"<f>" in part or b"<f " in part for part in parts)
    sheet = openpyxl.load_workbook(path)["anggota"]
    column = {cell.value: cell.column for cell in sheet[1]}
    nik = sheet.cell(3, column["nik"])
    assert (nik.value, nik.data_type, nik.number_format) == ("3509121205800001", "s", "@")
    assert sheet.cell(3, column["nama"]).data_type == "s"
    assert sheet.column_dimensions["Z"].width
    assert sheet.freeze_panes == "C3"


def test_two_header_rows_and_code_lists_to_choose_from(tmp_path: Path, dtks: Instrument) -> None:
    """Names stand above labels; a question with codes takes only these."""
    path = tmp_path / "jawaban.xlsx"
    answers_book.write(path, dtks, [])
    book = openpyxl.load_workbook(path)
    home, codes = book[HOME], book[answers_sheets.CODES]
    heads = {home.cell(1, n).value: home.cell(2, n).value for n in range(1, home.max_column + 1)}
    assert heads["lantai"] == "3. Jenis lantai terluas"
    column = next(cell.column_letter for cell in home[1] if cell.value == "lantai")
    rule = next(r for r in home.data_validations.dataValidation if f"{column}3" in r.sqref)
    first, last = (int(part.rpartition("$")[2]) for part in rule.formula1.split(":"))
    listed = [codes.cell(row, 2).value for row in range(first, last + 1)]
    assert listed == [choice.code for choice in dtks.options("lantai")]
    assert book.sheetnames[1:-1] == list(dtks.repeats)


# --- what people do to it ------------------------------------------------------------------------


@pytest.fixture
def book(tmp_path: Path, dtks: Instrument) -> Path:
    """A household of practice with at least two members, saved again by another program."""
    found = next(
        one
        for one in (people.household(n, 3, VILLAGE, TODAY) for n in range(50))
        if len(one.answers["anggota"]) > 2
    )
    path = tmp_path / "jawaban.xlsx"
    answers_book.write(path, dtks, [Household("rt-1", found.answers)])
    return path


def place(path: Path, sheet: str, name: str, row: int = 3) -> tuple[str, str]:
    head = openpyxl.load_workbook(path)[sheet][1]
    return sheet, f"{next(c.column_letter for c in head if c.value == name)}{row}"


def test_another_program_may_save_it(book: Path, dtks: Instrument) -> None:
    """Saved again with shared strings it still says the same."""
    before = answers_reading.read(book, dtks).households[0].answers
    after = answers_reading.read(changed(book, {}), dtks)
    assert after.households[0].answers == before
    assert not after.households[0].touched


@pytest.mark.parametrize(
    ("sheet", "name", "value", "code"),
    [
        ("anggota", "nik", 3509121205800001, "E_ANSWER_DIGITS"),
        (HOME, "lantai", "77", "E_BOOK_CODE"),
        (HOME, "jumlah_kamar", "dua", "E_ANSWER_INTEGER"),
        ("anggota", "tgllahir", "31-02-1980", "E_ANSWER_DATE"),
        ("anggota", "ada_kartu_identitas", "1 64", "E_BOOK_CODE"),
        ("anggota", answers_sheets.NUMBER, "2", "E_BOOK_NUMBER"),
        ("anggota", answers_sheets.KEY, "rt-9", "E_BOOK_ORPHAN"),
        ("anggota", answers_sheets.KEY, None, "E_BOOK_NO_ID"),
    ],
)
def test_a_fault_names_sheet_row_column_and_remedy(
    book: Path, dtks: Instrument, sheet: str, name: str, value: object, code: str
) -> None:
    """Whatever a person mistypes is told by cell, with what to do."""
    where = place(book, sheet, name)
    if name == answers_sheets.NUMBER:
        where = place(book, sheet, name, 4)
        value = "1"
    found = answers_reading.read(changed(book, {where: value}), dtks)
    issue = found.issues[0]
    assert (issue.code, issue.sheet, issue.column) == (code, sheet, name)
    assert issue.row == (4 if name == answers_sheets.NUMBER else 3)
    assert issue.message
    assert issue.remedy
    assert found.households[0].touched
    assert found.households[0].lost == (code in ("E_ANSWER_DIGITS", "E_BOOK_NUMBER"))


def test_days_and_numbers_of_excel_are_answers(book: Path, dtks: Instrument) -> None:
    """A day typed as a day, a code typed as a number, a person added at the end."""
    cells = {
        place(book, "anggota", "tgllahir"): date(1979, 3, 4),
        place(book, HOME, "lantai"): 6,
        place(book, HOME, "luas_lantai"): 36.5,
        place(book, "anggota", answers_sheets.KEY, 40): "rt-1",
        place(book, "anggota", "nama", 40): "SITI",
    }
    found = answers_reading.read(changed(book, cells), dtks)
    answers = found.households[0].answers
    assert found.issues == []
    assert answers["anggota"][0]["tgllahir"] == "1979-03-04"
    assert (answers["lantai"], answers["luas_lantai"]) == ("6", "36.5")
    assert answers["anggota"][-1] == {"nama": "SITI"}
    path = f"anggota[{len(answers['anggota'])}].nama"
    assert answers_reading.place_of(found, dtks, "rt-1", path) == ("anggota", 40, "nama")


def test_columns_may_move_and_a_misspelt_one_is_told(book: Path, dtks: Instrument) -> None:
    """Headers, not places, say what a column is; labels may be thrown away."""
    before = answers_reading.read(book, dtks).households[0].answers
    sheet = openpyxl.load_workbook(book)
    home = sheet[HOME]
    home.delete_rows(2)
    home.move_range(f"A1:A{home.max_row}", cols=home.max_column + 3)
    name = next(cell for cell in home[1] if cell.value == "lantai")
    name.value = "lanta1"
    sheet.save(book)
    found = answers_reading.read(book, dtks)
    assert [(i.code, i.column, i.row) for i in found.issues] == [("E_BOOK_COLUMN", "lanta1", 1)]
    assert "lantai" in found.issues[0].remedy
    assert found.households[0].answers == {k: v for k, v in before.items() if k != "lantai"}


def test_a_workbook_without_our_sheets_is_refused(tmp_path: Path, dtks: Instrument) -> None:
    path = tmp_path / "lain.xlsx"
    openpyxl.Workbook().save(path)
    with pytest.raises(WorkbookError) as refused:
        answers_reading.read(path, dtks)
    assert refused.value.code == "E_BOOK_EMPTY"
