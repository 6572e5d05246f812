"""Keeps copies of the village while people work: after sign-in, every half hour, after an export.

It works beside the desk, so nobody waits for it; what stops it goes to the log, and Beranda shows
how old the newest copy is.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, QTimer, Signal

from siks_offline.errors import SiksError
from siks_offline.model import Changes

if TYPE_CHECKING:
    from siks_offline.desa.copies import Why
    from siks_offline.desa.village import Village
    from siks_offline.progress import Progress
    from siks_offline.ui.page import Desk
    from siks_offline.ui.task import Task

AFTER_FIRST_PAGE_MS: Final = 3_000
EVERY_MS: Final = 30 * 60_000

log = logging.getLogger(__name__)


class Keeper(QObject):
    """One for each open village; it goes with the desk."""

    changed = Signal(Changes)
    """A copy was made: pages that tell its age read again."""
    damaged = Signal()
    """The file turned out to be damaged."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._desk = desk
        self._begun = False
        self._task: Task | None = None
        self._timer = QTimer(self)
        self._timer.setInterval(EVERY_MS)
        self._timer.timeout.connect(self._every)

    def begin(self) -> None:
        """Start once the first page has been on the screen for a while."""
        if not self._begun:
            self._begun = True
            self._timer.start()
            QTimer.singleShot(AFTER_FIRST_PAGE_MS, self, self.sign_in)

    def sign_in(self) -> None:
        """Count the day, let go of what lay in the bin long enough, copy, check now and then."""
        now = self._desk.now()

        def work(village: Village, progress: Progress) -> bool:
            from siks_offline.desa import checkup, copies, retention, wastebin

            wastebin.tidy(village, now)
            retention.sweep(village, now)
            made = copies.keep(village, "masuk", now, progress)
            if checkup.look(village, progress):
                from siks_offline.errors import StoreError

                raise StoreError("E_DB_DAMAGED", nama="app.db")
            return made is not None

        self._start(self._desk.task(work))

    def refresh(self, changes: Changes) -> None:
        """Copy after something left for the office."""
        if changes.handover and self._begun:
            self._keep("ekspor")

    def _every(self) -> None:
        self._keep("berkala")

    def _keep(self, why: Why) -> None:
        if self._task is not None:
            return
        now = self._desk.now()

        def work(village: Village, progress: Progress) -> bool:
            from siks_offline.desa import copies

            if why == "ekspor" and not copies.exported_since(village):
                return False
            return copies.keep(village, why, now, progress) is not None

        self._start(self._desk.task(work))

    def _start(self, task: Task) -> None:
        task.finished.connect(self._kept)
        task.failed.connect(self._failed)
        task.cancelled.connect(self._ended)
        self._task = self._desk.beside(task)

    def _kept(self, made: bool) -> None:
        self._ended()
        if made:
            self.changed.emit(Changes(accounts=True))

    def _failed(self, error: Exception) -> None:
        self._ended()
        code = error.code if isinstance(error, SiksError) else type(error).__name__
        log.warning("No copy was kept: %s", code)
        if code == "E_DB_DAMAGED":
            self.damaged.emit()

    def _ended(self) -> None:
        self._task = None
