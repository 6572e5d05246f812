"""Every household with how far its handover is and what the Dinsos said; Enter opens it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QModelIndex, QSize, Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from siks_offline.texts import text
from siks_offline.ui import dialogs, theme
from siks_offline.ui.dialogs import grouped
from siks_offline.ui.household_table import (
    SENT_ICONS,
    WORK_ICONS,
    Column,
    HouseholdTable,
    dress,
    lay,
)
from siks_offline.ui.plain import PlainLabel
from siks_offline.ui.table_looks import hollow

if TYPE_CHECKING:
    from collections.abc import Mapping

    from PySide6.QtGui import QKeyEvent, QResizeEvent

    from siks_offline.desa.village import Village
    from siks_offline.model import Changes, HouseholdLine, Kirim
    from siks_offline.progress import Progress
    from siks_offline.ui.page import Desk

BACK = "kembali"
ROOMY = 900
"""Width from which the state of the work has room beside the comment."""
FILTERS: tuple[str, ...] = (
    "semua",
    BACK,
    "belum",
    "dikirim",
    "diterima",
    "diterima_lisan",
    "ditahan",
    "ditolak",
)


def sent_columns() -> tuple[Column, ...]:
    """Make the columns: who, where, how far the handover is, what the Dinsos said."""

    def at_rt(line: HouseholdLine) -> str:
        return "/".join(filter(None, (line.rt, line.rw)))

    def name(line: HouseholdLine) -> str:
        return line.nama_krt or text("ui.umum.tanpa_nama")

    return (
        Column(text("ui.serah.kolom_kembali.nama"), "nama_krt", 190, name),
        Column(text("ui.serah.kolom_kembali.rt"), "rt", 90, at_rt),
        Column(
            text("ui.prelist.kolom.kirim"),
            "kirim",
            146,
            lambda line: text(f"ui.kirim.{line.kirim}"),
            lambda line: SENT_ICONS[line.kirim],
        ),
        Column(
            text("ui.prelist.kolom.kerja"),
            "kerja",
            150,
            lambda line: text(f"ui.kerja.{line.kerja}"),
            lambda line: WORK_ICONS[line.kerja],
        ),
        Column(text("ui.serah.kolom_kembali.catatan"), "komentar", 0, lambda line: line.komentar),
    )


def wanted(village: Village, name: str) -> tuple[list[str], int]:
    """Return the households of a filter, those that wait for the village first, and their number.

    The number counts those that the Dinsos gave back or holds, whatever the filter.
    """
    from siks_offline.desa import households

    back = dict.fromkeys(
        [
            *households.find(village, kirim="ditolak"),
            *households.find(village, kerja="dikembalikan"),
            *households.find(village, kirim="ditahan"),
        ]
    )
    if name == BACK:
        return list(back), len(back)
    kirim: Kirim | None = None if name == "semua" else name  # type: ignore[assignment]
    found = households.find(village, kirim=kirim)
    if name == "semua":
        found = list(dict.fromkeys([*back, *found]))
    return found, len(back)


class _View(QTableView):
    """A table whose row is opened by Enter."""

    chosen = Signal(int)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter opens the household at the question that the Dinsos named."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.chosen.emit(self.currentIndex().row())
        else:
            super().keyPressEvent(event)


class SentHouseholds(QWidget):
    """A filter by state of handover over the table of all households."""

    opened = Signal(str)
    """A household is to be opened, by its id."""
    counted = Signal(int)
    """How many wait for the village after an answer of the Dinsos."""

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self._searches = 0
        self.filter = QComboBox()
        self.filter.setAccessibleName(text("ui.prelist.saring"))
        for name in FILTERS:
            key = f"ui.serah.saring.{name}" if name in ("semua", BACK) else f"ui.kirim.{name}"
            self.filter.addItem(text(key))
        self.filter.currentIndexChanged.connect(self.read)
        self.count = PlainLabel(tone="secondary")
        self.comment = PlainLabel(wrap=True)
        self.comment.setObjectName("officeNote")
        self.comment.hide()
        self.table = _View()
        self.model = HouseholdTable(self.table, sent_columns())
        self.model.needed.connect(self._read_lines)
        self.empty = hollow(self.table)
        self._dress()
        top = QHBoxLayout()
        top.setContentsMargins(0, theme.STEP, 0, 0)
        top.setSpacing(theme.STEP)
        top.addWidget(self.filter)
        top.addWidget(self.count)
        top.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.STEP)
        column.addLayout(top)
        column.addWidget(self.table, 1)
        # In large text the page is higher than the window: what is below its table is not seen.
        column.insertWidget(1 if theme.scale > theme.ROOMY else 2, self.comment)
        self.table.selectionModel().currentRowChanged.connect(self._tell)
        self.model.dataChanged.connect(self._tell)
        self.model.modelReset.connect(self._tell)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave the state of the work out where comments would be cut."""
        super().resizeEvent(event)
        orders = [column.order for column in self.model.columns]
        self.table.setColumnHidden(orders.index("kerja"), self.width() < theme.px(ROOMY))

    def read(self, *_: object) -> None:
        """Read the households of the filter."""
        self._searches += 1
        number, name = self._searches, FILTERS[self.filter.currentIndex()]

        def work(village: Village, _progress: Progress) -> tuple[int, list[str], int]:
            return number, *wanted(village, name)

        task = self._desk.task(work)
        task.finished.connect(self._found)
        task.failed.connect(self._failed)
        self._desk.start(task)

    def refresh(self, changes: Changes) -> None:
        """Read changed lines again."""
        self.model.refresh(changes)

    def _dress(self) -> None:
        table = self.table
        table.setModel(self.model)
        dress(table, text("ui.serah.tab.rumah_tangga"))
        table.setIconSize(QSize(16, 16))
        widths = [column.width for column in self.model.columns]
        lay(table, widths, [widths.index(0)])
        table.doubleClicked.connect(self._clicked)
        table.chosen.connect(self._open)

    def _found(self, answer: tuple[int, list[str], int]) -> None:
        number, ids, back = answer
        if number != self._searches:
            return
        keep = self.model.id_at(self.table.currentIndex().row())
        self.model.show(ids)
        self.count.setText(text("ui.prelist.jumlah", jumlah=grouped(len(ids))))
        if ids:
            self.table.selectRow(max(self.model.row_of(keep), 0))
        filtered = self.filter.currentIndex() > 0
        self.empty.setText(text("ui.serah.tersaring" if filtered else "ui.prelist.kosong_di_sini"))
        self.empty.setVisible(not ids)
        self.counted.emit(back)

    def _read_lines(self, ids: list[str]) -> None:
        def work(village: Village, _progress: Progress) -> Mapping[str, HouseholdLine]:
            from siks_offline.desa import households

            return households.lines(village, ids)

        task = self._desk.task(work)
        task.finished.connect(self.model.take)
        task.failed.connect(self._failed)
        self._desk.start(task)

    def _tell(self, *_: object) -> None:
        """Say in full what the Dinsos said of the household that is chosen."""
        row = self.table.currentIndex().row()
        line = self.model.line_at(row) if self.model.id_at(row) else None
        self.comment.setVisible(line is not None and bool(line.komentar))
        if line is not None:
            self.comment.setText(line.komentar)

    def _clicked(self, index: QModelIndex) -> None:
        self._open(index.row())

    def _open(self, row: int) -> None:
        household_id = self.model.id_at(row)
        if household_id:
            self.opened.emit(household_id)

    def _failed(self, error: Exception) -> None:
        dialogs.say(self, error)
