"""A newer questionnaire before it is used: what differs, what it wants more, or its faults."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QHeaderView, QTableWidgetItem, QWidget

from siks_offline.texts import text
from siks_offline.ui import theme
from siks_offline.ui.dialogs import grouped
from siks_offline.ui.plain import PlainLabel
from siks_offline.ui.preview_dialog import PreviewDialog, Sentences, dress

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from siks_offline.desa.versions import Preview
    from siks_offline.desa.village import Village
    from siks_offline.instrument.load import InstrumentRefused
    from siks_offline.model import CellIssue, Changes
    from siks_offline.progress import Progress
    from siks_offline.ui.page import Desk

FAULTS = ("tempat", "pesan", "tindakan")
PLACE_WIDTH = 190


class Judged(NamedTuple):
    """A workbook looked at: what installing it would do, or why it is no instrument."""

    preview: Preview | None
    refused: InstrumentRefused | None


class InstrumentDialog(PreviewDialog):
    """Reads a workbook, tells what would come or what is wrong with it, installs when agreed."""

    def __init__(self, desk: Desk, path: Path, parent: QWidget | None = None) -> None:
        title, agree = text("ui.instrumen.pasang_judul"), text("ui.instrumen.pakai")
        super().__init__(desk, path, title, agree, parent)
        self._preview: Preview | None = None
        self.summary = PlainLabel(wrap=True)
        self.needs = PlainLabel(wrap=True, face="strong")
        self.table = Sentences(0, 1)
        dress(self.table)
        self.agree.clicked.connect(self._install)
        for label in (self.summary, self.needs):
            label.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
            self.middle.addWidget(label)
        self.middle.addWidget(self.table, 1)
        self.read()

    def read(self) -> None:
        """Look at the workbook; nothing is written."""
        path, now = self.path, self.desk.now()

        def work(village: Village, progress: Progress) -> Judged:
            from siks_offline.desa import versions
            from siks_offline.instrument.load import InstrumentRefused

            try:
                return Judged(versions.preview(village, path, now, progress), None)
            except InstrumentRefused as refused:
                return Judged(None, refused)

        self.look(text("ui.instrumen.membaca", berkas=path.name), work, self._show)

    def _show(self, found: Judged) -> None:
        if found.refused is not None:
            self._show_faults(found.refused.issues)
        elif found.preview is not None:
            self._show_preview(found.preview)

    def _show_preview(self, preview: Preview) -> None:
        from siks_offline.desa import versions

        self._preview = preview
        new = preview.instrument
        if preview.in_use:
            self.heading.setText(
                text("ui.instrumen.sudah_dipakai", judul=new.title, versi=new.version)
            )
            self.summary.setText(text("ui.instrumen.sudah_dipakai_lalu"))
            self.cancel.setText(text("ui.dialog.tutup"))
            self.agree.hide()
            self.cancel.setFocus()
            return
        self.heading.setText(text("ui.instrumen.akan", judul=new.title, versi=new.version))
        drafts = "ui.instrumen.draf" if preview.drafts else "ui.instrumen.tanpa_draf"
        self.summary.setText(
            text(drafts, draf=grouped(preview.drafts), lagi=grouped(preview.again))
        )
        needs = [f"{sentence}." for sentence in versions.sentences(preview.needs)]
        self.needs.setText("\n".join(needs) or text("ui.instrumen.tanpa_perlu"))
        rows = [[one.sentence] for one in preview.differences]
        self._fill(
            [text("ui.instrumen.beda", jumlah=grouped(len(rows)))],
            rows or [[text("ui.instrumen.tanpa_beda")]],
        )
        self.agree.setEnabled(True)
        self.agree.setFocus()

    def _show_faults(self, issues: Sequence[CellIssue]) -> None:
        """Say of every fault its sheet, row and column, what is wrong and what to do."""
        self.heading.setText(text("ui.instrumen.ditolak", berkas=self.path.name))
        self.summary.setText(text("ui.instrumen.ditolak_lalu", jumlah=grouped(len(issues))))
        key = "ui.instrumen.letak"
        self._fill(
            [text(f"ui.instrumen.kolom.{name}") for name in FAULTS],
            [
                [text(key, lembar=i.sheet, baris=i.row, kolom=i.column), i.message, i.remedy]
                for i in issues
            ],
        )
        self.needs.hide()
        self.agree.hide()
        self.cancel.setText(text("ui.dialog.tutup"))
        self.table.setFocus()

    def _fill(self, heads: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        table = self.table
        table.setColumnCount(len(heads))
        table.setHorizontalHeaderLabels(list(heads))
        table.setRowCount(len(rows))
        for at, row in enumerate(rows):
            for column, words in enumerate(row):
                item = QTableWidgetItem(words)
                item.setFlags(Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable)
                table.setItem(at, column, item)
        header = table.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        if len(heads) > 1:
            header.setSectionResizeMode(0, QHeaderView.ResizeMode.Interactive)
            table.setColumnWidth(0, theme.px(PLACE_WIDTH))
        table.setAccessibleName(" ".join(heads))
        table.setCurrentCell(0, 0)
        table.show()
        QTimer.singleShot(0, table, table.resizeRowsToContents)

    def _install(self) -> None:
        preview, now = self._preview, self.desk.now()
        if preview is None:
            return

        def work(village: Village, _progress: Progress) -> Changes:
            from siks_offline.desa import versions

            return versions.install(village, preview, now)

        self.write(text("ui.instrumen.memasang"), work)
