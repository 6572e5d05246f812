"""The window's keys reach the window also while somebody types."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication, QLineEdit

from siks_offline.ui import line

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot


def claimed(widget: QLineEdit, key: Qt.Key) -> bool:
    """Whether a line wants this key together with Ctrl for itself."""
    asked = QKeyEvent(QEvent.Type.ShortcutOverride, key, Qt.KeyboardModifier.ControlModifier)
    asked.ignore()
    QApplication.sendEvent(widget, asked)
    return asked.isAccepted()


def test_a_key_of_the_window_is_not_the_lines(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ctrl+A stands for the keys that Qt gives to lines on some system only, such as Ctrl+E."""
    monkeypatch.setattr(line, "WINDOW_KEYS", frozenset("A"))
    ours, usual = line.Line(), QLineEdit()
    for widget in (ours, usual):
        qtbot.addWidget(widget)
    assert claimed(usual, Qt.Key.Key_A)
    assert not claimed(ours, Qt.Key.Key_A)
    assert claimed(ours, Qt.Key.Key_C) == claimed(usual, Qt.Key.Key_C)


@pytest.mark.parametrize("letter", sorted(line.WINDOW_KEYS))
def test_every_letter_of_the_window_is_left_to_it(qtbot: QtBot, letter: str) -> None:
    """Nothing that the window wants stays in a line."""
    ours = line.Line()
    qtbot.addWidget(ours)
    assert not claimed(ours, Qt.Key(ord(letter)))
