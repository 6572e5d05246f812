"""A page of one table that opens from another page: a way back, a heading, rows, words on one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QHBoxLayout,
    QHeaderView,
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
from siks_offline.ui.table_looks import still

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import QKeyEvent
    from PySide6.QtWidgets import QPushButton

DETAIL_HEIGHT = 96


class RowTable(QTableWidget):
    """Rows to read and choose; Enter tells which one."""

    entered = Signal(int)

    def __init__(self, table: str, columns: Sequence[tuple[str, int]]) -> None:
        super().__init__(0, len(columns))
        self.setAccessibleName(text(f"{table}.judul"))
        self.setHorizontalHeaderLabels([text(f"{table}.kolom.{name}") for name, _ in columns])
        still(self)
        self.verticalHeader().setDefaultSectionSize(theme.px(theme.TABLE_ROW))
        header = self.horizontalHeader()
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        for at, (_, width) in enumerate(columns):
            if width:
                self.setColumnWidth(at, theme.px(width))
            else:
                header.setSectionResizeMode(at, QHeaderView.ResizeMode.Stretch)

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
        if rows:
            self.setCurrentCell(min(chosen, len(rows) - 1), 0)

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
        self.back = button(text("ui.halaman.pengaturan"), icon="back", flat=True)
        self.back.clicked.connect(self.go_back)
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

    def go_back(self) -> None:
        """Return to where the page was opened from."""
        self.wanted.emit(self.BACK, None)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc goes back."""
        if event.key() == Qt.Key.Key_Escape:
            self.go_back()
        else:
            super().keyPressEvent(event)

    def failed(self, error: Exception) -> None:
        """Say what went wrong."""
        dialogs.say(self, error)

    def _row_changed(self, row: int, *_: int) -> None:
        words = self.tell_row(row) if row >= 0 else ""
        self.detail.setText(words)
        self.detail_area.setVisible(bool(words))
