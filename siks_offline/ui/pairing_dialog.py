"""A village is joined to its Dinsos, step by step, with keys alone; nothing is made too early."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QThreadPool, Signal
from PySide6.QtWidgets import (
    QFileDialog,
    QLineEdit,
    QVBoxLayout,
    QWidget,
)

from siks_offline.desa.joining import Joining
from siks_offline.errors import SiksError
from siks_offline.texts import text
from siks_offline.ui import dialogs, theme
from siks_offline.ui.moments import day
from siks_offline.ui.plain import PlainLabel, button
from siks_offline.ui.task import Task
from siks_offline.ui.wizard import Wizard, broken, entry_line

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from siks_offline.desa.pairing import Paired
    from siks_offline.progress import Progress

ACCOUNT = "operator"
STEPS = ("undangan", "kode", "akun", "pemulihan", "ulang", "simpan", "selesai")
OF_NEW = frozenset({"pemulihan", "ulang"})
"""Steps that only a new village has."""


class PairingDialog(Wizard):
    """Shows one step at a time; Enter goes on, what is wrong is said below the field."""

    joined = Signal(Path)
    """The village's folder is ready and its enrolment written."""

    def __init__(self, parent: QWidget | None, root: Path, now: Callable[[], datetime]) -> None:
        super().__init__(parent, text("ui.pasang.judul"))
        self.joining = Joining(root)
        self._now = now
        self._task: Task | None = None
        self._kode = ""
        self._first: dict[str, QWidget] = {}
        self._lines: dict[str, list[QLineEdit]] = {}
        self.step = STEPS[0]
        self._build_steps()
        self._show(STEPS[0])

    # --- steps ------------------------------------------------------------------------------------

    def steps(self) -> tuple[str, ...]:
        """Return the steps of this village, in order."""
        return tuple(s for s in STEPS if not (self.joining.known and s in OF_NEW))

    def go_on(self) -> None:
        """Check this step and show the next; what is wrong stays on this one."""
        if self._task is not None:
            return
        self.note.hide()
        try:
            arrived = self._take()
        except SiksError as error:
            self._refused(error)
            return
        if arrived:
            steps = self.steps()
            self._show(steps[steps.index(self.step) + 1])

    def go_back(self) -> None:
        """Show the step before."""
        steps = self.steps()
        at = steps.index(self.step)
        if at > 0 and self._task is None:
            self._show(steps[at - 1])

    def reject(self) -> None:
        """Esc asks before anything typed is lost, and never stops work on the disk."""
        if self._task is not None:
            return
        if self.step == STEPS[-1]:
            self.accept()
            return
        if self.step == STEPS[0] or dialogs.ask(
            self,
            text("ui.pasang.batal_tanya"),
            text("ui.pasang.batal_akibat"),
            text("ui.pasang.batal_ya"),
        ):
            super().reject()

    def take_file(self, file: Path) -> None:
        """Read an invitation and say whose it is."""
        self.note.hide()
        try:
            found = self.joining.take_invitation(file, self._now())
        except SiksError as error:
            self.invited.setText(text("ui.pasang.undangan_belum"))
            self._kode = ""
            self._refused(error)
            return
        year, month, number = (int(part) for part in found.until.split("-"))
        from datetime import date

        words = text(
            "ui.pasang.undangan_isi",
            desa=found.nama_desa,
            kode=found.kode_desa,
            sampai=day(date(year, month, number)),
        )
        if found.practice:
            words = text("ui.pasang.undangan_latihan", isi=words)
        if found.known:
            words = text("ui.pasang.undangan_ada", isi=words)
        self._kode = found.kode_desa
        self.invited.setText(words)
        self.next.setEnabled(True)
        self.next.setFocus()

    def save_to(self, target: Path) -> None:
        """Make the village and write its enrolment, off the UI thread."""
        joining, now = self.joining, self._now()

        def work(_progress: Progress) -> Paired:
            return joining.pair(target, now)

        self.busy(working=True, words="")
        self._task = Task(work)
        self._task.finished.connect(self._paired)
        self._task.failed.connect(self._not_paired)
        self._task.start(QThreadPool.globalInstance())

    # --- inside -----------------------------------------------------------------------------------

    def _take(self) -> bool:
        for line in self._lines[self.step]:
            if line.isVisible() and not line.text():
                line.setFocus()
                return False
        if self.step == "undangan":
            if not self._kode:
                self._choose_file()
            return bool(self._kode)
        if self.step == "kode":
            self.joining.take_code(self.code.text())
        elif self.step == "akun":
            again = self.passphrase if self.joining.known else self.again
            self.joining.take_account(self.account.text(), self.passphrase.text(), again.text())
        elif self.step == "ulang":
            self.joining.take_groups(*(line.text() for line in self.groups))
        elif self.step == "simpan":
            name, _ = QFileDialog.getSaveFileName(
                self,
                text("ui.pasang.simpan_ke"),
                text("ui.pasang.simpan_nama", kode=self._kode),
                text("ui.pasang.simpan_jenis"),
            )
            if name:
                self.save_to(Path(name))
            return False
        elif self.step == "selesai":
            self.accept()
            return False
        return True

    def _show(self, step: str) -> None:
        self.step = step
        steps = self.steps()
        at = steps.index(step)
        self.show_count(at + 1, len(steps))
        self.heading.setText(text(f"ui.pasang.{step}_judul"))
        self.stack.setCurrentIndex(STEPS.index(step))
        self.note.hide()
        self.back.setVisible(0 < at < len(steps) - 1)
        self.cancel.setVisible(at < len(steps) - 1)
        words = {"simpan": "simpan", "selesai": "tutup"}.get(step, "lanjut")
        self.next.setText(text(f"ui.pasang.{words}"))
        self.next.setEnabled(step != "undangan" or bool(self._kode))
        if step == "akun":
            self._dress_account()
        elif step == "pemulihan":
            self.recovery.setText(self.joining.recovery_code)
        elif step == "ulang":
            for label, number in zip(self._group_words, self.joining.groups, strict=True):
                label.setText(text("ui.pasang.ulang_kelompok", nomor=number))
            for line, label in zip(self.groups, self._group_words, strict=True):
                line.clear()
                line.setAccessibleName(label.text())
        elif step == "simpan":
            self.place.setText(text("ui.pasang.simpan_isi", folder=str(self.joining.folder)))
        self._first.get(step, self.next).setFocus()

    def _dress_account(self) -> None:
        from siks_offline.crypto.passphrase import SHORTEST

        known = self.joining.known
        key = "ui.pasang.akun_ada" if known else "ui.pasang.akun"
        self.rules.setText(text(key, paling_sedikit=SHORTEST))
        for widget in (self.again, self._again_words):
            widget.setVisible(not known)

    def _choose_file(self) -> None:
        name, _ = QFileDialog.getOpenFileName(
            self, text("ui.pasang.undangan"), "", text("ui.pasang.undangan_berkas")
        )
        if name:
            self.take_file(Path(name))

    def _paired(self, done: Paired) -> None:
        self._rest()
        self.done_words.setText(text("ui.pasang.selesai", berkas=str(done.path)))
        self.digits.setText(broken(done.fingerprint))
        self._show("selesai")
        self.joined.emit(self.joining.folder)

    def _not_paired(self, error: Exception) -> None:
        self._rest()
        self._refused(error)

    def _rest(self) -> None:
        self._task = None
        self.busy(working=False, words=text("ui.pasang.simpan"))

    def _refused(self, error: Exception) -> None:
        self.refuse(error, self._first.get(self.step, self.next))

    # --- building ---------------------------------------------------------------------------------

    def _build_steps(self) -> None:
        self.invited = PlainLabel(text("ui.pasang.undangan_belum"), wrap=True, face="strong")
        self.pick = button(text("ui.pasang.undangan_pilih"), icon="folder")
        self.pick.clicked.connect(self._choose_file)
        self._page("undangan", text("ui.pasang.undangan"), self.pick, self.invited, first=self.pick)
        self.code = entry_line(text("ui.pasang.kode_isian"))
        self._page("kode", text("ui.pasang.kode"), self.code, first=self.code)
        self.rules = PlainLabel(wrap=True)
        self.account = entry_line(text("ui.pasang.akun_nama"))
        self.account.setText(ACCOUNT)
        self.passphrase = entry_line(text("ui.pasang.akun_sandi"), hidden=True)
        self.again = entry_line(text("ui.pasang.akun_ulang"), hidden=True)
        words = []
        for key, line in (
            ("ui.pasang.akun_nama", self.account),
            ("ui.pasang.akun_sandi", self.passphrase),
            ("ui.pasang.akun_ulang", self.again),
        ):
            label = PlainLabel(text(key))
            label.setBuddy(line)
            words.append(label)
        self._again_words = words[2]
        self._page(
            "akun", "", self.rules, words[0], self.account, words[1], self.passphrase,
            words[2], self.again, first=self.account,
        )  # fmt: skip
        self.recovery = PlainLabel(face="title")
        self.recovery.setObjectName("officeNote")
        self.recovery.setAlignment(Qt.AlignmentFlag.AlignCenter)
        again = PlainLabel(text("ui.pasang.pemulihan_lagi"), tone="secondary", wrap=True)
        self._page("pemulihan", text("ui.pasang.pemulihan"), self.recovery, again)
        self.groups = [entry_line(text("ui.pasang.ulang_judul")) for _ in range(2)]
        self._group_words = [PlainLabel(), PlainLabel()]
        pairs = zip(self._group_words, self.groups, strict=True)
        both = [widget for pair in pairs for widget in pair]
        self._page("ulang", text("ui.pasang.ulang"), *both, first=self.groups[0])
        self.place = PlainLabel(wrap=True)
        self._page("simpan", "", self.place)
        self.done_words = PlainLabel(wrap=True)
        self.digits = PlainLabel(face="title", wrap=True)
        self._page(
            "selesai",
            "",
            self.done_words,
            PlainLabel(text("ui.pasang.selesai_angka"), tone="secondary"),
            self.digits,
        )

    def _page(self, step: str, lead: str, *widgets: QWidget, first: QWidget | None = None) -> None:
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.STEP // 2)
        if lead:
            column.addWidget(PlainLabel(lead, wrap=True))
            column.addSpacing(theme.STEP)
        for widget in widgets:
            column.addWidget(widget)
        column.addStretch(1)
        self.stack.addWidget(page)
        self._lines[step] = [one for one in widgets if isinstance(one, QLineEdit)]
        if first is not None:
            self._first[step] = first
