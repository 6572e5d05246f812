"""Short talks with the person: say, ask, wait. Always plain text, always Indonesian."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QLineEdit,
    QProgressBar,
    QVBoxLayout,
    QWidget,
)

from siks_offline.errors import SiksError
from siks_offline.texts import text
from siks_offline.ui import icons, theme
from siks_offline.ui.choices import Lines
from siks_offline.ui.plain import PlainLabel, button

if TYPE_CHECKING:
    from PySide6.QtGui import QShowEvent

    from siks_offline.ui.task import Task

WAIT_BEFORE_SHOWING_MS = 700
LEAST_REASON = 3


class Talk(QDialog):
    """A dialog of one sentence, what to do about it, and its buttons, harmless one last."""

    def __init__(
        self, parent: QWidget | None, heading: str, detail: str = "", *, icon: str = "note"
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(text("umum.aplikasi"))
        self.setModal(True)
        self.setMinimumWidth(theme.px(440))
        self.setMaximumWidth(theme.px(640))
        tone = {"fault": theme.colours.fault, "confirm": theme.colours.confirm}.get(
            icon, theme.colours.accent
        )
        picture = PlainLabel()
        picture.setPixmap(icons.pixmap(icon, tone, 28))
        self.heading = PlainLabel(heading, wrap=True, face="strong")
        self.detail = PlainLabel(detail, wrap=True)
        self.detail.setVisible(bool(detail))
        self.words = QVBoxLayout()
        self.words.setSpacing(theme.STEP)
        self.words.addWidget(self.heading)
        self.words.addWidget(self.detail)
        top = QHBoxLayout()
        top.setSpacing(2 * theme.STEP)
        top.addWidget(picture, 0, Qt.AlignmentFlag.AlignTop)
        top.addLayout(self.words, 1)
        self.buttons = QHBoxLayout()
        self.buttons.setSpacing(theme.STEP)
        self.buttons.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(*(3 * theme.STEP,) * 4)
        column.setSpacing(3 * theme.STEP)
        column.addLayout(top)
        column.addLayout(self.buttons)
        self.setAccessibleName(heading)
        self.setAccessibleDescription(detail)

    def add_button(self, words: str, answer: int, *, primary: bool = False) -> None:
        """Add a button to the right of those before it. The primary one answers Enter."""
        made = button(words, primary=primary)
        made.setAutoDefault(True)
        made.setDefault(primary)
        made.clicked.connect(self._yes if answer else self.reject)
        self.buttons.addWidget(made)
        if primary:
            made.setFocus()

    def showEvent(self, event: QShowEvent) -> None:
        """Be as high as the words are; Qt by itself stops at two thirds of a screen."""
        super().showEvent(event)
        inside = self.layout()
        if inside is not None:
            inside.activate()
            self.resize(self.width(), inside.totalHeightForWidth(self.width()))

    def _yes(self) -> None:
        self.accept()


def say(parent: QWidget | None, error: BaseException) -> None:
    """Show what is wrong, what to do about it, and the code that help can be asked by."""
    faults_talk(parent, error).exec()


def faults_talk(parent: QWidget | None, error: BaseException) -> Talk:
    """Build the dialog of an error; one that is no SiksError is a fault of the program."""
    if isinstance(error, SiksError):
        talk = Talk(parent, error.message, error.remedy, icon="fault")
        code = error.code
    else:
        talk = Talk(
            parent, text("ui.dialog.kesalahan"), text("ui.dialog.kesalahan_tindakan"), icon="fault"
        )
        code = type(error).__name__
    talk.words.addWidget(PlainLabel(code, tone="secondary", face="small"))
    talk.add_button(text("ui.dialog.tutup"), 1, primary=True)
    return talk


def bug_talk(parent: QWidget | None, number: str) -> Talk:
    """Build what tells calmly that the program failed, and under which number the log tells more.

    Its buttons are the caller's to add.
    """
    words = text("ui.dialog.kesalahan_nomor", nomor=number)
    return Talk(parent, text("ui.dialog.kesalahan"), words, icon="fault")


def tell(parent: QWidget | None, heading: str, detail: str = "", *, icon: str = "done") -> None:
    """Say something that is well, or by another icon that it is not yet."""
    talk = Talk(parent, heading, detail, icon=icon)
    talk.add_button(text("ui.dialog.tutup"), 1, primary=True)
    talk.exec()


def ask(parent: QWidget | None, heading: str, detail: str, yes: str) -> bool:
    """Ask before something that is not easily undone; Esc and the first button do nothing."""
    talk = Talk(parent, heading, detail, icon="confirm")
    talk.add_button(text("ui.dialog.batal"), 0)
    talk.add_button(yes, 1, primary=True)
    return talk.exec() == QDialog.DialogCode.Accepted


class ReasonTalk(Talk):
    """Why a soft check may stand: one of the usual reasons by its digit, or own words."""

    def __init__(self, parent: QWidget | None, message: str) -> None:
        super().__init__(parent, message, text("ui.alasan.tanya"), icon="confirm")
        self.usual = text("ui.alasan.lazim").split("|")
        self.choices = Lines()
        self.choices.setAccessibleName(text("ui.alasan.daftar"))
        for number, reason in enumerate(self.usual, 1):
            self.choices.addItem(f"{number}  {reason}")
        self.choices.setFixedHeight(theme.px(32) * len(self.usual) + 6)
        self.own = QLineEdit()
        self.own.setFont(theme.entry())
        self.own.setPlaceholderText(text("ui.alasan.sendiri"))
        self.own.setAccessibleName(text("ui.alasan.sendiri"))
        self.own.textEdited.connect(self._typed)
        self.choices.currentRowChanged.connect(self._chosen)
        self.choices.itemActivated.connect(self._yes)
        self.words.addWidget(self.own)
        self.words.addWidget(self.choices)
        self.add_button(text("ui.dialog.batal"), 0)
        self.add_button(text("ui.alasan.simpan"), 1, primary=True)
        self.own.setFocus()

    @property
    def reason(self) -> str:
        """The reason as it will be kept."""
        return self.own.text().strip()

    def _typed(self, words: str) -> None:
        if words.isdigit() and 1 <= int(words) <= len(self.usual):
            self.choices.setCurrentRow(int(words) - 1)

    def _chosen(self, row: int) -> None:
        if row >= 0:
            self.own.setText(self.usual[row])

    def _yes(self) -> None:
        if len(self.reason) >= LEAST_REASON:
            self.accept()
        else:
            self.own.setFocus()


def ask_reason(parent: QWidget | None, message: str) -> str | None:
    """Ask why a soft check stands; None when the person thinks again."""
    talk = ReasonTalk(parent, message)
    return talk.reason if talk.exec() == QDialog.DialogCode.Accepted else None


class Waiting(Talk):
    """Shows a long task and lets it be stopped. Appears only when the task takes a while."""

    def __init__(self, parent: QWidget | None, heading: str, task: Task) -> None:
        super().__init__(parent, heading)
        self._task = task
        self.detail.setVisible(True)
        self.bar = QProgressBar()
        self.bar.setRange(0, 0)
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName(heading)
        self.words.addWidget(self.bar)
        self.add_button(text("ui.dialog.hentikan"), 0)
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.timeout.connect(self.open)
        self._later.start(WAIT_BEFORE_SHOWING_MS)
        task.progressed.connect(self.progress)
        task.finished.connect(self._ended)
        task.failed.connect(self._ended)
        task.cancelled.connect(self._ended)

    def progress(self, done: int, total: int) -> None:
        """Show how far the task is."""
        if total:
            self.bar.setRange(0, total)
            self.bar.setValue(done)
            self.detail.setText(
                text("ui.dialog.kemajuan", selesai=grouped(done), total=grouped(total))
            )

    def reject(self) -> None:
        """Ask the task to stop; the dialog goes when it has."""
        self.detail.setText(text("ui.dialog.menghentikan"))
        self._task.cancel()

    def _ended(self, *_: object) -> None:
        self._later.stop()
        self.accept()
        self.deleteLater()


def grouped(number: int) -> str:
    """Write a count as people here do: 3.120."""
    return f"{number:,}".replace(",", ".")
