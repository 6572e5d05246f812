"""One function off the UI thread, with progress and a way to stop it."""

from __future__ import annotations

import logging
from threading import Event
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QThreadPool, Signal

from siks_offline.errors import Cancelled, SiksError

if TYPE_CHECKING:
    from collections.abc import Callable

    from siks_offline.progress import Progress

log = logging.getLogger(__name__)

_running: set[Task] = set()
"""Tasks whose last signal is still on its way: nobody else may hold them that long."""


class Task(QObject):
    """Work that takes a Progress and runs on a pool; its signals arrive on the UI thread.

    Exactly one of finished, failed and cancelled is emitted, once, and last. It has no parent and
    so outlives the page that started it: a page that is gone simply no longer listens. Connect the
    signals to methods of QObjects; a lambda over a widget would keep a dead widget alive.
    """

    progressed = Signal(int, int)
    finished = Signal(object)
    failed = Signal(object)
    cancelled = Signal()
    _ended = Signal()

    def __init__(self, work: Callable[[Progress], Any]) -> None:
        from PySide6.QtCore import Qt

        super().__init__()
        self._work = work
        self._stop = Event()
        self._ended.connect(self._forget, Qt.ConnectionType.QueuedConnection)

    def start(self, pool: QThreadPool | None = None) -> None:
        """Hand the work to the pool (the global one when none is named) and return at once."""
        _running.add(self)
        # Not a QRunnable of ours: the pool deletes it behind the back of its Python object, which
        # then answers for whatever Qt puts at the same address next.
        (pool or QThreadPool.globalInstance()).start(self._run)

    def cancel(self) -> None:
        """Ask the work to stop at its next report; whether it still can is the work's to say."""
        self._stop.set()

    def _report(self, done: int, total: int) -> None:
        if self._stop.is_set():
            raise Cancelled
        self.progressed.emit(done, total)

    def _run(self) -> None:
        try:
            result = self._work(self._report)
        except Cancelled:
            self.cancelled.emit()
        except SiksError as error:
            self.failed.emit(error)
        except Exception as error:
            log.exception("A task failed")
            self.failed.emit(error)
        else:
            self.finished.emit(result)
        finally:
            self._ended.emit()

    def _forget(self) -> None:
        _running.discard(self)
