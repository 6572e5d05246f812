"""What people type becomes one canonical text, or a sentence that says what to type instead."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from siks_offline.errors import AnswersError
from siks_offline.instrument import fields, load
from siks_offline.instrument.fields import FIELDS
from siks_offline.instrument.schema import Choice


@pytest.mark.parametrize("typed", [
    "17081945", "17-08-1945", "17/8/1945", "17.08.1945", "17 08 1945", "1945-08-17",
    "17 Agustus 1945", "17-agt-1945", " 17  agustus 1945 ", "1945-08-17T00:00:00",
])  # fmt: skip
def test_a_date_as_people_write_it(typed):
    assert FIELDS["date"].parse(typed) == "1945-08-17"


@pytest.mark.parametrize(
    "typed",
    ["30022020", "31-04-2020", "1708", "00001945", "17081745", "besok", "2020-13-01"],
)
def test_a_day_that_is_none_is_refused_with_what_to_type(typed):
    with pytest.raises(AnswersError, match="E_ANSWER_DATE") as refused:
        FIELDS["date"].parse(typed)
    assert "delapan angka" in refused.value.remedy


@pytest.mark.parametrize(("kind", "typed", "wanted"), [
    ("integer", " 12 ", "12"), ("integer", "007", "7"), ("integer", "1.250.000", "1250000"), ("integer", "-3", "-3"),
    ("decimal", "36,50", "36.5"), ("decimal", "36.5", "36.5"), ("decimal", "1.250,75", "1250.75"),
    ("decimal", "1.250.000", "1250000"), ("decimal", "-7,25", "-7.25"), ("decimal", "0,0", "0"), ("decimal", ",5", "0.5"),
    ("text", "  Jalan   Mawar ", "Jalan Mawar"), ("select_multiple", "1, 4;2", "1 4 2"),
    ("geopoint", "-7,25 112,75", "-7.25 112.75"), ("integer", "", ""), ("date", " ", ""),
])  # fmt: skip
def test_numbers_and_texts(kind, typed, wanted):
    assert FIELDS[kind].parse(typed) == wanted


@pytest.mark.parametrize(("kind", "typed", "code"), [
    ("integer", "12,5", "E_ANSWER_INTEGER"), ("integer", "dua", "E_ANSWER_INTEGER"), ("integer", "1e3", "E_ANSWER_INTEGER"),
    ("decimal", "1,2,3", "E_ANSWER_DECIMAL"), ("decimal", "NaN", "E_ANSWER_DECIMAL"), ("decimal", "1e5", "E_ANSWER_DECIMAL"),
    ("text", "a\x07b", "E_ANSWER_TEXT"), ("geopoint", "91 0", "E_ANSWER_POINT"), ("geopoint", "7", "E_ANSWER_POINT"),
])  # fmt: skip
def test_what_cannot_be_read(kind, typed, code):
    with pytest.raises(AnswersError, match=code):
        FIELDS[kind].parse(typed)


@given(
    st.sampled_from(sorted(FIELDS)),
    st.text(max_size=30) | st.from_regex(r"[-0-9., /]{1,14}", fullmatch=True),
)
def test_parsing_twice_is_parsing_once_and_its_outcome_is_canonical(kind, typed):
    """Any text either is refused by name or becomes a text that reads as itself."""
    field = FIELDS[kind]
    try:
        once = field.parse(typed)
    except AnswersError:
        return
    assert field.parse(once) == once
    assert once == "" or field.canonical(once)


@given(st.dates(date(1850, 1, 1), date(2100, 12, 31)))
def test_a_shown_date_reads_back(day):
    field = FIELDS["date"]
    assert field.parse(field.format(day.isoformat())) == day.isoformat()
    assert field.parse(day.strftime("%d%m%Y").zfill(8)) == day.isoformat()


@given(st.decimals(-999999, 999999, places=3))
def test_a_shown_decimal_reads_back(number):
    field = FIELDS["decimal"]
    text = field.parse(str(number))
    assert field.parse(field.format(text)) == text


def test_marks_of_reading_go_from_digits_but_not_from_names():
    dtks = load.load_shipped("dtks").questions
    assert fields.read(dtks["nik"], "3509 1212.0580-0001") == "3509121205800001"
    assert fields.read(dtks["nokk"], " 3509120505100001 ") == "3509120505100001"
    assert fields.read(dtks["rt"], "0 1") == "01"
    assert fields.read(dtks["kode_wilayah_kemendagri"], "35.09.12.2003") == "35.09.12.2003"
    assert fields.read(dtks["nama"], "M. ALI-AKBAR") == "M. ALI-AKBAR"
    assert fields.read(dtks["nik"], "3509x") == "3509x"


def test_codes_by_code_by_label_and_in_the_order_of_the_list():
    dtks = load.load_shipped("dtks")
    fridge = dtks.questions["ada_lemari_es"]
    options = dtks.options("ada_lemari_es")
    assert [fields.read(fridge, t, options) for t in ("3", "ya", "Tidak", "03", "4.", "9")] == [
        "3",
        "3",
        "4",
        "3",
        "4",
        "9",
    ]
    cards = dtks.questions["ada_kartu_identitas"]
    assert fields.read(cards, "4 1", dtks.options(cards.name)) == "1 4"
    assert fields.show(cards, "1 4", dtks.options(cards.name)) == "Akta kelahiran, KTP"


def test_a_sum_of_codes_is_taken_apart():
    options = load.load_shipped("dtks").options("ada_kartu_identitas")
    assert [fields.codes_of_sum(t, options) for t in ("5", "0", "15", "16", "x", "")] == [
        "1 4",
        "0",
        "1 2 4 8",
        "",
        "",
        "",
    ]
    assert fields.codes_of_sum("3", (Choice("1", "a"), Choice("3", "b"))) == ""


@pytest.mark.parametrize(("kind", "cell", "wanted"), [
    ("text", 3509121205, "3509121205"), ("text", 12.0, "12"), ("text", None, ""), ("text", "'0012", "0012"),
    ("date", datetime(1945, 8, 17, tzinfo=UTC), "1945-08-17"), ("date", 16666.0, "1945-08-17"), ("date", "17/08/1945", "1945-08-17"),
    ("date", 17081945, "1945-08-17"), ("decimal", 36.5, "36.5"), ("decimal", 36.0, "36"), ("integer", 4.0, "4"),
    ("select_one", 3, "3"),
])  # fmt: skip
def test_cells(kind, cell, wanted):
    assert FIELDS[kind].from_cell(cell) == wanted


@pytest.mark.parametrize(
    "cell", [3509121205800001, 3.509121205800001e15, "35.2018E+14", "3,509E+15"]
)
def test_a_nik_that_excel_made_a_number_is_refused(cell):
    """Its last digit may already be lost: nothing is guessed."""
    with pytest.raises(AnswersError, match="E_ANSWER_DIGITS"):
        FIELDS["text"].from_cell(cell)


def test_json_texts():
    assert [fields.text_of_json(v) for v in (None, 7, "x")] == ["", "7", "x"]
    for value in (True, 1.5, [], {}):
        with pytest.raises(AnswersError, match="E_ANSWER_SHAPE"):
            fields.text_of_json(value)
