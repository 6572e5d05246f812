"""The page of all households: find one, open it, add one, bring in a prelist."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QModelIndex, QObject, QSize, Qt, QTimer
from PySide6.QtGui import QAction, QKeyEvent, QKeySequence, QResizeEvent
from PySide6.QtWidgets import (
    QComboBox,
    QFileDialog,
    QHBoxLayout,
    QStackedLayout,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from siks_offline.meeting import is_barcode
from siks_offline.texts import text
from siks_offline.ui import dialogs, household_acts, theme
from siks_offline.ui.dialogs import grouped
from siks_offline.ui.household_table import HouseholdTable, dress, fit, lay
from siks_offline.ui.import_dialog import ImportDialog
from siks_offline.ui.line import Line
from siks_offline.ui.page import Desk, Page
from siks_offline.ui.plain import PlainLabel, button

if TYPE_CHECKING:
    from collections.abc import Mapping

    from siks_offline.desa.village import Village
    from siks_offline.model import Changes, HouseholdLine, Kerja, Kirim
    from siks_offline.progress import Progress

FINAL_LIST = "prelist_akhir"
"""Filter of what the musyawarah left to visit."""
FILTERS: tuple[tuple[str, Kerja | None, Kirim | None], ...] = (
    ("semua", None, None),
    ("belum", "belum", None),
    ("draf", "draf", None),
    ("dikembalikan", "dikembalikan", None),
    ("selesai", "selesai", None),
    (FINAL_LIST, None, None),
    ("siap_kirim", "selesai", "belum"),
    ("dikirim", None, "dikirim"),
    ("diterima", None, "diterima"),
    ("ditahan", None, "ditahan"),
    ("ditolak", None, "ditolak"),
)
"""Name of a filter's text, state of the work, state of the sending."""
PAUSE_MS = 120
SPARE = ("alamat", "no_kk")
"""Columns that are left out where names would be cut, in this order; the search finds them."""


class PrelistPage(Page):
    """Searches in SQL on the database thread; the table holds ids and asks for lines by pages."""

    NAME = "prelist"
    KEYS = "ui.prelist.tombol"

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(desk, parent)
        self._searches = 0
        self._stale = True
        self._keep = ""
        self.words = Line()
        self.words.setFont(theme.entry())
        self.words.setPlaceholderText(text("ui.prelist.cari"))
        self.words.setAccessibleName(text("ui.prelist.cari"))
        self.words.setClearButtonEnabled(True)
        self.words.textChanged.connect(self._typed)
        self.words.installEventFilter(self)
        self.filter = QComboBox()
        self.filter.setAccessibleName(text("ui.prelist.saring"))
        for name, _, _ in FILTERS:
            self.filter.addItem(text(f"ui.prelist.saringan.{name}"))
        self.filter.currentIndexChanged.connect(self.search)
        self.count = PlainLabel(tone="secondary")
        self.bring = button(text("ui.prelist.impor"), icon="import")
        self.bring.clicked.connect(self._choose_file)
        self.match = button(text("ui.prelist.pemadanan"), icon="match", flat=True)
        self.match.clicked.connect(self._match)
        self.changes = button(text("ui.perubahan.tombol_halaman"), icon="members", flat=True)
        self.changes.clicked.connect(self.change_household)
        self.add = button(text("ui.prelist.tambah"), icon="add")
        self.add.clicked.connect(self.add_household)
        self.table = QTableView()
        self.model = HouseholdTable(self.table)
        self.model.needed.connect(self._read_lines)
        self._dress_table()
        self.empty = self._empty_state()
        self.only_for("prelist.load", self.bring, self._empty_button)
        self.only_for("visit.add_household", self.add)
        self.only_for(household_acts.RIGHT, self.changes)
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(PAUSE_MS)
        self._pause.timeout.connect(self.search)

        top = QHBoxLayout()
        top.setSpacing(theme.STEP)
        top.addWidget(PlainLabel(text("ui.halaman.prelist"), face="title"))
        top.addSpacing(theme.STEP)
        large = theme.scale > theme.ROOMY
        if not large:
            top.addWidget(self.count)
        top.addStretch(1)
        top.addWidget(self.match)
        top.addWidget(self.bring)
        top.addWidget(self.add)
        tools = QHBoxLayout()
        tools.setSpacing(theme.STEP)
        tools.addWidget(self.words, 1)
        tools.addWidget(self.filter)
        tools.addWidget(self.changes)
        if large:
            tools.addWidget(self.count)
        below = QWidget()
        self._stack = QStackedLayout(below)
        self._stack.addWidget(self.table)
        self._stack.addWidget(self.empty)
        column = QVBoxLayout(self)
        column.setContentsMargins(*(2 * theme.STEP,) * 4)
        column.setSpacing(theme.STEP + 4)
        column.addLayout(top)
        column.addLayout(tools)
        column.addWidget(below, 1)
        QWidget.setTabOrder(self.words, self.filter)
        QWidget.setTabOrder(self.filter, self.table)

    def open(self, argument: object = None) -> None:
        """Show the list; "cari" puts the caret in the search, "tambah" adds a household."""
        names = [name for name, _, _ in FILTERS]
        if argument in names:
            self.filter.setCurrentIndex(names.index(str(argument)))
        if self._stale:
            self.search()
        if argument == "cari" or not self.table.currentIndex().isValid():
            self.words.setFocus()
            self.words.selectAll()
        else:
            self.table.setFocus()
        if argument == "tambah":
            self.add_household()

    def refresh(self, changes: Changes) -> None:
        """Read changed lines again; after a new prelist the whole search."""
        if changes.prelist:
            self._keep = self.model.id_at(self.table.currentIndex().row())
            self._stale = True
            if self.isVisible():
                self.search()
        self.model.refresh(changes)

    def search(self, *_: object) -> None:
        """Look for the words under the filter, in the order of the heading."""
        self._pause.stop()
        self._stale = False
        self._searches += 1
        number = self._searches
        words = self.words.text().strip()
        name, work_state, sent_state = FILTERS[self.filter.currentIndex()]
        header = self.table.horizontalHeader()
        order = self.model.columns[header.sortIndicatorSection()].order
        down = header.sortIndicatorOrder() is Qt.SortOrder.DescendingOrder

        def work(village: Village, _progress: Progress) -> tuple[int, list[str]]:
            from siks_offline.desa import final_list, households

            found = households.find(
                village, words, kerja=work_state, kirim=sent_state, order=order, descending=down
            )
            if name == FINAL_LIST:
                wanted = set(final_list.ids(village))
                found = [id_ for id_ in found if id_ in wanted]
            return number, found

        task = self.desk.task(work)
        task.finished.connect(self._found)
        task.failed.connect(self._failed)
        self.desk.start(task)

    def add_household(self) -> None:
        """Add a household that no prelist knew, then open it."""

        def work(village: Village, _progress: Progress) -> tuple[str, Changes]:
            from siks_offline.desa import visit

            return visit.add_household(village, self.desk.now())

        task = self.desk.task(work)
        task.finished.connect(self._added)
        task.failed.connect(self._failed)
        self.desk.start(task)

    def import_file(self, path: Path) -> None:
        """Show what a workbook would change; nothing is written before the person agrees."""
        dialog = ImportDialog(self.desk, path, self)
        dialog.loaded.connect(self.changed)
        dialog.open()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """From the search, Down and Enter go to the list; a scanned number opens its household."""
        if (
            watched is self.words
            and isinstance(event, QKeyEvent)
            and event.type() == QEvent.Type.KeyPress
            and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
            and is_barcode(self.words.text())
        ):
            self._open_scanned(self.words.text())
            return True
        if (
            watched is self.words
            and isinstance(event, QKeyEvent)
            and event.type() == QEvent.Type.KeyPress
            and event.key() in (Qt.Key.Key_Down, Qt.Key.Key_Return, Qt.Key.Key_Enter)
            and self.model.rowCount()
        ):
            self.table.setFocus()
            if not self.table.currentIndex().isValid():
                self.table.selectRow(0)
            if event.key() != Qt.Key.Key_Down and self.model.rowCount() == 1:
                self._open_row(self.table.currentIndex())
            return True
        if (
            watched is self.table
            and isinstance(event, QKeyEvent)
            and event.type() == QEvent.Type.KeyPress
            and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        ):
            self._open_row(self.table.currentIndex())
            return True
        return super().eventFilter(watched, event)

    def _open_scanned(self, number: str) -> None:
        def work(village: Village, _progress: Progress) -> str:
            from siks_offline.desa import final_list

            return final_list.find_barcode(village, number) or ""

        task = self.desk.task(work)
        task.finished.connect(self._scanned)
        task.failed.connect(self._failed)
        self.desk.start(task)

    def _scanned(self, id_: str) -> None:
        self.words.clear()
        if id_:
            self.wanted.emit("kunjungan", id_)
        else:
            self.said.emit(text("ui.prelist.nomor_tidak_dikenal"))

    def _dress_table(self) -> None:
        table = self.table
        table.setModel(self.model)
        dress(table, text("ui.prelist.daftar"))
        header = table.horizontalHeader()
        header.setSectionsClickable(True)
        header.setSortIndicatorShown(True)
        header.setSortIndicator(0, Qt.SortOrder.AscendingOrder)
        lay(table, [column.width for column in self.model.columns], (0, 3))
        header.sortIndicatorChanged.connect(self.search)
        table.setIconSize(QSize(16, 16))
        table.doubleClicked.connect(self._open_row)
        told = QAction(self)
        told.setShortcut(QKeySequence("Ctrl+H"))
        told.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        told.triggered.connect(self._tell_history)
        self.addAction(told)
        household_acts.key(self, household_acts.CHANGE, self.change_household)
        household_acts.key(self, household_acts.PRINT, self.print_papers)
        table.installEventFilter(self)

    def change_household(self) -> None:
        """Let members of the chosen household move, or it split, merge, be fit no longer."""
        household_acts.change(self, self.model.id_at(self.table.currentIndex().row()))

    def print_papers(self) -> None:
        """Print the filled form of the chosen household."""
        chosen = self.model.id_at(self.table.currentIndex().row())
        household_acts.print_papers(self, ("isian",), chosen)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave columns out where others would be cut."""
        super().resizeEvent(event)
        columns = self.model.columns
        orders = [column.order for column in columns]
        spare = [orders.index(name) for name in SPARE]
        fit(self.table, [column.width for column in columns], spare, self.width())
        large = theme.scale > theme.ROOMY
        self.words.setPlaceholderText(text(f"ui.prelist.cari{'_pendek' * large}"))

    def _empty_state(self) -> QWidget:
        sheet = QWidget()
        sheet.setObjectName("ground")
        self._empty_words = PlainLabel(wrap=True)
        self._empty_words.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self._empty_button = button(text("ui.prelist.impor_panjang"), icon="import", primary=True)
        self._empty_button.clicked.connect(self._choose_file)
        column = QVBoxLayout(sheet)
        column.addStretch(1)
        column.addWidget(self._empty_words)
        column.addSpacing(theme.STEP)
        column.addWidget(self._empty_button, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch(2)
        return sheet

    def _typed(self, _words: str) -> None:
        self._pause.start()

    def _found(self, answer: tuple[int, list[str]]) -> None:
        number, ids = answer
        if number != self._searches:
            return
        keep = self._keep or self.model.id_at(self.table.currentIndex().row())
        self._keep = ""
        self.model.show(ids)
        self.count.setText(text("ui.prelist.jumlah", jumlah=grouped(len(ids))))
        row = self.model.row_of(keep)
        if ids:
            self.table.selectRow(max(row, 0))
        filtered = bool(self.words.text().strip()) or self.filter.currentIndex() > 0
        self._empty_words.setText(text("ui.prelist.tidak_ada" if filtered else "ui.prelist.kosong"))
        self._empty_button.setVisible(not filtered and self.may("prelist.load"))
        self._stack.setCurrentWidget(self.table if ids else self.empty)

    def _read_lines(self, ids: list[str]) -> None:
        def work(village: Village, _progress: Progress) -> Mapping[str, HouseholdLine]:
            from siks_offline.desa import households

            return households.lines(village, ids)

        task = self.desk.task(work)
        task.finished.connect(self.model.take)
        task.failed.connect(self._failed)
        self.desk.start(task)

    def _tell_history(self) -> None:
        """Tell what was done about the household of the chosen row."""
        chosen = self.model.id_at(self.table.currentIndex().row())
        if chosen:
            self.wanted.emit("riwayat", chosen)

    def _open_row(self, index: QModelIndex) -> None:
        id_ = self.model.id_at(index.row())
        if id_:
            self.wanted.emit("kunjungan", id_)

    def _added(self, answer: tuple[str, Changes]) -> None:
        id_, changes = answer
        self.changed.emit(changes)
        self.wanted.emit("kunjungan", id_)

    def _match(self) -> None:
        self.wanted.emit("pemadanan", None)

    def _choose_file(self) -> None:
        name, _ = QFileDialog.getOpenFileName(
            self, text("ui.prelist.pilih_berkas"), "", text("ui.prelist.jenis_berkas")
        )
        if name:
            self.import_file(Path(name))

    def _failed(self, error: Exception) -> None:
        dialogs.say(self, error)
