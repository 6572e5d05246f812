"""A line for typing that leaves the window's own keys to the window."""

from __future__ import annotations

from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QLineEdit

WINDOW_KEYS = frozenset("BEFGKLNRSY/")
"""Letters that mean something to the window together with Ctrl (`main_window`, `visit_keys`)."""


class Line(QLineEdit):
    """A QLineEdit that does not claim Ctrl+E and its like.

    Where Qt follows the habits of X11, a line takes Ctrl+E for "end of line" before any shortcut
    sees it, and the operator's export key would do nothing.
    """

    def event(self, event: QEvent) -> bool:
        """Leave the window's keys alone when Qt asks who wants them."""
        if event.type() == QEvent.Type.ShortcutOverride:
            from PySide6.QtCore import Qt
            from PySide6.QtGui import QKeyEvent

            assert isinstance(event, QKeyEvent)
            held = event.modifiers() == Qt.KeyboardModifier.ControlModifier
            if held and chr(min(event.key(), 0x10FFFF)) in WINDOW_KEYS:
                event.ignore()
                return False
        return super().event(event)
