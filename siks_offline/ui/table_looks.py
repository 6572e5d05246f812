"""What all tables here have in common: one whole row is chosen, nothing is edited in place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QAbstractItemView, QStyledItemDelegate, QToolTip

from siks_offline.ui.plain import tip

if TYPE_CHECKING:
    from PySide6.QtCore import QModelIndex, QPersistentModelIndex
    from PySide6.QtGui import QHelpEvent
    from PySide6.QtWidgets import QStyleOptionViewItem, QTableView

    Index = QModelIndex | QPersistentModelIndex


LONG_WORDS = 28
"""Letters up to which words are never cut in a list: nearly all names, and every word of ours."""


class Whole(QStyledItemDelegate):
    """Cells that tell words whole when they are pointed at, if the column had to cut them.

    A column is as wide as what usually stands in it; a name of sixty letters is cut, its row stays
    one line, and screen readers read all of it anyway.
    """

    def helpEvent(
        self,
        event: QHelpEvent,
        view: QAbstractItemView,
        option: QStyleOptionViewItem,
        index: Index,
    ) -> bool:
        """Show the words of a cell that is too narrow for them."""
        wanted = self.sizeHint(option, index).width()
        words = str(index.data() or "") if wanted > view.visualRect(index).width() else ""
        if event.type() == QEvent.Type.ToolTip and words:
            QToolTip.showText(event.globalPos(), tip(words), view)
            return True
        return super().helpEvent(event, view, option, index)


def still(table: QTableView) -> None:
    """Make a table one to read: rows without numbers and grid, Tab leads on to the next widget."""
    table.setItemDelegate(Whole(table))
    table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
    table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
    table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    table.setShowGrid(False)
    table.setTabKeyNavigation(False)
    table.verticalHeader().hide()
    table.horizontalHeader().setHighlightSections(False)
