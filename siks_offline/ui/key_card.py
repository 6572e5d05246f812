"""Two short talks about keys: all of them on one card, and the number of a question to go to."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QFileDialog, QGridLayout, QScrollArea, QWidget

from siks_offline.texts import text
from siks_offline.ui import dialogs, theme
from siks_offline.ui.dialogs import Talk
from siks_offline.ui.line import Line
from siks_offline.ui.plain import PlainLabel, button

if TYPE_CHECKING:
    from siks_offline.desa.village import Village
    from siks_offline.progress import Progress
    from siks_offline.ui.page import Desk

COLUMNS = 2
WIDEST = 1_080
TALLEST, LEAST, AROUND = 550, 240, 110
"""Height where no window tells, the least of the list, what stands above and below it."""


class KeyCard(Talk):
    """Every key with what it does; it can be printed as a PDF."""

    def __init__(self, parent: QWidget | None, desk: Desk | None = None) -> None:
        super().__init__(parent, text("ui.kartu.judul"))
        self._desk = desk
        self.setMaximumWidth(WIDEST)
        lines = [line.partition("|") for line in text("ui.kartu.isi").splitlines() if line.strip()]
        rows = -(-len(lines) // (1 if theme.scale > theme.ROOMY else COLUMNS))
        grid = QGridLayout()
        grid.setHorizontalSpacing(2 * theme.STEP)
        grid.setVerticalSpacing(2)
        for at, (key, _, does) in enumerate(lines):
            column, row = divmod(at, rows)
            pair = (PlainLabel(key.strip(), face="strong"), PlainLabel(does.strip()))
            for side, label in enumerate(pair):
                label.setMinimumWidth(label.sizeHint().width())
                grid.addWidget(label, row, 2 * column + side)
        body = QWidget()
        body.setObjectName("ground")
        body.setLayout(grid)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidget(body)
        room = (parent.window().height() if parent is not None else TALLEST) - theme.px(AROUND)
        area.setFixedHeight(min(grid.sizeHint().height() + 2 * theme.STEP, max(room, LEAST)))
        self.words.addWidget(area)
        beside = 28 + 12 * theme.STEP  # the picture, the margins round all, a bar to scroll
        self.setMinimumWidth(min(WIDEST, grid.sizeHint().width() + beside))
        self.paper = button(text("ui.kartu.cetak"))
        if desk is None:
            self.paper.hide()
        self.paper.clicked.connect(self._choose_place)
        self.buttons.addWidget(self.paper)
        self.add_button(text("ui.dialog.tutup"), 1, primary=True)

    def write(self, path: Path) -> None:
        """Write the card to a file, off the UI thread."""
        assert self._desk is not None

        def work(_village: Village, _progress: Progress) -> str:
            from siks_offline.export import key_card_paper

            return key_card_paper.write(path)

        task = self._desk.task(work)
        task.finished.connect(self._written)
        task.failed.connect(self._failed)
        self._desk.start(task)

    def _choose_place(self) -> None:
        name, _ = QFileDialog.getSaveFileName(
            self, text("ui.kartu.simpan"), text("ui.kartu.nama_berkas"), text("ui.kartu.jenis")
        )
        if name:
            self.write(Path(name))

    def _written(self, _sha256: str) -> None:
        self.detail.setText(text("ui.kartu.tersimpan"))
        self.detail.show()

    def _failed(self, error: Exception) -> None:
        dialogs.say(self, error)


class NumberTalk(Talk):
    """Asks for the number of a question as the paper has it."""

    def __init__(self, parent: QWidget | None) -> None:
        super().__init__(parent, text("ui.kartu.nomor"), text("ui.kartu.nomor_bantuan"))
        self.number = Line()
        self.number.setFont(theme.entry())
        self.number.setAccessibleName(text("ui.kartu.nomor"))
        self.words.addWidget(self.number)
        self.add_button(text("ui.dialog.batal"), 0)
        self.add_button(text("ui.kartu.buka"), 1, primary=True)
        self.number.setFocus()


def show_keys(parent: QWidget | None, desk: Desk | None = None) -> None:
    """Show the card until it is closed."""
    KeyCard(parent, desk).exec()


def ask_number(parent: QWidget | None) -> str:
    """Ask for a question's number; "" when the person thinks again."""
    talk = NumberTalk(parent)
    return talk.number.text() if talk.exec() == QDialog.DialogCode.Accepted else ""
