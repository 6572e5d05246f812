"""A page of one table that opens from another page: a way back, a heading, rows, words on one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QHBoxLayout,
    QScrollArea,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from siks_offline.texts import text
from siks_offline.ui import dialogs, icons, theme
from siks_offline.ui.page import Desk, Page
from siks_offline.ui.plain import PlainLabel, button
from siks_offline.ui.table_looks import PADDING, share, still

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import QKeyEvent, QResizeEvent
    from PySide6.QtWidgets import QPushButton

DETAIL_HEIGHT = 96
_LOOKED_AT = 200
"""Rows whose words say how broad their columns want to be."""


class RowTable(QTableWidget):
    """Rows to read and choose; Enter tells which one.

    A column is a name and its width while there are no rows; then it is as wide as its words. Those
    of no width share what is left, and the last of them takes what none of them wants.
    """

    entered = Signal(int)

    def __init__(self, table: str, columns: Sequence[tuple[str, int]]) -> None:
        super().__init__(0, len(columns))
        self.setAccessibleName(text(f"{table}.judul"))
        self.setHorizontalHeaderLabels([text(f"{table}.kolom.{name}") for name, _ in columns])
        still(self)
        self.verticalHeader().setDefaultSectionSize(theme.px(theme.TABLE_ROW))
        header = self.horizontalHeader()
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        self._columns = columns
        self._wanted: list[int] = []
        self._want((), signed=False)

    def show_rows(self, rows: Sequence[Sequence[str]], icon_names: Sequence[str] = ()) -> None:
        """Show these rows and stay at the one that was chosen."""
        chosen = max(self.currentRow(), 0)
        self.setRowCount(len(rows))
        for at, row in enumerate(rows):
            for column, words in enumerate(row):
                item = QTableWidgetItem(words)
                if column == 0 and icon_names:
                    item.setIcon(icons.icon(icon_names[at]))
                self.setItem(at, column, item)
        self._want(rows, signed=bool(icon_names))
        if rows:
            self.setCurrentCell(min(chosen, len(rows) - 1), 0)

    def cut(self, row: int) -> str:
        """Return the words of a row that its columns cannot show whole, a line each."""
        cells = [(at, self.item(row, at)) for at in range(self.columnCount())]
        return "\n".join(
            cell.text()
            for at, cell in cells
            if cell is not None
            and self.sizeHintForIndex(self.indexFromItem(cell)).width() > self.columnWidth(at) > 0
        )

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Share the room anew, and keep the chosen row in sight."""
        super().resizeEvent(event)
        self._fit()
        self.scrollTo(self.currentIndex())

    def _want(self, rows: Sequence[Sequence[str]], *, signed: bool) -> None:
        """Note how broad each column wants to be for its heading and its words."""
        metrics, header = self.fontMetrics(), self.horizontalHeader()
        self._wanted = []
        for at, (_, empty) in enumerate(self._columns):
            beside = PADDING + (PADDING if signed and at == 0 else 0)
            words = max([0, *(metrics.horizontalAdvance(row[at]) for row in rows[:_LOOKED_AT])])
            width = max(words + beside, header.sectionSizeHint(at))
            self._wanted.append(width if rows else max(width, theme.px(empty)))
        self._fit()

    def _fit(self) -> None:
        shown = [at for at in range(len(self._wanted)) if not self.isColumnHidden(at)]
        free = [at for at in shown if not self._columns[at][1]]
        room = self.viewport().width() - sum(self._wanted[at] for at in shown if at not in free)
        widths = share([self._wanted[at] for at in free], [0] * len(free), max(room, 0))
        if free and (over := room - sum(widths)) > 0:
            widths[-1] += over
        for at, width in zip(free, widths, strict=True):
            self.setColumnWidth(at, width)
        for at in shown:
            if at not in free:
                self.setColumnWidth(at, self._wanted[at])

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter on a row."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.currentRow() >= 0:
            self.entered.emit(self.currentRow())
        else:
            super().keyPressEvent(event)


class ListPage(Page):
    """What such pages share; TABLE is their part of texts.toml, a COLUMN is name and width."""

    TABLE = ""
    COLUMNS: tuple[tuple[str, int], ...] = ()
    BACK = "pengaturan"

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(desk, parent)
        self.back = self.way_back()
        self.title = PlainLabel(text(f"{self.TABLE}.judul"), face="title")
        self.lead = PlainLabel(text(f"{self.TABLE}.pengantar"), tone="secondary", wrap=True)
        self.tools = QHBoxLayout()
        self.tools.setSpacing(theme.STEP)
        self.table = RowTable(self.TABLE, self.COLUMNS)
        self.table.entered.connect(self.enter_row)
        self.table.currentCellChanged.connect(self._row_changed)
        self.table.cellDoubleClicked.connect(self.enter_row)
        self.detail = PlainLabel(wrap=True)
        self.detail.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        self.detail.setContentsMargins(*(theme.STEP,) * 4)
        self.detail_area = QScrollArea()
        self.detail_area.setObjectName("card")
        self.detail_area.setWidgetResizable(True)
        self.detail_area.setWidget(self.detail)
        self.detail_area.setFixedHeight(theme.px(DETAIL_HEIGHT))
        self.detail_area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        head = QHBoxLayout()
        head.setSpacing(theme.STEP)
        head.addWidget(self.back)
        head.addWidget(self.title)
        head.addStretch(1)
        head.addLayout(self.tools)
        column = QVBoxLayout(self)
        column.setContentsMargins(*(2 * theme.STEP,) * 4)
        column.setSpacing(theme.STEP)
        column.addLayout(head)
        column.addWidget(self.lead)
        column.addWidget(self.table, 1)
        column.addWidget(self.detail_area)
        self.detail_area.hide()

    def add_tool(self, name: str, icon: str = "", *, primary: bool = False) -> QPushButton:
        """Add a button to the right of the heading."""
        made = button(text(f"{self.TABLE}.{name}"), icon=icon, primary=primary)
        self.tools.addWidget(made)
        return made

    def enter_row(self, row: int, _column: int = 0) -> None:
        """Do what Enter on a row means; nothing unless a page says otherwise."""

    def tell_row(self, row: int) -> str:
        """Return words about the chosen row for the place below the table."""
        del row
        return ""

    def failed(self, error: Exception) -> None:
        """Say what went wrong."""
        dialogs.say(self, error)

    def _row_changed(self, row: int, *_: int) -> None:
        words = (self.tell_row(row) or self.table.cut(row)) if row >= 0 else ""
        self.detail.setText(words)
        self.detail_area.setVisible(bool(words))
