"""Households that the Dinsos holds or gave back, each with what it said; Enter opens one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableWidget, QTableWidgetItem

from siks_offline.texts import text
from siks_offline.ui import icons, theme
from siks_offline.ui.household_table import SENT_ICONS, TONES, WORK_ICONS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import QKeyEvent
    from PySide6.QtWidgets import QWidget

    from siks_offline.desa.village import Village
    from siks_offline.model import HouseholdLine

COLUMNS = ("nama", "rt", "keadaan", "catatan")
WIDTHS = (190, 56, 150, 0)
MOST_SHOWN = 3
"""Rows that are seen at once; further ones are scrolled to."""


def returned(village: Village) -> list[HouseholdLine]:
    """Read the households that wait for the village after an answer: given back first."""
    from siks_offline.desa import households

    ids = [
        *households.find(village, kirim="ditolak"),
        *households.find(village, kerja="dikembalikan"),
        *households.find(village, kirim="ditahan"),
    ]
    lines = households.lines(village, list(dict.fromkeys(ids)))
    return [lines[id_] for id_ in dict.fromkeys(ids) if id_ in lines]


class ReturnedTable(QTableWidget):
    """As high as it has rows; hidden while there are none."""

    opened = Signal(str)
    """A household is to be opened, by its id."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(0, len(COLUMNS), parent)
        self._ids: list[str] = []
        self.setAccessibleName(text("ui.serah.kembali"))
        self.setHorizontalHeaderLabels([text(f"ui.serah.kolom_kembali.{c}") for c in COLUMNS])
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(theme.px(theme.TABLE_ROW))
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setTabKeyNavigation(False)
        self.setShowGrid(False)
        header = self.horizontalHeader()
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.setHighlightSections(False)
        for at, width in enumerate(WIDTHS):
            if width:
                self.setColumnWidth(at, width)
            else:
                header.setSectionResizeMode(at, QHeaderView.ResizeMode.Stretch)
        self.cellDoubleClicked.connect(self._open)

    def show_lines(self, lines: Sequence[HouseholdLine]) -> None:
        """Show these households and keep the row that was chosen."""
        row = max(self.currentRow(), 0)
        self._ids = [line.id for line in lines]
        self.setRowCount(len(lines))
        for at, line in enumerate(lines):
            sent = line.kirim in {"ditahan", "ditolak"}
            state = text(f"ui.kirim.{line.kirim}" if sent else f"ui.kerja.{line.kerja}")
            icon = SENT_ICONS[line.kirim] if sent else WORK_ICONS[line.kerja]
            name = line.nama_krt or text("ui.umum.tanpa_nama")
            for column, words in enumerate((name, line.rt, state, line.komentar)):
                item = QTableWidgetItem(words)
                if column == COLUMNS.index("keadaan"):
                    tone = getattr(theme.colours, TONES.get(icon, "secondary"))
                    item.setIcon(icons.icon(icon, tone))
                elif column == COLUMNS.index("catatan"):
                    item.setToolTip(words)
                self.setItem(at, column, item)
        shown = min(len(lines), MOST_SHOWN)
        self.setFixedHeight(
            self.horizontalHeader().sizeHint().height() + shown * theme.px(theme.TABLE_ROW) + 4
        )
        self.setVisible(bool(lines))
        if lines:
            self.setCurrentCell(min(row, len(lines) - 1), 0)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter opens the household at the question that the Dinsos named."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._open(self.currentRow())
        else:
            super().keyPressEvent(event)

    def _open(self, row: int, _column: int = 0) -> None:
        if 0 <= row < len(self._ids):
            self.opened.emit(self._ids[row])
