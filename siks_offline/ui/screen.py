"""One screen of the form: the rows of a section or of a person, built once."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QScrollArea, QVBoxLayout, QWidget

from siks_offline.instrument.effects import Effects
from siks_offline.ui import suggestions, theme
from siks_offline.ui.grid_view import AddButton, GridView
from siks_offline.ui.layout import Grid, Heading, Row
from siks_offline.ui.plain import PlainLabel
from siks_offline.ui.question_row import Answer, GridCell, QuestionRow

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from siks_offline.instrument.engine import FormState
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
        """Whether everything is to be looked at again before it is shown."""
        self._missed = Effects()
        """What moved while another screen was in front."""
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
        self._parts = self._build(items)
        self.built = False
        """Whether all rows and lines are there."""
        # Parents before children: a tree that is moved as a whole is styled a second time.
        self.setWidget(self.body)

    def build(self) -> None:
        """Make what is not made yet; `made` tells of each answer before it is shown."""
        while self.build_more():
            pass

    def build_more(self) -> bool:
        """Make one row more, or one line of a grid; False when all is there."""
        return next(self._parts, False)

    def point(self, prefix: str) -> None:
        """Belong to a person from now on, without looking at them yet."""
        self.prefix = prefix
        for grid in self.grids.values():
            grid.bind(prefix)

    def fill(self, state: FormState, locked: frozenset[str]) -> None:
        """Belong to another household from now on."""
        self._state, self._locked = state, locked
        for row in self.rows.values():
            row.locked = row.row.name in locked
        for grid in self.grids.values():
            grid.fill(state)
            for line in grid.lines:
                for cell in line:
                    cell.locked = cell.row.name in locked
        self.set_strict(False)
        self.verticalScrollBar().setValue(0)

    def _build(self, items: Sequence[Item]) -> Iterator[bool]:
        """Make part after part. Each is dressed at once, hidden: that is most of what it costs."""
        for item in items:
            if isinstance(item, Heading):
                words = PlainLabel(item.words, face="strong", wrap=True)
                words.setContentsMargins(theme.STEP + 3, theme.STEP + 4, 0, 2)
                self._column.addWidget(words)
            elif isinstance(item, Row):
                row = QuestionRow(item, self.body)
                row.locked = item.name in self._locked
                self.rows[item.name] = row
                self._order.append(row)
                row.strict = self._strict
                self._column.addWidget(row.frame)
                self.made.emit(row)
                row.frame.ensurePolished()
                yield True
            else:
                grid = self._add_grid(item)
                yield True
                while grid.grow():
                    yield True
        self._column.addStretch(1)
        self.built = self.stale = True

    def bind(self, prefix: str) -> None:
        """Belong to a person ("anggota[2].") or to the household ("")."""
        if self._missed != Effects():
            missed, self._missed = self._missed, Effects()
            if prefix == self.prefix and not self.stale:
                self.apply(missed, None)
        if prefix != self.prefix or self.stale:
            self.prefix = prefix
            for row in self.rows.values():
                row.bind(prefix)
            for grid in self.grids.values():
                grid.bind(prefix)
            self.refresh()

    def refresh(self) -> None:
        """Show everything as the state has it."""
        self.stale, self._missed = False, Effects()
        self.body.setUpdatesEnabled(False)
        for row in self.rows.values():
            row.refresh(self._state)
        for grid in self.grids.values():
            grid.restructure()
        self.body.setUpdatesEnabled(True)

    def put_off(self, effects: Effects) -> None:
        """Remember what moved until this screen is in front again."""
        if not self.stale:
            self._missed |= effects

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

    def _add_grid(self, item: Grid) -> GridView:
        if item.words and not self.title.text().endswith(item.words):
            words = PlainLabel(item.words, face="strong", wrap=True)
            words.setContentsMargins(theme.STEP + 3, theme.STEP + 4, 0, 0)
            self._column.addWidget(words)
        grid = GridView(item, self._state, self.prefix, self.body)
        grid.made.connect(self._made)
        grid.wanted_entry.connect(self.wanted_entry)
        grid.add.stepped.connect(self.wanted_step)
        self.grids[item.repeat] = grid
        self._order.append(grid)
        self._column.addWidget(grid)
        grid.ensurePolished()
        return grid

    def _made(self, cell: GridCell) -> None:
        cell.strict = self._strict
        cell.locked = cell.row.name in self._locked
        self.made.emit(cell)
