"""The shell of a preview: a file is read, what it would do is shown, it is written when agreed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDialog, QHBoxLayout, QTableWidget, QVBoxLayout, QWidget

from siks_offline.texts import text
from siks_offline.ui import dialogs, theme
from siks_offline.ui.dialogs import Waiting
from siks_offline.ui.plain import PlainLabel, button
from siks_offline.ui.table_looks import still

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from PySide6.QtGui import QResizeEvent

    from siks_offline.desa.village import Village
    from siks_offline.progress import Progress
    from siks_offline.ui.page import Desk

SIZE = (860, 480)


class PreviewDialog(QDialog):
    """Heading above, what a kind of preview lays out in the middle, buttons below.

    Work is done on the database thread. Before there is something to show, a fault or a stop closes
    the dialog; afterwards the person may agree again.
    """

    loaded = Signal(object)
    """What was shown is written; the Changes of it."""

    def __init__(
        self, desk: Desk, path: Path, title: str, agree: str, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.setModal(True)
        self.resize(*theme.sheet(*SIZE))
        self.desk = desk
        self.path = path
        self._ready = False
        self._show_found: Callable[[Any], None]
        self.heading = PlainLabel(face="title", wrap=True)
        self.cancel = button(text("ui.dialog.batal"))
        self.cancel.setAutoDefault(True)
        self.cancel.clicked.connect(self.reject)
        self.agree = button(agree, primary=True)
        self.agree.setAutoDefault(True)
        self.agree.setDefault(True)
        self.agree.setEnabled(False)
        self.last = QHBoxLayout()
        self.last.setSpacing(theme.STEP)
        self.last.addStretch(1)
        self.last.addWidget(self.cancel)
        self.last.addWidget(self.agree)
        self.middle = QVBoxLayout()
        self.middle.setSpacing(theme.STEP + 4)
        column = QVBoxLayout(self)
        column.setContentsMargins(*(3 * theme.STEP,) * 4)
        column.setSpacing(theme.STEP + 4)
        column.addWidget(self.heading)
        column.addLayout(self.middle, 1)
        column.addLayout(self.last)

    def look(
        self, words: str, work: Callable[[Village, Progress], Any], show: Callable[[Any], None]
    ) -> None:
        """Read the file under these words, then show what was found; nothing is written.

        It may be read anew; a stop leaves what was shown before.
        """
        if not self._ready:
            self.heading.setText(words)
        self.agree.setEnabled(False)
        self._show_found = show
        self._run(words, work, self._found)

    def write(self, words: str, work: Callable[[Village, Progress], Any]) -> None:
        """Write what was shown; the work gives the Changes."""
        self.agree.setEnabled(False)
        self._run(words, work, self._written)

    def _run(
        self, words: str, work: Callable[[Village, Progress], Any], done: Callable[[Any], None]
    ) -> None:
        task = self.desk.task(work)
        task.finished.connect(done)
        task.failed.connect(self._failed)
        task.cancelled.connect(self._stopped)
        Waiting(self, words, task)
        self.desk.start(task)

    def _found(self, found: Any) -> None:
        self._ready = True
        self._show_found(found)

    def _written(self, changes: object) -> None:
        self.loaded.emit(changes)
        self.accept()

    def _stopped(self) -> None:
        if self._ready:
            self.agree.setEnabled(True)
        else:
            self.reject()

    def _failed(self, error: Exception) -> None:
        dialogs.say(self, error)
        self._stopped()


class Sentences(QTableWidget):
    """A table of sentences: each row as high as its longest needs at the width there is."""

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Let the rows follow the new width."""
        super().resizeEvent(event)
        self.resizeRowsToContents()

    def resizeRowsToContents(self) -> None:
        """Give every row the height of its words, and a little air."""
        super().resizeRowsToContents()
        for row in range(self.rowCount()):
            self.setRowHeight(row, self.rowHeight(row) + theme.STEP)


def dress(table: QTableWidget) -> None:
    """Give a table of sentences its looks: no grid, whole rows, hidden until it has any."""
    still(table)
    table.setWordWrap(True)
    left = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
    table.horizontalHeader().setDefaultAlignment(left)
    table.hide()
