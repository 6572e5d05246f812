"""Catatan program: what the program wrote about itself, and a report to carry to whoever helps."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QFileDialog

from siks_offline.texts import text
from siks_offline.ui import incidents
from siks_offline.ui.list_page import ListPage

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from siks_offline.desa.village import Village
    from siks_offline.progress import Progress
    from siks_offline.ui.page import Desk

MOST_LINES = 500


def survey(_village: Village, _progress: Progress) -> list[tuple[str, str, str]]:
    """Read the newest lines of the log as (moment, weight, words), newest first."""
    return incidents.newest_lines(MOST_LINES)


class LogPage(ListPage):
    """Reads only: the log holds no personal data, and nobody edits it here."""

    NAME = "log"
    KEYS = "ui.log.tombol"
    TABLE = "ui.log"
    COLUMNS = (("saat", 190), ("berat", 100), ("isi", 0))

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(desk, parent)
        self._lines: list[tuple[str, str, str]] = []
        self.save = self.add_tool("simpan", "export", primary=True)
        self.save.clicked.connect(self._choose_place)

    def open(self, argument: object = None) -> None:
        """Read the log as it stands."""
        del argument
        self.table.setFocus()
        task = self.desk.task(survey)
        task.finished.connect(self._show)
        task.failed.connect(self.failed)
        self.desk.start(task)

    def tell_row(self, row: int) -> str:
        """Show a line whole."""
        return self._lines[row][2] if row < len(self._lines) else ""

    def save_report(self, path: Path) -> None:
        """Write the report and say so."""
        incidents.write_report(path, "")
        self.said.emit(text("ui.log.tersimpan", berkas=path.name))

    def _show(self, lines: list[tuple[str, str, str]]) -> None:
        self._lines = lines
        self.table.show_rows(
            [
                (_moment(at), text(f"ui.log.bobot.{weight}"), words.split("\n")[0])
                for at, weight, words in lines
            ]
        )
        self.lead.setText(text("ui.log.pengantar" if lines else "ui.log.kosong"))
        self._row_changed(self.table.currentRow())

    def _choose_place(self) -> None:
        name = incidents.report_name(self.desk.now())
        path, _ = QFileDialog.getSaveFileName(
            self, text("ui.kejadian.simpan"), name, text("ui.kejadian.jenis")
        )
        if path:
            self.save_report(Path(path))


def _moment(stamp: str) -> str:
    """Write the time of a log line, which is that of this computer, as lists here do."""
    return f"{datetime.fromisoformat(stamp):%d-%m-%Y %H.%M}"
