"""The page that says which village, account and questionnaire these are, and makes backups."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QFileDialog,
    QGridLayout,
    QHBoxLayout,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from siks_offline.model import Changes
from siks_offline.texts import text
from siks_offline.ui import dialogs, period_dialog, theme
from siks_offline.ui.comfort import Comfort
from siks_offline.ui.dialogs import Waiting, grouped
from siks_offline.ui.moments import moment
from siks_offline.ui.page import Desk, Page
from siks_offline.ui.plain import PlainLabel, button, card

if TYPE_CHECKING:
    from siks_offline.desa.periods import Outlook
    from siks_offline.desa.preferences import Preferences
    from siks_offline.desa.village import Village
    from siks_offline.progress import Progress

FACTS = ("desa", "kode", "bps", "periode", "akun", "peran", "instrumen", "folder", "aplikasi")
UNIT_WIDTH = 170
DOORS = (("akun", "user"), ("instrumen", "form"), ("pemadanan", "match"))
"""Pages that open from here, and their icons."""
SAFETY = (
    ("riwayat", "comment"),
    ("sampah", "remove"),
    ("periksa_data", "check"),
    ("log", "list"),
    ("pribadi", "lock"),
)
"""Those that tell of what was done and keep what was done."""


def survey(village: Village, _progress: Progress) -> tuple[str, str]:
    """Read the instrument's name and when the last backup was made."""
    from siks_offline.desa import backup

    instrument = village.instrument
    name = text(
        "ui.pengaturan.versi",
        judul=instrument.title,
        versi=instrument.version,
        jumlah=sum(1 for q in instrument.questions.values() if q.answerable),
    )
    return name, backup.last(village)


class SettingsPage(Page):
    """Facts on the left words, one action: a backup now."""

    NAME = "pengaturan"
    KEYS = "ui.pengaturan.tombol"

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(desk, parent)
        self.doors: dict[str, QPushButton] = {}
        facts = card()
        grid = QGridLayout(facts)
        grid.setContentsMargins(*(3 * theme.STEP, 2 * theme.STEP) * 2)
        grid.setHorizontalSpacing(2 * theme.STEP)
        grid.setVerticalSpacing(theme.STEP)
        grid.setColumnMinimumWidth(0, theme.px(UNIT_WIDTH))
        grid.setColumnStretch(1, 1)
        self.facts: dict[str, PlainLabel] = {}
        for row, name in enumerate(FACTS):
            words = PlainLabel(text(f"ui.pengaturan.fakta.{name}"), tone="secondary")
            value = PlainLabel(wrap=True)
            grid.addWidget(words, row, 0, Qt.AlignmentFlag.AlignTop)
            grid.addWidget(value, row, 1)
            self.facts[name] = value
        self._show_facts()
        self.comfort = Comfort(desk)
        self.comfort.chosen.connect(self._keep)
        self.backup_words = PlainLabel(wrap=True)
        self.backup = button(text("ui.pengaturan.cadangkan"), icon="backup", primary=True)
        self.backup.clicked.connect(self._choose_place)
        sheet = card()
        line = QHBoxLayout(sheet)
        line.setContentsMargins(*(3 * theme.STEP, 2 * theme.STEP) * 2)
        line.setSpacing(2 * theme.STEP)
        words_column = QVBoxLayout()
        words_column.addWidget(PlainLabel(text("ui.pengaturan.cadangan"), face="strong"))
        words_column.addWidget(self.backup_words)
        line.addLayout(words_column, 1)
        line.addWidget(self.backup)
        body = QWidget()
        body.setObjectName("ground")
        column = QVBoxLayout(body)
        column.setContentsMargins(*(2 * theme.STEP,) * 4)
        column.setSpacing(2 * theme.STEP)
        column.addWidget(PlainLabel(text("ui.halaman.pengaturan"), face="title"))
        column.addWidget(sheet)
        column.addWidget(self._door_card("aman", SAFETY))
        column.addWidget(self._door_card("judul", DOORS))
        column.addWidget(self._period_card())
        column.addWidget(self.comfort)
        column.addWidget(facts)
        column.addStretch(1)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setWidget(body)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(area)

    def open(self, argument: object = None) -> None:
        """Show the facts."""
        del argument
        self.backup.setFocus()
        task = self.desk.task(survey)
        task.finished.connect(self._show)
        task.failed.connect(self._failed)
        self.desk.start(task)

    def back_up(self, path: Path) -> None:
        """Write an encrypted copy of the village to a file."""
        desk = self.desk

        def work(village: Village, _progress: Progress) -> int:
            from siks_offline.desa import backup

            return backup.write(village, path, desk.now())

        task = desk.task(work)
        task.finished.connect(self._backed_up)
        task.failed.connect(self._failed)
        Waiting(self, text("ui.pengaturan.mencadangkan"), task)
        desk.start(task)

    def _keep(self, wanted: Preferences) -> None:
        """Keep what the account wants; another face of the pages is put on at once."""
        before, self.desk.village.preferences = self.desk.village.preferences, wanted

        def work(village: Village, _progress: Progress) -> None:
            from siks_offline.desa import preferences

            preferences.keep(village, wanted)

        task = self.desk.task(work)
        task.failed.connect(self._failed)
        self.desk.start(task)
        if (before.text_size, before.look) != (wanted.text_size, wanted.look):
            self.restyled.emit()

    def _door_card(self, heading: str, doors: tuple[tuple[str, str], ...]) -> QWidget:
        """Return a card whose buttons lead to the pages that open from here."""
        sheet = card()
        large = theme.scale > theme.ROOMY
        outer = QVBoxLayout(sheet) if large else QHBoxLayout(sheet)
        outer.setContentsMargins(*(3 * theme.STEP, 2 * theme.STEP) * 2)
        outer.addWidget(PlainLabel(text(f"ui.pengaturan.pintu.{heading}"), face="strong"))
        line = QHBoxLayout()
        line.setSpacing(theme.STEP)
        line.addStretch(1)
        outer.addLayout(line)
        for name, icon in doors:
            door = button(text(f"ui.pengaturan.pintu.{name}"), icon=icon)
            door.setObjectName(name)
            door.clicked.connect(self._through_door)
            line.addWidget(door)
            self.doors[name] = door
        return sheet

    def _period_card(self) -> QWidget:
        """Return a card that says which period it is and opens the next."""
        sheet = card()
        line = QHBoxLayout(sheet)
        line.setContentsMargins(*(3 * theme.STEP, 2 * theme.STEP) * 2)
        line.setSpacing(2 * theme.STEP)
        self.period_words = PlainLabel(wrap=True)
        words = QVBoxLayout()
        words.addWidget(PlainLabel(text("ui.periode.judul"), face="strong"))
        words.addWidget(self.period_words)
        line.addLayout(words, 1)
        self.next_period = button(text("ui.periode.buka"), icon="next")
        self.next_period.clicked.connect(self.open_period)
        self.only_for(period_dialog.RIGHT, self.next_period)
        line.addWidget(self.next_period)
        self._show_period()
        return sheet

    def _show_period(self) -> None:
        self.period_words.setText(text("ui.periode.sekarang", periode=self.desk.village.period))

    def open_period(self) -> None:
        """Tell what opening the next period would do, and do it when agreed."""
        task = self.desk.task(period_dialog.outlook)
        task.finished.connect(self._offer_period)
        task.failed.connect(self._failed)
        self.desk.start(task)

    def _offer_period(self, found: Outlook) -> None:
        talk = period_dialog.PeriodTalk(self.desk, found, self)
        talk.opened.connect(self._period_opened)
        talk.open()

    def _period_opened(self, changes: Changes, period: str) -> None:
        self.changed.emit(changes)
        self.said.emit(text("ui.periode.sudah", periode=period))
        self._show_period()
        self._show_facts()

    def _through_door(self) -> None:
        self.wanted.emit(self.sender().objectName(), None)

    def _show_facts(self) -> None:
        from siks_offline import __version__

        village = self.desk.village
        none = text("ui.umum.belum_ada")
        for name, value in (
            ("desa", village.nama_desa),
            ("kode", village.kode_desa),
            ("bps", village.bps or none),
            ("periode", village.period),
            ("akun", village.account),
            ("peran", text(f"ui.peran.{village.role}")),
            ("folder", str(village.folder)),
            ("aplikasi", __version__),
        ):
            self.facts[name].setText(value)

    def _show(self, answer: tuple[str, str]) -> None:
        instrument, last = answer
        self.facts["instrumen"].setText(instrument)
        if last:
            self.backup_words.setText(text("ui.beranda.cadangan_terakhir", saat=moment(last)))
        else:
            self.backup_words.setText(text("ui.beranda.belum_cadangan"))

    def _choose_place(self) -> None:
        village = self.desk.village
        name = text(
            "ui.pengaturan.nama_cadangan",
            kode=village.kode_desa,
            hari=f"{self.desk.now().astimezone():%Y-%m-%d}",
        )
        path, _ = QFileDialog.getSaveFileName(
            self, text("ui.pengaturan.pilih_tempat"), name, text("ui.pengaturan.jenis_cadangan")
        )
        if path:
            self.back_up(Path(path))

    def _backed_up(self, households: int) -> None:
        self.changed.emit(Changes(accounts=True))
        dialogs.tell(
            self,
            text("ui.pengaturan.tercadang", jumlah=grouped(households)),
            text("ui.pengaturan.tercadang_lalu"),
        )
        self.open()

    def _failed(self, error: Exception) -> None:
        dialogs.say(self, error)
