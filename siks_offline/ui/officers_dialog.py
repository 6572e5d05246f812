"""Who visits which RT: one line an RT, the officer's name typed beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QHeaderView,
    QLineEdit,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from siks_offline.model import Changes
from siks_offline.texts import text
from siks_offline.ui import dialogs, theme
from siks_offline.ui.dialogs import grouped
from siks_offline.ui.household_table import dress
from siks_offline.ui.plain import PlainLabel, button

if TYPE_CHECKING:
    from siks_offline.desa.village import Village
    from siks_offline.progress import Progress
    from siks_offline.ui.page import Page

COLUMNS = ("rw", "rt", "rumah_tangga", "petugas")


class OfficersDialog(QDialog):
    """Reads the RTs of the prelist akhir, and keeps the names that were changed."""

    def __init__(self, page: Page, parent: QWidget | None = None) -> None:
        super().__init__(parent or page)
        self._page = page
        self._places: list[tuple[str, str, str]] = []
        self.setWindowTitle(text("ui.petugas.judul"))
        self.setModal(True)
        self.resize(*theme.sheet(560, 440))
        self.table = QTableWidget(0, len(COLUMNS))
        self.table.setHorizontalHeaderLabels([text(f"ui.petugas.{name}") for name in COLUMNS])
        dress(self.table, text("ui.petugas.judul"))
        self.table.setTabKeyNavigation(True)
        header = self.table.horizontalHeader()
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.setSectionResizeMode(3, QHeaderView.ResizeMode.Stretch)
        for at, width in enumerate((64, 64, 132)):
            self.table.setColumnWidth(at, theme.px(width))
        self.empty = PlainLabel(text("ui.petugas.kosong"), wrap=True)
        self.empty.hide()
        self.keep_ = button(text("ui.petugas.simpan"), primary=True)
        self.keep_.setEnabled(False)
        self.keep_.clicked.connect(self.keep)
        leave = button(text("ui.dialog.batal"))
        leave.clicked.connect(self.reject)
        below = QHBoxLayout()
        below.addStretch(1)
        below.addWidget(leave)
        below.addWidget(self.keep_)
        column = QVBoxLayout(self)
        column.setContentsMargins(*(2 * theme.STEP,) * 4)
        column.setSpacing(theme.STEP)
        column.addWidget(PlainLabel(text("ui.petugas.judul"), face="title"))
        column.addWidget(self.empty)
        column.addWidget(self.table, 1)
        column.addStretch(0)
        column.addLayout(below)
        self._read()

    def names(self) -> list[tuple[str, str, str]]:
        """Return (RW, RT, name) of the lines whose name was changed."""
        found = []
        for row, (rw, rt, before) in enumerate(self._places):
            field = self.table.cellWidget(row, 3)
            assert isinstance(field, QLineEdit)
            if field.text().strip() != before:
                found.append((rw, rt, field.text()))
        return found

    def keep(self) -> None:
        """Keep the changed names."""
        names, now = self.names(), self._page.desk.now()

        def work(village: Village, _progress: Progress) -> Changes:
            from siks_offline.desa import final_list

            changes = Changes()
            for rw, rt, name in names:
                changes |= final_list.assign(village, rw, rt, name, now)
            return changes

        task = self._page.desk.task(work)
        task.finished.connect(self._kept)
        task.failed.connect(self._failed)
        self._page.desk.start(task)

    def _read(self) -> None:
        def work(village: Village, _progress: Progress) -> list[tuple[str, str, str, int]]:
            from siks_offline.desa import final_list

            return final_list.officers(village)

        task = self._page.desk.task(work)
        task.finished.connect(self._show)
        task.failed.connect(self._failed)
        self._page.desk.start(task)

    def _show(self, lines: list[tuple[str, str, str, int]]) -> None:
        self.table.setVisible(bool(lines))
        self.empty.setVisible(not lines)
        self._places = [(rw, rt, officer) for rw, rt, officer, _ in lines]
        self.table.setRowCount(len(lines))
        self.table.verticalHeader().setDefaultSectionSize(theme.px(theme.TABLE_ROW) + 4)
        for row, (rw, rt, officer, count) in enumerate(lines):
            for column, words in enumerate((rw or "-", rt or "-", grouped(count))):
                self.table.setItem(row, column, QTableWidgetItem(words))
            field = QLineEdit(officer)
            field.setMaxLength(100)
            field.setAccessibleName(text("ui.petugas.nama_rt", rt=rt or "-", rw=rw or "-"))
            self.table.setCellWidget(row, 3, field)
        self.keep_.setEnabled(bool(lines))
        if lines:
            self.table.cellWidget(0, 3).setFocus()

    def _kept(self, changes: Changes) -> None:
        self.accept()
        self._page.changed.emit(changes)
        self._page.said.emit(text("ui.petugas.tersimpan"))

    def _failed(self, error: Exception) -> None:
        dialogs.say(self, error)
