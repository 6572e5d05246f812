"""The contract of all pages, with the desk they work at."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt, QThreadPool, Signal
from PySide6.QtWidgets import QWidget

from siks_offline.desa import rights
from siks_offline.model import Changes
from siks_offline.texts import text
from siks_offline.ui.plain import button
from siks_offline.ui.task import Task

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from PySide6.QtGui import QKeyEvent
    from PySide6.QtWidgets import QPushButton

    from siks_offline.desa.village import Village
    from siks_offline.progress import Progress


TURN = 0.001
"""Seconds that a thread of the desk runs Python on while the window asks for its turn: it asks some
times between two beats, and on a busy machine each turn lasts many times longer than it runs."""


class Desk(QObject):
    """What every page is given: the open village, the clock, one thread for its database."""

    def __init__(self, village: Village, now: Callable[[], datetime]) -> None:
        super().__init__()
        sys.setswitchinterval(TURN)
        self.village = village
        self.now = now
        self.pool = QThreadPool(self)
        self.pool.setMaxThreadCount(1)
        self.pool.setExpiryTimeout(-1)
        self._aside = QThreadPool(self)
        self._aside.setMaxThreadCount(1)
        self._beside: set[Task] = set()
        self.closed = False
        """Whether nobody is there any more to be asked about work that failed."""

    def task(self, work: Callable[[Village, Progress], Any]) -> Task:
        """Make a task of database work; connect its signals, then give it to start()."""
        village = self.village
        return Task(lambda progress: work(village, progress))

    def start(self, task: Task) -> Task:
        """Queue a task behind those already given; they run in this order, one at a time."""
        task.start(self.pool)
        return task

    def beside(self, task: Task) -> Task:
        """Start long work that the desk need not wait for: a copy, a check of all data.

        It reads the store while the desk writes, and is asked to stop when the village closes.
        """
        self._beside.add(task)
        task.start(self._aside)
        return task

    def idle(self, milliseconds: int) -> bool:
        """Ask what runs beside to stop; whether all work ends within this time."""
        for task in self._beside:
            task.cancel()
        return self.pool.waitForDone(milliseconds) and self._aside.waitForDone(milliseconds)

    def drain(self) -> None:
        """Let what is queued end while its ends are still heard: a person may be asked, once more.

        Work that the answer starts is waited for as well.
        """
        self.pool.waitForDone(-1)
        while True:
            QCoreApplication.sendPostedEvents(None, QEvent.Type.MetaCall)
            if self.pool.waitForDone(0):
                return
            self.pool.waitForDone(-1)

    def end(self) -> None:
        """Close the village once what runs beside has stopped; for a thread of the desk."""
        self.closed = True
        self._aside.waitForDone()
        self.village.close()

    def close(self) -> None:
        """Let what is queued finish, then close the village.

        The pool goes on the UI thread: left to the garbage collector it may be torn down by a
        thread of the next desk, which crashes.
        """
        self.closed = True
        self.idle(-1)
        self.village.close()
        self.deleteLater()


class Page(QWidget):
    """A screen. The main window opens it, tells it what changed, asks whether it may be left."""

    wanted = Signal(str, object)
    """Another page is asked for: its name and its argument."""
    changed = Signal(Changes)
    """An action of this page touched something."""
    restyled = Signal()
    """Colours or the size of text are other ones now; all pages are to be built again."""
    offered = Signal(str, object)
    """A sentence about something just done, and what takes it back, a call without arguments."""
    said = Signal(str)
    """A sentence for the status line."""

    NAME = ""
    KEYS = ""
    """Key of the sentence of texts.toml that names the keys that matter here."""
    BACK = ""
    """The page that this one is opened from, where Esc leads; empty for a page of the rail."""

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("page")
        self.desk = desk

    def way_back(self) -> QPushButton:
        """Make the button before the heading that leads where Esc does."""
        made = button(text(f"ui.halaman.{self.BACK}"), icon="back", flat=True)
        made.clicked.connect(self._leave)
        return made

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc goes back."""
        if event.key() == Qt.Key.Key_Escape and self.BACK:
            self._leave()
        else:
            super().keyPressEvent(event)

    def _leave(self) -> None:
        self.wanted.emit(self.BACK, None)

    def may(self, right: str) -> bool:
        """Whether the role that is signed in may call an action of desa/rights.py."""
        return rights.may(self.desk.village.role, right)

    def only_for(self, right: str, *widgets: QWidget) -> None:
        """Take away what the role may not do; the header says which role it is."""
        for widget in widgets:
            if not self.may(right):
                widget.hide()
                widget.setEnabled(False)

    def open(self, argument: object = None) -> None:
        """Show what the argument names; called each time the page comes to the front."""

    def place(self) -> object:
        """Return the argument of open() that leads back here after the lock; nothing personal."""
        return None

    def refresh(self, changes: Changes) -> None:
        """Read again what these changes concern."""

    def may_leave(self) -> bool:
        """Whether the page can be left now; it has kept what must be kept before it says yes."""
        return True

    def part(self) -> bool:
        """`may_leave` for the lock, when nobody is there to be asked."""
        return self.may_leave()
