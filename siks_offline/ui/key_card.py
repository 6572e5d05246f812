"""Two short talks about keys: all of them on one card, and the number of a question to go to."""

from __future__ import annotations

from PySide6.QtWidgets import QDialog, QGridLayout, QLineEdit, QWidget

from siks_offline.texts import text
from siks_offline.ui import theme
from siks_offline.ui.dialogs import Talk
from siks_offline.ui.plain import PlainLabel

COLUMNS = 2
WIDEST = 1_080


class KeyCard(Talk):
    """Every key with what it does."""

    def __init__(self, parent: QWidget | None) -> None:
        super().__init__(parent, text("ui.kartu.judul"))
        self.setMaximumWidth(WIDEST)
        lines = [line.partition("|") for line in text("ui.kartu.isi").splitlines() if line.strip()]
        rows = -(-len(lines) // COLUMNS)
        grid = QGridLayout()
        grid.setHorizontalSpacing(2 * theme.STEP)
        grid.setVerticalSpacing(theme.STEP // 2)
        for at, (key, _, does) in enumerate(lines):
            column, row = divmod(at, rows)
            pair = (PlainLabel(key.strip(), face="strong"), PlainLabel(does.strip()))
            for side, label in enumerate(pair):
                label.setMinimumWidth(label.sizeHint().width())
                grid.addWidget(label, row, 2 * column + side)
        self.words.addLayout(grid)
        beside = 28 + 8 * theme.STEP  # the picture, and the margins round all
        self.setMinimumWidth(min(WIDEST, grid.sizeHint().width() + beside))
        self.add_button(text("ui.dialog.tutup"), 1, primary=True)


class NumberTalk(Talk):
    """Asks for the number of a question as the paper has it."""

    def __init__(self, parent: QWidget | None) -> None:
        super().__init__(parent, text("ui.kartu.nomor"), text("ui.kartu.nomor_bantuan"))
        self.number = QLineEdit()
        self.number.setFont(theme.entry())
        self.number.setAccessibleName(text("ui.kartu.nomor"))
        self.words.addWidget(self.number)
        self.add_button(text("ui.dialog.batal"), 0)
        self.add_button(text("ui.kartu.buka"), 1, primary=True)
        self.number.setFocus()


def show_keys(parent: QWidget | None) -> None:
    """Show the card until it is closed."""
    KeyCard(parent).exec()


def ask_number(parent: QWidget | None) -> str:
    """Ask for a question's number; "" when the person thinks again."""
    talk = NumberTalk(parent)
    return talk.number.text() if talk.exec() == QDialog.DialogCode.Accepted else ""
