"""The checks of screens find what they are for: a clean screen counts only then."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QLabel, QLineEdit, QPushButton, QWidget

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
