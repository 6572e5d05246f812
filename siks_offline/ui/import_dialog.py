"""What a prelist file would change, row by row, before anything is written."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import (
    QHBoxLayout,
    QHeaderView,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from siks_offline.texts import has, text
from siks_offline.ui import dialogs, icons, theme
from siks_offline.ui.dialogs import grouped
from siks_offline.ui.plain import PlainLabel, button, card
from siks_offline.ui.preview_dialog import PreviewDialog, Sentences, dress

if TYPE_CHECKING:
    from pathlib import Path

    from siks_offline.desa.prelist import Preview
    from siks_offline.desa.village import Village
    from siks_offline.model import Changes
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


class ImportDialog(PreviewDialog):
    """Shows counts and issues of a prelist file; a file of another code may be bound here."""

    def __init__(self, desk: Desk, path: Path, parent: QWidget | None = None) -> None:
        super().__init__(desk, path, text("ui.impor.judul"), text("ui.impor.masukkan"), parent)
        self._preview: Preview | None = None
        self.kind = PlainLabel(tone="secondary", wrap=True)
        self.counts = card()
        self._counts = QHBoxLayout(self.counts)
        self._counts.setContentsMargins(*(2 * theme.STEP, theme.STEP) * 2)
        self.counts.hide()
        self.issues_label = PlainLabel(wrap=True, face="strong")
        self.issues = Sentences(0, 4)
        self._dress_issues()
        self.bind = button(text("ui.impor.ikat"))
        self.bind.hide()
        self.bind.clicked.connect(self._bind)
        self.last.insertWidget(0, self.bind)
        self.agree.clicked.connect(self._load)
        for widget in (self.kind, self.counts, self.issues_label):
            self.middle.addWidget(widget)
        self.middle.addWidget(self.issues, 1)
        self.read(bind=False)

    def read(self, *, bind: bool) -> None:
        """Read the file; nothing is written."""
        path, now = self.path, self.desk.now()

        def work(village: Village, progress: Progress) -> Preview:
            from siks_offline.desa import arrivals, prelist

            if arrivals.is_bundle(path):
                return arrivals.load_prelist(village, path, now, keep=False)
            return prelist.preview(village, path, bind=bind, progress=progress)

        self.look(text("ui.impor.membaca", berkas=path.name), work, self._show)

    def _show(self, preview: Preview) -> None:
        self._preview = preview
        self.heading.setText(text("ui.impor.akan", berkas=self.path.name))
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
        dress(table)
        header = table.horizontalHeader()
        for at, width in enumerate((180, 140, 124)):
            table.setColumnWidth(at, theme.px(width))
        header.setSectionResizeMode(3, QHeaderView.ResizeMode.Stretch)

    def _bind(self) -> None:
        village = self.desk.village.nama_desa
        if dialogs.ask(
            self,
            text("ui.impor.ikat_tanya", desa=village),
            text("ui.impor.ikat_akibat"),
            text("ui.impor.ikat_ya"),
        ):
            self.read(bind=True)

    def _load(self) -> None:
        preview, path, now = self._preview, self.path, self.desk.now()
        if preview is None:
            return

        def work(village: Village, progress: Progress) -> Changes:
            from siks_offline.desa import arrivals, prelist

            if preview.jenis == "siks":
                return arrivals.accept(village, path, now, progress).changes
            return prelist.load(village, preview, now, progress)[1]

        self.write(text("ui.impor.menulis"), work)


def _place(sheet: str, row: int, column: str = "") -> str:
    key = "ui.impor.tempat_kolom" if column else "ui.impor.tempat"
    return text(key, lembar=sheet, baris=row, kolom=column)
