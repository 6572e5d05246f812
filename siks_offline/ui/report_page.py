"""The page of reports: one table at a time, as numbers or bars, taken along as Excel or CSV."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QComboBox,
    QFileDialog,
    QHBoxLayout,
    QScrollArea,
    QStackedLayout,
    QVBoxLayout,
    QWidget,
)

from siks_offline.texts import text
from siks_offline.ui import dialogs, masking, theme
from siks_offline.ui.bars import Bar, Bars
from siks_offline.ui.dialogs import Waiting, grouped
from siks_offline.ui.page import Desk, Page
from siks_offline.ui.plain import PlainLabel, button, card
from siks_offline.ui.rows_table import RowsTable

if TYPE_CHECKING:
    from siks_offline.desa.reports import Kind, Table
    from siks_offline.desa.village import Village
    from siks_offline.model import Changes
    from siks_offline.progress import Progress

SHOWN: tuple[Kind, ...] = (
    "tahap", "rt", "rw", "dusun", "petugas", "akun", "status", "indikator", "daftar", "perbedaan",
    "masalah_nik",
)  # fmt: skip
GROUPED = frozenset({"status", "indikator"})
"""Reports whose first column names a group: bars show one group at a time."""
NIK = 16


class ReportPage(Page):
    """Chooses a report; the database thread makes it; table and bars show the same numbers."""

    NAME = "laporan"
    KEYS = "ui.laporan.tombol"

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(desk, parent)
        self.report: Table | None = None
        self._asked = 0
        self.kind = QComboBox()
        self.kind.setAccessibleName(text("ui.laporan.pilih"))
        for name in SHOWN:
            self.kind.addItem(text(f"laporan.judul.{name}"))
        self.kind.currentIndexChanged.connect(self.read)
        self.group = QComboBox()
        self.group.setAccessibleName(text("ui.laporan.golongan"))
        self.group.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.group.currentIndexChanged.connect(self._draw)
        self.chart = button(text("ui.laporan.grafik"))
        self.chart.setCheckable(True)
        self.chart.toggled.connect(self._turn)
        self.excel = button(text("ui.laporan.excel"), icon="import", primary=True)
        self.excel.clicked.connect(self._choose_excel)
        self.csv = button(text("ui.laporan.csv"))
        self.csv.clicked.connect(self._choose_csv)
        self.count = PlainLabel(tone="secondary")
        self.table = RowsTable(text("ui.laporan.tabel"))
        self.bars = Bars()
        self.empty = PlainLabel(text("ui.laporan.kosong"), tone="secondary", wrap=True)
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.legend = PlainLabel(tone="secondary")
        drawn = QWidget()
        inside = QVBoxLayout(drawn)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.addWidget(self.legend)
        inside.addWidget(self.bars)
        inside.addStretch(1)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setWidget(drawn)
        drawn.setAutoFillBackground(False)  # the card is white, the page is not
        paper = card()
        around = QVBoxLayout(paper)
        around.setContentsMargins(*(2 * theme.STEP,) * 4)
        around.addWidget(area)
        area.setAccessibleName(text("ui.laporan.grafik_nama"))
        self._paper = paper
        top = QHBoxLayout()
        top.setSpacing(theme.STEP)
        top.addWidget(PlainLabel(text("ui.halaman.laporan"), face="title"))
        top.addWidget(self.count)
        top.addStretch(1)
        top.addWidget(self.csv)
        top.addWidget(self.excel)
        tools = QHBoxLayout()
        tools.setSpacing(theme.STEP)
        tools.addWidget(self.kind)
        tools.addWidget(self.chart)
        tools.addWidget(self.group)
        tools.addStretch(1)
        below = QWidget()
        self._stack = QStackedLayout(below)
        for widget in (self.table, paper, self.empty):
            self._stack.addWidget(widget)
        column = QVBoxLayout(self)
        column.setContentsMargins(*(2 * theme.STEP,) * 4)
        column.setSpacing(theme.STEP + 4)
        column.addLayout(top)
        column.addLayout(tools)
        column.addWidget(below, 1)

    def open(self, argument: object = None) -> None:
        """Show a report, the one that is named if any."""
        if argument in SHOWN:
            self.kind.setCurrentIndex(SHOWN.index(argument))
        self.read()
        self.kind.setFocus()

    def refresh(self, changes: Changes) -> None:
        """Count again when something was touched that reports count."""
        if self.isVisible() and (changes.households or changes.prelist or changes.handover):
            self.read()

    def read(self, *_: object) -> None:
        """Make the chosen report on the database thread."""
        wanted = SHOWN[self.kind.currentIndex()]
        self._asked += 1
        number = self._asked

        def work(village: Village, progress: Progress) -> tuple[int, Table]:
            from siks_offline.desa import reports

            return number, reports.table(village, wanted, progress)

        task = self.desk.task(work)
        task.finished.connect(self._show)
        task.failed.connect(self._failed)
        Waiting(self, text("ui.laporan.menghitung"), task)
        self.desk.start(task)

    def write(self, path: Path) -> None:
        """Write what is shown: CSV by its ending, else Excel."""
        kind, now = SHOWN[self.kind.currentIndex()], self.desk.now()

        def work(village: Village, progress: Progress) -> str:
            from siks_offline.desa import reports

            if path.suffix.lower() == ".csv":
                reports.write_csv(village, path, kind, now)
            else:
                reports.book(village, path, [kind], now, progress)
            return path.name

        task = self.desk.task(work)
        task.finished.connect(self._written)
        task.failed.connect(self._failed)
        Waiting(self, text("ui.laporan.menulis"), task)
        self.desk.start(task)

    def _show(self, answer: tuple[int, Table]) -> None:
        number, report = answer
        if number != self._asked:
            return
        self.report = report
        rows = [*report.rows, *([report.total] if report.total else [])]
        self.count.setText(text("ui.laporan.jumlah", jumlah=grouped(len(report.rows))))
        last = len(report.rows) if report.total else -1
        stretch = len(report.columns) - 1 if not report.numbers else 0
        self.table.show_rows(
            report.columns,
            [[_cell(cell, at in report.numbers) for at, cell in enumerate(row)] for row in rows],
            report.numbers,
            stretch=stretch,
            strong=last,
        )
        self.group.blockSignals(True)
        self.group.clear()
        if report.kind in GROUPED:
            self.group.addItems(list(dict.fromkeys(row[0] for row in report.rows)))
        self.group.blockSignals(False)
        self.chart.setVisible(bool(report.bars))
        self._turn()

    def _turn(self, *_: object) -> None:
        """Show the table or the bars."""
        if self.report is None:
            return
        drawn = self.chart.isChecked() and bool(self.report.bars)
        self.chart.setText(text("ui.laporan.tabel_lagi" if drawn else "ui.laporan.grafik"))
        self.group.setVisible(drawn and self.group.count() > 0)
        if not self.report.rows:
            self._stack.setCurrentWidget(self.empty)
        else:
            self._stack.setCurrentWidget(self._paper if drawn else self.table)
        self._draw()

    def _draw(self, *_: object) -> None:
        report = self.report
        if report is None or not report.bars:
            return
        grouped_by = report.kind in GROUPED
        wanted = self.group.currentText()
        rows = [row for row in report.rows if not grouped_by or row[0] == wanted]
        whole, *part = report.bars
        self.bars.show_bars(
            [
                _bar(row[int(grouped_by)], _number(row[whole]), [_number(row[at]) for at in part])
                for row in rows
            ]
        )
        names = [report.columns[at] for at in (*part, whole)]
        self.legend.setText(text("ui.laporan.legenda", nama=" / ".join(names)))

    def _choose_excel(self) -> None:
        self._choose("xlsx")

    def _choose_csv(self) -> None:
        self._choose("csv")

    def _choose(self, ending: str) -> None:
        name = text(
            "ui.laporan.nama_berkas",
            jenis=SHOWN[self.kind.currentIndex()],
            hari=f"{self.desk.now().astimezone():%Y-%m-%d}",
            akhiran=ending,
        )
        path, _ = QFileDialog.getSaveFileName(
            self, text("ui.laporan.simpan"), name, text(f"ui.laporan.jenis.{ending}")
        )
        if path:
            self.write(Path(path))

    def _written(self, name: str) -> None:
        self.said.emit(text("ui.laporan.tertulis", berkas=name))

    def _failed(self, error: Exception) -> None:
        dialogs.say(self, error)


def _bar(name: str, whole: int, part: list[int]) -> Bar:
    """Return a bar: the part in the accent and the rest pale, or the whole alone."""
    if not part:
        return Bar(name, (("accent", whole),), grouped(whole))
    done = part[0]
    words = f"{grouped(done)} / {grouped(whole)}"
    return Bar(name, (("accent", done), ("line", max(whole - done, 0))), words)


def _number(cell: str) -> int:
    return int(cell) if cell.isdigit() else 0


def _cell(cell: str, counts: bool) -> str:
    """Write a cell as people do; the numbers of people as lists show them now."""
    if counts and cell.isdigit():
        return grouped(int(cell))
    return masking.shown(cell) if len(cell) == NIK and cell.isdigit() else cell
