"""Widgets that show words as they are: a name holding markup stays a name."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QFrame, QLabel, QPushButton, QSizePolicy, QWidget

from siks_offline.ui import theme


def literal(text: str) -> str:
    """Text for a button, an action or a label with a buddy, where `&` marks a key."""
    return text.replace("&", "&&")


TIP_LETTERS = 1000


def tip(words: str) -> str:
    """Return the tooltip that shows words as they are; a tip of plain words guesses at markup.

    All marks are escaped and the whole is declared markup, so Qt wraps long words as well. What
    is longer than TIP_LETTERS is cut.
    """
    from html import escape

    if not words:
        return ""
    shown = words if len(words) <= TIP_LETTERS else words[:TIP_LETTERS] + "…"
    return f"<span>{escape(shown)}</span>"


class PlainLabel(QLabel):
    """A label that never reads markup.

    Tones are roles of the theme: secondary, skipped, done, fault, confirm, accent.
    """

    def __init__(
        self,
        text: str = "",
        parent: QWidget | None = None,
        *,
        tone: str = "",
        wrap: bool = False,
        face: str = "body",
    ) -> None:
        super().__init__(parent)
        # By name, for the sign-in page is painted before `Qt` is imported (sign_in_page).
        self.setProperty("textFormat", "PlainText")
        self.setProperty("textInteractionFlags", "NoTextInteraction")
        self.setWordWrap(wrap)
        if face != "body":
            self.setFont(getattr(theme, face)())
        if tone:
            self.setProperty("tone", tone)
        self.setText(text)

    def set_tone(self, tone: str) -> None:
        """Give the label another role of the theme."""
        set_style(self, "tone", tone)


def set_style(widget: QWidget, name: str, value: Any) -> None:
    """Set a property that the style sheet asks for, and let the style look again."""
    if (widget.property(name) or None) == (value or None):
        return  # polishing is what costs: a property never set is as good as an empty one
    widget.setProperty(name, value)
    widget.style().unpolish(widget)
    widget.style().polish(widget)


def button(
    text: str, *, icon: str = "", primary: bool = False, flat: bool = False, large: bool = False
) -> QPushButton:
    """Make a push button. The `&` of our own texts marks its key; pass other words by literal()."""
    made = QPushButton(text)
    made.setAutoDefault(False)
    made.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
    if primary:
        made.setProperty("primary", True)
        made.setFont(theme.strong())
    if flat:
        made.setProperty("flat", True)
    if large:
        made.setProperty("large", True)
        made.setFont(theme.font(13, 600))
    if icon:
        from siks_offline.ui import icons

        tone = theme.colours.on_accent if primary else theme.colours.text
        made.setIcon(icons.icon(icon, tone))
        made.setIconSize(QSize(22, 22) if large else QSize(18, 18))
    return made


def rule() -> QFrame:
    """Make a thin line between two parts of a page."""
    line = QFrame()
    line.setObjectName("rule")
    return line


def card() -> QFrame:
    """Make a sheet of white paper on the ground."""
    made = QFrame()
    made.setObjectName("card")
    return made
