"""A workbook becomes an instrument, or is refused with the cell, the reason and the remedy."""

from __future__ import annotations

import shutil
import zipfile

import pytest

from siks_offline import paths
from siks_offline.errors import FileError, WorkbookError
from siks_offline.instrument import cache, load
from tests.instrument.forms import make, row, write

SHIPPED = paths.resources() / "instrumen" / "dtks-2020.xlsx"


def faults(tmp_path, *survey, **more):
    report = load.check(write(tmp_path / "uji.xlsx", list(survey), **more))
    return [(i.sheet, i.row, i.column, i.code) for i in report.issues]


def test_both_spellings_of_brackets_and_types_mean_the_same(tmp_path):
    old = make(
        tmp_path, row("begin group", "g"), row("select one yn", "a"), row("int", "b"),
        row("end group"), row("begin repeat", "r"), row("string", "c"), row("end repeat"),
    )  # fmt: skip
    new = make(
        tmp_path, row("begin_group", "g"), row("select_one yn", "a"), row("integer", "b"),
        row("end_group"), row("begin_repeat", "r"), row("text", "c"), row("end_repeat"),
    )  # fmt: skip
    assert old.children == new.children
    assert [q.type for q in new.questions.values()] == ["select_one", "integer", "text"]
    assert new.owner == {"g": "", "a": "", "b": "", "r": "", "c": "r"}


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([row("tekst", "a")], ("survey", 2, "A", "E_FORM_TYPE")),
        ([row("text", "a"), row("text", "a")], ("survey", 3, "B", "E_FORM_NAME_TWICE")),
        ([row("text", "1a")], ("survey", 2, "B", "E_FORM_NAME")),
        ([row("select_one tidakada", "a")], ("survey", 2, "A", "E_FORM_LIST")),
        ([row("text", "a", relevant="1 +")], ("survey", 2, "D", "E_FORM_EXPRESSION")),
        ([row("text", "a", relevant="${b} = 1")], ("survey", 2, "D", "E_FORM_REFERENCE")),
        ([row("note", "a", label="x ${b}")], ("survey", 2, "C", "E_FORM_REFERENCE")),
        ([row("date", "a", default="besok")], ("survey", 2, "D", "E_FORM_DEFAULT")),
        ([row("select_one yn", "a", default="7")], ("survey", 2, "D", "E_FORM_DEFAULT")),
        ([row("text", "a", default="${b}")], ("survey", 2, "D", "E_FORM_REFERENCE")),
        ([row("calculate", "a")], ("survey", 2, "A", "E_FORM_NO_CALCULATION")),
        ([row("begin group", "a"), row("text", "b")], ("survey", 2, "A", "E_FORM_BEGIN")),
        ([row("text", "b"), row("end group")], ("survey", 3, "A", "E_FORM_END")),
        ([row("text", "a", warna="merah")], ("survey", 1, "D", "E_FORM_COLUMN")),
        ([row("text", "a", relevant="1 = " + "1" * 8000)], ("survey", 2, "D", "E_FORM_LONG")),
    ],
)  # fmt: skip
def test_a_fault_names_its_cell(tmp_path, rows, expected):
    assert expected in faults(tmp_path, *rows)
    with pytest.raises(WorkbookError) as refused:
        load.load(tmp_path / "uji.xlsx")
    assert refused.value.code == expected[3]
    assert f"baris {expected[1]}" in refused.value.message
    assert refused.value.remedy


def test_a_near_miss_gets_a_suggestion(tmp_path):
    write(tmp_path / "uji.xlsx", [row("integr", "a"), row("text", "b", relevan="1")])
    remedies = [i.remedy for i in load.check(tmp_path / "uji.xlsx").issues]
    assert any("relevant" in r for r in remedies)
    assert any("integer" in r for r in remedies)


def test_codes_stand_once_and_without_blanks(tmp_path):
    found = faults(
        tmp_path,
        row("select_one yn", "a"),
        choices=[("yn", "1", "A"), ("yn", "1", "B"), ("yn", "2 3", "C")],
    )
    assert found == [("choices", 3, "B", "E_FORM_CODE_TWICE"), ("choices", 4, "B", "E_FORM_CODE")]


def test_identity_is_wanted(tmp_path):
    found = faults(tmp_path, row("text", "a"), settings={"form_id": "x", "version": ""})
    assert ("settings", 2, "B", "E_FORM_SETTING") in found


@pytest.mark.parametrize(
    "rows",
    [
        [row("calculate", "a", calculation="${b} + 1"), row("calculate", "b", calculation="${a}")],
        [row("text", "a", relevant="${b} = ''"), row("text", "b", relevant="${a} = ''")],
        [row("text", "a", relevant="${a} = ''")],
        [row("begin group", "g", relevant="${a} = 1"), row("text", "a"), row("end group")],
        [row("begin repeat", "r"), row("calculate", "a", calculation="sum(${b})"), row("end repeat"),
         row("begin repeat", "s"), row("calculate", "b", calculation="sum(${a})"), row("end repeat")],
    ],
)  # fmt: skip
def test_rules_in_a_circle_are_refused_by_name(tmp_path, rows):
    report = load.check(write(tmp_path / "uji.xlsx", rows))
    assert [i.code for i in report.issues] == ["E_FORM_CYCLE"]
    assert "a" in report.issues[0].message


def test_a_translated_workbook_is_read_in_indonesian(tmp_path):
    instrument = make(
        tmp_path,
        {
            "type": "text",
            "name": "a",
            "label::English (en)": "Name",
            "label::Indonesia (id)": "Nama",
        },
    )
    assert instrument.elements["a"].label == "Nama"


def test_the_cache_gives_the_same_instrument_and_follows_the_content(tmp_path):
    shelf = tmp_path / "cache"
    path = tmp_path / "dtks.xlsx"
    shutil.copy(SHIPPED, path)
    fresh = load.load(path, cache=shelf)
    kept = load.load(path, cache=shelf)
    assert (kept.children, kept.choices, kept.sha256) == (
        fresh.children,
        fresh.choices,
        fresh.sha256,
    )
    write(path, [row("text", "lain")])
    assert list(load.load(path, cache=shelf).elements) == ["lain"]


def test_a_damaged_cache_is_read_again(tmp_path):
    """Cut, a sector lost, or one word changed: the kept one's own hash tells, it is made again."""
    path = write(tmp_path / "uji.xlsx", [row("text", f"a{n}") for n in range(20)])
    shelf = tmp_path / "cache"
    fresh = load.load(path, cache=shelf)
    (place,) = shelf.iterdir()
    whole = place.read_bytes()
    damaged = [whole[:end] for end in (0, 64, 65, 600, len(whole) - 1)]
    damaged += [whole[:512] + bytes(512) + whole[1024:], whole.replace(b'"a7"', b'"b7"')]
    for content in damaged:
        place.write_bytes(content)
        assert cache.kept(shelf, fresh.sha256) is None
    assert load.load(path, cache=shelf).children == fresh.children
    assert place.read_bytes() == whole


def test_the_report_counts_questions():
    report = load.check(SHIPPED)
    assert (report.id, report.version, report.issues) == ("dtks", "2020.1", ())
    assert report.questions == len(load.load_shipped("dtks").questions)


def test_an_unknown_shipped_instrument_is_refused():
    with pytest.raises(WorkbookError, match="E_INSTRUMENT_UNKNOWN"):
        load.load_shipped("pbdt")


def _with_sheet(path, xml):
    """A copy of a good workbook whose first sheet is this XML."""
    with zipfile.ZipFile(SHIPPED) as good, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as bad:
        for member in good.infolist():
            content = good.read(member)
            bad.writestr(
                member.filename, xml if member.filename.endswith("sheet1.xml") else content
            )
    return path


_SHEET = (
    '<?xml version="1.0"?>{dtd}<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
    '<sheetData><row r="{row}"><c r="{cell}" t="inlineStr"><is><t>x</t></is></c></row></sheetData></worksheet>'
)


@pytest.mark.parametrize(
    ("xml", "code"),
    [
        (_SHEET.format(dtd="", row=1048576, cell="XFD1048576"), "E_FORM_EXTENT"),
        (_SHEET.format(dtd="", row=1, cell="XFD1"), "E_FORM_EXTENT"),
        (_SHEET.format(dtd="", row=99999999, cell="A1"), "E_FORM_EXTENT"),
        (_SHEET.format(dtd='<!DOCTYPE x [<!ENTITY a "b">]>', row=1, cell="A1"), "E_FORM_DTD"),
        ("<worksheet><sheetData><row", "E_FORM_NOT"),
        ("x" * 50_000_000, "E_FORM_SIZE"),
    ],
    ids=["far corner", "far column", "far row", "entities", "torn", "bomb"],
)
def test_a_hostile_workbook_is_refused_before_it_costs(tmp_path, xml, code):
    path = _with_sheet(tmp_path / "jahat.xlsx", xml)
    with pytest.raises(WorkbookError) as refused:
        load.load(path)
    assert refused.value.code == code


def test_what_is_no_workbook_is_refused(tmp_path):
    path = tmp_path / "bukan.xlsx"
    path.write_bytes(b"bukan buku kerja")
    with pytest.raises(WorkbookError, match="E_FORM_NOT"):
        load.load(path)
    with pytest.raises(FileError, match="E_FILE"):
        load.load(tmp_path / "tidak-ada.xlsx")


def _long_sheet(heads, rows):
    """A sheet of many rows, written as text since openpyxl would take long."""

    def cells(number, values):
        return "".join(
            f'<c r="{chr(65 + i)}{number}" t="inlineStr"><is><t>{v}</t></is></c>'
            for i, v in enumerate(values)
        )

    body = "".join(
        f'<row r="{n}">{cells(n, values)}</row>' for n, values in enumerate([heads, *rows], 1)
    )
    return (
        '<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
        f"<sheetData>{body}</sheetData></worksheet>"
    )


@pytest.mark.parametrize(
    ("rows", "code"),
    [
        ([("ngawur", f"a{n}", "x", "") for n in range(6000)], "E_FORM_TYPE"),
        ([("begin group", f"a{n}", "x", "") for n in range(6000)], "E_FORM_DEPTH"),
        ([("text", f"a{n}", "x", "1 = " + "1" * 7000) for n in range(100)], "E_FORM_LONG_ALL"),
        ([("begin group", "g", "g", ""), *(("text", f"a{n}", "x", "") for n in range(700)), ("end group", "", "", ""),
          *(("text", f"b{n}", "x", "${g} = 1") for n in range(700))], "E_FORM_TANGLED"),
        ([("text", f"a{n}", "x", f"${{a{n + 1}}} = 1" if n < 2999 else "${a0} = 1") for n in range(3000)], "E_FORM_CYCLE"),
    ],
    ids=["six thousand faults", "nested for ever", "too many rules", "everything reads everything", "a ring of 3000"],
)  # fmt: skip
def test_a_hostile_survey_is_refused_soon(tmp_path, rows, code):
    path = _with_sheet(
        tmp_path / "jahat.xlsx", _long_sheet(("type", "name", "label", "relevant"), rows)
    )
    report = load.check(path)
    assert code in {issue.code for issue in report.issues}
    assert all(issue.row for issue in report.issues)
