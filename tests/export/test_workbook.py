"""Workbooks that strangers made are read within bounds, or refused with a reason."""

from __future__ import annotations

import datetime as dt
import subprocess
import sys
import zipfile
from pathlib import Path

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from siks_offline.errors import FileError, WorkbookError
from siks_offline.export import sheet_child, sheet_scan, workbook
from siks_offline.export.canonical import normalise_text


def book(path: Path, *rows: list[object], sheet: str = "Prelist") -> Path:
    """A workbook of one sheet, as a person's program would write it."""
    made = openpyxl.Workbook()
    page = made.active
    page.title = sheet
    for row in rows:
        page.append(row)
    made.save(path)
    return path


def altered(source: Path, target: Path, part: str, old: bytes, new: bytes) -> Path:
    """The same workbook with bytes of one part replaced."""
    with (
        zipfile.ZipFile(source) as before,
        zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as after,
    ):
        for entry in before.infolist():
            content = before.read(entry)
            if entry.filename == part:
                assert old in content
                content = content.replace(old, new, 1)
            after.writestr(entry.filename, content)
    return target


def refusal(path: Path) -> str:
    """The code with which a file is refused; it always comes with a remedy."""
    with pytest.raises(WorkbookError) as refused:
        list(workbook.read(path))
    assert refused.value.remedy
    assert str(path.parent) not in refused.value.message
    return refused.value.code


SHEET = "xl/worksheets/sheet1.xml"


def test_rows_come_with_their_numbers_and_marks_for_what_was_no_text(tmp_path: Path) -> None:
    """A number, a date and a formula can be told from text, and a row is named as Excel names it."""
    path = book(
        tmp_path / "a.xlsx",
        ["NIK", "nilai"],
        [],
        ["3509120101900001", 3509120101900001, 7, 42.5, dt.date(1990, 1, 31), True, "=1+1"],
    )
    rows = list(workbook.read(path))
    assert [(row.sheet, row.number) for row in rows] == [("Prelist", 1), ("Prelist", 3)]
    cells = rows[1].cells
    assert [workbook.plain(cell) for cell in cells] == [
        "3509120101900001", "3509120101900001.0", "7", "42.5", "1990-01-31", "1",
    ]  # fmt: skip
    assert [workbook.mark(cell) for cell in cells] == [
        "", sheet_child.NUMBER, sheet_child.NUMBER, sheet_child.NUMBER, sheet_child.DAY, sheet_child.TRUTH,
    ]  # fmt: skip


def test_formulas_give_the_values_that_were_computed_last(shared: Path) -> None:
    """The BDT sample numbers its columns by formulas; their cached values arrive."""
    rows = list(workbook.read(shared / "samples" / "contoh-data-bdt2015.xlsx"))
    assert rows[1].cells[0] == "KOLOM"
    assert [workbook.plain(cell) for cell in rows[1].cells[1:]] == [str(n) for n in range(2, 102)]
    assert rows[2].cells[-1] == "6"
    assert {row.number for row in rows} == set(range(1, 10))


def test_columns_keep_their_places_when_the_sheet_starts_to_the_right(tmp_path: Path) -> None:
    """A table that does not begin at A1 is read where it stands."""
    path = book(tmp_path / "a.xlsx")
    made = openpyxl.load_workbook(path)
    made.active["C4"] = "x"
    made.save(path)
    assert list(workbook.read(path)) == [("Prelist", 4, ["", "", "x"])]


def test_text_is_cleaned_where_it_enters(tmp_path: Path) -> None:
    """Direction marks go with a mark, CRLF becomes LF, an over-long text is cut with a mark."""
    path = book(tmp_path / "a.xlsx", ["SI\u202eTI", "  a_x000D_\nb ", "x" * 5000, "Nurul\u0301"])
    (row,) = workbook.read(path)
    assert row.cells[0] == sheet_child.CLEANED + "SITI"
    assert row.cells[2] == sheet_child.CUT + "x" * 4000
    assert row.cells[3] == "Nuru\u013a"
    assert row.cells[1].endswith("b")


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_a_far_cell_is_refused_at_once(tmp_path: Path) -> None:
    """4.8 KB with one cell at XFD1048576 cost less than 100 MB, and no reader is started for them."""
    path = tmp_path / "jauh.xlsx"
    made = openpyxl.Workbook()
    made.active["XFD1048576"] = "x"
    made.save(path)
    # VmHWM is the peak since the program began; getrusage would tell that of whoever forked it.
    program = (
        "import sys\n"
        "from pathlib import Path\n"
        "from siks_offline.errors import WorkbookError\n"
        "from siks_offline.export import workbook\n"
        "try: list(workbook.read(Path(sys.argv[1])))\n"
        "except WorkbookError as error: print(error.code)\n"
        "words = Path('/proc/self/status').read_text().split()\n"
        "print(words[words.index('VmHWM:') + 1])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(path)],
        capture_output=True, text=True, check=True, cwd=Path(__file__).parents[2],
    )  # fmt: skip
    code, kilobytes = done.stdout.split()
    assert code == "E_XLSX_JAUH"
    assert int(kilobytes) < 100 * 1024


@pytest.mark.parametrize(
    "reference",
    [b'r="XFD1"', b'r="KO1"', b'r="A100000"', b"r='XFD1048576'", b'r = "XFD1"', b'\nr\t="XFD9"',
     b'r="&#88;FD1"', b'r="xfd1"', b't="n"r="XFD1"', b'r="A0"'],
)  # fmt: skip
def test_no_spelling_of_a_far_cell_gets_past(tmp_path: Path, reference: bytes) -> None:
    """XML may write an attribute in many ways; what is not the plain one within bounds is refused."""
    good = book(tmp_path / "a.xlsx", ["x"])
    bad = altered(good, tmp_path / "b.xlsx", SHEET, b'r="A1"', reference)
    assert refusal(bad) == "E_XLSX_JAUH"


def test_a_far_cell_is_seen_wherever_it_lies_in_the_file(tmp_path: Path) -> None:
    """The scan goes by blocks; a reference on any border of two blocks is still seen."""
    path = tmp_path / "a.xlsx"
    for offset in range(sheet_scan._BLOCK - 60, sheet_scan._BLOCK + 3):
        head = b"<worksheet><sheetData><row><c "
        sheet = head[:-3] + b" " * (offset - len(head)) + b'<c r="XFD1"><v>1</v></c>' + b" " * 99
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("[Content_Types].xml", "<a/>")
            archive.writestr("xl/workbook.xml", "<a/>")
            archive.writestr(SHEET, sheet)
        with path.open("rb") as file, pytest.raises(WorkbookError) as refused:
            sheet_scan.check(file, "a.xlsx")
        assert refused.value.code == "E_XLSX_JAUH"


def test_words_in_a_cell_are_not_taken_for_references(tmp_path: Path) -> None:
    """A name may hold what looks like an attribute."""
    path = tmp_path / "a.xlsx"
    workbook.write(path, [("Prelist", ["a"], [['jl r ="XFD1" r= R'], ["r = 1 > r='x'"]])])
    assert [row.cells for row in workbook.read(path)][1:] == [
        ['jl r ="XFD1" r= R'],
        ["r = 1 > r='x'"],
    ]


def test_what_is_no_xlsx_is_named_for_what_it_is(tmp_path: Path) -> None:
    """Old Excel, HTML renamed, another zip, a cut and an empty file each get their own words."""
    good = book(tmp_path / "a.xlsx", ["x"])
    cases = {
        "E_XLSX_LAMA": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600,
        "E_XLSX_BUKAN": b"<html><table></table></html>",
        "E_XLSX_RUSAK": good.read_bytes()[:-200],
    }
    for code, content in cases.items():
        path = tmp_path / "b.xlsx"
        path.write_bytes(content)
        assert refusal(path) == code
    (tmp_path / "b.xlsx").write_bytes(b"")
    assert refusal(tmp_path / "b.xlsx") == "E_XLSX_BUKAN"
    with zipfile.ZipFile(tmp_path / "c.xlsx", "w") as other:
        other.writestr("a.txt", "x")
    assert refusal(tmp_path / "c.xlsx") == "E_XLSX_BUKAN"
    with pytest.raises(FileError) as missing:
        list(workbook.read(tmp_path / "tidak-ada.xlsx"))
    assert missing.value.code == "E_FILE_MISSING"


def with_part(good: Path, target: Path, name: str, content: bytes) -> Path:
    target.write_bytes(good.read_bytes())
    with zipfile.ZipFile(target, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return target


def test_dangerous_parts_are_refused(tmp_path: Path) -> None:
    """Macros, document types, bombs, twin names and too many parts never reach the parser."""
    good = book(tmp_path / "a.xlsx", ["x"])
    target = tmp_path / "b.xlsx"
    assert refusal(with_part(good, target, "xl/vbaProject.bin", b"x")) == "E_XLSX_MAKRO"
    assert refusal(with_part(good, target, "../x.xml", b"x")) == "E_XLSX_RUSAK"
    assert refusal(with_part(good, target, "xl/media/a.png", b"\0" * 2_000_000)) == "E_XLSX_BESAR"
    with pytest.warns(UserWarning, match="Duplicate name"):
        with_part(good, target, SHEET, b"<x/>")
    assert refusal(target) == "E_XLSX_RUSAK"
    laughs = b'<!DOCTYPE x [<!ENTITY a "ha">]>'
    bad = altered(good, target, SHEET, b"<sheetData>", laughs + b"<sheetData>")
    assert refusal(bad) == "E_XLSX_RUSAK"
    target.write_bytes(good.read_bytes())
    with zipfile.ZipFile(target, "a") as archive:
        for number in range(sheet_scan.MAX_ENTRIES):
            archive.writestr(f"xl/media/{number}", b"")
    assert refusal(target) == "E_XLSX_BESAR"


def test_a_locked_part_is_refused(tmp_path: Path) -> None:
    """A part that is flagged as encrypted is told as a password, not as damage."""
    good = book(tmp_path / "a.xlsx", ["x"])
    content = bytearray(good.read_bytes())
    at = content.index(b"PK\x01\x02")
    content[at + 8] |= 1
    (tmp_path / "b.xlsx").write_bytes(content)
    assert refusal(tmp_path / "b.xlsx") == "E_XLSX_SANDI"


def test_a_string_bomb_ends_in_the_child_not_in_the_program(tmp_path: Path) -> None:
    """One long shared text in very many cells exceeds the child's memory and is refused."""
    good = book(tmp_path / "a.xlsx", ["kata"])
    row = b'<row r="%d">' + b'<c t="s"><v>0</v></c>' * 300 + b"</row>"
    rows = b"".join(row % number for number in range(2, 300))
    some = altered(good, tmp_path / "b.xlsx", SHEET, b"</sheetData>", rows + b"</sheetData>")
    long = b"<t>" + b"kata " * 6_000 + b"</t>"
    bomb = altered(some, tmp_path / "c.xlsx", "xl/sharedStrings.xml", b"<t>kata</t>", long)
    assert refusal(bomb) == "E_XLSX_BESAR"


def test_a_damaged_sheet_is_told_as_damage(tmp_path: Path) -> None:
    """XML that ends in the middle is no empty prelist."""
    good = book(tmp_path / "a.xlsx", ["x"], ["y"])
    bad = altered(good, tmp_path / "b.xlsx", SHEET, b"</row></sheetData>", b"<row")
    assert refusal(bad) == "E_XLSX_RUSAK"


def test_every_single_cut_is_refused(tmp_path: Path) -> None:
    """A file that lost its end on a stick is never read as a shorter prelist."""
    whole = book(tmp_path / "a.xlsx", ["x"] * 20).read_bytes()
    path = tmp_path / "b.xlsx"
    for length in range(8, len(whole) - 1, max(1, len(whole) // 23)):
        path.write_bytes(whole[:length])
        assert refusal(path) == "E_XLSX_RUSAK"


def test_what_we_write_stays_text(tmp_path: Path) -> None:
    """Long numbers keep their digits and formulas stay inert when the sheet is opened in Excel."""
    rows = [["3509120101900001", "=1+1", "+62", "-", "@x", "0012", "#N/A", "  "]]
    workbook.write(tmp_path / "a.xlsx", [("UDRT", list("abcdefgh"), rows)])
    page = openpyxl.load_workbook(tmp_path / "a.xlsx")["UDRT"]
    cells = next(page.iter_rows(min_row=2))
    assert [cell.value for cell in cells[:7]] == rows[0][:7]
    assert {cell.data_type for cell in cells} == {"s"}
    assert all(cells[at].quotePrefix for at in range(1, 5))


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.lists(
        st.lists(st.text(st.characters(min_codepoint=32, exclude_categories=["Cs"]), max_size=12), min_size=1, max_size=6),
        min_size=1, max_size=6,
    )
)  # fmt: skip
def test_texts_come_back_as_they_were_written(tmp_path: Path, rows: list[list[str]]) -> None:
    """Writing and reading a sheet gives the same texts, up to trimming and BUNDLE.md 1.4."""
    wanted = []
    for number, row in enumerate(rows, start=2):
        cells = [normalise_text(text)[0].strip() for text in row]
        while cells and not cells[-1]:
            cells.pop()
        if cells:
            wanted.append((number, cells))
    workbook.write(tmp_path / "a.xlsx", [("S", ["h"], rows)])
    read = [
        (row.number, [workbook.plain(cell) for cell in row.cells])
        for row in workbook.read(tmp_path / "a.xlsx")
    ]
    assert read[1:] == wanted


def test_leaving_early_ends_the_reader(tmp_path: Path) -> None:
    """A cancelled import leaves no process behind."""
    path = tmp_path / "a.xlsx"
    workbook.write(path, [("S", ["h"], ([str(n) * 40] * 20 for n in range(800)))])
    rows = workbook.read(path)
    next(rows)
    rows.close()
    with pytest.raises(StopIteration):
        next(rows)
