"""A list of texts as a table: rows as they are given, chosen by keys, opened by Enter."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt, Signal
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView

from siks_offline.ui import icons, theme
from siks_offline.ui.table_looks import LONG_WORDS, PADDING, share, still

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import QKeyEvent, QResizeEvent
    from PySide6.QtWidgets import QWidget

Index = QModelIndex | QPersistentModelIndex
_LOOKED_AT = 200
_LEAST = 64
_ENOUGH = 160
"""Width that a column of longer words has at the least."""


_SIDEWAYS = 400
"""Width that the last column takes at the most in a list that is moved sideways."""


class RowsModel(QAbstractTableModel):
    """Rows of texts under headings; some columns are numbers, one may carry icons."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.columns: tuple[str, ...] = ()
        self.rows: Sequence[Sequence[str]] = ()
        self.numbers: frozenset[int] = frozenset()
        self.strong: int = -1
        self.icons: Sequence[tuple[str, str]] = ()
        self.icon_column = -1

    def show(
        self,
        columns: Sequence[str],
        rows: Sequence[Sequence[str]],
        numbers: frozenset[int] = frozenset(),
        *,
        strong: int = -1,
        signs: Sequence[tuple[str, str]] = (),
        sign_column: int = -1,
    ) -> None:
        """Show these rows. `strong` is a row in bold; `signs` are (icon, tone) of each row."""
        self.beginResetModel()
        self.columns, self.rows, self.numbers = tuple(columns), rows, numbers
        self.strong, self.icons, self.icon_column = strong, signs, sign_column
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:
        """Count the rows."""
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:
        """Count the columns."""
        return 0 if parent.isValid() else len(self.columns)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """Give a heading, on the side on which its column stands."""
        if orientation is not Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return self.columns[section]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return self._side(section)
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Give what one cell shows."""
        if not index.isValid():
            return None
        row, column = index.row(), index.column()
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return self.rows[row][column]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return self._side(column)
        if role == Qt.ItemDataRole.FontRole and row == self.strong:
            return theme.strong()
        if role == Qt.ItemDataRole.DecorationRole and column == self.icon_column and self.icons:
            name, tone = self.icons[row]
            return icons.icon(name, getattr(theme.colours, tone))
        return None

    def _side(self, column: int) -> Qt.AlignmentFlag:
        side = Qt.AlignmentFlag.AlignRight if column in self.numbers else Qt.AlignmentFlag.AlignLeft
        return side | Qt.AlignmentFlag.AlignVCenter


class RowsTable(QTableView):
    """A table of whole rows; `opened` tells that Enter or a double click asked for one."""

    opened = Signal(int)
    lettered = Signal(str)
    """A letter was pressed, a capital one."""
    turned = Signal(int)
    """Another row is the current one; -1 for none."""

    def __init__(self, name: str, *, several: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.rows = RowsModel(self)
        self._natural: list[int] = []
        self._whole: list[int] = []
        self._stretch = -1
        self._keep = -1
        self.setModel(self.rows)
        self.setAccessibleName(name)
        still(self)
        if several:
            self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setAlternatingRowColors(True)
        self.setWordWrap(False)
        self.setCornerButtonEnabled(False)
        self.verticalHeader().setDefaultSectionSize(theme.px(theme.TABLE_ROW))
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.doubleClicked.connect(self._clicked)

    def show_rows(
        self,
        columns: Sequence[str],
        rows: Sequence[Sequence[str]],
        numbers: frozenset[int] = frozenset(),
        *,
        stretch: int = -1,
        keep: int = -1,
        **more: Any,
    ) -> None:
        """Show rows, columns as wide as their texts where there is room for them.

        `stretch` is the column that takes what is left, `keep` one that is cut last.
        The row that was current stays so.
        """
        kept = max(self.currentIndex().row(), 0)
        self.rows.show(columns, rows, numbers, **more)
        self._stretch, self._keep = stretch, keep
        metrics = self.fontMetrics()
        sign = more.get("sign_column", -1)
        self._natural, self._whole = [], []
        for at, title in enumerate(columns):
            beside = PADDING + (PADDING if at == sign else 0)
            seen = [(metrics.horizontalAdvance(row[at]), row[at]) for row in rows[:_LOOKED_AT]]
            least = max(_LEAST, metrics.horizontalAdvance(title) + beside)
            enough = theme.px(_ENOUGH)
            self._natural.append(max([least, *(wide + beside for wide, _ in seen)]))
            self._whole.append(
                max(
                    [least]
                    + [
                        wide + beside if len(words) <= LONG_WORDS else min(wide + beside, enough)
                        for wide, words in seen
                    ]
                )
            )
        self._fit()
        if rows:
            self.selectRow(min(kept, len(rows) - 1))
        self.turned.emit(self.currentIndex().row())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Share the room anew."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """Give every column the room its texts want; what is wanting is taken from the broadest.

        Texts of up to LONG_WORDS letters stay whole: a list for which even they are too broad is
        moved sideways, and then its last column may as well say all it has to say.
        """
        room = self.viewport().width()
        widths = share(self._natural, self._whole, room, keep=self._keep)
        over = sum(widths) - room
        if over < 0 and 0 <= self._stretch < len(widths):
            widths[self._stretch] -= over
        if over > 0 and self._stretch == len(widths) - 1:
            widths[-1] = min(self._natural[-1], theme.px(_SIDEWAYS))
        for at, width in enumerate(widths):
            self.setColumnWidth(at, width)

    def chosen(self) -> list[int]:
        """Return the rows that are selected, in order."""
        return sorted({index.row() for index in self.selectedIndexes()})

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter opens the current row; a letter tells itself."""
        letter = event.text().upper()
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._clicked(self.currentIndex())
        elif len(letter) == 1 and letter.isalpha() and not event.modifiers():
            self.lettered.emit(letter)
        else:
            super().keyPressEvent(event)

    def _clicked(self, index: Index) -> None:
        if index.isValid():
            self.opened.emit(index.row())

    def currentChanged(self, now: Index, before: Index) -> None:
        """Tell of another current row."""
        super().currentChanged(now, before)
        if now.row() != before.row():
            self.turned.emit(now.row() if now.isValid() else -1)
