"""Data pribadi: the report of a lost device, and what is kept of one person."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QComboBox,
    QFileDialog,
    QHBoxLayout,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from siks_offline.desa.retention import CHOICES
from siks_offline.texts import text
from siks_offline.ui import dialogs, theme
from siks_offline.ui.dialogs import Waiting, grouped
from siks_offline.ui.page import Desk, Page
from siks_offline.ui.plain import PlainLabel, button, card
from siks_offline.ui.wizard import entry_line

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtWidgets import QPushButton

    from siks_offline.desa.village import Village
    from siks_offline.progress import Progress

FIELD_WIDTH = 300


def kept_days(village: Village, _progress: Progress) -> int:
    """Read for how long files stay."""
    from siks_offline.desa import retention

    return retention.kept_days(village)


class PrivacyPage(Page):
    """Two papers; each is one press and a place to save it."""

    NAME = "pribadi"
    KEYS = "ui.pribadi.tombol"
    BACK = "pengaturan"

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(desk, parent)
        self.back = self.way_back()
        self.incident = button(text("ui.pribadi.insiden_tombol"), icon="export", primary=True)
        self.incident.clicked.connect(self._choose_incident)
        self.number = entry_line(text("ui.pribadi.nik"))
        self.reason = entry_line(text("ui.pribadi.alasan"))
        self.subject = button(text("ui.pribadi.diri_tombol"), icon="export")
        self.subject.clicked.connect(self._choose_subject)
        self.keep = QComboBox()
        self.keep.setAccessibleName(text("ui.pribadi.masa"))
        for days in CHOICES:
            key = "masa_hari" if days else "masa_selamanya"
            self.keep.addItem(text(f"ui.pribadi.{key}", hari=days), days)
        self.keep.setEnabled(desk.village.role == "admin")
        self.keep.activated.connect(self._keep_for)
        for line in (self.number, self.reason):
            line.setMinimumWidth(theme.px(FIELD_WIDTH) // 2)
            line.setMaximumWidth(theme.px(FIELD_WIDTH))
            line.returnPressed.connect(self._next_line)
        head = QHBoxLayout()
        head.addWidget(self.back)
        head.addWidget(PlainLabel(text("ui.pribadi.judul"), face="title"))
        head.addStretch(1)
        body = QWidget()
        body.setObjectName("ground")
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setWidget(body)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(area)
        column = QVBoxLayout(body)
        column.setContentsMargins(*(2 * theme.STEP,) * 4)
        column.setSpacing(2 * theme.STEP)
        column.addLayout(head)
        column.addWidget(self._card("insiden", [], self.incident))
        fields = [(text("ui.pribadi.nik"), self.number), (text("ui.pribadi.alasan"), self.reason)]
        column.addWidget(self._card("diri", fields, self.subject))
        column.addWidget(self._card("masa", [(text("ui.pribadi.masa_pilihan"), self.keep)], None))
        column.addStretch(1)

    def _card(
        self, name: str, fields: Sequence[tuple[str, QWidget]], press: QPushButton | None
    ) -> QWidget:
        sheet = card()
        inside = QVBoxLayout(sheet)
        inside.setContentsMargins(*(3 * theme.STEP, 2 * theme.STEP) * 2)
        inside.setSpacing(theme.STEP)
        inside.addWidget(PlainLabel(text(f"ui.pribadi.{name}"), face="strong"))
        inside.addWidget(PlainLabel(text(f"ui.pribadi.{name}_kata"), wrap=True))
        line = QHBoxLayout()
        line.setSpacing(2 * theme.STEP)
        for words, widget in fields:
            part = QVBoxLayout()
            part.setSpacing(theme.STEP // 2)
            label = PlainLabel(words)
            label.setBuddy(widget)
            part.addWidget(label)
            part.addWidget(widget)
            line.addLayout(part, 2)
        line.addStretch(1)
        if press is not None:
            line.addWidget(press, 0, Qt.AlignmentFlag.AlignBottom)
        inside.addLayout(line)
        return sheet

    def open(self, argument: object = None) -> None:
        """Wait at the report that is wanted in a hurry."""
        del argument
        self.number.setText("")
        self.reason.setText("")
        self.incident.setFocus()
        task = self.desk.task(kept_days)
        task.finished.connect(self._show_days)
        task.failed.connect(self._failed)
        self.desk.start(task)

    def save_incident(self, path: Path) -> None:
        """Write the report of a lost device."""
        now = self.desk.now()

        def work(village: Village, progress: Progress) -> int:
            from siks_offline.desa import privacy

            return privacy.incident(village, path, now, progress=progress)

        task = self.desk.task(work)
        task.finished.connect(self._incident_saved)
        task.failed.connect(self._failed)
        Waiting(self, text("ui.pribadi.menulis"), task)
        self.desk.start(task)

    def save_subject(self, path: Path) -> None:
        """Write what is kept of a person."""
        number, reason, now = self.number.text(), self.reason.text(), self.desk.now()

        def work(village: Village, progress: Progress) -> str:
            from siks_offline.desa import privacy

            return privacy.subject(village, number, path, reason, now, progress)

        task = self.desk.task(work)
        task.finished.connect(self._subject_saved)
        task.failed.connect(self._failed)
        self.desk.start(task)

    def _show_days(self, days: int) -> None:
        self.keep.setCurrentIndex(max(self.keep.findData(days), 0))

    def _keep_for(self) -> None:
        wanted, now = int(self.keep.currentData()), self.desk.now()

        def work(village: Village, _progress: Progress) -> None:
            from siks_offline.desa import retention

            retention.keep_for(village, wanted, now)

        task = self.desk.task(work)
        task.finished.connect(self._days_kept)
        task.failed.connect(self._failed)
        self.desk.start(task)

    def _days_kept(self, _: object) -> None:
        self.said.emit(text("ui.pribadi.masa_sudah"))

    def _incident_saved(self, households: int) -> None:
        self.said.emit(text("ui.pribadi.insiden_sudah", jumlah=grouped(households)))

    def _subject_saved(self, _name: str) -> None:
        self.said.emit(text("ui.pribadi.diri_sudah"))
        self.number.setText("")
        self.reason.setText("")

    def _choose_incident(self) -> None:
        path = self._ask_place(text("ui.pribadi.insiden_nama"))
        if path is not None:
            self.save_incident(path)

    def _choose_subject(self) -> None:
        path = self._ask_place(text("ui.pribadi.diri_nama"))
        if path is not None:
            self.save_subject(path)

    def _ask_place(self, name: str) -> Path | None:
        path, _ = QFileDialog.getSaveFileName(
            self, text("ui.pribadi.simpan"), name, text("ui.pribadi.jenis")
        )
        return Path(path) if path else None

    def _next_line(self) -> None:
        self.focusNextChild()

    def _failed(self, error: Exception) -> None:
        dialogs.say(self, error)
