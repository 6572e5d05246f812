"""The page of the questionnaire: which is in use, a newer one, the way back, who needs answers."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import (
    QFileDialog,
    QHBoxLayout,
    QHeaderView,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from siks_offline.texts import text
from siks_offline.ui import dialogs, theme
from siks_offline.ui.dialogs import Waiting, grouped
from siks_offline.ui.instrument_dialog import InstrumentDialog
from siks_offline.ui.page import Desk, Page
from siks_offline.ui.plain import PlainLabel, button, card
from siks_offline.ui.table_looks import still

if TYPE_CHECKING:
    from siks_offline.desa.versions import Need
    from siks_offline.desa.village import Village
    from siks_offline.model import Changes, HouseholdLine
    from siks_offline.progress import Progress

COLUMNS = ("nama", "alamat", "perlu", "kerja")
WIDTHS = (220, 0, 130, 130)


class Survey(NamedTuple):
    """What the page shows; `before` is where the way back leads, "" for nowhere."""

    title: str
    version: str
    questions: int
    before: str
    needs: tuple[Need, ...]
    lines: dict[str, HouseholdLine]


def survey(village: Village, now: object, progress: Progress) -> Survey:
    """Read which questionnaire is in use, which was before it, and who needs answers more."""
    from siks_offline.desa import households, versions

    needs = versions.needing(village, now, progress)  # type: ignore[arg-type]
    instrument, earlier = village.instrument, versions.before(village)
    return Survey(
        instrument.title,
        instrument.version,
        sum(1 for question in instrument.questions.values() if question.answerable),
        text("ui.instrumen.nama", judul=earlier.title, versi=earlier.version) if earlier else "",
        needs,
        dict(households.lines(village, [need.household_id for need in needs])),
    )


class InstrumentPage(Page):
    """What is used now above, households that it wants more of below; Enter opens one of them."""

    NAME = "instrumen"
    KEYS = "ui.instrumen.tombol"
    BACK = "pengaturan"

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(desk, parent)
        from siks_offline.desa.rights import may

        self._may = may(desk.village.role, "versions.install")
        self._survey: Survey | None = None
        self.used = PlainLabel(face="strong", wrap=True)
        self.before = PlainLabel(tone="secondary", wrap=True)
        self.install = button(text("ui.instrumen.pasang"), icon="import", primary=True)
        self.install.clicked.connect(self._choose)
        self.back = button(text("ui.instrumen.kembali"), icon="back")
        self.back.clicked.connect(self.go_back)
        self.leave = self.way_back()
        sheet = card()
        inside = QVBoxLayout(sheet)
        inside.setContentsMargins(*(3 * theme.STEP, 2 * theme.STEP) * 2)
        inside.setSpacing(theme.STEP)
        line = QHBoxLayout()
        line.setSpacing(theme.STEP)
        for one in (self.install, self.back):
            line.addWidget(one)
        line.addStretch(1)
        inside.addWidget(self.used)
        inside.addWidget(self.before)
        inside.addLayout(line)
        self.needs_words = PlainLabel(face="strong", wrap=True)
        self.table = QTableWidget(0, len(COLUMNS))
        self._dress()
        self.table.activated.connect(self._open_chosen)
        column = QVBoxLayout(self)
        column.setContentsMargins(*(2 * theme.STEP,) * 4)
        column.setSpacing(2 * theme.STEP)
        head = QHBoxLayout()
        head.setSpacing(theme.STEP)
        head.addWidget(self.leave)
        head.addWidget(PlainLabel(text("ui.halaman.instrumen"), face="title"))
        head.addStretch(1)
        column.addLayout(head)
        column.addWidget(sheet)
        column.addWidget(self.needs_words)
        column.addWidget(self.table, 1)
        column.addStretch(0)

    def open(self, argument: object = None) -> None:
        """Show which questionnaire is used and who needs answers more."""
        del argument
        (self.install if self._may else self.leave).setFocus()
        self._read()

    def refresh(self, changes: Changes) -> None:
        """Read again what households need once some of them changed."""
        if changes.households and self.isVisible():
            self._read()

    def choose(self, path: Path) -> InstrumentDialog:
        """Show what a workbook would change; the dialog installs it when the person agrees."""
        dialog = InstrumentDialog(self.desk, path, self)
        dialog.loaded.connect(self._moved)
        dialog.open()
        return dialog

    def go_back(self) -> None:
        """Ask, then use the questionnaire before this one again, with its drafts as they were."""
        known = self._survey
        if known is None or not known.before:
            return
        if not dialogs.ask(
            self,
            text("ui.instrumen.kembali_tanya", sebelum=known.before),
            text("ui.instrumen.kembali_akibat"),
            text("ui.instrumen.kembali_ya"),
        ):
            return
        desk = self.desk

        def work(village: Village, _progress: Progress) -> Changes:
            from siks_offline.desa import versions

            return versions.go_back(village, desk.now())

        task = desk.task(work)
        task.finished.connect(self._moved)
        task.failed.connect(self._failed)
        Waiting(self, text("ui.instrumen.memasang"), task)
        desk.start(task)

    def _read(self) -> None:
        now = self.desk.now()
        task = self.desk.task(lambda village, progress: survey(village, now, progress))
        task.finished.connect(self._show)
        task.failed.connect(self._failed)
        self.desk.start(task)

    def _show(self, found: Survey) -> None:
        from siks_offline.desa import versions

        self._survey = found
        self.used.setText(
            text(
                "ui.pengaturan.versi",
                judul=found.title,
                versi=found.version,
                jumlah=grouped(found.questions),
            )
        )
        before = text("ui.instrumen.sebelum", sebelum=found.before)
        self.before.setText(before if found.before else text("ui.instrumen.tanpa_sebelum"))
        self.install.setVisible(self._may)
        self.back.setVisible(self._may and bool(found.before))
        needs = [f"{sentence}." for sentence in versions.sentences(found.needs)]
        self.needs_words.setText("\n".join(needs) or text("ui.instrumen.tidak_perlu"))
        self.table.setVisible(bool(found.needs))
        self.table.setRowCount(len(found.needs))
        for at, need in enumerate(found.needs):
            line = found.lines[need.household_id]
            cells = (
                line.nama_krt or text("ui.umum.tanpa_nama"),
                line.alamat,
                text("ui.instrumen.jawaban", jumlah=grouped(len(need.paths))),
                text(f"ui.kerja.{line.kerja}"),
            )
            for column, words in enumerate(cells):
                item = QTableWidgetItem(words)
                item.setFlags(Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable)
                self.table.setItem(at, column, item)
        if found.needs:
            self.table.setCurrentCell(max(self.table.currentRow(), 0), 0)
        QTimer.singleShot(0, self.table, self.table.resizeRowsToContents)

    def _open_chosen(self) -> None:
        """Take the chosen household up under this questionnaire, then show its visit."""
        row, known = self.table.currentRow(), self._survey
        if known is None or not 0 <= row < len(known.needs):
            return
        household_id, desk = known.needs[row].household_id, self.desk

        def work(village: Village, _progress: Progress) -> Changes:
            from siks_offline.desa import versions

            return versions.renew(village, household_id, desk.now())

        task = desk.task(work)
        task.finished.connect(lambda changes: self._renewed(household_id, changes))
        task.failed.connect(self._failed)
        desk.start(task)

    def _renewed(self, household_id: str, changes: Changes) -> None:
        self.changed.emit(changes)
        self.wanted.emit("kunjungan", household_id)

    def _choose(self) -> None:
        path, _ = QFileDialog.getOpenFileName(
            self, text("ui.instrumen.pilih"), "", text("ui.instrumen.jenis_berkas")
        )
        if path:
            self.choose(Path(path))

    def _moved(self, changes: Changes) -> None:
        self.changed.emit(changes)
        self.said.emit(text("ui.instrumen.terpasang"))
        self._read()

    def _failed(self, error: Exception) -> None:
        dialogs.say(self, error)

    def _dress(self) -> None:
        table = self.table
        table.setAccessibleName(text("ui.instrumen.daftar_perlu"))
        table.setHorizontalHeaderLabels([text(f"ui.instrumen.kolom.{name}") for name in COLUMNS])
        still(table)
        header = table.horizontalHeader()
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        for column, width in enumerate(WIDTHS):
            if width:
                table.setColumnWidth(column, theme.px(width))
            else:
                header.setSectionResizeMode(column, QHeaderView.ResizeMode.Stretch)
        table.hide()
