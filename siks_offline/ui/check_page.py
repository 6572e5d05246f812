"""Periksa data: whether file, trail, photos and copies are what they were written as."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QWidget

from siks_offline.texts import text
from siks_offline.ui.dialogs import grouped
from siks_offline.ui.list_page import ListPage
from siks_offline.ui.table_looks import Empty

if TYPE_CHECKING:
    from siks_offline.desa.checkup import Report
    from siks_offline.desa.village import Village
    from siks_offline.progress import Progress
    from siks_offline.ui.page import Desk
    from siks_offline.ui.task import Task


class CheckPage(ListPage):
    """Runs beside the work, with progress and a way to stop it."""

    NAME = "periksa_data"
    KEYS = "ui.periksa_data.tombol"
    TABLE = "ui.periksa_data"
    COLUMNS = (("temuan", 0),)

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(desk, parent)
        self._task: Task | None = None
        self.empty = Empty(self.table, text("ui.periksa_data.belum"))
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName(text("ui.periksa_data.judul"))
        self.stop = self.add_tool("hentikan")
        self.stop.clicked.connect(self._stop)
        self.begin = self.add_tool("mulai", "check", primary=True)
        self.begin.clicked.connect(self.check)
        line = QHBoxLayout()
        line.addWidget(self.bar)
        column = self.layout()
        assert column is not None
        column.insertLayout(2, line)  # type: ignore[attr-defined]
        self.bar.hide()
        self.stop.hide()

    def open(self, argument: object = None) -> None:
        """Wait for the person to begin; what was found last stays."""
        del argument
        (self.stop if self._task is not None else self.begin).setFocus()

    def check(self) -> None:
        """Go through everything."""
        if self._task is not None:
            return

        def work(village: Village, progress: Progress) -> Report:
            from siks_offline.desa import checkup

            return checkup.check(village, progress)

        self._task = self.desk.task(work)
        self._task.progressed.connect(self._progress)
        self._task.finished.connect(self._show)
        self._task.failed.connect(self._refused)
        self._task.cancelled.connect(self._stopped)
        self._running(now=True)
        self.bar.setRange(0, 0)
        self.lead.setText(text("ui.periksa_data.berjalan"))
        self.table.show_rows([])
        self.empty.setText("")
        self.stop.setFocus()
        self.desk.beside(self._task)

    def _running(self, *, now: bool) -> None:
        self.bar.setVisible(now)
        self.stop.setVisible(now)
        self.begin.setVisible(not now)
        if not now:
            self._task = None
            self.begin.setFocus()

    def _progress(self, done: int, total: int) -> None:
        if total:
            self.bar.setRange(0, total)
            self.bar.setValue(done)

    def _stop(self) -> None:
        if self._task is not None:
            self._task.cancel()

    def _stopped(self) -> None:
        self._running(now=False)
        self.lead.setText(text("ui.periksa_data.dihentikan"))
        self.empty.setText(text("ui.periksa_data.belum"))

    def _refused(self, error: Exception) -> None:
        self._running(now=False)
        self.failed(error)

    def _show(self, report: Report) -> None:
        self._running(now=False)
        self.table.show_rows(
            [(one.words,) for one in report.findings], ["fault"] * len(report.findings)
        )
        counts = {name: grouped(n) for name, n in report.checked.items()}
        if report.findings:
            words = text("ui.periksa_data.temuan", jumlah=grouped(len(report.findings)))
            self.table.setFocus()
        else:
            words = text("ui.periksa_data.utuh", **counts)
            self.empty.setText(text("ui.periksa_data.tanpa_temuan"))
        self.lead.setText(words)
        self.said.emit(words)
