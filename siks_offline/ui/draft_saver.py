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

    Work = Callable[[Village, Progress], Changes]

DELAY_MS = 400
"""From the first unsaved key to the write; the rest of the second is the disk's."""


class DraftSaver(QObject):
    """One visit's draft. The timer starts with the first unsaved key and is never put off."""

    saved = Signal(str)
    """What was typed is on the disk, at this time of day."""
    failed = Signal(object)
    stranded = Signal(object)
    """The person has left, and what this saver holds could not be kept; `again` tries anew."""
    changed = Signal(Changes)

    def __init__(self, desk: Desk, visit: OpenVisit, parent: QObject) -> None:
        super().__init__(parent)
        self._desk = desk
        self._visit: OpenVisit | None = visit
        self._typing: tuple[str, str] | None = None
        self._unsaved = False
        self._work: Work | None = None
        """What was handed over last; none once it is kept."""
        self._pending = 0
        self._left = False
        """Whether the person went away since the last key."""
        self.household_id = visit.line.id
        self.trouble: Exception | None = None
        """Why what was typed last is not kept."""
        self.may_go = False
        """Whether the person agreed that what cannot be kept is lost."""
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
        if not self._unsaved or self._visit is None:
            return
        self._unsaved = False
        self._work = self._keeping(self._visit.snapshot(), self._typing)
        self.again()

    def again(self) -> None:
        """Hand over once more what could not be kept."""
        if self._work is None:
            return
        self._pending += 1
        task = self._desk.task(self._work)
        task.finished.connect(self._saved)
        task.failed.connect(self._failed)
        self._desk.start(task)

    def leave(self) -> None:
        """Keep what is typed, and note that the person went away in order."""
        self._left = True
        self.save()
        household_id = self.household_id

        def work(village: Village, _progress: Progress) -> None:
            from siks_offline.desa import resume

            resume.leave(village, household_id)

        self._desk.start(self._desk.task(work))

    def end(self) -> None:
        """Leave for good: go when what is typed is on the disk, say so when it cannot be."""
        self.leave()
        self._visit = None
        if self._work is None:
            self.deleteLater()

    def give_up(self) -> None:
        """Let go of what could not be kept; the person has been asked."""
        self._work = self.trouble = None
        self._unsaved = False
        if self._visit is None:
            self.deleteLater()

    def stop(self) -> None:
        """Save nothing more: the visit is completed or thrown away."""
        self._timer.stop()
        self._unsaved = False
        self._work = self.trouble = None

    def _begin(self) -> None:
        self._unsaved = True
        self._left = self.may_go = False
        if not self._timer.isActive():
            self._timer.start()

    def _keeping(self, written: Written, typing: tuple[str, str] | None) -> Work:
        household_id = self.household_id
        now, here = self._desk.now(), self.where()

        def work(village: Village, _progress: Progress) -> Changes:
            from siks_offline.desa import resume

            return resume.keep(village, household_id, written, typing, here, now)

        return work

    def _saved(self, changes: Changes) -> None:
        self._pending -= 1
        if changes != Changes():
            self.changed.emit(changes)
        if self._pending:
            return  # not all that was typed is on the disk yet
        self.trouble = self._work = None
        if self._visit is not None:
            self.saved.emit(clock(self._desk.now()))
        else:
            self.deleteLater()

    def _failed(self, error: Exception) -> None:
        self._pending -= 1
        self.trouble = error
        if self._visit is not None and not self._left:
            self._unsaved = True  # the next key tries again
            self.failed.emit(error)
        elif self._pending == 0 and (self.may_go or self._desk.closed):
            self.give_up()
        elif self._pending == 0:
            self.stranded.emit(self)
