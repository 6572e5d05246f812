"""The shell of a preview: a file is read, what it would do is shown, it is written when agreed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QHBoxLayout,
    QTableWidget,
    QVBoxLayout,
    QWidget,
)

from siks_offline.texts import text
from siks_offline.ui import dialogs, theme
from siks_offline.ui.dialogs import Waiting
from siks_offline.ui.plain import PlainLabel, button

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

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
        self.resize(*SIZE)
        self.desk = desk
        self.path = path
        self.ready = False
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
        """Read the file under these words, then show what was found; nothing is written."""
        self.heading.setText(words)
        self.agree.setEnabled(False)
        self._run(words, work, show)

    def write(self, words: str, work: Callable[[Village, Progress], Any]) -> None:
        """Write what was shown; the work gives the Changes."""
        self.ready = True
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

    def _written(self, changes: object) -> None:
        self.loaded.emit(changes)
        self.accept()

    def _stopped(self) -> None:
        if self.ready:
            self.agree.setEnabled(True)
        else:
            self.reject()

    def _failed(self, error: Exception) -> None:
        dialogs.say(self, error)
        self._stopped()


def dress(table: QTableWidget) -> None:
    """Give a table of sentences its looks: no grid, whole rows, hidden until it has any."""
    table.verticalHeader().hide()
    table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
    table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
    table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    table.setTabKeyNavigation(False)
    table.setShowGrid(False)
    table.setWordWrap(True)
    header = table.horizontalHeader()
    header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
    header.setHighlightSections(False)
    table.hide()
