"""The files that were sent, each with the answer of the Dinsos."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHeaderView, QTableWidget, QTableWidgetItem

from siks_offline.texts import text
from siks_offline.ui import icons, theme
from siks_offline.ui.dialogs import grouped
from siks_offline.ui.household_table import TONES
from siks_offline.ui.moments import short
from siks_offline.ui.table_looks import still

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtWidgets import QWidget

    from siks_offline.desa.handover import ExportLine

STATE_ICONS = {
    "sent": "send",
    "voice": "done",
    "accepted": "done",
    "partly": "confirm",
    "held": "confirm",
    "rejected": "fault",
}
COLUMNS = ("nomor", "berkas", "dibuat", "kunjungan", "jawaban")
WIDTHS = (60, 0, 140, 92, 236)


class SentFiles(QTableWidget):
    """A row a file, newest first."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(0, len(COLUMNS), parent)
        self.setAccessibleName(text("ui.serah.tab.berkas"))
        self.setHorizontalHeaderLabels([text(f"ui.serah.kolom.{name}") for name in COLUMNS])
        still(self)
        self.verticalHeader().setDefaultSectionSize(theme.px(theme.TABLE_ROW))
        self.setAlternatingRowColors(True)
        header = self.horizontalHeader()
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        for at, width in enumerate(WIDTHS):
            if width:
                self.setColumnWidth(at, theme.px(width))
            else:
                header.setSectionResizeMode(at, QHeaderView.ResizeMode.Stretch)

    def show_lines(self, lines: Sequence[ExportLine]) -> None:
        """Show these files."""
        self.setRowCount(len(lines))
        for row, line in enumerate(lines):
            words = text(f"ui.serah.keadaan.{line.status}")
            if line.received_at:
                words = f"{words}, {short(line.received_at)}"
            cells = (str(line.seq), line.file_name, short(line.at), grouped(line.visits), words)
            for at, cell in enumerate(cells):
                item = QTableWidgetItem(cell)
                if at == len(cells) - 1:
                    icon = STATE_ICONS[line.status]
                    tone = getattr(theme.colours, TONES.get(icon, "secondary"))
                    item.setIcon(icons.icon(icon, tone))
                self.setItem(row, at, item)
