"""A repeat as a grid: one line an entry, a key that adds a line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, Qt, Signal
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from siks_offline.texts import text
from siks_offline.ui import icons, theme
from siks_offline.ui.plain import PlainLabel, set_style
from siks_offline.ui.question_row import GridCell

if TYPE_CHECKING:
    from PySide6.QtGui import QKeyEvent, QResizeEvent

    from siks_offline.instrument.engine import FormState
    from siks_offline.ui.layout import Grid, Row

LONG = frozenset({"text", "geopoint", "image", "file"})
STRETCH = {"date": (2, 112), "select_one": (4, 52), "integer": (1, 44), "decimal": (2, 60)}
"""Question type -> share of the room, least width."""
OTHER, NUMBER, WORDS = (2, 48), (0, 164), 8
"""The same of every other type, of sixteen digits; the share of words."""
REST = 2
"""What stays empty where no column holds words."""
LEAST_NAME, LONG_NAME = 90, 150
ROOMY = 760
"""Width from which others than words share the room: below it, names would be cut."""


class AddButton(QPushButton):
    """Adds a line by Enter, or by the first key typed into it; Tab and Down go on."""

    stepped = Signal(int)

    def __init__(self, words: str, parent: QWidget) -> None:
        super().__init__(words, parent)
        self.setIcon(icons.icon("add"))
        self.setAutoDefault(False)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter presses the button, Down and Up walk, a character begins the new line."""
        key = event.key()
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
        elif key in (Qt.Key.Key_Down, Qt.Key.Key_Up):
            self.stepped.emit(1 if key == Qt.Key.Key_Down else -1)
        elif event.text().strip() and event.text().isprintable():
            self.click()
            line = self.window().focusWidget()
            if isinstance(line, QLineEdit):
                QCoreApplication.sendEvent(line, event)
        else:
            super().keyPressEvent(event)

    def focusNextPrevChild(self, forward: bool) -> bool:
        """Tab walks on."""
        self.stepped.emit(1 if forward else -1)
        return True


class GridView(QFrame):
    """Lines are made once and shown or hidden as entries come and go."""

    made = Signal(object)
    """A GridCell was made; whoever moves the caret wants to know."""
    wanted_entry = Signal(str)
    """Another entry is wanted in the repeat of this path."""

    def __init__(
        self, grid: Grid, state: FormState, prefix: str = "", parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.grid = grid
        self.prefix = prefix
        """The member that the repeat belongs to ("anggota[2]."), "" for the household's."""
        self._state = state
        self.lines: list[list[GridCell]] = []
        self._numbers: list[PlainLabel] = []
        self.add = AddButton(text("ui.kunjungan.tambah_baris"), self)
        self.add.setAccessibleName(text("ui.kunjungan.tambah_pada", daftar=grid.words))
        self.add.clicked.connect(self._add)
        self.note = PlainLabel(wrap=True, face="small")
        self.note.setObjectName("faultNote")
        self.note.hide()
        self._cells = QGridLayout()
        self._cells.setContentsMargins(0, 0, 0, 0)
        self._cells.setHorizontalSpacing(theme.STEP // 2)
        self._cells.setVerticalSpacing(3)
        self._cells.setColumnMinimumWidth(0, 26)
        self._shares: list[int] = []
        for at, row in enumerate(grid.columns, 1):
            share, least = self._room(row)
            self._shares.append(share)
            self._cells.setColumnMinimumWidth(at, theme.px(least))
            heading = PlainLabel(
                self._heading(row), self, tone="secondary", wrap=True, face="small"
            )
            heading.setAlignment(Qt.AlignmentFlag.AlignBottom | Qt.AlignmentFlag.AlignLeft)
            self._cells.addWidget(heading, 0, at)
        if WORDS not in self._shares:  # else the one digit of a count would take all the room
            self._cells.setColumnStretch(len(self._shares) + 1, REST)
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.STEP, theme.STEP // 2, theme.STEP, theme.STEP)
        column.setSpacing(theme.STEP // 2)
        column.addLayout(self._cells)
        column.addWidget(self.note)
        column.addWidget(self.add, 0, Qt.AlignmentFlag.AlignLeft)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave the room to the names where there is little."""
        super().resizeEvent(event)
        roomy = self.width() >= theme.px(ROOMY)
        for at, share in enumerate(self._shares, 1):
            # Not 0: a column without a share takes what its heading would like to have.
            little = 100 if share == WORDS else min(share, 1)
            self._cells.setColumnStretch(at, share if roomy else little)

    @property
    def path(self) -> str:
        """Path of the repeat that is shown."""
        return self.prefix + self.grid.repeat

    def bind(self, prefix: str) -> None:
        """Belong to a member of the repeat around this one, or to the household ("")."""
        self.prefix = prefix

    def fill(self, state: FormState) -> None:
        """Belong to another household from now on."""
        self._state = state

    def grow(self) -> bool:
        """Make one line more, hidden, if there are fewer than entries; False when all are there."""
        if len(self.lines) >= self._state.count(self.path):
            return False
        self._make_line()
        for cell in self.lines[-1]:
            cell.editor.ensurePolished()
        return True

    def restructure(self) -> None:
        """Show as many lines as the repeat has entries, and the key that adds one if it may.

        Where another answer says how many there are nobody adds any; what is wrong with that
        answer as a count is said here, for it concerns the repeat as a whole.
        """
        path = self.path
        asked = self._state.relevant(path)
        self.setEnabled(asked)
        self.add.setVisible(not self._state.counted(path))
        self.show_note("")
        count = self._state.count(path)
        while len(self.lines) < count:
            self._make_line()
        for number, line in enumerate(self.lines, 1):
            shown = number <= count
            self._numbers[number - 1].setVisible(shown)
            for cell in line:
                cell.editor.setVisible(shown)
                if shown:
                    cell.bind(f"{path}[{number}].")
                    cell.refresh(self._state)

    def cells(self) -> list[GridCell]:
        """Return the cells of the entries there are, line by line."""
        count = self._state.count(self.path)
        return [cell for line in self.lines[:count] for cell in line]

    def below(self, cell: GridCell, step: int) -> GridCell | None:
        """Return the cell above or below in the same column, if there is a line."""
        count = self._state.count(self.path)
        for number, line in enumerate(self.lines[:count]):
            if cell in line:
                other = number + step
                return self.lines[other][line.index(cell)] if 0 <= other < count else None
        return None

    def show_note(self, complaint: str) -> None:
        """Say what is wrong with the cell that the caret is in, else with the repeat as a whole."""
        if not complaint:
            issue = self._state.issue(self.path) if self._state.relevant(self.path) else None
            complaint = issue.message if issue is not None else ""
        self.note.setText(complaint)
        self.note.setVisible(bool(complaint))

    def set_here(self, number: int) -> None:
        """Mark the line that the caret is in; 0 for none."""
        for at, label in enumerate(self._numbers, 1):
            set_style(label, "tone", "accent" if at == number else "secondary")

    def _make_line(self) -> None:
        number = len(self.lines) + 1
        label = PlainLabel(str(number), self, tone="secondary", face="strong")
        self._numbers.append(label)
        self._cells.addWidget(label, number, 0)
        line = []
        for at, row in enumerate(self.grid.columns, 1):
            cell = GridCell(row, self)
            cell.editor.setAccessibleName(
                text("ui.kunjungan.sel", tanya=self._heading(row), nomor=number)
            )
            self._cells.addWidget(cell.editor, number, at)
            line.append(cell)
            self.made.emit(cell)
        self.lines.append(line)

    @staticmethod
    def _room(row: Row) -> tuple[int, int]:
        """Return a column's share of the room, and the least width it must have."""
        if row.question.digits and row.type == "text":
            return NUMBER
        if row.type in LONG:
            # In large text the roster moves sideways anyway (Screen): names stay whole.
            return WORDS, LONG_NAME if theme.scale > 1 else LEAST_NAME
        return STRETCH.get(row.type, OTHER)

    @staticmethod
    def _heading(row: Row) -> str:
        words = f"{row.number} {row.label}".strip() if row.number else row.label
        return f"{words} ({row.unit})" if row.unit else words

    def _add(self) -> None:
        self.wanted_entry.emit(self.path)
