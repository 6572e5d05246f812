"""A village's answers go to Excel and come back as drafts of the households somebody changed."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import openpyxl
import pytest

from siks_offline.desa import accounts, answers_book, households, visit
from siks_offline.latihan import world

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from siks_offline.desa.village import Village

NOW = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def village(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Village]:
    """A practice village of eight households, four of them completed, one a draft."""
    folder = tmp_path_factory.mktemp("dunia") / "latihan"
    world.build(folder, households=8, percent=50, seed=3, now=NOW)
    with accounts.open_village(folder / "desa", world.ACCOUNT, world.PASSPHRASE) as village:
        opened = visit.open_visit(village, households.find(village, kerja="belum")[0], NOW)
        opened.state.set("nama_responden", "SITI AMINAH")
        visit.save_draft(village, opened.line.id, opened.snapshot(), None, NOW)
        yield village


def row_of(book: openpyxl.Workbook, id_: str) -> int:
    return next(c.row for c in book["rumah tangga"]["A"] if c.value == id_)


def column_of(book: openpyxl.Workbook, name: str) -> int:
    return next(c.column for c in book["rumah tangga"][1] if c.value == name)


def test_a_workbook_that_nobody_changed_changes_nothing(village: Village, tmp_path: Path) -> None:
    """All households leave; coming back unchanged, no draft begins and no state moves."""
    path = tmp_path / "jawaban.xlsx"
    before = households.lines(village, households.find(village))
    assert answers_book.write(village, path, NOW).households == 8
    taken, changes = answers_book.load(village, path, NOW)
    assert (taken.saved, taken.unchanged, taken.refused, taken.issues) == ((), 8, 0, ())
    assert not changes.households
    assert households.lines(village, households.find(village)) == before


def test_a_changed_household_becomes_a_draft_with_issues_by_cell(
    village: Village, tmp_path: Path
) -> None:
    """One cell changed makes one draft; a limit broken in it is told with sheet, row and column."""
    path = tmp_path / "jawaban.xlsx"
    answers_book.write(village, path, NOW)
    one = households.find(village, kerja="selesai")[0]
    old = visit.open_visit(village, one, NOW).state.answers()
    book = openpyxl.load_workbook(path)
    row = row_of(book, one)
    book["rumah tangga"].cell(row, column_of(book, "luas_lantai")).value = 12345
    book.save(path)
    taken, changes = answers_book.load(village, path, NOW)
    assert taken.saved == (one,)
    assert changes.households == {one}
    assert taken.unchanged == 7
    assert [(i.sheet, i.row, i.column, i.code) for i in taken.issues] == [
        ("rumah tangga", row, "luas_lantai", "E_BOOK_LIMIT")
    ]
    assert taken.issues[0].message
    opened = visit.open_visit(village, one, NOW)
    assert opened.line.kerja == "draf"
    assert opened.state.answers() == {**old, "luas_lantai": "12345"}
    visit.drop_draft(village, one, NOW)


def test_answers_typed_meanwhile_are_not_overwritten(village: Village, tmp_path: Path) -> None:
    """A household that changed here since the workbook was made is refused, not overwritten."""
    path = tmp_path / "jawaban.xlsx"
    answers_book.write(village, path, NOW)
    one = households.find(village, kerja="draf")[0]
    opened = visit.open_visit(village, one, NOW)
    opened.state.set("nama_responden", "SITI RAHAYU")
    visit.save_draft(village, one, opened.snapshot(), None, NOW)
    book = openpyxl.load_workbook(path)
    book["rumah tangga"].cell(row_of(book, one), column_of(book, "alamat")).value = "JALAN LAIN"
    book["rumah tangga"].cell(50, 1).value = "tidak-dikenal"
    book.save(path)
    taken, _ = answers_book.load(village, path, NOW)
    assert (taken.saved, taken.unchanged, taken.refused) == ((), 7, 2)
    assert {i.code for i in taken.issues} == {"E_BOOK_CHANGED", "E_HOUSEHOLD_UNKNOWN"}
    assert visit.open_visit(village, one, NOW).state.value("nama_responden") == "SITI RAHAYU"


def test_the_ministry_gets_completed_visits_only(village: Village, tmp_path: Path) -> None:
    path = tmp_path / "udrt.xlsx"
    assert answers_book.write(village, path, NOW, "udrt").households == 4
    book = openpyxl.load_workbook(path)
    assert book.sheetnames == ["UDRT", "UDART"]
    assert book["UDRT"].max_row == 5
