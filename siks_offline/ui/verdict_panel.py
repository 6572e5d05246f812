"""The panel of one household's verdict: one digit a line, the caret runs on by itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QLineEdit, QVBoxLayout, QWidget

from siks_offline.meeting import FOUND, NOT_FOUND, PROPOSED, TWICE, YES, Verdict
from siks_offline.texts import text
from siks_offline.ui import theme
from siks_offline.ui.household_table import grouped_number
from siks_offline.ui.plain import PlainLabel, rule

if TYPE_CHECKING:
    from siks_offline.meeting import AgendaLine

WIDTH = 300
NARROW = 264


@dataclass(frozen=True, slots=True)
class Line:
    """One code of a verdict: its member, the codes it takes, for which status it is asked."""

    name: str
    codes: str
    of: str


LINES = (
    Line("status", "1234", ""),
    Line("reason", "1234", NOT_FOUND),
    Line("able", "12", FOUND + PROPOSED),
    Line("working", "12", FOUND + PROPOSED),
    Line("standing", "12345678", FOUND + PROPOSED),
    Line("disabled", "12", FOUND + PROPOSED),
)


class CodeField(QLineEdit):
    """One digit; typing a code that counts runs on, Backspace in an empty one goes back."""

    given = Signal()
    back = Signal()

    def __init__(self, codes: str, words: str) -> None:
        super().__init__()
        self._codes = codes
        self.setFont(theme.entry())
        self.setMaxLength(1)
        self.setFixedWidth(theme.px(44))
        self.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.setAccessibleName(words)
        self.textEdited.connect(self._typed)

    def _typed(self, words: str) -> None:
        if words and words not in self._codes:
            self.clear()
        elif words:
            self.given.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """A digit replaces what stands there; Enter and Down run on, Up goes back."""
        if event.text() and event.text() in self._codes:
            self.setText(event.text())
            self.given.emit()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Down):
            self.given.emit()
        elif event.key() == Qt.Key.Key_Up or (
            event.key() == Qt.Key.Key_Backspace and not self.text()
        ):
            self.back.emit()
        else:
            super().keyPressEvent(event)


class VerdictPanel(QFrame):
    """Shows the household that is marked; `said` gives the verdict to keep."""

    said = Signal(object)
    """A Verdict, its codes only."""
    left = Signal()
    """The caret wants back into the list."""
    twin_wanted = Signal()
    """Which household this one repeats is to be chosen."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("panel")
        self.setFixedWidth(theme.px(WIDTH))
        self._line: AgendaLine | None = None
        self._twin = ""
        self._filling = False
        self.name = PlainLabel(face="strong", wrap=True)
        self.facts = PlainLabel(tone="secondary", wrap=True)
        self.criteria = PlainLabel(wrap=True, tone="confirm")
        self.criteria.hide()
        self.fields: dict[str, CodeField] = {}
        self._labels: dict[str, PlainLabel] = {}
        self._meanings: dict[str, PlainLabel] = {}
        grid = QGridLayout()
        grid.setHorizontalSpacing(theme.STEP)
        grid.setVerticalSpacing(theme.STEP // 2)
        for row, one in enumerate(LINES):
            words = text(f"ui.musyawarah.isian.{one.name}")
            field = CodeField(one.codes, words)
            field.given.connect(self._given)
            field.back.connect(self._back)
            field.installEventFilter(self)
            label = PlainLabel(words, wrap=True)
            meaning = PlainLabel(tone="secondary", face="small", wrap=True)
            grid.addWidget(label, 2 * row, 0)
            grid.addWidget(field, 2 * row, 1, Qt.AlignmentFlag.AlignTop)
            grid.addWidget(meaning, 2 * row + 1, 0, 1, 2)
            field.textChanged.connect(self._explain)
            self.fields[one.name] = field
            self._labels[one.name] = label
            self._meanings[one.name] = meaning
        grid.setColumnStretch(0, 1)
        self.twin = PlainLabel(wrap=True)
        self.note = QLineEdit()
        self.note.setFont(theme.entry())
        self.note.setPlaceholderText(text("ui.musyawarah.isian.note"))
        self.note.setAccessibleName(text("ui.musyawarah.isian.note"))
        self.note.setMaxLength(500)
        self.note.returnPressed.connect(self.finish)
        self.note.installEventFilter(self)
        self.help = PlainLabel(
            text("ui.musyawarah.panel_bantuan"), tone="secondary", wrap=True, face="small"
        )
        column = QVBoxLayout(self)
        column.setContentsMargins(*(theme.STEP + 4,) * 4)
        column.setSpacing(theme.STEP // 2)
        column.addWidget(self.name)
        column.addWidget(self.facts)
        column.addWidget(self.criteria)
        column.addWidget(rule())
        column.addLayout(grid)
        column.addWidget(self.twin)
        column.addWidget(self.note)
        column.addStretch(1)
        column.addWidget(self.help)
        self.show_line(None)

    def narrow(self, *, narrow: bool) -> None:
        """Leave the list more room where the window is narrow."""
        self.setFixedWidth(theme.px(NARROW if narrow else WIDTH))

    def show_line(self, line: AgendaLine | None) -> None:
        """Show a household and what was said of it."""
        self._line = line
        said = line.verdict if line else None
        self._twin = said.twin if said else ""
        self.setEnabled(line is not None)
        self.name.setText(line.nama_krt if line else "")
        facts = []
        if line is not None:
            facts = [
                text(f"ui.musyawarah.asal.{line.source}"),
                grouped_number(line.nik_krt),
                line.alamat,
                text("ui.musyawarah.rt_rw", rt=line.rt or "-", rw=line.rw or "-"),
            ]
        self.facts.setText("\n".join(part for part in facts if part))
        self._filling = True
        for one in LINES:
            self.fields[one.name].setText(getattr(said, one.name) if said else "")
        self._filling = False
        self.note.setText(said.note if said else "")
        self.twin.setText(
            text("ui.musyawarah.kembar", nama=line.twin_name) if line and line.twin_name else ""
        )
        self.show_criteria("")
        self._explain()

    def show_criteria(self, words: str) -> None:
        """Show which criteria of the region a proposal meets."""
        self.criteria.setText(words)
        self.criteria.setVisible(bool(words))

    def choose_twin(self, household_id: str, name: str) -> None:
        """Take the household that this one repeats, and keep the verdict."""
        self._twin = household_id
        self.twin.setText(text("ui.musyawarah.kembar", nama=name))
        self.finish()

    def begin(self, status: str = "") -> None:
        """Put the caret into the first line; with a status already given, behind it."""
        if self._line is None:
            return
        field = self.fields["status"]
        field.setFocus()
        if status:
            field.setText(status)
            self._own_status()
            self._explain()
            self._next(field)
        else:
            field.selectAll()

    def verdict(self) -> Verdict:
        """Return the verdict as it is typed, only with what its status asks."""
        status = self.fields["status"].text()
        codes = {
            one.name: self.fields[one.name].text()
            for one in LINES
            if one.name != "status" and status and status in one.of
        }
        if codes.get("working") != YES:
            codes.pop("standing", None)
        twin = self._twin if status == TWICE else ""
        return Verdict("", "", status, twin=twin, note=self.note.text(), **codes)

    def finish(self) -> None:
        """Give the verdict to be kept, if there is one."""
        if self.fields["status"].text():
            self.said.emit(self.verdict())
        else:
            self.fields["status"].setFocus()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Escape goes back to the list."""
        if (
            isinstance(event, QKeyEvent)
            and event.type() == QEvent.Type.KeyPress
            and event.key() == Qt.Key.Key_Escape
        ):
            self.left.emit()
            return True
        return super().eventFilter(watched, event)

    def _given(self) -> None:
        field = self.sender()
        assert isinstance(field, CodeField)
        self._own_status()
        self._explain()
        self._next(field)

    def _own_status(self) -> None:
        """Take "found" of a proposal for what it is: a new proposal, and the other way round."""
        line, field = self._line, self.fields["status"]
        if line is not None and field.text() in (FOUND, PROPOSED):
            field.setText(FOUND if line.source == "prelist" else PROPOSED)

    def _next(self, field: CodeField) -> None:
        shown = [one for one in self.fields.values() if not one.isHidden()]
        at = shown.index(field)
        if self.fields["status"].text() == TWICE and field is self.fields["status"]:
            self.twin_wanted.emit()
        elif at + 1 < len(shown):
            shown[at + 1].setFocus()
            shown[at + 1].selectAll()
        else:
            self.finish()

    def _back(self) -> None:
        field = self.sender()
        shown = [one for one in self.fields.values() if not one.isHidden()]
        at = shown.index(field)  # type: ignore[arg-type]
        if at:
            shown[at - 1].setFocus()
            shown[at - 1].selectAll()

    def _explain(self, *_: object) -> None:
        """Show the lines that the status asks, and what each code means."""
        if self._filling:
            return
        status = self.fields["status"].text()
        working = self.fields["working"].text() == YES
        for one in LINES:
            asked = not one.of or bool(status and status in one.of)
            asked = asked and (one.name != "standing" or working)
            for widget in (
                self.fields[one.name],
                self._labels[one.name],
                self._meanings[one.name],
            ):
                if widget.isHidden() is asked:  # hiding anew would lay the panel out once more
                    widget.setVisible(asked)
            code = self.fields[one.name].text()
            key = f"musyawarah.kode.{one.name}"
            self._meanings[one.name].setText(
                text(f"{key}.{code}") if code else text(f"{key}.pilihan")
            )
        self.twin.setVisible(status == TWICE)
