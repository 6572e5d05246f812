"""Keeps personal numbers from staying in the clipboard, where every program reads them."""

from __future__ import annotations

import re
from typing import Final

from PySide6.QtCore import QObject, QTimer
from PySide6.QtGui import QClipboard, QGuiApplication

CLEAR_AFTER_MS: Final = 30_000
_NUMBER = re.compile(r"\d(?:[ .\-]?\d){15}")
"""Sixteen digits, however they are grouped: a NIK or a No KK."""


class ClipboardGuard(QObject):
    """Clears what this program put there: a NIK after half a minute, everything at the lock."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._clipboard = QGuiApplication.clipboard()
        self._ours = ""
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(CLEAR_AFTER_MS)
        self._timer.timeout.connect(self.clear)
        self._clipboard.dataChanged.connect(self._changed)

    def clear(self) -> None:
        """Empty the clipboard if what lies there is ours."""
        self._timer.stop()
        if self._ours and self._clipboard.text() == self._ours:
            self._clipboard.clear(QClipboard.Mode.Clipboard)
        if self._clipboard.supportsSelection() and self._clipboard.ownsSelection():
            self._clipboard.clear(QClipboard.Mode.Selection)
        self._ours = ""

    def _changed(self) -> None:
        # Not every platform says who owns the clipboard; what changes it while our window has the
        # keyboard was copied here.
        here = self._clipboard.ownsClipboard() or QGuiApplication.focusWindow() is not None
        self._ours = self._clipboard.text() if here else ""
        if _NUMBER.search(self._ours):
            self._timer.start()
        else:
            self._timer.stop()
