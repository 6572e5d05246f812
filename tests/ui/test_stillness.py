"""A window that is kept still while the next thing to show is made ready."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QVBoxLayout, QWidget

from siks_offline.ui.stillness import Stillness

if TYPE_CHECKING:
    from PySide6.QtGui import QPaintEvent
    from pytestqt.qtbot import QtBot


class Counted(QWidget):
    """Counts how often it is painted."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.times = 0

    def paintEvent(self, event: QPaintEvent) -> None:
        """Count."""
        super().paintEvent(event)
        self.times += 1


def test_what_is_missed_while_still_is_painted_at_the_end(qtbot: QtBot) -> None:
    """Nothing is painted in between, and no later than a fifth of a second after."""
    window = QWidget()
    window.resize(200, 100)
    qtbot.addWidget(window)
    inner = Counted(window)
    QVBoxLayout(window).addWidget(inner)
    stillness = Stillness(window)
    window.show()
    qtbot.waitUntil(lambda: inner.times > 0)
    for ended in (True, False):  # where nobody ends it, it ends by itself
        seen, inner.times = inner.times, 0
        assert seen
        stillness.begin(window)
        inner.update()
        qtbot.wait(20)
        assert inner.times == 0
        if ended:
            stillness.end()
        qtbot.waitUntil(lambda: inner.times > 0)
