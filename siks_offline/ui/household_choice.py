"""Choose one household of the village by typing a part of its name, NIK or address."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QDialog, QLineEdit, QListWidgetItem, QVBoxLayout, QWidget

from siks_offline.texts import text
from siks_offline.ui import dialogs, theme
from siks_offline.ui.choices import Lines
from siks_offline.ui.household_table import grouped_number
from siks_offline.ui.plain import PlainLabel

if TYPE_CHECKING:
    from siks_offline.desa.village import Village
    from siks_offline.model import HouseholdLine
    from siks_offline.progress import Progress
    from siks_offline.ui.page import Desk

MOST = 40
PAUSE_MS = 120
_ID = Qt.ItemDataRole.UserRole


class HouseholdChoice(QDialog):
    """A search and its first hits; Enter takes the one that is marked."""

    chosen = Signal(str, str)
    """Id and name of the household."""

    def __init__(self, desk: Desk, heading: str, without: str, parent: QWidget | None) -> None:
        super().__init__(parent)
        self.setWindowTitle(text("umum.aplikasi"))
        self.setModal(True)
        self.setMinimumWidth(theme.px(520))
        self._desk = desk
        self._without = without
        self._searches = 0
        self.words = QLineEdit()
        self.words.setFont(theme.entry())
        self.words.setPlaceholderText(text("ui.prelist.cari"))
        self.words.setAccessibleName(text("ui.prelist.cari"))
        self.words.installEventFilter(self)
        self.hits = Lines()
        self.hits.setWordWrap(True)
        self.hits.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.hits.setAccessibleName(text("ui.prelist.daftar"))
        self.hits.setMinimumHeight(theme.px(260))
        self.hits.itemActivated.connect(self._take)
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(PAUSE_MS)
        self._pause.timeout.connect(self.search)
        self.words.textChanged.connect(self._typed)
        column = QVBoxLayout(self)
        column.setContentsMargins(*(2 * theme.STEP,) * 4)
        column.setSpacing(theme.STEP)
        column.addWidget(PlainLabel(heading, wrap=True, face="strong"))
        column.addWidget(self.words)
        column.addWidget(self.hits)
        self.setAccessibleName(heading)
        self.words.setFocus()
        self.search()

    def search(self) -> None:
        """Look for the words on the database thread."""
        self._searches += 1
        number, words = self._searches, self.words.text().strip()

        def work(village: Village, _progress: Progress) -> tuple[int, list[HouseholdLine]]:
            from siks_offline.desa import households

            ids = households.find(village, words)[: MOST + 1]
            return number, list(households.lines(village, ids).values())

        task = self._desk.task(work)
        task.finished.connect(self._found)
        task.failed.connect(self._failed)
        self._desk.start(task)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """From the search, the arrows move in the list and Enter takes what is marked."""
        if (
            watched is self.words
            and isinstance(event, QKeyEvent)
            and event.type() == QEvent.Type.KeyPress
        ):
            row, last = self.hits.currentRow(), self.hits.count() - 1
            if event.key() == Qt.Key.Key_Down:
                self.hits.setCurrentRow(min(row + 1, last))
                return True
            if event.key() == Qt.Key.Key_Up:
                self.hits.setCurrentRow(max(row - 1, 0))
                return True
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self._take()
                return True
        return super().eventFilter(watched, event)

    def _typed(self, _words: str) -> None:
        self._pause.start()

    def _found(self, answer: tuple[int, list[HouseholdLine]]) -> None:
        number, lines = answer
        if number != self._searches:
            return
        self.hits.clear()
        for line in lines[:MOST]:
            if line.id == self._without:
                continue
            words = text(
                "ui.musyawarah.pilihan_rumah",
                nama=line.nama_krt or text("ui.umum.tanpa_nama"),
                nik=grouped_number(line.nik_krt) or "-",
                rt=line.rt or "-",
                rw=line.rw or "-",
            )
            item = QListWidgetItem(words)
            item.setData(_ID, (line.id, line.nama_krt))
            self.hits.addItem(item)
        self.hits.setCurrentRow(0)

    def _take(self, *_: object) -> None:
        item = self.hits.currentItem()
        if item is not None:
            id_, name = item.data(_ID)
            self.accept()
            self.chosen.emit(id_, name)

    def _failed(self, error: Exception) -> None:
        dialogs.say(self, error)
