"""One editor for each question type, in a table; all are lines that are typed into.

A line knows when what is typed is full: no further key could make it another answer. Whether it
may be left then is for the form to say, by its checks.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QRect, Qt, Signal
from PySide6.QtGui import QColor, QKeySequence, QPainter

from siks_offline.instrument import fields, promoted, special
from siks_offline.texts import text
from siks_offline.ui import theme
from siks_offline.ui.line import Line

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from PySide6.QtGui import QFocusEvent, QKeyEvent, QPaintEvent
    from PySide6.QtWidgets import QWidget

    from siks_offline.instrument.schema import Choice, Question

LEAST_HEIGHT = 28
DATE_DIGITS = 8
MOST_CHARACTERS = 2_000
SHARED = frozenset({promoted.RT, promoted.RW, promoted.DUSUN, promoted.ALAMAT})
"""Questions that neighbouring households answer alike: the numpad's plus repeats the last one."""
SPECIAL_KEYS = {Qt.Key.Key_Asterisk: special.UNKNOWN, Qt.Key.Key_Minus: special.REFUSED}
"""Keys of the answers that nobody has, where the instrument has a code for them."""
ACTING_TYPES = frozenset({"select_one", "select_multiple", "integer", "decimal"})
"""Types in which + * - of the main row act too; in text and dates they are typed."""
RETURNS = frozenset({Qt.FocusReason.ActiveWindowFocusReason, Qt.FocusReason.PopupFocusReason})
"""Ways back to a line that was left half typed: what stands in it must not be replaced."""
_PATTERN = re.compile(r"regex\(\s*\.\s*,\s*(['\"])(.*?)\1\s*\)")


@cache
def fixed_length(constraint: str) -> int:
    """Return how long an answer must be, where the constraint lets one length through; else 0."""
    import warnings
    from re import _parser as parser  # type: ignore[attr-defined]

    for _, pattern in _PATTERN.findall(constraint)[:1]:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                least, most = parser.parse(pattern).getwidth()
        except re.error:
            return 0
        return int(least) if least == most else 0
    return 0


class Editor(Line):
    """A line for one answer. It shows canonical text as people read it and gives raw text back."""

    typed = Signal()
    """A key changed the text."""
    arrived = Signal()
    """The caret came into this line."""
    departed = Signal()
    """The caret left this line."""
    stepped = Signal(int)
    """The next (1) or the one before (-1) is wanted."""
    crossed = Signal(int)
    """The line below (1) or above (-1) is wanted."""

    repeated = Signal()
    """What the household before had is wanted here too."""
    given = Signal(str)
    """A whole answer is wanted here: the instrument's code of tidak tahu or menolak."""
    pressed = Signal()
    """Some key was pressed here; which, nobody is told."""
    undone = Signal()
    """Nothing typed is left to take back in this line: the answer before it is meant."""

    WIDTH = 0
    """Width in pixels; 0 takes what there is."""
    INVITATION = ""
    """Key of the words that stand in an empty line."""

    def __init__(self, question: Question, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.question = question
        self.suggestion = ""
        """Words that Enter puts into the line while it is empty."""
        self.specials: Mapping[str, str] = {}
        """The instrument's codes of tidak tahu and menolak for this question."""
        self.setFont(theme.entry())
        self.setMinimumHeight(LEAST_HEIGHT)
        self.setMaxLength(MOST_CHARACTERS)
        if self.WIDTH:
            self.setFixedWidth(theme.px(self.WIDTH))
        self.length = fixed_length(question.constraint)
        self.textEdited.connect(self._edited)

    def show_answer(self, answer: str) -> None:
        """Show a canonical answer, unless these words already mean it."""
        words = fields.line(self.question, answer)
        if self.text() != words:
            self.setText(words)
            self.setCursorPosition(0)

    def answer_words(self) -> str:
        """Return what is to be answered: the words that stand in the line."""
        return self.text()

    def beside(self) -> QWidget | None:
        """Return what else belongs to the line and stands behind it."""
        return None

    def full(self, choices: Sequence[Choice]) -> bool:
        """Whether no further key could make what is typed another answer."""
        del choices
        return bool(self.length) and len(re.sub(r"[\s.\-]", "", self.text())) == self.length

    def at_end(self) -> bool:
        """Whether the caret stands behind what is typed: only then can a key have filled it."""
        return self.cursorPosition() == len(self.text())

    def suggest(self, words: str) -> None:
        """Propose an answer while the line is empty."""
        if words != self.suggestion:
            self.suggestion = words
            self.setPlaceholderText(
                text("ui.kunjungan.usul", isi=words) if words else self.invitation()
            )

    def invitation(self) -> str:
        """Return what stands in an empty line without a proposal."""
        return text(self.INVITATION) if self.INVITATION else ""

    def _acts(self, event: QKeyEvent) -> bool:
        """Whether + * - act: on the numpad or with Alt anywhere, on the main row in few types."""
        asked = Qt.KeyboardModifier.KeypadModifier | Qt.KeyboardModifier.AltModifier
        return bool(event.modifiers() & asked) or self.question.type in ACTING_TYPES

    def _special(self, event: QKeyEvent) -> str:
        """Return the code that the key stands for here; "" where it is a character."""
        kind = SPECIAL_KEYS.get(Qt.Key(event.key()), "")
        return self.specials.get(kind, "") if kind and self._acts(event) else ""

    def _edited(self, _words: str) -> None:
        self.typed.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter goes on, Down and Up cross; everything else is typing."""
        key = Qt.Key(event.key())
        self.pressed.emit()
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            if self.suggestion and not self.text() and not self.isReadOnly():
                self.setText(self.suggestion)
            self.stepped.emit(1)
        elif key == Qt.Key.Key_Plus and self.question.name in SHARED and self._acts(event):
            self.repeated.emit()
        elif key in SPECIAL_KEYS and (code := self._special(event)):
            self.given.emit(code)
        elif event.matches(QKeySequence.StandardKey.Undo) and not self.isUndoAvailable():
            self.undone.emit()
        elif key == Qt.Key.Key_Down:
            self.crossed.emit(1)
        elif key == Qt.Key.Key_Up:
            self.crossed.emit(-1)
        elif key == Qt.Key.Key_Escape:
            event.accept()  # Esc closes what is open over the form and never discards
        else:
            super().keyPressEvent(event)

    def focusNextPrevChild(self, forward: bool) -> bool:
        """Tab walks the questions that are asked, not the widgets."""
        self.stepped.emit(1 if forward else -1)
        return True

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Take the caret with the whole answer marked, unless the person only comes back."""
        super().focusInEvent(event)
        if event.reason() not in RETURNS:
            self.setText(self.text())  # what was typed at an earlier time here is an answer by now
            self.mark_all()
        self.arrived.emit()

    def mark_all(self) -> None:
        """Mark the whole answer, so that the next key replaces it."""
        # Backwards, so that the beginning of a long answer is what one sees.
        self.setSelection(len(self.text()), -len(self.text()))

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Let the caret go."""
        super().focusOutEvent(event)
        if event.reason() not in RETURNS:
            self.deselect()
        self.departed.emit()


class TextEditor(Editor):
    """Names, addresses, numbers that are kept as text."""

    def __init__(self, question: Question, parent: QWidget | None = None) -> None:
        super().__init__(question, parent)
        if self.length or question.digits:
            short = 0 < self.length <= 10 or question.name in (promoted.RT, promoted.RW)
            self.setFixedWidth(theme.px(110 if short else 190))


class NumberEditor(Editor):
    """Whole numbers and decimals."""

    WIDTH = 110


class DateEditor(Editor):
    """A date typed as the paper has it: ddmmyyyy."""

    WIDTH = 130
    INVITATION = "ui.kunjungan.pola_tanggal"

    def __init__(self, question: Question, parent: QWidget | None = None) -> None:
        super().__init__(question, parent)
        self.setPlaceholderText(self.invitation())

    def full(self, choices: Sequence[Choice]) -> bool:
        """Whether eight digits are typed."""
        del choices
        words = self.text()
        return words.isdigit() and len(words) == DATE_DIGITS


class DateCell(DateEditor):
    """A date in a grid: while the caret is elsewhere the age stands behind a birth date."""

    WIDTH = 0

    def __init__(self, question: Question, parent: QWidget | None = None) -> None:
        super().__init__(question, parent)
        self.meaning = ""

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the line, then the age."""
        super().paintEvent(event)
        paint_meaning(self, self.meaning)


class CodeEditor(Editor):
    """One code of a list; its meaning stands behind the field."""

    WIDTH = 56

    def full(self, choices: Sequence[Choice]) -> bool:
        """Whether the digits are a code and no longer code begins with them."""
        words = self.text().strip()
        codes = [choice.code for choice in choices]
        return words in codes and not any(c != words and c.startswith(words) for c in codes)


class CodeCell(CodeEditor):
    """A code in a grid: while the caret is elsewhere its first words stand behind the digits."""

    WIDTH = 0

    def __init__(self, question: Question, parent: QWidget | None = None) -> None:
        super().__init__(question, parent)
        self.setMinimumWidth(40)
        self.meaning = ""

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the line, then as many whole words of the meaning as there is room for."""
        super().paintEvent(event)
        paint_meaning(self, self.meaning)


def paint_meaning(line: Editor, meaning: str) -> None:
    """Paint whole words behind what is typed, while the caret is elsewhere."""
    if line.hasFocus() or not meaning or not line.isEnabled():
        return
    metrics = line.fontMetrics()
    left = 6 + metrics.horizontalAdvance(line.text()) + 8
    room = line.width() - left - 6
    words = ""
    for word in meaning.split(" "):
        longer = f"{words} {word}".strip()
        if metrics.horizontalAdvance(longer) > room:
            break
        words = longer
    if words:
        painter = QPainter(line)
        painter.setPen(QColor(theme.colours.secondary))
        space = QRect(QPoint(left, 0), line.rect().bottomRight())
        painter.drawText(space, Qt.AlignmentFlag.AlignVCenter, words)
        painter.end()


class CodesEditor(Editor):
    """Several codes of a list, with a blank between them."""

    WIDTH = 110


@dataclass(frozen=True, slots=True)
class EditorKind:
    """An editor for a question type, and whether its meaning is written behind it."""

    make: Callable[[Question, QWidget | None], Editor]
    meaning: bool = False
    wide: bool = False


EDITORS = {
    "text": EditorKind(TextEditor, wide=True),
    "integer": EditorKind(NumberEditor),
    "decimal": EditorKind(NumberEditor),
    "date": EditorKind(DateEditor),
    "select_one": EditorKind(CodeEditor, meaning=True),
    "select_multiple": EditorKind(CodesEditor, meaning=True),
    "geopoint": EditorKind(TextEditor, wide=True),
    "file": EditorKind(TextEditor, wide=True),
}
"""Question type -> editor; a photo's is in photo_editor.py."""


CELLS = EDITORS | {
    "select_one": EditorKind(CodeCell, meaning=True),
    "date": EditorKind(DateCell),
    "image": EditorKind(TextEditor, wide=True),
}
"""The editors of a grid's cells; a photo has no room in one and is only named there."""
