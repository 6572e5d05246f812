"""Sampah: what was thrown away, and bringing it back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from siks_offline.texts import text
from siks_offline.ui.list_page import ListPage
from siks_offline.ui.moments import short

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from siks_offline.desa.village import Village
    from siks_offline.desa.wastebin import BinLine
    from siks_offline.model import Changes
    from siks_offline.progress import Progress
    from siks_offline.ui.page import Desk

ICONS = {
    "draf": "form",
    "rumah_tangga": "home",
    "anggota": "members",
    "foto": "note",
    "usulan": "add",
}


def survey(village: Village, _progress: Progress) -> list[BinLine]:
    """Read the bin."""
    from siks_offline.desa import wastebin

    return wastebin.items(village)


class BinPage(ListPage):
    """Newest first; Enter brings the chosen thing back."""

    NAME = "sampah"
    KEYS = "ui.sampah.tombol"
    TABLE = "ui.sampah"
    COLUMNS = (("jenis", 170), ("isi", 0), ("saat", 156), ("akun", 130), ("sisa", 120))

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(desk, parent)
        self._items: list[BinLine] = []
        self.restore = self.add_tool("pulihkan", "again", primary=True)
        self.restore.clicked.connect(self._restore_chosen)

    def open(self, argument: object = None) -> None:
        """Show what lies there now."""
        del argument
        self.table.setFocus()
        self._read()

    def refresh(self, changes: Changes) -> None:
        """Read again after anything was thrown away or brought back."""
        if self.isVisible() and changes.households:
            self._read()

    def enter_row(self, row: int, _column: int = 0) -> None:
        """Bring a thing back."""
        number, now = self._items[row].number, self.desk.now()

        def work(village: Village, _progress: Progress) -> Changes:
            from siks_offline.desa import wastebin

            return wastebin.restore(village, number, now)

        task = self.desk.task(work)
        task.finished.connect(self._restored)
        task.failed.connect(self.failed)
        self.desk.start(task)

    def _restore_chosen(self) -> None:
        if self.table.currentRow() >= 0:
            self.enter_row(self.table.currentRow())

    def _read(self) -> None:
        task = self.desk.task(survey)
        task.finished.connect(self._show)
        task.failed.connect(self.failed)
        self.desk.start(task)

    def _show(self, items: list[BinLine]) -> None:
        self._items = items
        self.table.show_rows(
            [
                (
                    text(f"ui.sampah.jenis.{one.kind}"),
                    one.label or text("ui.umum.tanpa_nama"),
                    short(one.at),
                    one.by,
                    text("ui.sampah.hari", sisa=one.days_left),
                )
                for one in items
            ],
            [ICONS[one.kind] for one in items],
        )
        self.restore.setEnabled(bool(items))
        self.lead.setText(text("ui.sampah.pengantar" if items else "ui.sampah.kosong"))

    def _restored(self, changes: Changes) -> None:
        self.changed.emit(changes)
        self.said.emit(text("ui.sampah.kembali"))
        self._read()
