"""Keeps what is typed: a second after the first unsaved key it is on the disk at the latest."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from siks_offline.model import Changes
from siks_offline.ui.moments import clock

if TYPE_CHECKING:
    from collections.abc import Callable

    from siks_offline.desa.village import Village
    from siks_offline.desa.visit import OpenVisit, Written
    from siks_offline.progress import Progress
    from siks_offline.ui.page import Desk

DELAY_MS = 600
"""From the first unsaved key to the write; the rest of the second is the disk's."""


class DraftSaver(QObject):
    """One visit's draft. The timer starts with the first unsaved key and is never put off."""

    saved = Signal(str)
    """What was typed is on the disk, at this time of day."""
    failed = Signal(object)
    changed = Signal(Changes)

    def __init__(self, desk: Desk, visit: OpenVisit, parent: QObject) -> None:
        super().__init__(parent)
        self._desk = desk
        self._visit = visit
        self._typing: tuple[str, str] | None = None
        self._unsaved = False
        self.where: Callable[[], str] = str
        """Tells the path that the caret stands at."""
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(DELAY_MS)
        self._timer.timeout.connect(self.save)

    @property
    def unsaved(self) -> bool:
        """Whether something typed is not yet handed over to be stored."""
        return self._unsaved

    def type(self, path: str, words: str) -> None:
        """Remember a half-typed field."""
        self._typing = (path, words)
        self._begin()

    def answer(self, path: str | None = None) -> None:
        """Remember that an answer changed; the field it came from is no longer half typed."""
        if path is None or (self._typing and self._typing[0] == path):
            self._typing = None
        self._begin()

    def save(self) -> None:
        """Hand everything typed so far to the database thread now."""
        self._timer.stop()
        if not self._unsaved:
            return
        self._unsaved = False
        written = self._visit.snapshot()
        typing = self._typing
        task = self._desk.task(self._work(written, typing))
        task.finished.connect(self._saved)
        task.failed.connect(self._failed)
        self._desk.start(task)

    def leave(self) -> None:
        """Keep what is typed, and note that the person went away in order."""
        self.save()
        household_id = self._visit.line.id

        def work(village: Village, _progress: Progress) -> None:
            from siks_offline.desa import resume

            resume.leave(village, household_id)

        self._desk.start(self._desk.task(work))

    def stop(self) -> None:
        """Save nothing more: the visit is completed or thrown away."""
        self._timer.stop()
        self._unsaved = False

    def _begin(self) -> None:
        self._unsaved = True
        if not self._timer.isActive():
            self._timer.start()

    def _work(
        self, written: Written, typing: tuple[str, str] | None
    ) -> Callable[[Village, Progress], Changes]:
        household_id = self._visit.line.id
        now, here = self._desk.now(), self.where()

        def work(village: Village, _progress: Progress) -> Changes:
            from siks_offline.desa import resume

            return resume.keep(village, household_id, written, typing, here, now)

        return work

    def _saved(self, changes: Changes) -> None:
        self.saved.emit(clock(self._desk.now()))
        if changes != Changes():
            self.changed.emit(changes)

    def _failed(self, error: Exception) -> None:
        self._begin()
        self._timer.stop()  # the next key tries again; the person has been told
        self.failed.emit(error)
