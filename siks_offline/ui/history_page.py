"""Riwayat: who did what and when, in words, of one household, one account or the whole village."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QComboBox, QWidget

from siks_offline.texts import text
from siks_offline.ui import dialogs
from siks_offline.ui.list_page import ListPage
from siks_offline.ui.moments import short

if TYPE_CHECKING:
    from siks_offline.desa.history import Told
    from siks_offline.desa.village import Village
    from siks_offline.model import Changes, HouseholdLine
    from siks_offline.progress import Progress
    from siks_offline.ui.page import Desk

Answer = tuple["list[Told]", "list[str]", "HouseholdLine | None"]


class HistoryPage(ListPage):
    """The argument is a household's id, or nothing for everybody's work."""

    NAME = "riwayat"
    KEYS = "ui.riwayat.tombol"
    TABLE = "ui.riwayat"
    COLUMNS = (("saat", 156), ("akun", 110), ("rumah_tangga", 0), ("isi", 0))

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(desk, parent)
        self._household = ""
        self._told: list[Told] = []
        self._line: HouseholdLine | None = None
        self.who = QComboBox()
        self.who.setAccessibleName(text("ui.riwayat.kolom.akun"))
        self.who.addItem(text("ui.riwayat.semua"))
        self.who.currentIndexChanged.connect(self._chosen)
        self.tools.addWidget(self.who)
        self.revert = self.add_tool("mundur", "again")
        self.revert.clicked.connect(self._revert)
        self.drop = self.add_tool("buang", "remove")
        self.drop.clicked.connect(self._drop)
        self.delete = self.add_tool("hapus", "remove")
        self.delete.clicked.connect(self._delete)
        self.more = self.add_tool("lagi")
        self.more.clicked.connect(self._go_on)

    def open(self, argument: object = None) -> None:
        """Tell the history of a household, or of all."""
        self._household = argument if isinstance(argument, str) else ""
        self.BACK = "prelist" if self._household else "pengaturan"
        self.back.setText(text(f"ui.halaman.{self.BACK}"))
        self.who.setVisible(not self._household)
        self.who.setCurrentIndex(0)
        for tool in (self.revert, self.drop, self.delete, self.more):
            tool.hide()
        self._told = []
        self.table.setFocus()
        self._read(None)

    def refresh(self, changes: Changes) -> None:
        """Read again what changed while it is looked at."""
        if self.isVisible() and self._household in changes.households:
            self._told = []
            self._read(None)

    def tell_row(self, row: int) -> str:
        """Say whole what was done, and what a correction changed."""
        if row >= len(self._told):
            return ""
        one = self._told[row]
        household = "" if self._household else one.household
        return "\n".join(filter(None, (household, one.words, *one.changes)))

    def enter_row(self, row: int, _column: int = 0) -> None:
        """Go on with the household of a row."""
        if not self._household and self._told[row].household_id:
            self.wanted.emit(self.NAME, self._told[row].household_id)

    def _read(self, below: int | None) -> None:
        household = self._household
        account = self.who.currentText() if self.who.currentIndex() > 0 else ""

        def work(village: Village, _progress: Progress) -> Answer:
            from siks_offline.desa import history, households

            if household:
                told = history.of_household(village, household, below)
                return told, [], households.lines(village, [household]).get(household)
            return history.of_account(village, account, below), history.accounts(village), None

        task = self.desk.task(work)
        task.finished.connect(self._show)
        task.failed.connect(self.failed)
        self.desk.start(task)

    def _show(self, answer: Answer) -> None:
        from siks_offline.desa.history import PAGE

        told, accounts, self._line = answer
        self.more.setVisible(len(told) == PAGE)
        self._told = [*self._told, *told]
        if accounts and self.who.count() == 1:
            self.who.blockSignals(True)
            self.who.addItems(accounts)
            self.who.blockSignals(False)
        name = self._line.nama_krt if self._line is not None else ""
        key = "judul_rumah" if self._household else "judul"
        self.title.setText(text(f"ui.riwayat.{key}", nama=name or text("ui.umum.tanpa_nama")))
        self.table.setColumnHidden(2, bool(self._household))
        self.table.show_rows([(short(o.at), o.account, o.household, o.words) for o in self._told])
        self.lead.setText(text("ui.riwayat.pengantar" if self._told else "ui.riwayat.kosong"))
        self._row_changed(self.table.currentRow())
        line = self._line
        if line is not None and self.desk.village.role != "pemeriksa":
            self.revert.setVisible(line.kerja == "selesai" and line.revisi > 1)
            self.drop.setVisible(line.kerja == "draf")
            self.delete.setVisible(not line.idbdt and not line.revisi)

    def _chosen(self) -> None:
        self._told = []
        self._read(None)

    def _go_on(self) -> None:
        self._read(self._told[-1].seq)

    def _revert(self) -> None:
        self._after_asking("mundur", self._reverted)

    def _drop(self) -> None:
        self._after_asking("buang", self._dropped)

    def _delete(self) -> None:
        self._after_asking("hapus", self._deleted)

    def _after_asking(self, what: str, done: object) -> None:
        """Ask, then do one of the three things that can be done to a household here."""
        household, now = self._household, self.desk.now()
        if not dialogs.ask(
            self,
            text(f"ui.riwayat.{what}_tanya", nama=self._line.nama_krt if self._line else ""),
            text(f"ui.riwayat.{what}_akibat"),
            text(f"ui.riwayat.{what}_ya"),
        ):
            return

        def work(village: Village, _progress: Progress) -> Changes:
            from siks_offline.desa import undo, visit, wastebin

            if what == "mundur":
                return undo.revert(village, household, now)
            if what == "buang":
                return visit.drop_draft(village, household, now)
            return wastebin.throw_household(village, household, now)

        task = self.desk.task(work)
        task.finished.connect(done)
        task.failed.connect(self.failed)
        self.desk.start(task)

    def _reverted(self, changes: Changes) -> None:
        self.changed.emit(changes)
        self.offered.emit(text("ui.riwayat.mundur_sudah"), self._undo_draft)

    def _dropped(self, changes: Changes) -> None:
        self.changed.emit(changes)
        self.offered.emit(text("ui.riwayat.buang_sudah"), self._undo_bin)

    def _deleted(self, changes: Changes) -> None:
        self.changed.emit(changes)
        self.offered.emit(text("ui.riwayat.hapus_sudah"), self._undo_bin)
        self._leave()

    def _undo_draft(self) -> None:
        household, now = self._household, self.desk.now()

        def work(village: Village, _progress: Progress) -> Changes:
            from siks_offline.desa import visit

            return visit.drop_draft(village, household, now)

        self._undo(work)

    def _undo_bin(self) -> None:
        household, now = self._household, self.desk.now()

        def work(village: Village, _progress: Progress) -> Changes:
            from siks_offline.desa import wastebin

            number = wastebin.newest_of(village, household)
            return wastebin.restore(village, number or 0, now)

        self._undo(work)

    def _undo(self, work: object) -> None:
        task = self.desk.task(work)  # type: ignore[arg-type]
        task.finished.connect(self._undone)
        task.failed.connect(self.failed)
        self.desk.start(task)

    def _undone(self, changes: Changes) -> None:
        self.changed.emit(changes)
        self.said.emit(text("ui.batalkan.sudah"))
