"""The line of a photo question: what is attached, a small picture, ways to bring a file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QMimeData, QSize, Qt, Signal
from PySide6.QtGui import QGuiApplication, QKeySequence, QPixmap
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from siks_offline.texts import text
from siks_offline.ui import theme
from siks_offline.ui.editors import Editor
from siks_offline.ui.plain import PlainLabel, button

if TYPE_CHECKING:
    from PySide6.QtGui import QDragEnterEvent, QDragMoveEvent, QDropEvent, QImage, QKeyEvent

    from siks_offline.instrument.schema import Question

PICTURE = QSize(80, 56)
"""Most room that the small picture takes."""


class PhotoEditor(Editor):
    """Never typed into: Enter, a dropped or a pasted file brings the photo, Del takes it away.

    The line shows a kind for people; `answer_words` gives the answer, a file's name.
    """

    WIDTH = 92
    """Picture and buttons stand beside the line."""

    asked = Signal()
    """A file is to be chosen."""
    offered = Signal(object)
    """This file or picture was dropped or pasted; None when what was pasted is neither."""
    removed = Signal()
    """The photo is to be taken away."""
    answered = Signal(str)
    """Another photo is the answer now; its picture is wanted."""

    def __init__(self, question: Question, parent: QWidget | None = None) -> None:
        super().__init__(question, parent)
        self.setReadOnly(True)
        self.setAcceptDrops(True)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.NoContextMenu)
        self.setPlaceholderText(text("ui.foto.ajakan"))
        self.setFixedWidth(theme.px(self.WIDTH))
        self._answer = ""
        self.picture = PlainLabel()
        self.choose = self._button("ui.foto.pilih", "ui.foto.pilih_nama")
        self.choose.clicked.connect(self.asked)
        self.remove = self._button("ui.foto.hapus", "ui.foto.hapus_nama")
        self.remove.clicked.connect(self.removed)
        self._box = QWidget()
        line = QHBoxLayout(self._box)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(theme.STEP // 2)
        line.addWidget(self.picture)
        buttons = QVBoxLayout()
        buttons.setSpacing(0)
        for one in (self.choose, self.remove):
            buttons.addWidget(one)
        line.addLayout(buttons)
        self._show_state()

    def beside(self) -> QWidget:
        """Return the picture with the buttons."""
        return self._box

    def answer_words(self) -> str:
        """Return the answer itself."""
        return self._answer

    def show_answer(self, answer: str) -> None:
        """Show the kind of what is attached, and ask for its picture."""
        if answer == self._answer:
            return
        self._answer = answer
        self._show_state()
        if answer:
            self.answered.emit(answer)

    def show_picture(self, answer: str, image: QImage | None) -> None:
        """Show the picture of an answer, if it is still this line's; None: it is not here."""
        if answer != self._answer or not answer:
            return
        if image is None:
            self.picture.setText(text("ui.foto.tidak_di_sini"))
        else:
            self.picture.setPixmap(QPixmap.fromImage(image))
        self.picture.show()

    def full(self, choices: object) -> bool:
        """Nothing is typed here, so nothing fills it."""
        del choices
        return False

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Space asks for a file; Enter goes on, for most forms are typed without photos."""
        key = event.key()
        if event.matches(QKeySequence.StandardKey.Paste):
            clipboard = QGuiApplication.clipboard()
            file = self._file_of(clipboard.mimeData())
            picture = clipboard.image() if file is None else None
            self.offered.emit(picture if picture is not None and not picture.isNull() else file)
        elif key == Qt.Key.Key_Space:
            self.asked.emit()
        elif key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace) and self._answer:
            self.removed.emit()
        else:
            super().keyPressEvent(event)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Let a file be dropped here."""
        if self._file_of(event.mimeData()) is not None:
            event.acceptProposedAction()

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        """Go on letting it."""
        event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Offer the dropped file."""
        event.acceptProposedAction()
        self.setFocus()
        self.offered.emit(self._file_of(event.mimeData()))

    @staticmethod
    def _file_of(brought: QMimeData) -> Path | None:
        files = [Path(url.toLocalFile()) for url in brought.urls() if url.isLocalFile()]
        return files[0] if files else None

    def _button(self, words: str, name: str) -> QPushButton:
        made = button(text(words), flat=True)
        made.setAccessibleName(text(name, tanya=self.question.label))
        made.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # Enter, Space and Del do the same
        return made

    def _show_state(self) -> None:
        there = bool(self._answer)
        kind = self._answer.rpartition(".")[2].upper()
        self.setText(text("ui.foto.jenis", jenis=kind) if there else "")
        self.setToolTip("" if there else text("ui.foto.bantuan"))
        self.choose.setText(text("ui.foto.ganti" if there else "ui.foto.pilih"))
        self.remove.setVisible(there)
        self.picture.clear()
        self.picture.hide()
