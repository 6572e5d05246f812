"""The page where data leave for the Dinsos, with the answers that come back."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFileDialog,
    QHBoxLayout,
    QHeaderView,
    QScrollArea,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from siks_offline.texts import text
from siks_offline.ui import dialogs, icons, theme
from siks_offline.ui.dialogs import Waiting, grouped
from siks_offline.ui.household_table import TONES
from siks_offline.ui.moments import short
from siks_offline.ui.page import Desk, Page
from siks_offline.ui.plain import PlainLabel, button, card
from siks_offline.ui.returned_table import ReturnedTable, returned

if TYPE_CHECKING:
    from PySide6.QtGui import QDragEnterEvent, QDropEvent

    from siks_offline.desa.arrivals import Accepted
    from siks_offline.desa.handover import Exported, ExportLine
    from siks_offline.desa.village import Village
    from siks_offline.model import Changes, HouseholdLine
    from siks_offline.progress import Progress

SUFFIXES = frozenset({".siks", ".siksbalas"})
STATE_ICONS = {
    "sent": "send",
    "voice": "done",
    "accepted": "done",
    "partly": "confirm",
    "held": "confirm",
    "rejected": "fault",
}
LEAST_TABLE = 100
COLUMNS = ("nomor", "berkas", "dibuat", "kunjungan", "jawaban")


class Survey(NamedTuple):
    """What the page shows: how much is due, what was sent, what came back."""

    due: int
    exports: list[ExportLine]
    returned: list[HouseholdLine]


def survey(village: Village, _progress: Progress) -> Survey:
    """Read all that the page shows."""
    from siks_offline.desa import handover

    return Survey(handover.due(village), list(handover.exports(village)), returned(village))


class HandoverPage(Page):
    """Export, what was sent with its answer, a way in for receipts."""

    NAME = "serah_terima"
    KEYS = "ui.serah.tombol"

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(desk, parent)
        self._stale = True
        self._due = 0
        self.setAcceptDrops(True)
        self.due = PlainLabel(face="figure")
        self.due_words = PlainLabel(wrap=True)
        self.export = button(text("ui.serah.ekspor"), icon="export", primary=True)
        self.export.clicked.connect(self.choose_folder)
        self.everything = button(text("ui.serah.semua"), icon="again")
        self.everything.clicked.connect(self._resend)
        self.accept = button(text("ui.serah.terima"), icon="accept")
        self.accept.clicked.connect(self._choose_file)
        self.table = QTableWidget(0, len(COLUMNS))
        self._dress_table()
        self.returned = ReturnedTable()
        self.returned.opened.connect(self._open_household)
        self.returned_words = PlainLabel(face="strong")
        for widget in (self.returned, self.returned_words):
            widget.hide()
        self.empty = PlainLabel(text("ui.serah.kosong"), tone="secondary", wrap=True)

        send = card()
        line = QHBoxLayout(send)
        line.setContentsMargins(*(3 * theme.STEP, 2 * theme.STEP) * 2)
        line.setSpacing(2 * theme.STEP)
        line.addWidget(self.due)
        line.addWidget(self.due_words, 1)
        line.addWidget(self.everything)
        line.addWidget(self.export)
        take = card()
        line = QHBoxLayout(take)
        line.setContentsMargins(*(3 * theme.STEP, 2 * theme.STEP) * 2)
        line.setSpacing(2 * theme.STEP)
        picture = PlainLabel()
        picture.setPixmap(icons.pixmap("accept", theme.colours.accent, 26))
        line.addWidget(picture)
        line.addWidget(PlainLabel(text("ui.serah.terima_pengantar"), wrap=True), 1)
        line.addWidget(self.accept)
        body = QWidget()
        body.setObjectName("ground")
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setWidget(body)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(area)
        self.table.setMinimumHeight(theme.px(LEAST_TABLE))
        column = QVBoxLayout(body)
        column.setContentsMargins(*(2 * theme.STEP,) * 4)
        column.setSpacing(theme.STEP + 4)
        column.addWidget(PlainLabel(text("ui.halaman.serah_terima"), face="title"))
        column.addWidget(send)
        column.addWidget(take)
        column.addWidget(self.returned_words)
        column.addWidget(self.returned)
        column.addWidget(PlainLabel(text("ui.serah.terkirim"), face="strong"))
        column.addWidget(self.empty)
        column.addWidget(self.table, 1)
        column.addStretch(0)

    def open(self, argument: object = None) -> None:
        """Show what is due; "ekspor" starts the export, a path shows the file to take."""
        self.read()
        self.export.setFocus()
        if argument == "ekspor":
            self.choose_folder()
        elif isinstance(argument, Path):
            self.offer(argument)

    def refresh(self, changes: Changes) -> None:
        """Read again after an export, a receipt or a completed visit."""
        if changes.handover or changes.households:
            self._stale = True
            if self.isVisible():
                self.read()

    def read(self) -> None:
        """Read the numbers on the database thread."""
        self._stale = False
        task = self.desk.task(survey)
        task.finished.connect(self._show)
        task.failed.connect(self._failed)
        self.desk.start(task)

    def choose_folder(self, *_: object) -> None:
        """Ask where the file goes, then write it."""
        folder = QFileDialog.getExistingDirectory(self, text("ui.serah.pilih_folder"))
        if folder:
            self.export_to(Path(folder))

    def export_to(self, folder: Path, *, everything: bool = False) -> None:
        """Write what is due into a folder, whole or not at all."""
        desk = self.desk

        def work(village: Village, progress: Progress) -> Exported:
            from siks_offline.desa import handover

            return handover.export(
                village, folder, desk.now(), everything=everything, progress=progress
            )

        task = desk.task(work)
        task.finished.connect(self._exported)
        task.failed.connect(self._failed)
        Waiting(self, text("ui.serah.menulis"), task)
        desk.start(task)

    def offer(self, path: Path) -> None:
        """Ask before a file of somebody else is taken in."""
        if dialogs.ask(
            self,
            text("ui.serah.terima_tanya", berkas=path.name),
            text("ui.serah.terima_akibat"),
            text("ui.serah.terima_ya"),
        ):
            self.accept_file(path)

    def accept_file(self, path: Path) -> None:
        """Check a file and take in what it says."""
        desk = self.desk

        def work(village: Village, progress: Progress) -> Accepted:
            from siks_offline.desa import arrivals

            return arrivals.accept(village, path, desk.now(), progress)

        task = desk.task(work)
        task.finished.connect(self._accepted)
        task.failed.connect(self._failed)
        Waiting(self, text("ui.serah.memeriksa", berkas=path.name), task)
        desk.start(task)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Let .siks files be dropped here."""
        if self._dropped(event):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Offer the dropped file; it is never taken without asking."""
        path = self._dropped(event)
        if path:
            event.acceptProposedAction()
            self.offer(path)

    @staticmethod
    def _dropped(event: QDropEvent) -> Path | None:
        for url in event.mimeData().urls():
            path = Path(url.toLocalFile())
            if path.suffix.lower() in SUFFIXES:
                return path
        return None

    def _dress_table(self) -> None:
        table = self.table
        table.setAccessibleName(text("ui.serah.terkirim"))
        table.setHorizontalHeaderLabels([text(f"ui.serah.kolom.{name}") for name in COLUMNS])
        table.verticalHeader().hide()
        table.verticalHeader().setDefaultSectionSize(theme.px(theme.TABLE_ROW))
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        table.setTabKeyNavigation(False)
        table.setShowGrid(False)
        table.setAlternatingRowColors(True)
        header = table.horizontalHeader()
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.setHighlightSections(False)
        for at, width in enumerate((62, 0, 156, 90, 250)):
            if width:
                table.setColumnWidth(at, width)
            else:
                header.setSectionResizeMode(at, QHeaderView.ResizeMode.Stretch)

    def _show(self, answer: Survey) -> None:
        self._due, exports, back = answer
        self.returned.show_lines(back)
        self.returned_words.setVisible(bool(back))
        self.returned_words.setText(text("ui.serah.kembali_jumlah", jumlah=grouped(len(back))))
        self.due.setText(grouped(self._due))
        self.due_words.setText(text("ui.serah.siap" if self._due else "ui.serah.tidak_ada"))
        self.export.setEnabled(bool(self._due))
        self.everything.setVisible(bool(exports))
        self.empty.setVisible(not exports)
        self.table.setVisible(bool(exports))
        self.table.setRowCount(len(exports))
        for row, line in enumerate(exports):
            answer_words = text(f"ui.serah.keadaan.{line.status}")
            if line.received_at:
                answer_words = f"{answer_words}, {short(line.received_at)}"
            cells = (
                str(line.seq),
                line.file_name,
                short(line.at),
                grouped(line.visits),
                answer_words,
            )
            for at, words in enumerate(cells):
                item = QTableWidgetItem(words)
                if at == len(cells) - 1:
                    icon = STATE_ICONS[line.status]
                    tone = getattr(theme.colours, TONES.get(icon, "secondary"))
                    item.setIcon(icons.icon(icon, tone))
                self.table.setItem(row, at, item)

    def _open_household(self, household_id: str) -> None:
        self.wanted.emit("kunjungan", household_id)

    def _resend(self) -> None:
        if dialogs.ask(
            self,
            text("ui.serah.semua_tanya"),
            text("ui.serah.semua_akibat"),
            text("ui.serah.semua_ya"),
        ):
            folder = QFileDialog.getExistingDirectory(self, text("ui.serah.pilih_folder"))
            if folder:
                self.export_to(Path(folder), everything=True)

    def _exported(self, answer: Exported) -> None:
        if not answer.parts:
            dialogs.tell(self, text("ui.serah.kosong_ekspor"))
            return
        self.changed.emit(answer.changes)
        names = ", ".join(part.path.name for part in answer.parts)
        self.said.emit(text("ui.serah.ditulis", berkas=names))
        dialogs.tell(
            self,
            text("ui.serah.selesai", jumlah=grouped(answer.visits), berkas=names),
            text("ui.serah.selesai_lalu"),
        )

    def _accepted(self, answer: Accepted) -> None:
        self.changed.emit(answer.changes)
        heading, detail = self._answer_words(answer)
        dialogs.tell(self, heading, detail)

    @staticmethod
    def _answer_words(answer: Accepted) -> tuple[str, str]:
        """Say what a file of the Dinsos brought, the answer to visits before anything else."""
        if "receipt" in answer.kinds:
            heading = text(
                "ui.serah.jawaban",
                diterima=grouped(answer.accepted),
                ditahan=grouped(answer.held),
                ditolak=grouped(answer.rejected),
            )
            detail = text("ui.serah.jawaban_lalu" if answer.rejected else "ui.serah.jawaban_beres")
            if answer.missing:
                numbers = ", ".join(str(number) for number in answer.missing)
                detail = f"{text('ui.serah.kurang', nomor=numbers)} {detail}"
            return heading, detail
        if "prelist" in answer.kinds:
            return text("ui.serah.prelist_masuk"), ""
        if set(answer.kinds) == {"sudah"}:
            return text("ui.serah.sudah_masuk"), ""
        return text("ui.serah.berkas_masuk"), ""

    def _choose_file(self) -> None:
        name, _ = QFileDialog.getOpenFileName(
            self, text("ui.serah.pilih_berkas"), "", text("ui.serah.jenis_berkas")
        )
        if name:
            self.accept_file(Path(name))

    def _failed(self, error: Exception) -> None:
        dialogs.say(self, error)
