"""The checks of screens find what they are for: a clean screen counts only then."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import (
    QComboBox,
    QLabel,
    QLineEdit,
    QListWidget,
    QPushButton,
    QStyledItemDelegate,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from siks_offline.ui.choices import Lines
from siks_offline.ui.table_looks import LONG_WORDS, still
from tests.ui import screen_checks

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot


def board(qtbot: QtBot) -> QWidget:
    """A white board without a layout, to lay things badly upon."""
    top = QWidget()
    top.setObjectName("surface")
    top.resize(400, 200)
    qtbot.addWidget(top)
    return top


def label(words: str, top: QWidget, x: int, y: int, width: int = 160, style: str = "") -> QLabel:
    made = QLabel(words, top)
    made.setGeometry(x, y, width, 30)
    made.setStyleSheet(style)
    return made


def test_a_sound_screen_has_no_faults(qtbot: QtBot) -> None:
    """Words in their place in the program's own colours pass every check."""
    top = board(qtbot)
    label("Nama kepala keluarga", top, 10, 10, 200)
    line = QLineEdit(top)
    line.setAccessibleName("Nama")
    line.setGeometry(10, 60, 200, 30)
    top.show()
    assert screen_checks.faults(top) == []


def test_each_fault_is_found(qtbot: QtBot) -> None:
    """Cut, covered, outside, small, nameless, pale words and a pale edge: each is told."""
    top = board(qtbot)
    label("Nama kepala keluarga yang panjang", top, 10, 10, 60)
    label("satu", top, 10, 60)
    label("dua", top, 40, 65)
    label("di luar", top, 350, 120)
    label("pucat sekali", top, 200, 10, 150, "color: #BBBBBB")
    tiny = QPushButton("x", top)
    tiny.setStyleSheet("min-height: 10px; padding: 0")
    tiny.setGeometry(10, 120, 16, 16)
    line = QLineEdit(top)
    line.setStyleSheet("border: 1px solid #E8E8E8")
    line.setGeometry(10, 150, 200, 30)
    top.show()
    found = " | ".join(screen_checks.faults(top))
    assert "wide: Nama kepala" in found
    assert "over: QLabel satu and QLabel dua" in found
    assert "outside: QLabel di luar" in found
    assert "small: QPushButton x" in found
    assert "pale" in found
    assert "pucat sekali" in found
    assert "edge" in found
    assert any(one.startswith("QLineEdit") for one in screen_checks.nameless(top))


def test_a_cut_list_is_found(qtbot: QtBot) -> None:
    """Headings, cells, placeholders and choices that are cut; long words may be, where they tell.

    The rule of every list: words of up to LONG_WORDS letters stay whole, longer ones may be cut if
    pointing at the cell tells them.
    """
    top = board(qtbot)
    table = QTableWidget(2, 2, top)
    still(table)
    table.setWordWrap(False)
    table.setAccessibleName("Daftar")
    table.setHorizontalHeaderLabels(["Nama kepala", "RT"])
    for row, words in enumerate(("Suparman Santoso", "A" * (LONG_WORDS + 1))):
        table.setItem(row, 0, QTableWidgetItem(words))
    table.setColumnWidth(0, 60)
    table.setGeometry(5, 5, 300, 120)
    line = QLineEdit(top)
    line.setAccessibleName("Cari")
    line.setPlaceholderText("Cari NIK, nomor KK, nama atau alamat")
    line.setGeometry(5, 140, 90, 30)
    choice = QComboBox(top)
    choice.setAccessibleName("Unsur")
    choice.addItem("Babinsa/Bhabinkamtibmas")
    choice.setGeometry(110, 140, 90, 30)
    top.show()
    found = screen_checks.faults(top)
    assert "heading Daftar[0]: Nama kepala" in found
    assert "cell Daftar[0]: Suparman Santoso" in found
    assert not any("AAA" in one for one in found)
    table.setItemDelegate(QStyledItemDelegate(table))
    assert any("AAA" in one for one in screen_checks.cut_cells(top))
    assert any(one.startswith("field: QLineEdit Cari") for one in found)
    assert "choice: Babinsa/Bhabinkamtibmas" in found
    table.setColumnWidth(0, 400)
    qtbot.waitUntil(lambda: screen_checks.sideways(top) != [])


def test_lines_of_a_list_lie_apart_from_the_first_moment(qtbot: QtBot) -> None:
    """A list that had a current line before it was shown: Qt alone leaves its lines over another."""
    found = []
    for kind in (QListWidget, Lines):
        top = board(qtbot)
        inside = QWidget(top)
        column = QVBoxLayout(inside)
        made = kind()
        made.setAccessibleName("Alasan")
        made.addItems(["satu", "dua", "tiga"])
        made.setCurrentRow(0)
        column.addWidget(made)
        top.show()
        found.append(screen_checks.cut_cells(top))
    assert found[0], "what Lines is for"
    assert found[1] == []
