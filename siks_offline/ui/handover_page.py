"""The page where data leave for the Dinsos, with the answers that come back."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QFileDialog,
    QFrame,
    QHBoxLayout,
    QMenu,
    QScrollArea,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from siks_offline.texts import text
from siks_offline.ui import ceremony_dialog, dialogs, icons, incoming, theme
from siks_offline.ui.dialogs import grouped
from siks_offline.ui.page import Desk, Page
from siks_offline.ui.plain import PlainLabel, button, card
from siks_offline.ui.sent_files import SentFiles
from siks_offline.ui.sent_households import SentHouseholds

if TYPE_CHECKING:
    from datetime import datetime

    from PySide6.QtWidgets import QPushButton

    from siks_offline.desa.handover import ExportLine
    from siks_offline.desa.renewal import Standing
    from siks_offline.desa.village import Village
    from siks_offline.model import Changes

LEAST_TABLE = 230
URGENT = frozenset({"tanpa_pasangan", "menunggu", "perlu_diperbarui", "habis"})
KEY_CEREMONIES = {
    "perbarui": "Renewal",
    "pasang_ulang": "PairingAgain",
    "hilang": "LostLaptop",
    "akar": "AnotherRoot",
}
"""Name of the menu's words -> class of desa.key_ceremonies."""


class Survey(NamedTuple):
    """What the page shows: how much is due, what was sent, where the device's key stands."""

    due: int
    waiting: int
    """Of those, sent already and not answered yet."""
    exports: list[ExportLine]
    standing: Standing
    results: int
    """Proposals, verdicts and musyawarahs that are due."""
    asked: bool = False
    """Whether the Dinsos waits for the list of what is here."""


def survey(village: Village, now: datetime) -> Survey:
    """Read what stands above the table of households."""
    from siks_offline.desa import handover, renewal

    return Survey(
        handover.due(village),
        handover.waiting(village),
        list(handover.exports(village)),
        renewal.standing(village, now),
        handover.results_due(village),
        handover.inventory_due(village),
    )


class HandoverPage(Page):
    """Export, a way in for answers, the ceremonies, and what became of every household."""

    NAME = "serah_terima"
    KEYS = "ui.serah.tombol"

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(desk, parent)
        self._stale = True
        self.standing = PlainLabel(tone="secondary", wrap=True)
        self.due = PlainLabel(face="figure")
        self.due_words = PlainLabel(wrap=True)
        self.export = button(text("ui.serah.ekspor"), icon="export", primary=True)
        self.export.clicked.connect(self.begin_export)
        self.accept = button(text("ui.serah.terima"), icon="accept")
        self.accept.clicked.connect(self._choose_file)
        self.stick = button(text("ui.serah.lain.usb"), icon="check")
        self.stick.clicked.connect(self._look_at_stick)
        self.voice = button(text("ui.serah.lain.suara"), icon="comment")
        self.voice.clicked.connect(self._hear)
        self.keys = button(text("ui.serah.lain.kunci"), icon="lock")
        self.keys.setMenu(self._key_menu())
        self.files = SentFiles()
        self.households = SentHouseholds(desk)
        self.households.opened.connect(self._open_household)
        self.households.counted.connect(self._count_back)
        self.tabs = QTabWidget()
        self.tabs.setAccessibleName(text("ui.halaman.serah_terima"))
        self.tabs.setDocumentMode(True)
        self.tabs.tabBar().setDrawBase(False)
        self.tabs.addTab(self.households, text("ui.serah.tab.rumah_tangga"))
        self.tabs.addTab(self.files, text("ui.serah.tab.berkas"))
        self.tabs.setMinimumHeight(theme.px(LEAST_TABLE))
        self._lay_out()
        self.only_for("handover.export", self.export)
        self.only_for("arrivals.accept", self.accept)
        self.only_for("voice.confirm", self.voice)
        self.only_for("renewal.renew", self.keys)

    def _lay_out(self) -> None:
        send = _row(self.due, self.due_words, self.stick, self.export)
        picture = PlainLabel()
        picture.setPixmap(icons.pixmap("accept", theme.colours.accent, 26))
        words = PlainLabel(text("ui.serah.terima_pengantar"), wrap=True)
        take = _row(picture, words, self.voice, self.accept)
        top = QHBoxLayout()
        top.setSpacing(2 * theme.STEP)
        top.addWidget(PlainLabel(text("ui.halaman.serah_terima"), face="title"))
        top.addWidget(self.standing, 1)
        top.addWidget(self.keys)
        body = QWidget()
        body.setObjectName("ground")
        column = QVBoxLayout(body)
        column.setContentsMargins(*(2 * theme.STEP,) * 4)
        column.setSpacing(theme.STEP + 2)
        column.addLayout(top)
        column.addWidget(send)
        column.addWidget(take)
        column.addWidget(self.tabs, 1)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setWidget(body)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(area)
        for before, after in (
            (self.export, self.stick),
            (self.stick, self.accept),
            (self.accept, self.voice),
            (self.voice, self.keys),
            (self.keys, self.tabs),
        ):
            QWidget.setTabOrder(before, after)

    def _key_menu(self) -> QMenu:
        menu = QMenu(self)
        for name in KEY_CEREMONIES:
            menu.addAction(text(f"ui.serah.lain.{name}")).setObjectName(name)
        menu.triggered.connect(lambda action: self.begin_keys(action.objectName()))
        return menu

    def open(self, argument: object = None) -> None:
        """Show what is due; "ekspor" starts the export, a path shows what a file would do."""
        self.read()
        self.export.setFocus()
        if argument == "ekspor":
            self.begin_export()
        elif isinstance(argument, Path):
            incoming.Offer(self, argument)

    def refresh(self, changes: Changes) -> None:
        """Read again after an export, an answer or a completed visit."""
        self.households.refresh(changes)
        if changes.handover or changes.households or changes.prelist:
            self._stale = True
            if self.isVisible():
                self.read()

    def read(self) -> None:
        """Read the numbers on the database thread."""
        self._stale = False
        now = self.desk.now()
        task = self.desk.task(lambda village, _: survey(village, now))
        task.finished.connect(self._show)
        task.failed.connect(self._failed)
        self.desk.start(task)
        self.households.read()

    # --- ceremonies -------------------------------------------------------------------------------

    def begin_export(self, *_: object) -> None:
        """Ask by which road and where to, then write."""
        from siks_offline.desa.file_ceremonies import Export

        ceremony_dialog.hold(self, Export)

    def begin_keys(self, name: str) -> None:
        """Begin a ceremony of the device's keys."""
        from siks_offline.desa import key_ceremonies

        ceremony_dialog.hold(self, getattr(key_ceremonies, KEY_CEREMONIES[name]))

    def _look_at_stick(self) -> None:
        from siks_offline.desa.file_ceremonies import LookAtStick

        ceremony_dialog.hold(self, LookAtStick)

    def _hear(self) -> None:
        from siks_offline.desa.file_ceremonies import Voice

        ceremony_dialog.hold(self, Voice)

    def _choose_file(self) -> None:
        name, _ = QFileDialog.getOpenFileName(
            self, text("ui.serah.pilih_berkas"), "", text("ui.serah.jenis_berkas")
        )
        if name:
            incoming.Offer(self, Path(name))

    # --- showing ----------------------------------------------------------------------------------

    def _show(self, answer: Survey) -> None:
        due, waiting, exports, standing, results, asked = answer
        self.files.show_lines(exports)
        self.due.setText(grouped(due - waiting))
        key = "siap" if due else "daftar_diminta" if asked else "tidak_ada"
        words = [text(f"ui.serah.{key}")]
        if waiting:
            words.append(text("ui.serah.menunggu_jawaban", jumlah=grouped(waiting)))
        if results:
            words.append(text("ui.serah.hasil_siap", jumlah=grouped(results)))
        self.due_words.setText(" ".join(words))
        self.export.setEnabled(bool(due or exports or results))
        for widget in (self.stick, self.voice):
            widget.setEnabled(bool(exports))
        self.tabs.setTabText(1, text("ui.serah.tab.berkas_jumlah", jumlah=grouped(len(exports))))
        from siks_offline.desa.key_ceremonies import day

        until = day(standing.valid_until)
        self.standing.setText(text(f"ui.serah.perangkat.{standing.state}", sampai=until))
        self.standing.set_tone("confirm" if standing.state in URGENT else "secondary")

    def _count_back(self, back: int) -> None:
        key = "ui.serah.tab.rumah_tangga_kembali" if back else "ui.serah.tab.rumah_tangga"
        self.tabs.setTabText(0, text(key, jumlah=grouped(back)))

    def _open_household(self, household_id: str) -> None:
        self.wanted.emit("kunjungan", household_id)

    def _failed(self, error: Exception) -> None:
        dialogs.say(self, error)


def _row(first: QWidget, words: QWidget, *buttons: QPushButton) -> QFrame:
    """Lay out a sheet: a figure, what it means, what can be done."""
    sheet = card()
    line = QHBoxLayout(sheet)
    line.setContentsMargins(*(3 * theme.STEP, theme.STEP + 4) * 2)
    line.setSpacing(2 * theme.STEP)
    line.addWidget(first)
    line.addWidget(words, 1)
    for one in buttons:
        line.addWidget(one)
    return sheet
