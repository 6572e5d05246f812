"""One screen of the form: the rows of a section or of a person, built once."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QScrollArea, QVBoxLayout, QWidget

from siks_offline.ui import suggestions, theme
from siks_offline.ui.grid_view import AddButton, GridView
from siks_offline.ui.layout import Grid, Heading, Row
from siks_offline.ui.plain import PlainLabel
from siks_offline.ui.question_row import Answer, GridCell, QuestionRow

if TYPE_CHECKING:
    from collections.abc import Sequence

    from siks_offline.instrument.engine import Effects, FormState
    from siks_offline.ui.layout import Item

Stop: TypeAlias = Answer | AddButton
"""Where the caret can stand."""


class Screen(QScrollArea):
    """Rows, headings and grids of one place in the form, for the household or one person."""

    made = Signal(object)
    """An Answer was made."""
    wanted_entry = Signal(str)
    wanted_step = Signal(int)

    def __init__(
        self,
        title: str,
        items: Sequence[Item],
        state: FormState,
        locked: frozenset[str],
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        self.setWidgetResizable(True)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        if theme.scale <= 1:  # large text may need more width than there is: a roster then moves
            self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._state = state
        self._locked = locked
        self._strict = False
        self.stale = True
        self.prefix = ""
        self.rows: dict[str, QuestionRow] = {}
        self.grids: dict[str, GridView] = {}
        self._order: list[QuestionRow | GridView] = []
        self.body = QWidget(self)
        self.body.setObjectName("surface")
        self._column = QVBoxLayout(self.body)
        self._column.setContentsMargins(theme.STEP // 2, theme.STEP, theme.STEP, 2 * theme.STEP)
        self._column.setSpacing(0)
        self.title = PlainLabel(title, face="title", wrap=True)
        self.title.setContentsMargins(theme.STEP + 3, 0, 0, theme.STEP // 2)
        self._column.addWidget(self.title)
        self._items = items
        # Parents before children: a tree that is moved as a whole is styled a second time.
        self.setWidget(self.body)

    def build(self) -> None:
        """Make the rows; `made` tells of each before it is shown."""
        for item in self._items:
            if isinstance(item, Heading):
                words = PlainLabel(item.words, face="strong", wrap=True)
                words.setContentsMargins(theme.STEP + 3, theme.STEP + 4, 0, 2)
                self._column.addWidget(words)
            elif isinstance(item, Row):
                row = QuestionRow(item, self.body)
                row.locked = item.name in self._locked
                self.rows[item.name] = row
                self._order.append(row)
                self._column.addWidget(row.frame)
                self.made.emit(row)
            else:
                self._add_grid(item)
        self._column.addStretch(1)

    def bind(self, prefix: str) -> None:
        """Belong to a person ("anggota[2].") or to the household ("")."""
        if prefix != self.prefix or self.stale:
            self.prefix = prefix
            for row in self.rows.values():
                row.bind(prefix)
            for grid in self.grids.values():
                grid.bind(prefix)
            self.refresh()

    def refresh(self) -> None:
        """Show everything as the state has it."""
        self.stale = False
        self.body.setUpdatesEnabled(False)
        for row in self.rows.values():
            row.refresh(self._state)
        for grid in self.grids.values():
            grid.restructure()
        self.body.setUpdatesEnabled(True)

    def apply(self, effects: Effects, typing: Answer | None) -> None:
        """Show what one change moved; the row being typed keeps its text.

        Skipped rows look again too: why they are skipped may be another question's doing now.
        """
        touched = effects.values | effects.relevance | effects.issues | effects.looks
        touched |= suggestions.followers(effects.values)
        for row in self.rows.values():
            if row.path in touched or (effects.values and not self._state.relevant(row.path)):
                row.refresh(self._state, typing=row is typing)
        anew = effects.structure | effects.relevance | effects.issues
        for grid in self.grids.values():
            if grid.path in anew:
                grid.restructure()
                continue
            for cell in grid.cells():
                if cell.path in touched:
                    cell.refresh(self._state, typing=cell is typing)

    def set_strict(self, strict: bool) -> None:
        """Say from now on also of empty answers that they are wanted."""
        self._strict = strict
        for row in self.rows.values():
            row.strict = strict
        for grid in self.grids.values():
            for line in grid.lines:
                for cell in line:
                    cell.strict = strict
        self.stale = True

    def stops(self) -> list[Stop]:
        """Return where the caret can stand now, in the order of the eye."""
        found: list[Stop] = []
        for one in self._order:
            if isinstance(one, QuestionRow):
                if one.may_be_typed(self._state):
                    found.append(one)
            elif one.isEnabled():
                found.extend(c for c in one.cells() if c.may_be_typed(self._state))
                if not self._state.counted(one.path):
                    found.append(one.add)
        return found

    def answer_at(self, path: str) -> Answer | None:
        """Return the row or cell of a path."""
        for row in self.rows.values():
            if row.path == path:
                return row
        for grid in self.grids.values():
            for cell in grid.cells():
                if cell.path == path:
                    return cell
        return None

    def grid_of(self, cell: Answer) -> GridView | None:
        """Return the grid that a cell lies in."""
        if isinstance(cell, GridCell):
            for grid in self.grids.values():
                if any(cell in line for line in grid.lines):
                    return grid
        return None

    def mark(self, answer: Answer, here: bool) -> None:
        """Mark the row or line that the caret is in, and see that it is on the screen."""
        if isinstance(answer, QuestionRow):
            answer.set_here(here)
            if here:
                self.ensureWidgetVisible(answer.frame, 0, 3 * theme.ROW)
            return
        grid = self.grid_of(answer)
        if grid is None:
            return
        number = next((n for n, line in enumerate(grid.lines, 1) if answer in line), 0)
        grid.set_here(number if here else 0)
        said = (answer.complaint(self._state), answer.remarks.get(answer.path, ""))
        grid.show_note("\n".join(filter(None, said)) if here else "")
        if here:
            self.ensureWidgetVisible(answer.editor, 0, 2 * theme.ROW)

    def _add_grid(self, item: Grid) -> None:
        if item.words and not self.title.text().endswith(item.words):
            words = PlainLabel(item.words, face="strong", wrap=True)
            words.setContentsMargins(theme.STEP + 3, theme.STEP + 4, 0, 0)
            self._column.addWidget(words)
        grid = GridView(item, self._state, self.prefix, self.body)
        grid.made.connect(self._made)
        for line in grid.lines:
            for cell in line:
                self._made(cell)
        grid.wanted_entry.connect(self.wanted_entry)
        grid.add.stepped.connect(self.wanted_step)
        self.grids[item.repeat] = grid
        self._order.append(grid)
        self._column.addWidget(grid)

    def _made(self, cell: GridCell) -> None:
        cell.strict = self._strict
        cell.locked = cell.row.name in self._locked
        self.made.emit(cell)
