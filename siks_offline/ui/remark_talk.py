"""Asks for a few words about one question: a note, or what is to be put right."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QDialog

from siks_offline.texts import text
from siks_offline.ui import theme
from siks_offline.ui.dialogs import Talk
from siks_offline.ui.line import Line

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

LONGEST = 300


class RemarkTalk(Talk):
    """One line of words; Enter keeps them, Esc keeps nothing."""

    def __init__(self, parent: QWidget | None, heading: str, question: str, keep: str) -> None:
        super().__init__(parent, heading, question, icon="comment")
        self.line = Line()
        self.line.setFont(theme.entry())
        self.line.setMaxLength(LONGEST)
        self.line.setAccessibleName(heading)
        self.words.addWidget(self.line)
        self.add_button(text("ui.dialog.batal"), 0)
        self.add_button(keep, 1, primary=True)
        self.line.setFocus()

    def _yes(self) -> None:
        if self.line.text().strip():
            self.accept()
        else:
            self.line.setFocus()


def ask(parent: QWidget | None, heading: str, question: str, keep: str) -> str:
    """Return the words; "" when the person thinks again."""
    talk = RemarkTalk(parent, heading, question, keep)
    if talk.exec() != QDialog.DialogCode.Accepted:
        return ""
    return " ".join(talk.line.text().split())
