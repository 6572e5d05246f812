"""The shell of every wizard: one step at a time, Enter goes on, what is wrong is said below."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from siks_offline.errors import SiksError
from siks_offline.texts import text
from siks_offline.ui import theme
from siks_offline.ui.plain import PlainLabel, button

if TYPE_CHECKING:
    from PySide6.QtGui import QKeyEvent

WIDTH, HEIGHT = 560, 360
FIVE = 5


class Wizard(QDialog):
    """Heading, the page of the step, a note for what is wrong, and the ways on, back and out."""

    def __init__(self, parent: QWidget | None, title: str) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.setModal(True)
        self.setFixedWidth(theme.px(WIDTH))
        self.count = PlainLabel(tone="secondary", face="small")
        self.heading = PlainLabel(face="title", wrap=True)
        self.stack = QStackedWidget()
        self.note = PlainLabel(wrap=True)
        self.note.setObjectName("faultNote")
        self.note.hide()
        self.cancel = button(text("ui.pasang.batal"), flat=True)
        self.cancel.clicked.connect(self.reject)
        self.back = button(text("ui.pasang.kembali"))
        self.back.clicked.connect(self.go_back)
        self.next = button(text("ui.pasang.lanjut"), primary=True)
        self.next.clicked.connect(self.go_on)
        last = QHBoxLayout()
        last.addWidget(self.cancel)
        last.addStretch(1)
        last.addWidget(self.back)
        last.addWidget(self.next)
        column = QVBoxLayout(self)
        column.setContentsMargins(*(3 * theme.STEP,) * 4)
        column.setSpacing(theme.STEP)
        column.addWidget(self.count)
        column.addWidget(self.heading)
        column.addWidget(self.stack, 1)
        column.addWidget(self.note)
        column.addSpacing(theme.STEP)
        column.addLayout(last)
        self.setMinimumHeight(theme.px(HEIGHT))

    @abstractmethod
    def go_on(self) -> None:
        """Check this step and show the next."""

    @abstractmethod
    def go_back(self) -> None:
        """Show the step before."""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter presses the button that has the caret; in a field it goes on."""
        if event.key() not in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            super().keyPressEvent(event)
            return
        focus = self.focusWidget()
        if isinstance(focus, QPushButton):
            focus.click()
        else:
            self.go_on()

    def show_count(self, number: int, of: int) -> None:
        """Say which step this is."""
        self.count.setText(text("ui.pasang.langkah", nomor=number, jumlah=of))

    def refuse(self, error: Exception, first: QWidget) -> None:
        """Say what is wrong and put the caret where it can be mended."""
        if isinstance(error, SiksError):
            words = text(
                "ui.umum.galat", pesan=error.message, tindakan=error.remedy, kode=error.code
            )
        else:
            words = text("ui.dialog.kesalahan")
        self.note.setText(words)
        self.note.show()
        first.setFocus()
        if isinstance(first, QLineEdit):
            first.selectAll()
        self.fit()

    def ask_for(self, line: QWidget, name: str) -> None:
        """Put the caret into a line that is empty, and say so to whom wanted to go on from it.

        Enter in an earlier line merely leads on to this one.
        """
        pressed = self.focusWidget()
        line.setFocus()
        if pressed is line or isinstance(pressed, QPushButton):
            self.note.setText(text("ui.pasang.masih_kosong", isian=name))
            self.note.show()
            self.fit()

    def fit(self) -> None:
        """Grow until all of the step is seen."""
        inside = self.layout()
        if inside is not None:
            inside.activate()
            height = max(inside.totalHeightForWidth(self.width()), inside.minimumSize().height())
            self.resize(self.width(), max(theme.px(HEIGHT), height))

    def busy(self, *, working: bool, words: str) -> None:
        """Let no button be pressed while the disk is worked on."""
        for widget in (self.next, self.back, self.cancel):
            widget.setEnabled(not working)
        self.next.setText(text("ui.pasang.bekerja") if working else words)
        if not working:
            self.next.setFocus()


def broken(code: str) -> str:
    """Break a code over two lines, in groups as they are read aloud; bare digits by fives."""
    groups = code.replace("-", " ").split()
    if len(groups) == 1 and code.isdecimal():
        groups = [code[at : at + FIVE] for at in range(0, len(code), FIVE)]
    if len(groups) <= 3:
        return " ".join(groups)
    half = (len(groups) + 1) // 2
    return " ".join(groups[:half]) + "\n" + " ".join(groups[half:])


def entry_line(name: str, *, hidden: bool = False) -> QLineEdit:
    """Make a line to type into, with the name that a screen reader says."""
    made = QLineEdit()
    made.setFont(theme.entry())
    made.setAccessibleName(name)
    if hidden:
        made.setEchoMode(QLineEdit.EchoMode.Password)
    return made
