"""What all tables here have in common: one whole row is chosen, nothing is edited in place."""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, Qt
from PySide6.QtWidgets import QAbstractItemView, QStyledItemDelegate, QToolTip, QVBoxLayout

from siks_offline.ui import theme
from siks_offline.ui.plain import PlainLabel, tip

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtCore import QModelIndex, QPersistentModelIndex
    from PySide6.QtGui import QHelpEvent
    from PySide6.QtWidgets import QStyleOptionViewItem, QTableView

    Index = QModelIndex | QPersistentModelIndex


LONG_WORDS = 28
"""Letters up to which words are never cut in a list: nearly all names, and every word of ours."""


PADDING = 22
"""Pixels that a cell wants beside its words; a sign wants as much again."""


def share(wanted: Sequence[int], least: Sequence[int], room: int, *, keep: int = -1) -> list[int]:
    """Return a width for every column: what is wanting is taken from the broadest ones.

    None becomes narrower than its `least` (or what it wanted, if that is less); the column `keep`
    is cut only when the others cannot be cut any further.
    """

    def up_to(level: int) -> list[int]:
        return [
            wide if at == keep else min(wide, max(least[at], level))
            for at, wide in enumerate(wanted)
        ]

    if sum(wanted) <= room:
        return list(wanted)
    level = bisect_right(range(max(wanted) + 1), room, key=lambda most: sum(up_to(most))) - 1
    widths = up_to(max(level, 0))
    if keep >= 0 and (over := sum(widths) - room) > 0:
        widths[keep] = max(min(least[keep], widths[keep]), widths[keep] - over)
    return widths


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


def hollow(table: QTableView) -> PlainLabel:
    """Return a hidden label in the middle of a table, for words while it has no rows."""
    label = PlainLabel(tone="secondary", wrap=True)
    lay_over(label, table)
    label.hide()
    return label


def lay_over(label: PlainLabel, table: QTableView) -> None:
    """Put a label into the middle of a table; the mouse reaches through it."""
    label.setAlignment(Qt.AlignmentFlag.AlignCenter)
    label.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
    room = QVBoxLayout(table.viewport())
    room.setContentsMargins(*(2 * theme.STEP,) * 4)
    room.addWidget(label)


class Empty(PlainLabel):
    """Words that stand in a table, which has its model already, while it is empty."""

    def __init__(self, table: QTableView, words: str) -> None:
        super().__init__(words, tone="secondary", wrap=True)
        self._model = table.model()
        lay_over(self, table)
        model = self._model
        for changed in (model.rowsInserted, model.rowsRemoved, model.modelReset):
            changed.connect(self._look)  # a method of a QObject: Qt forgets it in time
        self._look()

    def _look(self, *_: object) -> None:
        self.setVisible(not self._model.rowCount())


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
