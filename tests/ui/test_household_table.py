"""The list of households: ids now, lines when they are looked at."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester
from PySide6.QtWidgets import QTableView

from siks_offline.model import Changes, HouseholdLine
from siks_offline.ui.household_table import PAGE, HouseholdTable, grouped_number

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot


def line(id_: str, name: str = "SITI") -> HouseholdLine:
    return HouseholdLine(
        id=id_, idbdt="", no_kk="3509120101010001", nik_krt="", nama_krt=name, alamat="Krajan",
        dusun="", rt="001", rw="002", anggota=3, kerja="draf", kirim="belum", revisi=0,
    )  # fmt: skip


def filled(count: int) -> tuple[HouseholdTable, list[list[str]]]:
    """A table with the pages it asked for; each is brought at once."""
    table = HouseholdTable()
    asked: list[list[str]] = []

    def bring(ids: list[str]) -> None:
        asked.append(ids)
        table.take({id_: line(id_) for id_ in ids})

    table.needed.connect(bring)
    table.show([str(number) for number in range(count)])
    return table, asked


def test_the_model_keeps_qts_rules(qtbot: QtBot) -> None:
    """Qt's own model tester finds nothing to complain of while lists and lines change."""
    table, _ = filled(250)
    QAbstractItemModelTester(table, QAbstractItemModelTester.FailureReportingMode.Warning, table)
    for row in (0, 120, 249):
        assert table.index(row, 0).data() == "SITI"
    table.refresh(Changes(households=frozenset({"3", "nobody"})))
    table.show(["a", "b"])
    table.show([])


def test_lines_are_asked_by_pages_and_once() -> None:
    """Looking at rows of one page asks for it once; pages nobody looks at are never read."""
    table, asked = filled(1_000)
    for row in range(PAGE):
        table.index(row, 0).data()
    assert [len(ids) for ids in asked] == [PAGE]
    table.index(950, 3).data()
    assert asked[-1][0] == "900"


def test_a_changed_line_is_read_again() -> None:
    """After Changes the row shows what the database says now; others are not read again."""
    table, asked = filled(10)
    table.index(0, 0).data()
    table.refresh(Changes(households=frozenset({"4"})))
    table.index(4, 0).data()
    assert asked[-1] == ["4"]


def test_a_hundred_thousand_rows_do_not_stall(qtbot: QtBot) -> None:
    """Showing 100,000 households and looking at their end reads two pages."""
    table, asked = filled(100_000)
    view = QTableView()
    qtbot.addWidget(view)
    view.verticalHeader().setDefaultSectionSize(30)
    view.setModel(table)
    view.resize(800, 400)
    view.show()
    view.scrollToBottom()
    qtbot.waitUntil(lambda: any("99999" in ids for ids in asked), timeout=5_000)
    assert sum(len(ids) for ids in asked) <= 3 * PAGE


def test_states_are_told_by_icon_and_word() -> None:
    """Colour is never alone: the cell has the word, the icon stands beside it."""
    table, _ = filled(1)
    column = [c.order for c in table.columns].index("kerja")
    index = table.index(0, column)
    assert index.data(Qt.ItemDataRole.DisplayRole) == "Draf"
    assert not index.data(Qt.ItemDataRole.DecorationRole).isNull()


def test_long_numbers_are_grouped_for_the_eye() -> None:
    """A NIK stands as six, six and four digits, all but the last masked; anything else as it is."""
    assert grouped_number("3509120101010001") == "****** ****** 0001"
    assert grouped_number("12") == "12"
