"""One question on the screen: number, words, field, meaning, and what is wrong with it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QSizePolicy, QWidget

from siks_offline.instrument import fields, promoted
from siks_offline.instrument.numbering import split_label
from siks_offline.texts import text
from siks_offline.ui import plain, suggestions, theme
from siks_offline.ui.editors import CELLS, EDITORS, CodeCell, DateCell, Editor, EditorKind
from siks_offline.ui.moments import age
from siks_offline.ui.photo_editor import PhotoEditor
from siks_offline.ui.plain import PlainLabel, set_style

if TYPE_CHECKING:
    from collections.abc import Mapping

    from siks_offline.instrument.engine import FormState
    from siks_offline.ui.layout import Row

REQUIRED = "wajib"
"""Rule of an answer that is wanted and not there yet: shown only once a check was asked for."""


FILES = frozenset({"image", "file"})
"""Types whose answer is an attached file's name: shown, never typed."""
ROWS = EDITORS | {"image": EditorKind(PhotoEditor)}
"""The editors of a row, where a photo has room."""


class Answer(ABC):
    """What a row of a screen and a cell of a grid have in common: an editor bound to a path."""

    def __init__(self, row: Row, editor: Editor) -> None:
        self.row = row
        self.editor = editor
        self.path = ""
        self.strict = False
        """Whether an empty answer that is wanted is already said to be wrong."""
        self.remarks: Mapping[str, str] = {}
        """Path -> what people noted there; one mapping for all questions of a form."""
        self.locked = False
        """Whether somebody else decided this answer, such as the musyawarah."""

    def bind(self, prefix: str) -> None:
        """Belong to a member ("anggota[2].") or to the household ("")."""
        self.path = prefix + self.row.name

    @abstractmethod
    def refresh(self, state: FormState, *, typing: bool = False) -> None:
        """Show what the state says. While a key is being typed the text is left alone."""

    def shown(self, state: FormState) -> str:
        """Return the state's answer in the words that the line would show for it."""
        return fields.line(self.row.question, state.value(self.path))

    def meaning(self, state: FormState) -> str:
        """Return what the chosen codes mean."""
        labels = {choice.code: choice.label for choice in state.choices(self.path)}
        codes = state.value(self.path).split()
        return ", ".join(labels[code] for code in codes if code in labels)

    def age(self, state: FormState) -> str:
        """Return the age that a birth date gives, in words; "" for other questions."""
        if self.row.name != promoted.BIRTH_DATE:
            return ""
        years = age(state.value(self.path), state.today)
        return "" if years is None else text("ui.kunjungan.umur", umur=years)

    def complaint(self, state: FormState) -> str:
        """Return what is wrong, if it should be said yet."""
        issue = state.issue(self.path)
        if issue is None or (issue.rule == REQUIRED and not self.strict):
            return ""
        return issue.message

    def propose(self, state: FormState) -> None:
        """Propose in the line what another answer already tells."""
        self.editor.suggest(suggestions.suggestion(state, self.path, state.today))

    def may_be_typed(self, state: FormState) -> bool:
        """Whether the caret may stand here."""
        return state.relevant(self.path) and not self.fixed(state)

    def fixed(self, state: FormState) -> bool:
        """Whether nobody types here."""
        given = self.row.type in FILES and not isinstance(self.editor, PhotoEditor)
        return self.locked or given or state.read_only(self.path)


class QuestionRow(Answer):
    """A row of a section, drawn by its `frame`. Built once; bound again for each person."""

    def __init__(self, row: Row, parent: QWidget) -> None:
        self.frame = QFrame(parent)
        self.frame.setObjectName("questionRow")
        question = row.question
        kind = ROWS[row.type]
        super().__init__(row, kind.make(question, self.frame))
        self._kind = kind
        self._changing = "${" in question.label
        self.number = PlainLabel(row.number, self.frame, tone="secondary", face="strong")
        self.number.setFixedWidth(theme.px(theme.NUMBER_WIDTH) - theme.STEP)
        self.words = PlainLabel(row.label, self.frame, wrap=True)
        host = QWidget(self.frame)
        self.behind = PlainLabel(row.unit, host, tone="secondary", wrap=True)
        self.note = PlainLabel("", self.frame, wrap=True, face="small")
        self.note.setObjectName("faultNote")
        self.note.hide()
        self.remark = PlainLabel("", self.frame, wrap=True, face="small")
        self.remark.setObjectName("confirmNote")
        self.remark.hide()
        self.editor.setAccessibleName(f"{row.number} {row.label}".strip())
        field = QHBoxLayout(host)
        field.setContentsMargins(0, 0, 0, 0)
        field.setSpacing(theme.STEP)
        # Rows are laid out one by one: only widths that no content changes keep fields in line.
        fixed_share = QSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        fixed_share.setHeightForWidth(True)
        self.words.setSizePolicy(fixed_share)
        host.setSizePolicy(fixed_share)
        free = kind.wide and not self.editor.length and not question.digits
        field.addWidget(self.editor, 1 if free else 0)
        self._beside = self.editor.beside()
        if self._beside is not None:
            field.addWidget(self._beside)
        field.addWidget(self.behind, 0 if free else 1_000)
        field.addStretch(0 if free else 1)
        grid = QGridLayout(self.frame)
        grid.setContentsMargins(theme.STEP, 2, theme.STEP, 2)
        grid.setHorizontalSpacing(theme.STEP)
        grid.setVerticalSpacing(2)
        grid.addWidget(self.number, 0, 0, Qt.AlignmentFlag.AlignVCenter)
        grid.addWidget(self.words, 0, 1, Qt.AlignmentFlag.AlignVCenter)
        grid.addWidget(host, 0, 2)
        grid.addWidget(self.note, 1, 1, 1, 2)
        grid.addWidget(self.remark, 2, 1, 1, 2)
        grid.setColumnStretch(1, 10)
        grid.setColumnStretch(2, 11)
        grid.setRowMinimumHeight(0, theme.px(theme.ROW) - 4)

    def set_here(self, here: bool) -> None:
        """Mark the row that the caret is in."""
        set_style(self.frame, "here", here)

    def refresh(self, state: FormState, *, typing: bool = False) -> None:
        """Show value, meaning, relevance and issue as the state has them."""
        asked = state.relevant(self.path)
        if self._changing:
            self.words.setText(split_label(state.label(self.path))[1])
        fixed = self.fixed(state)
        self.editor.setVisible(asked and not fixed)
        if self._beside is not None:
            self._beside.setVisible(asked and not fixed)
        self.words.set_tone("" if asked else "skipped")
        self.number.set_tone("secondary" if asked else "skipped")
        if not typing:
            self.editor.show_answer(state.value(self.path))
        self.propose(state)
        self.behind.set_tone("secondary" if asked else "skipped")
        self.behind.setText(self._words_behind(state, asked=asked, fixed=fixed))
        self.behind.setVisible(bool(self.behind.text()))
        complaint = self.complaint(state) if asked else ""
        self.note.setText(complaint)
        self.note.setVisible(bool(complaint))
        remark = self.remarks.get(self.path, "")
        self.remark.setText(remark)
        self.remark.setVisible(bool(remark))
        set_style(self.editor, "fault", bool(complaint))
        said = (complaint or self.behind.text(), remark)
        self.editor.setAccessibleDescription(" ".join(filter(None, said)))

    def _words_behind(self, state: FormState, *, asked: bool, fixed: bool) -> str:
        """Return what stands behind the field, or in its place: why skipped, what is fixed."""
        if not asked:
            return self._why(state)
        words = self.meaning(state) if self._kind.meaning else self.age(state) or self.row.unit
        if fixed:
            none = "ui.kunjungan.tanpa_foto" if self.row.type in FILES else "ui.kunjungan.kosong"
            value = self.shown(state) or text(none)
            return f"{value}  {words}".strip()
        return words

    def _why(self, state: FormState) -> str:
        reason = state.why_not(self.path)
        if state.value(self.path):
            return text("ui.kunjungan.dilewati_terisi", sebab=reason)
        return reason


CELL_LETTERS = 16
"""Letters from which on a cell of words may show only their beginning: it tells them whole then."""


class GridCell(Answer):
    """An editor in a grid; its issue is told beside the grid, its meaning in the cell."""

    def __init__(self, row: Row, parent: QWidget) -> None:
        super().__init__(row, CELLS[row.type].make(row.question, parent))
        self.editor.setMinimumWidth(40)
        self.editor.setMaximumWidth(16_777_215)
        self.editor.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.editor.setFont(theme.body())
        self.editor.setProperty("cell", True)

    def refresh(self, state: FormState, *, typing: bool = False) -> None:
        """Show value, relevance and issue as the state has them."""
        asked = state.relevant(self.path)
        fixed = self.fixed(state)
        self.editor.setEnabled(asked and not fixed)
        if not typing:
            answer = state.value(self.path)
            self.editor.show_answer(answer)
            whole = answer if self.row.type == "text" and len(answer) > CELL_LETTERS else ""
            if (tip := plain.tip(whole)) != self.editor.toolTip():
                self.editor.setToolTip(tip)
        self.propose(state)
        meaning = self.meaning(state) if state.choices(self.path) else ""
        if isinstance(self.editor, CodeCell | DateCell):
            self.editor.meaning = meaning or self.age(state)
            self.editor.update()
        complaint = self.complaint(state) if asked else ""
        set_style(self.editor, "fault", bool(complaint))
        set_style(self.editor, "noted", self.path in self.remarks)
        why = "" if asked else state.why_not(self.path)
        self.editor.setAccessibleDescription(complaint or why or meaning or self.age(state))
