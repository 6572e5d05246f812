"""What a person does not know: special codes of the instrument, days and months nobody remembers."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from siks_offline.errors import AnswersError
from siks_offline.instrument import fields, load, special
from siks_offline.instrument.schema import Question
from tests.instrument.forms import make, row

if TYPE_CHECKING:
    from pathlib import Path


def test_the_instruments_own_codes_are_found() -> None:
    """A label that says nothing but "tidak tahu" or "menolak" is one; no name is known here."""
    dtks, regsosek = (load.load_shipped(id_) for id_ in ("dtks", "regsosek"))
    assert special.answers(dtks, "hasil_verivali") == {special.REFUSED: "5"}
    found = {name for name in regsosek.questions if special.answers(regsosek, name)}
    assert found
    for name in found:
        labels = {c.code: c.label.casefold() for c in regsosek.options(name)}
        for code in special.answers(regsosek, name).values():
            assert "tahu" in labels[code] or "menolak" in labels[code]
    assert special.answers(dtks, "rt") == {}
    assert special.answers(dtks, "tidak_ada") == {}


def test_a_workbook_may_say_so_itself(tmp_path: Path) -> None:
    """Parameters tell it of a number; a longer label with these words in it is none."""
    made = make(
        tmp_path,
        row("select_one kb", "alasan"),
        row("integer", "jam", parameters="tidak_tahu=98 menolak=99"),
        row("integer", "kamar"),
        choices=[
            ("kb", "1", "Tidak tahu tentang KB"),
            ("kb", "8", "TIDAK TAHU."),
            ("kb", "9", "Menolak"),
        ],
    )
    assert special.answers(made, "alasan") == {special.UNKNOWN: "8", special.REFUSED: "9"}
    assert special.answers(made, "jam") == {special.UNKNOWN: "98", special.REFUSED: "99"}
    assert special.answers(made, "kamar") == {}


def question(appearance: str) -> Question:
    return Question("lahir", "date", "Lahir", 1, appearance=appearance)


@pytest.mark.parametrize(
    "typed", ["081945", "00081945", "08-1945", "8/1945", "agustus 1945", "00-08-1945"]
)
def test_an_unknown_day_is_kept_where_the_form_allows_it(typed: str) -> None:
    """month-year keeps the first of the month, as XLSForm does, and shows no day."""
    assert fields.read(question("month-year"), typed) == "1945-08-01"
    assert fields.line(question("month-year"), "1945-08-01") == "08-1945"
    with pytest.raises(AnswersError):
        fields.read(question(""), typed)


@pytest.mark.parametrize("typed", ["1945", "00001945", "00-00-1945"])
def test_an_unknown_month_is_kept_where_the_form_allows_it(typed: str) -> None:
    """year keeps the first of the year; month-year refuses it."""
    assert fields.read(question("year"), typed) == "1945-01-01"
    assert fields.line(question("year"), "1945-01-01") == "1945"
    for looks in ("", "month-year"):
        with pytest.raises(AnswersError):
            fields.read(question(looks), typed)


@given(st.dates(date(1900, 1, 1), date(2026, 1, 1)), st.sampled_from(["", "month-year", "year"]))
def test_what_a_line_shows_reads_back(day: date, looks: str) -> None:
    """A date known in full keeps its day, and every shown date is read as the same one."""
    answer = fields.read(question(looks), f"{day:%d%m}{day.year:04}")
    assert answer == day.isoformat()
    assert fields.read(question(looks), fields.line(question(looks), answer)) == answer


@pytest.mark.parametrize("typed", ["170845", "17-08-45", "17 agt 45", "1/2/85"])
def test_a_year_of_two_digits_is_never_guessed(typed: str) -> None:
    """1945 or 2045 is not for the program to say: it asks for four digits."""
    for looks in ("", "month-year", "year"):
        with pytest.raises(AnswersError, match="E_ANSWER_YEAR") as refused:
            fields.read(question(looks), typed)
        assert "empat angka" in refused.value.remedy
