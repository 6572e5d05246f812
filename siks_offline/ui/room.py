"""Widgets that take the room they are given and ask nobody for more.

Qt asks every wrapped label on every page behind a stack how high it would like to be, each time
anything moves: with a form of 300 questions that is a fifth of the time to open a household.
"""

from __future__ import annotations

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QStackedWidget


class Content:
    """Goes before a widget class: the layout around it gives it what is left, unasked."""

    def hasHeightForWidth(self) -> bool:
        """Say that the height does not follow the width."""
        return False

    def sizeHint(self) -> QSize:
        """Wish for nothing."""
        return QSize(0, 0)

    def minimumSizeHint(self) -> QSize:
        """Need nothing."""
        return QSize(0, 0)


class Stack(Content, QStackedWidget):
    """Pages of which one is in front."""
