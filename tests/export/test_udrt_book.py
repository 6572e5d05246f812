"""Completed visits leave as UDRT and UDART, and the prelist's own layout reads them back."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import openpyxl
import pytest

from siks_offline.export import layouts, prelist_book, udrt_book
from siks_offline.export.udrt_book import Household
from siks_offline.instrument import load, promoted
from siks_offline.instrument.schema import Choice
from siks_offline.latihan import people

if TYPE_CHECKING:
    from pathlib import Path

VILLAGE, TODAY = "3509122003", date(2026, 10, 1)


@pytest.fixture(scope="module")
def dtks():
    return load.load_shipped("dtks")


@pytest.fixture
def households():
    found = [people.household(index, 5, VILLAGE, TODAY) for index in range(60)]
    return [Household(f"id-{n}", one.idbdt, one.answers) for n, one in enumerate(found)]


def test_export_then_import_gives_the_same_answers(tmp_path: Path, dtks, households) -> None:
    """Every mapped question of every household and member is the same after the way back."""
    path = tmp_path / "udrt.xlsx"
    written = udrt_book.write(path, dtks, households)
    of_home, of_member = udrt_book.mapped(dtks)
    assert len(of_home) > 60
    assert len(of_member) > 30
    reading = prelist_book.read(path, dtks, VILLAGE)
    found = list(reading.take())
    assert reading.issues == []
    assert written == (60, sum(len(h.answers["anggota"]) for h in households), 0)
    assert [one.idbdt for one in found] == [one.idbdt for one in households]
    for sent, back in zip(households, found, strict=True):
        for name in of_home:
            assert back.answers.get(name) == sent.answers.get(name), name
        pairs = zip(promoted.members(sent.answers), promoted.members(back.answers), strict=True)
        for was, one in pairs:
            for name in of_member:
                assert one.get(name) == was.get(name), name


def test_columns_are_those_of_the_ministry_in_their_order(tmp_path: Path, dtks, shared) -> None:
    """147 and 171 columns, named as the ministry's tables name them."""
    path = tmp_path / "udrt.xlsx"
    udrt_book.write(path, dtks, [])
    book = openpyxl.load_workbook(path)
    listed = (shared / "domain" / "FIELD.md").read_text(encoding="utf-8").splitlines()
    for sheet, start, count in (("UDRT", "IDBDT, RUTA6", 147), ("UDART", "IDARTBDT, IDBDT", 171)):
        heads = [cell.value for cell in book[sheet][1]]
        assert heads == next(line for line in listed if line.startswith(start)).split(", ")
        assert len(heads) == count


def test_each_line_has_its_own_yes_and_no(tmp_path: Path, dtks) -> None:
    """The table of lines that print 3 and 4 is the questionnaire's own; cards are one sum."""
    of_home, _ = udrt_book.mapped(dtks)
    threes = {name for name in of_home if [c.code for c in dtks.options(name)] == ["3", "4"]}
    assert layouts.lines_of_three() == threes
    answers = {"ada_tabung_gas": "2", "ada_lemari_es": "4", "rumah_lain": "3",
               "anggota": [{"nama": "A", "ada_kartu_identitas": "1 4"}]}  # fmt: skip
    path = tmp_path / "udrt.xlsx"
    udrt_book.write(path, dtks, [Household("x", "", answers)])
    book = openpyxl.load_workbook(path)
    rows = {
        name: dict(
            zip([c.value for c in book[name][1]], [c.value for c in book[name][2]], strict=True)
        )
        for name in ("UDRT", "UDART")
    }
    assert rows["UDRT"]["ada_tabung_gas"] == "2"
    assert rows["UDRT"]["ada_lemari_es"] == "4"
    assert rows["UDRT"]["rumah_lain"] == "3"
    assert rows["UDART"]["Ada_kartu_identitas"] == "5"
    assert rows["UDRT"]["id_hh"] == rows["UDART"]["id_hh"] == "x"


@pytest.mark.parametrize(
    ("answer", "codes", "told"),
    [("1 4", "0 1 2 4 8", "5"), ("0", "0 1 2", "0"), ("", "1 2", ""), ("1 3", "1 2 3", "1 3"),
     ("9", "1 2", "9"), ("a b", "a b", "a b")],
)  # fmt: skip
def test_only_codes_of_bits_are_summed(answer: str, codes: str, told: str) -> None:
    """A sum stands only where it can be taken apart again."""
    assert udrt_book.summed(answer, [Choice(code, "") for code in codes.split()]) == told
