"""What the program kept when it ended in the middle of a household: go on, look, throw away."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout

from siks_offline.instrument.numbering import split_label
from siks_offline.model import Changes
from siks_offline.texts import text
from siks_offline.ui import dialogs, theme
from siks_offline.ui.dialogs import grouped
from siks_offline.ui.moments import moment
from siks_offline.ui.plain import PlainLabel, button

if TYPE_CHECKING:
    from siks_offline.desa.resume import LeftOpen
    from siks_offline.desa.village import Village
    from siks_offline.progress import Progress
    from siks_offline.ui.page import Desk


class ResumeCard(QFrame):
    """Stands over the first page until the person decided; it hides when nothing was cut off."""

    wanted = Signal(str, object)
    changed = Signal(Changes)

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.setObjectName("card")
        self._desk = desk
        self._left: LeftOpen | None = None
        self.heading = PlainLabel(face="strong", wrap=True)
        self.kept = PlainLabel(wrap=True)
        self.go_on = button(text("ui.lanjut.lanjutkan"), icon="next", primary=True)
        self.go_on.clicked.connect(self._go_on)
        self.look = button(text("ui.lanjut.lihat"))
        self.look.clicked.connect(self._look)
        self.throw = button(text("ui.lanjut.buang"), icon="remove")
        self.throw.clicked.connect(self._throw)
        for made in (self.go_on, self.look, self.throw):
            made.setAutoDefault(True)  # Enter presses what has the caret
        words = QVBoxLayout()
        words.setSpacing(theme.STEP // 2)
        words.addWidget(self.heading)
        words.addWidget(self.kept)
        line = QHBoxLayout(self)
        line.setContentsMargins(*(3 * theme.STEP, 2 * theme.STEP) * 2)
        line.setSpacing(theme.STEP)
        line.addLayout(words, 1)
        for made in (self.go_on, self.look, self.throw):
            line.addWidget(made)
        self.hide()

    def show_left(self, left: LeftOpen | None) -> None:
        """Say what was kept, with the caret on going on; None hides the card."""
        self._left = left
        self.setVisible(left is not None)
        if left is None:
            return
        number, words = split_label(left.label)
        self.heading.setText(
            text("ui.lanjut.judul", nama=left.nama_krt or text("ui.umum.tanpa_nama"))
        )
        key = "setengah" if left.typed else "terakhir"
        self.kept.setText(
            text("ui.lanjut.tersimpan", jumlah=grouped(left.answers), saat=moment(left.at))
            + " "
            + text(f"ui.lanjut.{key}", tanya=f"{number} {words}".strip(), isi=left.typed)
        )
        self.go_on.setFocus()

    def refresh(self, changes: Changes) -> None:
        """Hide when the household was gone on with, completed or thrown away elsewhere."""
        if self._left is not None and self._left.household_id in changes.households:
            self.show_left(None)

    def _go_on(self) -> None:
        if self._left is not None:
            place = (self._left.household_id, self._left.path)
            self.show_left(None)
            self.wanted.emit("kunjungan", place)

    def _look(self) -> None:
        if self._left is None:
            return
        lines = [
            f"{number} {words}".strip() + (" " if words.endswith("?") else ": ") + answer
            for label, answer in self._left.newest
            for number, words in (split_label(label),)
        ]
        dialogs.tell(self, text("ui.lanjut.lihat_judul"), "\n".join(lines), icon="note")
        self.look.setFocus()

    def _throw(self) -> None:
        left = self._left
        if left is None:
            return
        name = left.nama_krt or text("ui.umum.tanpa_nama")
        if not dialogs.ask(
            self,
            text("ui.riwayat.buang_tanya", nama=name),
            text("ui.riwayat.buang_akibat"),
            text("ui.riwayat.buang_ya"),
        ):
            self.throw.setFocus()
            return
        now = self._desk.now()

        def work(village: Village, _progress: Progress) -> Changes:
            from siks_offline.desa import resume, visit

            resume.leave(village, left.household_id)
            return visit.drop_draft(village, left.household_id, now)

        task = self._desk.task(work)
        task.finished.connect(self._thrown)
        task.failed.connect(self._failed)
        self._desk.start(task)

    def _thrown(self, changes: Changes) -> None:
        self.show_left(None)
        self.changed.emit(changes)

    def _failed(self, error: Exception) -> None:
        dialogs.say(self, error)
