"""Bringing a village back from a copy: into an empty machine, or in place of a damaged file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, QThreadPool, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QFileDialog,
    QVBoxLayout,
    QWidget,
)

from siks_offline.errors import SiksError
from siks_offline.texts import text
from siks_offline.ui import theme
from siks_offline.ui.choices import Lines
from siks_offline.ui.dialogs import grouped
from siks_offline.ui.moments import short
from siks_offline.ui.plain import PlainLabel, button
from siks_offline.ui.task import Task
from siks_offline.ui.wizard import Wizard, entry_line

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from siks_offline.desa.backup import About
    from siks_offline.desa.recovery import Choice, Recovered
    from siks_offline.progress import Progress

STEPS = ("berkas", "akun", "selesai")
ROWS = 4
HEIGHT = 440


def told(about: About) -> str:
    """Say in one line what a copy holds and when it was made."""
    if not about.at:
        return text("ui.pulihkan.isi_lama")
    return text(
        "ui.pulihkan.isi",
        saat=short(about.at),
        rumah=grouped(about.households),
        selesai=grouped(about.completed),
        draf=grouped(about.drafts),
    )


class RestoreDialog(Wizard):
    """Three steps: which copy, whose passphrase, done. The folder is made when it opens."""

    restored = Signal(Path)
    """The village's folder is ready."""

    def __init__(self, parent: QWidget | None, root: Path, now: Callable[[], datetime]) -> None:
        super().__init__(parent, text("ui.pulihkan.judul"))
        self._root = root
        self._now = now
        self._file: Path | None = None
        self._marker: dict[str, Any] = {}
        self._folder: Path | None = None
        self._task: Task | None = None
        self.step = STEPS[0]
        self.choose = button(text("ui.pulihkan.pilih"), icon="folder")
        self.choose.clicked.connect(self._choose_file)
        self.holds = PlainLabel(text("ui.pulihkan.belum_pilih"), wrap=True)
        self.account = QComboBox()
        self.account.setFont(theme.entry())
        self.account.setAccessibleName(text("ui.masuk.akun"))
        self.passphrase = entry_line(text("ui.masuk.kata_sandi"), hidden=True)
        self.done_words = PlainLabel(wrap=True)
        self._page(PlainLabel(text("ui.pulihkan.berkas_kata"), wrap=True), self.choose, self.holds)
        self._page(
            PlainLabel(text("ui.pulihkan.akun_kata"), wrap=True),
            PlainLabel(text("ui.masuk.akun")),
            self.account,
            PlainLabel(text("ui.masuk.kata_sandi")),
            self.passphrase,
        )
        self._page(self.done_words)
        self._show(STEPS[0])

    def _page(self, *widgets: QWidget) -> None:
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(0, theme.STEP, 0, 0)
        column.setSpacing(theme.STEP)
        for widget in widgets:
            column.addWidget(widget)
        column.addStretch(1)
        self.stack.addWidget(page)

    def take_file(self, file: Path) -> None:
        """Say what a copy holds; it is opened only with a passphrase."""
        from siks_offline.desa import backup

        self.note.hide()
        try:
            self._marker = backup.marker(file)
            about = backup.about(file)
        except SiksError as error:
            self._file = None
            self.next.setEnabled(False)
            self.refuse(error, self.choose)
            return
        self._file = file
        name = str(self._marker.get("nama_desa", ""))
        self.holds.setText(text("ui.pulihkan.desa", desa=name, isi=told(about)))
        self.account.clear()
        self.account.addItems([str(one) for one in self._marker["akun"]])
        self.next.setEnabled(True)
        self.next.setFocus()

    def go_on(self) -> None:
        """Show the next step, or restore."""
        if self._task is not None:
            return
        self.note.hide()
        if self.step == "berkas" and self._file is not None:
            self._show("akun")
        elif self.step == "akun" and not self.passphrase.text():
            self.ask_for(self.passphrase, text("ui.masuk.kata_sandi"))
        elif self.step == "akun":
            self._restore()
        elif self.step == "selesai":
            self.accept()

    def go_back(self) -> None:
        """Choose another copy."""
        if self.step == "akun" and self._task is None:
            self._show("berkas")

    def reject(self) -> None:
        """Leave, unless the disk is worked on."""
        if self._task is None:
            super().reject()

    def _restore(self) -> None:
        file, folder, now = self._file, self._free_folder(), self._now()
        account, passphrase = self.account.currentText(), self.passphrase.text()
        assert file is not None

        def work(_progress: Progress) -> int:
            from siks_offline.desa import backup

            return backup.restore(file, folder, account, passphrase, now)

        self._folder = folder
        self._task = Task(work)
        self._task.finished.connect(self._restored)
        self._task.failed.connect(self._failed)
        self.busy(working=True, words="")
        self._task.start(QThreadPool.globalInstance())

    def _free_folder(self) -> Path:
        """Return a folder that does not exist yet, named for the village."""
        code = str(self._marker.get("kode_desa", "desa"))
        names = [code, *(f"{code}-{number}" for number in range(2, 1000))]
        return next(self._root / name for name in names if not (self._root / name).exists())

    def _restored(self, households: int) -> None:
        self._task = None
        self.busy(working=False, words=text("ui.pulihkan.masuk"))
        self.done_words.setText(text("ui.pulihkan.sudah", jumlah=grouped(households)))
        self._show("selesai")
        assert self._folder is not None
        self.restored.emit(self._folder)

    def _failed(self, error: Exception) -> None:
        self._task = None
        self.busy(working=False, words=text("ui.pulihkan.mulai"))
        self.refuse(error, self.passphrase)

    def _show(self, step: str) -> None:
        self.step = step
        at = STEPS.index(step)
        self.show_count(at + 1, len(STEPS))
        self.heading.setText(text(f"ui.pulihkan.{step}"))
        self.stack.setCurrentIndex(at)
        self.back.setVisible(step == "akun")
        self.cancel.setVisible(step != "selesai")
        self.next.setText(
            text({"berkas": "ui.pasang.lanjut", "akun": "ui.pulihkan.mulai"}.get(
                step, "ui.pulihkan.masuk"))
        )  # fmt: skip
        self.next.setEnabled(step != "berkas" or self._file is not None)
        first: dict[str, QWidget] = {"berkas": self.choose, "akun": self.passphrase}
        first.get(step, self.next).setFocus()
        self.fit()

    def _choose_file(self) -> None:
        path, _ = QFileDialog.getOpenFileName(
            self, text("ui.pulihkan.pilih"), "", text("ui.pengaturan.jenis_cadangan")
        )
        if path:
            self.take_file(Path(path))


class RecoveryDialog(Wizard):
    """What a damaged village is offered: its newest good copies, and what was written since."""

    recovered = Signal(Path)
    """The village opens again."""

    def __init__(
        self, parent: QWidget | None, folder: Path, account: str, now: Callable[[], datetime]
    ) -> None:
        super().__init__(parent, text("ui.rusak.judul"))
        self._folder = folder
        self._account = account
        self._now = now
        self._choices: list[Choice] = []
        self._task: Task | None = None
        self._finished = False
        self.heading.setText(text("ui.rusak.judul"))
        self.list = Lines()
        self.list.setAccessibleName(text("ui.rusak.daftar"))
        self.list.setFixedHeight(theme.px(theme.TABLE_ROW) * ROWS)
        self.list.setWordWrap(True)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.passphrase = entry_line(text("ui.masuk.kata_sandi"), hidden=True)
        self.words = PlainLabel(text("ui.rusak.kata"), wrap=True)
        self.other = button(text("ui.rusak.lain"), icon="folder", flat=True)
        self.other.clicked.connect(self._choose_file)
        self._passphrase_words = PlainLabel(text("ui.rusak.kata_sandi", akun=account), wrap=True)
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.STEP)
        for widget in (self.words, self.list, self.other, self._passphrase_words, self.passphrase):
            column.addWidget(widget)
        column.addStretch(1)
        self.stack.addWidget(page)
        self.back.hide()
        self.count.hide()
        self.next.setText(text("ui.rusak.pulihkan"))
        self.setMinimumHeight(theme.px(HEIGHT))
        self._look(None)

    def go_on(self) -> None:
        """Put the chosen copy in place."""
        if self._finished:
            self.accept()
            return
        row = self.list.currentRow()
        if self._task is not None or not 0 <= row < len(self._choices):
            return
        if not self.passphrase.text():
            self.ask_for(self.passphrase, text("ui.masuk.kata_sandi"))
            return
        path, now, passphrase = self._choices[row].path, self._now(), self.passphrase.text()
        folder, account = self._folder, self._account

        def work(progress: Progress) -> Recovered:
            from siks_offline.desa import recovery

            return recovery.put_back(folder, path, account, passphrase, now, progress)

        self.note.hide()
        self._task = Task(work)
        self._task.finished.connect(self._recovered)
        self._task.failed.connect(self._failed)
        self.busy(working=True, words="")
        self._task.start(QThreadPool.globalInstance())

    def go_back(self) -> None:
        """Nothing lies before the one step."""

    def reject(self) -> None:
        """Leave everything as it is, unless the disk is worked on."""
        if self._task is None:
            super().reject()

    def add_file(self, file: Path) -> None:
        """Offer a copy that lies elsewhere, such as on a stick."""
        self._look(file)

    def _look(self, extra: Path | None) -> None:
        """Look which copies are whole; each is read to its end, so not on this thread."""
        folder = self._folder

        def work(_progress: Progress) -> list[Choice]:
            from siks_offline.desa import recovery

            return recovery.choices(folder, extra)

        self.next.setEnabled(False)
        self.words.setText(text("ui.rusak.mencari"))
        task = Task(work)
        task.finished.connect(self._found)
        task.failed.connect(self._failed)
        task.start(QThreadPool.globalInstance())

    def _found(self, choices: list[Choice]) -> None:
        self._choices = choices
        self.list.clear()
        self.list.addItems([told(one.about) for one in choices])
        self.next.setEnabled(bool(choices))
        self.words.setText(text("ui.rusak.kata" if choices else "ui.rusak.tidak_ada"))
        if choices:
            self.list.setCurrentRow(0)
            self.passphrase.setFocus()
        else:
            self.other.setFocus()
        self.fit()

    def _recovered(self, done: Recovered) -> None:
        self._task = None
        self._finished = True
        self.heading.setText(text("ui.pulihkan.selesai"))
        self.busy(working=False, words=text("ui.pulihkan.masuk"))
        self.words.setText(
            text(
                "ui.rusak.sudah",
                jumlah=grouped(done.households),
                kunjungan=grouped(done.saved.visits),
                draf=grouped(done.saved.drafts),
                usulan=grouped(done.saved.proposals),
                musyawarah=grouped(done.saved.words),
                foto=grouped(done.saved.photos),
                folder=done.aside,
            )
        )
        for widget in (self.list, self.other, self._passphrase_words, self.passphrase, self.cancel):
            widget.hide()
        self.next.setFocus()
        self.fit()
        self.recovered.emit(self._folder)

    def _failed(self, error: Exception) -> None:
        self._task = None
        self.busy(working=False, words=text("ui.rusak.pulihkan"))
        self.refuse(error, self.passphrase)

    def _choose_file(self) -> None:
        path, _ = QFileDialog.getOpenFileName(
            self, text("ui.pulihkan.pilih"), "", text("ui.pengaturan.jenis_cadangan")
        )
        if path:
            self.add_file(Path(path))
