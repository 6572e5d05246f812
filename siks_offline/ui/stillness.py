"""Keeps a window as it was painted last while the next thing to show is being made ready."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QEvent, QObject, QTimer

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

PATIENCE_MS = 200
"""How long a window may stand still before it is painted without what it waits for."""


class Stillness(QObject):
    """Swallows a window's requests to be painted; all it has missed is painted at the end.

    Not QWidget.setUpdatesEnabled: that walks through every widget of the page, twice.
    """

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._window: QWidget | None = None
        self._patience = QTimer(self)
        self._patience.setSingleShot(True)
        self._patience.setInterval(PATIENCE_MS)
        self._patience.timeout.connect(self.end)

    def begin(self, window: QWidget) -> None:
        """Keep a window still from now on, for a while at most."""
        if self._window is None:
            self._window = window
            window.installEventFilter(self)
        self._patience.start()

    def end(self) -> None:
        """Let the window be painted again; harmless when it is not kept still."""
        window, self._window = self._window, None
        self._patience.stop()
        if window is not None:
            window.removeEventFilter(self)
            QCoreApplication.postEvent(window, QEvent(QEvent.Type.UpdateRequest))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Hold a request to paint back."""
        del watched
        return event.type() == QEvent.Type.UpdateRequest
