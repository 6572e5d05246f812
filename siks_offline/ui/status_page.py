"""The counter: is this person on a list of help, answered in words, with a slip to take home."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtGui import QAction, QKeyEvent, QKeySequence
from PySide6.QtWidgets import (
    QComboBox,
    QFileDialog,
    QHBoxLayout,
    QLineEdit,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from siks_offline.texts import text
from siks_offline.ui import dialogs, theme
from siks_offline.ui.dialogs import grouped
from siks_offline.ui.list_dialog import DeterminationDialog, ask_file
from siks_offline.ui.page import Desk, Page
from siks_offline.ui.plain import PlainLabel, button, card
from siks_offline.ui.rows_table import RowsTable

if TYPE_CHECKING:
    from siks_offline.db.entitlements import Listing, Place
    from siks_offline.desa.entitlements import Answer, Hit
    from siks_offline.desa.village import Village
    from siks_offline.model import Changes
    from siks_offline.progress import Progress

PAUSE_MS = 90
SIDE, BROADEST = 364, 480
COLUMNS = ("nama", "nik", "tempat", "desil", "program")


class StatusPage(Page):
    """A search line, the people found, and beside them what the citizen is told."""

    NAME = "cek_status"
    KEYS = "ui.cek.tombol"

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(desk, parent)
        self.hits: list[Hit] = []
        self.answer: Answer | None = None
        self._lists: list[Listing] = []
        self._places: list[Place] = []
        self._asked = 0
        self._number = 0
        self.count = PlainLabel(tone="secondary")
        self.bring = button(text("ui.cek.muat"), icon="import")
        self.bring.clicked.connect(self._choose_file)
        self.words = QLineEdit()
        self.words.setFont(theme.entry())
        self.words.setPlaceholderText(text("ui.cek.cari"))
        self.words.setAccessibleName(text("ui.cek.cari"))
        self.words.setClearButtonEnabled(True)
        self.words.textChanged.connect(self._typed)
        self.words.installEventFilter(self)
        self.region = QComboBox()
        self.region.setAccessibleName(text("ui.cek.wilayah"))
        self.region.setMinimumContentsLength(18)
        self.region.currentIndexChanged.connect(self.search)
        self.table = RowsTable(text("ui.cek.daftar"))
        self.table.turned.connect(self._turned)
        self.table.opened.connect(self._focus_slip)
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(PAUSE_MS)
        self._pause.timeout.connect(self.search)
        top = QHBoxLayout()
        top.setSpacing(theme.STEP)
        top.addWidget(PlainLabel(text("ui.halaman.cek_status"), face="title"))
        top.addWidget(self.count)
        top.addStretch(1)
        top.addWidget(self.bring)
        tools = QHBoxLayout()
        tools.setSpacing(theme.STEP)
        tools.addWidget(self.words, 1)
        tools.addWidget(self.region)
        middle = QHBoxLayout()
        middle.setSpacing(2 * theme.STEP)
        middle.addWidget(self.table, 1)
        middle.addWidget(self._answer_card())
        column = QVBoxLayout(self)
        column.setContentsMargins(*(2 * theme.STEP,) * 4)
        column.setSpacing(theme.STEP + 4)
        column.addLayout(top)
        column.addLayout(tools)
        column.addLayout(middle, 1)
        print_key = QAction(self)
        print_key.setShortcut(QKeySequence("Ctrl+P"))
        print_key.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        print_key.triggered.connect(self._choose_slip)
        self.addAction(print_key)
        self.only_for("entitlements.load", self.bring)
        self._show_hits((0, []))

    def _answer_card(self) -> QWidget:
        self.nama = PlainLabel(face="title", wrap=True)
        self.facts = PlainLabel(tone="secondary", wrap=True)
        self.told = PlainLabel(wrap=True)
        self.told.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.slip = button(text("ui.cek.slip"), icon="form", primary=True)
        self.slip.clicked.connect(self._choose_slip)
        self.whole = button(text("ui.cek.buka"), icon="lock")
        self.whole.clicked.connect(self._reveal)
        self.visit = button(text("ui.cek.kunjungan"), icon="next")
        self.visit.clicked.connect(self._open_visit)
        inside = QWidget()
        inside.setObjectName("paper")
        words = QVBoxLayout(inside)
        words.setContentsMargins(0, 0, theme.STEP, 0)
        words.setSpacing(theme.STEP)
        for label in (self.nama, self.facts, self.told):
            words.addWidget(label)
        words.addStretch(1)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setWidget(inside)
        inside.setAutoFillBackground(False)  # the card's own white
        area.setAccessibleName(text("ui.cek.jawaban"))
        sheet = card()
        sheet.setFixedWidth(min(theme.px(SIDE), BROADEST))
        column = QVBoxLayout(sheet)
        column.setContentsMargins(*(2 * theme.STEP,) * 4)
        column.setSpacing(theme.STEP)
        column.addWidget(area, 1)
        small = QHBoxLayout()
        small.setSpacing(theme.STEP)
        small.addStretch(1)
        small.addWidget(self.whole)
        small.addWidget(self.visit)
        column.addLayout(small)
        column.addWidget(self.slip, 0, Qt.AlignmentFlag.AlignRight)
        return sheet

    # --- the page's contract ----------------------------------------------------------------------

    def open(self, argument: object = None) -> None:
        """Put the caret into the search; a text looks for it at once."""
        self.survey()
        if isinstance(argument, str) and argument:
            self.words.setText(argument)
        self.words.setFocus()
        self.words.selectAll()

    def refresh(self, changes: Changes) -> None:
        """Look again when lists came or went."""
        if changes.prelist and self.isVisible():
            self.survey()

    def survey(self) -> None:
        """Read which lists there are, and the regions in them."""

        def work(village: Village, _progress: Progress) -> tuple[list[Listing], list[Place]]:
            from siks_offline.desa import entitlements

            return entitlements.lists(village), entitlements.places(village)

        task = self.desk.task(work)
        task.finished.connect(self._surveyed)
        task.failed.connect(self._failed)
        self.desk.start(task)

    def search(self, *_: object) -> None:
        """Look for what is typed, in the chosen region."""
        self._pause.stop()
        self._asked += 1
        number, words = self._asked, self.words.text().strip()
        chosen = self.region.currentIndex()
        place = self._places[chosen - 1] if chosen > 0 else None

        def work(village: Village, _progress: Progress) -> tuple[int, list[Hit]]:
            from siks_offline.desa import entitlements

            return number, entitlements.find(village, words, place)

        task = self.desk.task(work)
        task.finished.connect(self._show_hits)
        task.failed.connect(self._failed)
        self.desk.start(task)

    def load(self, path: Path) -> None:
        """Show what a list would add, and keep it when agreed."""
        dialog = DeterminationDialog(self.desk, path, self)
        dialog.loaded.connect(self._loaded)
        dialog.open()

    def write_slip(self, path: Path) -> None:
        """Write what the citizen was told as PDF."""
        answer, now = self.answer, self.desk.now()
        if answer is None:
            return

        def work(village: Village, _progress: Progress) -> str:
            from siks_offline.desa import entitlements

            entitlements.slip(village, answer, path, now)
            return path.name

        task = self.desk.task(work)
        task.finished.connect(self._printed)
        task.failed.connect(self._failed)
        self.desk.start(task)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Let Down and Enter go from the search to the people."""
        if (
            watched is self.words
            and isinstance(event, QKeyEvent)
            and event.type() == QEvent.Type.KeyPress
            and event.key() in (Qt.Key.Key_Down, Qt.Key.Key_Return, Qt.Key.Key_Enter)
            and self.hits
        ):
            self.table.setFocus()
            return True
        return super().eventFilter(watched, event)

    # --- inside -----------------------------------------------------------------------------------

    def _surveyed(self, answer: tuple[list[Listing], list[Place]]) -> None:
        self._lists, self._places = answer
        kept = self.region.currentText()
        self.region.blockSignals(True)
        self.region.clear()
        self.region.addItem(text("ui.cek.semua_wilayah"))
        self.region.addItems([_place_words(one) for one in self._places])
        self.region.setCurrentIndex(max(self.region.findText(kept), 0))
        self.region.blockSignals(False)
        people = sum(one.rows for one in self._lists)
        if self._lists:
            newest = max(one.period for one in self._lists)
            self.count.setText(
                text(
                    "ui.cek.jumlah", daftar=len(self._lists), orang=grouped(people), periode=newest
                )
            )
        else:
            self.count.setText("")
        self.search()

    def _typed(self, _words: str) -> None:
        self._pause.start()

    def _show_hits(self, answer: tuple[int, list[Hit]]) -> None:
        number, hits = answer
        if number != self._asked:
            return
        self.hits = hits
        self.table.show_rows(
            [text(f"ui.cek.kolom.{name}") for name in COLUMNS],
            [
                (hit.nama, _tail(hit.nik), hit.place, hit.desil, ", ".join(hit.programs))
                for hit in hits
            ],
            stretch=0,
            keep=0,
        )
        if not hits:
            self._show_nobody()

    def _turned(self, row: int) -> None:
        if not 0 <= row < len(self.hits):
            return
        self._number = number = self.hits[row].number

        def work(village: Village, _progress: Progress) -> tuple[int, Answer]:
            from siks_offline.desa import entitlements

            return number, entitlements.answer(village, number)

        task = self.desk.task(work)
        task.finished.connect(self._show_answer)
        task.failed.connect(self._failed)
        self.desk.start(task)

    def _show_answer(self, found: tuple[int, Answer]) -> None:
        number, answer = found
        if number != self._number or not self.hits:
            return
        self.answer = answer
        self.nama.setText(answer.nama)
        facts = [
            text("ui.cek.fakta_nik", nik=answer.nik) if answer.nik else "",
            text("ui.cek.fakta_kk", no_kk=answer.no_kk) if answer.no_kk else "",
            answer.place,
        ]
        self.facts.setText("\n".join(fact for fact in facts if fact))
        self._tell(answer.sentences)
        self.slip.setVisible(True)
        self.whole.setVisible(self.may("entitlements.reveal") and not answer.whole)
        self.visit.setVisible(bool(answer.household_id))

    def _show_nobody(self) -> None:
        from siks_offline.desa import entitlements

        self.answer = None
        typed = bool(self.words.text().strip())
        if self._lists and not typed:
            self.nama.setText(text("ui.cek.mulai"))
            self._tell((text("ui.cek.mulai_lalu"),))
        else:
            self.nama.setText(text("ui.cek.tidak_ada") if self._lists else text("ui.cek.kosong"))
            self._tell(entitlements.absent(one.period for one in self._lists))
        self.facts.setText("")
        for made in (self.slip, self.whole, self.visit):
            made.hide()

    def _tell(self, sentences: tuple[str, ...]) -> None:
        self.told.setText("\n\n".join(sentences))
        self.told.setAccessibleName(" ".join(sentences))

    def _reveal(self) -> None:
        reason = dialogs.ask_reason(self, text("ui.cek.buka_tanya"))
        if reason is None:
            return
        number, now = self._number, self.desk.now()

        def work(village: Village, _progress: Progress) -> tuple[int, Answer]:
            from siks_offline.desa import entitlements

            return number, entitlements.reveal(village, number, reason, now)

        task = self.desk.task(work)
        task.finished.connect(self._show_answer)
        task.failed.connect(self._failed)
        self.desk.start(task)

    def _open_visit(self) -> None:
        if self.answer is not None and self.answer.household_id:
            self.wanted.emit("kunjungan", self.answer.household_id)

    def _focus_slip(self, _row: int) -> None:
        if self.slip.isVisible():
            self.slip.setFocus()

    def _choose_slip(self) -> None:
        if self.answer is None:
            return
        name = text("ui.cek.nama_slip", nama="-".join(self.answer.nama.lower().split()))
        path, _ = QFileDialog.getSaveFileName(
            self, text("ui.cek.simpan_slip"), name, text("ui.cek.jenis_slip")
        )
        if path:
            self.write_slip(Path(path))

    def _printed(self, name: str) -> None:
        self.said.emit(text("ui.cek.tercetak", berkas=name))

    def _choose_file(self) -> None:
        if name := ask_file(self):
            self.load(Path(name))

    def _loaded(self, changes: Changes) -> None:
        self.changed.emit(changes)
        self.survey()

    def _failed(self, error: Exception) -> None:
        dialogs.say(self, error)


def _tail(number: str) -> str:
    """Return the digits of a masked number that may be seen."""
    return text("ui.cek.ekor", angka=number[-4:]) if number else ""


def _place_words(place: Place) -> str:
    area = text("ui.cek.rt_rw", rt=place.rt, rw=place.rw or "-") if place.rt else ""
    return ", ".join(part for part in (place.desa, place.dusun, area) if part)
