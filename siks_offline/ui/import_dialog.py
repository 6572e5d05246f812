"""What a prelist file would change, row by row, before anything is written."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QHBoxLayout,
    QHeaderView,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from siks_offline.model import Changes
from siks_offline.texts import has, text
from siks_offline.ui import dialogs, icons, theme
from siks_offline.ui.dialogs import Waiting, grouped
from siks_offline.ui.plain import PlainLabel, button, card

if TYPE_CHECKING:
    from pathlib import Path

    from siks_offline.desa.prelist import Preview
    from siks_offline.desa.village import Village
    from siks_offline.progress import Progress
    from siks_offline.ui.page import Desk

MOST_ROWS = 2_000
"""Rows shown, those that need a look first; the counts above them are always whole."""
COLUMNS = ("tempat", "nama", "hasil", "keterangan")
RESULTS = ("ditolak", "dilewati", "diperbarui", "ditambah")
ICONS = {
    "ditambah": ("add", "done"),
    "diperbarui": ("again", "accent"),
    "dilewati": ("skipped", "secondary"),
    "ditolak": ("fault", "fault"),
}
WILAYAH = "E_WILAYAH"


class ImportDialog(QDialog):
    """Reads the file on the database thread, shows counts and issues, writes when agreed."""

    loaded = Signal(Changes)

    def __init__(self, desk: Desk, path: Path, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(text("ui.impor.judul"))
        self.setModal(True)
        self.resize(860, 480)
        self._desk = desk
        self._path = path
        self._preview: Preview | None = None
        self.heading = PlainLabel(text("ui.impor.membaca", berkas=path.name), face="title")
        self.kind = PlainLabel(tone="secondary", wrap=True)
        self.counts = card()
        self._counts = QHBoxLayout(self.counts)
        self._counts.setContentsMargins(*(2 * theme.STEP, theme.STEP) * 2)
        self.counts.hide()
        self.issues_label = PlainLabel(wrap=True, face="strong")
        self.issues = QTableWidget(0, 4)
        self._dress_issues()
        self.bind = button(text("ui.impor.ikat"))
        self.bind.hide()
        self.bind.clicked.connect(self._bind)
        self.cancel = button(text("ui.dialog.batal"))
        self.cancel.clicked.connect(self.reject)
        self.agree = button(text("ui.impor.masukkan"), primary=True)
        self.agree.setAutoDefault(True)
        self.agree.setDefault(True)
        self.agree.setEnabled(False)
        self.agree.clicked.connect(self._load)
        last = QHBoxLayout()
        last.setSpacing(theme.STEP)
        last.addWidget(self.bind)
        last.addStretch(1)
        last.addWidget(self.cancel)
        last.addWidget(self.agree)
        column = QVBoxLayout(self)
        column.setContentsMargins(*(3 * theme.STEP,) * 4)
        column.setSpacing(theme.STEP + 4)
        column.addWidget(self.heading)
        column.addWidget(self.kind)
        column.addWidget(self.counts)
        column.addWidget(self.issues_label)
        column.addWidget(self.issues, 1)
        column.addLayout(last)
        self.read(bind=False)

    def read(self, *, bind: bool) -> None:
        """Read the file; nothing is written."""
        path, now = self._path, self._desk.now()

        def work(village: Village, progress: Progress) -> Preview:
            from siks_offline.desa import arrivals, prelist

            if arrivals.is_bundle(path):
                return arrivals.load_prelist(village, path, now, keep=False)
            return prelist.preview(village, path, bind=bind, progress=progress)

        task = self._desk.task(work)
        task.finished.connect(self._show)
        task.failed.connect(self._failed)
        task.cancelled.connect(self.reject)
        Waiting(self, text("ui.impor.membaca", berkas=path.name), task)
        self._desk.start(task)

    def _show(self, preview: Preview) -> None:
        self._preview = preview
        self.heading.setText(text("ui.impor.akan", berkas=self._path.name))
        self.kind.setText(text(f"ui.impor.jenis.{preview.jenis}"))
        counts = preview.counts
        for name, (icon, tone) in ICONS.items():
            picture = PlainLabel()
            picture.setPixmap(icons.pixmap(icon, getattr(theme.colours, tone), 18))
            words = QHBoxLayout()
            words.setSpacing(theme.STEP // 2)
            words.addWidget(picture)
            words.addWidget(PlainLabel(text(f"ui.impor.hitung.{name}"), tone=tone))
            words.addStretch(1)
            cell = QVBoxLayout()
            cell.setSpacing(0)
            cell.addWidget(PlainLabel(grouped(getattr(counts, name)), face="figure"))
            cell.addLayout(words)
            self._counts.addLayout(cell, 1)
        self.counts.show()
        self._show_rows(preview)
        something = bool(counts.ditambah or counts.diperbarui)
        self.agree.setEnabled(something)
        self.agree.setText(
            text("ui.impor.masukkan_n", jumlah=grouped(counts.ditambah + counts.diperbarui))
            if something
            else text("ui.impor.masukkan")
        )
        (self.agree if something else self.cancel).setFocus()

    def _show_rows(self, preview: Preview) -> None:
        """Fill the table: what is refused first, with the reason, then the rest by result."""
        issues = preview.issues
        key = "ui.impor.masalah" if issues else "ui.impor.tanpa_masalah"
        self.issues_label.setText(text(key, jumlah=grouped(len(issues))))
        self.bind.setVisible(any(issue.code == WILAYAH for issue in issues))
        rows = [
            (_place(i.sheet, i.row, i.column), "", "ditolak", f"{i.message} {i.remedy}".strip())
            for i in issues[:MOST_ROWS]
        ]
        told = {(issue.sheet, issue.row) for issue in issues}
        for result in RESULTS:
            for line in preview.lines:
                if len(rows) >= MOST_ROWS:
                    break
                if line.result != result or (line.sheet, line.row) in told:
                    continue
                key = f"ui.impor.alasan.{line.reason}"
                rows.append(
                    (
                        _place(line.sheet, line.row),
                        line.nama_krt,
                        result,
                        text(key) if line.reason and has(key) else "",
                    )
                )
        self.issues.setRowCount(len(rows))
        for at, (place, name, result, words) in enumerate(rows):
            icon, tone = ICONS[result]
            cells = (place, name, text(f"ui.impor.hasil.{result}"), words)
            for column, cell in enumerate(cells):
                item = QTableWidgetItem(cell)
                item.setFlags(Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable)
                if column == 2:
                    item.setIcon(icons.icon(icon, getattr(theme.colours, tone)))
                self.issues.setItem(at, column, item)
        self.issues.setVisible(bool(rows))
        QTimer.singleShot(0, self.issues, self.issues.resizeRowsToContents)

    def _dress_issues(self) -> None:
        table = self.issues
        table.setAccessibleName(text("ui.impor.daftar_baris"))
        table.setHorizontalHeaderLabels([text(f"ui.impor.kolom.{name}") for name in COLUMNS])
        table.verticalHeader().hide()
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        table.setTabKeyNavigation(False)
        table.setShowGrid(False)
        table.setWordWrap(True)
        header = table.horizontalHeader()
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.setHighlightSections(False)
        table.setColumnWidth(0, 180)
        table.setColumnWidth(1, 140)
        table.setColumnWidth(2, 114)
        header.setSectionResizeMode(3, QHeaderView.ResizeMode.Stretch)
        table.hide()

    def _bind(self) -> None:
        village = self._desk.village.nama_desa
        if dialogs.ask(
            self,
            text("ui.impor.ikat_tanya", desa=village),
            text("ui.impor.ikat_akibat"),
            text("ui.impor.ikat_ya"),
        ):
            self.read(bind=True)

    def _load(self) -> None:
        preview = self._preview
        if preview is None:
            return
        self.agree.setEnabled(False)
        desk, path = self._desk, self._path

        def work(village: Village, progress: Progress) -> Changes:
            from siks_offline.desa import arrivals, prelist

            if preview.jenis == "siks":
                return arrivals.accept(village, path, desk.now(), progress).changes
            return prelist.load(village, preview, desk.now(), progress)[1]

        task = desk.task(work)
        task.finished.connect(self._loaded)
        task.failed.connect(self._failed)
        task.cancelled.connect(self._kept)
        Waiting(self, text("ui.impor.menulis"), task)
        desk.start(task)

    def _loaded(self, changes: Changes) -> None:
        self.loaded.emit(changes)
        self.accept()

    def _kept(self) -> None:
        self.agree.setEnabled(True)

    def _failed(self, error: Exception) -> None:
        dialogs.say(self, error)
        if self._preview is None:
            self.reject()
        else:
            self._kept()


def _place(sheet: str, row: int, column: str = "") -> str:
    key = "ui.impor.tempat_kolom" if column else "ui.impor.tempat"
    return text(key, lembar=sheet, baris=row, kolom=column)
