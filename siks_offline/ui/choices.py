"""Short lists of lines, and one of numbered choices: a digit goes to its line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QListWidget, QListWidgetItem

from siks_offline.ui import theme

if TYPE_CHECKING:
    from PySide6.QtGui import QKeyEvent, QShowEvent

ROW = 30
_NAME = Qt.ItemDataRole.UserRole


class Lines(QListWidget):
    """Lines that stand in their places from the first moment."""

    def showEvent(self, event: QShowEvent) -> None:
        """Lay the lines out in the style that the list has only now; before, they stood closer."""
        super().showEvent(event)
        self.doItemsLayout()


class Choices(Lines):
    """Lines with a name each, the first of them marked."""

    def __init__(self, accessible_name: str) -> None:
        super().__init__()
        self.setAccessibleName(accessible_name)

    def add(self, words: str, name: str) -> QListWidgetItem:
        """Add a line."""
        item = QListWidgetItem(words)
        item.setData(_NAME, name)
        # Lines that are there before the style is: Qt would keep the height of a bare text.
        item.setSizeHint(QSize(1, theme.px(ROW)))
        self.addItem(item)
        return item

    @property
    def chosen(self) -> str:
        """The name of the line that is marked; empty without one."""
        return str(self.currentItem().data(_NAME)) if self.currentRow() >= 0 else ""

    def names(self) -> list[str]:
        """Return the names of all lines."""
        return [str(self.item(row).data(_NAME)) for row in range(self.count())]

    def fit(self) -> None:
        """Be as high as the lines are."""
        self.setFixedHeight(theme.px(ROW) * self.count() + 8)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """A digit marks its line at once, Enter takes it; Qt would wait and look for a text."""
        digit, item = event.text(), self.currentItem()
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.currentRow() >= 0:
            self.itemActivated.emit(item)
        elif digit.isdecimal() and 1 <= int(digit) <= self.count():
            self.setCurrentRow(int(digit) - 1)
        else:
            super().keyPressEvent(event)
